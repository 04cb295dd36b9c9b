"""Who may call: service keys, JWTs, anonymous browsers, origins."""

import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from support.clients import client as client_of, new_user, pages, refused, succeeded
from support.processes import SERVICE_KEY, Broker, run, running
from support.upstream import Reply, upstream

SECRET = "a-secret-of-the-end-to-end-tests-that-is-long-enough"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def token(key=SECRET, algorithm="HS256", headers=None, **claims):
    claims = {"sub": "ada", "exp": int(time.time()) + 60} | claims
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None}, key,
        algorithm=algorithm, headers=headers)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A broker that knows a JWT secret and allows pages of another origin."""
    folder = tmp_path_factory.mktemp("identity")
    settings = {"BROKER_JWT_SECRET": SECRET, "BROKER_ALLOWED_ORIGINS": "https://page.example"}
    with running(Broker(folder / "broker.sqlite", settings)) as server:
        yield server


class TestServiceKeys:
    """A trusted server acts for any user."""

    def test_a_service_key_acts_for_the_user_it_names(self, client):
        assert succeeded(client.post("/api/session"), 201)["user_id"] == (
            client.headers["X-Broker-User"])

    def test_without_a_user_it_acts_for_the_default_one(self, broker):
        with client_of(broker, key=None) as stranger:
            session = succeeded(stranger.post("/api/session", headers=bearer(SERVICE_KEY)), 201)
        assert session["user_id"] == "default"

    @pytest.mark.parametrize("value", [
        "Bearer wrong", f"Bearer {SERVICE_KEY}x", f"Bearer {SERVICE_KEY[:-1]}", "Bearer", "",
        f"Basic {SERVICE_KEY}", SERVICE_KEY, f"Bearer {SERVICE_KEY} {SERVICE_KEY}"])
    def test_a_wrong_credential_never_falls_back_to_a_stranger(self, broker, value):
        with client_of(broker, key=None) as stranger:
            response = stranger.get("/api/conversations", headers={"Authorization": value})
        refused(response, 401)
        assert "set-cookie" not in response.headers
        assert response.headers["www-authenticate"].startswith("Bearer")

    @pytest.mark.parametrize("user", ["", "x" * 257, "a\tb", "a\x7fb"])
    def test_an_unusable_user_is_refused(self, broker, user):
        with client_of(broker, key=None) as stranger:
            response = stranger.get(
                "/api/conversations", headers=bearer(SERVICE_KEY) | {"X-Broker-User": user})
        refused(response, 400)

    def test_only_a_service_key_chooses_the_user(self, broker):
        with client_of(broker, key=None) as stranger:
            refused(stranger.get("/api/conversations", headers={"X-Broker-User": "ada"}), 403)


class TestStrangers:
    """On loopback a browser gets in without credentials, as a private user kept by a cookie."""

    def test_a_cookie_keeps_who_a_stranger_is(self, broker):
        with client_of(broker, key=None) as one, client_of(broker, key=None) as two:
            first = one.post("/api/conversations", json={"title": "mine"})
            cookie = first.headers["set-cookie"]
            assert "HttpOnly" in cookie and "SameSite=" in cookie
            assert [c["title"] for c in pages(one, "/api/conversations")] == ["mine"]
            assert list(pages(two, "/api/conversations")) == []

    def test_a_tampered_cookie_is_another_stranger(self, broker):
        with client_of(broker, key=None) as one:
            succeeded(one.post("/api/conversations"), 201)
            name, value = next(iter(one.cookies.items()))
        with client_of(broker, key=None) as forger:
            changed = value[:-1] + ("a" if value[-1] != "a" else "b")
            response = forger.get("/api/conversations", headers={"Cookie": f"{name}={changed}"})
            assert succeeded(response)["data"] == []
            assert "set-cookie" in response.headers

    @pytest.mark.parametrize("headers", [
        {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"}])
    def test_another_sites_page_may_not_act_as_the_user(self, broker, headers):
        with client_of(broker, key=None) as browser:
            succeeded(browser.get("/api/conversations"))
            refused(browser.post("/api/conversations", headers=headers), 403)
            assert list(pages(browser, "/api/conversations")) == []

    def test_strangers_can_be_kept_out(self, start):
        with client_of(start({"BROKER_ANONYMOUS": "off"}), key=None) as stranger:
            response = stranger.get("/api/conversations")
            refused(response, 401)
            assert response.headers["www-authenticate"].startswith("Bearer")
            assert succeeded(stranger.get("/healthz"))["status"] == "ok"

    def test_the_cookie_outlives_a_restart(self, start):
        server = start()
        with client_of(server, key=None) as browser:
            succeeded(browser.post("/api/conversations", json={"title": "mine"}), 201)
            cookies = dict(browser.cookies)
        server.close()
        with client_of(start(), key=None, cookies=cookies) as browser:
            assert [c["title"] for c in pages(browser, "/api/conversations")] == ["mine"]


class TestTokens:
    """End users prove who they are by a JWT; `sub` is the user."""

    def get(self, server, credential, **headers):
        with client_of(server, key=None) as client:
            return client.get("/api/conversations", headers=bearer(credential) | headers)

    def test_the_subject_is_the_user(self, server):
        user = new_user()
        with client_of(server, key=None) as client:
            session = client.post("/api/session", headers=bearer(token(sub=user)))
            assert succeeded(session, 201)["user_id"] == user
        with client_of(server, user) as trusted:
            assert len(list(pages(trusted, "/api/sessions"))) == 1

    @pytest.mark.parametrize("claims", [
        {"exp": 1}, {"exp": "soon"}, {"nbf": 4_000_000_000}, {"sub": None}, {"sub": ""},
        {"sub": "x" * 257}])
    def test_claims_that_do_not_hold_are_refused(self, server, claims):
        refused(self.get(server, token(**claims)), 401)

    def test_forged_tokens_are_refused(self, server):
        good = token()
        head, payload, signature = good.split(".")
        for forged in [
            token("another-secret-that-is-long-enough-too"), token(None, "none"),
            token(SECRET * 2, "HS512"), f"{head}.{payload}.", f"{head}.{payload}",
            f"{head}.{payload}.{signature[::-1]}", "not.a.token",
        ]:
            refused(self.get(server, forged), 401)
        assert succeeded(self.get(server, good))["data"] == []

    def test_a_token_may_not_choose_another_user(self, server):
        refused(self.get(server, token(), **{"X-Broker-User": "bob"}), 403)


class TestKeySets:
    """RS256 and ES256 keys come from a JWKS URL and may be rotated."""

    def published(self, **keys):
        algorithms = {kid: jwt.get_algorithm_by_name("RS256" if "r" in kid else "ES256")
                      for kid in keys}
        return Reply(200, {"keys": [
            json.loads(algorithms[kid].to_jwk(key.public_key())) | {"kid": kid, "use": "sig"}
            for kid, key in keys.items()]}, {"Content-Type": "application/json"})

    def test_keys_of_both_kinds_are_used(self, start):
        keys = {"r1": rsa.generate_private_key(65537, 2048),
                "e1": ec.generate_private_key(ec.SECP256R1())}
        with upstream(self.published(**keys)) as provider:
            server = start({"BROKER_JWKS_URL": provider.base_url + "/jwks"})
            with client_of(server, key=None) as client:
                for kid, algorithm in (("r1", "RS256"), ("e1", "ES256")):
                    signed = token(keys[kid], algorithm, {"kid": kid})
                    succeeded(client.get("/api/conversations", headers=bearer(signed)))
                stranger = ec.generate_private_key(ec.SECP256R1())
                forged = token(stranger, "ES256", {"kid": "e1"})
                refused(client.get("/api/conversations", headers=bearer(forged)), 401)


class TestOrigins:
    """Pages of other origins may call only when they are allowed to."""

    def preflight(self, server, origin):
        with client_of(server, key=None) as page:
            return page.options("/api/session", headers={
                "Origin": origin, "Access-Control-Request-Method": "POST"})

    def test_an_allowed_origin_passes_the_preflight(self, server):
        response = self.preflight(server, "https://page.example")
        assert response.status_code == 204
        assert response.headers["access-control-allow-origin"] == "https://page.example"
        assert response.headers["access-control-allow-credentials"] == "true"
        assert "POST" in response.headers["access-control-allow-methods"]
        assert "content-type" in response.headers["access-control-allow-headers"].lower()

    def test_another_origin_does_not(self, server):
        response = self.preflight(server, "https://evil.example")
        assert "access-control-allow-origin" not in response.headers

    def test_an_allowed_origin_reads_the_answer(self, server):
        with client_of(server, key=None) as page:
            origin = {"Origin": "https://page.example"}
            response = page.post("/api/session", headers=origin)
            succeeded(response, 201)
            assert response.headers["access-control-allow-origin"] == origin["Origin"]
            assert "Origin" in response.headers["vary"]


def test_beyond_loopback_the_broker_wants_to_know_its_callers(tmp_path):
    settings = {"BROKER_DATABASE": tmp_path / "b.sqlite", "BROKER_HOST": "0.0.0.0",
                "BROKER_PORT": 0}
    result = run("serve", settings=settings)
    assert result.returncode not in (0, -6, -11)
    for name in ("BROKER_API_KEYS", "BROKER_JWT_SECRET", "BROKER_JWKS_URL", "BROKER_ANONYMOUS"):
        assert name.encode() in result.stderr
    assert b"listening" not in result.stdout
