"""Upstream's sessions end by their time, by faults at any moment, and again and again."""

import time

import pytest

from support.clients import client as client_of, succeeded
from support.relay import (
    RelayClient, messages, reads_in_the_end, session_of, stored, text_session, told)
from support.renewal import texts


def finished(relay, text=None):
    """Says something, if anything, and waits for a whole answer to it; what that is."""
    if text is not None:
        relay.say(text)
        relay.send("response.create")
    done = relay.wait(
        "response.done", where=lambda event: event["response"]["status"] == "completed")
    return done["response"]["output"][0]["content"][0]["text"]


class TestFaultsAtAnyMoment:
    """The simulator drops the first upstream session behind some event."""

    @pytest.mark.parametrize("close", [None, {"code": 1011, "reason": "gone"}])
    @pytest.mark.parametrize("events", [1, 2, 3, 5, 7, 9, 12, 14, 16, 20, 25, 30])
    def test_the_conversation_goes_on_and_nothing_is_lost_or_doubled(
            self, simulated, events, close):
        script = {"drop_after_events": events} | ({"close": close} if close else {})
        # With pauses, so that what is said arrives before the connection is cut.
        server = simulated({"sockets": [script]}, pace=0.2)
        questions = ["My dog is called Rex.", "It is cold here.", "Are you sure?"]
        with client_of(server) as client:
            session = text_session(client)
            with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
                answers = [finished(relay, text) for text in questions]
            types = relay.types()
            assert types.count("broker.session_renewed") == 1
            assert types.count("session.created") == 1
            reads_in_the_end(lambda: session_of(client, session["id"])["status"], "ended")
            found = messages(client, session["conversation_id"])
        said = [m["content"] for m in found if m["role"] == "user"]
        assert said == questions
        # An answer that was cut is there as far as it went, and the one that took its place.
        whole = [m["content"] for m in found
                 if m["role"] == "assistant" and m["status"] == "completed"]
        assert [text for text in whole if text in answers] == answers
        ended = [event["text"] for event in relay.of("response.output_text.done")]
        assert set(whole) <= set(ended)
        cut = [m for m in found if m["status"] != "completed"]
        assert len(cut) <= 1 and {m["status"] for m in cut} <= {"incomplete"}
        seen = [event["item"]["id"] for event in relay.of("conversation.item.added")]
        assert set(seen) == {m["item_id"] for m in found}

    @pytest.mark.parametrize("events", [2, 3, 6, 8, 14])
    def test_the_greeting_is_spoken_whole_once(self, simulated, events):
        server = simulated({"sockets": [
            {"drop_after_events": events, "close": {"code": 1011, "reason": "gone"}}]})
        with client_of(server) as client:
            session = text_session(client, greeting="Ahoy there!")
            with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
                greeting, answer = finished(relay), finished(relay, "Hello.")
            reads_in_the_end(lambda: session_of(client, session["id"])["status"], "ended")
            found = [m["content"] for m in messages(client, session["conversation_id"])
                     if m["role"] == "assistant" and m["status"] == "completed"]
        assert found == [greeting, answer]
        # One that was begun goes on; one that was not is as the owner wants it.
        assert events > 3 or greeting == "Ahoy there!"

    @pytest.mark.parametrize("events", [1, 6, 14])
    def test_a_stall_is_waited_for(self, simulated, events):
        server = simulated(
            {"sockets": [{"stall_after_events": events, "stall_ms": 1500}]})
        with client_of(server) as client:
            session = text_session(client)
            with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
                answers = [finished(relay, text) for text in ("One.", "Two.")]
            assert "broker.session_renewed" not in relay.types()
            stored(client, session["conversation_id"], [
                ("user", "One."), ("assistant", answers[0]),
                ("user", "Two."), ("assistant", answers[1])])


class TestExpiry:
    """Upstream's hour, made short."""

    def test_the_next_session_takes_over_in_good_time(self, simulated):
        server = simulated({"sockets": [{"expire_after_seconds": 4}]})
        with client_of(server) as client:
            session = text_session(client, greeting="Ahoy there!")
            with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
                answers = [finished(relay), finished(relay, "My dog is called Rex.")]
                renewed = relay.wait("broker.session_renewed")
                assert (renewed["reason"], renewed["lost"]) == ("upstream_limit", [])
                answers.append(finished(relay, "What is the name of my dog?"))
            assert "Rex" in answers[2]
            assert "error" not in relay.types()
            assert relay.types().count("session.created") == 1
            stored(client, session["conversation_id"], [
                ("assistant", "Ahoy there!"),
                ("user", "My dog is called Rex."), ("assistant", answers[1]),
                ("user", "What is the name of my dog?"), ("assistant", answers[2])])

    def test_what_was_just_said_is_not_left_behind(self, begun, upstream):
        """Speech that has stopped is in the conversation a moment later only."""
        it = begun({"expires_at": int(time.time()) + 10})
        old = it.peer
        old.send("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=0)
        it.next()
        old.send("input_audio_buffer.speech_stopped", item_id="item_1", audio_end_ms=900)
        old.send("input_audio_buffer.committed", previous_item_id=None, item_id="item_1")
        old.add("item_1", content=[{"type": "input_audio", "transcript": "Is anybody there?"}])
        old.answer("resp_1", "item_2", "I am.", after="item_1")
        it.relay.wait("response.done")
        items, _ = it.carried_over()
        assert texts(items) == [("user", "Is anybody there?"), ("assistant", "I am.")]
        assert it.renewed["lost"] == []

    def test_nobody_is_cut_short_by_it(self, begun, upstream):
        """The next session waits for the end of an answer, as long as there is time."""
        it = begun({"expires_at": int(time.time()) + 10})
        old = it.peer
        old.begin("resp_1")
        old.begin_item("resp_1", "item_1")
        new = it.next()
        new.send("some.event", of="the next one")
        old.delta("resp_1", "item_1", "Not yet.")
        it.relay.wait("response.output_text.delta")
        old.end("resp_1", "item_1", "Not yet.")
        it.relay.wait("response.done")
        items, _ = it.carried_over()
        assert texts(items) == [("assistant", "Not yet.")]
        assert old.closed()[0] == 1000
        assert "some.event" not in it.relay.types()

    def test_it_takes_over_at_last_even_from_somebody_who_speaks(self, begun):
        it = begun({"expires_at": int(time.time()) + 4})
        old = it.peer
        old.begin("resp_1")
        old.begin_item("resp_1", "item_1")
        old.delta("resp_1", "item_1", "On and on")
        it.next()
        items, last = it.carried_over()
        assert (it.renewed["reason"], it.renewed["lost"]) == ("upstream_limit", ["response"])
        (done,) = [event["response"] for event in it.relay.of("response.done")]
        assert (done["id"], done["status"]) == ("resp_1", "failed")
        assert done["status_details"]["error"]["code"] == "upstream_session_ended"
        assert texts(items) == [("assistant", "On and on")]
        assert len(it.peer.of("response.create")) == 1
        it.peer.answer("resp_2", "item_2", "and on.", after=last)
        it.relay.wait("response.done")
        stored(it.owner, it.conversation, [("assistant", "On and on"), ("assistant", "and on.")])
        assert [m["status"] for m in messages(it.owner, it.conversation)] == [
            "incomplete", "completed"]


    def test_what_it_would_still_say_is_nobodys(self, begun):
        """The old session still owes a transcript, and goes on to speak: only one of these counts."""
        it = begun({"expires_at": int(time.time()) + 4})
        old = it.peer
        for type in "added", "done":
            old.send(f"conversation.item.{type}", previous_item_id=None, item={
                "id": "item_q", "type": "message", "role": "user", "status": "completed",
                "content": [{"type": "input_audio", "transcript": None}]})
        old.begin("resp_1")
        old.begin_item("resp_1", "item_1", after="item_q")
        old.delta("resp_1", "item_1", "On and on")
        it.next()
        items, last = it.carried_over()
        assert texts(items) == [("assistant", "On and on")]
        old.wait("response.cancel")
        old.end("resp_1", "item_1", "On and on and on.", after="item_q")
        old.send("conversation.item.input_audio_transcription.completed", item_id="item_q",
                 content_index=0, transcript="Well?")
        it.peer.answer("resp_2", "item_2", "and on.", after=last)
        it.relay.wait("response.done")
        stored(it.owner, it.conversation, [
            ("user", "Well?"), ("assistant", "On and on"), ("assistant", "and on.")])


class TestSettings:
    """What the next upstream session is to be, and upstream's word on it."""

    def refuse(self, peer):
        update = peer.wait("session.update")
        peer.send("error", error={
            "type": "invalid_request_error", "code": "string_above_max_length",
            "message": "Too long.", "param": "session.instructions",
            "event_id": update["event_id"]})
        return update["session"]

    def test_refused_it_is_told_those_before(self, begun, upstream):
        it = begun()
        it.exchange(1)
        first = it.opened
        it.peer.abort()
        it.peer = upstream.accept()
        self.refuse(it.peer)
        assert it.peer.open() == first
        assert len(it.carried_over()[0]) == 2

    def test_refused_twice_it_goes_on_without(self, begun, upstream):
        it = begun()
        it.exchange(1)
        it.peer.abort()
        it.peer = upstream.accept()
        self.refuse(it.peer)
        self.refuse(it.peer)
        assert len(it.carried_over()[0]) == 2


class TestOrder:
    """What was said before stays before, in whatever order it becomes known."""

    def test_speech_without_a_transcript_keeps_its_place(self, begun):
        it = begun()
        answer = it.exchange(1)
        for type in "added", "done":
            it.peer.send(f"conversation.item.{type}", previous_item_id=answer, item={
                "id": "item_s", "type": "message", "role": "user", "status": "completed",
                "content": [{"type": "input_audio", "transcript": None}]})
        it.relay.wait("conversation.item.done", where=lambda e: e["item"]["id"] == "item_s")
        it.peer.abort()
        it.next()
        items, last = it.carried_over()
        assert len(items) == 2
        it.exchange(2, after=last)
        stored(it.owner, it.conversation, [
            ("user", "Question 1"), ("assistant", "Answer 1"), ("user", ""),
            ("user", "Question 2"), ("assistant", "Answer 2")])

    def test_with_nothing_carried_over_too(self, begun):
        it = begun()
        for type in "added", "done":
            it.peer.send(f"conversation.item.{type}", previous_item_id=None, item={
                "id": "item_s", "type": "message", "role": "user", "status": "completed",
                "content": [{"type": "input_audio", "transcript": None}]})
        it.relay.wait("conversation.item.done")
        it.peer.abort()
        it.next()
        items, last = it.carried_over()
        assert (items, last) == ([], None)
        it.exchange(2)
        stored(it.owner, it.conversation, [
            ("user", ""), ("user", "Question 2"), ("assistant", "Answer 2")])


class TestTrouble:
    """The next upstream session is not to be had at once, or ever."""

    def test_it_is_tried_again(self, begun, upstream):
        it = begun()
        it.exchange(1)
        for status in 503, 429:
            upstream.refuse(status)
        it.peer.abort()
        it.next()
        assert len(it.carried_over()[0]) == 2

    def test_in_the_end_it_is_given_up(self, begun, owner, upstream):
        it = begun()
        it.exchange(1)
        for _ in range(20):
            upstream.refuse(503)
        it.peer.abort()
        assert it.relay.wait("error")["error"]["code"] == "upstream_status_503"
        assert it.relay.closed()[0] == 1011
        reads_in_the_end(
            lambda: session_of(owner, it.session["id"])["end_reason"], "upstream_failed")
        assert len(it.told(2)) == 2

    def test_an_upstream_that_drops_every_session_is_asked_less_and_less(self, begun):
        """Each session costs something."""
        it = begun()
        began = time.monotonic()
        for _ in range(8):
            it.peer.close(1011, "gone")
            it.next()
            it.relay.wait("broker.session_renewed")
        assert time.monotonic() - began > 3
