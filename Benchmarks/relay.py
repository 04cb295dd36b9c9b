"""Relaying audio, beside nginx proxying the same WebSockets."""

import contextlib
import pathlib
import shutil
import socket
import statistics
import subprocess

from harness import Client, Row, broker, build, cpu_seconds, expect, ratio
from start import resident
from support.processes import SERVICE_KEY, eventually, running

SOURCES = pathlib.Path(__file__).parent / "relay"
SHARE, ADDED_MS, SESSION_KIB = 0.8, 0.1, 64
TALKERS, SESSIONS = 64, 1_000
# 100 ms of 24 kHz PCM in each.
PIECE_MS = 100


def measure(plan):
    load, upstream = (
        build(SOURCES / f"{name}.c", plan.folder) for name in ("load", "upstream"))
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(upstream_server(upstream))
        ways = {
            "broker": stack.enter_context(broker_way(plan, port)),
            "nginx": stack.enter_context(nginx_way(plan, port)),
            "direct": Way(port, []),
        }
        return (throughput(plan, load, ways) + latency(plan, load, ways)
                + sessions(plan, load, port))


class Way:
    """A way to upstream: a port, and the processes that carry it."""

    def __init__(self, port, pids, header="-"):
        self.port, self.pids, self.header = port, pids, header

    def start(self, load, connections, seconds, interval):
        return subprocess.Popen(
            [load, str(self.port), "/v1/realtime?model=gpt-realtime", self.header,
             str(connections), str(seconds), str(interval)], stdout=subprocess.PIPE, text=True)

    def run(self, load, connections, seconds, interval):
        """Pieces per second, the processes' CPU per piece in µs, p50 and p99 in µs."""
        with self.start(load, connections, seconds, interval) as process:
            expect(process, "ready")
            before = cpu_seconds(self.pids)
            rate, p50, p99 = map(float, process.stdout.readline().split())
            cpu = cpu_seconds(self.pids) - before
        # Another half second warmed up.
        return rate, cpu * 1e6 / (rate * (seconds + 0.5)), p50, p99


def throughput(plan, load, ways):
    runs = {name: [] for name in ("broker", "nginx")}
    for _ in range(plan.rounds):
        for name, found in runs.items():
            found.append(ways[name].run(load, TALKERS, plan.seconds, 0))
    (our_rate, our_cpu), (rate, cpu) = (
        [statistics.median(column) for column in list(zip(*found))[:2]] for found in runs.values())
    # A piece goes up and one comes down.
    return [
        Row(f"relay: audio frames/s, {TALKERS} connections, transcripts stored",
            f"{2 * our_rate:,.0f}/s", f"nginx: {2 * rate:,.0f}/s", ratio(our_rate / rate),
            f">= {SHARE}x", our_rate >= SHARE * rate),
        Row("relay: CPU per frame", f"{our_cpu / 2:.2f} µs", f"nginx: {cpu / 2:.2f} µs",
            ratio(cpu / our_cpu), f">= {SHARE}x", cpu >= SHARE * our_cpu),
    ]


def latency(plan, load, ways):
    """One speaker in real time: what the way there and back takes more than straight to upstream."""
    runs = {name: [] for name in ways}
    for _ in range(plan.rounds):
        for name, way in ways.items():
            runs[name].append(way.run(load, 1, plan.seconds, 10)[2:])
    ours, nginx, direct = ([statistics.median(column) for column in zip(*found)]
                           for found in runs.values())
    added, other = ((way[0] - direct[0]) / 2000 for way in (ours, nginx))
    return [Row("relay: added latency one way, p50", f"{added:.3f} ms (p99 {ours[1] / 2000:.2f} ms)",
                f"nginx: {other:.3f} ms", ratio(added / other) if other > 0 else "-",
                f"< {ADDED_MS} ms", added < ADDED_MS)]


def sessions(plan, load, port):
    """What a session takes of memory, of so many that are open at once."""
    rows = []
    for what, interval in (("idle", -1), ("talking", PIECE_MS)):
        with broker_way(plan, port, f"relay-{what}") as way:
            empty = resident(way.pids[0])[0]
            with way.start(load, SESSIONS, plan.seconds, interval) as process:
                expect(process, "ready")
                result = None
                if interval > 0:
                    result = process.stdout.readline().split()
                full = resident(way.pids[0])[0]
                process.stdout.read()
            each = (full - empty) * 1024 / SESSIONS
            seen = "" if result is None else (
                f", {float(result[0]):,.0f} pieces/s, p99 {float(result[2]) / 1000:.1f} ms")
            is_bound = what == "idle"
            rows.append(Row(
                f"relay: memory per {what} session of {SESSIONS:,}", f"{each:.1f} KiB{seen}", "-", "-",
                f"< {SESSION_KIB} KiB" if is_bound else "-",
                each < SESSION_KIB if is_bound else None))
    return rows


@contextlib.contextmanager
def upstream_server(program):
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


@contextlib.contextmanager
def broker_way(plan, upstream, name="relay"):
    settings = {"OPENAI_API_KEY": "sk-none", "OPENAI_BASE_URL": f"http://127.0.0.1:{upstream}/v1"}
    with running(broker(plan, name, settings)) as server:
        Client(server, "first").call("GET", "/healthz")
        yield Way(server.port, [server.pid], f"Authorization: Bearer {SERVICE_KEY}")


@contextlib.contextmanager
def nginx_way(plan, upstream):
    port = free_port()
    with nginx(plan.folder / "nginx", f"""
            server {{
                listen 127.0.0.1:{port};
                location / {{
                    proxy_pass http://127.0.0.1:{upstream};
                    proxy_http_version 1.1;
                    proxy_set_header Upgrade $http_upgrade;
                    proxy_set_header Connection upgrade;
                    proxy_read_timeout 1h;
                }}
            }}""", port) as process:
        yield Way(port, workers(process))


def workers(process):
    """The processes of nginx that serve."""
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in eventually(lambda: children.read_text().split())]


@contextlib.contextmanager
def nginx(folder, http, port, module=None):
    """nginx with as many workers as it likes best, and no log; its folder goes with it."""
    folder.mkdir()
    path = folder / "nginx.conf"
    path.write_text(f"""
        {f"load_module {module};" if module else ""}
        worker_processes auto; daemon off; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 16384; }}
        http {{
            access_log off;
            client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
            uwsgi_temp_path {folder}; scgi_temp_path {folder};
            {http}
        }}""")
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with subprocess.Popen([program, "-c", path, "-e", folder / "error.log"]) as process:
        try:
            eventually(lambda: answers(port))
            yield process
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(folder)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False
