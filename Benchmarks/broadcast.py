"""Ten thousand listeners of one broadcast, beside nginx with nchan and the same listeners."""

import contextlib
import json
import math
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys

from harness import Client, Row, broker, build, cpu_seconds, expect, ratio
from relay import free_port, nginx, workers
from start import resident
from support.processes import SERVICE_KEY, running

SOURCES = pathlib.Path(__file__).parent / "broadcast"
LISTENERS, STALLED = 10_000, 100
# How many deltas a segment has, its length, and how many events come in a second.
SHORT, LONG = (8, 400), (0, 31_000)
# Within this time, long ones fill the queues of those who do not read.
STALL_SECONDS = 17
EVENTS_PER_SECOND, LONG_EVENTS_PER_SECOND = 3, 1
NCHAN = "/usr/lib/nginx/modules/ngx_nchan_module.so"
NCHAN_TRIES = 5


def measure(plan):
    load = build(SOURCES / "listen.c", plan.folder)
    return full_speed(plan, load) + in_real_time(plan, load) + stalled(plan, load)


class Run:
    """What one load saw, and what the server took for it."""

    def __init__(self, server, load, arguments, seconds, **given):
        command = [load, str(server.port), *server.paths, *map(str, arguments), str(seconds),
                   *server.source]
        before = server.memory()
        with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **given) as process:
            expect(process, "ready")
            self.listener_kib = (server.memory() - before) / LISTENERS
            process.stdin.write("go\n")
            process.stdin.flush()
            expect(process, "measuring")
            cpu = cpu_seconds(server.pids)
            expect(process, "measured")
            cpu = cpu_seconds(server.pids) - cpu
            self.__dict__ |= json.loads(process.stdout.readline() or "{}")
        if process.returncode:
            raise RuntimeError(f"the load has ended with {process.returncode}")
        # Nothing comes any more where a message was lost that the load waits for.
        self.cpu_us = cpu * 1e6 / (self.per_second * seconds) if self.per_second else math.inf


def medians(runs, *fields):
    return [statistics.median(getattr(run, field) for run in runs) for field in fields]


def beside_each_other(plan, load, rate):
    """Runs of both, in turn, each with a server of its own."""
    runs = {broker_run: [], nchan_run: []}
    for _ in range(plan.rounds):
        for run, found in runs.items():
            found.append(run(plan, load, [LISTENERS, 0, *SHORT, rate]))
    return runs.values()


def full_speed(plan, load):
    """The next event as soon as all listeners have all but the last few."""
    ours, others = beside_each_other(plan, load, 0)
    fields = "per_second", "cpu_us", "reader_share", "listener_kib"
    rate, cpu, share, memory = medians(ours, *fields)
    other_rate, other_cpu, other_share, other_memory = medians(others, *fields)
    return [
        Row(f"broadcast: deliveries/s to {LISTENERS:,} listeners",
            f"{rate:,.0f}/s (load: {share:.0%} of a core)",
            f"nchan: {other_rate:,.0f}/s (load: {other_share:.0%})",
            ratio(rate / other_rate), ">= 1x", rate >= other_rate),
        Row("broadcast: CPU per delivery", f"{cpu:.2f} µs", f"nchan: {other_cpu:.2f} µs",
            ratio(other_cpu / cpu), "-", None),
        Row("broadcast: memory per listener", f"{memory:.1f} KiB", f"nchan: {other_memory:.1f} KiB",
            ratio(memory / other_memory), "-", None),
    ]


def in_real_time(plan, load):
    """A few events a second, as somebody speaks."""
    ours, others = beside_each_other(plan, load, EVENTS_PER_SECOND)
    fields = "p50_ms", "p99_ms", "completed_p99_ms"
    p50, p99, stored = medians(ours, *fields)
    other_p50, other_p99, _ = medians(others, *fields)
    return [
        Row(f"broadcast: from the source to a listener, {EVENTS_PER_SECOND} events/s, p99",
            f"{p99:.0f} ms (p50 {p50:.0f} ms; what is stored first {stored:.0f} ms)",
            f"nchan: {other_p99:.0f} ms (p50 {other_p50:.0f} ms; stores nothing)",
            ratio(p99 / other_p99), "<= 1x", p99 <= other_p99)]


def stalled(plan, load):
    """What those who read nothing do to the others."""
    runs = {0: [], STALLED: []}
    # The slowest of some twenty events counts, so that a few more rounds are needed, in either order.
    for turn in range(2 * plan.rounds - 1):
        for count in sorted(runs, reverse=turn % 2 == 1):
            runs[count].append(broker_run(
                plan, load, [LISTENERS, count, *LONG, LONG_EVENTS_PER_SECOND], STALL_SECONDS))
    without, among = (
        medians(found, "p99_ms", "per_second", "p50_ms") for found in runs.values())
    dropped = min(run.dropped for run in runs[STALLED])
    return [
        Row(f"broadcast: p99 with {STALLED} of them stalled, which are dropped",
            f"{among[0]:.0f} ms (p50 {among[2]:.0f} ms), {among[1]:,.0f} deliveries/s, {dropped} dropped",
            f"without: {without[0]:.0f} ms (p50 {without[2]:.0f} ms), {without[1]:,.0f} deliveries/s",
            ratio(among[0] / without[0]), "<= 1.1x, all dropped",
            among[0] <= 1.1 * without[0] and dropped == STALLED)]


class Server:
    """A server of listeners: how it is reached, and the processes that it is."""

    def __init__(self, port, pids, paths, source):
        self.port, self.pids, self.paths, self.source = port, pids, paths, source

    def memory(self):
        """The proportional size of all processes, in KiB."""
        return 1024 * sum(resident(pid)[1] for pid in self.pids)


def broker_run(plan, load, arguments, seconds=None):
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        folder = plan.folder / "broadcast"
        stack.callback(shutil.rmtree, folder)
        folder.mkdir()
        server = stack.enter_context(running(broker(plan, "broadcast/broker", {
            "OPENAI_API_KEY": "sk-none",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{upstream.getsockname()[1]}/v1"})))
        made = Client(server, "speaker").call(
            "POST", "/api/broadcasts", {"source_language": "en", "languages": []})
        path = f"/api/broadcasts/{made['id']}"
        header = f"Authorization: Bearer {SERVICE_KEY}\r\nX-Broker-User: speaker"
        way = Server(
            server.port, [server.pid],
            [f"{path}/listen?language=en", f"{path}/events?language=en", "broadcast.joined"],
            ["upstream", str(upstream.fileno()), f"{path}/speak", header])
        run = Run(way, load, arguments, seconds or plan.seconds, pass_fds=[upstream.fileno()])
    if run.wrong or not run.per_second:
        raise RuntimeError(f"{run.wrong} listeners miss something, or got it twice")
    return run


def nchan_run(plan, load, arguments):
    """A run in which messages got lost is made again."""
    for _ in range(NCHAN_TRIES):
        with nchan(plan) as server:
            run = Run(server, load, arguments, plan.seconds)
        if not run.wrong and run.per_second:
            return run
        print(f"nchan: {run.wrong:,} listeners have missed something", file=sys.stderr)
    raise RuntimeError("nchan loses messages")


@contextlib.contextmanager
def nchan(plan):
    """nginx with nchan; it keeps as many messages as the broker."""
    port = free_port()
    with nginx(plan.folder / "nchan", f"""
            nchan_message_buffer_length 1000; keepalive_requests 1000000;
            server {{
                listen 127.0.0.1:{port} reuseport backlog=4096;
                location /publish {{ nchan_publisher http; nchan_channel_id one; }}
                location /listen {{
                    nchan_subscriber websocket eventsource; nchan_channel_id one;
                    nchan_subscriber_first_message newest;
                }}
            }}""", port, NCHAN) as process:
        yield Server(port, [process.pid, *workers(process)],
                     ["/listen", "/listen", ""], ["publish", "/publish"])
