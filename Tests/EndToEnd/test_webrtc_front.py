"""Real WebRTC against the simulator: media, data channel and sideband of one call."""

import asyncio
import contextlib
import json

import httpx
import openai
import pytest
from websockets.asyncio.client import connect

from support.clients import client, succeeded
from support.processes import Simulator, WebRTCFront, running
from support.webrtc_client import WebRTCCall, exchange_form, exchange_sdp, run

SESSION = {
    "type": "realtime", "model": "gpt-realtime",
    "instructions": "Notes from earlier conversations:\nU: My dog likes snow.",
    "audio": {"input": {"transcription": {"model": "gpt-realtime-whisper"}}},
}


@pytest.fixture(scope="module")
def front():
    """A simulator that answers fast, with WebRTC in front of it."""
    with (running(Simulator(["--pace", "0.1"])) as simulator,
          running(WebRTCFront(simulator)) as front):
        yield front


@contextlib.contextmanager
def scripted(folder, call):
    """A simulator whose next call goes as scripted, with WebRTC in front of it."""
    path = folder / "script.json"
    path.write_text(json.dumps({"calls": [call]}))
    with (running(Simulator(["--pace", "0.1", "--script", str(path)])) as simulator,
          running(WebRTCFront(simulator)) as front):
        yield front


@contextlib.asynccontextmanager
async def sideband(front, call):
    url = f"{front.base_url.replace('http', 'ws', 1)}/realtime?call_id={call}"
    headers = {"Authorization": f"Bearer {Simulator.KEY}"}
    async with connect(url, additional_headers=headers, proxy=None, max_size=2**24) as socket:
        yield socket


async def event(socket, type, seen=None, within=20):
    """The next event of a type; those before it go to `seen`."""
    async with asyncio.timeout(within):
        while True:
            event = json.loads(await socket.recv())
            if seen is not None:
                seen.append(event)
            if event["type"] == type:
                return event


def hang_up(front, call):
    return httpx.post(
        f"{front.base_url}/realtime/calls/{call}/hangup",
        headers={"Authorization": f"Bearer {Simulator.KEY}"}, trust_env=False)


def ask(call, text):
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    call.send("conversation.item.create", item=item)
    call.send("response.create")


def items(events):
    return [event["item"]["id"] for event in events
            if event["type"] == "conversation.item.added"]


def test_speech_is_heard_and_answered_aloud(tmp_path):
    """A spoken turn: the sideband sees the items of the data channel, and the track is heard."""
    script = {"transcriptions": [{"text": "Does he like snow?"}], "answers": ["He does indeed."]}

    async def work(front):
        found, seen = [], []
        exchange = exchange_form(front.base_url, Simulator.KEY, SESSION, found)
        async with WebRTCCall(exchange) as call, sideband(front, found[0]) as server:
            created = await call.event("session.created")
            assert created["session"]["id"] == "sess_" + found[0].removeprefix("rtc_")
            call.microphone.speak(1.2)
            await call.event("input_audio_buffer.speech_started")
            await call.event("input_audio_buffer.committed")
            await call.event("output_audio_buffer.started")
            await call.event("output_audio_buffer.stopped")
            await event(server, "output_audio_buffer.stopped", seen)
        assert call.loud_frames > 20
        types = [event["type"] for event in seen]
        assert "session.created" not in types
        assert "response.output_audio.delta" not in types + call.types()
        assert [event["transcript"] for event in seen if "transcript" in event] == [
            "Does he like snow?", "He does indeed."]
        assert items(seen) == items(call.events) and len(items(seen)) == 2

    with scripted(tmp_path, script) as front:
        run(work(front))


def test_an_ephemeral_key_is_enough_for_a_page(front):
    """A minted key opens the call, and its settings are the call's."""
    async def work():
        client = openai.OpenAI(base_url=front.base_url, api_key=Simulator.KEY, max_retries=0)
        key = client.realtime.client_secrets.create(session=SESSION).value
        found = []
        async with WebRTCCall(exchange_sdp(front.base_url, key, found)) as call:
            created = await call.event("session.created")
            assert created["session"]["instructions"] == SESSION["instructions"]
            ask(call, "What does my dog like?")
            done = await call.event("response.output_audio_transcript.done")
            assert "My dog likes snow." in done["transcript"]
    run(work())


def test_a_session_that_a_broker_minted_is_a_call(front, start):
    """A broker whose upstream is the front: its greeting is the first thing that is heard."""
    server = start({"OPENAI_API_KEY": Simulator.KEY, "OPENAI_BASE_URL": front.base_url})
    with client(server) as user:
        session = succeeded(
            user.post("/api/session", json={"greeting": "Welcome back!"}), 201)

    async def work():
        # The url is the broker's word for where the offer goes.
        assert session["url"] == f"{front.base_url}/realtime/calls"
        key = session["client_secret"]["value"]
        async with WebRTCCall(exchange_sdp(front.base_url, key, [])) as call:
            await call.event("session.created")
            call.send(**session["greeting_event"])
            done = await call.event("response.output_audio_transcript.done")
            assert done["transcript"] == "Welcome back!"
    run(work())


def test_talking_over_the_answer_silences_it(front):
    """The server stops playing, and truncates what was not heard."""
    async def work():
        found = []
        # Speech cuts the answer, and is not answered itself.
        detection = {"turn_detection": {"type": "server_vad", "create_response": False}}
        session = SESSION | {"audio": {"input": detection}}
        exchange = exchange_form(front.base_url, Simulator.KEY, session, found)
        async with WebRTCCall(exchange) as call:
            await call.event("session.created")
            ask(call, "Tell me a story about something that you know nothing of.")
            await call.event("output_audio_buffer.started")
            await call.event("response.done")
            assert await call.hear(frames=20) > 0
            call.microphone.speak(0.5)
            await call.event("output_audio_buffer.cleared")
            truncated = await call.event("conversation.item.truncated")
            assert 0 <= truncated["audio_end_ms"] < 5_000
            assert "output_audio_buffer.stopped" not in call.types()
            # What was on its way is heard out.
            await call.hear(frames=25)
            assert await call.hear(frames=25) == 0
    run(work())


def test_a_hang_up_ends_the_media_and_the_sideband(front):
    """A server ends the call; a second time there is none."""
    async def work():
        found = []
        exchange = exchange_form(front.base_url, Simulator.KEY, SESSION, found)
        async with WebRTCCall(exchange) as call, sideband(front, found[0]) as server:
            await call.event("session.created")
            answer = await asyncio.to_thread(hang_up, front, found[0])
            assert answer.status_code == 200 and answer.content == b""
            await call.closed()
            await server.wait_closed()
            assert server.close_code == 1000
            answer = await asyncio.to_thread(hang_up, front, found[0])
            assert answer.status_code == 404
            assert answer.json()["error"]["code"] == "call_id_not_found"
    run(work())


def test_a_page_that_leaves_ends_the_call(front):
    """The sideband learns that the browser is gone."""
    async def work():
        found = []
        exchange = exchange_form(front.base_url, Simulator.KEY, SESSION, found)
        async with contextlib.AsyncExitStack() as stack:
            async with WebRTCCall(exchange) as call:
                server = await stack.enter_async_context(sideband(front, found[0]))
                await call.event("session.created")
            async with asyncio.timeout(20):
                await server.wait_closed()
            assert server.close_code == 1000
    run(work())


def test_an_offer_that_is_none_is_refused(front):
    """Refusals of the simulator come through unchanged."""
    answer = httpx.post(
        f"{front.base_url}/realtime/calls", content="hello",
        headers={"Authorization": f"Bearer {Simulator.KEY}", "Content-Type": "application/sdp"},
        trust_env=False)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_offer"
