"""axe-core finds nothing wrong with any page in any state, in any look."""

import re

import pytest
from playwright.sync_api import expect

from support.accessibility import violations

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
LOOKS = [("light", PHONE), ("dark", PHONE), ("light", DESKTOP), ("dark", DESKTOP)]
LOOK_IDS = ["phone-light", "phone-dark", "desktop-light", "desktop-dark"]


def seed(person):
    """Something of everything."""
    conversation = person.converse(title="Moving to Lisbon")
    person.session(
        conversation, "My dog is called Biscuit, and we move to Lisbon in May.",
        {"role": "assistant", "content": "How lovely! Does he like it?", "status": "incomplete",
         "metadata": {"audio_end_ms": 900, "heard_text": "How lovely!"}},
        {"type": "function_call", "role": "assistant", "content": "{}",
         "metadata": {"name": "weather", "call_id": "call_1"}},
        {"type": "function_call_output", "role": "tool", "content": "{}",
         "metadata": {"call_id": "call_1"}}, "مرحبا", "y" * 5_000)
    person.converse("Another one")
    person.send("POST", "/api/agents", {"name": "Skipper", "voice": "cedar"})
    person.wait_for("/api/memory", lambda memory: memory["data"])
    return conversation


def settled(page):
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".skeleton:visible")).to_have_count(0)


def history(page, conversation):
    page.goto("/#/history")
    settled(page)


def one(page, conversation):
    page.goto(f"/#/history/{conversation}")
    expect(page.locator(".remembered a").first).to_be_visible()
    page.locator(".tool summary").first.click()
    page.locator(".panel > summary").click()


def search(page, conversation):
    page.goto("/#/history")
    page.get_by_text("Dates").click()
    page.get_by_label("Search everything said").fill("lisbon")
    expect(page.locator(".hits mark").first).to_be_visible()


def renaming(page, conversation):
    page.goto(f"/#/history/{conversation}")
    page.get_by_role("button", name="Rename").click()


def exporting(page, conversation):
    page.goto(f"/#/history/{conversation}")
    settled(page)
    page.get_by_text("Export").click()


def deleted(page, conversation):
    page.goto(f"/#/history/{conversation}")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def memory(page, conversation):
    page.goto("/#/memory")
    settled(page)
    page.get_by_text("Said in 1 message").first.click()
    expect(page.locator(".quote")).to_be_visible()


def forgetting(page, conversation):
    page.goto("/#/memory")
    page.get_by_role("button", name="Forget all").click()


def agents(page, conversation):
    page.goto("/#/agents")
    settled(page)


def agent(page, conversation):
    page.goto("/#/agents/new")
    page.get_by_label("Tools", exact=True).fill("[{")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("This is not JSON")).to_be_visible()


def usage(page, conversation):
    page.goto("/#/usage")
    settled(page)


SUM = {"responses": 3, "transcriptions": 1, "seconds": 2, "cost_usd": "0.0123", "unpriced": 1,
       "tokens": {"input": {"text": 10, "audio": 20, "image": 0},
                  "cached": {"text": 0, "audio": 0, "image": 0},
                  "output": {"text": 5, "audio": 6, "reasoning": 0}}}


def spent(page, conversation):
    def answer(route):
        group = re.search("group_by=(\\w+)", route.request.url)[1]
        key = {"day": {"day": "2026-11-20"}, "model": {"model": "gpt-realtime"},
               "conversation": {"conversation_id": conversation, "title": "A", "preview": None}}
        route.fulfill(json={"object": "usage", "from": 0, "to": 1, "group_by": group,
                            "data": [SUM | key[group]], "has_more": True, "total": SUM})

    page.route("**/api/usage?*", answer)
    page.goto("/#/usage")
    page.get_by_text("Show as a table").click()


def failing(page, conversation):
    page.route("**/api/usage?*", lambda route: route.abort())
    page.goto("/#/usage")
    expect(page.get_by_role("alert")).to_be_visible()


def drawer(page, conversation):
    page.goto("/#/talk")
    page.get_by_label("Message").fill("Hello")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+.")
    page.locator(".event-row", has_text="response.done").click()
    expect(page.locator(".event-detail")).to_be_visible()


STATES = [
    history, one, search, renaming, exporting, deleted, memory, forgetting, agents, agent, usage,
    spent, failing, drawer]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_is_wrong_in_any_look(visit, snap, state):
    page = visit("about:blank", seed, expected_failures=1, reduced_motion="reduce")
    conversation = page.person.get("/api/conversations")["data"][-1]["id"]
    state(page, conversation)
    for (scheme, viewport), name in zip(LOOKS, LOOK_IDS):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(viewport)
        assert violations(page) == []
        snap(page, f"{state.__name__}-{name}")


@pytest.mark.parametrize("path", ["/#/history", "/#/memory", "/#/agents", "/#/usage"])
def test_nothing_is_wrong_while_there_is_nothing(visit, path):
    page = visit(path, reduced_motion="reduce")
    settled(page)
    for scheme, viewport in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(viewport)
        assert violations(page) == []
