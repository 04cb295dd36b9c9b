"""HTTPS by the broker itself."""

import ssl
import subprocess

import httpx
import pytest

from support.processes import SERVICE_KEY, Broker, run, running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@pytest.fixture(scope="module")
def server(certificate, tmp_path_factory):
    options = ["--tls-certificate", certificate[0], "--tls-key", certificate[1]]
    database = tmp_path_factory.mktemp("tls-data") / "broker.sqlite"
    with running(Broker(database, options=map(str, options))) as server:
        yield server


def curl(*arguments):
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--noproxy", "*", *map(str, arguments)],
        capture_output=True, text=True, timeout=30, check=False)


def test_the_address_says_https(server):
    assert server.url.startswith("https://")


def test_curl_trusts_the_certificate_and_is_answered(server, certificate):
    result = curl("--cacert", certificate[0], "--fail", f"{server.url}/healthz")
    assert result.returncode == 0, result.stderr
    assert '"ok"' in result.stdout


def test_curl_does_not_trust_what_it_does_not_know(server):
    assert curl(f"{server.url}/healthz").returncode == 60


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_current_versions_of_tls_are_spoken(server, certificate, version):
    result = curl("--cacert", certificate[0], f"--tlsv{version}", "--tls-max", version,
                  f"{server.url}/healthz")
    assert result.returncode == 0, result.stderr


def test_a_large_body_passes(server, certificate):
    context = ssl.create_default_context(cafile=str(certificate[0]))
    with httpx.Client(base_url=server.url, verify=context, trust_env=False) as browser:
        conversation = browser.post("/api/conversations").json()["id"]
        stored = browser.post(
            f"/api/conversations/{conversation}/messages",
            json={"role": "user", "content": "x" * 3_000_000})
        assert stored.status_code == 201
        assert len(browser.get(f"/api/messages/{stored.json()['id']}").json()["content"]) == (
            3_000_000)


def test_a_strangers_cookie_is_secure(server, certificate):
    result = curl("--cacert", certificate[0], "--include", f"{server.url}/api/conversations")
    cookie = next(
        line for line in result.stdout.splitlines() if line.lower().startswith("set-cookie:"))
    assert "; Secure" in cookie and "HttpOnly" in cookie


def test_plain_http_gets_no_answer_from_the_tls_port(server):
    result = curl(f"http://127.0.0.1:{server.port}/healthz")
    assert '"ok"' not in result.stdout


@pytest.mark.parametrize("settings, word", [
    ({"BROKER_TLS_CERTIFICATE": "/nonexistent.pem", "BROKER_TLS_KEY": "/nonexistent.pem"},
     b"BROKER_TLS_CERTIFICATE"),
    ({"BROKER_TLS_CERTIFICATE": "/dev/null"}, b"BROKER_TLS_KEY"),
    ({"BROKER_TLS_CERTIFICATE": "/dev/null", "BROKER_TLS_KEY": "/dev/null"}, b""),
])
def test_files_that_cannot_be_used_stop_the_start(tmp_path, settings, word):
    result = run("serve", settings=settings | {
        "BROKER_DATABASE": tmp_path / "b.sqlite", "BROKER_PORT": 0})
    assert 0 < result.returncode < 128, result
    assert word in result.stderr and b"listening" not in result.stdout


def test_events_of_a_broadcast_are_streamed_and_end(server, certificate):
    """The way past the server that plain connections take is closed to those of TLS."""
    context = ssl.create_default_context(cafile=str(certificate[0]))
    headers = {"Authorization": f"Bearer {SERVICE_KEY}"}
    with httpx.Client(base_url=server.url, verify=context, headers=headers,
                      trust_env=False) as client:
        broadcast = client.post("/api/broadcasts", json={}).json()
        assert broadcast["listen_url"].startswith("wss://")
        with client.stream("GET", broadcast["events_url"]) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            lines = response.iter_lines()
            assert next(lines) == "event: broadcast.joined"
            assert client.post(f"/api/broadcasts/{broadcast['id']}/end").status_code == 200
            assert "event: broadcast.ended" in list(lines)
