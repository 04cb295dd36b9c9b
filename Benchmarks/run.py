"""Runs the benchmarks; bin/bench builds the broker and calls this."""

import argparse
import pathlib
import sys
import tempfile

import broadcast
import history
import mint
import relay
import report
import start
import writes
from harness import Plan
from memory import costs, quality

BENCHMARKS = {"writes": writes, "mint": mint, "history": history, "memory": costs,
              "quality": quality, "relay": relay,
              "broadcast": broadcast, "start": start}
PAGE = "docs/benchmarks.md"


def main():
    parser = argparse.ArgumentParser(prog="bin/bench")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default=",".join(BENCHMARKS))
    parser.add_argument("--output")
    options = parser.parse_args()
    names = options.only.split(",")
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="broker-bench-") as folder:
        sizes = (2, 1, 20_000) if options.quick else (5, 3, 1_000_000)
        plan = Plan(*sizes, folder=pathlib.Path(folder))
        rows = []
        for name in names:
            print(f"measuring {name}", file=sys.stderr)
            rows += BENCHMARKS[name].measure(plan)
            # A later one that fails does not take these away.
            print(report.page(rows, plan), file=sys.stderr)
    page = report.page(rows, plan)
    whole = not options.quick and set(names) == set(BENCHMARKS)
    if output := options.output or (PAGE if whole else None):
        pathlib.Path(output).write_text(page)
    print(page)


if __name__ == "__main__":
    main()
