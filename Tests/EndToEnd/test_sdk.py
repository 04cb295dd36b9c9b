"""OpenAI's own SDK against the broker: only its base URL and key change."""

import re
import time

import openai
import pytest

from support.clients import client as client_of, new_conversation, new_user, say, succeeded
from support.processes import SERVICE_KEY
from support.realtime import base_url, said, sdk
from support.transcript import transcript


@pytest.fixture
def user():
    return new_user()


@pytest.fixture
def api(broker, user):
    with sdk(broker, api_key=SERVICE_KEY, default_headers={"X-Broker-User": user}) as api:
        yield api


def converse(api, secret, base, question):
    """Opens the realtime socket with the SDK and an ephemeral key; the answer's text."""
    websocket_url = base.replace("http", "ws", 1)
    with openai.OpenAI(
        api_key=secret, base_url=base, websocket_base_url=websocket_url
    ) as browser, browser.realtime.connect(
        model="gpt-realtime-2.1", websocket_connection_options={"proxy": None}
    ) as connection:
        connection.conversation.item.create(
            item={"type": "message", "role": "user",
                  "content": [{"type": "input_text", "text": question}]})
        connection.response.create(response={"output_modalities": ["text"]})
        for event in connection:
            assert event.type != "error", event
            if event.type == "response.done":
                return said(event.response.model_dump())
    raise AssertionError("the socket ended without an answer")


def test_a_client_secret_is_minted_with_the_types_the_sdk_expects(api):
    secret = api.realtime.client_secrets.create(
        session={"type": "realtime", "model": "gpt-realtime-2.1",
                 "instructions": "You are a sailor."})
    assert re.fullmatch(r"ek_[A-Za-z0-9]{16,}", secret.value)
    assert 500 <= secret.expires_at - time.time() <= 700
    assert secret.session.type == "realtime"
    assert secret.session.model == "gpt-realtime-2.1"
    assert secret.session.instructions == "You are a sailor."


def test_a_client_secret_without_arguments_has_the_defaults(api):
    secret = api.realtime.client_secrets.create()
    assert secret.session.model == "gpt-realtime-2.1"
    assert secret.session.audio.output.voice == "marin"
    assert secret.session.audio.input.transcription.model == "gpt-live-transcribe"


def test_an_expiry_is_passed_on(api):
    secret = api.realtime.client_secrets.create(
        expires_after={"anchor": "created_at", "seconds": 60})
    assert 30 <= secret.expires_at - time.time() <= 90


def test_unknown_session_fields_are_upstreams_to_judge(api):
    with pytest.raises(openai.BadRequestError) as refusal:
        api.realtime.client_secrets.create(
            session={"type": "realtime", "no_such_field": 1})
    assert refusal.value.body["param"] == "session.no_such_field"
    assert refusal.value.request_id


def test_a_wrong_key_raises_the_sdks_authentication_error(broker):
    with sdk(broker, api_key="sk-wrong") as api:
        with pytest.raises(openai.AuthenticationError) as refusal:
            api.realtime.client_secrets.create()
    assert refusal.value.body["type"] == "authentication_error"


def test_an_expiry_out_of_bounds_raises_the_sdks_bad_request_error(api):
    with pytest.raises(openai.BadRequestError) as refusal:
        api.realtime.client_secrets.create(expires_after={"anchor": "created_at", "seconds": 9})
    assert refusal.value.body["param"] == "expires_after.seconds"


def test_an_ephemeral_key_opens_the_realtime_socket(api, client):
    secret = api.realtime.client_secrets.create(session={"type": "realtime"})
    assert converse(api, secret.value, base_url(client), "Are you there?")


def test_a_second_mint_knows_what_the_first_sessions_conversation_said(api, broker, user, client):
    with client_of(broker, user) as mine:
        session = succeeded(mine.post("/api/session", json={}), 201)
        succeeded(
            mine.post(
                f"/api/conversations/{session['conversation_id']}/messages",
                json={"messages": [m | {"session_id": session["id"]} for m in transcript()]}),
            201)
        succeeded(mine.post(f"/api/session/{session['id']}/end"))
    secret = api.realtime.client_secrets.create(
        session={"type": "realtime", "instructions": "You are a sailor."})
    # The notes are for the model: the echo shows the caller's own instructions.
    assert secret.session.instructions == "You are a sailor."
    answer = converse(api, secret.value, base_url(client), "What is the name of my dog?")
    assert "Biscuit" in answer


def test_a_conversation_can_be_carried_on_by_its_id(api, broker, user):
    with client_of(broker, user) as mine:
        conversation = new_conversation(mine, title="Carried on")
        api.realtime.client_secrets.create(extra_query={"conversation_id": conversation})
        newest = succeeded(mine.get("/api/sessions"))["data"][0]
        assert newest["conversation_id"] == conversation
        say(mine, conversation, "still here", session_id=newest["id"])


def test_an_unknown_conversation_raises_the_sdks_not_found_error(api):
    with pytest.raises(openai.NotFoundError):
        api.realtime.client_secrets.create(
            extra_query={"conversation_id": "conv_01aaaaaaaaaaaaaaaaaaaaaaaa"})
