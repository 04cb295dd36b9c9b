"""`Idempotency-Key`: the same request again has one effect and one answer, for a day."""

import concurrent.futures

import pytest

from support.clients import client as client_of, contents, new_user, pages, refused, succeeded

REQUESTS = [
    ("/api/session", {"voice": "cedar"}, "/api/sessions"),
    ("/v1/realtime/client_secrets", {"session": {"type": "realtime"}}, "/api/sessions"),
    ("/api/conversations", {"title": "Once"}, "/api/conversations"),
    ("/api/agents", {"name": "Once"}, "/api/agents"),
]


def keyed(client, path, body, key="the-key"):
    return client.post(path, json=body, headers={"Idempotency-Key": key})


@pytest.mark.parametrize("path, body, listed", REQUESTS)
def test_a_repeated_request_gets_the_first_answer_again(client, path, body, listed):
    first, again = keyed(client, path, body), keyed(client, path, body)
    assert first.status_code == again.status_code
    assert first.is_success
    assert first.json() == again.json()
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    assert len(list(pages(client, listed))) == 1


def test_a_repeated_message_is_stored_once(client, conversation):
    path, body = f"/api/conversations/{conversation}/messages", {"role": "user", "content": "once"}
    first, again = keyed(client, path, body), keyed(client, path, body)
    assert succeeded(first, 201) == succeeded(again, 201)
    assert contents(client, conversation) == ["once"]


@pytest.mark.parametrize("path, body, listed", REQUESTS)
def test_a_key_for_another_body_is_a_conflict(client, path, body, listed):
    assert keyed(client, path, body).is_success
    refused(keyed(client, path, body | {"metadata": {}}), 409 if "v1" not in path else 400)
    assert len(list(pages(client, listed))) == 1


def test_a_key_for_another_path_is_a_conflict(client):
    succeeded(keyed(client, "/api/conversations", {}), 201)
    refused(keyed(client, "/api/session", {}), 409, "idempotency_key_reused")


def test_keys_are_each_users_own(client, other):
    first = succeeded(keyed(client, "/api/conversations", {}), 201)
    second = succeeded(keyed(other, "/api/conversations", {}), 201)
    assert first["id"] != second["id"]


def test_a_refused_request_leaves_its_key_free(client):
    refused(keyed(client, "/api/conversations", {"title": 5}), 400)
    succeeded(keyed(client, "/api/conversations", {"title": "Now right"}), 201)


@pytest.mark.parametrize("key", ["k" * 256, "\x7f"])
def test_an_unusable_key_is_refused(client, key):
    refused(
        keyed(client, "/api/conversations", {}, key), 400, "invalid_value", "Idempotency-Key")
    assert list(pages(client, "/api/conversations")) == []


@pytest.mark.parametrize("path", ["/api/session", "/api/conversations"])
def test_concurrent_repeats_have_one_effect(client, path):
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: keyed(client, path, {}), range(12)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(list(pages(client, path.replace("session", "sessions")))) == 1


def test_an_answer_is_remembered_across_a_crash(start):
    server, user = start(), new_user()
    with client_of(server, user) as client:
        first = succeeded(keyed(client, "/api/session", {}), 201)
    server.kill()
    with client_of(start(), user) as client:
        assert succeeded(keyed(client, "/api/session", {}), 201) == first
        assert len(list(pages(client, "/api/sessions"))) == 1
