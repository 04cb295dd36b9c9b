"""The listeners' page: captions as they come, in every state, and how little it weighs."""

import re
import urllib.request

import pytest
from playwright.sync_api import expect

from support.broadcast_pages import TEXTS, listen_path, shows, state
from support.broadcasts import TONES, Speaker, new_broadcast, told
from support.clients import client as client_of, succeeded
from support.talking import wait

FIRST = "hello everybody welcome to the city"
SECOND = "we speak about water and light"
PHONE = {"width": 390, "height": 844}
LIMIT_BYTES = 41_000

pytestmark = pytest.mark.usefixtures("all_leave")


@pytest.fixture
def server(simulated):
    return simulated(TONES)


@pytest.fixture
def owner(server):
    with client_of(server) as owner:
        yield owner


@pytest.fixture
def broadcast(owner):
    return new_broadcast(owner, title="Rivers", languages=["es", "de"], access="token")


@pytest.fixture
def listen(server, visit, broadcast):
    """Opens the listeners' page, on a phone."""
    def listen(language="es", of=broadcast, **options):
        return visit(listen_path(of, language), server=server, **{"viewport": PHONE} | options)

    return listen


@pytest.fixture
def speaker(owner, broadcast):
    with Speaker(owner, broadcast) as speaker:
        yield speaker


def counted(number):
    """A number below 1,000 in words that the simulator hears."""
    words = "hello one two three four five six seven eight nine".split()
    # Between two of the same there must be another sound.
    return " is ".join(words[int(digit)] for digit in str(number))


def test_it_says_what_it_is_and_waits(listen):
    page = listen()
    state(page, "Not begun yet")
    expect(page).to_have_title("Rivers")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rivers")
    expect(page.locator(".listen-note")).to_have_text(
        "The captions appear here as soon as somebody speaks.")
    expect(page.get_by_label("Language").locator("option")).to_have_text(
        ["English", "Español", "Deutsch"])


def test_the_language_is_that_of_the_browser_unless_one_is_chosen(listen):
    assert listen("", locale="de-CH").get_by_label("Language").input_value() == "de"
    assert listen("", locale="fi-FI").get_by_label("Language").input_value() == "en"
    assert listen("es", locale="de-CH").get_by_label("Language").input_value() == "es"


def test_text_grows_while_it_is_spoken_and_only_whole_captions_are_read_out(listen, speaker):
    page = listen("en")
    state(page, "Live")
    speaker.say("hello everybody", pause=0)
    draft = page.locator(".caption[data-kind=draft]")
    expect(draft).to_have_text("hello everybody")
    log = page.get_by_role("log")
    expect(log).to_have_text("")
    speaker.say("welcome")
    shows(page, told("hello everybody welcome"))
    expect(draft).to_have_count(0)
    expect(log).to_have_text(told("hello everybody welcome"))


def test_a_connection_that_fell_silent_is_made_anew(listen, speaker):
    page = listen("en")
    page.clock.install()
    page.reload()
    state(page, "Live")
    with page.expect_websocket():
        page.clock.fast_forward(40_000)
    speaker.say(FIRST)
    shows(page, told(FIRST))


def test_what_was_said_before_one_came_is_shown_and_not_read_out(listen, speaker):
    first = listen("en")
    speaker.say(FIRST)
    shows(first, told(FIRST))
    late = listen("en")
    shows(late, told(FIRST))
    speaker.say(SECOND)
    shows(late, told(FIRST), told(SECOND))
    expect(late.get_by_role("log")).to_have_text(told(SECOND))


def test_the_language_changes_in_place_and_back(listen, speaker):
    page = listen("es")
    state(page, "Live")
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket))
    speaker.say(FIRST)
    shows(page, told(FIRST, "es"))
    page.get_by_label("Language").select_option("en")
    shows(page, told(FIRST))
    assert page.url.endswith("&language=en")
    speaker.say(SECOND)
    shows(page, told(FIRST), told(SECOND))
    page.get_by_label("Language").select_option("es")
    expect(page.locator(".caption").first).to_have_text(told(FIRST, "es"))
    assert sockets == [], "it was told by the same connection"


def test_what_nobody_listened_to_is_a_gap_in_plain_words(listen, speaker):
    english = listen("en")
    speaker.say(FIRST)
    shows(english, told(FIRST))
    german = listen("de")
    state(german, "Live")
    speaker.say(SECOND)
    shows(german, "Not translated: nobody listened in this language.", told(SECOND, "de"))
    expect(german.locator(".caption[data-kind=gap]")).to_have_count(1)


def test_another_speaker_is_set_apart(listen, owner, broadcast):
    page = listen("en")
    with Speaker(owner, broadcast) as first:
        first.say(FIRST)
        shows(page, told(FIRST))
    state(page, "Speaker away")
    expect(page.locator(".listen-note")).to_have_text("The speaker has paused. It goes on here.")
    with Speaker(owner, broadcast) as second:
        second.say(SECOND)
        shows(page, told(FIRST), told(SECOND))
        expect(page.locator(".caption-speaker:visible")).to_have_text("Speaker 2")


def test_one_reads_back_and_is_led_to_what_is_being_said(listen, speaker):
    page = listen("en")
    sentences = [counted(number) for number in range(1, 31)]
    for sentence in sentences:
        speaker.say(sentence, pause=0.6)
    shows(page, *map(told, sentences))
    scroller = page.get_by_role("region", name="Captions")
    at_end = """() => { const it = document.querySelector('.listen-scroller');
        return it.scrollHeight - it.scrollTop - it.clientHeight < 2; }"""
    wait(page, at_end, None)
    back = page.get_by_role("button", name="Back to live")
    expect(back).to_be_hidden()
    scroller.focus()
    page.keyboard.press("PageUp")
    expect(back).to_have_text("Back to live")
    wait(page, f"() => !({at_end})()", None)
    top = scroller.evaluate("it => it.scrollTop")
    speaker.say(FIRST)
    expect(back).to_have_text("Back to live · 1 new")
    speaker.say(SECOND)
    expect(back).to_have_text("Back to live · 2 new")
    assert abs(scroller.evaluate("it => it.scrollTop") - top) < 400, "it stays where it was read"
    back.click()
    wait(page, at_end, None)
    expect(back).to_be_hidden()
    speaker.say(FIRST)
    wait(page, f"() => document.querySelectorAll('.caption').length === 33 && ({at_end})()", None)


def test_a_late_listener_reads_back_to_the_beginning(listen, speaker):
    early = listen("en")
    sentences = [counted(number) for number in range(1, 91)]
    for sentence in sentences:
        speaker.say(sentence, pause=0.6)
    shows(early, *map(told, sentences))
    late = listen("en")
    expect(late.locator(".caption").last).to_have_text(told(sentences[-1]))
    assert len(late.evaluate(TEXTS)) < 90
    late.get_by_role("region", name="Captions").focus()
    while len(late.evaluate(TEXTS)) < 90:
        late.keyboard.press("Home")
        late.wait_for_function("() => document.querySelector('.listen-scroller').scrollTop >= 0")
    shows(late, *map(told, sentences))
    expect(late.get_by_text("Earlier captions")).to_be_hidden()


def test_the_text_is_as_large_as_it_was_made(listen):
    page = listen()
    size = "() => parseFloat(getComputedStyle(document.querySelector('#page')).fontSize)"
    usual = page.evaluate(size)
    page.get_by_role("button", name="Larger text").click()
    larger = page.evaluate(size)
    assert larger > usual
    page.reload()
    state(page, "Not begun yet")
    assert page.evaluate(size) == larger
    for _ in range(3):
        page.get_by_role("button", name="Smaller text").click()
    expect(page.get_by_role("button", name="Smaller text")).to_be_disabled()
    assert page.evaluate(size) < usual
    page.reload()
    expect(page.get_by_role("button", name="Smaller text")).to_be_disabled()


def test_the_voice_is_heard_when_it_is_wanted(server, visit, owner):
    broadcast = new_broadcast(owner, languages=["es"], audio=True)
    page = visit(listen_path(broadcast, "es"), server=server)
    voice = page.get_by_role("button", name="Voice")
    expect(voice).to_have_attribute("aria-pressed", "false")
    voice.click()
    expect(voice).to_have_attribute("aria-pressed", "true")
    with Speaker(owner, broadcast) as speaker:
        state(page, "Live")
        speaker.say(FIRST)
        expect(voice).to_have_attribute("data-is-playing", "true")
        shows(page, told(FIRST, "es"))
    voice.click()
    expect(voice).to_have_attribute("data-is-playing", "false")
    page.get_by_label("Language").select_option("en")
    expect(voice).to_be_disabled()


# As a network that lets no WebSocket through.
NO_SOCKETS = """
    window.WebSocket = class extends EventTarget {
      static OPEN = 1;
      readyState = 3;
      constructor() { super(); setTimeout(() => this.onclose?.({ code: 1006 })); }
      send() {}
      close() {}
    };
"""


def test_where_websockets_are_blocked_it_listens_by_server_sent_events(
        server, visit, broadcast, speaker):
    page = visit("about:blank", server=server, viewport=PHONE)
    page.add_init_script(NO_SOCKETS)
    with page.expect_request(re.compile("/events")) as asked:
        page.goto(listen_path(broadcast, "es"))
    assert broadcast["listen_token"] not in asked.value.url
    assert asked.value.headers["authorization"] == f"Bearer {broadcast['listen_token']}"
    state(page, "Live")
    speaker.say(FIRST)
    shows(page, told(FIRST, "es"))
    with page.expect_request(re.compile("/events")):
        page.get_by_label("Language").select_option("en")
    shows(page, told(FIRST))
    with page.expect_request(re.compile("/events")) as again:
        page.get_by_label("Language").select_option("es")
    assert again.value.headers["last-event-id"].startswith("es.")
    speaker.say(SECOND)
    expect(page.locator(".caption").last).to_have_text(told(SECOND, "es"))


def test_the_token_is_in_no_address(server, visit, broadcast, speaker):
    page = visit("about:blank", server=server)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.goto(listen_path(broadcast, "es"))
    state(page, "Live")
    assert any("/listen?" in url for url in asked)
    sent = [url.split("#")[0] for url in asked]
    assert not [url for url in sent if broadcast["listen_token"] in url]
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert broadcast["listen_token"] not in stored


@pytest.mark.parametrize("address, says", [
    ("{id}?token=bl_wrong", "There is no such broadcast"), ("{id}", "There is no such broadcast"),
    ("bcast_01aaaaaaaaaaaaaaaaaaaaaaaa", "There is no such broadcast"),
    ("", "There is no such broadcast"), ("<b>", "There is no such broadcast")])
def test_a_link_that_opens_nothing_says_so(server, visit, broadcast, address, says):
    page = visit(f"/listen.html#{address.format(id=broadcast['id'])}", server=server,
                 expected_failures=1)
    expect(page.get_by_role("heading", level=2)).to_have_text(re.compile(says))
    state(page, "Not connected")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_a_replaced_link_lets_nobody_come_back(listen, owner, broadcast):
    page = listen("es", expected_failures=1)
    state(page, "Not begun yet")
    succeeded(owner.post(f"/api/broadcasts/{broadcast['id']}/token"))
    page.reload()
    expect(page.get_by_role("heading", level=2)).to_have_text("There is no such broadcast")


def test_an_upstream_that_is_lost_is_said_as_what_it_is(simulated, visit):
    script = {"type": "transcription", "drop_after_events": 6, "times": 50,
              "close": {"code": 1011, "reason": "gone"}}
    server = simulated(TONES | {"sockets": [script]})
    with client_of(server) as owner:
        broadcast = new_broadcast(owner)
        page = visit(listen_path(broadcast, "en"), server=server)
        state(page, "Not begun yet")
        with Speaker(owner, broadcast) as speaker:
            speaker.say(FIRST)
            expect(page.locator(".caption-cut:visible").first).to_have_text(
                "Cut short: the speech service was lost.")
            expect(page.locator(".caption[data-kind=gap]").first).to_contain_text(
                "missing: the speech service was lost.")


def test_text_of_others_is_text(server, visit, owner):
    title = "<img src=x onerror=alert(1)> & ‮rivers"
    page = visit(listen_path(new_broadcast(owner, title=title)), server=server)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_label("Language")).to_have_count(0)


def transferred(page):
    """The bytes of the page's own files, uncompressed."""
    return page.evaluate("""() =>
      performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
        .filter(({ name }) => !name.includes('/api/'))
        .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)""")


def test_it_weighs_little(listen, speaker):
    page = listen("en")
    state(page, "Live")
    speaker.say(FIRST)
    shows(page, told(FIRST))
    page.wait_for_load_state("networkidle")
    weight = transferred(page)
    assert 10_000 < weight < LIMIT_BYTES, weight


def test_it_is_used_without_a_mouse(listen, speaker):
    page = listen("es")
    state(page, "Live")
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(
            "document.activeElement.getAttribute('aria-label') ?? document.activeElement.id"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert reached == ["Captions", "Language", "Smaller text", "Larger text"]


def test_nothing_moves_for_those_who_want_it_so(listen, speaker):
    page = listen("en", reduced_motion="reduce")
    state(page, "Live")
    speaker.say("hello", pause=0)
    expect(page.locator(".caption[data-kind=draft]")).to_have_text("hello")
    assert page.evaluate("document.getAnimations().length") == 0


def test_its_head_and_its_scripts_are_files(server):
    with urllib.request.urlopen(f"{server.url}/listen.html") as response:
        policy = response.headers["Content-Security-Policy"]
        html = response.read().decode()
    assert "unsafe" not in policy
    assert " style=" not in html and "<style" not in html
    for script in re.findall(r"<script([^>]*)>", html):
        assert "src=" in script
