"""`GET /api/search`: every message of a user, by its words."""

import pytest

from support.clients import client as client_of, new_conversation, new_user, refused, say, succeeded
from support.memory import ODD_TEXTS, day, found, search, settled, store, tell
from support.raw import RawConnection, head

UNKNOWN = "conv_01aaaaaaaaaaaaaaaaaaaaaaaa"
LONGEST = 4096


def test_a_hit_has_every_field_of_the_contract(client):
    message, _ = tell(client, "Our dog Biscuit hid behind the boxes.", "It rains in the harbour.")
    page = succeeded(client.get("/api/search", params={"q": "Where is Biscuit the dog?"}))
    assert set(page) == {"object", "data", "first_id", "last_id", "has_more"}
    assert (page["object"], page["has_more"]) == ("list", False)
    assert page["first_id"] == message["id"]
    hit = page["data"][0]
    assert set(hit) == {"object", "message", "score", "snippet", "session_started_at"}
    assert hit["object"] == "search.hit"
    assert hit["message"] == message
    assert 0 < hit["score"] <= 1
    assert hit["session_started_at"] is None
    for part in hit["snippet"]:
        assert set(part) == {"text", "match"} and isinstance(part["match"], bool)
    assert {part["text"].lower() for part in hit["snippet"] if part["match"]} >= {"biscuit", "dog"}


def test_the_best_comes_first_and_scores_fall(client):
    best, other, _ = (m["content"] for m in tell(
        client, "The blue kayak leaks.", "A kayak is a boat.", "It rains in the harbour."))
    assert found(client, "blue kayak")[:2] == [best, other]
    scores = [hit["score"] for hit in search(client, "blue kayak")]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_what_was_said_in_a_session_says_when_that_began(client):
    session = succeeded(client.post("/api/session"), 201)
    say(client, session["conversation_id"], "The kayak leaks.", session_id=session["id"])
    settled(client)
    assert [hit["session_started_at"] for hit in search(client, "kayak")] == [session["created_at"]]


@pytest.mark.parametrize("said, query", [
    ("We moved to another street.", "moving"), ("Le café est fermé.", "CAFE ferme"),
    ("昨日東京へ行きました。", "東京"), ("Wir grüßen die Straße.", "grussen STRASSE"),
    ("The flight is KL1234.", "kl1234"), ("Мы живём в Москве.", "москве"),
    ("Nora's kayak is blue.", "Nora"), ("It costs 42.50 euros", "42.50"),
])
def test_words_are_found_in_other_forms_and_scripts(client, said, query):
    tell(client, said, "Nothing of that sort was ever mentioned.")
    assert found(client, query)[:1] == [said]


@pytest.mark.parametrize("said, typed", [
    ("The zeppelin lands at noon.", "zep"), ("Anabel lives in Lyon.", "who is Anab"),
    ("We visited many cities.", "citie"), ("Мы были в Москве.", "мо"),
    ("Wir waren in Zürich.", "züri")])
def test_a_word_that_is_being_typed_is_found_by_its_beginning(client, said, typed):
    tell(client, said, "Nothing else was said.")
    assert found(client, typed, prefix="true")[:1] == [said]
    hit, = search(client, typed, prefix="true", limit=1)
    assert any(part["match"] for part in hit["snippet"])
    assert found(client, f"x{typed.split()[-1]}", prefix="true") == []


def test_words_that_are_whole_are_not_completed(client):
    tell(client, "The zeppelin lands at noon.")
    assert found(client, "zep") == [] and found(client, "zep noon", prefix="1") != []
    assert found(client, "zep lunch", prefix="true") == []


def test_nothing_is_found_where_nothing_fits(client):
    tell(client, "The kayak leaks.")
    assert succeeded(client.get("/api/search", params={"q": "zeppelin"})) == {
        "object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


@pytest.fixture(scope="class")
def told(broker):
    """A user who said a few things; for tests that only read."""
    with client_of(broker, new_user()) as client:
        tell(client, "The boxes and the dog are in the harbour.", "A second message about tea.")
        yield client


class TestAnyTextIsAQuery:
    """No text is an operator, an error, or more than words."""

    @pytest.mark.parametrize("text", ODD_TEXTS)
    def test_it_is_answered(self, told, text):
        for hit in search(told, text):
            assert 0 <= hit["score"] <= 1

    @pytest.mark.parametrize("text", [
        "boxes NOT dog", "boxes AND zeppelin", '"boxes of dogs"', "boxes*", "^boxes", "(boxes",
        "terms:boxes", "NEAR(boxes zeppelin)", "speaker:boxes", "-boxes",
    ])
    def test_operators_are_not_obeyed(self, told, text):
        assert found(told, text)[:1] == ["The boxes and the dog are in the harbour."]

    @pytest.mark.parametrize("text", ["u1", "owner:u1", "owner", "c1", "y2026", "user", "text"])
    def test_what_the_index_says_of_a_message_is_not_its_text(self, told, text):
        assert found(told, text) == []

    def test_the_longest_is_answered_and_a_longer_one_refused(self, told):
        search(told, "é" * (LONGEST // 2))
        search(told, "boxes " * (LONGEST // 6))
        for text in ("x" * (LONGEST + 1), "é" * (LONGEST // 2) + "x"):
            refused(told.get("/api/search", params={"q": text}), 400, param="q")

    @pytest.mark.parametrize("parameters", [{}, {"q": ""}, {"q": " \t"}])
    def test_no_text_is_refused(self, told, parameters):
        refused(told.get("/api/search", params=parameters), 400, param="q")

    def test_a_hundred_kilobytes_are_refused(self, told, broker):
        """Already as a request, which is larger than the server reads."""
        path = "/api/search?q=" + "x" * 100_000
        with RawConnection(broker) as connection:
            connection.send(head("GET", path))
            assert connection.answer().status in (400, 414, 431)
        search(told, "boxes")


class TestFilters:
    """A conversation, a span of time, a number."""

    def test_a_conversation_leaves_the_others_out(self, client):
        here, there = (tell(client, f"A kayak {place}.")[0] for place in ("here", "there"))
        for message in (here, there):
            conversation = message["conversation_id"]
            assert found(client, "kayak", conversation_id=conversation) == [message["content"]]

    def test_from_and_to_bound_when_it_was_said(self, client):
        days = ["2025-03-01", "2025-06-01", "2025-09-01"]
        tell(client, *({"role": "user", "content": f"A kayak on {d}.", "created_at": day(d)}
                       for d in days))
        said = [f"A kayak on {d}." for d in days]
        after, before = day("2025-04-01"), day("2025-08-01")
        assert sorted(found(client, "kayak", **{"from": after})) == said[1:]
        assert sorted(found(client, "kayak", to=before)) == said[:2]
        assert found(client, "kayak", **{"from": after, "to": before}) == [said[1]]
        assert found(client, "kayak", **{"from": before, "to": after}) == []

    def test_a_limit_cuts_the_best_off(self, client):
        tell(client, *(f"Kayak number {n} is in the harbour." for n in range(30)))
        assert len(search(client, "kayak")) == 20
        assert len(search(client, "kayak", limit=400)) == 30
        assert found(client, "kayak", limit=3) == found(client, "kayak", limit=400)[:3]

    @pytest.mark.parametrize("parameters, param", [
        ({"limit": 0}, "limit"), ({"limit": 401}, "limit"), ({"limit": "ten"}, "limit"),
        ({"from": "soon"}, "from"), ({"to": "2026-05-07"}, "to"), ({"to": "nan"}, "to"), ({"from": 10**20}, "from"),
        ({"conversation_id": "nonsense"}, "conversation_id"),
    ])
    def test_a_wrong_filter_is_named(self, client, parameters, param):
        refused(client.get("/api/search", params={"q": "kayak"} | parameters), 400, param=param)

    def test_an_unknown_conversation_is_a_missing_one(self, client, other):
        theirs = tell(other, "A kayak.")[0]["conversation_id"]
        assert refused(
            client.get("/api/search", params={"q": "kayak", "conversation_id": theirs}), 404
        ) == refused(
            client.get("/api/search", params={"q": "kayak", "conversation_id": UNKNOWN}), 404)


class TestOneUserOnly:
    """What another user said is neither found nor felt."""

    def test_another_users_messages_are_not_found(self, client, other):
        tell(client, "My kayak is blue.")
        tell(other, "My kayak is red.")
        assert found(client, "kayak") == ["My kayak is blue."]
        assert found(other, "kayak") == ["My kayak is red."]

    def test_another_users_words_do_not_change_ranking_or_scores(self, client, other):
        # Each query word is in one of the messages; which is the rarer must not depend on others.
        tell(client, "The kayak leaks.", "The canoe floats.", "It rains in the harbour.")
        before = search(client, "kayak canoe")
        tell(other, *(f"Kayak {n}, kayak, and nothing else." for n in range(200)))
        assert search(client, "kayak canoe") == before


class TestChanges:
    """The index follows what is stored."""

    def test_a_deleted_message_is_not_found(self, client):
        message, kept = tell(client, "The kayak leaks.", "The kayak floats.")
        succeeded(client.delete(f"/api/messages/{message['id']}"))
        assert found(client, "kayak") == [kept["content"]]
        assert found(client, "leaks") == []

    def test_a_deleted_conversation_is_not_found(self, client):
        gone, _ = (tell(client, f"A kayak {place}.")[0] for place in ("here", "there"))
        succeeded(client.delete(f"/api/conversations/{gone['conversation_id']}"))
        assert found(client, "kayak") == ["A kayak there."]

    def test_a_message_that_grew_is_found_by_its_last_words(self, client, conversation):
        say(client, conversation, "The kayak", item_id="item_1")
        settled(client)
        say(client, conversation, "The canoe floats", item_id="item_1", status=200)
        settled(client)
        assert found(client, "kayak") == []
        assert found(client, "canoe") == ["The canoe floats"]

    def test_a_large_batch_is_found_whole(self, client, conversation):
        store(client, conversation, [f"Crate n{n} has a kayak." for n in range(1500)])
        settled(client)
        assert len(search(client, "kayak", limit=100)) == 100
        for n in (0, 741, 1499):
            assert found(client, f"Which is crate n{n}?")[:1] == [f"Crate n{n} has a kayak."]

    def test_a_number_that_could_be_a_year_is_found(self, client):
        tell(client, "My bus is the 1984.", "We are in room 2021.", "It rains in the harbour.")
        assert found(client, "1984")[:1] == ["My bus is the 1984."]
        assert found(client, "Who is in room 2021?")[:1] == ["We are in room 2021."]

    def test_a_very_long_message_is_found_by_its_end(self, client):
        tell(client, "It rains. " * 20_000 + "The zeppelin lands.")
        hit = search(client, "zeppelin")[0]
        assert any(part["match"] and "zeppelin" in part["text"] for part in hit["snippet"])
        assert sum(len(part["text"]) for part in hit["snippet"]) < 2000


def test_there_is_nothing_to_find_where_nothing_was_said(client):
    new_conversation(client)
    assert search(client, "kayak") == []
