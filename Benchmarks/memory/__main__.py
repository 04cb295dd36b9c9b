"""Measures the memory engine of the built broker on a data set of long conversations.

usage: python3 Benchmarks/memory [--data FILE] [--eval DIR] [--server URL --key KEY]

The exit code is not 0 when a score is below its least, when a user gets another's messages, or
when the same history gives two prompts. Without the data set or the scorers nothing is measured.
"""

import argparse
import os
import pathlib
import sys
import types
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Benchmarks"), str(ROOT / "Tests/EndToEnd")]
os.environ.setdefault("BROKER_BINARY", str(ROOT / ".build/release/broker"))

# ruff: noqa: E402  (the imports need the paths above)
from memory import dataset, quality, scoring
from support.processes import SERVICE_KEY


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/memory", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=dataset.DEFAULT)
    parser.add_argument("--eval", default=quality.SCORERS, help="the folder of the scorers")
    parser.add_argument("--server", type=loopback, help="one that runs on an empty database")
    parser.add_argument("--key", default=SERVICE_KEY, help="its service key")
    options = parser.parse_args()
    if absent := scoring.missing(options.data, options.eval):
        print(f"not measured, because it is missing: {', '.join(absent)}")
        return 0
    measured = quality.examine(options.data, options.eval, options.server, options.key)
    print(quality.page(measured))
    return 1 if measured.misses else 0


def loopback(url):
    """A server on this machine."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost"):
        raise argparse.ArgumentTypeError("must be http://127.0.0.1:PORT")
    return types.SimpleNamespace(url=url, port=parts.port)


if __name__ == "__main__":
    sys.exit(main())
