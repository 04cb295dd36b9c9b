"""Conversations: CRUD, lists, exports (the contract's section 4)."""

import json
import re
import time

import pytest

from support.clients import (
    contents, new_conversation, pages, refused, say, succeeded)
from support.transcript import transcript

UNKNOWN = "conv_01aaaaaaaaaaaaaaaaaaaaaaaa"


def test_a_new_conversation_has_every_field_of_the_contract(client):
    body = {"title": "Moving", "metadata": {"page": {"name": "home"}}}
    made = succeeded(client.post("/api/conversations", json=body), 201)
    assert set(made) == {
        "id", "object", "title", "agent_id", "created_at", "updated_at", "message_count",
        "last_message_at", "metadata", "preview"}
    assert re.fullmatch(r"conv_[0-9a-z]{26}", made["id"])
    assert made["object"] == "conversation"
    assert made["title"] == "Moving"
    assert made["agent_id"] is None and made["last_message_at"] is None
    assert made["message_count"] == 0
    assert made["metadata"] == {"page": {"name": "home"}}
    assert abs(made["created_at"] - time.time()) < 60
    assert succeeded(client.get(f"/api/conversations/{made['id']}")) == made


def test_the_body_may_be_left_out(client):
    assert succeeded(client.post("/api/conversations"), 201)["title"] is None


def test_the_time_may_be_given(client):
    body = {"created_at": 1_700_000_000}
    made = succeeded(client.post("/api/conversations", json=body), 201)
    assert made["created_at"] == 1_700_000_000
    assert succeeded(client.get(f"/api/conversations/{made['id']}")) == made


def test_messages_are_counted(client, conversation):
    for number in range(3):
        last = say(client, conversation, f"number {number}")
    read = succeeded(client.get(f"/api/conversations/{conversation}"))
    assert read["message_count"] == 3
    assert read["last_message_at"] == last["created_at"]
    succeeded(client.delete(f"/api/messages/{last['id']}"))
    assert succeeded(client.get(f"/api/conversations/{conversation}"))["message_count"] == 2


def test_a_patch_changes_what_it_names_and_nothing_else(client):
    made = new_conversation(client, title="Old", metadata={"a": 1})
    changed = succeeded(client.patch(f"/api/conversations/{made}", json={"title": "New"}))
    assert (changed["title"], changed["metadata"]) == ("New", {"a": 1})
    changed = succeeded(client.patch(f"/api/conversations/{made}", json={"metadata": {"b": 2}}))
    assert (changed["title"], changed["metadata"]) == ("New", {"b": 2})
    assert succeeded(client.get(f"/api/conversations/{made}")) == changed


def test_a_patch_with_null_clears(client):
    agent = succeeded(client.post("/api/agents", json={"name": "Skipper"}), 201)["id"]
    made = new_conversation(client, title="Old", agent_id=agent)
    changed = succeeded(client.patch(f"/api/conversations/{made}", json={"title": None}))
    assert (changed["title"], changed["agent_id"]) == (None, agent)
    changed = succeeded(client.patch(f"/api/conversations/{made}", json={"agent_id": None}))
    assert changed["agent_id"] is None


def test_a_preview_is_what_the_user_said_first(client, conversation):
    say(client, conversation, "Welcome!", role="assistant")
    assert succeeded(client.get(f"/api/conversations/{conversation}"))["preview"] == "Welcome!"
    say(client, conversation, "I am\n  moving " + "very " * 100)
    listed, = succeeded(client.get("/api/conversations"))["data"]
    assert listed["preview"].startswith("I am moving very very")
    assert len(listed["preview"]) <= 160 and listed["preview"].endswith("very…")
    assert succeeded(client.get(f"/api/conversations/{conversation}")) == listed


def test_sessions_of_one_conversation_are_listed(client, other):
    first, second = [succeeded(client.post("/api/session"), 201) for _ in range(2)]
    of_first = {"conversation_id": first["conversation_id"]}
    assert [s["id"] for s in succeeded(client.get("/api/sessions", params=of_first))["data"]] == [
        first["id"]]
    refused(other.get("/api/sessions", params=of_first), 404)
    assert len(list(pages(client, "/api/sessions"))) == 2


def test_a_deleted_conversation_is_gone_with_its_messages(client, conversation):
    message = say(client, conversation)["id"]
    deleted = succeeded(client.delete(f"/api/conversations/{conversation}"))
    assert deleted == {"id": conversation, "object": "conversation.deleted", "deleted": True}
    refused(client.get(f"/api/conversations/{conversation}"), 404)
    refused(client.get(f"/api/conversations/{conversation}/messages"), 404)
    refused(client.get(f"/api/messages/{message}"), 404)
    refused(client.delete(f"/api/conversations/{conversation}"), 404)
    assert list(pages(client, "/api/conversations")) == []


@pytest.mark.parametrize("order, reverse", [("asc", False), ("desc", True)])
def test_lists_are_walked_in_both_orders_and_directions(client, order, reverse):
    ids = [new_conversation(client) for _ in range(7)]
    expected = ids[::-1] if reverse else ids
    query = {"order": order, "limit": 3}
    assert [c["id"] for c in pages(client, "/api/conversations", **query)] == expected
    first = succeeded(client.get("/api/conversations", params=query))
    assert [c["id"] for c in first["data"]] == expected[:3]
    assert (first["first_id"], first["last_id"]) == (expected[0], expected[2])
    assert first["has_more"]
    last = succeeded(client.get("/api/conversations", params=query | {"after": expected[5]}))
    assert [c["id"] for c in last["data"]] == expected[6:]
    assert not last["has_more"]
    before = succeeded(client.get("/api/conversations", params=query | {"before": expected[4]}))
    assert [c["id"] for c in before["data"]] == expected[1:4]
    assert before["has_more"]
    between = succeeded(client.get(
        "/api/conversations", params=query | {"after": expected[0], "before": expected[3]}))
    assert [c["id"] for c in between["data"]] == expected[1:3]


def test_an_empty_list_has_no_ids(client):
    assert succeeded(client.get("/api/conversations")) == {
        "object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


def test_twenty_is_the_default_length_of_a_page_and_newest_comes_first(client):
    ids = [new_conversation(client) for _ in range(21)]
    page = succeeded(client.get("/api/conversations"))
    assert [c["id"] for c in page["data"]] == ids[:0:-1]
    assert page["has_more"]


@pytest.mark.parametrize("query, param", [
    ({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"), ({"limit": "ten"}, "limit"),
    ({"limit": "1.5"}, "limit"), ({"order": "up"}, "order"), ({"after": "nonsense"}, "after"),
    ({"before": "msg_01aaaaaaaaaaaaaaaaaaaaaaaa"}, "before"), ({"after": UNKNOWN}, None),
])
def test_a_wrong_page_is_refused(client, query, param):
    refused(client.get("/api/conversations", params=query), 400, "invalid_value", param)


def test_another_users_conversation_answers_as_a_missing_one(client, other, conversation):
    say(client, conversation, "private")
    mine, missing = f"/api/conversations/{conversation}", f"/api/conversations/{UNKNOWN}"
    for path in ("", "/messages", "/export"):
        assert refused(other.get(mine + path), 404) == refused(other.get(missing + path), 404)
    refused(other.patch(mine, json={"title": "taken"}), 404)
    refused(other.delete(mine), 404)
    refused(other.post(mine + "/messages", json={"role": "user", "content": "x"}), 404)
    refused(other.get("/api/conversations", params={"after": conversation}), 400)
    assert list(pages(other, "/api/conversations")) == []
    assert contents(client, conversation) == ["private"]
    assert succeeded(client.get(mine))["title"] is None


@pytest.mark.parametrize("body, param", [
    ({"title": 5}, "title"), ({"title": "x" * 1001}, "title"), ({"metadata": []}, "metadata"),
    ({"metadata": {"big": "x" * 16_384}}, "metadata"), ({"agent_id": "conv_1"}, "agent_id"),
    ({"name": "x"}, "name"), ({"message_count": 3}, "message_count"),
])
def test_a_wrong_field_is_named(client, conversation, body, param):
    refused(client.post("/api/conversations", json=body), 400, param=param)
    refused(client.patch(f"/api/conversations/{conversation}", json=body), 400, param=param)
    assert len(list(pages(client, "/api/conversations"))) == 1


def test_a_conversation_of_an_unknown_agent_is_refused(client, conversation):
    body = {"agent_id": "agent_01aaaaaaaaaaaaaaaaaaaaaaaa"}
    refused(client.post("/api/conversations", json=body), 404)
    refused(client.patch(f"/api/conversations/{conversation}", json=body), 404)


class TestExport:
    """A whole conversation, as a file."""

    @pytest.fixture
    def told(self, client):
        conversation = new_conversation(client, title="Boxes & <stairs>")
        messages = [
            m | {"created_at": 1_780_000_000 + 10 * number}
            for number, m in enumerate(transcript())]
        succeeded(client.post(
            f"/api/conversations/{conversation}/messages", json={"messages": messages}), 201)
        return conversation

    def export(self, client, conversation, form=None):
        response = client.get(
            f"/api/conversations/{conversation}/export", params={"format": form} if form else {})
        assert response.status_code == 200
        return response

    def test_json_lines_hold_every_message_in_order(self, client, told):
        response = self.export(client, told)
        assert response.headers["content-type"] == "application/jsonl"
        assert f"{told}.jsonl" in response.headers["content-disposition"]
        lines = [json.loads(line) for line in response.text.splitlines()]
        assert [line["content"] for line in lines] == [m["content"] for m in transcript()]
        assert lines == list(pages(client, f"/api/conversations/{told}/messages", limit=100))

    def test_markdown_names_title_speakers_and_words(self, client, told):
        response = self.export(client, told, "markdown")
        assert response.headers["content-type"].startswith("text/markdown")
        assert "Boxes & <stairs>" in response.text.splitlines()[0]
        places = [response.text.index(m["content"]) for m in transcript()]
        assert places == sorted(places)
        assert "**User**" in response.text and "**Assistant**" in response.text

    def test_text_is_one_line_a_message(self, client, told):
        response = self.export(client, told, "text")
        assert response.headers["content-type"].startswith("text/plain")
        lines = response.text.splitlines()
        assert len(lines) == len(transcript())
        assert lines[1].endswith("User: " + transcript()[1]["content"])

    def test_captions_are_webvtt(self, client, told):
        response = self.export(client, told, "vtt")
        assert response.headers["content-type"].startswith("text/vtt")
        lines = response.text.splitlines()
        assert lines[0] == "WEBVTT"
        times = [line for line in lines if "-->" in line]
        assert len(times) == len(transcript())
        assert times[0].startswith("00:00:00.000 --> ")
        assert times[1].startswith("00:00:10.000 --> ")

    def test_an_unknown_format_is_refused(self, client, told):
        refused(
            client.get(f"/api/conversations/{told}/export", params={"format": "pdf"}), 400,
            param="format")

    def test_an_empty_conversation_has_an_empty_export(self, client, conversation):
        assert self.export(client, conversation).content == b""
        assert self.export(client, conversation, "vtt").text.strip() == "WEBVTT"

    def test_a_long_conversation_is_exported_whole(self, client, conversation):
        for start in range(0, 3000, 1000):
            messages = [{"role": "user", "content": f"line {start + n}"} for n in range(1000)]
            succeeded(client.post(
                f"/api/conversations/{conversation}/messages", json={"messages": messages}), 201)
        lines = self.export(client, conversation).text.splitlines()
        assert [json.loads(line)["content"] for line in lines] == [
            f"line {n}" for n in range(3000)]
