"""Recorded sessions of real services, replayed through the relay."""

import json
import time

import pytest

from support import recordings
from support.clients import client as client_of, new_conversation, pages
from support.processes import Broker, eventually, running
from support.realtime_upstream import realtime_upstream
from support.relay import RelayClient, acting, messages, reads_in_the_end, url_of

# What the transcript of an item may say besides its text.
NOTES = ("phase", "audio_end_ms", "transcription")
ROLES = {"function_call": "assistant", "function_call_output": "tool"}


@pytest.fixture(scope="module")
def replayed():
    """The upstream that says what was recorded."""
    with realtime_upstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def broker(replayed, tmp_path_factory):
    """The broker in front of it."""
    folder = tmp_path_factory.mktemp("recordings")
    with running(Broker(folder / "broker.sqlite", replayed.settings)) as server:
        yield server


def current(event):
    """An event whose session is not over yet."""
    session = event.get("session")
    if not isinstance(session, dict):
        return event
    return event | {"session": session | {"expires_at": int(time.time()) + 3600}}


def begin(relay, peer, frames):
    """Opens the session as the recording's server did; the frames that are left."""
    if frames[0][1]["type"] == "session.created":
        created, frames = current(frames[0][1]), frames[1:]
        peer.socket.send(json.dumps(created))
        asked = peer.wait("session.update")["session"]
        peer.send("session.updated", session=created["session"] | asked)
    else:
        peer.open()
    relay.wait("session.created")
    return frames


def replay(relay, peer, frames):
    """Plays a connection: each side says its part when it has heard what came before."""
    unheard = None
    for side, event in begin(relay, peer, frames):
        if side == "server":
            peer.socket.send(json.dumps(current(event)))
            unheard = event.get("event_id") or unheard
            continue
        if unheard is not None:
            heard(relay, unheard)
            unheard = None
        relay.socket.send(json.dumps(event))
        peer.wait(event["type"])
    if unheard is not None:
        heard(relay, unheard)


def heard(relay, id):
    while relay.event().get("event_id") != id:
        pass


def as_expected(item):
    """What an expected item must look like in REST."""
    metadata = {"name": item.get("name"), "call_id": item.get("call_id")}
    content = item.get("arguments") or item.get("output") or item["content"] or ""
    notes = {name: (item.get("metadata") or {}).get(name) for name in NOTES}
    return (item["item_id"], item["type"], ROLES.get(item["type"], item["role"]), content,
            item["status"] or "completed", metadata, notes)


def as_told(message):
    """The same of a message."""
    metadata = message["metadata"]
    return (message["item_id"], message["type"], message["role"], message["content"],
            message["status"], {name: metadata.get(name) for name in ("name", "call_id")},
            {name: metadata.get(name) for name in NOTES})


def is_over(client, conversation):
    """Whether the session of a conversation has ended: nothing is written behind that."""
    session, = [session for session in pages(client, "/api/sessions")
                if session["conversation_id"] == conversation]
    return session["status"] == "ended"


@pytest.mark.parametrize("name", recordings.NAMES)
def test_a_recorded_session_is_stored_as_people_read_it(broker, replayed, name):
    expected = recordings.expected(name)
    connections = recordings.connections(name)
    assert len(connections) == len(expected)
    with client_of(broker) as client:
        # Another connection is another session of the recording's, so it is one here.
        for frames, items in zip(connections, expected):
            conversation = new_conversation(client)
            url = url_of(broker, conversation_id=conversation)
            with RelayClient(url, headers=acting(client)) as relay:
                peer = replayed.accept()
                replay(relay, peer, frames)
            eventually(lambda id=conversation: is_over(client, id))
            reads_in_the_end(
                lambda id=conversation: [as_told(m) for m in messages(client, id)],
                [as_expected(item) for item in items])
