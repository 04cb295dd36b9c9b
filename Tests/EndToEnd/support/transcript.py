"""A voice conversation to store, as upstream would have reported it."""

import json
import pathlib

PATH = pathlib.Path(__file__).resolve().parents[1] / "data/transcript.jsonl"


def transcript():
    """The messages in order, each naming the one before it."""
    messages = [json.loads(line) for line in PATH.read_text().splitlines()]
    previous = None
    for message in messages:
        message["previous_item_id"] = previous
        previous = message["item_id"]
    return messages
