"""A scripted upstream on loopback, for answers that a real one should never give."""

import contextlib
import http.server
import json
import threading
import time

KEY = "sk-proj-EndToEndSecret0123456789abcdefghijklmnopqrstuvwxyzABCD"


class Reply:
    """What the upstream does with one request.

    `raw` replaces the whole answer by bytes; `wait` is an event that it waits for first; `hang_up`
    closes the connection without an answer.
    """

    def __init__(self, status=200, body=b"", headers=(), raw=None, wait=None, hang_up=False):
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = dict(headers)
        self.raw = raw
        self.wait = wait
        self.hang_up = hang_up


def minted(session=None):
    """What upstream answers to a mint."""
    body = {
        "value": "ek_" + "a1b2c3d4" * 4,
        "expires_at": int(time.time()) + 600,
        "session": {"type": "realtime", "object": "realtime.session", "id": "sess_upstream",
                    "model": "gpt-realtime-2.1", "expires_at": 0} | (session or {}),
    }
    return Reply(200, body, {"Content-Type": "application/json"})


class Upstream:
    """Answers each request with the next reply of its script; the last one repeats."""

    def __init__(self, *replies):
        self._replies = list(replies) or [minted()]
        self._lock = threading.Lock()
        self.requests = []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def script(self, *replies):
        """Replaces what comes next."""
        with self._lock:
            self._replies = list(replies)

    @property
    def settings(self):
        """The environment of a broker in front of it."""
        return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": self.base_url}

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _next(self, request):
        with self._lock:
            self.requests.append(request)
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    def _handler(self):
        upstream = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.do_POST()

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                reply = upstream._next((self.path, dict(self.headers), body))
                # The client may have gone by now, which is what some tests are about.
                with contextlib.suppress(ConnectionError):
                    self._send(reply)

            def _send(self, reply):
                if reply.wait is not None:
                    reply.wait.wait(60)
                if reply.hang_up:
                    self.close_connection = True
                elif reply.raw is not None:
                    self.wfile.write(reply.raw)
                    self.close_connection = True
                else:
                    self.send_response(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    self.wfile.write(reply.body)

            def log_message(self, *_):
                """Says nothing: the tests look at `requests`."""

        return Handler


@contextlib.contextmanager
def upstream(*replies):
    """A scripted upstream that ends with its block."""
    server = Upstream(*replies)
    try:
        yield server
    finally:
        server.close()
