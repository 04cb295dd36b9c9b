"""How the pages of broadcasts look in each state; axe-core finds nothing wrong with any."""

import pytest
from playwright.sync_api import expect

from support import speech
from support.accessibility import violations
from support.broadcast_pages import Broadcasting, listen_path, ready, shows, state, tones
from support.broadcasts import TONES, Speaker, new_broadcast, told
from support.clients import client as client_of, succeeded
from support.talking import wait

FIRST = "hello everybody welcome to the city"
SECOND = "we speak about water and light"
THIRD = "the river is green and cold today"
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}

pytestmark = pytest.mark.usefixtures("all_leave")


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


@pytest.fixture(params=SIZES)
def device(request):
    return request.param


@pytest.fixture
def look(device, scheme):
    """How a browser is made."""
    width, height = SIZES[device]
    return {"viewport": {"width": width, "height": height}, "color_scheme": scheme}


@pytest.fixture
def shot(snap, device, scheme):
    """Looks at a page: nothing sticks out, and axe-core is content."""
    def shot(page, name):
        snap(page, f"broadcast-{name}-{device}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[device][0]
        assert violations(page) == []

    return shot


@pytest.fixture
def server(simulated):
    return simulated(TONES)


def test_the_list_and_the_form(visit, shot, look):
    page = visit("/#/broadcasts", **look)
    expect(page.get_by_text("No broadcasts yet")).to_be_visible()
    shot(page, "none")
    page.person.send("POST", "/api/broadcasts", {"title": "Town meeting", "languages": ["es", "de"]})
    page.person.send("POST", "/api/broadcasts", {"title": "A talk", "access": "token"})
    made = page.person.send(
        "POST", "/api/broadcasts",
        {"title": "What the harbour needs, and what it costs us all", "audio": True,
         "languages": ["fr", "pt-BR", "uk"], "access": "token"})
    page.person.send("POST", f"/api/broadcasts/{made['id']}/end")
    page.reload()
    expect(page.locator(".broadcast")).to_have_count(3)
    shot(page, "list")
    page.get_by_role("link", name="New broadcast").click()
    page.get_by_label("Title").fill("Town meeting")
    page.get_by_label("Spanish").check()
    page.get_by_label("German").check()
    shot(page, "form")
    page.get_by_label("Spanish").uncheck()
    page.get_by_label("German").uncheck()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one language")
    assert violations(page) == []


def test_the_place_to_speak(talk, shot, look):
    it = Broadcasting(talk, speech.silence(1), tones(FIRST), tones(SECOND), tones(THIRD),
                      speech.silence(1), *[tones(FIRST)] * 60)
    page = it.owner(**look)
    broadcast = it.create(page, access="token")
    page.goto(f"/#/broadcasts/{broadcast['id']}")
    expect(page.get_by_text("The secret part of the link")).to_be_visible()
    page.get_by_role("button", name="New link").click()
    page.get_by_role("button", name="Make a new link").click()
    code = page.get_by_alt_text("QR code")
    expect(code).to_be_visible()
    page.wait_for_function("() => document.querySelector('.code-image').complete")
    shot(page, "speak-1-off")
    page.get_by_role("button", name="Go live").click()
    expect(page.locator(".caption")).to_have_count(3)
    shot(page, "speak-2-live")
    page.get_by_role("button", name="End broadcast").click()
    shot(page, "speak-3-question")
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    it.it.expected_complaints = ("WebSocket", "Failed to load resource")
    it.it.broker.kill()
    expect(page.locator(".stage-name")).to_have_text("Reconnecting")
    shot(page, "speak-4-reconnecting")
    page.get_by_role("button", name="Stop speaking").click()
    assert page.evaluate("layoutShift") < 0.1


def test_a_refused_microphone(talk, shot, look):
    it = Broadcasting(talk, speech.silence(1), grants=False)
    page = it.owner(**look)
    page.goto(f"/#/broadcasts/{it.create(page)['id']}")
    page.get_by_role("button", name="Go live").click()
    expect(page.get_by_text("Allow it in the browser’s address bar")).to_be_visible()
    shot(page, "speak-5-refused")


def test_what_listeners_see(server, visit, shot, look):
    with client_of(server) as owner:
        broadcast = new_broadcast(owner, title="Town meeting", languages=["es", "de"], audio=True)
        path = listen_path(broadcast, "es")
        page = visit(path, server=server, expected_failures=1, **look)
        state(page, "Not begun yet")
        shot(page, "listen-1-waiting")
        with Speaker(owner, broadcast) as speaker:
            ready(page)
            for sentence in FIRST, SECOND, THIRD:
                speaker.say(sentence)
            shows(page, *[told(sentence, "es") for sentence in (FIRST, SECOND, THIRD)])
            speaker.say("the water is cold", pause=0)
            expect(page.locator(".caption[data-kind=draft]")).to_be_visible()
            shot(page, "listen-2-live")
            page.get_by_label("Language").select_option("de")
            ready(page)
            speaker.say("today", pause=1)
            for _ in range(9):
                speaker.say(THIRD)
            expect(page.locator(".caption[data-kind=gap]").first).to_be_visible()
            wait(page, "() => document.querySelectorAll('.caption').length > 9", None)
            for _ in range(2):
                page.get_by_role("button", name="Larger text").click()
            page.get_by_role("region", name="Captions").evaluate("it => it.scrollTo(0, 0)")
            expect(page.get_by_role("button", name="Back to live")).to_be_visible()
            shot(page, "listen-3-reading-back")
            page.get_by_role("button", name="Back to live").click()
        state(page, "Speaker away")
        shot(page, "listen-4-away")
        succeeded(owner.post(f"/api/broadcasts/{broadcast['id']}/end"))
        state(page, "Ended")
        shot(page, "listen-5-ended")
        assert page.evaluate("layoutShift") < 0.1
        page.get_by_role("button", name="Read or save all of it").click()
        expect(page.locator(".archive .caption").first).to_be_visible()
        expect(page.locator(".skeleton:visible")).to_have_count(0)
        page.get_by_text("Save as …").click()
        shot(page, "listen-6-archive")
        page.goto("about:blank")
        page.goto("/listen.html#bcast_none")
        state(page, "Not connected")
        shot(page, "listen-7-refused")


def test_a_lost_connection(talk, shot, look):
    it = Broadcasting(talk, speech.silence(1))
    it.it.expected_complaints = ("WebSocket", "Failed to load resource")
    page = it.owner(**look)
    broadcast = it.create(page)
    listener = it.listen(broadcast, "es", **look)
    state(listener, "Not begun yet")
    it.it.broker.kill()
    state(listener, "Reconnecting")
    shot(listener, "listen-8-reconnecting")


def test_the_archive(talk, shot, look):
    it = Broadcasting(talk, speech.silence(1), tones(FIRST), tones(SECOND), tones(THIRD),
                      speech.silence(60))
    page = it.owner(**look)
    broadcast = it.create(page)
    page.goto(f"/#/broadcasts/{broadcast['id']}")
    page.get_by_role("button", name="Go live").click()
    expect(page.locator(".caption")).to_have_count(3)
    page.get_by_role("button", name="End broadcast").click()
    page.get_by_role("dialog").get_by_role("button", name="End broadcast").click()
    expect(page.locator(".archive .caption")).to_have_count(3)
    shot(page, "archive")
