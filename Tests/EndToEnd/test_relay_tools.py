"""The broker's own tools in a relay: answered by it, once, and shown to nobody."""

import json

import pytest

from support.clients import client as client_of, say, succeeded
from support.processes import eventually, run
from support.receiver import answer, held, receiver
from support.relay import (
    RelayClient, messages, reads_in_the_end, text_session, told)
from support.renewal import Renewal
from support.upstream import Reply

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
TIME = {"type": "function", "name": "get_time", "parameters": PARAMETERS}
OPEN = {"BROKER_WEBHOOK_ALLOW_PRIVATE": "on"}


@pytest.fixture
def hook():
    with receiver() as hook:
        yield hook


@pytest.fixture
def owner(start, upstream, hook):
    """A user of a broker whose webhooks may go to this machine."""
    server = start(upstream.settings | OPEN)
    hook.secret = secret_of(server)
    with client_of(server) as owner:
        owner.broker = server
        yield owner


def secret_of(server):
    result = run("keys", "webhook", settings={"BROKER_DATABASE": server.database})
    return result.stdout.decode().strip()


def agent(owner, hook, **webhook):
    """An agent with a tool at the receiver, and one that is the client's."""
    weather = {"type": "function", "name": "weather", "parameters": PARAMETERS,
               "x_broker": {"url": hook.url, "headers": {"X-Token": "hidden"}} | webhook}
    return succeeded(owner.post("/api/agents", json={
        "name": "Forecaster", "tools": [weather, TIME]}), 201)["id"]


@pytest.fixture
def it(owner, upstream, hook):
    """A session with the tool, begun."""
    it = Renewal(owner, upstream, agent_id=agent(owner, hook))
    with it.open:
        it.begin()
        yield it


def output(peer, after=None):
    """The next answer of the broker's to a call, taken."""
    item = peer.take(after)
    assert item["type"] == "function_call_output"
    return item


def hidden(relay, *words):
    """Nothing that the client saw has one of these words."""
    seen = [event for event in relay.events if any(word in json.dumps(event) for word in words)]
    assert seen == [], "\n".join(map(json.dumps, seen))


def ask(it, calls=("call_1",), others=()):
    """Has the model call the weather tool, and maybe tools of the client, in one response."""
    it.peer.begin("resp_1")
    items = []
    for n, (call, name) in enumerate(
            [(call, "weather") for call in calls] + [(call, "get_time") for call in others]):
        items.append(it.peer.call("resp_1", f"item_c{n}", call, name, '{"city": "Graz"}',
                                  done=False))
        it.peer.end_item("resp_1", items[-1])
    it.peer.finish("resp_1", items)


class TestWebhook:
    def test_it_is_called_once_and_its_answer_goes_to_the_model_alone(self, it, hook):
        assert [tool["name"] for tool in it.opened["tools"]][:2] == ["weather", "get_time"]
        assert "x_broker" not in json.dumps(it.opened)
        ask(it)
        item = output(it.peer, after="item_c0")
        assert (item["call_id"], json.loads(item["output"])) == ("call_1", {"sky": "sunny"})
        it.peer.wait("response.create")
        it.peer.answer("resp_2", "item_a1", "It is sunny.", after=item["id"])
        it.relay.wait("response.done", where=lambda event: event["response"]["id"] == "resp_2")
        call, = hook.calls()
        assert call == {
            "type": "tool.call", "call_id": "call_1", "name": "weather",
            "arguments": {"city": "Graz"}, "session_id": it.session["id"],
            "conversation_id": it.conversation, "agent_id": it.session["agent_id"],
            "user_id": it.owner.headers["X-Broker-User"]}
        assert hook.requests[0][1]["X-Token"] == "hidden"
        hidden(it.relay, "weather", "call_1", "item_c0", item["id"], "sunny\\\"", "hidden")
        reads_in_the_end(lambda: told(it.owner, it.conversation)[-1:],
                         [("assistant", "It is sunny.")])
        assert len(it.peer.of("response.create")) == 1

    def test_two_calls_in_one_response_are_answered_before_the_model_goes_on(self, it, hook):
        ask(it, ("call_1", "call_2"))
        answered = {output(it.peer)["call_id"] for _ in range(2)}
        it.peer.wait("response.create")
        it.relay.send("input_audio_buffer.clear")
        it.peer.wait("input_audio_buffer.clear")
        assert answered == {"call_1", "call_2"} and len(hook.calls()) == 2
        assert len(it.peer.of("response.create")) == 1

    def test_a_response_that_calls_the_client_too_is_the_clients_to_go_on_with(self, it, hook):
        ask(it, ("call_1",), ("call_2",))
        called = it.relay.wait("response.function_call_arguments.done")
        assert (called["call_id"], called["name"]) == ("call_2", "get_time")
        done = it.relay.wait("response.done")["response"]
        assert [made["call_id"] for made in done["output"]] == ["call_2"]
        assert output(it.peer)["call_id"] == "call_1"
        it.relay.send("conversation.item.create", item={
            "type": "function_call_output", "call_id": "call_2", "output": "noon"})
        it.relay.send("response.create")
        assert it.peer.take()["call_id"] == "call_2"
        it.peer.wait("response.create")
        assert len(it.peer.of("response.create")) == 1 and len(hook.calls()) == 1
        hidden(it.relay, "weather", "call_1")

    def test_upstream_may_be_lost_while_it_is_called(self, it, hook):
        """The call and its answer stand in the next session, once."""
        reply, let_go = held({"sky": "sunny"})
        hook.script(reply)
        it.peer.add("item_q1", "What is the weather?")
        ask(it)
        eventually(hook.calls)
        it.peer.abort()
        it.next()
        let_go.set()
        outputs = []
        while not outputs:
            item = it.peer.wait("conversation.item.create")["item"]
            outputs += [item] if item["type"] == "function_call_output" else []
        it.peer.wait("response.create")
        assert (outputs[0]["call_id"], outputs[0]["output"]) == ("call_1", '{"sky": "sunny"}')
        sent = [event["item"] for event in it.peer.of("conversation.item.create")]
        calls = [item["call_id"] for item in sent if item["type"] == "function_call"]
        assert calls == ["call_1"], "an output needs its call"
        it.relay.send("input_audio_buffer.clear")
        it.peer.wait("input_audio_buffer.clear")
        assert len(it.peer.of("response.create")) == 1
        assert len(it.peer.of("conversation.item.create")) == 3
        assert len(hook.calls()) == 1
        hidden(it.relay, "call_1")

    @pytest.mark.parametrize("reply, tells, logs", [
        (Reply(500, b"broken"), "The tool failed.", "status 500"),
        (Reply(404, b"none"), "The tool failed.", "status 404"),
        (Reply(302, headers={"Location": "/elsewhere"}), "The tool failed.", "redirects"),
        (Reply(200, b"x" * 70_000), "too large", "65536"),
        (Reply(200, b"\xff\xfe"), "not text", "UTF-8"),
        (Reply(hang_up=True), "The tool ", "cause")])
    def test_one_that_fails_is_told_to_the_model_and_the_log_has_the_cause(
            self, owner, upstream, hook, reply, tells, logs):
        hook.script(reply)
        it = Renewal(owner, upstream, agent_id=agent(owner, hook, timeout_ms=600))
        with it.open:
            it.begin()
            ask(it)
            item = output(it.peer)
            assert item["call_id"] == "call_1" and tells in item["output"]
            assert hook.url not in item["output"]
            it.peer.wait("response.create")
            line = eventually(lambda: [line for line in owner.broker.log().splitlines()
                                       if "tool" in line and logs in line])
            assert "hidden" not in owner.broker.log() and line

    def test_one_that_does_not_answer_in_time_is_told_too(self, owner, upstream, hook):
        reply, let_go = held({})
        hook.script(reply)
        it = Renewal(owner, upstream, agent_id=agent(owner, hook, timeout_ms=300))
        with it.open:
            it.begin()
            ask(it)
            assert "in time" in output(it.peer)["output"]
            it.peer.wait("response.create")
        let_go.set()

    def test_an_answer_of_another_attempt_counts(self, it, hook):
        hook.script(Reply(503, b"later"), answer("sunny"))
        ask(it)
        assert "sunny" in output(it.peer)["output"]
        assert [call["call_id"] for call in hook.calls()] == ["call_1", "call_1"]

    def test_this_machine_is_not_called_unless_that_is_allowed(self, start, upstream, hook):
        server = start(upstream.settings)
        with client_of(server) as owner:
            it = Renewal(owner, upstream, agent_id=agent(owner, hook))
            with it.open:
                it.begin()
                ask(it)
                assert "could not be reached" in output(it.peer)["output"]
        assert hook.requests == []
        eventually(lambda: "not a public one" in server.log())


class TestRecall:
    def test_it_is_answered_from_memory_and_hidden(self, simulated):
        server = simulated({"sockets": [{"answers": [
            {"function_call": {"name": "recall", "arguments": {"query": "name of the dog"}}},
            "He is called Biscuit."]}]})
        with client_of(server) as owner:
            earlier = text_session(owner)
            say(owner, earlier["conversation_id"], "My dog is called Biscuit.",
                session_id=earlier["id"])
            succeeded(owner.post(f"/api/session/{earlier['id']}/end"))
            session = text_session(owner)
            with RelayClient(session["url"], session["client_secret"]["value"]) as relay:
                relay.ask("What is my dog called?")
                while not relay.of("response.output_text.done"):
                    relay.event()
                relay.settled()
                hidden(relay, ': "recall"', "function_call")
                said = relay.of("response.output_text.done")
                assert [event["text"] for event in said] == ["He is called Biscuit."]
            reads_in_the_end(lambda: [
                m["content"] for m in messages(owner, session["conversation_id"])
                if m["type"] == "message"], ["What is my dog called?", "He is called Biscuit."])

    def test_it_is_answered_once_beside_a_webhook(self, it, hook):
        it.peer.begin("resp_1")
        items = [it.peer.call("resp_1", "item_c0", "call_1", "weather", "{}", done=False),
                 it.peer.call("resp_1", "item_c1", "call_2", "recall", '{"query": "x"}',
                              done=False)]
        it.peer.end_items("resp_1", items)
        assert {output(it.peer)["call_id"] for _ in range(2)} == {"call_1", "call_2"}
        it.peer.wait("response.create")
        it.relay.send("input_audio_buffer.clear")
        it.peer.wait("input_audio_buffer.clear")
        assert len(it.peer.of("conversation.item.create")) == 2
        hidden(it.relay, ': "recall"', "call_2")
