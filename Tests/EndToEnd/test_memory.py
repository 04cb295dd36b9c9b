"""Facts about a user: what is known, since when, from which messages, and how it is forgotten."""

import re

import pytest

from support.clients import (
    client as client_of, contents, new_conversation, new_user, refused, succeeded)
from support.memory import context, day, facts, recalled, search, settled, store, tell

UNKNOWN = "fact_01aaaaaaaaaaaaaaaaaaaaaaaa"


def on(when, content, role="user"):
    return {"role": role, "content": content, "created_at": day(when)}


def values(client, kind=None):
    """What is known, by value."""
    return {fact["value"]: fact for fact in facts(client) if kind in (None, fact["kind"])}


def test_a_fact_has_every_field_of_the_contract(client):
    message, = tell(client, on("2026-05-07", "My name is Nora."))
    fact = values(client, "name")["Nora"]
    assert set(fact) >= {
        "id", "object", "kind", "text", "value", "since", "until", "source", "message_ids",
        "created_at"}
    assert re.fullmatch(r"fact_[0-9a-z]{26}", fact["id"])
    assert (fact["object"], fact["source"]) == ("fact", "embedded")
    assert fact["since"] == day("2026-05-07") and fact["until"] is None
    assert fact["message_ids"] == [message["id"]]
    assert "Nora" in fact["text"]


@pytest.mark.parametrize("said, kind, value", [
    ("My name is Nora.", "name", "Nora"), ("I live in Rotterdam.", "place", "Rotterdam"),
    ("I work as a nurse.", "job", "nurse"),
])
def test_what_users_say_of_themselves_is_known(client, said, kind, value):
    tell(client, said)
    assert any(value.lower() in known.lower() for known in values(client, kind))
    assert value in context(client)["text"]


@pytest.mark.parametrize("said", [
    "Do you live in Rotterdam?", "She lives in Rotterdam.", "I don't live in Rotterdam.",
    "If I lived in Rotterdam, I would cycle.", "You live in Rotterdam.", "Is my name Nora?",
])
def test_what_users_do_not_say_of_themselves_is_not_known(client, said):
    tell(client, said)
    assert not {"Rotterdam", "Nora"} & set(values(client))


def test_what_the_assistant_says_of_itself_is_no_fact_of_the_user(client):
    tell(client, on("2026-05-07", "My name is Marin and I live in Rotterdam.", "assistant"))
    assert facts(client) == []


def test_a_newer_value_takes_the_place_of_the_older_one_and_both_stay(client):
    old, = tell(client, on("2025-01-10", "I live in Lyon."))
    new, = tell(client, on("2026-03-02", "I moved to Rotterdam."))
    places = values(client, "place")
    assert set(places) == {"Lyon", "Rotterdam"}
    assert (places["Lyon"]["since"], places["Lyon"]["until"]) == (
        day("2025-01-10"), day("2026-03-02"))
    assert places["Rotterdam"]["until"] is None
    assert places["Lyon"]["message_ids"] == [old["id"]]
    assert places["Rotterdam"]["message_ids"] == [new["id"]]
    lines = context(client)["text"].splitlines()
    assert any("Lyon" in line and "until 2026-03-02" in line for line in lines)
    assert any("Rotterdam" in line and "until" not in line for line in lines)


def test_the_order_of_time_counts_and_not_that_of_arrival(client):
    tell(client, on("2026-03-02", "I moved to Rotterdam."))
    tell(client, on("2025-01-10", "I live in Lyon."))
    places = values(client, "place")
    assert places["Rotterdam"]["until"] is None
    assert places["Lyon"]["until"] == day("2026-03-02")


def test_the_same_said_twice_is_one_fact_of_two_messages(client):
    first, = tell(client, on("2025-01-10", "I live in Lyon."))
    second, = tell(client, on("2025-02-10", "I live in Lyon."))
    fact, = facts(client)
    assert set(fact["message_ids"]) == {first["id"], second["id"]}
    assert fact["since"] == day("2025-01-10")


def test_a_fact_goes_with_the_last_message_that_says_it(client):
    first, = tell(client, on("2025-01-10", "I live in Lyon."))
    second, = tell(client, on("2025-02-10", "I live in Lyon."))
    succeeded(client.delete(f"/api/messages/{first['id']}"))
    assert [fact["message_ids"] for fact in facts(client)] == [[second["id"]]]
    succeeded(client.delete(f"/api/conversations/{second['conversation_id']}"))
    assert facts(client) == []
    assert "Lyon" not in context(client)["text"]


def test_an_older_value_holds_again_when_the_newer_one_is_deleted(client):
    tell(client, on("2025-01-10", "I live in Lyon."))
    new, = tell(client, on("2026-03-02", "I moved to Rotterdam."))
    succeeded(client.delete(f"/api/messages/{new['id']}"))
    place, = facts(client)
    assert (place["value"], place["until"]) == ("Lyon", None)


class TestForgetting:
    """Facts are forgotten for good; messages stay in their conversations."""

    def test_a_deleted_fact_stays_deleted(self, client):
        message, = tell(client, "I live in Lyon.")
        fact, = facts(client)
        deleted = succeeded(client.delete(f"/api/memory/{fact['id']}"))
        assert (deleted["id"], deleted["deleted"]) == (fact["id"], True)
        assert set(deleted) == {"id", "object", "deleted"}
        assert facts(client) == []
        tell(client, "I live in Lyon.")
        assert facts(client) == []
        refused(client.delete(f"/api/memory/{fact['id']}"), 404)
        assert contents(client, message["conversation_id"]) == ["I live in Lyon."]

    def test_a_deleted_fact_is_in_no_prompt_and_no_summary(self, client):
        message, = tell(client, "I live in Lyon.")
        tell(client, *(f"Something else, number {n}." for n in range(12)))
        fact, = facts(client)
        succeeded(client.delete(f"/api/memory/{fact['id']}"))
        assert "Lyon" not in context(client, recent_messages=0)["text"]
        summaries = succeeded(
            client.get(f"/api/conversations/{message['conversation_id']}/summaries"))["data"]
        assert all("Lyon" not in summary["text"] for summary in summaries)

    def test_a_deleted_fact_does_not_come_back_with_a_restart(self, start):
        server, user = start(), new_user()
        with client_of(server, user) as client:
            tell(client, "I live in Lyon.", "I work as a nurse.")
            place = next(fact for fact in facts(client) if fact["value"] == "Lyon")
            succeeded(client.delete(f"/api/memory/{place['id']}"))
        server.kill()
        with client_of(start(), user) as client:
            settled(client)
            assert "Lyon" not in {fact["value"] for fact in facts(client)}
            assert facts(client) != []

    def test_all_can_be_forgotten_at_once(self, client):
        told = tell(client, "I live in Lyon.", "My name is Nora.", "The zeppelin lands at noon.")
        tell(client, *(f"Something else, number {n}." for n in range(12)))
        assert succeeded(client.delete("/api/memory"))["deleted"] is True
        assert facts(client) == []
        text = context(client, recent_messages=0)["text"]
        assert not [word for word in ("Lyon", "Nora") if word in text]
        assert contents(client, told[0]["conversation_id"])[0] == "I live in Lyon."

    def test_what_tells_no_fact_stays(self, client):
        tell(client, "The zeppelin lands at noon.", "I live in Lyon.")
        succeeded(client.delete("/api/memory"))
        settled(client)
        text = context(client, recent_messages=0)["text"]
        assert "zeppelin" in text and "Lyon" not in text
        assert len(recalled(client, "zeppelin")) == 1
        assert recalled(client, "Lyon") == search(client, "Lyon") == []

    def test_what_is_said_after_forgetting_is_remembered(self, client):
        tell(client, "I live in Lyon.")
        succeeded(client.delete("/api/memory"))
        tell(client, "I live in Rotterdam.")
        assert set(values(client)) == {"Rotterdam"}
        assert "Rotterdam" in context(client, recent_messages=0)["text"]

    def test_forgetting_nothing_is_fine(self, client):
        assert succeeded(client.delete("/api/memory"))["deleted"] is True


class TestOneUserOnly:
    """No user sees or forgets another's facts."""

    def test_another_users_facts_are_not_there(self, client, other):
        tell(client, "I live in Lyon.")
        assert facts(other) == []

    def test_another_users_fact_answers_as_a_missing_one(self, client, other):
        tell(client, "I live in Lyon.")
        fact, = facts(client)
        assert refused(other.delete(f"/api/memory/{fact['id']}"), 404) == refused(
            other.delete(f"/api/memory/{UNKNOWN}"), 404)
        succeeded(other.delete("/api/memory"))
        assert facts(client) == [fact]


@pytest.mark.parametrize("query, param", [
    ({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"order": "up"}, "order"),
    ({"after": "nonsense"}, "after"), ({"after": UNKNOWN}, None),
])
def test_a_wrong_page_is_refused(client, query, param):
    refused(client.get("/api/memory", params=query), 400, "invalid_value", param)


def test_many_facts_are_walked_page_by_page(client):
    store(client, new_conversation(client), [
        on(f"2025-01-{n:02}", f"I live in {city}.") for n, city in enumerate(
            ("Lyon", "Rotterdam", "Oslo", "Turin", "Porto", "Ghent", "Bremen"), 1)])
    settled(client)
    first = succeeded(client.get("/api/memory", params={"limit": 3}))
    assert len(first["data"]) == 3 and first["has_more"]
    assert first["last_id"] == first["data"][-1]["id"]
    rest = succeeded(client.get("/api/memory", params={"limit": 100, "after": first["last_id"]}))
    assert first["data"] + rest["data"] == facts(client)
    assert len(facts(client)) == 7
