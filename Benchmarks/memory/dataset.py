"""A data set of long conversations: `conversations` of `sessions` of `messages`, and `questions`."""

import datetime
import json
import math
import pathlib

DEFAULT = pathlib.Path(__file__).resolve().parents[2] / "../shared/data/locomo-dev.json"
MINUTE = 60


def load(path):
    """The conversations of a data set's file."""
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["conversations"]


def said(message):
    """What is stored of a message: its text, and what the picture shows that came with it."""
    caption = message.get("imageCaption")
    return message["text"] + (f" [shares {caption}]" if caption else "")


def began(session):
    """When a session began, in Unix seconds."""
    return int(datetime.datetime.fromisoformat(session["startedAt"]).timestamp())


def posts(session, speakers):
    """A session's messages as they are posted, a minute apart."""
    start = began(session)
    return [
        {"item_id": message["id"], "role": message["role"], "content": said(message),
         "created_at": start + position * MINUTE,
         "metadata": {"speaker": speakers[message["role"]]}}
        for position, message in enumerate(session["messages"])]


def last_messages(conversation, tokens):
    """The prompt that needs no engine: as many of the last messages as fit.

    Without what pictures show, because that makes this prompt the better one.
    """
    lines, left = [], tokens
    messages = [message for session in conversation["sessions"] for message in session["messages"]]
    for message in reversed(messages):
        line = f"{message['speaker']}: {message['text']}\n"
        left -= math.ceil(len(line.encode()) / 4)
        if left < 0:
            break
        lines.append(line)
    return "".join(reversed(lines))
