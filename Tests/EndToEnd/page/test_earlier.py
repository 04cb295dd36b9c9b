"""What was said before a conversation is continued."""

import pytest
from playwright.sync_api import expect

from support.accessibility import violations
from support.person import Person
from support.talking import end, shows, start, state

DOG = "My dog is called Biscuit."
LOVELY = "That is a lovely name."
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
CALL = {"type": "function_call", "name": "get_weather", "call_id": "call_1", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "Rain"}
CUT = {"role": "assistant", "content": "It rains all day.", "status": "incomplete",
       "metadata": {"heard_text": "It rains"}}


def conversed(it, page, *messages):
    """A stored conversation of the page's user; the way to it and back."""
    return Person(page.context.request, it.address).converse(*messages)


def earlier(page):
    return page.locator(".earlier .turn:not([data-role=tool]) .text")


def test_the_last_fifty_are_shown_and_the_way_to_all(talk, snap):
    it = talk(script={"sockets": [{"answers": [LOVELY]}]})
    page = it.visit({"transport": "websocket"})
    conversation = conversed(it, page, *[f"Number {n}" for n in range(58)], CALL, OUTPUT, CUT)
    page.goto(f"/#/history/{conversation}")
    page.get_by_role("link", name="Continue", exact=True).click()
    state(page, "listening")
    expect(earlier(page)).to_have_count(48)
    expect(earlier(page).first).to_have_text("Number 11")
    expect(page.locator(".earlier .call summary")).to_contain_text("Used get_weather")
    expect(earlier(page).last.locator("s")).to_have_text("all day.")
    page.get_by_label("Message").fill(DOG)
    page.keyboard.press("Enter")
    shows(page, ("user", DOG), ("assistant", LOVELY))
    snap(page, "talk-earlier")
    # It outlives the page, as the session does.
    page.get_by_role("link", name="Usage").first.click()
    page.get_by_role("link", name="Talk").first.click()
    expect(earlier(page)).to_have_count(48)
    page.get_by_role("link", name="All of it in History").click()
    expect(page).to_have_url(f"{it.address}/#/history/{conversation}")
    expect(page.locator(".entry").first).to_contain_text("Number 0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_moves_when_it_comes_and_nothing_is_wrong_with_it(talk, size, scheme):
    width, height = SIZES[size]
    it = talk(script={"sockets": [{"answers": [LOVELY]}]})
    page = it.visit({"transport": "websocket"}, color_scheme=scheme,
                    viewport={"width": width, "height": height})
    conversation = conversed(it, page, ("user", "Hello."), CALL, OUTPUT, CUT)
    page.goto("/#/history")
    expect(page.locator(".history-list li")).to_have_count(1)
    held = []
    page.route("**/messages?*", lambda route: held.append(route))
    # Without a gesture, after which what moves would not count.
    page.goto(f"/#/talk?conversation={conversation}")
    state(page, "listening")
    page.get_by_label("Message").fill(DOG)
    page.keyboard.press("Enter")
    shows(page, ("user", DOG), ("assistant", LOVELY))
    page.evaluate("window.layoutShift = 0")
    place = page.locator("#transcript").bounding_box()
    held.pop().continue_()
    expect(earlier(page)).to_have_count(2)
    state(page, "listening")
    assert page.evaluate("layoutShift") < 0.01
    assert page.locator("#transcript").bounding_box() == place
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []


def test_what_cannot_be_loaded_is_asked_for_again(talk):
    it = talk(script={"sockets": [{"answers": [LOVELY]}]})
    it.expected_complaints = ("Failed to load resource",)
    page = it.visit({"transport": "websocket"})
    conversation = conversed(it, page, "Hello.")
    page.route("**/messages?*", lambda route: route.abort())
    page.goto(f"/#/talk?conversation={conversation}")
    expect(page.locator(".earlier")).to_contain_text("could not be loaded")
    assert violations(page) == []
    page.unroute("**/messages?*")
    page.locator(".earlier").get_by_role("button", name="Try again").click()
    expect(earlier(page)).to_have_text(["Hello."])


def test_what_is_there_already_is_not_shown_twice(talk):
    it = talk(script={"sockets": [{"answers": [LOVELY]}, {}]})
    page = it.visit({"transport": "websocket"})
    start(page)
    page.get_by_label("Message").fill(DOG)
    page.keyboard.press("Enter")
    shows(page, ("user", DOG), ("assistant", LOVELY))
    it.stored([("user", DOG), ("assistant", LOVELY)])
    end(page)
    page.get_by_role("button", name="Continue this conversation").click()
    state(page, "listening")
    shows(page, ("user", DOG), ("assistant", LOVELY))
    expect(page.locator(".earlier")).to_have_count(0)


def test_a_new_conversation_begins_without_it(talk):
    it = talk(script={"sockets": [{}, {}]})
    page = it.visit({"transport": "websocket"})
    page.goto(f"/#/talk?conversation={conversed(it, page, 'Hello.')}")
    expect(earlier(page)).to_have_text(["Hello."])
    state(page, "listening")
    end(page)
    expect(earlier(page)).to_have_text(["Hello."])
    start(page)
    expect(page.locator(".earlier")).to_have_count(0)
    expect(page.locator("#empty")).to_be_visible()


def test_of_a_conversation_without_words_nothing_is_shown(talk):
    it = talk(script={"sockets": [{}]})
    page = it.visit({"transport": "websocket"})
    page.goto(f"/#/talk?conversation={conversed(it, page)}")
    state(page, "listening")
    expect(page.locator(".earlier")).to_be_hidden()
    expect(page.locator("#empty")).to_be_visible()
