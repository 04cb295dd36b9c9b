"""Agents: made, changed, tried and deleted."""

import json
import re

import pytest
from playwright.sync_api import expect
from support.clients import client as client_of, succeeded
from support.talking import end, state

TOOL = {"type": "function", "name": "show_map", "description": "Shows a map.",
        "parameters": {"type": "object", "properties": {}}}


def skipper(person, **fields):
    return person.send("POST", "/api/agents", {"name": "Skipper", **fields})["id"]


def names(page):
    return page.locator(".agent:visible h2")


def test_no_agents_yet_says_what_to_do(visit):
    page = visit("/#/agents")
    page.get_by_role("link", name="Create an agent").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New agent")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_an_agent_is_created(visit):
    page = visit("/#/agents/new")
    page.get_by_label("Name").fill("Skipper <3")
    page.get_by_label("Voice").select_option("cedar")
    page.get_by_label("Greeting").fill("Ahoy!")
    page.get_by_label("Instructions").fill("You are a skipper.\nBe brief.")
    page.get_by_label("Tools", exact=True).fill(json.dumps([TOOL], indent=1))
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Skipper <3")
    agent, = page.person.get("/api/agents")["data"]
    assert page.url.endswith(f"#/agents/{agent['id']}")
    assert (agent["name"], agent["voice"], agent["greeting"], agent["model"]) == (
        "Skipper <3", "cedar", "Ahoy!", None)
    assert agent["instructions"] == "You are a skipper.\nBe brief." and agent["tools"] == [TOOL]


def test_an_agent_is_changed_and_its_fields_are_cleared(visit):
    page = visit("/#/agents/{}", lambda person: skipper(
        person, voice="cedar", instructions="Be brief.", greeting="Ahoy!", tools=[TOOL]))
    expect(page.get_by_label("Voice")).to_have_value("cedar")
    page.get_by_label("Name").fill("Captain")
    page.get_by_label("Voice").select_option("")
    page.get_by_label("Greeting").fill("")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    expect(page).to_have_title("Captain · Session broker")
    agent, = page.person.get("/api/agents")["data"]
    assert (agent["name"], agent["voice"], agent["greeting"]) == ("Captain", None, None)
    assert agent["instructions"] == "Be brief." and agent["tools"] == [TOOL]


def test_how_tools_are_used_and_what_is_remembered_is_changed(visit):
    page = visit("/#/agents/{}", lambda person: skipper(person, tools=[TOOL]))
    for label, value in [("Uses tools", "Always show_map"), ("May look up more", "No"),
                         ("Remembers", "This conversation only")]:
        page.get_by_label(label).select_option(label=value)
    page.get_by_label("Tokens of memory").fill("2000")
    page.get_by_label("Messages word for word").fill("0")
    saved(page)
    agent, = page.person.get("/api/agents")["data"]
    assert agent["tool_choice"] == {"type": "function", "name": "show_map"}
    assert agent["context"] == {"scope": "conversation", "recall": False, "max_tokens": 2000,
                                "recent_messages": 0}
    # All of it is the broker's default again, also without a look at it in between.
    for label in ["Uses tools", "May look up more", "Remembers"]:
        page.get_by_label(label).select_option("")
    page.get_by_label("Tokens of memory").fill("")
    page.get_by_label("Messages word for word").fill("")
    saved(page)
    agent, = page.person.get("/api/agents")["data"]
    assert (agent["tool_choice"], agent["context"]) == (None, None)
    assert agent["tools"] == [TOOL]


def saved(page):
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as answer:
        page.get_by_role("button", name="Save").click()
    assert answer.value.ok, answer.value.text()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()


def test_what_the_form_does_not_have_stays(visit):
    choice = {"type": "mcp", "server_label": "docs"}
    context = {"enabled": False, "max_tokens": 100}
    page = visit("/#/agents/{}", lambda person: skipper(
        person, tool_choice=choice, context=context, metadata={"team": "sea"}))
    expect(page.get_by_label("Remembers")).to_have_value("none")
    expect(page.get_by_text("metadata is changed over the API alone")).to_be_visible()
    page.get_by_label("Tokens of memory").fill("200")
    saved(page)
    agent, = page.person.get("/api/agents")["data"]
    assert agent["tool_choice"] == choice and agent["metadata"] == {"team": "sea"}
    assert agent["context"] == context | {"max_tokens": 200}


@pytest.mark.parametrize("label, number", [
    ("Tokens of memory", "8001"), ("Messages word for word", "-1"),
    ("Messages word for word", "1.5")])
def test_a_number_that_is_out_of_its_bounds_is_not_saved(visit, label, number):
    page = visit("/#/agents/new")
    page.get_by_label("Name").fill("A")
    page.get_by_label(label).fill(number)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_label(label)).to_be_focused()
    expect(page.get_by_text("This must be a whole number from 0 to")).to_be_visible()
    assert page.person.get("/api/agents")["data"] == []


def test_webhooks_outlive_what_a_browser_changes(visit, broker):
    """It neither sees nor sets them; a function keeps its own as long as its name stays."""
    page = visit("/#/agents/new")
    user = page.person.send("POST", "/api/session", {})["user_id"]
    hook = {"x_broker": {"url": "https://tools.example/map"}}
    with client_of(broker, user) as owner:
        body = {"name": "A", "tools": [TOOL | hook, TOOL | hook | {"name": "hide_map"}]}
        agent = succeeded(owner.post("/api/agents", json=body), 201)["id"]
        page.goto(f"/#/agents/{agent}")
        tools = page.get_by_label("Tools", exact=True)
        expect(tools).to_have_value(re.compile("show_map"))
        expect(tools).not_to_have_value(re.compile("x_broker"))
        page.get_by_label("Name").fill("B")
        saved(page)
        stored = succeeded(owner.get(f"/api/agents/{agent}"))
        assert stored["name"] == "B"
        assert [tool["x_broker"]["url"] for tool in stored["tools"]] == [hook["x_broker"]["url"]] * 2
        changed = tools.input_value().replace("Shows", "Draws").replace("hide_map", "fold_map")
        tools.fill(changed)
        saved(page)
        shown, folded = succeeded(owner.get(f"/api/agents/{agent}"))["tools"]
    assert shown["description"] == "Draws a map."
    assert shown["x_broker"]["url"] == hook["x_broker"]["url"]
    assert folded["name"] == "fold_map" and "x_broker" not in folded


@pytest.mark.parametrize("text, problem", [
    ("[{", "Line 1: This is not JSON: a name in double quotes is missing."),
    ('[\n  {"type": "function",}\n]',
     "Line 2: This is not JSON: a name in double quotes belongs where “}” is."),
    ('{"type": "function"}', "Line 1: The tools must be a list"),
    ('[\n{"type": "function", "name": "a"},\n{"type": "function", "name": "a"}]',
     "Line 3: There are two functions called “a”."),
    ('[\n\n{"type": "magic"}]', 'Line 3: “type” must be "function" or "mcp", and is "magic".'),
    ('[{"type": "function", "name": "a", "x_broker": {"url": "https://a.example"}}]',
     "Line 1: “x_broker” (a webhook) can be set with a service key only"),
])
def test_tools_that_are_wrong_say_where_and_why(visit, text, problem):
    page = visit("/#/agents/new")
    page.get_by_label("Name").fill("A")
    page.get_by_label("Tools", exact=True).fill(text)
    expect(page.locator("#agent-tools-problem")).to_contain_text(problem)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_label("Tools", exact=True)).to_be_focused()
    expect(page.get_by_label("Tools", exact=True)).to_have_attribute("aria-invalid", "true")
    assert page.person.get("/api/agents")["data"] == []


def test_an_agent_without_a_name_is_not_saved(visit):
    page = visit("/#/agents/new")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("An agent needs a name.")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()


def test_what_the_broker_refuses_is_said_at_its_field(visit):
    page = visit("/#/agents/new", expected_failures=1)
    page.get_by_label("Name").fill("A")
    page.get_by_label("Tools", exact=True).fill('[{"type": "mcp", "server_label": "a", "server_url": "b"}]')
    error = {"type": "invalid_request_error", "code": "invalid_value",
             "message": "'tools[0].server_url' must be a URL.", "param": "tools[0].server_url"}
    page.route("**/api/agents", lambda route: route.fulfill(
        status=400, json={"error": error, "request_id": "req_1"}))
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#agent-tools-problem")).to_contain_text("must be a URL")
    expect(page.get_by_text("Not saved: see above.")).to_be_visible()


def test_what_was_typed_and_not_saved_is_still_there_after_a_look_elsewhere(visit):
    page = visit("/#/agents/{}", lambda person: skipper(person, tools=[TOOL]), expected_failures=1)
    page.get_by_label("Name").fill("Captain")
    page.route("**/api/agents/*", lambda route: route.abort())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Not saved. The broker cannot be reached.")).to_be_visible()
    page.unroute("**/api/agents/*")
    page.get_by_role("link", name="Usage").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Usage")
    page.go_back()
    expect(page.get_by_label("Name")).to_have_value("Captain")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    agent, = page.person.get("/api/agents")["data"]
    assert agent["name"] == "Captain" and agent["tools"] == [TOOL]


def test_an_agent_is_deleted_unless_that_is_undone(visit):
    page = visit("/#/agents", lambda person: [skipper(person), skipper(person, name="Guide")])
    expect(names(page)).to_have_text(["Guide", "Skipper"])
    page.clock.install()
    page.get_by_role("button", name="Delete Guide").click()
    expect(names(page)).to_have_text(["Skipper"])
    expect(page.get_by_role("link", name="Skipper", exact=True)).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(names(page)).to_have_text(["Guide", "Skipper"])
    expect(page.get_by_role("link", name="Guide", exact=True)).to_be_focused()
    page.get_by_role("button", name="Delete Guide").click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.clock.fast_forward(9_000)
    assert [agent["name"] for agent in page.person.get("/api/agents")["data"]] == ["Skipper"]


def test_an_agent_is_tried_at_once(visit):
    page = visit("/#/agents", skipper)
    with page.expect_request(lambda request: request.url.endswith("/api/session")) as asked:
        page.get_by_role("link", name="Try it").click()
    agent, = page.person.get("/api/agents")["data"]
    assert asked.value.post_data_json["agent_id"] == agent["id"]
    state(page, "listening", "thinking", "speaking")
    end(page)


def test_an_agent_that_is_not_there_says_so(visit):
    page = visit("/#/agents/agent_01aaaaaaaaaaaaaaaaaaaaaaaa", expected_failures=1)
    expect(page.get_by_text("There is no such agent")).to_be_visible()
    page.get_by_role("link", name="All agents").click()
    expect(page.get_by_text("No agents yet")).to_be_visible()
