"""A realtime upstream whose every word a test chooses, and that keeps what it gets."""

import contextlib
import http
import json
import queue
import threading
import time

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response
from websockets.sync.server import serve

from support.relay import WITHIN, break_off
from support.upstream import KEY


class Peer:
    """The upstream's end of one connection."""

    def __init__(self, socket):
        self.socket = socket
        self.path = socket.request.path
        self.headers = socket.request.headers
        self.frames = []
        self.events = []
        self._count = 0

    def receive(self, within=WITHIN):
        """The next frame."""
        frame = self.socket.recv(timeout=within)
        self.frames.append(frame)
        return frame

    def wait(self, type, within=WITHIN, where=lambda event: True):
        """Reads up to the next event of a type."""
        deadline = time.monotonic() + within
        seen = []
        while True:
            try:
                event = read(self.receive(max(0, deadline - time.monotonic())))
            except TimeoutError:
                raise AssertionError(f"upstream got no {type} in {within} s, but {seen}") from None
            except ConnectionClosed as closed:
                raise AssertionError(f"no {type}, but {seen}, then {closed.rcvd}") from closed
            self.events.append(event)
            seen.append(event.get("type"))
            if event.get("type") == type and where(event):
                return event

    def closed(self, within=WITHIN):
        """Reads to the end; the close frame's code and reason."""
        deadline = time.monotonic() + within
        try:
            while True:
                self.receive(max(0, deadline - time.monotonic()))
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")

    def of(self, type):
        return [event for event in self.events if event.get("type") == type]

    # Sending

    def send(self, type, **members):
        self._count += 1
        event = {"type": type, "event_id": f"event_{id(self)}_{self._count}", **members}
        self.socket.send(json.dumps(event))
        return event

    def open(self, **session):
        """Begins a session as upstream does: made, set up as asked for; the update's `session`."""
        base = {"type": "realtime", "object": "realtime.session", "id": f"sess_{id(self)}",
                "model": "gpt-realtime-2.1", "expires_at": int(time.time()) + 3600}
        self.send("session.created", session=base | session)
        asked = self.wait("session.update")["session"]
        self.send("session.updated", session=base | asked | session)
        return asked

    def add(self, id, text="", after=None, role="user", **item):
        """Tells of a message in the conversation."""
        kind = "output_text" if role == "assistant" else "input_text"
        item = {"id": id, "type": "message", "role": role, "status": "completed",
                "content": [{"type": kind, "text": text}]} | item
        for type in ("conversation.item.added", "conversation.item.done"):
            self.send(type, previous_item_id=after, item=item)

    def take(self, after=None):
        """Takes the next item that the client creates, and says so; the item."""
        item = self.wait("conversation.item.create")["item"]
        item = {"id": f"item_{id(self)}_{len(self.frames)}", "status": "completed"} | item
        for type in ("conversation.item.added", "conversation.item.done"):
            self.send(type, previous_item_id=after, item=item)
        return item

    def begin(self, response):
        self.send("response.created", response={
            "object": "realtime.response", "id": response, "status": "in_progress", "output": []})

    def answer(self, response, item, text, after=None):
        """Gives a whole answer in writing."""
        self.begin(response)
        self.begin_item(response, item, after)
        self.delta(response, item, text)
        self.end(response, item, text, after)

    def begin_item(self, response, item, after=None):
        made = {"id": item, "type": "message", "role": "assistant", "status": "in_progress",
                "content": []}
        self.send("response.output_item.added", response_id=response, output_index=0, item=made)
        self.send("conversation.item.added", previous_item_id=after, item=made)

    def delta(self, response, item, text):
        self.send("response.output_text.delta", response_id=response, item_id=item,
                  output_index=0, content_index=0, delta=text)

    def end(self, response, item, text, after=None, status="completed"):
        made = {"id": item, "type": "message", "role": "assistant", "status": status,
                "content": [{"type": "output_text", "text": text}]}
        self.send("response.output_text.done", response_id=response, item_id=item,
                  output_index=0, content_index=0, text=text)
        self.end_items(response, [made], after, status)

    def call(self, response, item, call, name, arguments="{}", after=None, done=True):
        """Calls a function, in a response of its own unless there is more to come."""
        made = {"id": item, "type": "function_call", "status": "in_progress", "call_id": call,
                "name": name, "arguments": ""}
        place = {"response_id": response, "output_index": 0}
        self.send("response.output_item.added", item=made, **place)
        self.send("conversation.item.added", previous_item_id=after, item=made)
        place |= {"item_id": item, "call_id": call}
        self.send("response.function_call_arguments.delta", delta=arguments, **place)
        self.send("response.function_call_arguments.done",
                  name=name, arguments=arguments, **place)
        made = made | {"status": "completed", "arguments": arguments}
        if done:
            self.end_items(response, [made], after)
        return made

    def end_item(self, response, made, after=None):
        self.send("conversation.item.done", previous_item_id=after, item=made)
        self.send("response.output_item.done", response_id=response, output_index=0, item=made)

    def end_items(self, response, items, after=None, status="completed"):
        for made in items:
            self.end_item(response, made, after)
        self.finish(response, items, status)

    def finish(self, response, items=(), status="completed"):
        self.send("response.done", response={
            "object": "realtime.response", "id": response, "status": status,
            "output": list(items), "usage": None})

    # Ending

    def close(self, code=1000, reason=""):
        self.socket.close(code, reason)

    def abort(self):
        """Is gone without a close frame."""
        break_off(self.socket)


def read(frame):
    """An event; one without anything where the frame is none."""
    try:
        event = json.loads(frame)
    except (ValueError, RecursionError):
        event = None
    return event if isinstance(event, dict) else {}


class RealtimeUpstream:
    """Takes connections, which tests `accept` in the order of their coming."""

    def __init__(self):
        self._waiting = queue.Queue()
        self._refusals = queue.SimpleQueue()
        self._peers = []
        self._server = serve(
            self._handle, "127.0.0.1", 0, process_request=self._check, compression=None,
            max_size=2**25, close_timeout=2, ping_interval=None,
            select_subprotocol=lambda connection, offered: offered[0] if offered else None)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        port = self._server.socket.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}/v1"

    @property
    def settings(self):
        """The environment of a broker in front of it."""
        return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": self.base_url}

    def accept(self, within=WITHIN):
        """The next connection."""
        try:
            return self._waiting.get(timeout=within)
        except queue.Empty:
            raise AssertionError(f"no connection to upstream within {within} s") from None

    @property
    def has_connection(self):
        """Whether there is one that was not accepted yet."""
        return not self._waiting.empty()

    def refuse(self, status, body=b"", headers=()):
        """Answers the next handshake like this."""
        self._refusals.put((status, body, dict(headers)))

    def close(self):
        self._server.shutdown()
        self._thread.join()
        for peer in self._peers:
            peer.abort()

    def _check(self, connection, request):
        with contextlib.suppress(queue.Empty):
            status, body, headers = self._refusals.get_nowait()
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            fields = Headers({"Content-Length": str(len(body)), "Connection": "close"} | headers)
            return Response(status, http.HTTPStatus(status).phrase, fields, body)
        return None

    def _handle(self, socket):
        peer = Peer(socket)
        self._peers.append(peer)
        self._waiting.put(peer)
        # The connection ends with this method; the test's thread has it until it is closed.
        socket.recv_events_thread.join()


@contextlib.contextmanager
def realtime_upstream():
    """Such an upstream that ends with its block."""
    server = RealtimeUpstream()
    try:
        yield server
    finally:
        server.close()
