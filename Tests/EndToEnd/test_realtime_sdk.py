"""Others' SDKs over the relay: only the URL and the key are the broker's."""

import asyncio
import json

import openai
import pytest
from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner

from support.clients import client as client_of, new_user, succeeded
from support.processes import SERVICE_KEY
from support.realtime import sdk
from support.relay import RATE, messages, reads_in_the_end, tone, url_of
from support.webrtc_client import run as run_apart

WEATHER = {"type": "function", "name": "get_weather", "description": "Tells the weather.",
           "parameters": {"type": "object", "properties": {"city": {"type": "string"}},
                          "required": ["city"]}}
CALL = {"function_call": {"name": "get_weather", "arguments": {"city": "Graz"}}}
ANSWERS = [CALL, "It is sunny in Graz.", "You are welcome."]
FOUND = '{"city": "Graz", "sky": "sunny"}'
QUESTION = "What is the weather in Graz?"
# What REST tells of such a conversation.
CONVERSATION = [
    ("user", "message", QUESTION), ("assistant", "function_call", {"city": "Graz"}),
    ("tool", "function_call_output", json.loads(FOUND)),
    ("assistant", "message", "It is sunny in Graz."),
    ("user", "message", "Thank you."), ("assistant", "message", "You are welcome.")]


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch):
    """The SDKs would go through the environment's proxies, even to loopback."""
    for name in "http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy":
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server(simulated):
    return simulated({"sockets": [{"answers": ANSWERS}]})


def only_conversation(client):
    """The one conversation of a user."""
    conversation, = succeeded(client.get("/api/conversations"))["data"]
    return conversation["id"]


def read(client):
    """All that REST tells of a user's only conversation; arguments and outputs as values."""
    return [(m["role"], m["type"],
             m["content"] if m["type"] == "message" else json.loads(m["content"]))
            for m in messages(client, only_conversation(client))]


def message(text):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def output(event):
    assert json.loads(event.arguments) == {"city": "Graz"}
    return {"type": "function_call_output", "call_id": event.call_id, "output": FOUND}


class TestOpenAISDK:
    """`client.realtime.connect`."""

    def test_a_conversation_with_a_tool_call(self, server):
        user = new_user()
        with sdk(server, api_key=SERVICE_KEY, default_headers={"X-Broker-User": user}) as api:
            with api.realtime.connect(model="gpt-realtime-2.1") as connection:
                connection.session.update(session={
                    "type": "realtime", "output_modalities": ["text"], "tools": [WEATHER]})
                connection.conversation.item.create(item=message(QUESTION))
                connection.response.create()
                said = []
                for event in connection:
                    assert event.type != "error" and "broker" not in event.type, event
                    if event.type == "response.function_call_arguments.done":
                        connection.conversation.item.create(item=output(event))
                    elif event.type == "response.output_text.done":
                        said.append(event.text)
                    elif event.type == "response.done" and len(said) < 2:
                        if said:
                            connection.conversation.item.create(item=message("Thank you."))
                        connection.response.create()
                    elif event.type == "response.done":
                        break
        assert said == ["It is sunny in Graz.", "You are welcome."]
        with client_of(server, user) as client:
            reads_in_the_end(lambda: read(client), CONVERSATION)

    def test_the_same_with_its_asynchronous_client(self, server):
        user = new_user()

        async def converse():
            said = []
            api = openai.AsyncOpenAI(
                base_url=f"{server.url}/v1", api_key=SERVICE_KEY, max_retries=0,
                default_headers={"X-Broker-User": user})
            async with api, api.realtime.connect(model="gpt-realtime-2.1") as connection:
                await connection.session.update(session={
                    "type": "realtime", "output_modalities": ["text"], "tools": [WEATHER]})
                await connection.conversation.item.create(item=message(QUESTION))
                await connection.response.create()
                async for event in connection:
                    assert event.type != "error" and "broker" not in event.type, event
                    if event.type == "response.function_call_arguments.done":
                        await connection.conversation.item.create(item=output(event))
                    elif event.type == "response.output_text.done":
                        said.append(event.text)
                    elif event.type == "response.done" and len(said) < 2:
                        if said:
                            await connection.conversation.item.create(item=message("Thank you."))
                        await connection.response.create()
                    elif event.type == "response.done":
                        return said

        assert run_apart(converse()) == ["It is sunny in Graz.", "You are welcome."]
        with client_of(server, user) as client:
            reads_in_the_end(lambda: read(client), CONVERSATION)

    def test_a_wrong_key_is_refused_at_the_handshake(self, server):
        with sdk(server, api_key="sk-wrong") as api:
            with pytest.raises(Exception, match="401"):
                with api.realtime.connect(model="gpt-realtime-2.1"):
                    pass

    def test_a_conversation_is_carried_on_by_its_id(self, server):
        user = new_user()
        with client_of(server, user) as client:
            conversation = succeeded(client.post("/api/conversations", json={}), 201)["id"]
            with sdk(server, api_key=SERVICE_KEY, default_headers={"X-Broker-User": user}) as api:
                with api.realtime.connect(
                        model="gpt-realtime-2.1",
                        extra_query={"conversation_id": conversation}) as connection:
                    connection.conversation.item.create(item=message("Hello."))
                    while connection.recv().type != "conversation.item.done":
                        pass
            reads_in_the_end(
                lambda: [m["content"] for m in messages(client, conversation)], ["Hello."])


class TestAgentsSDK:
    """A `RealtimeRunner`, whose model takes another `url` and `api_key`: its user is the default."""

    def run(self, server, talk, tools=(), **settings):
        """Runs a session to the end of `talk`; the errors that it told of."""
        async def work():
            agent = RealtimeAgent(
                name="Forecaster", instructions="Tell the weather.", tools=list(tools))
            runner = RealtimeRunner(agent, config={"tracing_disabled": True})
            async with asyncio.timeout(20), await runner.run(model_config={
                    "url": url_of(server, "/v1/realtime", model="gpt-realtime-2.1"),
                    "api_key": SERVICE_KEY, "initial_model_settings": settings}) as session:
                await talk(session)
        run_apart(work())

    @staticmethod
    async def answered(session):
        """Reads up to the end of a response that says something; the kinds of what came."""
        kinds = []
        async for event in session:
            assert event.type != "error", event.error
            kinds.append(event.type)
            if event.type == "raw_model_event" and event.data.type == "raw_server_event":
                data = event.data.data
                if data["type"] == "response.done":
                    if data["response"]["output"][-1]["type"] == "message":
                        return kinds
        raise AssertionError(f"the session ended behind {kinds}")

    def test_a_conversation_with_a_function_tool(self, server):
        asked = []

        @function_tool
        def get_weather(city: str) -> str:
            """Tells the weather."""
            asked.append(city)
            return FOUND

        async def talk(session):
            await session.send_message(QUESTION)
            kinds = await self.answered(session)
            assert kinds.count("tool_start") == kinds.count("tool_end") == 1
            await session.send_message("Thank you.")
            await self.answered(session)

        self.run(server, talk, [get_weather], output_modalities=["text"])
        assert asked == ["Graz"]
        with client_of(server, "default") as client:
            reads_in_the_end(lambda: read(client), CONVERSATION)

    def test_a_spoken_conversation(self, simulated):
        server = simulated({"sockets": [{
            "transcriptions": [{"text": "Hello there."}, {"text": "Good bye."}],
            "answers": ["Hello to you.", "See you."]}]})
        heard = []

        async def talk(session):
            for _ in range(2):
                await session.send_audio(tone(1.0) + bytes(2 * RATE))
                heard.append((await self.answered(session)).count("audio"))

        self.run(server, talk, turn_detection={"type": "server_vad"})
        assert min(heard) > 0
        with client_of(server, "default") as client:
            reads_in_the_end(lambda: read(client), [
                ("user", "message", "Hello there."), ("assistant", "message", "Hello to you."),
                ("user", "message", "Good bye."), ("assistant", "message", "See you.")])
