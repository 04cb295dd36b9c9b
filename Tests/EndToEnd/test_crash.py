"""What was acknowledged survives kill -9 and SIGTERM under load: there, once, in order."""

import random
import threading

import httpx
import pytest

from support.clients import client as client_of, contents, new_conversation, new_user, refused, succeeded
from support.processes import eventually
from support.raw import RawConnection, post
from support.upstream import Reply, minted, upstream

WRITERS = 6
ROUNDS = 12


class Writer:
    """Reports one item after the other to a conversation, and remembers what was acknowledged."""

    def __init__(self, number):
        self.user = new_user()
        self.number = number
        self.sent = 0
        self.acknowledged = 0
        self.conversation = None
        self.problem = None

    def content(self, number):
        return f"writer {self.number} says {number}"

    @property
    def expected(self):
        return [self.content(number) for number in range(self.acknowledged)]

    def prepare(self, server):
        with client_of(server, self.user) as client:
            self.conversation = new_conversation(client)

    def write(self, server):
        """Writes until the server is gone; the last one may be stored without our knowing."""
        try:
            with client_of(server, self.user) as client:
                while True:
                    self._report(client, self.acknowledged)
        except (httpx.TransportError, ConnectionError):
            return
        except BaseException as problem:  # a thread's failure must reach the test
            self.problem = problem

    def _report(self, client, number):
        # After a crash the item that was in flight is reported again, as a client would.
        response = client.post(f"/api/conversations/{self.conversation}/messages", json={
            "item_id": f"item_{number}", "role": "user", "content": self.content(number),
            "previous_item_id": f"item_{number - 1}" if number else None})
        assert response.status_code in (200, 201), response.text
        self.acknowledged = number + 1

    def check(self, server):
        """Everything acknowledged is there once and in order, and at most the one in flight too."""
        assert self.problem is None, self.problem
        with client_of(server, self.user) as client:
            stored = contents(client, self.conversation)
            count = succeeded(client.get(f"/api/conversations/{self.conversation}"))
        assert count["message_count"] == len(stored)
        assert stored[:self.acknowledged] == self.expected
        assert stored[self.acknowledged:] in ([], [self.content(self.acknowledged)])


def write_until(server, writers, end, after):
    """Lets all writers write, ends the server when `after` more messages are acknowledged."""
    threads = [threading.Thread(target=writer.write, args=(server,)) for writer in writers]
    goal = sum(writer.acknowledged for writer in writers) + after
    for thread in threads:
        thread.start()
    eventually(lambda: sum(writer.acknowledged for writer in writers) >= goal, within=30)
    code = end()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return code


def test_every_acknowledged_message_survives_kill_9_under_load(start):
    writers = [Writer(number) for number in range(WRITERS)]
    moments = random.Random(9)
    server = start()
    for writer in writers:
        writer.prepare(server)
    for _ in range(ROUNDS):
        write_until(server, writers, server.kill, after=moments.randint(1, 300))
        server = start()
        for writer in writers:
            writer.check(server)
    assert sum(writer.acknowledged for writer in writers) > ROUNDS


def test_a_batch_cut_by_kill_9_is_there_whole_or_not_at_all(start):
    server, user = start(), new_user()
    batch = {"messages": [{"role": "user", "content": f"part {n}"} for n in range(2000)]}
    moments = random.Random(5)
    with client_of(server, user) as client:
        conversation = new_conversation(client)
    for _ in range(6):
        acknowledged = threading.Event()

        def write(server=server, acknowledged=acknowledged):
            try:
                with client_of(server, user) as client:
                    path = f"/api/conversations/{conversation}/messages"
                    if client.post(path, json=batch).status_code == 201:
                        acknowledged.set()
            except httpx.TransportError:
                return

        thread = threading.Thread(target=write)
        thread.start()
        thread.join(moments.uniform(0.0, 0.15))
        server.kill()
        thread.join(30)
        server = start()
        with client_of(server, user) as client:
            stored = contents(client, conversation)
            assert len(stored) in ((2000,) if acknowledged.is_set() else (0, 2000))
            conversation = new_conversation(client)


def test_sigterm_under_load_loses_nothing_and_exits_with_0(start):
    writers = [Writer(number) for number in range(WRITERS)]
    for _ in range(3):
        server = start()
        for writer in writers:
            if writer.conversation is None:
                writer.prepare(server)
        assert write_until(server, writers, server.terminate, after=100) == 0
        server = start()
        for writer in writers:
            writer.check(server)
        assert server.terminate() == 0


@pytest.fixture
def held(start):
    """A broker whose upstream waits, and what lets it go on."""
    release = threading.Event()
    with upstream(Reply(wait=release)) as provider:
        provider.release = release
        yield start, provider
        release.set()


def mint_in_flight(server, provider):
    """A connection with a mint that upstream has and does not answer."""
    connection = RawConnection(server)
    connection.send(post("/api/session", b"{}"))
    eventually(lambda: provider.requests)
    return connection


def test_a_request_in_flight_is_answered_after_sigterm(held):
    start, provider = held
    reply = minted()
    reply.wait = provider.release
    provider.script(reply)
    server = start(provider.settings)
    with mint_in_flight(server, provider) as connection:
        server.process.terminate()
        eventually(lambda: not accepts(server))
        assert server.is_running
        provider.release.set()
        answer = connection.answer()
        assert answer.status == 201
        assert answer.headers["connection"].lower() == "close"
    assert server.wait() == 0


def accepts(server):
    """Whether new connections still get in."""
    try:
        with RawConnection(server):
            return True
    except ConnectionRefusedError:
        return False


def test_a_request_that_does_not_end_does_not_hold_the_stop_up(held):
    start, provider = held
    server = start(provider.settings | {"BROKER_DRAIN_SECONDS": 0.3})
    with mint_in_flight(server, provider) as connection:
        assert server.terminate() == 0
        answer = connection.answer_or_close()
        if answer is not None:
            answer.refused(answer.status)
            assert answer.status >= 500


def test_stopping_an_idle_broker_is_quick_and_leaves_no_journal(start):
    server = start()
    with client_of(server) as client:
        conversation = new_conversation(client)
        refused(client.get("/api/messages/msg_1"), 404)
        connection = RawConnection(server)
        assert server.terminate() == 0
        connection.__exit__()
    journal = server.database.with_name(server.database.name + "-wal")
    assert not journal.exists() or journal.stat().st_size == 0
    assert conversation
