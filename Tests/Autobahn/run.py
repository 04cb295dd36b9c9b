"""Runs the Autobahn test suite against both ends of our WebSockets, at the same time.

usage: run.py [--cases PATTERN[,PATTERN]]

Needs .build/debug/websocket-echo, and the suite in .autobahn (bin/setup --autobahn). Prints a table
of results for each end; the exit code says whether every case passed. The suite's own reports, one
page for each case, are left in .build/autobahn.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ECHO = ROOT / ".build/debug/websocket-echo"
SUITE = ROOT / ".autobahn/bin/wstest"
REPORTS = ROOT / ".build/autobahn"
AGENT = "broker"
LIMIT_SECONDS = 3600

# What the suite calls a result, the best first; docs/websocket.md says what is behind each.
PASSING = ("OK", "NON-STRICT", "INFORMATIONAL")
# It cannot be tried: the suite's server asks for a window that our client does not offer.
UNTRIED = ("client", re.compile(r"13\.[3-6]\."), "UNIMPLEMENTED")


def suite(mode, name, cases, **settings):
    """The command that runs the suite in one of its modes, with its settings written to a file."""
    folder = REPORTS / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    specification = folder / "specification.json"
    settings |= {
        "outdir": str(folder),
        "cases": cases,
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }
    specification.write_text(json.dumps(settings))
    log = (folder / "suite.log").open("wb")
    command = [SUITE, "--mode", mode, "--spec", specification, "--webport", "0"]
    return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


@contextlib.contextmanager
def ended(*processes):
    """Ends processes, whatever happens."""
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def check_server(cases):
    """The suite is the client of our server."""
    server = subprocess.Popen([ECHO, "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with ended(server):
        port = int(server.stdout.readline())
        target = {"agent": AGENT, "url": f"ws://127.0.0.1:{port}/"}
        client = suite("fuzzingclient", "server", cases, servers=[target])
        with ended(client):
            client.wait(LIMIT_SECONDS)
    return results("server")


def check_client(cases):
    """The suite is the server of our client."""
    port = free_port()
    server = suite("fuzzingserver", "client", cases, url=f"ws://127.0.0.1:{port}")
    with ended(server):
        wait_for(port)
        subprocess.run([ECHO, "client", str(port), AGENT], check=True, timeout=LIMIT_SECONDS)
    return results("client")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    sys.exit("the suite's server did not start; see .build/autobahn/client/suite.log")


def results(name):
    """The result of each case: the worse one of the messages' and of the ending's."""
    index = json.loads((REPORTS / name / "index.json").read_text())[AGENT]
    ranks = {result: rank for rank, result in enumerate(PASSING)}
    return {
        case: max(entry["behavior"], entry["behaviorClose"], key=lambda r: ranks.get(r, 99))
        for case, entry in index.items()
    }


def report(name, found):
    """Prints how many cases of each category had which result; returns those that failed."""
    table = collections.defaultdict(collections.Counter)
    for case, result in found.items():
        table[int(case.split(".")[0])][result] += 1
    for category, counts in sorted(table.items()):
        counts = ", ".join(f"{count} {result}" for result, count in counts.most_common())
        print(f"{name}, {category}.*: {counts}")
    for case, result in sorted(found.items(), key=lambda item: numbers(item[0])):
        if result != "OK" and not (result == UNTRIED[2] and passes(name, case, result)):
            print(f"{name}, {case}: {result}")
    return [case for case, result in found.items() if not passes(name, case, result)]


def passes(name, case, result):
    role, cases, untried = UNTRIED
    return result in PASSING or (name == role and cases.match(case) and result == untried)


def numbers(case):
    return [int(number) for number in case.split(".")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", default="*")
    cases = parser.parse_args().cases.split(",")
    checks = {"server": check_server, "client": check_client}
    failed = 0
    with concurrent.futures.ThreadPoolExecutor() as pool:
        running = {name: pool.submit(check, cases) for name, check in checks.items()}
        for name, check in running.items():
            found = check.result()
            failed += len(report(name, found))
            print(f"{name}: {len(found)} cases", flush=True)
            failed += not found
    print("Autobahn:", f"{failed} failed" if failed else "passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
