"""Messages: storing, order, upserts (the contract's section 4)."""

import itertools
import random
import re
import time

import pytest

from support.clients import contents, new_conversation, pages, refused, say, succeeded
from support.transcript import transcript

UNKNOWN = "msg_01aaaaaaaaaaaaaaaaaaaaaaaa"


def path(conversation):
    return f"/api/conversations/{conversation}/messages"


def test_a_stored_message_has_every_field_of_the_contract(client, conversation):
    message = say(client, conversation, "Hello Biscuit", metadata={"seen": True})
    assert set(message) == {
        "id", "object", "conversation_id", "session_id", "item_id", "type", "role", "content",
        "status", "position", "created_at", "metadata"}
    assert re.fullmatch(r"msg_[0-9a-z]{26}", message["id"])
    assert message["object"] == "message"
    assert message["conversation_id"] == conversation
    assert message["session_id"] is None and message["item_id"] is None
    assert (message["type"], message["role"]) == ("message", "user")
    assert message["content"] == "Hello Biscuit"
    assert message["status"] == "completed"
    assert isinstance(message["position"], int)
    assert abs(message["created_at"] - time.time()) < 60
    assert message["metadata"] == {"seen": True}
    assert succeeded(client.get(f"/api/messages/{message['id']}")) == message


@pytest.mark.parametrize("content", [
    "", " ", "naïve café ☕ 漢字 🐕‍🦺", "line\nbreak\ttab", 'quotes " and \\ slashes',
    "<script>alert('x')</script>", "'; DROP TABLE items; --", "x" * 300_000,
])
def test_content_comes_back_as_it_was_given(client, conversation, content):
    assert say(client, conversation, content)["content"] == content
    assert contents(client, conversation) == [content]


def test_the_time_may_be_given(client, conversation):
    assert say(client, conversation, created_at=1_700_000_000)["created_at"] == 1_700_000_000


def test_messages_are_listed_in_the_order_they_were_said(client, conversation):
    words = [f"word {number}" for number in range(25)]
    for word in words:
        say(client, conversation, word)
    assert contents(client, conversation) == words
    ids = [m["id"] for m in pages(client, path(conversation), limit=10)]
    newest = succeeded(client.get(path(conversation), params={"order": "desc", "limit": 2}))
    assert [m["id"] for m in newest["data"]] == ids[:-3:-1]
    back = succeeded(client.get(path(conversation), params={"before": ids[5], "limit": 2}))
    assert [m["id"] for m in back["data"]] == ids[3:5]
    down = succeeded(client.get(
        path(conversation), params={"order": "desc", "after": ids[5], "limit": 2}))
    assert [m["id"] for m in down["data"]] == [ids[4], ids[3]]


class TestItems:
    """`item_id` makes storing idempotent, `previous_item_id` gives the order."""

    def test_the_same_item_again_updates_the_one_message(self, client, conversation):
        first = say(client, conversation, "Hel", item_id="item_1")
        again = say(client, conversation, "Hello", item_id="item_1", status=200)
        assert again["id"] == first["id"]
        assert again["content"] == "Hello"
        assert contents(client, conversation) == ["Hello"]
        assert succeeded(client.get(f"/api/conversations/{conversation}"))["message_count"] == 1

    def test_the_same_item_in_another_conversation_is_another_message(self, client, conversation):
        first = say(client, conversation, "here", item_id="item_1")
        second = say(client, new_conversation(client), "there", item_id="item_1")
        assert first["id"] != second["id"]

    def test_an_item_that_arrives_late_stands_where_it_was_said(self, client, conversation):
        say(client, conversation, "What?", item_id="q", previous_item_id=None)
        say(client, conversation, "Next.", "assistant", item_id="n", previous_item_id="a")
        say(client, conversation, "That.", "assistant", item_id="a", previous_item_id="q")
        assert contents(client, conversation) == ["What?", "That.", "Next."]

    @pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
    def test_any_order_of_arrival_gives_the_same_conversation(self, client, conversation, order):
        items = [
            {"item_id": f"item_{n}", "content": f"word {n}", "role": "user",
             "previous_item_id": f"item_{n - 1}" if n else None} for n in range(4)]
        for number in order:
            say(client, conversation, **items[number])
        assert contents(client, conversation) == [f"word {n}" for n in range(4)]

    def test_a_shuffled_transcript_reported_twice_is_stored_once_in_order(
            self, client, conversation):
        reports = transcript() * 2
        random.Random(7).shuffle(reports)
        for message in reports:
            response = client.post(path(conversation), json=message)
            assert response.status_code in (200, 201)
        assert contents(client, conversation) == [m["content"] for m in transcript()]

    def test_a_finished_item_is_not_undone_by_a_late_partial_report(self, client, conversation):
        say(client, conversation, "Hello there", item_id="item_1")
        response = client.post(path(conversation), json={
            "role": "user", "content": "Hel", "item_id": "item_1", "status": "in_progress"})
        after = succeeded(response, 200)
        assert (after["content"], after["status"]) == ("Hello there", "completed")

    def test_an_empty_report_erases_no_words(self, client, conversation):
        say(client, conversation, "Hello there", item_id="item_1")
        assert say(client, conversation, "", item_id="item_1", status=200)["content"] == (
            "Hello there")

    def test_an_item_may_come_before_its_words(self, client, conversation):
        first = succeeded(client.post(path(conversation), json={
            "role": "user", "item_id": "item_1", "status": "in_progress"}), 201)
        assert first["content"] == ""
        assert say(client, conversation, "Hello", item_id="item_1", status=200)["content"] == "Hello"

    def test_an_interrupted_answer_keeps_what_was_heard(self, client, conversation):
        body = {"role": "assistant", "content": "What was heard", "item_id": "item_1",
                "status": "incomplete", "metadata": {"audio_end_ms": 1200}}
        stored = succeeded(client.post(path(conversation), json=body), 201)
        assert stored["status"] == "incomplete"
        assert stored["metadata"] == {"audio_end_ms": 1200}

    def test_reports_add_to_the_metadata(self, client, conversation):
        say(client, conversation, item_id="item_1", metadata={"a": 1, "b": 1})
        again = say(client, conversation, item_id="item_1", metadata={"b": 2}, status=200)
        assert again["metadata"] == {"a": 1, "b": 2}

    def test_an_item_cannot_change_its_role(self, client, conversation):
        say(client, conversation, "Hello", item_id="item_1")
        body = {"role": "assistant", "content": "Hello", "item_id": "item_1"}
        refused(client.post(path(conversation), json=body), 409)
        assert succeeded(client.get(path(conversation)))["data"][0]["role"] == "user"

    def test_a_deleted_item_stays_deleted(self, client, conversation):
        message = say(client, conversation, "secret", item_id="item_1")["id"]
        succeeded(client.delete(f"/api/messages/{message}"))
        body = {"role": "user", "content": "secret", "item_id": "item_1"}
        refused(client.post(path(conversation), json=body), 409, "item_deleted")
        assert contents(client, conversation) == []

    def test_the_session_of_an_item_is_kept(self, client):
        session = succeeded(client.post("/api/session"), 201)
        stored = say(client, session["conversation_id"], session_id=session["id"])
        assert stored["session_id"] == session["id"]

    def test_a_session_of_another_conversation_or_user_is_refused(
            self, client, other, conversation):
        mine = succeeded(client.post("/api/session"), 201)["id"]
        theirs = succeeded(other.post("/api/session"), 201)["id"]
        for session in (mine, theirs, "sess_01aaaaaaaaaaaaaaaaaaaaaaaa"):
            body = {"role": "user", "content": "x", "session_id": session}
            response = client.post(path(conversation), json=body)
            assert response.status_code in (400, 404, 409), response.text
            refused(response, response.status_code)
        assert contents(client, conversation) == []


class TestContentParts:
    """OpenAI's content parts are given back as text, and kept."""

    def test_the_text_of_every_kind_of_part_is_kept(self, client, conversation):
        parts = [
            {"type": "input_text", "text": "Typed."},
            {"type": "input_audio", "transcript": "Spoken."},
            {"type": "output_text", "text": "Written."},
            {"type": "output_audio", "transcript": "Said."},
        ]
        stored = say(client, conversation, parts)
        for word in ("Typed.", "Spoken.", "Written.", "Said."):
            assert word in stored["content"]
        assert stored["metadata"]["parts"] == parts

    def test_audio_without_a_transcript_yet_is_empty_text(self, client, conversation):
        stored = say(
            client, conversation, [{"type": "input_audio", "transcript": None}], item_id="item_1")
        assert stored["content"] == ""

    @pytest.mark.parametrize("content", [5, {}, [5], [{}], [{"type": 1}], [{"type": "input_text", "text": 1}]])
    def test_what_is_no_content_is_refused(self, client, conversation, content):
        refused(client.post(path(conversation), json={"role": "user", "content": content}), 400)
        assert contents(client, conversation) == []


def test_function_calls_and_their_outputs_are_messages(client, conversation):
    call = succeeded(client.post(path(conversation), json={
        "type": "function_call", "item_id": "item_1", "name": "weather", "call_id": "call_1",
        "arguments": '{"city":"Rotterdam"}'}), 201)
    assert (call["type"], call["role"]) == ("function_call", "assistant")
    assert call["content"] == '{"city":"Rotterdam"}'
    assert call["metadata"] == {"name": "weather", "call_id": "call_1"}
    output = succeeded(client.post(path(conversation), json={
        "type": "function_call_output", "item_id": "item_2", "previous_item_id": "item_1",
        "call_id": "call_1", "output": "Rain."}), 201)
    assert (output["role"], output["content"]) == ("tool", "Rain.")


class TestBatches:
    """Several messages in one request: all of them or none."""

    def test_a_batch_is_answered_by_a_list_in_order(self, client, conversation):
        messages = [{"role": "user", "content": f"word {n}"} for n in range(150)]
        stored = succeeded(client.post(path(conversation), json={"messages": messages}), 201)
        assert stored["object"] == "list"
        assert [m["content"] for m in stored["data"]] == [m["content"] for m in messages]
        assert contents(client, conversation) == [m["content"] for m in messages]

    def test_a_batch_of_known_items_is_a_200(self, client, conversation):
        messages = transcript()
        succeeded(client.post(path(conversation), json={"messages": messages}), 201)
        succeeded(client.post(path(conversation), json={"messages": messages}), 200)
        assert len(contents(client, conversation)) == len(messages)

    def test_one_bad_message_fails_the_whole_batch(self, client, conversation):
        messages = transcript()
        messages[10]["role"] = "pirate"
        refused(
            client.post(path(conversation), json={"messages": messages}), 400,
            param="messages[10].role")
        assert contents(client, conversation) == []

    def test_one_conflict_fails_the_whole_batch(self, client, conversation):
        say(client, conversation, "before", "assistant", item_id="item_t02")
        refused(client.post(path(conversation), json={"messages": transcript()}), 409)
        assert contents(client, conversation) == ["before"]

    @pytest.mark.parametrize("messages", [[], {}, "x", [5]])
    def test_what_is_no_batch_is_refused(self, client, conversation, messages):
        refused(client.post(path(conversation), json={"messages": messages}), 400)

    def test_a_batch_has_no_fields_of_a_single_message(self, client, conversation):
        body = {"messages": [{"role": "user", "content": "x"}], "role": "user"}
        refused(client.post(path(conversation), json=body), 400, param="role")


@pytest.mark.parametrize("body, param", [
    ({"content": "x"}, "role"),
    ({"role": "user"}, "content"),
    ({"role": "pirate", "content": "x"}, "role"),
    ({"role": 1, "content": "x"}, "role"),
    ({"role": "user", "content": "x", "type": "image"}, "type"),
    ({"role": "user", "content": "x", "status": "lost"}, "status"),
    ({"role": "user", "content": "x", "item_id": ""}, "item_id"),
    ({"role": "user", "content": "x", "item_id": "i" * 513}, "item_id"),
    ({"role": "user", "content": "x", "previous_item_id": 1}, "previous_item_id"),
    ({"role": "user", "content": "x", "session_id": "nope"}, "session_id"),
    ({"role": "user", "content": "x", "created_at": "now"}, "created_at"),
    ({"role": "user", "content": "x", "created_at": -1}, "created_at"),
    ({"role": "user", "content": "x", "metadata": "m"}, "metadata"),
    ({"role": "user", "content": "x", "position": 1}, "position"),
    ({"role": "user", "content": "x", "id": "msg_1"}, "id"),
])
def test_a_wrong_field_is_named(client, conversation, body, param):
    refused(client.post(path(conversation), json=body), 400, param=param)
    assert contents(client, conversation) == []


def test_a_message_is_deleted(client, conversation):
    keep, drop = say(client, conversation, "keep"), say(client, conversation, "drop")
    deleted = succeeded(client.delete(f"/api/messages/{drop['id']}"))
    assert deleted == {"id": drop["id"], "object": "message.deleted", "deleted": True}
    refused(client.get(f"/api/messages/{drop['id']}"), 404)
    refused(client.delete(f"/api/messages/{drop['id']}"), 404)
    assert succeeded(client.get(f"/api/messages/{keep['id']}"))["content"] == "keep"
    assert contents(client, conversation) == ["keep"]


def test_another_users_message_answers_as_a_missing_one(client, other, conversation):
    message = say(client, conversation, "private")["id"]
    theirs = refused(other.get(f"/api/messages/{message}"), 404)
    assert theirs == refused(other.get(f"/api/messages/{UNKNOWN}"), 404)
    refused(other.delete(f"/api/messages/{message}"), 404)
    assert contents(client, conversation) == ["private"]


def test_a_message_for_an_unknown_conversation_is_404(client):
    body = {"role": "user", "content": "x"}
    refused(client.post(path("conv_01aaaaaaaaaaaaaaaaaaaaaaaa"), json=body), 404)
    refused(client.post(path("nonsense"), json=body), 404)
