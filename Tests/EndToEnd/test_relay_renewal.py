"""Upstream loses its session; the relay's goes on in the next, which is told what was said."""

import pytest

from support.clients import new_conversation, say
from support.memory import tell
from support.relay import RelayClient, acting, messages, session_of, stored, url_of
from support.renewal import texts


class TestCarryingOver:
    """What the next upstream session begins with, and what nobody sees of that."""

    @pytest.mark.parametrize("close", [None, 1001, 1011, 1012, 1013])
    def test_the_next_session_gets_settings_memory_and_the_last_turns(self, begun, owner, close):
        tell(owner, "My sister Ana is allergic to walnuts.")
        it = begun(instructions="You are a sailor.", greeting="Ahoy!", voice="cedar")
        first = it.opened
        it.peer.wait("response.create")
        it.peer.answer("resp_0", "item_0", "Ahoy!")
        it.relay.wait("response.done")
        last = it.exchange(1, "My dog is Rex.", "What a dog!", after="item_0")
        said = [("assistant", "Ahoy!"), ("user", "My dog is Rex."), ("assistant", "What a dog!")]
        it.peer.abort() if close is None else it.peer.close(close, "gone")
        it.next()
        items, last = it.carried_over()
        assert texts(items) == said
        assert [item["content"][0]["type"] for item in items] == [
            "output_text", "input_text", "output_text"]
        for opened in first, it.opened:
            assert opened["instructions"].startswith("You are a sailor.\n")
            assert "walnuts" in opened["instructions"]
            assert opened["audio"]["output"]["voice"] == "cedar"
        assert it.renewed["reason"] == "upstream_lost" and it.renewed["lost"] == []
        it.exchange(2, after=last)
        assert it.peer.of("response.create") == [{"type": "response.create"}]
        assert it.relay.types().count("session.created") == 1
        stored(owner, it.conversation, said + [("user", "Question 2"), ("assistant", "Answer 2")])
        assert session_of(owner, it.session["id"])["status"] == "active"

    def test_the_client_does_not_see_again_what_it_knows(self, begun):
        it = begun()
        it.exchange(1)
        it.peer.abort()
        it.next()
        _, last = it.carried_over()
        it.exchange(2, after=last)
        added = [event["item"]["id"] for event in it.relay.of("conversation.item.added")]
        assert added == ["item_q1", "item_a1", "item_q2", "item_a2"]

    def test_messages_that_upstream_never_had_are_not_doubled(self, begun, owner):
        conversation = new_conversation(owner)
        say(owner, conversation, "I was typed before.")
        say(owner, conversation, "And I answered.", role="assistant")
        it = begun(conversation_id=conversation)
        it.exchange(1)
        expected = it.told(4)
        it.peer.abort()
        it.next()
        items, last = it.carried_over()
        assert texts(items) == expected
        it.exchange(2, after=last)
        stored(owner, conversation,
               expected + [("user", "Question 2"), ("assistant", "Answer 2")])

    def test_a_long_conversation_keeps_its_order(self, begun, owner):
        it = begun()
        last = None
        for number in range(20):
            last = it.exchange(number, after=last)
        expected = it.told(40)
        it.peer.abort()
        it.next()
        items, last = it.carried_over()
        assert texts(items) == expected[-24:]
        it.exchange(20, after=last)
        stored(owner, it.conversation,
               expected + [("user", "Question 20"), ("assistant", "Answer 20")])

    def test_what_a_service_set_is_set_again_confirmed_or_not(self, faked, owner, upstream):
        with RelayClient(url_of(faked), headers=acting(owner)) as service:
            peer = upstream.accept()
            opened = peer.open()
            service.send("session.update", session={
                "type": "realtime", "instructions": "You are a parrot.",
                "audio": {"output": {"speed": 1.25}}})
            update = peer.wait("session.update", where=lambda e: e["session"] != opened)
            peer.send("session.updated", session=opened | update["session"])
            service.wait("session.updated")
            service.send("session.update", session={"type": "realtime", "max_output_tokens": 77})
            peer.wait("session.update", where=lambda e: "max_output_tokens" in e["session"])
            peer.abort()
            peer = upstream.accept()
            again = peer.open()
            assert again["instructions"].startswith("You are a parrot.")
            assert again["audio"]["output"]["speed"] == 1.25
            assert again["audio"]["output"]["voice"] == opened["audio"]["output"]["voice"]
            service.wait("broker.session_renewed")
            service.send("input_audio_buffer.clear")
            peer.wait("input_audio_buffer.clear")
            updates = [again] + [event["session"] for event in peer.of("session.update")]
            assert 77 in [update.get("max_output_tokens") for update in updates]


class TestMidTurn:
    """Upstream is lost while somebody is at something."""

    def test_an_answer_that_is_cut_fails_for_the_client_and_the_model_goes_on(self, begun, owner):
        it = begun()
        it.relay.say("Tell me.", id="item_q")
        it.relay.send("response.create", response={"metadata": {"a": "b"}})
        it.peer.take()
        it.peer.wait("response.create")
        it.peer.begin("resp_1")
        it.peer.begin_item("resp_1", "item_a", after="item_q")
        it.peer.delta("resp_1", "item_a", "Once upon ")
        it.relay.wait("response.output_text.delta")
        it.peer.abort()
        failed = it.relay.wait("response.done")["response"]
        assert (failed["id"], failed["status"]) == ("resp_1", "failed")
        it.next()
        items, last = it.carried_over()
        assert texts(items) == [("user", "Tell me."), ("assistant", "Once upon ")]
        assert it.renewed["lost"] == ["response"]
        it.peer.answer("resp_2", "item_b", "a time.", after=last)
        it.relay.wait("response.done")
        assert len(it.peer.of("response.create")) == 1
        stored(owner, it.conversation, [
            ("user", "Tell me."), ("assistant", "Once upon "), ("assistant", "a time.")])
        assert [m["status"] for m in messages(owner, it.conversation)] == [
            "completed", "incomplete", "completed"]

    def test_an_answer_apart_that_is_cut_fails_for_the_client(self, begun):
        it = begun()
        it.relay.send("response.create", response={"conversation": "none"})
        it.peer.wait("response.create")
        it.peer.send("response.created", response={
            "object": "realtime.response", "id": "resp_1", "status": "in_progress",
            "output": [], "conversation_id": None})
        it.relay.wait("response.created")
        it.peer.abort()
        failed = it.relay.wait("response.done")["response"]
        assert (failed["id"], failed["status"]) == ("resp_1", "failed")
        it.next()
        assert it.relay.wait("broker.session_renewed")["lost"] == ["response"]

    def test_an_error_about_something_else_loses_no_request(self, begun):
        it = begun()
        last = it.exchange(1)
        it.relay.say("Question 2", id="item_q2")
        it.relay.send("response.create")
        it.relay.send("conversation.item.truncate", event_id="event_cut", item_id="item_unknown",
                      content_index=0, audio_end_ms=10)
        it.peer.wait("conversation.item.truncate")
        it.peer.add("item_q2", "Question 2", after=last)
        it.peer.send("error", error={
            "type": "invalid_request_error", "code": "item_truncate_invalid_item_id",
            "message": "There is no such item.", "param": None, "event_id": "event_cut"})
        it.relay.wait("error")
        it.peer.abort()
        it.next()
        it.relay.wait("broker.session_renewed")
        assert it.peer.wait("response.create")

    def test_what_upstream_did_not_confirm_is_said_again_once(self, begun, owner):
        it = begun()
        last = it.exchange(1)
        for number in "23":
            it.relay.say(f"Question {number}", id=f"item_q{number}")
        it.relay.send("response.create", response={"metadata": {"a": "b"}})
        it.peer.wait("response.create")
        it.peer.abort()
        it.next()
        assert it.relay.wait("broker.session_renewed")
        request = it.peer.wait("response.create")
        assert request["response"] == {"metadata": {"a": "b"}}
        created = it.peer.of("conversation.item.create")
        assert texts([event["item"] for event in created]) == [
            ("user", "Question 1"), ("assistant", "Answer 1"),
            ("user", "Question 2"), ("user", "Question 3")]
        previous = None
        for item in [event["item"] for event in created]:
            it.peer.add(item["id"], item["content"][0]["text"], previous, item["role"])
            previous = item["id"]
        it.peer.answer("resp_2", "item_a2", "Answer 2 and 3", after="item_q3")
        it.relay.wait("response.done")
        stored(owner, it.conversation, texts([event["item"] for event in created]) + [
            ("assistant", "Answer 2 and 3")])

    def test_a_greeting_that_was_not_begun_is_still_spoken(self, begun, owner):
        it = begun(greeting="Ahoy!")
        asked = it.peer.wait("response.create")
        it.peer.abort()
        it.next()
        it.relay.wait("broker.session_renewed")
        assert it.peer.wait("response.create", within=5)["response"] == asked["response"]

    def test_what_the_client_says_meanwhile_comes_behind(self, begun):
        it = begun()
        it.exchange(1)
        it.peer.abort()
        for number in range(50):
            it.relay.send("input_audio_buffer.append", audio=f"AA{number:02}")
        it.next()
        it.relay.wait("broker.session_renewed")
        it.relay.send("input_audio_buffer.commit")
        it.peer.wait("input_audio_buffer.commit")
        types = [event["type"] for event in it.peer.events]
        assert types[:3] == ["session.update"] + 2 * ["conversation.item.create"]
        numbers = [event["audio"] for event in it.peer.of("input_audio_buffer.append")]
        # Some of it may have gone to the one that was lost.
        assert numbers and numbers == [f"AA{n:02}" for n in range(50)][-len(numbers):]

    def test_speech_that_is_lost_is_told(self, begun):
        it = begun()
        it.peer.send("input_audio_buffer.speech_started", item_id="item_s", audio_start_ms=0)
        it.relay.wait("input_audio_buffer.speech_started")
        it.peer.abort()
        it.next()
        assert it.relay.wait("broker.session_renewed")["lost"] == ["input_audio"]

    def test_audio_that_upstream_may_not_have_made_out_yet_is_told_too(self, begun):
        it = begun()
        it.relay.send("input_audio_buffer.append", audio="AAAA")
        it.peer.wait("input_audio_buffer.append")
        it.peer.abort()
        it.next()
        assert it.relay.wait("broker.session_renewed")["lost"] == ["input_audio"]

    def test_audio_of_a_turn_that_upstream_took_is_not_lost(self, begun):
        it = begun()
        it.relay.send("input_audio_buffer.append", audio="AAAA")
        it.relay.send("input_audio_buffer.commit")
        it.peer.wait("input_audio_buffer.commit")
        it.peer.send("input_audio_buffer.committed", item_id="item_s", previous_item_id=None)
        it.relay.wait("input_audio_buffer.committed")
        it.peer.abort()
        it.next()
        assert it.relay.wait("broker.session_renewed")["lost"] == []

    def test_a_call_of_the_clients_can_be_answered_in_the_next_session(self, begun, owner):
        tool = {"type": "function", "name": "get_time", "parameters": {"type": "object"}}
        it = begun(tools=[tool])
        it.peer.begin("resp_1")
        it.peer.call("resp_1", "item_c", "call_1", "get_time", '{"city":"Graz"}')
        it.relay.wait("response.done")
        it.peer.abort()
        it.next()
        (call,), last = it.carried_over()
        assert (call["type"], call["call_id"], call["name"], call["arguments"]) == (
            "function_call", "call_1", "get_time", '{"city":"Graz"}')
        it.relay.send("conversation.item.create", item={
            "type": "function_call_output", "call_id": "call_1", "output": "noon"})
        assert it.peer.wait("conversation.item.create")["item"]["output"] == "noon"
