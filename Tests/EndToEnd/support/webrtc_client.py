"""A browser's side of a WebRTC call, made of aiortc."""

import array
import asyncio
import concurrent.futures
import contextlib
import fractions
import json
import math
import time

import aiohttp
import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

RATE = 48_000
FRAME_SAMPLES = RATE // 50
LOUD = 500


class Microphone(MediaStreamTrack):
    """Sounds a tone for as long as it is told to, else silence, in real time."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self._tone_samples = 0
        self._samples = 0
        self._start = None

    def speak(self, seconds):
        self._tone_samples += int(seconds * RATE)

    async def recv(self):
        if self._start is None:
            self._start = time.monotonic()
        await asyncio.sleep(self._start + self._samples / RATE - time.monotonic())
        loudness = 9_000 if self._tone_samples > 0 else 0
        self._tone_samples -= FRAME_SAMPLES if loudness else 0
        samples = array.array("h", (
            int(loudness * math.sin(2 * math.pi * 300 * (self._samples + index) / RATE))
            for index in range(FRAME_SAMPLES)))
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate = RATE
        frame.time_base = fractions.Fraction(1, RATE)
        frame.pts = self._samples
        self._samples += FRAME_SAMPLES
        return frame


class WebRTCCall:
    """A call with a microphone, a data channel and an ear for what is played.

    `exchange` takes the offer, and gives back the answer; see `exchange_form`, `exchange_sdp`.
    """

    def __init__(self, exchange):
        self._exchange = exchange
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._arrived = asyncio.Condition()
        self._tasks = []
        self.microphone = Microphone()
        self.events = []
        self.frames = 0
        self.loud_frames = 0
        self.state = asyncio.Queue()

    async def __aenter__(self):
        self._peer.addTrack(self.microphone)
        self._channel = self._peer.createDataChannel("oai-events")
        self._channel.on("message", self._received)
        self._peer.on("track", lambda track: self._start(self._listen(track)))
        self._peer.on("connectionstatechange", lambda: self.state.put_nowait(
            self._peer.connectionState))
        await self._peer.setLocalDescription(await self._peer.createOffer())
        answer = await self._exchange(self._peer.localDescription.sdp)
        await self._peer.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
        return self

    async def __aexit__(self, *_):
        await self._peer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def send(self, type, **members):
        self._channel.send(json.dumps({"type": type, **members}))

    async def event(self, type, within=20):
        """The first event of a type that was not waited for yet; waits for it."""
        async def find():
            async with self._arrived:
                while True:
                    for index in range(self._read, len(self.events)):
                        if self.events[index]["type"] == type:
                            self._read = index + 1
                            return self.events[index]
                    await self._arrived.wait()
        return await asyncio.wait_for(find(), within)

    async def hear(self, frames, within=20):
        """Waits for so many frames of 20 ms; how many of them were loud."""
        end, before = self.frames + frames, self.loud_frames
        async def wait():
            async with self._arrived:
                await self._arrived.wait_for(lambda: self.frames >= end)
        await asyncio.wait_for(wait(), within)
        return self.loud_frames - before

    async def closed(self, within=20):
        """Waits until the other side is gone."""
        async def wait():
            while await self.state.get() != "closed":
                pass
        await asyncio.wait_for(wait(), within)

    _read = 0

    def types(self):
        return [event["type"] for event in self.events]

    def _start(self, work):
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    def _received(self, text):
        self.events.append(json.loads(text))
        self._start(self._notify())

    async def _notify(self):
        async with self._arrived:
            self._arrived.notify_all()

    async def _listen(self, track):
        resampler = av.AudioResampler(format="s16", layout="mono", rate=24_000)
        with contextlib.suppress(MediaStreamError):
            while True:
                for frame in resampler.resample(await track.recv()):
                    pcm = array.array("h", bytes(frame.planes[0])[:2 * frame.samples])
                    if max(map(abs, pcm), default=0) > LOUD:
                        self.loud_frames += 1
                    self.frames += 1
                    await self._notify()


def run(work):
    """Runs a coroutine on a thread of its own: Playwright's loop may occupy this one."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def exchange_form(base_url, key, session, found):
    """Posts an offer as a server does; the call's id is appended to `found`."""
    async def exchange(offer):
        with aiohttp.MultipartWriter("form-data") as form:
            sdp = form.append(offer, {"Content-Type": "application/sdp"})
            sdp.set_content_disposition("form-data", name="sdp")
            settings = form.append_json(session)
            settings.set_content_disposition("form-data", name="session")
        return await _post(base_url, key, found, data=form)
    return exchange


def exchange_sdp(base_url, key, found):
    """Posts an offer as a page does, with an ephemeral key."""
    async def exchange(offer):
        headers = {"Content-Type": "application/sdp"}
        return await _post(base_url, key, found, data=offer, headers=headers)
    return exchange


async def _post(base_url, key, found, data, headers=None):
    headers = {"Authorization": f"Bearer {key}"} | (headers or {})
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{base_url}/realtime/calls", data=data, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == 201, text
            found.append(answer.headers["Location"].rsplit("/", 1)[1])
            return text
