"""A network that can be cut: a TCP proxy to a port of this machine."""

import contextlib
import socket
import struct
import threading

PIECE_BYTES = 65_536
RESET = struct.pack("ii", 1, 0)


class Cuttable:
    """Passes bytes on in both directions, until it is cut; then nobody gets through."""

    def __init__(self, port):
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._open = set()
        self._is_cut = False
        self._is_stalled = False
        threading.Thread(target=self._accept, daemon=True).start()

    def stall(self):
        """What is sent gets lost, and nobody hears of it."""
        self._is_stalled = True

    def cut(self):
        """Every connection breaks off without a word, and new ones do so at once."""
        with self._lock:
            self._is_cut = True
            broken, self._open = self._open, set()
        for one in broken:
            self._reset(one)

    def mend(self):
        with self._lock:
            self._is_cut = self._is_stalled = False

    def close(self):
        self.cut()
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._begin(client)

    def _begin(self, client):
        try:
            server = socket.create_connection(self._target)
        except OSError:
            return self._reset(client)
        with self._lock:
            if not self._is_cut:
                self._open |= {client, server}
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._copy, args=pair, daemon=True).start()
                return None
        self._reset(server)
        return self._reset(client)

    def _copy(self, source, target):
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                if not self._is_stalled:
                    target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    @staticmethod
    def _reset(one):
        with contextlib.suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            one.shutdown(socket.SHUT_RDWR)
        one.close()
