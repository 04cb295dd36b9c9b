"""HTTP without a client's politeness: bytes out, bytes in."""

import json
import pathlib
import select
import socket
import struct

from support.clients import check_error_body
from support.processes import SERVICE_KEY


class Answer:
    """One HTTP/1.x answer, read strictly."""

    def __init__(self, stream, method="GET"):
        line = stream.readline()
        if not line:
            raise EOFError("the connection was closed without an answer")
        self.version, status, *_ = line.decode("latin-1").split(" ", 2)
        self.status = int(status)
        self.headers = {}
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            self.headers[name.strip().lower()] = value.strip()
        self.body = b"" if method == "HEAD" else self._body(stream)

    def _body(self, stream):
        if self.status == 204 or self.status == 304 or self.status < 200:
            return b""
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while size := int(stream.readline().split(b";")[0], 16):
                body += stream.read(size)
                assert stream.readline() == b"\r\n"
            assert stream.readline() == b"\r\n"
            return body
        if "content-length" in self.headers:
            return stream.read(int(self.headers["content-length"]))
        return stream.read()

    def refused(self, status, code=None):
        """Checks that this is an error of the one form."""
        assert self.status == status, (self.status, self.body)
        body = json.loads(self.body)
        check_error_body(body, status, self.headers["x-request-id"])
        if code is not None:
            assert body["error"]["code"] == code, body


class RawConnection:
    """A TCP connection to a server."""

    def __init__(self, server, timeout=20):
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=timeout)
        self._stream = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()
        self._socket.close()

    def send(self, data):
        self._socket.sendall(data)

    def finish_sending(self):
        """Closes this direction only, once the server has read what was sent.

        libmicrohttpd sees the end of the stream by an event of its own; when it comes together with
        the last bytes, it is noticed only when the connection times out.
        """
        while self._unread():
            pass
        self._socket.shutdown(socket.SHUT_WR)

    def _unread(self):
        """How many bytes the server has not read, as the system's table of sockets says."""
        ours, theirs = (f":{address[1]:04X}" for address in
                        (self._socket.getsockname(), self._socket.getpeername()))
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, local, remote, _, queues, *_ = line.split()
            if local.endswith(theirs) and remote.endswith(ours):
                return int(queues.split(":")[1], 16)
        return 0

    def has_answer(self, within):
        """Waits up to `within` seconds for bytes, or for the server to hang up."""
        return bool(select.select([self._socket], [], [], within)[0])

    def reset(self):
        """Breaks the connection off, as a client that crashed would."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.__exit__()

    def answer(self, method="GET"):
        return Answer(self._stream, method)

    def answer_or_close(self):
        """An answer, or None when the server hung up instead."""
        try:
            return self.answer()
        except (EOFError, ConnectionError):
            return None

    def is_closed_by_server(self):
        """Waits for the end of what the server sends."""
        try:
            return self._stream.read(1) == b""
        except ConnectionError:
            return True


def head(method, path, headers=(), version="HTTP/1.1", user=None):
    """A request's head as bytes, with the service key."""
    lines = [f"{method} {path} {version}", "Host: 127.0.0.1",
             f"Authorization: Bearer {SERVICE_KEY}"]
    if user is not None:
        lines.append(f"X-Broker-User: {user}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def post(path, body, headers=(), user=None):
    """A POST of JSON as bytes."""
    fields = [("Content-Type", "application/json"), ("Content-Length", len(body)), *headers]
    return head("POST", path, fields, user=user) + body


def exchange(server, data, method="GET"):
    """Sends bytes on a new connection and reads one answer."""
    with RawConnection(server) as connection:
        connection.send(data)
        return connection.answer(method)
