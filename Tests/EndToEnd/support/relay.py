"""A client of the relay, and what REST says of what it said."""

import array
import base64
import collections
import json
import math
import socket
import time
import urllib.parse

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from support.clients import check_error_body, new_user, pages, succeeded
from support.processes import SERVICE_KEY

WITHIN = 20
RATE = 24_000


def url_of(server, path="/api/realtime", **query):
    """A relay's URL."""
    return with_query(server.url.replace("http", "ws", 1) + path, query)


def with_query(url, query):
    return f"{url}?{urllib.parse.urlencode(query)}" if query else url


def by_secret(secret):
    """The subprotocols by which a browser shows its secret."""
    return ["realtime", f"openai-insecure-api-key.{secret}"]


def by_key(user=None, key=SERVICE_KEY):
    """The headers of a service that acts for a user."""
    return {"Authorization": f"Bearer {key}", "X-Broker-User": user or new_user()}


def acting(client):
    """The headers by which a WebSocket acts for the same user as a client of REST."""
    return by_key(client.headers["X-Broker-User"])


def opened(url, secret=None, headers=None, small_buffer=False, **options):
    """Opens a WebSocket; events may be long, and nothing stands in between."""
    if secret is not None:
        options["subprotocols"] = by_secret(secret)
    if small_buffer:
        parts = urllib.parse.urlsplit(url)
        options["sock"] = socket.socket()
        options["sock"].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        options["sock"].connect((parts.hostname, parts.port))
    else:
        # A client that holds back what it has not read waits for its own close.
        options.setdefault("max_queue", None)
    return connect(
        url, additional_headers=headers, proxy=None, max_size=2**25, open_timeout=WITHIN,
        close_timeout=WITHIN, compression=None, **options)


def refused_upgrade(status, url, code=None, **how):
    """Checks that a handshake is refused with an error of the one form; the `error`."""
    try:
        opened(url, **how).close()
    except InvalidStatus as refusal:
        response = refusal.response
    else:
        raise AssertionError("the handshake was accepted")
    assert response.status_code == status, (response.status_code, response.body)
    body = json.loads(response.body)
    check_error_body(body, status, response.headers["x-request-id"])
    assert code is None or body["error"]["code"] == code, body
    return body["error"]


class RelayClient:
    """A WebSocket to the relay that keeps all that it gets."""

    def __init__(self, url, secret=None, headers=None, **options):
        self.socket = opened(url, secret, headers, **options)
        self.frames = []
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # Sending

    def send(self, type, **members):
        self.socket.send(json.dumps({"type": type, **members}))

    def say(self, text, **item):
        """Puts a message of the user's into the conversation."""
        parts = [{"type": "input_text", "text": text}]
        self.send("conversation.item.create",
                  item={"type": "message", "role": "user", "content": parts, **item})

    def ask(self, text, done="response.done", **response):
        """Says something and waits for the answer to end; the `response.done`."""
        self.say(text)
        self.send("response.create", **({"response": response} if response else {}))
        return self.wait(done)

    def speak(self, seconds=1.0):
        """Appends a tone, and the silence that ends a turn."""
        self.append(tone(seconds) + bytes(2 * RATE))

    def append(self, pcm):
        """Appends sound in pieces of 100 ms."""
        for start in range(0, len(pcm), RATE // 5):
            piece = pcm[start:start + RATE // 5]
            self.send("input_audio_buffer.append", audio=base64.b64encode(piece).decode())

    # Receiving

    def receive(self, within=WITHIN):
        """The next frame."""
        frame = self.socket.recv(timeout=within)
        self.frames.append(frame)
        return frame

    def event(self, within=WITHIN):
        """The next event."""
        event = json.loads(self.receive(within))
        self.events.append(event)
        return event

    def wait(self, type, count=1, within=WITHIN, where=lambda event: True):
        """Reads up to the next event of a type, or the `count`th; that event."""
        deadline = time.monotonic() + within
        seen = []
        while True:
            try:
                event = self.event(max(0, deadline - time.monotonic()))
            except TimeoutError:
                raise AssertionError(f"no {type} within {within} s, but {seen}") from None
            except ConnectionClosed as closed:
                raise AssertionError(f"no {type}, but {seen}, then {closed.rcvd}") from closed
            seen.append(event["type"])
            if event["type"] == type and where(event):
                count -= 1
                if not count:
                    return event

    def settled(self):
        """Reads up to where upstream has answered all that was sent: it answers in order."""
        mark = f"mark_{len(self.frames)}"
        self.send("conversation.item.retrieve", item_id="item_none", event_id=mark)
        self.wait("error", where=lambda event: event["error"]["event_id"] == mark)
        self.events.pop()

    def closed(self, within=WITHIN):
        """Reads to the end; the close frame's code and reason."""
        deadline = time.monotonic() + within
        try:
            while True:
                self.event(max(0, deadline - time.monotonic()))
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")

    def types(self):
        return [event["type"] for event in self.events]

    def of(self, type):
        return [event for event in self.events if event["type"] == type]

    # Ending

    def leave(self):
        """Closes without a code, as a page's `socket.close()` does."""
        with self.socket.protocol_mutex:
            self.socket.protocol.send_close()
            self.socket.send_data()

    def abort(self):
        """Is gone without a word, as a client that lost its network."""
        break_off(self.socket)


def break_off(websocket):
    """Ends a connection without a close frame."""
    websocket.close_socket()


def tone(seconds):
    """A sound that voice detection takes for speech: PCM, 16 bits, 24 kHz."""
    return array.array("h", (
        int(9_000 * math.sin(2 * math.pi * 300 * index / RATE))
        for index in range(int(seconds * RATE)))).tobytes()


# What REST says


def new_session(client, status=201, **fields):
    """A session for the relay."""
    return succeeded(
        client.post("/api/session", json={"transport": "websocket", **fields}), status)


def text_session(client, **fields):
    """A session for the relay that answers in writing."""
    return new_session(client, session={"output_modalities": ["text"]}, **fields)


def session_of(client, id):
    return succeeded(client.get(f"/api/session/{id}"))


def messages(client, conversation):
    """All messages of a conversation, in order; checked to be there once each."""
    path = f"/api/conversations/{conversation}/messages"
    found = list(pages(client, path, limit=100))
    counts = collections.Counter(message["item_id"] for message in found)
    del counts[None]
    assert not counts or max(counts.values()) == 1, counts
    assert [m["position"] for m in found] == sorted({m["position"] for m in found})
    return found


def told(client, conversation):
    """Who said what; what is no message has its type for a speaker."""
    return [(message["role"] if message["type"] == "message" else message["type"],
             message["content"]) for message in messages(client, conversation)]


def stored(client, conversation, expected, within=10, read=told):
    """Waits until a conversation reads as expected."""
    reads_in_the_end(lambda: read(client, conversation), expected, within)


def reads_in_the_end(read, expected, within=10):
    """Waits until `read()` gives what is expected; else shows the difference."""
    deadline = time.monotonic() + within
    while (found := read()) != expected and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found == expected, found
