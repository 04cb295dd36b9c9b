"""How connections end, and what becomes of an upstream that refuses."""

import socket

import pytest

from support.clients import client as client_of, succeeded
from support.processes import eventually
from support.realtime_upstream import realtime_upstream
from support.relay import (
    RelayClient, acting, by_key, new_session, reads_in_the_end, session_of, stored, text_session,
    url_of)
from support.renewal import texts
from support.upstream import KEY

# As upstream echoes a key (the reference's 10.3), and as it should not.
MASKED = f"{KEY[:12]}{'*' * 20}{KEY[-4:]}"


@pytest.fixture
def session(owner):
    return text_session(owner)


@pytest.fixture
def secret(session):
    return session["client_secret"]["value"]


def no_key_in(text):
    """Neither the key nor a piece of it that would help somebody is in a text."""
    for start in range(0, len(KEY) - 8):
        assert KEY[start:start + 8] not in text, text
    assert "sk-proj-" not in text, text


class TestCloseCodes:
    """A close code means the same on both sides."""

    @pytest.mark.parametrize("code, reason", [
        (1000, "done"), (1008, "policy"), (3000, "invalid_request_error.invalid_api_key"),
        (4000, "invalid_request_error.invalid_model"), (4999, "ü" * 61)])
    def test_upstreams_reaches_the_client(self, owner, session, secret, upstream, code, reason):
        with RelayClient(session["url"], secret) as relay:
            peer = upstream.accept()
            peer.open()
            peer.close(code, reason)
            assert relay.closed() == (code, reason)
            assert "error" not in relay.types()
        reads_in_the_end(lambda: session_of(owner, session["id"])["status"], "ended")
        assert not upstream.has_connection

    @pytest.mark.parametrize("code, reason", [(1000, "done"), (3001, "left"), (4321, "ü" * 61)])
    def test_the_clients_reaches_upstream(self, session, secret, upstream, code, reason):
        with RelayClient(session["url"], secret) as relay:
            peer = upstream.accept()
            peer.open()
            relay.wait("session.created")
            relay.socket.close(code, reason)
            assert relay.socket.close_code == code
            assert peer.closed() == (code, reason)

    def test_a_client_that_is_gone_on_upstreams_own_path_ends_the_session(
            self, faked, owner, upstream):
        url = url_of(faked, "/v1/realtime", broker_events=0)
        relay = RelayClient(url, headers=acting(owner))
        peer = upstream.accept()
        peer.open()
        relay.wait("session.created")
        relay.abort()
        assert peer.closed()[0] in (1000, 1001)
        sessions = succeeded(owner.get("/api/sessions"))["data"]
        reads_in_the_end(lambda: session_of(owner, sessions[0]["id"])["status"], "ended")

    def test_a_transcription_session_ends_with_upstreams_code(self, owner, upstream):
        """Its upstream cannot be changed for another: there is nothing to carry over."""
        session = new_session(owner, type="transcription")
        with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
            peer = upstream.accept()
            assert peer.path == "/v1/realtime?intent=transcription"
            peer.open(type="transcription", object="realtime.transcription_session")
            relay.wait("session.created")
            peer.close(1001, "expired")
            assert relay.closed() == (1001, "expired")


class TestRefusals:
    """An upstream that does not take the session: the client is told, and let go."""

    def check(self, relay, code):
        event = relay.wait("error")
        assert (event["error"]["type"], event["error"]["code"]) == ("upstream_error", code)
        assert event["error"]["message"] and event["event_id"]
        assert relay.closed()[0] == 1011
        no_key_in("".join(relay.frames))

    def test_an_upstream_that_is_down_is_an_error_and_1011(self, start):
        with realtime_upstream() as upstream:
            settings = upstream.settings
        server = start(settings)
        for path in "/api/realtime", "/v1/realtime":
            with RelayClient(url_of(server, path), headers=by_key()) as relay:
                self.check(relay, "upstream_unreachable")

    @pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
    def test_a_refused_handshake_is_an_error_and_1011(
            self, faked, owner, session, secret, upstream, status):
        body = {"error": {"message": f"Incorrect API key provided: {MASKED}. {KEY}",
                          "type": "invalid_request_error", "param": None, "code": "some_code"}}
        upstream.refuse(status, body, {"X-Echo": KEY})
        with RelayClient(session["url"], secret) as relay:
            self.check(relay, f"upstream_status_{status}")
        no_key_in(faked.log())
        reads_in_the_end(
            lambda: session_of(owner, session["id"])["end_reason"], "upstream_failed")

    def test_a_handshake_without_an_answer_is_an_error_and_1011(self, start, upstream):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
            server = start(upstream.settings | {
                "OPENAI_BASE_URL": url, "BROKER_UPSTREAM_TIMEOUT_SECONDS": 1})
            with RelayClient(url_of(server), headers=by_key()) as relay:
                self.check(relay, "upstream_timeout")

    @pytest.mark.parametrize("code, close, reason", [
        ("invalid_api_key", 3000, "invalid_request_error.invalid_api_key"),
        ("invalid_model", 4000, "invalid_request_error.invalid_model")])
    @pytest.mark.parametrize("path", ["/api/realtime", "/v1/realtime"])
    def test_upstreams_own_error_and_close_are_passed_on_without_the_key(
            self, faked, upstream, path, code, close, reason):
        """A wrong key or model is told behind the handshake (the reference's 10.3)."""
        with RelayClient(url_of(faked, path), headers=by_key()) as relay:
            peer = upstream.accept()
            peer.send("error", error={
                "type": "invalid_request_error", "code": code, "param": None, "event_id": None,
                "message": f"Incorrect API key provided: {MASKED}. You said Bearer {KEY}."})
            peer.close(close, reason)
            assert relay.closed() == (close, reason)
        errors = relay.of("error")
        assert [event["error"]["code"] for event in errors] == [code]
        assert errors[0]["error"]["message"].startswith("Incorrect API key provided: ")
        no_key_in("".join(relay.frames))
        eventually(lambda: "an upstream session was lost" in faked.log())
        no_key_in(faked.log())

    def test_no_key_stands_in_a_close_reason(self, faked, session, secret, upstream):
        with RelayClient(session["url"], secret) as relay:
            peer = upstream.accept()
            peer.open()
            peer.close(3000, f"wrong key {KEY}")
            code, reason = relay.closed()
        assert code == 3000 and reason.startswith("wrong key")
        no_key_in(reason)
        eventually(lambda: "an upstream session was lost" in faked.log())
        no_key_in(faked.log())

    def test_an_error_in_mid_session_reaches_the_client_without_the_key(
            self, faked, session, secret, upstream):
        with RelayClient(session["url"], secret) as relay:
            peer = upstream.accept()
            peer.open()
            peer.send("error", error={
                "type": "invalid_request_error", "code": "some_code", "param": None,
                "message": f"Incorrect API key provided: {MASKED}.", "event_id": "mine"})
            error = relay.wait("error")["error"]
            assert (error["code"], error["event_id"]) == ("some_code", "mine")
        no_key_in("".join(relay.frames) + faked.log())

    def test_settings_that_upstream_refuses_are_an_error_and_the_session_goes_on(
            self, owner, upstream):
        session = new_session(owner, session={"no_such_field": 1}, greeting="Hello!")
        with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
            peer = upstream.accept()
            made = peer.send("session.created", session={"type": "realtime", "id": "sess_1"})
            update = peer.wait("session.update")
            assert update["session"]["no_such_field"] == 1
            peer.send("error", error={
                "type": "invalid_request_error", "code": "unknown_parameter",
                "message": "Unknown parameter: 'session.no_such_field'.",
                "param": "session.no_such_field", "event_id": update["event_id"]})
            assert relay.wait("session.created")["session"]["id"] == made["session"]["id"]
            # Whose fault it is can be known by the client only.
            assert relay.wait("error")["error"]["param"] == "session.no_such_field"
            assert "Hello!" in peer.wait("response.create")["response"]["instructions"]
            relay.say("Hello?")
            peer.take()
            stored(owner, session["conversation_id"], [("user", "Hello?")])
            peer.abort()
            peer = upstream.accept()
            peer.open()
            assert texts([peer.wait("conversation.item.create")["item"]]) == [("user", "Hello?")]
            assert relay.wait("broker.session_renewed")["reason"] == "upstream_lost"

    def test_a_session_that_never_says_that_it_has_its_settings_is_a_timeout(
            self, start, upstream):
        server = start(upstream.settings | {"BROKER_UPSTREAM_TIMEOUT_SECONDS": 1})
        with client_of(server) as owner:
            session = new_session(owner)
            with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
                upstream.accept().send("session.created", session={"type": "realtime"})
                assert relay.wait("error")["error"]["code"] == "upstream_timeout"
                assert relay.closed()[0] == 1011

    def test_a_deleted_conversation_is_not_gone_on_with(self, owner, upstream):
        session = new_session(owner)
        with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
            upstream.accept().open()
            relay.wait("session.created")
            path = f"/api/conversations/{session['conversation_id']}"
            succeeded(owner.delete(path))
            assert relay.closed() == (1000, "conversation_deleted")


def test_upstream_is_asked_with_the_key_and_a_stable_name_of_the_user(faked, upstream):
    seen = []
    with client_of(faked) as someone:
        for _ in range(2):
            with RelayClient(url_of(faked, model="gpt-realtime"),
                             headers=acting(someone)) as relay:
                seen.append(upstream.accept())
                seen[-1].open()
                relay.wait("session.created")
    assert [peer.headers["Authorization"] for peer in seen] == [f"Bearer {KEY}"] * 2
    assert {peer.path for peer in seen} == {"/v1/realtime?model=gpt-realtime"}
    assert not [name for name in seen[0].headers if name.lower() in ("cookie", "x-broker-user")]
    names = {peer.headers["OpenAI-Safety-Identifier"] for peer in seen}
    assert len(names) == 1 and someone.headers["X-Broker-User"] not in "".join(names)
