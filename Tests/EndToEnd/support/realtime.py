"""The simulator behind a broker, reached as a browser would reach upstream."""

import json
import time

import openai
from websockets.sync.client import connect

from support.clients import succeeded


def base_url(client):
    """The simulator's base URL, as /healthz gives it."""
    upstream = succeeded(client.get("/healthz"))["upstream"]
    assert upstream["kind"] == "simulator"
    return upstream["base_url"]


def sdk(server, **options):
    """OpenAI's client with nothing changed but its base URL and key."""
    return openai.OpenAI(base_url=f"{server.url}/v1", max_retries=0, **options)


def ask(base, secret, question, model="gpt-realtime-2.1", within=20):
    """Opens the realtime socket as a page would, asks, and gives back the whole answer."""
    url = base.replace("http", "ws", 1) + f"/realtime?model={model}"
    protocols = ["realtime", f"openai-insecure-api-key.{secret}"]
    with connect(url, subprotocols=protocols, proxy=None, max_size=2**24) as socket:
        deadline = time.monotonic() + within
        item = {"type": "message", "role": "user",
                "content": [{"type": "input_text", "text": question}]}
        created = json.loads(socket.recv(timeout=within))
        assert created["type"] == "session.created", created
        socket.send(json.dumps({"type": "conversation.item.create", "item": item}))
        socket.send(json.dumps(
            {"type": "response.create", "response": {"output_modalities": ["text"]}}))
        while time.monotonic() < deadline:
            event = json.loads(socket.recv(timeout=deadline - time.monotonic()))
            assert event["type"] != "error", event
            if event["type"] == "response.done":
                return said(event["response"])
    raise AssertionError(f"no answer within {within} s")


def configuration(base, secret, model="gpt-realtime-2.1"):
    """What upstream has of a session, but for what differs by each connection."""
    url = base.replace("http", "ws", 1) + f"/realtime?model={model}"
    protocols = ["realtime", f"openai-insecure-api-key.{secret}"]
    with connect(url, subprotocols=protocols, proxy=None) as socket:
        session = json.loads(socket.recv(timeout=20))["session"]
    return {name: value for name, value in session.items() if name not in ("id", "expires_at")}


def said(response):
    """The text of a finished response."""
    assert response["status"] == "completed", response
    return " ".join(
        part.get("text") or part.get("transcript") or ""
        for item in response["output"] for part in item.get("content", []))
