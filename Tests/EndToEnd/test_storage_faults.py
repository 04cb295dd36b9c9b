"""A database that cannot be written: a 503 says so, nothing is half-stored, and it recovers."""

import contextlib
import resource
import sqlite3
import subprocess
import time

import pytest

from support.broadcasts import TONES, SocketListener, Speaker, new_broadcast, told
from support.clients import client as client_of, contents, new_conversation, refused, say, succeeded
from support.disks import SmallDisk, can_mount, read_only, small
from support.processes import (
    BINARY, Broker, clean_environment, eventually, run, running)
from support.relay import RelayClient, reads_in_the_end, text_session

CAN_MOUNT = can_mount()
USER = "someone"
BATCH = {"messages": [{"role": "user", "content": "half " * 2000} for _ in range(50)]}


class FullDisk:
    """A real disk, filled to its last block."""

    def __init__(self, start, folder):
        self.server = start(database=folder / "broker.sqlite", prefix=small(folder, 8))
        self._disk = SmallDisk(self.server.pid, folder)

    def break_(self):
        self._disk.fill()

    def mend(self):
        self._disk.free()


class FileSizeLimit:
    """No file may grow any more (setrlimit), as under a quota."""

    def __init__(self, start, folder):
        # Python ignores SIGXFSZ; passed on, a write over the limit fails with EFBIG.
        self.server = start(database=folder / "broker.sqlite", restores_signals=False)

    def break_(self):
        resource.prlimit(self.server.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    def mend(self):
        limits = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(self.server.pid, resource.RLIMIT_FSIZE, limits)


class LockedByAnother:
    """Another process holds the database's write lock."""

    def __init__(self, start, folder):
        self._path = folder / "broker.sqlite"
        self.server = start({"BROKER_BUSY_TIMEOUT_MS": 100}, database=self._path)

    def break_(self):
        self._connection = sqlite3.connect(self._path, isolation_level=None)
        self._connection.execute("BEGIN IMMEDIATE")

    def mend(self):
        self._connection.execute("ROLLBACK")
        self._connection.close()


FAULTS = [FileSizeLimit, LockedByAnother] + ([FullDisk] if CAN_MOUNT else [])


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.__name__)
def fault(request, start, tmp_path):
    return request.param(start, tmp_path)


def store_until_refused(client, conversation):
    """What was acknowledged before the first refusal, which may use up room that was left."""
    path = f"/api/conversations/{conversation}/messages"
    stored = []
    for number in range(5000):
        content = f"word {number} " + "x" * 2000
        response = client.post(path, json={"role": "user", "content": content})
        if response.status_code != 201:
            refused(response, 503, "storage_unavailable")
            assert int(response.headers["retry-after"]) >= 1
            return stored
        stored.append(content)
    raise AssertionError("nothing was refused")


def test_writes_are_refused_reads_go_on_and_it_recovers(fault, start):
    server = fault.server
    with client_of(server) as client:
        conversation = new_conversation(client)
        expected = [say(client, conversation, f"before {n}")["content"] for n in range(3)]
        fault.break_()
        expected += store_until_refused(client, conversation)
        refused(
            client.post(f"/api/conversations/{conversation}/messages", json=BATCH), 503,
            "storage_unavailable")
        refused(client.post("/api/conversations", json={"title": "no room"}), 503)
        refused(client.post("/api/session"), 503)
        refused(client.get("/readyz"), 503)
        assert succeeded(client.get("/healthz"))["status"] == "ok"
        assert contents(client, conversation) == expected
        fault.mend()
        assert eventually(lambda: client.get("/readyz").status_code == 200)
        expected.append(say(client, conversation, "after")["content"])
        assert contents(client, conversation) == expected
        assert len(succeeded(client.get("/api/conversations"))["data"]) == 1
    # What is on the disk is whole.
    copy = server.database
    if isinstance(fault, FullDisk):
        copy = server.database.with_name("copy.sqlite")
        source = fault._disk.folder / "broker.sqlite"
        with contextlib.closing(sqlite3.connect(source)) as one:
            with contextlib.closing(sqlite3.connect(copy)) as two:
                one.backup(two)
    else:
        assert server.terminate() == 0
    with contextlib.closing(sqlite3.connect(copy)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_keyed_request_that_failed_can_be_repeated(fault):
    with client_of(fault.server) as client:
        conversation = new_conversation(client)
        fault.break_()
        expected = store_until_refused(client, conversation)
        path = f"/api/conversations/{conversation}/messages"
        again = {"json": BATCH, "headers": {"Idempotency-Key": "again"}}
        refused(client.post(path, **again), 503)
        fault.mend()
        eventually(lambda: client.get("/readyz").status_code == 200)
        succeeded(client.post(path, **again), 201)
        succeeded(client.post(path, **again), 201)
        assert contents(client, conversation) == expected + [
            message["content"] for message in BATCH["messages"]]


def test_a_broker_whose_store_takes_nothing_stops_in_time(simulated, all_leave):
    """What waits for the store is given up when the time to stop is over, and the log says so."""
    server = simulated(TONES, settings={"BROKER_BUSY_TIMEOUT_MS": 100, "BROKER_DRAIN_SECONDS": 1})
    with client_of(server, USER) as client, contextlib.closing(
            sqlite3.connect(server.database, isolation_level=None)) as other:
        session, broadcast = text_session(client), new_broadcast(client)
        listener = SocketListener(broadcast, "en")
        with RelayClient(session["url"], session["client_secret"]["value"]) as relay, \
                Speaker(client, broadcast) as speaker:
            relay.ask("before")
            speaker.say("one")
            listener.has([told("one")])
            reads_in_the_end(lambda: len(contents(client, session["conversation_id"])), 2)
            other.execute("BEGIN IMMEDIATE")
            relay.ask("after")
            speaker.say("two")
            listener.wait("segment.delta", lambda it: it["text"].strip() == "two")
            began = time.monotonic()
            assert server.terminate() == 0
            assert time.monotonic() - began < 20
    log = server.log()
    assert "an item of a transcript was not stored" in log
    assert "something of a broadcast was not stored" in log


def refuses_to_start(database, *words, prefix=()):
    """Starting fails in words, without a crash."""
    settings = {"BROKER_DATABASE": database, "BROKER_PORT": 0}
    result = subprocess.run(
        [*prefix, str(BINARY), "serve"], env=clean_environment(settings), capture_output=True,
        timeout=30, check=False)
    text = result.stderr.decode(errors="replace")
    assert result.returncode > 0, (result.returncode, text)
    assert result.returncode < 128, f"crashed: {result.returncode}\n{text}"
    assert not result.stdout
    for word in words:
        assert word.lower() in text.lower(), text
    assert "Fatal error" not in text


@pytest.fixture
def used(start, tmp_path):
    """A database with something in it, closed."""
    server = start()
    with client_of(server, USER) as client:
        say(client, new_conversation(client), "kept")
    assert server.terminate() == 0
    database = tmp_path / "broker.sqlite"
    # So that what the tests do to the file is not undone by a journal.
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database


if CAN_MOUNT:
    def test_a_read_only_database_is_read_and_refuses_writes(used, start):
        with client_of(start(prefix=read_only(used.parent)), USER) as client:
            conversation = succeeded(client.get("/api/conversations"))["data"][0]["id"]
            body = {"role": "user", "content": "no"}
            refused(client.post(f"/api/conversations/{conversation}/messages", json=body), 503)
            refused(client.post("/api/session"), 503)
            refused(client.get("/readyz"), 503)
            assert contents(client, conversation) == ["kept"]
        with client_of(start(), USER) as client:
            say(client, conversation, "written again")
            assert contents(client, conversation) == ["kept", "written again"]


def test_a_newer_database_is_not_started_on(used):
    with contextlib.closing(sqlite3.connect(used)) as database, database:
        database.execute("INSERT INTO grdb_migrations VALUES ('zz-from-the-future')")
    refuses_to_start(used, "newer")


@pytest.mark.parametrize("damage", ["text", "middle"])
def test_a_damaged_database_is_not_started_on_or_found_by_check(used, damage):
    data = bytearray(used.read_bytes())
    if damage == "text":
        used.write_bytes(b"This is no database. " * 1000)
        refuses_to_start(used, str(used))
    else:
        data[4096:] = b"\xff" * (len(data) - 4096)
        used.write_bytes(data)
    result = run("check", settings={"BROKER_DATABASE": used})
    assert 0 < result.returncode < 128, result


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    refuses_to_start(tmp_path / "file" / "broker.sqlite", "file/broker.sqlite")


def test_the_secret_beside_the_database_is_private(used):
    secrets = [
        file for file in used.parent.iterdir() if not file.name.startswith("broker.sqlite-")
        and file != used]
    assert secrets, list(used.parent.iterdir())
    for secret in secrets:
        assert secret.stat().st_mode & 0o077 == 0, secret
        secret.chmod(0o644)
    refuses_to_start(used, secrets[0].name)


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path):
    class Unlogged(Broker):
        """Its standard error is a disk that is always full."""

        def __init__(self, database):
            super().__init__(database, prefix=["sh", "-c", 'exec "$@" 2>/dev/full', "sh"])

    with running(Unlogged(tmp_path / "broker.sqlite")) as server:
        with client_of(server) as client:
            for _ in range(100):
                succeeded(client.post("/api/conversations"), 201)
