"""What the benchmarks share: load, servers, medians."""

import dataclasses
import http.client
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import time

from support.processes import SERVICE_KEY, Broker, Simulator

WRK = pathlib.Path(__file__).parent / "wrk"
# A spoken sentence of ordinary length, the same for whatever stores it.
TEXT = "We moved from Lyon to Rotterdam last Saturday, so everything is still in boxes, even the dog."
# Neither side writes a log line per request.
SETTINGS = {"BROKER_ACCESS_LOG": "off"}
# A million messages take their time to be indexed.
SETTLE_SECONDS = 1800


@dataclasses.dataclass
class Plan:
    """How long and how often to measure."""

    seconds: int
    rounds: int
    history: int
    folder: pathlib.Path


@dataclasses.dataclass
class Row:
    """One line of the table; `ratio` is ours over the other's unless there is no other."""

    what: str
    ours: str
    other: str
    ratio: str
    aim: str
    met: bool | None


@dataclasses.dataclass
class Load:
    """What one run of wrk saw."""

    per_second: float
    p50_ms: float
    p99_ms: float


TICKS = os.sysconf("SC_CLK_TCK")
UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}


def wrk(url, script, arguments, connections, seconds, environment=None):
    """Runs wrk; any answer but a success fails the benchmark."""
    threads = min(2, connections)
    result = subprocess.run(
        ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s",
         "-s", WRK / script, url, "--", *arguments],
        env=os.environ | {"BENCH_KEY": SERVICE_KEY} | (environment or {}),
        capture_output=True, text=True, timeout=seconds + 60, check=True).stdout
    problem = re.search(r"Non-2xx.*|Socket errors.*", result)
    if problem:
        raise RuntimeError(f"{script}: {problem[0]}")

    def milliseconds(percentile):
        value, unit = re.search(rf"^ +{percentile}% +([\d.]+)(us|ms|s|m)$", result, re.M).groups()
        return float(value) * UNITS[unit]

    rate = float(re.search(r"Requests/sec: +([\d.]+)", result)[1])
    return Load(rate, milliseconds(50), milliseconds(99))


def percentile(values, share):
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(loads, field):
    """The median of one field over the rounds."""
    return statistics.median(getattr(load, field) for load in loads)


class Client:
    """A plain client for preparing what is measured."""

    def __init__(self, server, user, key=SERVICE_KEY):
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {key}", "X-Broker-User": user,
                         "Content-Type": "application/json"}

    def call(self, method, path, body=None):
        return self.timed(method, path, body)[0]

    def timed(self, method, path, body=None):
        """The answer, and how many milliseconds it took to be there."""
        content, took = self._exchange(method, path, body)
        return json.loads(content), took

    def text(self, path):
        return self._exchange("GET", path)[0].decode()

    def behind(self):
        """How many messages wait to be indexed; unlike `/readyz`, this writes nothing."""
        return int(re.search(r"^broker_memory_behind_messages (\d+)$", self.text("/metrics"), re.M)[1])

    def settle(self, seconds=SETTLE_SECONDS):
        """Waits until none does."""
        deadline = time.monotonic() + seconds
        while behind := self.behind():
            if time.monotonic() > deadline:
                raise RuntimeError(f"after {seconds} s, {behind} messages still wait to be indexed")
            time.sleep(0.02)

    def conversation(self):
        return self.call("POST", "/api/conversations", {})["id"]

    def _exchange(self, method, path, body=None):
        data = None if body is None else json.dumps(body)
        began = time.perf_counter()
        self._connection.request(method, path, data, self._headers)
        response = self._connection.getresponse()
        content = response.read()
        took = (time.perf_counter() - began) * 1000
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {content[:500]!r}")
        return content, took


def cpu_seconds(pids):
    """The user and system time of processes so far (proc(5), stat)."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def expect(process, line):
    """Waits until a load says how far it is."""
    if process.stdout.readline().strip() != line:
        raise RuntimeError(f"the load has ended with {process.wait()}")


def build(source, folder):
    """Compiles a program of ours; the load must not be what limits."""
    program = folder / source.stem
    compiler = shutil.which("cc") or "clang"
    subprocess.run([compiler, "-O2", "-D_GNU_SOURCE", "-pthread", source, "-o", program, "-lcrypto"],
                   check=True)
    return program


def broker(plan, name, settings=None):
    """A broker with a database of its own."""
    return Broker(plan.folder / f"{name}.sqlite", SETTINGS | (settings or {}))


def simulator():
    """The upstream of the benchmarks, in a process of its own."""
    return Simulator()


def ratio(value, digits=2):
    return f"{value:.{digits}f}x"
