"""Names what failed in JUnit reports, and prints `N passed, N failed` as the last line.

usage: summary.py FAILED_RUNS REPORT...
The exit code says whether all passed.
"""

import sys
import xml.etree.ElementTree as ElementTree


def is_bad(case):
    """Whether a test case failed; one that was skipped was not passed either."""
    return any(element.tag in ("failure", "error", "skipped") for element in case)


def read(path):
    """The names of the test cases of one report that passed, and that failed.

    A report that can't be read counts as a failure.
    """
    try:
        cases = list(ElementTree.parse(path).iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        return [], [f"{path}: {error}"]
    names = [(f"{case.get('classname')}.{case.get('name')}", is_bad(case)) for case in cases]
    return [name for name, bad in names if not bad], [name for name, bad in names if bad]


def main():
    failed_runs, reports = int(sys.argv[1]), sys.argv[2:]
    results = [read(path) for path in reports]
    passed = sum(len(good) for good, _ in results)
    bad = [name for _, names in results for name in names]
    for name in bad:
        print(f"failed: {name}")
    # A run that failed as a whole (a crash, a build error) is a failure without a report's help.
    failed = max(len(bad), failed_runs)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
