"""The page that one run of the benchmarks writes."""

import os
import platform
import subprocess

PAGE = """# Benchmarks

`bin/bench` measured this in one run on one machine, on loopback: {machine}.
Each number is the median of {rounds} rounds of {seconds} s, the sides taking turns, so that what else
the machine does meets both. The ratios are what counts; the absolute numbers are this machine's, where
server, client and what it is compared with share the cores.

| what | broker | beside it | ratio | aim | met |
| --- | --- | --- | --- | --- | --- |
{table}

How it is measured:

- The broker is the release build with its defaults but for the access log, which is off. `wrk` makes the load.
- A POST is acknowledged after its commit (`synchronous=FULL`). PostgreSQL runs in a cluster of its own with
  `synchronous_commit=on` and `fsync=on` on the same disk; `pgbench` sends prepared statements over a Unix socket and
  inserts the same row under a primary key and the three unique indexes that a list and an upsert need.
- Upstream of the mints is `broker simulate` in a process of its own; every mint through the broker also stores
  the session and its conversation durably.
- The long history is one conversation of one user, stored through the API; both histories are read and written by
  one connection at a time.
- Memory is measured with one user who said that many things in conversations of 1,000 messages, whose words are as
  unevenly common as those of real ones. Recall goes round 500 queries of each kind; how far indexing is behind is what
  `/metrics` says.
- How much is found again is measured on a data set that is not part of this repository (`Benchmarks/memory/README.md`);
  those rows are left out where it is missing.
- A broadcast has 10,000 listeners, every other one by WebSocket and by server-sent events; nginx with nchan has the same, and
  publishes the same JSON at the same moments. The broker gets its text from what stands for upstream, stores the whole
  segments and then tells them; nchan gets whole messages by HTTP and stores nothing. One program (`Benchmarks/broadcast`) is
  source and listeners; each text carries the moment in which it was made, and everybody must get everything once.
  The share of a core that its listeners take says that they do not limit. Memory is the proportional size, with all of them there
  and silent, over what it was without.
- Those who are stalled read nothing behind the handshake, while segments of 31,000 characters are told; without them, the same is told.
- Idle memory is read after the first answer; the aim is for the proportional size (PSS).
"""


def page(rows, plan):
    lines = [
        f"| {r.what} | {r.ours} | {r.other} | {r.ratio} | {r.aim} | {word(r.met)} |" for r in rows]
    return PAGE.format(
        machine=machine(), rounds=plan.rounds, seconds=plan.seconds, table="\n".join(lines))


def word(met):
    return "-" if met is None else "yes" if met else "**no**"


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    swift = subprocess.run(
        ["swift", "--version"], capture_output=True, text=True, check=True).stdout
    version = swift.split("Swift version ")[1].split()[0]
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {system}, Swift {version}"
