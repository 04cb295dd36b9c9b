"""What was consumed, and what it cost (the contract's section 7)."""

import json
import sqlite3

import pytest

from support.clients import client as client_of, new_user, refused, succeeded
from support.processes import run

NOTHING = {
    "responses": 0, "transcriptions": 0, "translations": 0,
    "tokens": {"input": {"text": 0, "audio": 0, "image": 0},
               "cached": {"text": 0, "audio": 0, "image": 0},
               "output": {"text": 0, "audio": 0, "reasoning": 0}},
    "seconds": 0, "cost_usd": "0.00", "unpriced": 0}


@pytest.mark.parametrize("grouping", ["day", "model", "conversation"])
def test_whoever_used_nothing_pays_nothing(client, grouping):
    succeeded(client.post("/api/session", json={}), 201)
    usage = succeeded(client.get("/api/usage", params={"group_by": grouping}))
    assert usage["group_by"] == grouping and usage["data"] == [] and not usage["has_more"]
    assert usage["total"] == NOTHING


@pytest.mark.parametrize("query, param", [
    ({"group_by": "hour"}, "group_by"), ({"from": "soon"}, "from"), ({"from": 2, "to": 1}, "from")])
def test_a_wrong_parameter_is_named(client, query, param):
    refused(client.get("/api/usage", params=query), 400, param=param)


def test_what_is_stored_is_summed_up(start):
    """Rows as an earlier process left them: by day, by model and by conversation they say the same."""
    server, user = start(), new_user()
    with client_of(server, user) as client:
        session = succeeded(client.post("/api/session", json={}), 201)
        with sqlite3.connect(server.database) as database:
            database.execute("""
                INSERT INTO usage (user_pk, conversation_pk, session_pk, source, source_id, model,
                created_at, input_text, input_audio, input_image, cached_text, cached_audio,
                cached_image, output_text, output_audio, reasoning, milliseconds, cost)
                SELECT user_pk, conversation_pk, pk, 'response', 'resp_1', 'a-model', created_at,
                1, 2, 3, 0, 1, 2, 5, 6, 4, 1500, 1230000 FROM sessions WHERE id = ?""",
                (session["id"],))
        database.close()
        for grouping, name, key in [
                ("day", "day", None), ("model", "model", "a-model"),
                ("conversation", "conversation_id", session["conversation_id"])]:
            usage = succeeded(client.get("/api/usage", params={
                "group_by": grouping, "to": session["created_at"] + 60}))
            group, = usage["data"]
            assert group.pop("object") == "usage.group"
            assert group.pop(name) == key or grouping == "day"
            if grouping == "conversation":
                assert (group.pop("title"), group.pop("preview")) == (None, None)
            assert group == usage["total"] == {
                "responses": 1, "transcriptions": 0, "translations": 0,
                "tokens": {"input": {"text": 1, "audio": 2, "image": 3},
                           "cached": {"text": 0, "audio": 1, "image": 2},
                           "output": {"text": 5, "audio": 6, "reasoning": 4}},
                "seconds": 1.5, "cost_usd": "0.00123", "unpriced": 0}


def test_prices_that_cannot_be_read_stop_the_start(tmp_path):
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({"m": {"input_text": "much"}}))
    result = run("serve", settings={
        "BROKER_DATABASE": tmp_path / "b.sqlite", "BROKER_PORT": 0, "BROKER_MODEL_PRICES": file})
    assert result.returncode != 0
    assert b"BROKER_MODEL_PRICES" in result.stderr and b"m.input_text" in result.stderr
