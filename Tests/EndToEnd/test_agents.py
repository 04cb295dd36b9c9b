"""Agents: settings under a name (the contract's section 7)."""

import re

import pytest

from support.clients import client as client_of, new_user, pages, refused, succeeded
from support.processes import SERVICE_KEY

UNKNOWN = "agent_01aaaaaaaaaaaaaaaaaaaaaaaa"
TOOL = {"type": "function", "name": "weather", "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
FULL = {
    "name": "Skipper", "model": "gpt-realtime-2.1", "voice": "cedar",
    "instructions": "You are a sailor.", "tools": [TOOL], "tool_choice": "auto",
    "greeting": "Ahoy!", "context": {"max_tokens": 500, "scope": "conversation"},
    "metadata": {"page": "home"},
}


def make(client, **fields):
    return succeeded(client.post("/api/agents", json={"name": "Skipper"} | fields), 201)


def test_an_agent_comes_back_as_it_was_made(client):
    agent = make(client, **FULL)
    assert re.fullmatch(r"agent_[0-9a-z]{26}", agent["id"])
    assert agent["object"] == "agent"
    assert {name: agent[name] for name in FULL} == FULL
    assert succeeded(client.get(f"/api/agents/{agent['id']}")) == agent


def test_a_patch_changes_what_it_names_and_null_clears(client):
    agent = make(client, **FULL)
    path = f"/api/agents/{agent['id']}"
    changed = succeeded(client.patch(path, json={"voice": "ash", "greeting": None}))
    assert (changed["voice"], changed["greeting"]) == ("ash", None)
    assert changed["instructions"] == "You are a sailor."
    cleared = succeeded(client.patch(path, json={
        "model": None, "voice": None, "instructions": None, "tools": None, "tool_choice": None,
        "context": None, "metadata": None}))
    assert cleared["model"] is cleared["voice"] is cleared["instructions"] is None
    assert cleared["tool_choice"] is cleared["context"] is None
    assert (cleared["tools"], cleared["metadata"]) == ([], {})
    assert cleared["name"] == "Skipper"
    refused(client.patch(path, json={"name": None}), 400, param="name")


def test_agents_are_listed_newest_first(client):
    ids = [make(client)["id"] for _ in range(5)]
    assert [a["id"] for a in pages(client, "/api/agents", limit=2)] == ids[::-1]
    assert [a["id"] for a in pages(client, "/api/agents", limit=2, order="asc")] == ids


def test_a_deleted_agent_is_gone_and_its_sessions_stay(client):
    agent = make(client)["id"]
    session = succeeded(client.post("/api/session", json={"agent_id": agent}), 201)["id"]
    deleted = succeeded(client.delete(f"/api/agents/{agent}"))
    assert deleted == {"id": agent, "object": "agent.deleted", "deleted": True}
    refused(client.get(f"/api/agents/{agent}"), 404)
    refused(client.delete(f"/api/agents/{agent}"), 404)
    refused(client.post("/api/session", json={"agent_id": agent}), 404)
    assert succeeded(client.get(f"/api/session/{session}"))["id"] == session


def test_another_users_agent_answers_as_a_missing_one(client, other):
    agent = make(client)["id"]
    path = f"/api/agents/{agent}"
    assert refused(other.get(path), 404) == refused(other.get(f"/api/agents/{UNKNOWN}"), 404)
    refused(other.patch(path, json={"name": "taken"}), 404)
    refused(other.delete(path), 404)
    refused(other.post("/api/session", json={"agent_id": agent}), 404)
    refused(other.post("/api/conversations", json={"agent_id": agent}), 404)
    assert list(pages(other, "/api/agents")) == []
    assert succeeded(client.get(path))["name"] == "Skipper"


@pytest.mark.parametrize("body, param", [
    ({"name": ""}, "name"), ({"name": 1}, "name"), ({"name": "x" * 257}, "name"),
    ({"tools": [{"type": "function"}]}, "tools[0].name"), ({"tools": ["x"]}, "tools[0]"),
    ({"tool_choice": 1}, "tool_choice"), ({"context": {"scope": "all"}}, "context.scope"),
    ({"voice": 1}, "voice"), ({"colour": "red"}, "colour"),
])
def test_a_wrong_field_is_named(client, body, param):
    agent = make(client)["id"]
    refused(client.post("/api/agents", json={"name": "x"} | body), 400, param=param)
    refused(client.patch(f"/api/agents/{agent}", json=body), 400, param=param)
    assert len(list(pages(client, "/api/agents"))) == 1


def test_an_agent_needs_a_name(client):
    refused(client.post("/api/agents", json={}), 400, param="name")


class TestWebhooks:
    """`x_broker` makes the broker call an address, so only a service key sets or sees it."""

    HOOKED = TOOL | {"x_broker": {"url": "http://127.0.0.1:9/hook"}}

    def test_a_service_key_sets_it_and_sees_all_but_the_values_of_headers(self, client):
        hook = {"url": "http://127.0.0.1:9/hook", "headers": {"X-Key": "open-sesame"}}
        agent = make(client, tools=[TOOL | {"x_broker": hook}])
        shown = hook | {"headers": {"X-Key": "<redacted>"}, "timeout_ms": 10_000}
        assert agent["tools"] == [TOOL | {"x_broker": shown}]
        assert succeeded(client.get(f"/api/agents/{agent['id']}")) == agent

    def test_a_stranger_may_not_set_it(self, broker):
        with client_of(broker, key=None) as stranger:
            body = {"name": "x", "tools": [TOOL, self.HOOKED]}
            refused(stranger.post("/api/agents", json=body), 403, param="tools[1].x_broker")

    def test_a_stranger_may_not_set_it_for_a_session(self, broker):
        with client_of(broker, key=None) as stranger:
            tools = [TOOL, self.HOOKED]
            for path, body, param in [
                ("/api/session", {"tools": tools}, "tools[1].x_broker"),
                ("/api/session", {"session": {"tools": tools}}, "session.tools[1].x_broker"),
                ("/v1/realtime/client_secrets", {"session": {"type": "realtime", "tools": tools}},
                 "session.tools[1].x_broker"),
            ]:
                refused(stranger.post(path, json=body), 403, param=param)

    def test_upstream_never_sees_it(self, client):
        # The simulator refuses what upstream does not know, so a leak would be a 400.
        agent = make(client, tools=[self.HOOKED])["id"]
        succeeded(client.post("/api/session", json={"agent_id": agent}), 201)


def test_agents_outlive_a_restart(start):
    server = start()
    user = new_user()
    with client_of(server, user) as client:
        agent = make(client, **FULL)
    assert server.terminate() == 0
    with client_of(start(), user, SERVICE_KEY) as client:
        assert succeeded(client.get(f"/api/agents/{agent['id']}")) == agent
