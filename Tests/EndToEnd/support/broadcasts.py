"""A speaker and listeners of broadcasts; what is spoken are the simulator's tones (docs/simulator.md)."""

import array
import base64
import contextlib
import json
import math
import queue
import socket
import threading
import time

import httpx
from websockets.exceptions import ConnectionClosed

from support.clients import succeeded
from support.relay import acting, break_off, opened, with_query

WITHIN = 20
# The beginning of the simulator's dictionary, in its order.
WORDS = {
    "en": "hello everybody welcome to the city we speak about water and light today tomorrow river "
          "is green cold bridge old one two three four five six seven eight nine ten".split(),
    "es": "hola todos bienvenidos a la ciudad nosotros hablamos sobre agua y luz hoy mañana río es "
          "verde fría puente viejo uno dos tres cuatro cinco seis siete ocho nueve diez".split(),
    "de": "hallo alle willkommen zu die Stadt wir sprechen über Wasser und Licht heute morgen Fluss "
          "ist grün kalt Brücke alt eins zwei drei vier fünf sechs sieben acht neun zehn".split(),
}
TONES = {"hears_tones": True}
WORD_SECONDS = 0.2
PAUSE_SECONDS = 0.8


def spoken(sentence, rate=24_000, pause=PAUSE_SECONDS):
    """A sentence as it sounds, and the silence behind it."""
    samples = array.array("h")
    for word in sentence.split():
        step = 2 * math.pi * (400 + 100 * WORDS["en"].index(word)) / rate
        samples.extend(
            int(9_000 * math.sin(step * index)) for index in range(int(WORD_SECONDS * rate)))
    samples.extend([0] * int(pause * rate))
    return samples.tobytes()


def told(sentence, language="en"):
    """A sentence as the simulator writes it down, or translates it."""
    words = [WORDS[language][WORDS["en"].index(word)] for word in sentence.split()]
    text = " ".join(words)
    return text[0].upper() + text[1:] + "."


def new_broadcast(client, status=201, **fields):
    return succeeded(client.post("/api/broadcasts", json=fields), status)


def segments(client, broadcast, language):
    """All stored segments of a language, page by page; checked to be without holes."""
    found, after = [], 0
    while True:
        page = succeeded(client.get(
            f"/api/broadcasts/{broadcast['id']}/segments",
            params={"language": language, "after": after, "limit": 3}))
        found += page["data"]
        if not page["has_more"]:
            break
        after = page["last_id"]
    assert [it["sequence"] for it in found] == list(range(1, len(found) + 1)), found
    return found


def texts(segments):
    """What segments say; a gap by its reason."""
    return [it["text"] if it["kind"] == "text" else f"[{it['reason']}]" for it in segments]


# Those who are still there; the fixture `all_leave` lets them go.
present = []


class Speaker:
    """A speaker's socket."""

    def __init__(self, client, broadcast, rate=24_000):
        self.rate = rate
        present.append(self)
        self.socket = opened(with_query(broadcast["speak_url"], {"rate": rate}),
                             headers=acting(client), max_queue=None, ping_interval=None)
        self.ready = self.wait("speaker.ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def say(self, sentence, pause=PAUSE_SECONDS, as_events=False):
        self.send(spoken(sentence, self.rate, pause), as_events)

    def send(self, pcm, as_events=False):
        """Sends sound in pieces of 100 ms."""
        size = self.rate // 10 * 2
        for start in range(0, len(pcm), size):
            piece = pcm[start:start + size]
            if as_events:
                self.socket.send(json.dumps({
                    "type": "input_audio_buffer.append",
                    "audio": base64.b64encode(piece).decode()}))
            else:
                self.socket.send(piece)

    def wait(self, type, where=lambda event: True):
        deadline = time.monotonic() + WITHIN
        while True:
            event = json.loads(self.socket.recv(timeout=max(0, deadline - time.monotonic())))
            if event["type"] == type and where(event):
                return event

    def closed(self):
        try:
            while True:
                self.socket.recv(timeout=WITHIN)
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")

    def abort(self):
        break_off(self.socket)


class Listener:
    """What a listener has: its segments as they were told last, and all events."""

    def __init__(self):
        self.events = []
        self.mark = None
        self._arrived = threading.Condition()
        self.is_over = False
        present.append(self)

    def take(self, event):
        with self._arrived:
            self.events.append(event)
            if "event_id" in event:
                self.mark = event["event_id"]
            self._arrived.notify_all()

    def end(self):
        with self._arrived:
            self.is_over = True
            self._arrived.notify_all()

    def until(self, condition, what):
        with self._arrived:
            if not self._arrived.wait_for(condition, WITHIN):
                raise AssertionError(f"{what} did not come; there are {self.summary()}")

    def state(self, language, state, after=None):
        """Waits until a language is in a state."""
        return self.wait(
            "language.status",
            lambda it: (it["language"], it["state"]) == (language, state), after)

    def summary(self):
        return [(it["type"], it.get("text") or it.get("reason")) for it in self.events[-30:]]

    def wait(self, type, where=lambda event: True, after=None):
        """The first event of a type that is as wanted; the first one behind the event `after`."""
        found = []

        def is_there():
            start = next((n for n, it in enumerate(self.events, 1) if it is after), 0)
            found[:] = [it for it in self.events[start:] if it["type"] == type and where(it)]
            return bool(found)

        self.until(is_there, type)
        return found[0]

    def of(self, type):
        return [it for it in list(self.events) if it["type"] == type]

    @property
    def segments(self):
        """The segments by sequence, each as it was told last."""
        latest = {}
        for it in self.of("segment.completed"):
            known = latest.get(it["sequence"])
            assert known is None or it["revision"] > known["revision"], (known, it)
            latest[it["sequence"]] = it
        return [latest[sequence] for sequence in sorted(latest)]

    @property
    def texts(self):
        return texts(self.segments)

    def has(self, expected):
        """Waits until the segments say what is expected, and nothing else."""
        try:
            self.until(lambda: self.texts == expected, f"{expected}")
        except AssertionError:
            assert self.texts == expected, self.summary()


class SocketListener(Listener):
    """One who listens by a WebSocket."""

    def __init__(self, broadcast, language, headers=None, **query):
        super().__init__()
        url = with_query(broadcast["listen_url"], {"language": language, **query})
        self.socket = opened(url, headers=headers)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.joined = self.wait("broadcast.joined")

    def _read(self):
        try:
            while True:
                self.take(json.loads(self.socket.recv()))
        except (ConnectionClosed, OSError) as closed:
            self.closure = closed
            self.end()

    def send(self, **event):
        self.socket.send(json.dumps(event))

    def closed(self):
        self.until(lambda: self.is_over, "the end")
        frame = getattr(self.closure, "rcvd", None)
        return (frame.code, frame.reason) if frame else (1006, "")

    def close(self):
        self.socket.close()
        self._thread.join(WITHIN)

    def abort(self):
        break_off(self.socket)
        self._thread.join(WITHIN)


class EventListener(Listener):
    """One who listens by server-sent events."""

    def __init__(self, broadcast, language, mark=None, headers=None, **query):
        super().__init__()
        headers = dict(headers or {})
        if mark:
            headers["Last-Event-ID"] = mark
        self._client = httpx.Client(trust_env=False, timeout=httpx.Timeout(WITHIN, read=None))
        self._opened = queue.Queue()
        self._url = with_query(broadcast["events_url"], {"language": language, **query})
        self._headers = headers
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.response = self._opened.get(timeout=WITHIN)
        if self.response.status_code == 200:
            self.joined = self.wait("broadcast.joined")

    def _read(self):
        try:
            with contextlib.suppress(httpx.ReadError, httpx.RemoteProtocolError, httpx.StreamClosed):
                with self._client.stream("GET", self._url, headers=self._headers) as response:
                    self._opened.put(response)
                    self._read_lines(response)
        finally:
            self.end()

    def _read_lines(self, response):
        event = {}
        for line in response.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
            elif event:
                self._take(event)
                event = {}

    def _take(self, lines):
        if "data" not in lines:
            return
        event = json.loads(lines["data"])
        assert lines["event"] == event["type"]
        assert lines.get("id") == event.get("event_id")
        self.take(event)

    def close(self):
        # Closing alone would not wake the thread that reads.
        with contextlib.suppress(OSError):
            stream = self.response.extensions["network_stream"]
            stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._thread.join(WITHIN)
        self._client.close()
