"""The relay: who is let in, how a session begins, and how it ends."""

import json
import sqlite3
import time

import pytest

from support.clients import client as client_of, new_conversation, new_user, refused, succeeded
from support.processes import SERVICE_KEY, Broker, Simulator, eventually, running
from support.raw import exchange, head
from support.relay import (
    RelayClient, acting, by_key, messages, new_session, reads_in_the_end, refused_upgrade,
    session_of, stored, text_session, told, url_of)

UNKNOWN_SECRET = "bs_" + "a1" * 16
IN_WRITING = {"type": "realtime", "output_modalities": ["text"]}


@pytest.fixture(scope="module")
def simulator():
    with running(Simulator(["--pace", "0"])) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def settings(simulator):
    return {"OPENAI_API_KEY": Simulator.KEY, "OPENAI_BASE_URL": simulator.base_url}


@pytest.fixture(scope="module")
def broker(settings, tmp_path_factory):
    """A broker in front of a simulator that answers at once."""
    folder = tmp_path_factory.mktemp("relay")
    with running(Broker(folder / "broker.sqlite", settings)) as server:
        yield server


@pytest.fixture(scope="module")
def short_lived(broker):
    """Two sessions whose secrets expire soon, made before the other tests run."""
    with client_of(broker) as owner:
        yield owner, [text_session(owner, expires_after_seconds=10) for _ in range(2)]


@pytest.fixture(autouse=True)
def begins_early(short_lived):
    """So that the secrets have expired by the time that the last tests look."""


class TestLettingIn:
    """How a client shows who it is."""

    @pytest.mark.parametrize("how", ["subprotocol", "authorization"])
    def test_a_sessions_secret_opens_its_session(self, client, how):
        session = text_session(client)
        secret = session["client_secret"]["value"]
        shown = ({"secret": secret} if how == "subprotocol"
                 else {"headers": {"Authorization": f"Bearer {secret}"}})
        with RelayClient(session["url"], **shown) as relay:
            assert relay.socket.subprotocol == ("realtime" if how == "subprotocol" else None)
            begun = relay.wait("broker.session")
            assert begun["session_id"] == session["id"]
            assert begun["conversation_id"] == session["conversation_id"]
            assert begun["resumed"] is False and begun["events_missing"] is False
            assert begun["events_replayed"] == 0
            assert relay.ask("Hello.")["response"]["status"] == "completed"
            reads_in_the_end(lambda: session_of(client, session["id"])["status"], "active")
        reads_in_the_end(lambda: session_of(client, session["id"])["status"], "ended")

    def test_a_service_key_makes_a_session_as_the_url_asks(self, broker, client):
        conversation = new_conversation(client)
        url = url_of(broker, voice="cedar", model="gpt-realtime-2.1-mini",
                     conversation_id=conversation)
        with RelayClient(url, headers=acting(client)) as relay:
            begun = relay.wait("broker.session")
            assert begun["conversation_id"] == conversation
            made = relay.wait("session.created")["session"]
            assert made["audio"]["output"]["voice"] == "cedar"
            assert made["model"] == "gpt-realtime-2.1-mini"
            session = session_of(client, begun["session_id"])
            assert (session["voice"], session["model"]) == ("cedar", "gpt-realtime-2.1-mini")
            assert session["transport"] == "websocket"
            relay.ask("Who is there?", output_modalities=["text"])
        reads_in_the_end(lambda: told(client, conversation)[:1], [("user", "Who is there?")])

    def test_a_sessions_secret_says_more_than_a_key_beside_it(self, broker, client):
        session = text_session(client)
        with RelayClient(session["url"], session["client_secret"]["value"],
                         headers=acting(client)) as relay:
            assert relay.wait("broker.session")["session_id"] == session["id"]
        assert len(succeeded(client.get("/api/sessions"))["data"]) == 1

    def test_an_agents_settings_are_a_connections(self, broker, client):
        agent = succeeded(client.post("/api/agents", json={
            "name": "Skipper", "voice": "ash", "greeting": "Ahoy!",
            "instructions": "You are a sailor."}), 201)
        url = url_of(broker, agent_id=agent["id"])
        with RelayClient(url, headers=acting(client)) as relay:
            made = relay.wait("session.created")["session"]
            assert made["instructions"] == "You are a sailor."
            assert made["audio"]["output"]["voice"] == "ash"
            assert relay.wait("response.output_audio_transcript.done")["transcript"] == "Ahoy!"

    def test_a_browsers_key_may_stand_in_the_subprotocol(self, broker, client):
        headers = {"X-Broker-User": client.headers["X-Broker-User"]}
        with RelayClient(url_of(broker), secret=SERVICE_KEY, headers=headers) as relay:
            begun = relay.wait("broker.session")
        assert session_of(client, begun["session_id"])["user_id"] == headers["X-Broker-User"]

    def test_a_stranger_gets_a_cookie_and_comes_back_as_the_same(self, broker):
        with RelayClient(url_of(broker), origin=broker.url) as relay:
            first = relay.wait("broker.session")
            cookie = relay.socket.response.headers["Set-Cookie"].split(";")[0]
        with RelayClient(url_of(broker), headers={"Cookie": cookie}) as relay:
            second = relay.wait("broker.session")
            assert "Set-Cookie" not in relay.socket.response.headers
        with client_of(broker, key=None, cookies=dict([cookie.split("=", 1)])) as stranger:
            found = succeeded(stranger.get("/api/sessions"))["data"]
        assert {s["id"] for s in found} == {first["session_id"], second["session_id"]}

    def test_upstreams_own_path_carries_upstreams_own_events_only(self, broker):
        url = url_of(broker, "/v1/realtime", model="gpt-realtime-2.1")
        with RelayClient(url, headers=by_key()) as relay:
            relay.ask("Hello.", output_modalities=["text"])
            relay.settled()
            assert relay.types()[0] == "session.created"
            assert not [type for type in relay.types() if type.startswith("broker.")]
        with RelayClient(f"{url}&broker_events=1", headers=by_key()) as relay:
            assert relay.event()["type"] == "broker.session"


class TestRefusing:
    """Who is not let in learns it before the handshake is answered."""

    def test_a_wrong_secret_is_a_401(self, broker, client):
        url = url_of(broker)
        refused_upgrade(401, url, "invalid_client_secret", secret=UNKNOWN_SECRET)
        refused_upgrade(401, url, "invalid_api_key", secret="wrong")
        refused_upgrade(
            401, url, "invalid_client_secret",
            headers={"Authorization": f"Bearer {UNKNOWN_SECRET}"})
        refused_upgrade(401, url, "invalid_api_key", headers=by_key(key="wrong"))

    def test_nobody_is_a_401_where_strangers_are_not_let_in(self, start, settings):
        server = start(settings | {"BROKER_ANONYMOUS": "off"})
        refused_upgrade(401, url_of(server), "missing_api_key")
        refused_upgrade(401, url_of(server, "/v1/realtime"), "missing_api_key")

    def test_the_key_of_a_call_opens_a_relay_in_upstreams_way_only(self, broker, client):
        session = succeeded(client.post(
            "/api/session", json={"session": {"output_modalities": ["text"]}}), 201)
        secret = session["client_secret"]["value"]
        refused_upgrade(409, url_of(broker), "wrong_transport", secret=secret)
        with RelayClient(url_of(broker, "/v1/realtime"), secret) as relay:
            relay.ask("Hello.")
            said = [("user", "Hello.")]
            reads_in_the_end(lambda: told(client, session["conversation_id"])[:1], said)

    def test_a_broadcasts_session_is_nobodys(self, broker, client):
        broadcast = succeeded(client.post("/api/broadcasts", json={"title": "News"}), 201)
        with sqlite3.connect(broker.database) as database:
            (session,), = database.execute(
                "SELECT s.id FROM sessions s JOIN broadcasts b ON b.session_pk = s.pk "
                "WHERE b.id = ?", (broadcast["id"],))
        refused_upgrade(
            409, url_of(broker, session_id=session), "wrong_transport", headers=acting(client))

    def test_a_sideband_is_not_for_clients(self, broker, client):
        refused_upgrade(400, url_of(broker, "/v1/realtime", call_id="rtc_1"), "invalid_value",
                        headers=acting(client))

    @pytest.mark.parametrize("origin", ["https://evil.example", "null"])
    def test_a_page_of_another_origin_is_a_403(self, broker, client, origin):
        refused_upgrade(403, url_of(broker), "cross_site_request", origin=origin)
        refused_upgrade(403, url_of(broker, "/v1/realtime"), origin=origin)

    def test_a_page_of_another_origin_is_a_403_even_with_a_secret(self, client):
        session = new_session(client)
        secret = session["client_secret"]["value"]
        refused_upgrade(403, session["url"], secret=secret, origin="https://evil.example")

    def test_a_page_of_an_allowed_origin_is_let_in(self, start, settings):
        server = start(settings | {"BROKER_ALLOWED_ORIGINS": "https://good.example"})
        with RelayClient(url_of(server), origin="https://good.example") as relay:
            relay.wait("session.created")
        refused_upgrade(403, url_of(server), origin="https://evil.example")

    def test_an_ended_session_is_a_409(self, client):
        session = new_session(client)
        succeeded(client.post(f"/api/session/{session['id']}/end"))
        refused_upgrade(409, session["url"], "session_ended",
                        secret=session["client_secret"]["value"])

    def test_another_users_session_is_a_404(self, broker, client, other):
        session = new_session(client)
        refused_upgrade(
            404, url_of(broker, session_id=session["id"]), headers=acting(other))
        refused_upgrade(404, url_of(
            broker, conversation_id=session["conversation_id"]), headers=acting(other))
        refused_upgrade(400, url_of(broker, session_id="nonsense"), headers=by_key())

    def test_a_request_that_is_no_handshake_is_refused(self, broker, client):
        refused(client.get("/api/realtime"), 426)
        answer = exchange(broker, head("GET", "/api/realtime", [
            ("Connection", "Upgrade"), ("Upgrade", "websocket"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "7"),
        ]))
        assert answer.status in (400, 426) and answer.headers["sec-websocket-version"] == "13"
        assert succeeded(client.get("/api/sessions"))["data"] == []


class TestBeginning:
    """The first events of a session."""

    def test_the_greeting_is_spoken_once(self, client):
        session = text_session(client, greeting="Hi there!")
        with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
            relay.wait("response.done")
            relay.send("session.update", session=IN_WRITING)
            relay.wait("session.updated")
            relay.ask("Hello.")
            relay.settled()
            said = [event["text"] for event in relay.of("response.output_text.done")]
            assert said[0] == "Hi there!" and said.count("Hi there!") == 1 and len(said) == 2
        stored(client, session["conversation_id"],
               [("assistant", "Hi there!"), ("user", "Hello."), ("assistant", said[1])])

    def test_a_browser_sees_the_session_once_as_it_is_without_what_is_the_owners(self, client):
        session = new_session(
            client, voice="cedar", instructions="Be brief.", session={"max_output_tokens": 512},
            tools=[{"type": "function", "name": "get_time", "parameters": {"type": "object"}}])
        with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
            relay.settled()
            assert relay.types() == ["broker.session", "session.created"]
            made = relay.events[1]["session"]
            relay.send("session.update", session=IN_WRITING)
            changed = relay.wait("session.updated")["session"]
            assert relay.types().count("session.created") == 1
        assert made["audio"]["output"]["voice"] == "cedar" and made["max_output_tokens"] == 512
        assert made["audio"]["input"]["transcription"]["model"] == "gpt-live-transcribe"
        assert (made["output_modalities"], changed["output_modalities"]) == (["audio"], ["text"])
        for seen in made, changed:
            assert seen["instructions"] == ""
            assert [tool["name"] for tool in seen["tools"]] == ["get_time"]
        assert "Be brief." not in json.dumps(relay.events)

    def test_a_service_sees_its_own_instructions(self, broker, client):
        session = text_session(client, instructions="Be brief.")
        url = url_of(broker, session_id=session["id"])
        with RelayClient(url, headers=acting(client)) as relay:
            assert relay.wait("session.created")["session"]["instructions"] == "Be brief."
            relay.settled()
            assert "recall" not in json.dumps(relay.events[1:])


class TestEnding:
    """A session ends by its client, by REST and with the broker."""

    def test_the_end_by_rest_closes_the_relay(self, client):
        session = text_session(client)
        with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
            relay.ask("Hello.")
            ended = succeeded(client.post(f"/api/session/{session['id']}/end"))
            assert ended["status"] == "ended"
            assert relay.closed()[0] == 1000
        found = session_of(client, session["id"])
        assert (found["status"], found["end_reason"]) == ("ended", "client_request")
        assert [role for role, _ in told(client, session["conversation_id"])] == [
            "user", "assistant"]

    def test_a_client_that_closes_ends_its_session(self, client):
        """And as soon as REST says so, nobody gets into it any more."""
        for _ in range(10):
            session = text_session(client)
            secret = session["client_secret"]["value"]
            with RelayClient(session["url"], secret) as relay:
                relay.ask("Hello.")
            reads_in_the_end(
                lambda id=session["id"]: session_of(client, id)["end_reason"], "client_closed")
            refused_upgrade(409, session["url"], "session_ended", secret=secret)

    def test_a_stop_of_the_broker_says_1001_and_keeps_what_was_said(self, start, settings):
        server, user = start(settings), new_user()
        with client_of(server, user) as client:
            sessions = [text_session(client) for _ in range(4)]
        relays = [RelayClient(s["url"], s["client_secret"]["value"]) for s in sessions]
        answers = [relay.ask(f"Remember number {n}.") for n, relay in enumerate(relays)]
        server.process.terminate()
        assert {relay.closed()[0] for relay in relays} == {1001}
        assert server.wait() == 0
        server = start(settings)
        with client_of(server, user) as client:
            for number, (session, answer) in enumerate(zip(sessions, answers)):
                said = answer["response"]["output"][0]["content"][0]["text"]
                assert told(client, session["conversation_id"]) == [
                    ("user", f"Remember number {number}."), ("assistant", said)]
                # Its client may come back.
                assert session_of(client, session["id"])["status"] == "active"


class TestExpiry:
    """Secrets that have expired by now; last, so that nobody waits for it for long."""

    def test_an_expired_secret_is_a_401_unless_its_session_goes_on(self, short_lived):
        owner, (unused, used) = short_lived
        secrets = [session["client_secret"]["value"] for session in (unused, used)]
        relay = RelayClient(used["url"], secrets[1])
        relay.wait("session.created")
        expiry = unused["client_secret"]["expires_at"]
        eventually(lambda: time.time() > expiry + 1, within=20)
        refused_upgrade(401, unused["url"], "invalid_client_secret", secret=secrets[0])
        relay.abort()
        with RelayClient(used["url"], secrets[1]) as again:
            assert again.wait("broker.session")["resumed"] is True
        assert messages(owner, used["conversation_id"]) == []
