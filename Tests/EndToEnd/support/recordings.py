"""Recorded sessions of real services, which lie outside of this repository."""

import json
import os
import pathlib

from support.processes import ROOT

FOLDER = pathlib.Path(os.environ.get("BROKER_RECORDINGS", ROOT.parent / "shared/recordings"))
SUFFIX = ".expected.json"
NAMES = sorted(path.name.removesuffix(SUFFIX) for path in FOLDER.glob(f"*{SUFFIX}"))


def connections(name):
    """The frames of each connection of a recording: whose they are, and the event."""
    connections = [[]]
    for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()[1:]:
        frame = json.loads(line)
        if "close" in frame:
            connections.append([])
        else:
            connections[-1].append((frame["dir"], frame["event"]))
    return [frames for frames in connections if frames]


def expected(name):
    """The items of each connection, as people read them in it."""
    return json.loads((FOLDER / f"{name}{SUFFIX}").read_text())["sessions"]
