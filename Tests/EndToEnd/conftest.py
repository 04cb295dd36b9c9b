"""Fixtures: one broker for most tests, and one to a test for those that harm theirs."""

import json

import pytest

from support import broadcasts, clients, recordings
from support.processes import BINARY, Broker, Simulator, running
from support.realtime_upstream import realtime_upstream
from support.renewal import Renewal


def pytest_configure(config):
    if not BINARY.is_file():
        raise pytest.UsageError(f"there is no binary at {BINARY}: run `swift build` first")


# A test without a recording would count as skipped, which is a failure.
collect_ignore = [] if recordings.NAMES else ["test_relay_recordings.py"]


def pytest_terminal_summary(terminalreporter):
    if not recordings.NAMES:
        terminalreporter.write_line(f"no recordings in {recordings.FOLDER}: none is replayed")


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


@pytest.fixture
def upstream():
    """An upstream whose every word the test chooses."""
    with realtime_upstream() as upstream:
        yield upstream


@pytest.fixture
def faked(upstream, start):
    """A broker in front of `upstream`."""
    return start(upstream.settings)


@pytest.fixture
def owner(faked):
    """A user of the broker in front of `upstream`."""
    with clients.client(faked) as owner:
        yield owner


@pytest.fixture
def simulated(tmp_path):
    """Starts a broker in front of a simulator that follows a script (docs/simulator.md)."""
    started = []

    def simulated(script=None, pace=0, settings=None):
        path = tmp_path / f"script-{len(started)}.json"
        path.write_text(json.dumps(script or {}))
        simulator = Simulator(["--pace", str(pace), "--script", str(path)])
        started.append(simulator)
        upstream = {"OPENAI_API_KEY": Simulator.KEY, "OPENAI_BASE_URL": simulator.base_url}
        started.append(Broker(tmp_path / "broker.sqlite", upstream | (settings or {})))
        return started[-1]

    yield simulated
    for server in reversed(started):
        server.close()


@pytest.fixture
def renewal():
    """Makes relayed sessions whose client and upstream the test changes."""
    made = []

    def renewal(owner, upstream, **session):
        made.append(Renewal(owner, upstream, **session))
        return made[-1]

    yield renewal
    for one in made:
        one.open.close()


@pytest.fixture
def begun(renewal, owner, upstream):
    """Begins such sessions; `created` is what upstream says of them at first."""
    def begun(created=None, **session):
        it = renewal(owner, upstream, **session)
        it.begin(**(created or {}))
        return it

    return begun


@pytest.fixture
def all_leave():
    """Closes the sockets of all speakers and listeners."""
    yield
    for one in broadcasts.present:
        one.close()
    broadcasts.present.clear()
