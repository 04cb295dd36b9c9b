"""Calls that are not made, and one over real WebRTC that is."""

import json

import pytest

from support.calls import OFFER, SDP, Calls
from support.clients import client as client_of, refused, succeeded
from support.processes import Broker, Simulator, WebRTCFront, running
from support.relay import session_of, stored, text_session
from support.webrtc_client import WebRTCCall, run

FORM = {"sdp": (None, OFFER, "application/sdp"),
        "session": (None, '{"type": "realtime"}', "application/json")}


@pytest.fixture
def calls(tmp_path):
    """A place for calls, with what its upstream does wrong."""
    made = []

    def calls(*replies, settings=None):
        script = {"http": [{"path": "/v1/realtime/calls"} | reply for reply in replies]}
        made.append(Calls(tmp_path, script, settings))
        return made[-1]

    yield calls
    for one in made:
        one.open.close()


def test_a_session_has_one_call(calls):
    it = calls()
    session = it.session()
    it.location(session)
    refused(it.call(session), 409, "session_in_use")
    refused(it.client.post(f"/api/session/{session['id']}/call", json={"call_id": "rtc_other"}),
            409, "session_in_use")
    assert session_of(it.client, session["id"])["status"] == "active"


def test_a_call_belongs_to_one_session_also_where_another_user_knows_its_id(calls):
    it = calls()
    call = it.location(it.session()).rsplit("/", 1)[1]
    with client_of(it.server) as other:
        session = succeeded(other.post("/api/session", json={}), 201)
        path = f"/api/session/{session['id']}/call"
        refused(other.post(path, json={"call_id": call}), 409, "call_in_use")
        assert session_of(other, session["id"])["status"] == "created"


def test_a_session_that_is_not_for_a_call_has_none(calls):
    it = calls()
    refused(it.call(text_session(it.client)), 409, "wrong_transport")
    session = it.session()
    succeeded(it.client.post(f"/api/session/{session['id']}/end"))
    refused(it.call(session), 409, "session_ended")
    with client_of(it.server) as other:
        refused(other.post(f"/api/session/{it.session()['id']}/call", content=OFFER, headers=SDP),
                404)


@pytest.mark.parametrize("offer", ["", "hello", "v=0\r\n", OFFER.rstrip(), "x" * 300_000])
def test_an_offer_that_is_none_is_a_400_and_leaves_the_session_as_it_was(calls, offer):
    it = calls()
    session = it.session()
    refused(it.call(session, offer), 400, "invalid_offer")
    assert session_of(it.client, session["id"])["status"] == "created"
    # The browser may try again.
    it.location(session)


@pytest.mark.parametrize("body, param", [
    ({}, "call_id"), ({"call_id": "nonsense"}, "call_id"), ({"call_id": 5}, "call_id"),
    ({"call_id": "rtc_a/../b"}, "call_id"), ({"call_id": "rtc_1", "other": 1}, "other")])
def test_an_id_that_is_none_is_a_400(calls, body, param):
    it = calls()
    path = f"/api/session/{it.session()['id']}/call"
    refused(it.client.post(path, json=body), 400, param=param)


def test_a_form_without_an_offer_or_with_a_broken_session_is_a_400(calls):
    it = calls()
    path = "/v1/realtime/calls"
    refused(it.client.post(path, files={"session": FORM["session"]}), 400, param="sdp")
    refused(it.client.post(path, files=FORM | {"session": (None, "{", "application/json")}), 400)
    refused(it.client.post(path, content=b"--x", headers={
        "Content-Type": "multipart/form-data"}), 400)
    refused(it.client.post(path, json={}), 415)


def test_a_browser_sets_no_webhooks_by_upstreams_path(calls):
    it = calls()
    tool = {"type": "function", "name": "f", "x_broker": {"url": "https://example.org/"}}
    session = json.dumps({"type": "realtime", "tools": [tool]})
    with client_of(it.server, key=None) as stranger:
        refused(stranger.post("/v1/realtime/calls", files=FORM | {
            "session": (None, session, "application/json")}), 403,
            param="session.tools[0].x_broker")


def test_strangers_make_no_calls_by_upstreams_path(calls):
    it = calls(settings={"BROKER_ANONYMOUS": "off"})
    with client_of(it.server, key=None) as stranger:
        refused(stranger.post("/v1/realtime/calls", files=FORM), 401)
        refused(stranger.post("/v1/realtime/calls", content=OFFER, headers=SDP | {
            "Authorization": "Bearer ek_" + "a1" * 16}), 401)


@pytest.mark.parametrize("reply, status, upstreams", [
    ({"status": 400, "body": {"error": {
        "message": "Unknown parameter.", "type": "invalid_request_error",
        "code": "unknown_parameter", "param": "session.colour"}}}, 400, None),
    ({"status": 401, "body": {"error": {"code": "invalid_api_key", "message": "No."}}}, 502, 401),
    ({"status": 429, "headers": {"Retry-After": "7"},
      "body": {"error": {"code": "rate_limit_exceeded", "message": "Slow down."}}}, 429, None),
    ({"status": 502, "times": 9, "text": "<html>bad gateway</html>"}, 502, 502),
    ({"drop": True, "times": 9}, 502, None),
    ({"delay_ms": 3000, "times": 9}, 504, None)])
@pytest.mark.parametrize("path", ["/api/session", "/v1/realtime/calls"])
def test_an_upstream_that_fails_is_told_in_the_one_form(calls, path, reply, status, upstreams):
    it = calls(reply, settings={"BROKER_UPSTREAM_TIMEOUT_SECONDS": 1})
    if path == "/api/session":
        session = it.session()
        answer = it.call(session)
        assert session_of(it.client, session["id"])["status"] == "created"
    else:
        answer = it.client.post(path, files=FORM)
    error = refused(answer, status)
    assert upstreams is None or error["upstream"]["status"] == upstreams
    assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)
    assert Simulator.KEY not in answer.text + it.server.log()


def test_a_conversation_over_real_webrtc(tmp_path):
    """Spoken by a microphone, heard by an ear, and stored by the sideband."""
    path = tmp_path / "script.json"
    path.write_text("""{"calls": [{
        "transcriptions": [{"text": "Does he like snow?"}, {"text": "Good."}],
        "answers": ["He does indeed.", "Good bye."]}]}""")
    with (running(Simulator(["--pace", "0.1", "--script", str(path)])) as simulator,
          running(WebRTCFront(simulator)) as front,
          running(Broker(tmp_path / "broker.sqlite", {
              "OPENAI_API_KEY": Simulator.KEY, "OPENAI_BASE_URL": front.base_url})) as server,
          client_of(server) as client):
        session = succeeded(client.post("/api/session", json={}), 201)

        async def exchange(offer):
            answer = client.post(f"/api/session/{session['id']}/call", content=offer, headers=SDP)
            assert answer.status_code == 201, answer.text
            return answer.text

        async def work():
            async with WebRTCCall(exchange) as call:
                await call.event("session.created")
                for _ in range(2):
                    call.microphone.speak(1.2)
                    await call.event("output_audio_buffer.started")
                    await call.event("output_audio_buffer.stopped")
            assert call.loud_frames > 20

        run(work())
        stored(client, session["conversation_id"], [
            ("user", "Does he like snow?"), ("assistant", "He does indeed."),
            ("user", "Good."), ("assistant", "Good bye.")])
