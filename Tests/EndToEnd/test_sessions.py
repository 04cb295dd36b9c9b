"""Sessions: minting, what is carried over, ending (the contract's section 3)."""

import re
import time

import pytest

from support.clients import (
    client as client_of, new_conversation, new_user, pages, refused, say, succeeded)
from support.realtime import ask, base_url, configuration
from support.transcript import transcript

UNKNOWN = "sess_01aaaaaaaaaaaaaaaaaaaaaaaa"


def mint(client, status=201, **fields):
    return succeeded(client.post("/api/session", json=fields), status)


def test_a_minted_session_has_every_field_of_the_contract(client):
    session = mint(client)
    assert re.fullmatch(r"sess_[0-9a-z]{26}", session["id"])
    assert re.fullmatch(r"conv_[0-9a-z]{26}", session["conversation_id"])
    assert session["object"] == "session"
    assert session["status"] == "created"
    assert abs(session["created_at"] - time.time()) < 60
    assert session["user_id"] == client.headers["X-Broker-User"]
    assert session["agent_id"] is None
    assert session["transport"] == "webrtc"
    assert session["model"] == "gpt-realtime-2.1"
    assert session["voice"] == "marin"
    assert session["client_secret"]["value"].startswith("ek_")
    assert 500 <= session["client_secret"]["expires_at"] - time.time() <= 700
    assert session["url"] == base_url(client) + "/realtime/calls"
    assert session["greeting_event"] is None
    assert set(session["context"]) == {
        "tokens", "max_tokens", "messages", "summaries", "truncated", "recall"}
    assert session["max_duration_seconds"] == 3600
    assert session["metadata"] == {}


def test_the_body_may_be_left_out(client):
    response = client.post("/api/session")
    assert succeeded(response, 201)["status"] == "created"
    assert response.headers["cache-control"] == "no-store"


def test_a_mint_makes_the_conversation_it_names(client):
    conversation = mint(client)["conversation_id"]
    assert succeeded(client.get(f"/api/conversations/{conversation}"))["message_count"] == 0


def test_a_mint_may_carry_on_a_conversation(client, conversation):
    assert mint(client, conversation_id=conversation)["conversation_id"] == conversation


def test_a_mint_for_an_unknown_conversation_or_agent_stores_nothing(client):
    body = {"conversation_id": "conv_01aaaaaaaaaaaaaaaaaaaaaaaa"}
    refused(client.post("/api/session", json=body), 404)
    refused(client.post("/api/session", json={"agent_id": "agent_01aaaaaaaaaaaaaaaaaaaaaaaa"}), 404)
    assert list(pages(client, "/api/sessions")) == []
    assert list(pages(client, "/api/conversations")) == []


def test_the_shorthands_reach_the_session(client):
    session = mint(
        client, voice="cedar", model="gpt-realtime-2.1-mini", expires_after_seconds=60,
        metadata={"page": "home"})
    assert (session["voice"], session["model"]) == ("cedar", "gpt-realtime-2.1-mini")
    assert session["metadata"] == {"page": "home"}
    assert 30 <= session["client_secret"]["expires_at"] - time.time() <= 90


def test_raw_session_fields_win_over_the_shorthands(client):
    session = mint(
        client, voice="cedar", session={"audio": {"output": {"voice": "ash"}}})
    assert session["voice"] == "ash"


def test_a_greeting_comes_back_as_an_event_ready_to_send(client):
    event = mint(client, greeting='Say "ahoy"!')["greeting_event"]
    assert event["type"] == "response.create"
    assert "ahoy" in event["response"]["instructions"]


def test_a_websocket_session_has_a_secret_of_the_brokers_own(client, broker):
    session = mint(client, transport="websocket")
    assert re.fullmatch(r"bs_[0-9a-z]{32}", session["client_secret"]["value"])
    assert session["url"] == broker.url.replace("http", "ws", 1) + "/api/realtime"


def test_a_transcription_session_is_minted(client):
    session = mint(client, type="transcription")
    assert session["type"] == "transcription"
    assert session["client_secret"]["value"].startswith("ek_")


def test_a_session_is_read_back_without_its_secret(client):
    session = mint(client)
    again = succeeded(client.get(f"/api/session/{session['id']}"))
    assert "client_secret" not in again
    shared = set(session) & set(again)
    assert {name: session[name] for name in shared} == {name: again[name] for name in shared}
    assert session["client_secret"]["value"] not in client.get(f"/api/session/{session['id']}").text


def test_sessions_are_listed_newest_first(client):
    ids = [mint(client)["id"] for _ in range(3)]
    assert [s["id"] for s in pages(client, "/api/sessions", limit=2)] == ids[::-1]
    assert [s["id"] for s in pages(client, "/api/sessions", order="asc", limit=2)] == ids


def test_ending_a_session_is_idempotent(client):
    session = mint(client)
    first = succeeded(client.post(f"/api/session/{session['id']}/end"))
    again = succeeded(client.post(f"/api/session/{session['id']}/end"))
    assert first["status"] == again["status"] == "ended"
    assert first["ended_at"] == again["ended_at"] >= session["created_at"]


def test_unknown_sessions_are_404(client):
    refused(client.get(f"/api/session/{UNKNOWN}"), 404, "not_found")
    refused(client.post(f"/api/session/{UNKNOWN}/end"), 404, "not_found")
    refused(client.get("/api/session/not-an-id"), 404, "not_found")


def test_another_users_session_answers_as_a_missing_one(client, other):
    session = mint(client)["id"]
    theirs = refused(other.get(f"/api/session/{session}"), 404)
    missing = refused(other.get(f"/api/session/{UNKNOWN}"), 404)
    assert theirs == missing
    refused(other.post(f"/api/session/{session}/end"), 404)
    assert succeeded(client.get(f"/api/session/{session}"))["status"] == "created"
    refused(other.post("/api/session", json={
        "conversation_id": succeeded(client.get(f"/api/session/{session}"))["conversation_id"]}), 404)


@pytest.mark.parametrize("body, param", [
    ({"transport": "carrier-pigeon"}, "transport"),
    ({"type": "beta"}, "type"),
    ({"model": 5}, "model"),
    ({"voice": []}, "voice"),
    ({"instructions": {}}, "instructions"),
    ({"tools": {}}, "tools"),
    ({"tools": [{"type": "function"}]}, "tools[0].name"),
    ({"tool_choice": 1}, "tool_choice"),
    ({"greeting": ""}, "greeting"),
    ({"session": "raw"}, "session"),
    ({"session": {"type": "beta"}}, "session.type"),
    ({"context": {"max_tokens": -1}}, "context.max_tokens"),
    ({"context": {"scope": "world"}}, "context.scope"),
    ({"context": {"enabled": "yes"}}, "context.enabled"),
    ({"context": {"depth": 1}}, "context.depth"),
    ({"expires_after_seconds": 9}, "expires_after_seconds"),
    ({"expires_after_seconds": 7201}, "expires_after_seconds"),
    ({"expires_after_seconds": 60.5}, "expires_after_seconds"),
    ({"metadata": []}, "metadata"),
    ({"no_such_field": 1}, "no_such_field"),
    ({"conversation_id": "sess_01aaaaaaaaaaaaaaaaaaaaaaaa"}, "conversation_id"),
    ({"agent_id": 7}, "agent_id"),
])
def test_a_wrong_field_is_named(client, body, param):
    refused(client.post("/api/session", json=body), 400, param=param)
    assert list(pages(client, "/api/sessions")) == []


class TestContext:
    """What a session carries of the ones before it."""

    def remember(self, client, messages=None):
        session = mint(client)
        succeeded(
            client.post(
                f"/api/conversations/{session['conversation_id']}/messages",
                json={"messages": [
                    m | {"session_id": session["id"]} for m in messages or transcript()]}),
            201)
        succeeded(client.post(f"/api/session/{session['id']}/end"))
        return session

    def test_a_first_session_carries_nothing(self, client):
        context = mint(client)["context"]
        assert context["messages"] == context["summaries"] == 0
        assert not context["truncated"]

    def test_the_next_session_says_how_much_it_carries(self, client):
        self.remember(client)
        context = mint(client, context={"max_tokens": 2000, "recent_messages": 4})["context"]
        assert 1 <= context["messages"] <= 4
        assert context["summaries"] >= 1
        assert 0 < context["tokens"] <= context["max_tokens"] == 2000

    def test_the_next_session_can_be_asked_about_the_one_before(self, client):
        self.remember(client)
        secret = mint(client)["client_secret"]["value"]
        answer = ask(base_url(client), secret, "What is the name of my dog?")
        assert "Biscuit" in answer

    def test_the_recall_tool_is_offered_unless_switched_off(self, client):
        own = {"type": "function", "name": "recall", "parameters": {"type": "object"}}
        assert mint(client)["context"]["recall"] is True
        assert mint(client, context={"recall": False})["context"]["recall"] is False
        assert mint(client, tools=[own])["context"]["recall"] is False
        assert mint(client, tool_choice="none")["context"]["recall"] is False

    def test_context_that_is_off_carries_nothing(self, client):
        self.remember(client)
        for context in ({"enabled": False}, {"scope": "none"}, {"max_tokens": 0}):
            session = mint(client, context=context)
            assert session["context"]["messages"] == session["context"]["summaries"] == 0
            answer = ask(
                base_url(client), session["client_secret"]["value"], "What is the name of my dog?")
            assert "Biscuit" not in answer

    def test_the_scope_of_a_conversation_leaves_others_out(self, client):
        told = self.remember(client)["conversation_id"]
        fresh = new_conversation(client)
        scope = {"scope": "conversation"}
        assert mint(client, conversation_id=told, context=scope)["context"]["messages"] > 0
        assert mint(client, conversation_id=fresh, context=scope)["context"]["messages"] == 0

    def test_a_tight_budget_is_kept_and_said(self, client):
        self.remember(client, [
            m | {"content": m["content"] * 20} for m in transcript()])
        context = mint(client, context={"max_tokens": 200, "recent_messages": 20})["context"]
        assert context["tokens"] <= 200
        assert context["truncated"]

    def test_another_user_gets_none_of_it(self, client, other):
        self.remember(client)
        session = mint(other)
        assert session["context"]["messages"] == session["context"]["summaries"] == 0
        answer = ask(
            base_url(other), session["client_secret"]["value"], "What is the name of my dog?")
        assert "Biscuit" not in answer

    def test_a_deleted_conversation_is_not_remembered(self, client):
        session = self.remember(client)
        succeeded(client.delete(f"/api/conversations/{session['conversation_id']}"))
        context = mint(client)["context"]
        assert context["messages"] == context["summaries"] == 0

    def test_a_session_that_was_never_ended_is_remembered_too(self, client):
        session = mint(client)
        for message in transcript():
            say(client, session["conversation_id"], session_id=session["id"], **message)
        answer = ask(
            base_url(client), mint(client)["client_secret"]["value"],
            "What is my sister allergic to?")
        assert "walnuts" in answer


def test_an_agents_settings_are_a_sessions_defaults(client):
    agent = succeeded(
        client.post("/api/agents", json={
            "name": "Skipper", "voice": "cedar", "model": "gpt-realtime-2.1-mini",
            "greeting": "Ahoy!", "context": {"max_tokens": 500}}),
        201)
    session = mint(client, agent_id=agent["id"])
    assert session["agent_id"] == agent["id"]
    assert (session["voice"], session["model"]) == ("cedar", "gpt-realtime-2.1-mini")
    assert "Ahoy!" in session["greeting_event"]["response"]["instructions"]
    assert session["context"]["max_tokens"] == 500
    assert mint(client, agent_id=agent["id"], voice="ash")["voice"] == "ash"


def test_the_database_holds_no_secret(start, tmp_path):
    server = start()
    with client_of(server, new_user()) as client:
        secrets = [mint(client)["client_secret"]["value"],
                   mint(client, transport="websocket")["client_secret"]["value"]]
        keyed = client.post("/api/session", headers={"Idempotency-Key": "once"})
        secrets.append(succeeded(keyed, 201)["client_secret"]["value"])
    server.close()
    for file in tmp_path.iterdir():
        data = file.read_bytes()
        for secret in secrets:
            assert secret.encode() not in data, file


def test_nobody_is_greeted_where_the_greeting_is_null(client):
    agent = succeeded(client.post("/api/agents", json={"name": "A", "greeting": "Hello!"}), 201)
    assert mint(client, agent_id=agent["id"])["greeting_event"] is not None
    assert mint(client, agent_id=agent["id"], greeting=None)["greeting_event"] is None


class TestRenewal:
    """A call carries on in another session."""

    def settings(self, client, session):
        return configuration(base_url(client), session["client_secret"]["value"])

    def test_it_has_the_same_conversation_and_settings_and_greets_nobody(self, client):
        agent = succeeded(client.post("/api/agents", json={
            "name": "Gardener", "greeting": "Hello!", "instructions": "You are a gardener."}), 201)
        tools = [{"type": "function", "name": "water", "parameters": {"type": "object"}}]
        first = mint(client, agent_id=agent["id"], voice="cedar", metadata={"a": "b"},
                     tools=tools, context={"max_tokens": 1500})
        second = succeeded(client.post(f"/api/session/{first['id']}/renew"), 201)
        assert second["id"] != first["id"] and second["client_secret"] != first["client_secret"]
        same = ["conversation_id", "agent_id", "voice", "model", "transport", "metadata", "user_id"]
        assert [second[name] for name in same] == [first[name] for name in same]
        assert (first["greeting_event"] is None, second["greeting_event"]) == (False, None)
        assert second["context"]["max_tokens"] == 1500 and second["context"]["recall"]
        settings = [self.settings(client, session) for session in (first, second)]
        assert settings[0] == settings[1]
        assert [tool["name"] for tool in settings[1]["tools"]] == ["water", "recall"]

    def test_what_was_said_meanwhile_is_known(self, client):
        first = mint(client)
        say(client, first["conversation_id"], "My dog is called Rex.", session_id=first["id"])
        second = succeeded(client.post(f"/api/session/{first['id']}/renew"), 201)
        assert "Rex" in self.settings(client, second)["instructions"]

    def test_without_a_memory_it_knows_what_was_said_in_it_and_no_more(self, client):
        say(client, new_conversation(client), "My cat is called Tom.")
        first = mint(client, context={"enabled": False})
        say(client, first["conversation_id"], "My dog is called Rex.", session_id=first["id"])
        second = succeeded(client.post(f"/api/session/{first['id']}/renew"), 201)
        told = self.settings(client, second)["instructions"]
        assert "Rex" in told and "Tom" not in told
        assert [tool["name"] for tool in self.settings(client, second)["tools"]] == []

    def test_without_a_memory_it_knows_nothing_of_sessions_before_it(self, client):
        conversation = new_conversation(client)
        say(client, conversation, "My cat is called Tom.")
        first = mint(client, conversation_id=conversation, context={"enabled": False})
        say(client, conversation, "My dog is called Rex.", session_id=first["id"])
        second = succeeded(client.post(f"/api/session/{first['id']}/renew"), 201)
        assert self.settings(client, second) == self.settings(client, first)

    def test_it_quotes_as_many_messages_as_before(self, client):
        first = mint(client, context={"recent_messages": 1})
        for word in ("one", "two"):
            say(client, first["conversation_id"], f"This is {word}.", session_id=first["id"])
        second = succeeded(client.post(f"/api/session/{first['id']}/renew"), 201)
        quoted = self.settings(client, second)["instructions"].split("Last turns, word for word:")
        assert "This is two." in quoted[1] and "This is one." not in quoted[1]

    def test_a_new_conversation_has_the_agent_of_its_session(self, client):
        agent = succeeded(client.post("/api/agents", json={"name": "Gardener"}), 201)
        session = mint(client, agent_id=agent["id"])
        conversation = succeeded(client.get(f"/api/conversations/{session['conversation_id']}"))
        assert conversation["agent_id"] == agent["id"]

    def test_strangers_renew_nothing(self, broker, client):
        first = mint(client)
        with client_of(broker, new_user()) as stranger:
            refused(stranger.post(f"/api/session/{first['id']}/renew"), 404)
        refused(client.post(f"/api/session/{UNKNOWN}/renew"), 404)
        refused(client.post(f"/api/session/{first['id']}/renew", json={"voice": "ash"}), 400)
