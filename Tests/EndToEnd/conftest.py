"""Fixtures: one broker for most tests, and one to a test for those that harm theirs."""

import pytest

from support import clients
from support.processes import BINARY, Broker, running


def pytest_configure(config):
    if not BINARY.is_file():
        raise pytest.UsageError(f"there is no binary at {BINARY}: run `swift build` first")


@pytest.fixture(scope="session")
def broker(tmp_path_factory):
    """A broker with its in-process simulator, shared: tests tell themselves apart by their users."""
    folder = tmp_path_factory.mktemp("shared")
    with running(Broker(folder / "broker.sqlite", SHARED_SETTINGS)) as server:
        yield server


# Small bounds and short deadlines, so that tests reach them soon.
SHARED_SETTINGS = {"BROKER_MAX_BODY_BYTES": 1_048_576, "BROKER_BODY_TIMEOUT_SECONDS": 2}


@pytest.fixture
def client(broker):
    """A user of their own on the shared broker."""
    with clients.client(broker) as client:
        yield client


@pytest.fixture
def other(broker):
    """Another user on the shared broker."""
    with clients.client(broker) as client:
        yield client


@pytest.fixture
def conversation(client):
    """A fresh conversation of `client`."""
    return clients.new_conversation(client)


@pytest.fixture
def start(tmp_path):
    """Starts brokers on this test's database; they end with the test."""
    started = []

    def start(settings=None, database=None, **how):
        started.append(Broker(database or tmp_path / "broker.sqlite", settings, **how))
        return started[-1]

    yield start
    for server in reversed(started):
        server.close()
