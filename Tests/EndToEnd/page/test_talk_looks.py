"""How the talk page looks and moves, in each of its states."""

import pytest
from playwright.sync_api import expect

from support import speech
from support.accessibility import violations
from support.talking import loud, shows, start, state

DOG = "My dog is called Biscuit, and we move to Lisbon in May."
LOVELY = "That is a lovely name for a dog, and Lisbon is beautiful in May."
SIZES = {"phone": (390, 844), "desktop": (1440, 900)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", SIZES)
def test_every_state_fits_and_nothing_jumps(talk, snap, device, scheme):
    width, height = SIZES[device]
    entry = {"transcriptions": [{"text": DOG}], "answers": [LOVELY]}
    it = talk(script={"sockets": [entry]}, pace=1, says=[speech.silence(1), speech.spoken(DOG)])
    page = it.visit({"transport": "websocket"}, color_scheme=scheme,
                    viewport={"width": width, "height": height})

    def shot(name):
        snap(page, f"{device}-{scheme}-{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []

    expect(page.locator("#upstream")).not_to_have_attribute("data-kind", "unknown")
    shot("1-idle")
    start(page)
    loud(page, "listening")
    shot("2-listening")
    state(page, "thinking")
    shot("3-thinking")
    loud(page, "speaking")
    shot("4-speaking")
    shows(page, ("user", DOG), ("assistant", LOVELY))
    state(page, "listening")
    page.get_by_role("button", name="Voice and settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    shot("5-settings")
    page.keyboard.press("Escape")
    it.broker.kill()
    it.expected_complaints = ("WebSocket", "Failed to load resource")
    state(page, "reconnecting")
    shot("6-reconnecting")
    page.get_by_role("button", name="End", exact=True).click()
    state(page, "idle")
    page.get_by_role("button", name="Start talking").last.click()
    state(page, "error")
    shot("7-error")
    assert page.evaluate("layoutShift") < 0.1


def test_nothing_moves_for_those_who_want_it_so(talk):
    it = talk()
    page = it.visit({"transport": "websocket"}, reduced_motion="reduce")
    start(page)
    assert page.evaluate("document.getAnimations().length") == 0
