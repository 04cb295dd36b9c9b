"""What the owner allows a session: its time, its silence, its comings back, its usage."""

import pytest
from websockets.exceptions import ConnectionClosed

from support.clients import client as client_of, succeeded
from support.processes import eventually
from support.relay import RelayClient, reads_in_the_end, session_of, stored, text_session, told


@pytest.fixture
def place(simulated):
    """A user of a broker with settings, in front of a simulator with a script."""
    opened = []

    def place(script=None, **settings):
        server = simulated({"sockets": [script]} if script else None, settings=settings)
        opened.append(client_of(server))
        return opened[-1]

    yield place
    for client in opened:
        client.close()


def relay_to(session):
    return RelayClient(session["url"], session["client_secret"]["value"])


def reason(client, session):
    reads_in_the_end(lambda: session_of(client, session["id"])["status"], "ended")
    return session_of(client, session["id"])["end_reason"]


class TestTime:
    """How long a session may go on."""

    def test_the_longest_time_is_announced_and_kept(self, place):
        client = place(BROKER_MAX_SESSION_SECONDS=3)
        session = text_session(client)
        with relay_to(session) as relay:
            warning = relay.wait("broker.session_expiring")
            assert 0 < warning["expires_in_seconds"] <= 3
            relay.ask("Hello.")
            assert relay.closed()[0] == 1000
            assert len(relay.of("broker.session_expiring")) == 1
        assert reason(client, session) == "max_duration"
        assert [role for role, _ in told(client, session["conversation_id"])] == [
            "user", "assistant"]

    def test_a_session_tells_its_longest_time(self, place):
        client = place(BROKER_MAX_SESSION_SECONDS=3)
        session = text_session(client)
        assert session["max_duration_seconds"] == 3
        assert session_of(client, session["id"])["max_duration_seconds"] == 3

    def test_what_is_said_does_not_make_it_longer(self, place):
        client = place(BROKER_MAX_SESSION_SECONDS=2)
        session = text_session(client)
        with relay_to(session) as relay:
            relay.wait("session.created")
            with pytest.raises((AssertionError, ConnectionClosed), match="1000 .* max_duration"):
                for _ in range(10_000):
                    relay.ask("Go on.")
        assert reason(client, session) == "max_duration"

    def test_silence_ends_a_session(self, place):
        client = place(BROKER_IDLE_SECONDS=1)
        session = text_session(client)
        with relay_to(session) as relay:
            relay.ask("Hello.")
            assert relay.closed()[0] == 1000
        assert reason(client, session) == "idle_timeout"

    def test_a_session_in_which_something_is_said_is_not_idle(self, place):
        client = place(BROKER_IDLE_SECONDS=2)
        session = text_session(client)
        with relay_to(session) as busy, relay_to(text_session(client)) as silent:
            silent.wait("session.created")
            over = False
            while not over:
                busy.ask("Go on.")
                over = reason_now(client, silent.events[0]["session_id"]) == "idle_timeout"
            assert session_of(client, session["id"])["status"] == "active"

    def test_silence_may_last_where_it_is_not_bounded(self, place):
        client = place(BROKER_IDLE_SECONDS="off", BROKER_MAX_SESSION_SECONDS=3)
        session = text_session(client)
        with relay_to(session) as relay:
            relay.wait("session.created")
            assert relay.closed()[0] == 1000
        assert reason(client, session) == "max_duration"


def reason_now(client, id):
    return session_of(client, id)["end_reason"]


class TestComingBack:
    def test_without_a_grace_a_client_that_is_lost_ends_its_session(self, place):
        client = place(BROKER_RECONNECT_SECONDS="off")
        session = text_session(client)
        relay = relay_to(session)
        answer = relay.ask("Hello.")["response"]["output"][0]["content"][0]["text"]
        relay.abort()
        assert reason(client, session) == "client_lost"
        stored(client, session["conversation_id"], [("user", "Hello."), ("assistant", answer)])


class TestEnding:
    def test_the_owner_may_end_a_session_in_mid_answer(self, simulated):
        server = simulated({"sockets": [{"answers": ["A long story. " * 50]}]}, pace=1)
        with client_of(server) as client:
            session = text_session(client)
            with relay_to(session) as relay:
                relay.say("Tell me a story.")
                relay.send("response.create")
                relay.wait("response.output_text.delta")
                succeeded(client.post(f"/api/session/{session['id']}/end"))
                assert relay.closed()[0] == 1000
            assert reason(client, session) == "client_request"
            eventually(lambda: all(
                text for _, text in told(client, session["conversation_id"])))
            question, answer = told(client, session["conversation_id"])
            assert question == ("user", "Tell me a story.")
            assert ("A long story. " * 50).startswith(answer[1])

    def test_ending_twice_is_ending_once(self, place):
        client = place()
        session = text_session(client)
        with relay_to(session) as relay:
            relay.wait("session.created")
            for _ in range(2):
                ended = succeeded(client.post(f"/api/session/{session['id']}/end"))
                assert (ended["status"], ended["end_reason"]) == ("ended", "client_request")
            assert relay.closed()[0] == 1000


class TestUsage:
    """What is reported is what upstream said."""

    def test_each_response_counts_once(self, place):
        client = place()
        session = text_session(client)
        with relay_to(session) as relay:
            usages = [relay.ask(f"Question {n}.")["response"]["usage"] for n in range(3)]
        eventually(lambda: usage(client)["responses"] == 3)
        found = usage(client)
        assert found["tokens"]["output"]["text"] == sum(u["output_tokens"] for u in usages)
        assert sum(found["tokens"]["input"].values()) == sum(u["input_tokens"] for u in usages)
        assert float(found["cost_usd"]) > 0 and found["unpriced"] == 0
        by_conversation, = succeeded(client.get(
            "/api/usage", params={"group_by": "conversation"}))["data"]
        assert by_conversation["conversation_id"] == session["conversation_id"]
        by_model, = succeeded(client.get("/api/usage", params={"group_by": "model"}))["data"]
        assert by_model["model"] == "gpt-realtime-2.1"

    def test_transcripts_of_speech_count_too(self, place):
        client = place({"transcriptions": [{"text": "Hello.", "duplicate": True}]})
        session = text_session(client)
        with relay_to(session) as relay:
            relay.speak()
            relay.wait("response.done")
            relay.settled()
            eventually(lambda: usage(client)["transcriptions"] == 1)
        assert reason(client, session) == "client_closed"
        assert (usage(client)["responses"], usage(client)["transcriptions"]) == (1, 1)


def usage(client):
    return succeeded(client.get("/api/usage", params={"group_by": "day"}))["total"]


class TestRateLimits:
    def test_they_are_told_to_the_client_and_in_the_session(self, place):
        client = place({"rate_limits": {"limit": 1000, "remaining": 10, "reset_seconds": 30}})
        session = text_session(client)
        assert session_of(client, session["id"])["rate_limits"] is None
        with relay_to(session) as relay:
            relay.ask("Hello.")
            limits = relay.wait("broker.rate_limits")["rate_limits"]
            assert {limit["remaining"] for limit in limits} == {10}
            found = session_of(client, session["id"])["rate_limits"]
            assert found == limits
            relay.settled()
            assert relay.of("rate_limits.updated")[0]["rate_limits"] == limits
