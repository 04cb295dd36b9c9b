"""What was said over a relay, as REST tells it: complete, in order, and once."""

import json

import pytest

from support.clients import client as client_of, contents, new_user, succeeded
from support.processes import eventually
from support.relay import (
    RelayClient, messages, new_session, reads_in_the_end, stored, text_session, told)

TIME_TOOL = {"type": "function", "name": "get_time", "description": "Tells the time.",
             "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


@pytest.fixture
def talk(simulated):
    """A user, a session and its relay, in front of a simulator with a script for it."""
    opened = []

    def talk(script=None, pace=0, **fields):
        server = simulated({"sockets": [script]} if script else None, pace)
        client = client_of(server)
        session = new_session(client, **fields)
        relay = RelayClient(session["url"], session["client_secret"]["value"])
        opened.extend([relay.socket, client])
        relay.wait("session.created")
        return client, session["conversation_id"], relay

    yield talk
    for one in reversed(opened):
        one.close()


def spoken_turn(relay, done="response.done"):
    relay.speak()
    relay.wait(done)


def test_turns_in_writing(talk):
    client, conversation, relay = talk(
        {"answers": ["First answer.", "Second answer.", "Third answer."]},
        session={"output_modalities": ["text"]})
    for question in "One?", "Two?", "Three?":
        relay.ask(question)
    expected = [("user", "One?"), ("assistant", "First answer."),
                ("user", "Two?"), ("assistant", "Second answer."),
                ("user", "Three?"), ("assistant", "Third answer.")]
    stored(client, conversation, expected)
    relay.socket.close()
    path = f"/api/conversations/{conversation}"
    reads_in_the_end(lambda: succeeded(client.get(path))["message_count"], 6)
    assert told(client, conversation) == expected
    assert {m["status"] for m in messages(client, conversation)} == {"completed"}


def test_spoken_turns_whose_transcripts_are_late_twice_or_behind_the_next(talk):
    client, conversation, relay = talk({
        "transcriptions": [{"text": "My name is Ana.", "delay_ms": 300, "duplicate": True},
                           {"text": "I live in Graz.", "after_next_turn": True},
                           {"text": "Where do I live?", "duplicate": True},
                           {"text": "Thank you."}],
        "answers": ["Hello Ana.", "A nice town.", "In Graz.", "You are welcome."]})
    for _ in range(4):
        spoken_turn(relay)
    stored(client, conversation, [
        ("user", "My name is Ana."), ("assistant", "Hello Ana."),
        ("user", "I live in Graz."), ("assistant", "A nice town."),
        ("user", "Where do I live?"), ("assistant", "In Graz."),
        ("user", "Thank you."), ("assistant", "You are welcome.")])


def test_speech_that_was_not_understood_keeps_its_place(talk):
    client, conversation, relay = talk({
        "transcriptions": [{"error": {"code": "audio_unintelligible", "message": "?"}},
                           {"text": "Can you hear me now?"}],
        "answers": ["Pardon?", "I can."]})
    spoken_turn(relay)
    spoken_turn(relay)
    stored(client, conversation, [
        ("user", ""), ("assistant", "Pardon?"),
        ("user", "Can you hear me now?"), ("assistant", "I can.")])
    assert messages(client, conversation)[0]["metadata"]["transcription"] == "audio_unintelligible"


OUTSTANDING = {"transcriptions": [{"text": "Good night.", "delay_ms": 1500}],
               "answers": ["Sleep well."]}


@pytest.mark.parametrize("how", ["close", "end"])
def test_a_transcript_that_is_outstanding_at_the_end_is_waited_for(talk, how):
    client, conversation, relay = talk(OUTSTANDING)
    spoken_turn(relay)
    if how == "end":
        session = succeeded(client.get("/api/sessions"))["data"][0]["id"]
        succeeded(client.post(f"/api/session/{session}/end"))
    relay.socket.close()
    stored(client, conversation, [("user", "Good night."), ("assistant", "Sleep well.")])


def test_a_transcript_that_is_outstanding_at_the_brokers_stop_is_waited_for(simulated, start):
    server, user = simulated({"sockets": [OUTSTANDING]}), new_user()
    with client_of(server, user) as client:
        session = new_session(client)
    relay = RelayClient(session["url"], session["client_secret"]["value"])
    spoken_turn(relay)
    server.process.terminate()
    assert relay.closed()[0] == 1001
    assert server.wait() == 0
    with client_of(start(), user) as client:
        assert told(client, session["conversation_id"]) == [
            ("user", "Good night."), ("assistant", "Sleep well.")]


def test_function_calls_of_the_client(talk):
    client, conversation, relay = talk(
        {"answers": [{"function_call": {"name": "get_time", "arguments": {"city": "Graz"}}},
                     "It is noon in Graz."]},
        session={"output_modalities": ["text"], "tools": [TIME_TOOL]})
    relay.ask("What time is it in Graz?")
    call = relay.of("response.function_call_arguments.done")[0]
    relay.send("conversation.item.create", item={
        "type": "function_call_output", "call_id": call["call_id"], "output": '{"time":"12:00"}'})
    relay.send("response.create")
    relay.wait("response.done")
    eventually(lambda: len(messages(client, conversation)) == 4)
    question, asked, answered, said = messages(client, conversation)
    assert (question["type"], said["content"]) == ("message", "It is noon in Graz.")
    assert (asked["type"], asked["role"]) == ("function_call", "assistant")
    assert asked["metadata"]["name"] == "get_time"
    assert json.loads(asked["content"]) == {"city": "Graz"}
    assert (answered["type"], answered["role"]) == ("function_call_output", "tool")
    assert answered["content"] == '{"time":"12:00"}'
    assert asked["metadata"]["call_id"] == answered["metadata"]["call_id"] == call["call_id"]


LONG = "This is a long story. " * 40


def test_an_answer_that_the_user_talks_over_is_incomplete(talk):
    client, conversation, relay = talk(
        {"answers": [LONG, "As you wish."],
         "transcriptions": [{"text": "Tell me a story."}, {"text": "Stop, please."}]}, pace=1)
    relay.speak()
    relay.wait("response.output_audio.delta", count=4)
    item = relay.events[-1]["item_id"]
    relay.speak()
    relay.wait("input_audio_buffer.speech_started")
    relay.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=300)
    relay.wait("conversation.item.truncated")
    relay.wait("response.done", where=lambda event: event["response"]["status"] == "completed")
    eventually(lambda: told(client, conversation)[-1] == ("assistant", "As you wish."))
    first, cut, second, last = messages(client, conversation)
    assert (first["content"], second["content"]) == ("Tell me a story.", "Stop, please.")
    assert (cut["status"], cut["metadata"]["audio_end_ms"]) == ("incomplete", 300)
    assert LONG.startswith(cut["content"]) and 0 < len(cut["content"]) < len(LONG)


def test_an_answer_that_was_heard_in_part_only_says_so(talk):
    client, conversation, relay = talk({"answers": [LONG]})
    relay.ask("Tell me a story.")
    item = relay.of("response.output_audio.delta")[0]["item_id"]
    relay.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=1200)
    relay.wait("conversation.item.truncated")
    def cut():
        return [(m["status"], m["metadata"].get("audio_end_ms"))
                for m in messages(client, conversation)][1:]
    reads_in_the_end(cut, [("incomplete", 1200)])
    assert contents(client, conversation)[1].strip() == LONG.strip()
    heard = messages(client, conversation)[1]["metadata"]["heard_text"]
    assert LONG.strip().startswith(heard) and 0 < len(heard) < len(LONG) / 2, heard


def test_deleted_items_and_asides_are_left_out(talk):
    client, conversation, relay = talk(
        {"answers": ["Noted.", "An aside.", "Gone."]}, session={"output_modalities": ["text"]})
    relay.say("Forget this.", id="item_secret")
    relay.ask("Keep this.")
    relay.send("conversation.item.delete", item_id="item_secret")
    relay.wait("conversation.item.deleted")
    relay.send("response.create", response={"conversation": "none", "input": []})
    relay.wait("response.done")
    relay.ask("Is it gone?")
    expected = [("user", "Keep this."), ("assistant", "Noted."),
                ("user", "Is it gone?"), ("assistant", "Gone.")]
    stored(client, conversation, expected)


def test_items_that_the_client_puts_in_between_stand_there(talk):
    client, conversation, relay = talk(session={"output_modalities": ["text"]})
    relay.say("last", id="item_last")
    relay.send("conversation.item.create", previous_item_id="root", item={
        "id": "item_first", "type": "message", "role": "user",
        "content": [{"type": "input_text", "text": "first"}]})
    relay.send("conversation.item.create", previous_item_id="item_first", item={
        "id": "item_middle", "type": "message", "role": "assistant",
        "content": [{"type": "output_text", "text": "middle"}]})
    relay.settled()
    stored(client, conversation,
           [("user", "first"), ("assistant", "middle"), ("user", "last")])


def test_the_client_is_told_of_each_message_once_it_is_on_disk(talk):
    client, conversation, relay = talk({"answers": ["Hello."]})
    relay.ask("Hi.")
    while len(relay.of("broker.message_stored")) < 2:
        relay.event()
    relay.settled()
    found = [event["message"] for event in relay.of("broker.message_stored")]
    assert [message["content"] for message in found] == ["Hi.", "Hello."]
    assert found == messages(client, conversation)


class TestOddities:
    """Events that only an upstream of the test's own sends."""

    @pytest.fixture
    def open(self, owner, upstream):
        session = text_session(owner)
        with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
            peer = upstream.accept()
            peer.open()
            relay.wait("session.created")
            yield owner, session["conversation_id"], relay, peer

    @pytest.mark.parametrize("text", [
        "a\u0000b", "\u0000", "🐕‍🦺 漢字 ü \\ \" / \u2028", "x" * 300_000, " \n ",
        "\ufffe\uffff"])
    def test_any_text_is_kept(self, open, text):
        owner, conversation, relay, peer = open
        peer.add("item_1", text)
        peer.answer("resp_1", "item_2", text, after="item_1")
        peer.add("item_3", "The end.", after="item_2")
        eventually(lambda: contents(owner, conversation)[-1:] == ["The end."])
        # SQLite ends texts at a NUL in some of its functions; a mark in its place is as good.
        marks = {text, text.replace("\0", "\ufffd"), text.replace("\0", "")}
        first, second, _ = contents(owner, conversation)
        assert first in marks and second in marks

    def test_the_order_is_that_of_previous_item_id(self, open):
        owner, conversation, relay, peer = open
        peer.add("item_3", "three", after="item_2")
        peer.add("item_1", "one")
        peer.add("item_2", "two", after="item_1")
        peer.add("item_4", "four", after="item_3")
        stored(owner, conversation,
               [("user", word) for word in ("one", "two", "three", "four")])

    def test_an_answer_that_is_cut_off_by_the_client_keeps_what_was_said(self, open):
        owner, conversation, relay, peer = open
        peer.add("item_1", "Tell me.")
        peer.begin("resp_1")
        peer.begin_item("resp_1", "item_2", after="item_1")
        peer.delta("resp_1", "item_2", "Once upon ")
        peer.delta("resp_1", "item_2", "a time")
        relay.wait("response.output_text.delta", count=2)
        relay.socket.close()
        stored(owner, conversation, [("user", "Tell me."), ("assistant", "Once upon a time")])
        reads_in_the_end(
            lambda: messages(owner, conversation)[1]["status"], "incomplete")

    def test_two_answers_at_once_are_two(self, open):
        owner, conversation, relay, peer = open
        peer.add("item_1", "Both, please.")
        for number in "2", "3":
            peer.begin(f"resp_{number}")
            peer.begin_item(f"resp_{number}", f"item_{number}", after=f"item_{int(number) - 1}")
        for piece in "a", "b", "c":
            for number in "2", "3":
                peer.delta(f"resp_{number}", f"item_{number}", piece + number)
        peer.end("resp_3", "item_3", "a3b3c3")
        peer.end("resp_2", "item_2", "a2b2c2")
        stored(owner, conversation, [
            ("user", "Both, please."), ("assistant", "a2b2c2"), ("assistant", "a3b3c3")])
