"""Starts and ends the built binary."""

import contextlib
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = pathlib.Path(os.environ.get("BROKER_BINARY", ROOT / ".build/debug/broker"))
SERVICE_KEY = "service-key-of-the-end-to-end-tests"
START_SECONDS = 20
STOP_SECONDS = 40


def clean_environment(settings=None):
    """The environment without anything that would set a broker up, plus what is given."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BROKER_", "OPENAI_")) and "proxy" not in name.lower()
    }
    return kept | {name: str(value) for name, value in (settings or {}).items()}


class Server:
    """A running subcommand of the binary that prints `listening on URL` first.

    `program` is another command that does so.
    """

    def __init__(
            self, arguments, settings=None, prefix=(), restores_signals=True, program=(BINARY,)):
        self._log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*prefix, *map(str, program), *arguments],
            env=clean_environment(settings),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=self._log,
            restore_signals=restores_signals,
        )
        try:
            self.url = self._read_url()
        except BaseException:
            self.kill()
            self._log.close()
            raise
        self.port = int(self.url.rsplit(":", 1)[1])

    def _read_url(self):
        deadline = time.monotonic() + START_SECONDS
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], deadline - time.monotonic())
            piece = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            if not piece:
                raise AssertionError(f"the server did not start: {line!r}\n{self.log()}")
            line += piece
        match = re.fullmatch(r"listening on (https?://\S+)", line.decode().splitlines()[0])
        assert match, f"unexpected first line: {line!r}"
        return match[1]

    @property
    def pid(self):
        return self.process.pid

    @property
    def is_running(self):
        return self.process.poll() is None

    def log(self):
        """Everything on standard error so far."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def terminate(self):
        """Asks it to stop; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """Stops it at once, as a crash would."""
        self.process.kill()
        return self.wait()

    def wait(self):
        code = self.process.wait(timeout=STOP_SECONDS)
        self.process.stdout.close()
        return code

    def close(self):
        """Stops it if it still runs, and forgets its log; one that does not stop is a failure."""
        try:
            if self.is_running:
                self.terminate()
        except subprocess.TimeoutExpired as hang:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not stop on SIGTERM\n{self.log()}") from hang
        finally:
            self.process.stdout.close()
            self._log.close()


class Broker(Server):
    """`broker serve` with a database and a service key of its own."""

    def __init__(self, database, settings=None, options=(), prefix=(), **how):
        self.database = pathlib.Path(database)
        defaults = {
            "BROKER_API_KEYS": SERVICE_KEY,
            "BROKER_DATABASE": self.database,
            "BROKER_PORT": 0,
        }
        super().__init__(
            ["serve", *options], defaults | (settings or {}), prefix=prefix, **how)


class Simulator(Server):
    """`broker simulate`, alone."""

    KEY = "sk-sim-end-to-end"

    def __init__(self, options=()):
        super().__init__(["simulate", "--port", "0", "--api-key", self.KEY, *options])

    @property
    def base_url(self):
        return f"{self.url}/v1"


class WebRTCFront(Server):
    """A simulator with WebRTC: a program in front of it that ends calls."""

    def __init__(self, simulator):
        path = pathlib.Path(__file__).with_name("webrtc_front.py")
        super().__init__([simulator.url], program=(sys.executable, path))

    @property
    def base_url(self):
        return f"{self.url}/v1"


@contextlib.contextmanager
def running(server):
    """Ends a server with its block; a server that died meanwhile is a failure."""
    try:
        yield server
        assert server.is_running, f"the server died: {server.process.poll()}\n{server.log()}"
    finally:
        server.close()


def run(*arguments, settings=None, stdin=b"", timeout=60):
    """Runs a subcommand to its end."""
    return subprocess.run(
        [str(BINARY), *map(str, arguments)],
        env=clean_environment(settings), cwd=ROOT, input=stdin, capture_output=True,
        timeout=timeout, check=False)


def eventually(condition, within=10):
    """Waits until `condition()` is true, and gives back what it was."""
    deadline = time.monotonic() + within
    while not (result := condition()):
        assert time.monotonic() < deadline, f"did not come true within {within} s"
        select.select([], [], [], 0.01)
    return result


def stands_still(read, for_seconds=1.0, within=60):
    """Waits until `read()` has given the same for a while."""
    last = (read(), time.monotonic())

    def has_rested():
        nonlocal last
        if (value := read()) != last[0]:
            last = (value, time.monotonic())
        return time.monotonic() - last[1] >= for_seconds

    eventually(has_rested, within)


@contextlib.contextmanager
def in_background(work):
    """Does some work while the block runs; the work has ended, without an error, behind it."""
    failure = []

    def run():
        try:
            work()
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield thread
    thread.join(60)
    assert not thread.is_alive(), "the work in the background does not end"
    if failure:
        raise failure[0]


def resident_bytes(server):
    """What a server has in memory."""
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024
