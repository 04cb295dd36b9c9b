"""httpx clients, and the checks that hold for every answer."""

import itertools
import os
import re

import httpx

from support.processes import SERVICE_KEY

_numbers = itertools.count(1)

ERROR_TYPES = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error",
    404: "invalid_request_error", 405: "invalid_request_error", 408: "invalid_request_error",
    409: "invalid_request_error", 413: "invalid_request_error", 415: "invalid_request_error",
    422: "invalid_request_error", 426: "invalid_request_error", 429: "rate_limit_error",
    500: "server_error", 502: "upstream_error", 503: "server_error", 504: "upstream_error",
}


def new_user():
    """A user that no other test has."""
    return f"user-{os.getpid()}-{next(_numbers)}"


def client(server, user=None, key=SERVICE_KEY, **options):
    """A client that acts for one user with the service key; without a key, a stranger."""
    headers = {}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
        headers["X-Broker-User"] = user or new_user()
    return httpx.Client(
        base_url=server.url, headers=headers, timeout=30, trust_env=False, **options)


def check_error_body(body, status, request_id):
    """The one form of an error (RFC 9110 gives the status its meaning, the broker its form)."""
    assert set(body) == {"error", "request_id"}, body
    error = body["error"]
    assert set(error) - {"upstream"} == {"type", "code", "message", "param"}, error
    assert error["type"] == ERROR_TYPES[status], error
    assert re.fullmatch(r"[a-z][a-z0-9_.]*", error["code"]), error
    assert isinstance(error["message"], str) and error["message"], error
    assert error["param"] is None or isinstance(error["param"], str), error
    assert body["request_id"] and body["request_id"] == request_id


def refused(response, status, code=None, param=None):
    """Checks that an answer is an error of the one form, and gives back its `error`."""
    assert response.status_code == status, (response.status_code, response.text)
    assert response.headers["content-type"].split(";")[0] == "application/json"
    check_error_body(response.json(), status, response.headers["x-request-id"])
    error = response.json()["error"]
    if code is not None:
        assert error["code"] == code, error
    if param is not None:
        assert error["param"] == param, error
    return error


def succeeded(response, status=200):
    """Checks an answer's status, and gives back its JSON."""
    assert response.status_code == status, (response.status_code, response.text)
    assert response.headers["x-request-id"]
    return response.json()


def new_conversation(client, **fields):
    """A fresh conversation's id."""
    return succeeded(client.post("/api/conversations", json=fields), 201)["id"]


def say(client, conversation, content="hello", role="user", status=201, **fields):
    """Stores one message."""
    return succeeded(
        client.post(
            f"/api/conversations/{conversation}/messages",
            json={"role": role, "content": content, **fields}),
        status)


def pages(client, path, **query):
    """Every element of a list, page after page."""
    query = dict(query)
    while True:
        page = succeeded(client.get(path, params=query))
        assert page["object"] == "list"
        yield from page["data"]
        if not page["has_more"]:
            return
        query["after"] = page["last_id"]


def contents(client, conversation):
    """What a conversation says, in order."""
    path = f"/api/conversations/{conversation}/messages"
    return [message["content"] for message in pages(client, path, limit=100)]
