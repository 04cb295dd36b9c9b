"""Real WebRTC in front of a simulator: ends browsers' calls, and proxies everything else.

The simulator answers offers with an SDP at which nobody listens. This program puts an answer of
its own in that one's place, ends the call with aiortc, and carries its media and data channel to
the simulator's media socket (docs/simulator.md). A broker whose OPENAI_BASE_URL is this program
sees an upstream with WebRTC.

usage: webrtc_front.py SIMULATOR_URL
"""

import argparse
import asyncio
import contextlib
import email
import fractions
import sys
import time

import aiohttp
import av
from aiohttp import web
from aiortc import (
    MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription)
from aiortc.mediastreams import MediaStreamError

RATE = 24_000
FRAME_SAMPLES = RATE // 50
# What one connection means for itself only (RFC 9110, 7.6.1), and what the body's length says.
HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
              "content-length", "content-encoding", "date", "host"}
# Of messages on their way to the simulator or the browser; 20 s of a microphone.
QUEUE_LIMIT = 1_000


class Speaker(MediaStreamTrack):
    """The outgoing track: plays PCM that is fed faster than it is played, else silence."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self._waiting = bytearray()
        self._start = None
        self._samples = 0

    def play(self, pcm):
        self._waiting += pcm

    def clear(self):
        self._waiting.clear()

    async def recv(self):
        if self._start is None:
            self._start = time.monotonic()
        await asyncio.sleep(self._start + self._samples / RATE - time.monotonic())
        size = 2 * FRAME_SAMPLES
        pcm = bytes(self._waiting[:size]).ljust(size, b"\0")
        del self._waiting[:size]
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        frame.planes[0].update(pcm)
        frame.sample_rate = RATE
        frame.time_base = fractions.Fraction(1, RATE)
        frame.pts = self._samples
        self._samples += FRAME_SAMPLES
        return frame


class Call:
    """One browser's peer connection, and the simulator's media socket of its call."""

    def __init__(self, media_url, headers, http):
        self._media_url = media_url
        self._headers = headers
        self._http = http
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._speaker = Speaker()
        self._channel = None
        # Events that came before the data channel was open.
        self._early = []
        # What the browser said, in order: text of the data channel, bytes of the microphone.
        self._said = asyncio.Queue(QUEUE_LIMIT)
        self._socket = None
        self._tasks = set()

    async def answer(self, offer):
        """Takes the browser's offer; the SDP that answers it."""
        self._peer.on("connectionstatechange", self._connection_changed)
        self._peer.on("datachannel", self._channel_opened)
        self._peer.on("track", lambda track: self._start(self._listen(track)))
        await self._peer.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        self._peer.addTrack(self._speaker)
        await self._peer.setLocalDescription(await self._peer.createAnswer())
        return self._peer.localDescription.sdp

    async def close(self):
        if self._socket is not None:
            await self._socket.close()
        await self._peer.close()
        for task in self._tasks:
            task.cancel()

    def _start(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connection_changed(self):
        if self._peer.connectionState == "connected" and self._socket is None:
            # Media flows from now on, and not before: the simulator tells so.
            self._start(self._carry())
        elif self._peer.connectionState in ("failed", "closed") and self._socket is not None:
            await self._socket.close()

    def _channel_opened(self, channel):
        self._channel = channel
        channel.on("message", self._said.put_nowait)
        early, self._early = self._early, []
        for event in early:
            channel.send(event)

    async def _carry(self):
        """What the simulator says and plays, until the call is over."""
        async with self._http.ws_connect(
                self._media_url, headers=self._headers, max_msg_size=2**25) as socket:
            self._socket = socket
            self._start(self._send_what_was_said())
            async for message in socket:
                if message.type == aiohttp.WSMsgType.BINARY:
                    self._speaker.play(message.data)
                elif message.type == aiohttp.WSMsgType.TEXT:
                    self._event(message.data)
        await self._peer.close()

    async def _send_what_was_said(self):
        with contextlib.suppress(ConnectionError):
            while True:
                message = await self._said.get()
                if isinstance(message, str):
                    await self._socket.send_str(message)
                else:
                    await self._socket.send_bytes(message)

    def _event(self, text):
        if '"type":"output_audio_buffer.cleared"' in text:
            self._speaker.clear()
        if self._channel is not None:
            self._channel.send(text)
        elif len(self._early) < QUEUE_LIMIT:
            self._early.append(text)

    async def _listen(self, track):
        """What the microphone hears, from Opus at 48 kHz to PCM at 24 kHz."""
        if track.kind != "audio":
            return
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        with contextlib.suppress(MediaStreamError):
            while True:
                for frame in resampler.resample(await track.recv()):
                    # Sound that nobody takes in time is lost; events never are.
                    with contextlib.suppress(asyncio.QueueFull):
                        self._said.put_nowait(bytes(frame.planes[0])[:2 * frame.samples])


class Front:
    """The HTTP server: calls are ended here, everything else goes to the simulator and back."""

    def __init__(self, simulator):
        self._simulator = simulator
        self._http = None
        self._calls = set()

    def application(self):
        app = web.Application(client_max_size=2**25)
        app.router.add_post("/v1/realtime/calls", self._create_call)
        app.router.add_route("*", "/{path:.*}", self._forward)
        app.cleanup_ctx.append(self._run)
        return app

    async def _run(self, _):
        async with aiohttp.ClientSession(auto_decompress=False) as self._http:
            yield
            for call in self._calls:
                await call.close()

    async def _create_call(self, request):
        body = await request.read()
        answer = await self._ask(request, body)
        if answer.status != 201:
            return answer
        media_url = f"{self._simulator}{answer.headers['Location']}/media"
        headers = {"Authorization": request.headers["Authorization"]}
        call = Call(media_url, headers, self._http)
        self._calls.add(call)
        answer.text = await call.answer(offer_in(body, request.headers["Content-Type"]))
        return answer

    async def _forward(self, request):
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._relay(request)
        return await self._ask(request, await request.read())

    async def _ask(self, request, body):
        async with self._http.request(
                request.method, self._simulator + request.raw_path, data=body,
                headers=end_to_end(request.headers), allow_redirects=False) as answer:
            return web.Response(
                status=answer.status, body=await answer.read(), headers=end_to_end(answer.headers))

    async def _relay(self, request):
        offered = request.headers.get("Sec-WebSocket-Protocol", "")
        protocols = [name.strip() for name in offered.split(",") if name.strip()]
        headers = {name: value for name, value in end_to_end(request.headers).items()
                   if not name.lower().startswith("sec-websocket")}
        async with self._http.ws_connect(
                self._simulator + request.raw_path, protocols=protocols, headers=headers,
                max_msg_size=2**25) as upstream:
            browser = web.WebSocketResponse(protocols=["realtime"], max_msg_size=2**25)
            await browser.prepare(request)
            upward = asyncio.get_running_loop().create_task(self._copy(browser, upstream))
            await self._copy(upstream, browser)
            await upward
        return browser

    @staticmethod
    async def _copy(source, target):
        """Passes messages on, and the close frame's code and reason behind them."""
        while True:
            message = await source.receive()
            if message.type == aiohttp.WSMsgType.TEXT:
                await target.send_str(message.data)
            elif message.type == aiohttp.WSMsgType.BINARY:
                await target.send_bytes(message.data)
            elif message.type == aiohttp.WSMsgType.CLOSE:
                # A frame without a code reads as 0.
                await target.close(code=message.data or 1000, message=(message.extra or "").encode())
                return
            else:
                # It broke off without a frame, which no frame can say; 1011 comes nearest.
                await target.close(code=1011)
                return


def end_to_end(headers):
    """The header fields that a proxy passes on."""
    return {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}


def offer_in(body, content_type):
    """The SDP of a request for a call, in either form."""
    if content_type.startswith("application/sdp"):
        return body.decode()
    form = email.message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    for part in form.get_payload():
        if part.get_param("name", header="Content-Disposition") == "sdp":
            return part.get_payload(decode=True).decode()
    raise ValueError("the form has no part 'sdp'")


async def serve(simulator):
    runner = web.AppRunner(Front(simulator).application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    print(f"listening on http://127.0.0.1:{port}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("simulator", help="its URL, without /v1")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments.simulator))
    sys.exit(0)
