"""The secret of webhooks, and the receiver that docs/tools.md shows."""

import base64
import hmac
import json
import re
import sys
import time

import httpx
import openai
import pytest

from support.processes import ROOT, Server, run

CALL = {"type": "tool.call", "call_id": "call_1", "name": "weather", "arguments": {"city": "Oslo"},
        "session_id": "sess_1", "conversation_id": "conv_1", "user_id": "ada", "agent_id": None}


def webhook_secret(database, **how):
    return run("keys", "webhook", settings={"BROKER_DATABASE": database}, **how)


def signed(secret, body, call="call_1", at=None):
    """The header fields of a call, by the specification alone."""
    timestamp = str(int(at or time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    code = hmac.digest(key, f"{call}.{timestamp}.".encode() + body, "sha256")
    return {"webhook-id": call, "webhook-timestamp": timestamp,
            "webhook-signature": "v1," + base64.b64encode(code).decode()}


class TestSecret:
    def test_it_is_the_same_as_long_as_the_installation_is(self, start, tmp_path):
        server = start()
        first = webhook_secret(server.database).stdout.decode().strip()
        assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", first)
        server.terminate()
        start()
        assert webhook_secret(server.database).stdout.decode().strip() == first
        other = start(database=tmp_path / "other.sqlite")
        assert webhook_secret(other.database).stdout.decode().strip() != first

    def test_it_is_not_made_up_for_a_database_that_is_not_there(self, tmp_path):
        result = webhook_secret(tmp_path / "b.sqlite")
        assert result.returncode != 0 and not result.stdout
        assert b"b.sqlite.secret" in result.stderr
        assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    """The documented receiver, and its secret."""
    text = (ROOT / "docs/tools.md").read_text()
    program, = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    file = tmp_path_factory.mktemp("receiver") / "receiver.py"
    file.write_text(program)
    secret = "whsec_" + base64.b64encode(bytes(range(32))).decode()
    server = Server(["0"], {"WEBHOOK_SECRET": secret}, program=(sys.executable, file))
    yield server.url, secret
    server.close()


def post(receiver, headers, body):
    return httpx.post(receiver[0], content=body, headers=headers, trust_env=False)


class TestReceiver:
    def test_it_answers_a_genuine_call(self, receiver):
        body = json.dumps(CALL).encode()
        headers = signed(receiver[1], body)
        # A client that we did not write takes the signature, too.
        openai.OpenAI(api_key="-").webhooks.verify_signature(body, headers, secret=receiver[1])
        answer = post(receiver, headers, body)
        assert answer.status_code == 200
        assert answer.json() == {"city": "Oslo", "sky": "clear", "celsius": 21}

    def test_a_call_that_comes_again_gets_the_answer_it_got(self, receiver):
        answers = []
        for city in ("Bergen", "Tromsø"):
            call = CALL | {"call_id": "call_2", "arguments": {"city": city}}
            body = json.dumps(call).encode()
            answers.append(post(receiver, signed(receiver[1], body, "call_2"), body).json())
        assert [answer["city"] for answer in answers] == ["Bergen", "Bergen"]

    @pytest.mark.parametrize("change", [
        {"webhook-signature": "v1,AAAA"}, {"webhook-signature": "v1,é"}, {"webhook-signature": ""},
        {"webhook-id": "call_9"}, {"webhook-timestamp": "1"}, {"webhook-timestamp": "soon"}])
    def test_a_forged_call_is_refused(self, receiver, change):
        body = json.dumps(CALL).encode()
        headers = {name: value.encode() for name, value in
                   (signed(receiver[1], body) | change).items()}
        assert post(receiver, headers, body).status_code == 401

    def test_an_old_call_and_a_changed_one_are_refused(self, receiver):
        body = json.dumps(CALL).encode()
        old = signed(receiver[1], body, at=time.time() - 400)
        assert post(receiver, old, body).status_code == 401
        assert post(receiver, signed(receiver[1], body), body + b" ").status_code == 401
