"""From start to first answer, and memory at rest."""

import re
import statistics
import time

from harness import Client, Row, broker
from support.processes import running

START_MS, IDLE_MIB = 100, 30
REAL = {"OPENAI_API_KEY": "sk-none", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}


def measure(plan):
    rows = []
    for name, settings in (("", REAL), (" with the built-in simulator", {})):
        times, memory = [], []
        for _ in range(5 * plan.rounds):
            began = time.monotonic()
            with running(broker(plan, "start", settings)) as server:
                Client(server, "first").call("GET", "/healthz")
                times.append((time.monotonic() - began) * 1000)
                memory.append(resident(server.pid))
        first = statistics.median(times)
        rss, pss = (statistics.median(column) for column in zip(*memory))
        rows += [
            Row(f"start to first answer{name}", f"{first:.0f} ms", "-", "-", f"< {START_MS} ms",
                first < START_MS),
            Row(f"idle memory{name}", f"RSS {rss:.1f} MiB, PSS {pss:.1f} MiB", "-", "-",
                f"< {IDLE_MIB} MiB", pss < IDLE_MIB),
        ]
    return rows


def resident(pid):
    """Resident and proportional size in MiB (proc(5), smaps_rollup)."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        text = file.read()
    return tuple(int(re.search(rf"^{name}: +(\d+) kB", text, re.M)[1]) / 1024
                 for name in ("Rss", "Pss"))
