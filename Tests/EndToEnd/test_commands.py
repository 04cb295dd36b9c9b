"""The binary's other commands, and the scripts around it."""

import json
import re
import sqlite3
import subprocess

import pytest

from support.clients import (
    client as client_of, contents, new_conversation, new_user, pages, say, succeeded)
from support.processes import BINARY, ROOT, Simulator, clean_environment, run, running
from support.transcript import transcript

SCRIPTS = ["setup", "run", "test", "check", "bench", "format", "demo"]


@pytest.fixture
def told(start):
    """A broker's database, the user in it and their conversation."""
    server, user = start(), new_user()
    with client_of(server, user) as client:
        conversation = new_conversation(client, title="Boxes")
        succeeded(client.post(
            f"/api/conversations/{conversation}/messages", json={"messages": transcript()}), 201)
    return server, user, conversation


def command(server, *arguments, **how):
    result = run(*arguments, settings={"BROKER_DATABASE": server.database}, **how)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


def test_help_names_every_command_and_setting():
    text = run("--help").stdout.decode()
    for name in ("serve", "simulate", "import", "export", "backup", "check", "keys"):
        assert name in text
    text = run("serve", "--help").stdout.decode()
    rows = re.findall(r"^\| (`[BO].*?) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    settings = set(re.findall(r"(?:BROKER|OPENAI)_[A-Z0-9_]+", " ".join(rows)))
    assert len(settings) > 30
    for name in settings - {"OPENAI_API_KEY", "BROKER_API_KEYS", "BROKER_JWT_SECRET"}:
        assert f"[{name}]" in re.sub(r"\s", "", text), name


def test_an_option_goes_before_the_environment(start, tmp_path):
    """Also where there the key itself is set, and here the file that it is in."""
    with running(Simulator(["--pace", "0"])) as simulator:
        file = tmp_path / "key"
        file.write_text(Simulator.KEY)
        server = start({"OPENAI_API_KEY": "sk-another-one", "OPENAI_BASE_URL": simulator.base_url},
                       options=["--openai-api-key-file", file])
        with client_of(server) as client:
            succeeded(client.post("/api/session", json={}), 201)


@pytest.mark.parametrize("arguments", [["nonsense"], ["serve", "--nonsense"], ["serve", "--port", "x"]])
def test_a_wrong_command_line_is_explained(arguments, tmp_path):
    result = run(*arguments, settings={"BROKER_DATABASE": tmp_path / "b.sqlite"})
    assert 0 < result.returncode < 128
    assert result.stderr and not result.stdout


@pytest.mark.parametrize("name, value", [
    ("BROKER_PORT", "70000"), ("BROKER_PORT", "x"), ("BROKER_MAX_BODY_BYTES", "-1"),
    ("BROKER_ANONYMOUS", "maybe"), ("OPENAI_BASE_URL", "ftp://x"), ("BROKER_LOG_LEVEL", "loud"),
    ("BROKER_THREADS", "0"), ("BROKER_ALLOWED_ORIGINS", "page.example"),
    ("OPENAI_API_KEY_FILE", "/nonexistent"), ("BROKER_HOST", "256.256.256.256")])
def test_a_setting_that_cannot_be_used_is_named(tmp_path, name, value):
    settings = {"BROKER_DATABASE": tmp_path / "b.sqlite", "BROKER_PORT": 0} | {name: value}
    result = run("serve", settings=settings)
    assert 0 < result.returncode < 128
    assert (name if name != "BROKER_HOST" else value).encode() in result.stderr
    assert b"listening" not in result.stdout


def test_an_option_wins_over_the_environment(start):
    server = start({"BROKER_PORT": "1", "BROKER_MODEL": "a-model"},
                   options=["--port", "0", "--model", "another-model"])
    assert server.port > 1
    with client_of(server) as client:
        body = {"transport": "websocket"}
        assert succeeded(client.post("/api/session", json=body), 201)["model"] == "another-model"


def test_a_port_in_use_is_named(start, tmp_path):
    server = start()
    result = run("serve", settings={
        "BROKER_PORT": server.port, "BROKER_DATABASE": tmp_path / "other.sqlite"})
    assert 0 < result.returncode < 128
    assert str(server.port).encode() in result.stderr


def test_the_simulator_says_what_it_is(start):
    with client_of(start()) as client:
        assert succeeded(client.get("/healthz"))["upstream"]["kind"] == "simulator"
    assert "simulator" in start(database=None).log().splitlines()[0]


def test_a_conversation_is_exported(told):
    server, user, conversation = told
    lines = [json.loads(line) for line in
             command(server, "export", "--conversation", conversation).splitlines()]
    assert [line["content"] for line in lines if line.get("object", "message") == "message"] == [
        message["content"] for message in transcript()]
    markdown = command(server, "export", "--user", user, "--format", "markdown").decode()
    assert "Boxes" in markdown and "Biscuit" in markdown


def test_an_export_is_imported_again(told, start, tmp_path):
    server, user, _ = told
    file = tmp_path / "history.jsonl"
    file.write_bytes(command(server, "export", "--user", user))
    second = start(database=tmp_path / "second.sqlite")
    for _ in range(2):  # the same file again changes nothing
        command(second, "import", file)
    with client_of(second, user) as client:
        conversations = list(pages(client, "/api/conversations"))
        assert len(conversations) == 1
        assert contents(client, conversations[0]["id"]) == [m["content"] for m in transcript()]


def test_a_backup_of_a_running_broker_is_whole(told, start, tmp_path):
    server, user, conversation = told
    command(server, "backup", tmp_path / "copy.sqlite")
    secrets = [path.with_name(path.name + ".secret")
               for path in (server.database, tmp_path / "copy.sqlite")]
    assert secrets[0].read_bytes() == secrets[1].read_bytes()
    assert secrets[1].stat().st_mode & 0o777 == 0o600
    with client_of(server, user) as client:
        say(client, conversation, "after the backup")
    with sqlite3.connect(tmp_path / "copy.sqlite") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()
    server.terminate()
    (tmp_path / "copy.sqlite").rename(server.database)
    for rest in ("-wal", "-shm"):
        server.database.with_name(server.database.name + rest).unlink(missing_ok=True)
    with client_of(start(), user) as client:
        assert contents(client, conversation) == [m["content"] for m in transcript()]


def test_a_whole_database_passes_the_check(told):
    assert command(told[0], "check")


def test_a_made_key_lets_its_holder_in(start):
    key = run("keys").stdout.decode().split()[-1]
    assert len(key) >= 32
    with client_of(start({"BROKER_API_KEYS": key}), key=key) as client:
        succeeded(client.get("/api/conversations"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_explains_itself_from_any_folder(script, tmp_path):
    result = subprocess.run(
        [ROOT / "bin" / script, "--help"], cwd=tmp_path, capture_output=True, text=True,
        timeout=20, check=False)
    assert result.returncode == 0, result.stderr
    assert f"usage: bin/{script}" in result.stdout


def test_the_demo_remembers(broker):
    result = subprocess.run(
        [ROOT / ".venv/bin/python", ROOT / "bin/demo.py", "--broker", BINARY, "--url", broker.url],
        env=clean_environment(), capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Biscuit" in result.stdout.split("What do you remember about me?")[-1]
