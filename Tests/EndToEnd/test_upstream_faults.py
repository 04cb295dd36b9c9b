"""An upstream that fails: the answer says so, stores nothing, and never shows a key."""

import json
import socket
import threading

import pytest

from support.clients import client as client_of, pages, refused, succeeded
from support.processes import Simulator, eventually
from support.upstream import KEY, Reply, minted, upstream

JSON = {"Content-Type": "application/json"}
MINTS = ["/api/session", "/v1/realtime/client_secrets"]


def error(message, kind="invalid_request_error", code=None, param=None):
    return {"error": {"message": message, "type": kind, "code": code, "param": param}}


@pytest.fixture
def provider():
    with upstream() as provider:
        yield provider


@pytest.fixture
def server(start, provider):
    return start(provider.settings | {"BROKER_UPSTREAM_TIMEOUT_SECONDS": 1})


@pytest.fixture
def mine(server):
    with client_of(server) as client:
        yield client


@pytest.fixture(params=MINTS)
def mint(request, mine):
    """Mints by both routes; nothing may be left behind by a refusal."""
    return lambda: mine.post(request.param)


def nothing_was_stored(client):
    return not list(pages(client, "/api/sessions")) and not list(
        pages(client, "/api/conversations"))


def no_key_leaks(server, *texts):
    """Neither upstream's key nor a long piece of it is in an answer, the log or a file."""
    places = {"answer": "\n".join(texts), "log": server.log()}
    for file in server.database.parent.iterdir():
        if file.is_file():
            places[file.name] = file.read_bytes().decode("latin-1")
    pieces = {KEY[start:start + 8] for start in range(len("sk-proj-"), len(KEY) - 7)}
    for name, text in places.items():
        assert not any(piece in text for piece in pieces), name


def test_a_good_upstream_gets_its_key_and_a_whole_session(mine, server, provider):
    session = succeeded(mine.post("/api/session", json={"voice": "cedar"}), 201)
    path, headers, body = provider.requests[-1]
    assert path == "/v1/realtime/client_secrets"
    assert headers["Authorization"] == f"Bearer {KEY}"
    sent = json.loads(body)["session"]
    assert sent["type"] == "realtime"
    assert sent["audio"]["output"]["voice"] == "cedar"
    assert sent["audio"]["input"]["transcription"]["model"] == "gpt-live-transcribe"
    assert session["url"] == provider.base_url + "/realtime/calls"
    no_key_leaks(server, json.dumps(session))


def test_unknown_fields_inside_session_are_passed_on_untouched(mine, provider):
    raw = {"new_feature": {"depth": [1, 2.5, None, "x"]}, "output_modalities": ["text"]}
    succeeded(mine.post("/api/session", json={"session": raw}), 201)
    sent = json.loads(provider.requests[-1][2])["session"]
    assert {name: sent[name] for name in raw} == raw


def test_the_memory_block_reaches_upstream_behind_the_callers_instructions(mine, provider):
    first = succeeded(mine.post("/api/session"), 201)
    succeeded(mine.post(
        f"/api/conversations/{first['conversation_id']}/messages",
        json={"session_id": first["id"], "role": "user", "content": "My dog is called Biscuit."}),
        201)
    succeeded(mine.post(f"/api/session/{first['id']}/end"))
    succeeded(mine.post("/api/session", json={"instructions": "You are a sailor."}), 201)
    session = json.loads(provider.requests[-1][2])["session"]
    assert session["instructions"].startswith("You are a sailor.")
    assert "My dog is called Biscuit." in session["instructions"]
    # No earlier message is sent again as an item.
    assert "Biscuit" not in json.dumps({**session, "instructions": ""})


def test_a_refused_key_is_our_failure_and_never_shown(mint, mine, server, provider):
    message = f"Incorrect API key provided: {KEY}. Also {KEY[:12]}****{KEY[-4:]}. See the docs."
    for status in (401, 403):
        provider.script(Reply(
            status, error(message, code="invalid_api_key"),
            JSON | {"WWW-Authenticate": f"Bearer {KEY}"}))
        response = mint()
        refusal = refused(response, 502)
        assert refusal["upstream"]["status"] == status
        assert KEY[-4:] not in response.text
        no_key_leaks(server, response.text, str(response.headers))
    assert nothing_was_stored(mine)


def test_what_the_caller_got_wrong_is_passed_on(mint, mine, provider):
    provider.script(Reply(400, error(
        "Unknown parameter: 'session.colour'.", code="unknown_parameter", param="session.colour"),
        JSON))
    refusal = refused(mint(), 400, "unknown_parameter", "session.colour")
    assert refusal["message"] == "Unknown parameter: 'session.colour'."
    assert nothing_was_stored(mine)


@pytest.mark.parametrize("retry_after", ["7", None])
def test_a_rate_limit_is_passed_on_with_its_patience(mint, mine, provider, retry_after):
    headers = JSON | ({"Retry-After": retry_after} if retry_after else {})
    provider.script(Reply(429, error("Slow down", "rate_limit_error", "slow_down"), headers))
    response = mint()
    refusal = refused(response, 429)
    assert refusal["upstream"]["status"] == 429
    assert int(response.headers["retry-after"]) >= (int(retry_after) if retry_after else 1)
    assert nothing_was_stored(mine)


HTML = b"<html><body>Bad gateway</body></html>"
BROKEN = {
    "500": Reply(500, error("The server had an error", "server_error"), JSON),
    "503": Reply(503, error("Overloaded", "server_error", "server_is_overloaded"), JSON),
    "HTML with 200": Reply(200, HTML, {"Content-Type": "text/html"}),
    "HTML with 502": Reply(502, HTML, {"Content-Type": "text/html"}),
    "no body": Reply(200, b"", JSON),
    "half an object": Reply(200, b'{"value":"ek_', JSON),
    "JSON without a value": Reply(200, {"expires_at": 1, "session": {}}, JSON),
    "JSON of the wrong types": Reply(200, {"value": 5, "expires_at": "x", "session": []}, JSON),
    "an array": Reply(200, [], JSON),
    "a redirect": Reply(302, b"", {"Location": "http://127.0.0.1:9/elsewhere"}),
    "no HTTP": Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a cut body": Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"),
    "a hang-up": Reply(hang_up=True),
    "an endless body": Reply(200, b"[" + b" " * 40_000_000 + b"]", JSON),
    "deep JSON": Reply(200, b"[" * 200_000, JSON),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_upstream_is_a_502_and_nothing_is_stored(mint, mine, server, provider, reply):
    provider.script(reply)
    response = mint()
    refused(response, 502)
    assert nothing_was_stored(mine)
    no_key_leaks(server, response.text)
    provider.script(minted())
    assert mint().is_success


def test_a_slow_upstream_is_a_504_and_others_do_not_wait_for_it(mint, mine, provider):
    release = threading.Event()
    provider.script(Reply(wait=release))
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(mint()))
    waiting.start()
    eventually(lambda: provider.requests)
    succeeded(mine.post("/api/conversations", json={"title": "meanwhile"}), 201)
    waiting.join()
    refused(answers[0], 504)
    release.set()
    assert not list(pages(mine, "/api/sessions"))


def test_an_upstream_that_is_down_is_a_502(start):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
        server = start({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url})
        with client_of(server) as client:
            response = client.post("/api/session")
            refused(response, 502)
            assert nothing_was_stored(client)
            # What needs no upstream goes on.
            succeeded(client.post("/api/conversations"), 201)
            no_key_leaks(server, response.text)


def test_a_restarted_upstream_is_found_again(start):
    simulator = Simulator()
    try:
        settings = {"OPENAI_API_KEY": Simulator.KEY, "OPENAI_BASE_URL": simulator.base_url}
        with client_of(start(settings)) as client:
            succeeded(client.post("/api/session"), 201)
            port = simulator.port
            simulator.close()
            refused(client.post("/api/session"), 502)
            simulator = Simulator(["--port", str(port)])
            succeeded(client.post("/api/session"), 201)
    finally:
        simulator.close()


def test_a_key_may_come_from_a_file(start, provider, tmp_path):
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    server = start({"OPENAI_API_KEY_FILE": file, "OPENAI_BASE_URL": provider.base_url})
    with client_of(server) as client:
        succeeded(client.post("/api/session"), 201)
    assert provider.requests[-1][1]["Authorization"] == f"Bearer {KEY}"
