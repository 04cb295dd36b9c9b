"""What the memory engine is told and asked through."""

import datetime

from support.clients import new_conversation, succeeded
from support.processes import eventually


def day(text):
    """A calendar day's noon in Unix seconds."""
    return int(datetime.datetime.fromisoformat(f"{text}T12:00:00+00:00").timestamp())


def settled(client, within=30):
    """Waits until everything that is stored is indexed."""
    eventually(lambda: succeeded(client.get("/readyz"))["memory"]["behind"] == 0, within)


def store(client, conversation, messages):
    """Stores messages in one request; a text alone is a user's."""
    body = [{"role": "user", "content": message} if isinstance(message, str) else message
            for message in messages]
    path = f"/api/conversations/{conversation}/messages"
    return succeeded(client.post(path, json={"messages": body}), 201)["data"]


def tell(client, *messages):
    """Stores messages in a conversation of their own, indexed; they, as stored."""
    stored = store(client, new_conversation(client), messages)
    settled(client)
    return stored


def search(client, query, **parameters):
    """The hits of a search."""
    page = succeeded(client.get("/api/search", params={"q": query} | parameters))
    assert page["object"] == "list"
    return page["data"]


def found(client, query, **parameters):
    """What the messages that a search finds say."""
    return [hit["message"]["content"] for hit in search(client, query, **parameters)]


def recall(client, query, **fields):
    """The answer of a recall."""
    return succeeded(client.post("/api/recall", json={"query": query} | fields))


def recalled(client, query, **fields):
    """What the messages that a recall finds say."""
    return [hit["message"]["content"] for hit in recall(client, query, **fields)["data"]]


def context(client, **parameters):
    """What the next session would be told."""
    return succeeded(client.get("/api/context", params=parameters))


def facts(client):
    """All that is known of the user, newest first."""
    page = succeeded(client.get("/api/memory", params={"limit": 100}))
    assert page["object"] == "list" and not page["has_more"]
    return page["data"]


# Texts that mean something to a query language, a shell, a page or a parser, or that have no words.
ODD_TEXTS = [
    '"', "'", '""', '"boxes', "boxes\"", "AND", "OR", "NOT", "NEAR", "boxes AND", "NOT boxes",
    "NEAR(boxes dog, 3)", "boxes*", "*", "terms:boxes", "owner : u1", "speaker:", "^boxes", "^",
    "(", ")", "(boxes", "boxes)", "{boxes dog}", "-terms:boxes", "boxes + dog", "boxes -dog", "%",
    "_", "\\", ";", "'; DROP TABLE items; --", "--", "?", "?1", ":a", "@", "#", "$", "<b>", "&amp;",
    "a", "I", "é", "ß", "0", "🐕", "🐕‍🦺 👩‍👩‍👧", "漢", "漢字かな交じり文", "한국어", "ไทย", "עברית", "\u202e",
    "\u0301", "\ufeff", "the", "the and of", "u1", "c1", "y2026", "not", "x" * 4096, "a " * 2000,
    "boxes\nAND\tdog", "boxes\r\n# heading",
]
