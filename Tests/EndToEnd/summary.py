"""Prints `N passed, N failed` over JUnit reports; the exit code says whether all passed.

usage: summary.py FAILED_RUNS REPORT...
"""

import sys
import xml.etree.ElementTree as ElementTree


def count(path):
    """Passed and failed test cases of one report; an unreadable one counts as a failure."""
    try:
        cases = list(ElementTree.parse(path).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return 0, 1
    bad = sum(1 for case in cases if any(e.tag in ("failure", "error", "skipped") for e in case))
    return len(cases) - bad, bad


def main():
    failed_runs, reports = int(sys.argv[1]), sys.argv[2:]
    counts = [count(path) for path in reports]
    passed = sum(good for good, _ in counts)
    # A run that failed as a whole (a crash, a build error) is a failure without a report's help.
    failed = max(sum(bad for _, bad in counts), failed_runs)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
