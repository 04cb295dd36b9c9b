"""File descriptors: as many as the system allows, and what happens when they are used up."""

import contextlib
import os
import resource
import socket
import time

import pytest

from support.processes import eventually

LIMIT = 256
ASK = b"GET /healthz HTTP/1.1\r\nHost: broker\r\n\r\n"


@pytest.fixture
def few(start):
    """A broker that may have few descriptors, and was given even less."""
    return start(prefix=("prlimit", f"--nofile=100:{LIMIT}"))


@pytest.fixture
def connections():
    with contextlib.ExitStack() as stack:
        yield stack


def is_served(one):
    """Whether a client that is connected is answered; one that is refused is cut off."""
    try:
        one.sendall(ASK)
        return one.recv(4_096).startswith(b"HTTP/1.1 200")
    except (ConnectionResetError, BrokenPipeError):
        return False


def connected(server, connections):
    one = connections.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
    return one, is_served(one)


def fill(server, connections):
    """Connects until somebody is refused; who is served."""
    served = []
    while True:
        one, is_in = connected(server, connections)
        if not is_in:
            return served
        served.append(one)
        assert len(served) < LIMIT, "nobody is refused"


def test_the_limit_is_raised_as_far_as_possible_and_logged(few):
    assert resource.prlimit(few.pid, resource.RLIMIT_NOFILE) == (LIMIT, LIMIT)
    assert eventually(lambda: few.log().count(f'"file descriptors" limit={LIMIT}')) == 1


def test_who_comes_when_descriptors_are_short_is_refused_and_all_others_are_served(few, connections):
    began = time.monotonic()
    served = fill(few, connections)
    # The broker has files of its own that come and go, so that there may be room again for some.
    late = [one for one, is_in in (connected(few, connections) for _ in range(300)) if is_in]
    # Clients leave a quarter; the broker takes little of that for itself.
    assert len(served) + len(late) <= LIMIT * 3 / 4
    assert len(os.listdir(f"/proc/{few.pid}/fd")) < LIMIT * 7 / 8
    assert all(map(is_served, served + late))
    refusals = eventually(lambda: few.log().count('"a connection was refused"'))
    assert "reason=out_of_file_descriptors" in few.log()
    assert 1 <= refusals <= time.monotonic() - began + 1, "it is logged once a second at most"
    for one in served[:10]:
        one.close()
    assert eventually(lambda: connected(few, connections)[1])
