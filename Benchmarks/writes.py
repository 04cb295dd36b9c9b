"""Durable single-message POSTs beside PostgreSQL inserting the same row."""

import itertools

from harness import TEXT, Client, Row, broker, median, ratio, wrk
from postgres import Cluster
from support.processes import running

_runs = itertools.count(1)
AIM = {1: None, 64: 2.0}


def measure(plan):
    rows = []
    with Cluster() as cluster, running(broker(plan, "writes")) as server:
        client = Client(server, "writer")
        one, many = [client.conversation()], [client.conversation() for _ in range(64)]

        def post(kind, conversations, connections):
            environment = {"BENCH_RUN": str(next(_runs)), "BENCH_TEXT": TEXT}
            return wrk(server.url, "post.lua", ["writer", kind, *conversations], connections,
                       plan.seconds, environment)

        for connections in (1, 64):
            plain, items, theirs = [], [], []
            for _ in range(plan.rounds):
                plain.append(post("plain", one, connections))
                theirs.append(cluster.inserts_per_second(connections, plan.seconds))
                items.append(post("items", many, connections))
            other = sorted(theirs)[len(theirs) // 2]
            for name, loads in (("one conversation", plain),
                                ("64 conversations, distinct `item_id`s", items)):
                rows.append(row(name, connections, loads, other, cluster.version))
    return rows


def row(name, connections, loads, other, version):
    ours = median(loads, "per_second")
    aim = AIM[connections]
    return Row(
        f"durable single-message POSTs, {connections} connection{'s' * (connections > 1)}, {name}",
        f"{ours:,.0f}/s (p50 {median(loads, 'p50_ms'):.2f} ms, p99 {median(loads, 'p99_ms'):.2f} ms)",
        f"PostgreSQL {version}, pgbench: {other:,.0f}/s",
        ratio(ours / other), f">= {aim:g}x" if aim else "-", ours / other >= aim if aim else None)
