"""What is derived from messages survives kill -9: it catches up, loses nothing, doubles nothing."""

import random

from support.clients import client as client_of, new_conversation, new_user, succeeded
from support.memory import context, day, facts, found, search, settled, store
from support.processes import eventually

BATCH, BATCHES = 400, 6


def messages(start, count):
    return [
        {"item_id": f"item_{n}", "role": "assistant" if n % 2 else "user",
         "created_at": day("2025-03-01") + 60 * n, "content": f"Crate n{n} has a kayak."}
        for n in range(start, start + count)]


def test_a_killed_broker_catches_up_and_finds_each_message_once(start, tmp_path):
    """Killed a moment after each batch, when some of it is indexed."""
    moments, user = random.Random(3), new_user()
    server = start()
    with client_of(server, user) as client:
        conversation = new_conversation(client)
    for number in range(BATCHES):
        with client_of(server, user) as client:
            store(client, conversation, messages(number * BATCH, BATCH))
            for _ in range(moments.randint(0, 3)):
                succeeded(client.get("/healthz"))
        server.kill()
        server = start()
    with client_of(server, user) as client:
        settled(client)
        for number in range(0, BATCH * BATCHES, 97):
            said = f"Crate n{number} has a kayak."
            assert found(client, f"crate n{number}").count(said) == 1
        hits, text = told(client)
    assert len(hits) == len({item for item, _ in hits}) == 100
    undisturbed = start(database=tmp_path / "undisturbed.sqlite")
    with client_of(undisturbed, user) as client:
        store(client, new_conversation(client), messages(0, BATCH * BATCHES))
        settled(client)
        assert (hits, text) == told(client), "the crashes have left traces"


def told(client):
    """What is found and remembered, save the ids that every store makes for itself."""
    hits = search(client, "kayak", limit=100)
    return [(hit["message"]["item_id"], hit["score"]) for hit in hits], context(client)["text"]


def test_facts_and_summaries_are_neither_lost_nor_doubled(start):
    user, cities = new_user(), ("Lyon", "Rotterdam", "Oslo", "Turin", "Porto")
    server = start()
    with client_of(server, user) as client:
        conversation = new_conversation(client)
    for number, city in enumerate(cities):
        with client_of(server, user) as client:
            store(client, conversation, [
                {"role": "user", "content": f"I live in {city}.",
                 "created_at": day("2025-03-01") + 86_400 * number}])
        server.kill()
        server = start()
    with client_of(server, user) as client:
        settled(client)
        assert sorted(fact["value"] for fact in facts(client)) == sorted(cities)
        path = f"/api/conversations/{conversation}/summaries"
        eventually(lambda: sum(
            s["message_count"] for s in succeeded(client.get(path))["data"]) == len(cities))


def test_monitoring_sees_how_far_behind_it_is(start):
    server, user = start(), new_user()
    with client_of(server, user) as client:
        store(client, new_conversation(client), messages(0, 5000))
        settled(client)
        client.get("/api/nothing")
        metrics = client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert '\nbroker_http_requests_total{status="4xx"} 1\n' in metrics.text
    assert "\nbroker_broadcasts 0\n" in metrics.text
    assert "\nbroker_memory_behind_messages 0\n" in metrics.text


def test_a_broker_that_was_stopped_while_behind_says_so_and_catches_up(start):
    user, server = new_user(), start()
    with client_of(server, user) as client:
        store(client, new_conversation(client), messages(0, 5000))
    server.kill()
    with client_of(start(), user) as client:
        settled(client)
        for number in (0, 2500, 4999):
            assert found(client, f"crate n{number}")[:1] == [f"Crate n{number} has a kayak."]
