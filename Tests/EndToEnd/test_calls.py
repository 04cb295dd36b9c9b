"""Calls: browser and upstream talk to each other, and the broker follows on a sideband."""

import json
import re

import httpx
import pytest

from support.calls import OFFER, SDP, Calls
from support.clients import client as client_of, refused, say, succeeded
from support.processes import Simulator, eventually
from support.realtime import sdk
from support.relay import RATE, reads_in_the_end, session_of, stored, told, tone

AHOY = [("assistant", "Ahoy!")]
CALL_ID = r"rtc_[A-Za-z0-9_-]+"


@pytest.fixture
def calls(tmp_path):
    """Makes such a place for calls, with a script for the simulator."""
    made = []

    def calls(script=None, settings=None):
        made.append(Calls(tmp_path, script or {}, settings))
        return made[-1]

    yield calls
    for one in made:
        one.open.close()


def greeter(it):
    """An agent whose greeting says that the sideband is there."""
    return succeeded(
        it.client.post("/api/agents", json={"name": "Greeter", "greeting": "Ahoy!"}), 201)["id"]


def talk(it, browser):
    """A turn behind the greeting, in the user's only session."""
    session, = succeeded(it.client.get("/api/sessions"))["data"]
    stored(it.client, session["conversation_id"], AHOY)
    browser.ask("Hi.")
    stored(it.client, session["conversation_id"],
           AHOY + [("user", "Hi."), ("assistant", "Hello.")])


def detects_turns(updated):
    return updated["session"]["audio"]["input"]["turn_detection"] is not None


def ended(calls, session, reason):
    reads_in_the_end(lambda: session_of(calls.client, session["id"])["end_reason"], reason)


class TestMaking:
    """The ways to a call."""

    def test_an_offer_is_answered_and_what_is_said_is_stored_without_a_post(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!", "Hello.", "Ana."]}]})
        session = it.session(
            instructions="You are a sailor.", voice="cedar", greeting="Ahoy!")
        answer = it.call(session)
        assert answer.status_code == 201 and answer.text.startswith("v=0\r\n")
        assert answer.headers["content-type"].split(";")[0] == "application/sdp"
        assert re.fullmatch(f"/v1/realtime/calls/{CALL_ID}", answer.headers["location"])
        assert session_of(it.client, session["id"])["status"] == "active"
        browser = it.browser(answer.headers["location"], Simulator.KEY)
        made = browser.events[0]["session"]
        assert made["audio"]["output"]["voice"] == "cedar"
        assert made["instructions"].startswith("You are a sailor.")
        assert made["audio"]["input"]["transcription"]["model"] == "gpt-live-transcribe"
        stored(it.client, session["conversation_id"], AHOY)
        browser.ask("I am Ana.")
        browser.ask("Who am I?")
        said = AHOY + [
            ("user", "I am Ana."), ("assistant", "Hello."),
                ("user", "Who am I?"), ("assistant", "Ana.")]
        stored(it.client, session["conversation_id"], said)
        browser.socket.close()
        ended(it, session, "call_ended")
        assert told(it.client, session["conversation_id"]) == said

    def test_speech_is_stored_as_it_was_understood(self, calls):
        it = calls({"calls": [{
            "transcriptions": [{"text": "My name is Ana.", "after_next_turn": True},
                               {"text": "Who am I?", "duplicate": True}],
            "answers": ["Ahoy!", "Hello Ana.", "You are Ana."]}]})
        session, browser = it.greeted()
        for _ in range(2):
            browser.socket.send(spoken())
            browser.wait("response.done")
        stored(it.client, session["conversation_id"], AHOY + [
            ("user", "My name is Ana."), ("assistant", "Hello Ana."),
            ("user", "Who am I?"), ("assistant", "You are Ana.")])

    def test_a_browser_without_an_account_calls_and_ends_with_its_secret(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!"]}]})
        session, other = it.session(greeting="Ahoy!"), it.session()
        secret = {"Authorization": f"Bearer {session['client_secret']['value']}"}
        with httpx.Client(base_url=it.server.url, headers=secret, trust_env=False) as page:
            path = f"/api/session/{session['id']}"
            answer = page.post(f"{path}/call", content=OFFER, headers=SDP)
            assert answer.status_code == 201
            it.browser(answer.headers["location"], Simulator.KEY)
            stored(it.client, session["conversation_id"], AHOY)
            assert succeeded(page.get(path))["status"] == "active"
            for theirs in ("", "/call", "/end"):
                path_of_other = f"/api/session/{other['id']}{theirs}"
                method = "POST" if theirs else "GET"
                refused(page.request(method, path_of_other, content=OFFER, headers=SDP)
                        if theirs == "/call" else page.request(method, path_of_other), 404)
            refused(page.get("/api/conversations"), 401)
            assert succeeded(page.post(f"{path}/end"))["end_reason"] == "client_request"
            refused(page.post(f"{path}/call", content=OFFER, headers=SDP), 409, "session_ended")

    def test_a_call_that_a_browser_made_by_itself_is_followed_by_its_id(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!", "Hello."]}]})
        session = it.session(greeting="Ahoy!")
        secret = session["client_secret"]["value"]
        location = httpx.post(
            session["url"], content=OFFER, headers=SDP | {"Authorization": f"Bearer {secret}"},
            trust_env=False).headers["location"]
        browser = it.browser(location, secret)
        followed = it.client.post(f"/api/session/{session['id']}/call",
                                  json={"call_id": location.rsplit("/", 1)[1]})
        assert followed.status_code == 204
        talk(it, browser)
        assert session_of(it.client, session["id"])["status"] == "active"

    def test_upstreams_own_form_makes_a_call_with_a_service_key(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!", "Hello."]}]})
        settings = {"type": "realtime", "model": "gpt-realtime-2.1-mini",
                    "instructions": "You are a sailor.", "output_modalities": ["text"]}
        answer = it.client.post("/v1/realtime/calls", params={"agent_id": greeter(it)}, files={
            "sdp": (None, OFFER, "application/sdp"),
            "session": (None, json.dumps(settings), "application/json")})
        assert answer.status_code == 201 and answer.text.startswith("v=0\r\n"), answer.text
        browser = it.browser(answer.headers["location"], Simulator.KEY)
        made = browser.events[0]["session"]
        assert made["model"] == "gpt-realtime-2.1-mini"
        assert made["instructions"].startswith("You are a sailor.")
        talk(it, browser)

    def test_upstreams_own_form_makes_a_call_with_a_minted_secret(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!", "Hello."]}]})
        user = it.client.headers["X-Broker-User"]
        with sdk(it.server, api_key=it.client.headers["Authorization"].split()[1],
                 default_headers={"X-Broker-User": user}) as api:
            secret = api.realtime.client_secrets.create(extra_query={"agent_id": greeter(it)}, session={
                "type": "realtime", "instructions": "You are a sailor.",
                "output_modalities": ["text"]}).value
        assert secret.startswith("ek_")
        with client_of(it.server, key=None) as page:
            answer = page.post("/v1/realtime/calls", content=OFFER,
                               headers=SDP | {"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 201, answer.text
        browser = it.browser(answer.headers["location"], Simulator.KEY)
        assert browser.events[0]["session"]["instructions"].startswith("You are a sailor.")
        talk(it, browser)

    def test_the_server_greets_once(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!", "Hello."]}]})
        session, browser = it.greeted()
        browser.ask("Hi.")
        browser.settled()
        stored(it.client, session["conversation_id"],
               AHOY + [("user", "Hi."), ("assistant", "Hello.")])

    def test_a_greeting_that_nobody_was_there_to_hear_is_not_kept(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!"]}]})
        session = it.session(greeting="Ahoy!", session={})
        assert it.call(session).status_code == 201
        stored(it.client, session["conversation_id"], AHOY)
        succeeded(it.client.post(f"/api/session/{session['id']}/end"))
        assert told(it.client, session["conversation_id"]) == []

    def test_a_greeting_is_kept_when_somebody_is_there(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!", "Hello."]}]})
        session = it.session(greeting="Ahoy!", session={})
        browser = it.browser(it.location(session), Simulator.KEY)
        talk(it, browser)
        succeeded(it.client.post(f"/api/session/{session['id']}/end"))
        assert told(it.client, session["conversation_id"]) == [
            *AHOY, ("user", "Hi."), ("assistant", "Hello.")]

    def test_the_server_answers_recall(self, calls):
        it = calls({"calls": [{"answers": [
            "Ahoy!", {"function_call": {"name": "recall", "arguments": {"query": "name of the dog"}}},
            "He is called Biscuit."]}]})
        earlier = it.session()
        say(it.client, earlier["conversation_id"], "My dog is called Biscuit.",
            session_id=earlier["id"])
        succeeded(it.client.post(f"/api/session/{earlier['id']}/end"))
        session, browser = it.greeted()
        browser.ask("What was the name of my dog again?")
        found = browser.wait("conversation.item.added", where=lambda event: (
            event["item"]["type"] == "function_call_output"))["item"]
        assert "Biscuit" in found["output"]
        browser.wait("response.done")
        stored(it.client, session["conversation_id"],
               AHOY + [("user", "What was the name of my dog again?"),
                ("assistant", "He is called Biscuit.")], read=spoken_only)


def spoken():
    """Sound of a microphone: a tone, and the silence that ends a turn."""
    return tone(1.0) + bytes(2 * RATE)


def spoken_only(client, conversation):
    return [line for line in told(client, conversation) if line[0] in ("user", "assistant")]


class TestFollowing:
    """What happens to the sideband happens to nobody else."""

    @pytest.mark.parametrize("events", [14, 18, 22])
    def test_a_sideband_that_is_lost_is_attached_again(self, calls, events):
        self.lose(calls, [events])

    @pytest.mark.parametrize("events", [6, 9, 12])
    def test_it_may_be_lost_in_every_turn(self, calls, events):
        """What it asked for and did not get is asked for again."""
        self.lose(calls, [16, events, events])

    @pytest.mark.parametrize("events", [13, 17, 19, 21])
    def test_recall_is_answered_wherever_the_sideband_is_lost(self, calls, events):
        """The call may be heard of only afterwards, and the answer may be in between."""
        it = calls({"calls": [{
            "answers": ["Ahoy!", {"function_call": {
                "name": "recall", "arguments": {"query": "name of the dog"}}}, "I do not know."],
            "sidebands": [{"drop_after_events": events,
                           "close": {"code": 1011, "reason": "gone"}}]}]})
        session, browser = it.greeted()
        browser.say("What is my dog called?")
        browser.send("response.create")
        stored(it.client, session["conversation_id"], AHOY + [
            ("user", "What is my dog called?"), ("assistant", "I do not know.")], read=spoken_only)

    @staticmethod
    def lose(calls, losses):
        """Loses a sideband in each of the first turns; it misses an item at most."""
        it = calls({"calls": [{
            "answers": ["Ahoy!"] + [f"Answer {n}." for n in range(4)],
            "sidebands": [{"drop_after_events": events, "close": {"code": 1011, "reason": "gone"}}
                          for events in losses]}]})
        session, browser = it.greeted()
        for number in range(4):
            browser.ask(f"Question {number}.")
            if number < len(losses):
                browser.wait("session.updated")
        stored(it.client, session["conversation_id"], AHOY + turns(4))
        assert session_of(it.client, session["id"])["status"] == "active"

    def test_what_is_said_before_the_sideband_is_there_is_stored_too(self, calls):
        it = calls({"http": [{"path": "/v1/realtime", "delay_ms": 500}],
                    "calls": [{"answers": [f"Answer {n}." for n in range(3)]}]})
        session, browser = it.begin()
        for number in range(3):
            browser.ask(f"Question {number}.")
        stored(it.client, session["conversation_id"], turns(3))

    def test_what_the_browser_set_stays_when_the_sideband_comes_again(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!"]}]})
        _, browser = it.greeted()
        browser.send("session.update", session={
            "type": "realtime", "instructions": "You are a parrot.",
            "audio": {"input": {"turn_detection": None}}})
        first = browser.wait("session.updated", where=lambda e: not detects_turns(e))["session"]
        it.server.kill()
        it.start()
        again = browser.wait("session.updated")["session"]
        assert again == first and again["instructions"] == "You are a parrot."

    def test_a_killed_broker_follows_the_call_again_when_it_is_back(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!", "Answer 0.", "Answer 1."]}]})
        session, browser = it.greeted()
        browser.ask("Question 0.")
        stored(it.client, session["conversation_id"], AHOY + turns(1))
        it.server.kill()
        browser.say("Are you there?")
        browser.settled()
        it.start()
        browser.wait("session.updated")
        browser.ask("Question 1.")
        stored(it.client, session["conversation_id"],
               AHOY + turns(1) + [("user", "Are you there?")] + turns(2)[2:])
        assert session_of(it.client, session["id"])["status"] == "active"
        browser.socket.close()
        ended(it, session, "call_ended")

    def test_a_call_that_ended_while_the_broker_was_away_is_over(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!", "Answer 0."]}]})
        session, browser = it.greeted()
        browser.ask("Question 0.")
        stored(it.client, session["conversation_id"], AHOY + turns(1))
        it.server.kill()
        browser.socket.close()
        it.start()
        eventually(lambda: session_of(it.client, session["id"])["status"] == "ended")
        assert told(it.client, session["conversation_id"]) == AHOY + turns(1)


def turns(count):
    return [(role, f"{word} {n}.") for n in range(count)
            for role, word in (("user", "Question"), ("assistant", "Answer"))]


class TestEnding:
    """Who may hang up, and what is said of it."""

    def test_the_end_of_the_session_hangs_up(self, calls):
        it = calls({"calls": [{"answers": ["Ahoy!", "Answer 0."]}]})
        session, browser = it.greeted()
        browser.ask("Question 0.")
        stored(it.client, session["conversation_id"], AHOY + turns(1))
        assert succeeded(
            it.client.post(f"/api/session/{session['id']}/end"))["status"] == "ended"
        browser.closed()
        ended(it, session, "client_request")
        assert told(it.client, session["conversation_id"]) == AHOY + turns(1)

    def test_hanging_up_as_at_upstream_ends_the_session(self, calls):
        it = calls()
        session = it.session()
        location = it.call(session).headers["location"]
        browser = it.browser(location, Simulator.KEY)
        with client_of(it.server) as other:
            refused(other.post(f"{location}/hangup"), 404)
        assert it.client.post(f"{location}/hangup").status_code == 200
        browser.closed()
        ended(it, session, "client_request")
        refused(it.client.post(f"{location}/hangup"), 404, "call_id_not_found")

    def test_a_call_that_upstream_ends_is_over(self, calls):
        it = calls({"calls": [{"hang_up_after_events": 20, "answers": ["Ahoy!", "Hello."]}]})
        session, browser = it.greeted()
        browser.say("Hi.")
        browser.send("response.create")
        browser.closed()
        ended(it, session, "call_ended")
        assert told(it.client, session["conversation_id"])[:2] == AHOY + [("user", "Hi.")]

    def test_the_stop_of_the_broker_hangs_up(self, calls):
        it = calls()
        session, browser = it.begin()
        browser.ask("Hello.")
        assert it.server.terminate() == 0
        browser.closed()
        it.start()
        found = session_of(it.client, session["id"])
        assert (found["status"], found["end_reason"]) == ("ended", "shutdown")
