"""Bodies and requests that are wrong: each is refused in the one form, and leaves nothing behind."""

import json

import pytest

from support.clients import contents, pages, refused, succeeded

DEEP = 100_000

# Bytes that are no JSON object, or JSON that strict readers refuse (RFC 8259, I-JSON).
BODIES = {
    "empty text": b" ",
    "half an object": b'{"role":"user","content":"x"',
    "two objects": b'{"role":"user","content":"x"}{"role":"user","content":"y"}',
    "trailing text": b'{"role":"user","content":"x"} tail',
    "trailing comma": b'{"role":"user","content":"x",}',
    "single quotes": b"{'role':'user','content':'x'}",
    "comment": b'{"role":"user","content":"x"/* */}',
    "bare word": b"role",
    "a number too large": b'{"role":"user","content":"x","created_at":1e999}',
    "not a number": b'{"role":"user","content":"x","created_at":NaN}',
    "control character": b'{"role":"user","content":"a\x01b"}',
    "NUL byte": b'{"role":"user","content":"a\x00b"}',
    "escaped NUL": b'{"role":"user","content":"a\\u0000b"}',
    "NUL in a key": b'{"role":"user","content":"x","a\\u0000b":1}',
    "lone surrogate": b'{"role":"user","content":"\\ud800"}',
    "invalid UTF-8": b'{"role":"user","content":"\xff\xfe"}',
    "overlong UTF-8": b'{"role":"user","content":"\xc0\xaf"}',
    "cut UTF-8": b'{"role":"user","content":"\xe2\x82"}',
    "UTF-16": '{"role":"user","content":"x"}'.encode("utf-16"),
    "the same key twice": b'{"role":"user","content":"x","content":"y"}',
    "deep arrays": b'{"role":"user","content":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"a":' * DEEP + b"{}" + b"}" * DEEP,
    "deep and open": b"[" * DEEP,
    "array": b'[{"role":"user","content":"x"}]',
    "text": b'"text"',
    "number": b"5",
    "null": b"null",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_json_object_is_refused_and_nothing_is_stored(
        client, conversation, body):
    headers = {"Content-Type": "application/json"}
    for path in (f"/api/conversations/{conversation}/messages", "/api/session",
                 "/api/conversations", "/api/agents", "/v1/realtime/client_secrets"):
        refused(client.post(path, content=body, headers=headers), 400)
    refused(
        client.patch(f"/api/conversations/{conversation}", content=body, headers=headers), 400)
    assert contents(client, conversation) == []
    assert list(pages(client, "/api/sessions")) == []
    assert list(pages(client, "/api/agents")) == []
    assert len(list(pages(client, "/api/conversations"))) == 1


WRONG_VALUES = [None, True, 1, 1.5, -1, "", "x", [], {}, [1], {"a": 1}, "x" * 100_000, 10**30]
FIELDS = {
    "/api/session": [
        "agent_id", "conversation_id", "transport", "type", "model", "voice", "instructions",
        "tools", "tool_choice", "greeting", "session", "context", "expires_after_seconds",
        "metadata"],
    "/api/conversations": ["title", "agent_id", "metadata"],
    "/api/agents": [
        "name", "model", "voice", "instructions", "tools", "tool_choice", "greeting", "context",
        "metadata"],
    "messages": [
        "item_id", "previous_item_id", "session_id", "type", "role", "content", "status",
        "created_at", "metadata", "messages"],
}


@pytest.mark.parametrize("path, field", [(p, f) for p, fields in FIELDS.items() for f in fields])
def test_a_field_of_any_type_is_stored_or_refused_but_never_a_failure(
        client, conversation, path, field):
    base = {"/api/agents": {"name": "x"}, "messages": {"role": "user", "content": "x"}}
    address = f"/api/conversations/{conversation}/messages" if path == "messages" else path
    for value in WRONG_VALUES:
        response = client.post(address, json=base.get(path, {}) | {field: value})
        if response.status_code >= 400:
            assert response.status_code in (400, 404, 409), (value, response.text)
            refused(response, response.status_code)
        else:
            assert response.status_code in (200, 201)


@pytest.mark.parametrize("path", ["/api/session", "/api/conversations", "/api/agents"])
@pytest.mark.parametrize("kind", [
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/xml", "json", ""])
def test_a_body_of_another_type_is_a_415(client, path, kind):
    refused(client.post(path, content=b"{}", headers={"Content-Type": kind}), 415)


def test_json_with_a_charset_is_json(client):
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    succeeded(client.post("/api/conversations", content=b"{}", headers=headers), 201)


class TestSize:
    """The shared broker takes 1 MiB."""

    def body(self, size):
        empty = len(json.dumps({"role": "user", "content": ""}))
        return json.dumps({"role": "user", "content": "x" * (size - empty)}).encode()

    def post(self, client, conversation, content):
        return client.post(
            f"/api/conversations/{conversation}/messages", content=content,
            headers={"Content-Type": "application/json"})

    def test_the_largest_body_is_stored(self, client, conversation):
        body = self.body(1_048_576)
        stored = succeeded(self.post(client, conversation, body), 201)
        assert stored["content"] == json.loads(body)["content"]

    @pytest.mark.parametrize("excess", [1, 5_000_000])
    def test_one_byte_more_is_a_413(self, client, conversation, excess):
        refused(self.post(client, conversation, self.body(1_048_576 + excess)), 413)
        assert contents(client, conversation) == []

    def test_a_chunked_body_is_counted_too(self, client, conversation):
        body = self.body(1_048_576 + 1)
        pieces = (body[i:i + 65_536] for i in range(0, len(body), 65_536))
        refused(self.post(client, conversation, pieces), 413)
        assert contents(client, conversation) == []

    def test_a_chunked_body_within_the_bound_is_stored(self, client, conversation):
        body = self.body(200_000)
        pieces = (body[i:i + 777] for i in range(0, len(body), 777))
        assert succeeded(self.post(client, conversation, pieces), 201)["content"]


@pytest.mark.parametrize("path", [
    "/api", "/api/", "/api/nothing", "/api/sessions/x", "/api/session/x/y", "/v1", "/v1/models",
    "/api/conversations/", "/api/conversations//messages", "/API/session", "/nothing.html",
    "/api/messages/msg_%01", "/api/messages/%2e%2e", "/api/messages/" + "m" * 5000,
])
def test_what_is_not_there_is_a_404(client, path):
    refused(client.get(path), 404)


@pytest.mark.parametrize("path", ["/api/conversations", "/api/sessions", "/api/agents"])
@pytest.mark.parametrize("query", [
    "limit=%00", "limit=%ff", "after=%zz", "limit", "=", "&&&", "limit=1&limit=2", "order=ASC",
    "after=" + "x" * 3000, "limit=9999999999999999999999", "limit=-1", "limit=%31"])
def test_no_query_is_a_failure(client, path, query):
    response = client.get(f"{path}?{query}")
    if response.status_code != 200:
        refused(response, 400)


METHODS = {
    "/api/session": "POST", "/api/sessions": "GET", "/api/conversations": "GET, POST",
    "/api/conversations/{id}": "GET, PATCH, DELETE", "/api/conversations/{id}/messages": "GET, POST",
    "/api/conversations/{id}/export": "GET", "/api/agents": "GET, POST",
    "/v1/realtime/client_secrets": "POST", "/healthz": "GET", "/readyz": "GET",
    "/openapi.json": "GET",
}


@pytest.mark.parametrize("path", METHODS)
def test_other_methods_are_a_405_that_names_the_right_ones(client, conversation, path):
    known = set(METHODS[path].split(", "))
    expected = known | {"OPTIONS"} | ({"HEAD"} if "GET" in known else set())
    address = path.replace("{id}", conversation)
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - known:
        response = client.request(method, address)
        refused(response, 405)
        assert set(response.headers["allow"].split(", ")) == expected
    options = client.options(address)
    assert options.status_code == 204
    assert set(options.headers["allow"].split(", ")) == expected
    assert options.headers["x-request-id"]


@pytest.mark.parametrize("path", [
    "/", "/healthz", "/openapi.json", "/api/conversations", "/api/conversations/{id}"])
def test_head_is_get_without_its_body(client, conversation, path):
    address = path.replace("{id}", conversation)
    got, headed = client.get(address), client.head(address)
    assert headed.status_code == got.status_code == 200
    assert headed.content == b""
    for name in ("content-type", "content-length"):
        assert headed.headers.get(name) == got.headers.get(name)


def test_a_request_id_is_new_for_every_answer(client):
    ids = [client.get("/healthz").headers["x-request-id"] for _ in range(50)]
    assert len(set(ids)) == 50
