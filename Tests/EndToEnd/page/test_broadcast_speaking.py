"""The page of one who speaks in a broadcast, with a microphone that plays tones."""

import pytest
from playwright.sync_api import expect

from support import speech
from support.broadcast_pages import Broadcasting, TEXTS, shows, state, tones
from support.broadcasts import told
from support.cuttable import Cuttable
from support.talking import wait

FIRST = "hello everybody welcome to the city"
SECOND = "we speak about water and light"
THIRD = "the river is green and cold"
ALL = [FIRST, SECOND, THIRD]
# A beginning in which listeners come, and pauses in which something happens.
SPEECH = [speech.silence(2), tones(FIRST, pause=4), tones(SECOND, pause=4), tones(THIRD, pause=1)]


@pytest.fixture
def cuttables():
    """Networks that can be cut."""
    made = []

    def cuttables(port):
        made.append(Cuttable(port))
        return made[-1]

    yield cuttables
    for one in made:
        one.close()


def go_live(page):
    page.get_by_role("button", name="Go live").click()
    stage(page, "You are live")


def stage(page, name):
    expect(page.locator(".stage-name")).to_have_text(name)


def test_three_listeners_in_two_languages_end_with_the_same(talk, cuttables):
    """One joins late, one drops its connection and resumes."""
    it = Broadcasting(talk, *SPEECH)
    it.it.expected_complaints = ("WebSocket", "Failed to load resource")
    broadcast, page = it.studio(access="token")
    network = cuttables(it.it.broker.port)
    english = it.listen(broadcast, "en", address=network.url)
    spanish = it.listen(broadcast, "es")
    for listener in english, spanish:
        state(listener, "Not begun yet")
    go_live(page)
    for listener, language in (english, "en"), (spanish, "es"):
        shows(listener, told(FIRST, language))
        state(listener, "Live")
    asked = []
    english.on("websocket", lambda socket: asked.append(socket.url))
    network.cut()
    state(english, "Reconnecting")
    late = it.listen(broadcast, "es")
    shows(spanish, told(FIRST, "es"), told(SECOND, "es"))
    network.mend()
    for listener, language in (page, "en"), (english, "en"), (spanish, "es"), (late, "es"):
        shows(listener, *[told(sentence, language) for sentence in ALL])
    assert asked[-1].endswith("/listen?language=en&after=en.1"), "it goes on behind what it has"
    assert it.segments(broadcast, "en") == english.evaluate(TEXTS)
    assert it.segments(broadcast, "es") == spanish.evaluate(TEXTS) == late.evaluate(TEXTS)


def test_the_page_tells_who_listens_and_how_each_language_gets_on(talk):
    it = Broadcasting(talk, speech.silence(1), *[tones(FIRST)] * 20)
    broadcast, page = it.studio()
    rows = page.locator(".language-rows li")
    expect(rows).to_have_text(["EnglishWhen you are live", "SpanishWhen you are live",
                               "GermanWhen you are live"])
    it.listen(broadcast, "es")
    expect(page.get_by_text("1 listener", exact=True)).to_be_visible()
    go_live(page)
    expect(rows.nth(0)).to_contain_text("Live")
    expect(rows.nth(1)).to_have_text("Spanish1Live")
    expect(rows.nth(2)).to_have_text("German0Begins with its first listener")
    expect(page.locator(".broadcast-mark")).to_have_text("Live")
    wait(page, """() => Number(document.querySelector('.stage-card').style
        .getPropertyValue('--level')) > 0.15""", None)
    page.get_by_role("button", name="Stop speaking").click()
    stage(page, "Not live")
    expect(page.locator(".broadcast-mark")).to_have_text("Paused")
    expect(rows.nth(1)).to_contain_text("When you are live")


def test_a_refused_microphone_has_a_way_back(talk):
    it = Broadcasting(talk, speech.silence(1), tones(FIRST), grants=False)
    _, page = it.studio()
    page.get_by_role("button", name="Go live").click()
    expect(page.get_by_role("alert").filter(has_text="does not let this page hear you")).to_be_visible()
    expect(page.get_by_text("Allow it in the browser’s address bar")).to_be_visible()
    stage(page, "Not live")
    page.context.grant_permissions(["microphone"])
    go_live(page)
    shows(page, told(FIRST))
    expect(page.get_by_text("does not let this page hear you")).to_have_count(0)


def test_a_speaker_who_is_cut_off_comes_back_and_nothing_is_lost(talk, cuttables):
    """The page says three sentences, and the network is gone during the second."""
    networks = []
    it = Broadcasting(talk, *SPEECH, through=lambda port: network_of(cuttables, networks, port))
    it.it.expected_complaints = ("WebSocket", "Failed to load resource")
    broadcast, page = it.studio()
    listener = it.listen(broadcast, "es", address=it.it.broker.url)
    go_live(page)
    shows(listener, told(FIRST, "es"))
    networks[0].cut()
    stage(page, "Reconnecting")
    expect(page.locator(".broadcast-mark")).to_have_text("Reconnecting")
    state(listener, "Speaker away")
    expect(listener.locator(".listen-note")).to_have_text(
        "The speaker’s connection was lost. It goes on here.")
    networks[0].mend()
    stage(page, "You are live")
    state(listener, "Live")
    shows(listener, *[told(sentence, "es") for sentence in ALL])
    expect(page.locator(".stage-problem")).to_be_empty()


def network_of(cuttables, networks, port):
    networks.append(cuttables(port))
    return networks[0].url


def test_what_is_said_longer_than_can_be_kept_is_lost_and_that_is_said(talk, cuttables):
    networks = []
    it = Broadcasting(talk, speech.silence(60),
                      through=lambda port: network_of(cuttables, networks, port))
    it.it.expected_complaints = ("WebSocket", "Failed to load resource")
    _, page = it.studio()
    go_live(page)
    networks[0].cut()
    stage(page, "Reconnecting")
    expect(page.locator(".stage-problem")).to_contain_text("of what you said got lost")
    networks[0].mend()
    stage(page, "You are live")
    expect(page.locator(".stage-problem")).to_contain_text("Say it again if it matters.")


def test_who_speaks_elsewhere_takes_over_and_may_be_taken_over_again(talk):
    it = Broadcasting(talk, speech.silence(60))
    broadcast, first = it.studio()
    go_live(first)
    second = it.owner(f"/#/broadcasts/{broadcast['id']}")
    expect(second.locator(".broadcast-mark")).to_have_text("Live elsewhere")
    go_live(second)
    stage(first, "Taken over")
    expect(first.get_by_text("Somebody speaks elsewhere now")).to_be_visible()
    first.get_by_role("button", name="Speak here").click()
    stage(first, "You are live")
    stage(second, "Taken over")


def test_one_stays_live_while_one_looks_at_another_page(talk):
    it = Broadcasting(talk, speech.silence(3), tones(FIRST))
    broadcast, page = it.studio()
    listener = it.listen(broadcast, "es")
    go_live(page)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("You are live: “Town meeting”")).to_be_visible()
    shows(listener, told(FIRST, "es"))
    other = it.create(page, title="Another one")
    page.evaluate("(id) => location.hash = `#/broadcasts/${id}`", other["id"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Another one")
    expect(page.get_by_role("button", name="Go live")).to_be_visible()
    page.get_by_role("button", name="Go back").click()
    stage(page, "You are live")
    expect(page.get_by_text("You are live: “Town meeting”")).to_have_count(0)
    page.get_by_role("button", name="Stop speaking").click()
    state(listener, "Speaker away")


def test_the_end_is_asked_about_and_told_to_all(talk):
    it = Broadcasting(talk, speech.silence(1), tones(FIRST), speech.silence(30))
    broadcast, page = it.studio()
    listener = it.listen(broadcast, "es")
    go_live(page)
    shows(listener, told(FIRST, "es"))
    page.get_by_role("button", name="End broadcast").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("End “Town meeting”?")
    dialog.get_by_role("button", name="Cancel").click()
    stage(page, "You are live")
    page.get_by_role("button", name="End broadcast").click()
    dialog.get_by_role("button", name="End broadcast").click()
    expect(page.locator(".broadcast-mark")).to_have_text("Ended")
    shows(page, told(FIRST))
    state(listener, "Ended")
    listener.get_by_role("button", name="Read or save all of it").click()
    expect(listener.get_by_text("Save as …")).to_be_visible()
    shows(listener, told(FIRST, "es"))


def test_another_microphone_takes_the_place_of_the_first(talk):
    it = Broadcasting(talk, speech.silence(1), *[tones(FIRST)] * 9)
    _, page = it.studio()
    go_live(page)
    options = page.get_by_label("Microphone").locator("option")
    expect(options.nth(1)).to_be_attached()
    page.get_by_label("Microphone").select_option(index=1)
    expect(page.locator(".caption")).not_to_have_count(0)
    stage(page, "You are live")
    chosen = page.get_by_label("Microphone").input_value()
    page.evaluate("""() => navigator.mediaDevices.getUserMedia =
        async () => { throw new DOMException('', 'NotReadableError'); }""")
    page.get_by_label("Microphone").select_option("")
    expect(page.get_by_role("alert")).to_contain_text("another program may have it")
    expect(page.get_by_label("Microphone")).to_have_value(chosen)
    stage(page, "You are live")


def test_a_broker_that_is_gone_is_waited_for_by_all(talk):
    it = Broadcasting(talk, speech.silence(1), tones(FIRST), speech.silence(60))
    it.it.expected_complaints = ("WebSocket", "Failed to load resource")
    broadcast, page = it.studio()
    listener = it.listen(broadcast, "en")
    go_live(page)
    shows(listener, told(FIRST))
    it.it.broker.kill()
    state(listener, "Reconnecting")
    stage(page, "Reconnecting")
    it.it.serve()
    state(listener, "Live")
    stage(page, "You are live")
    expect(listener.locator(".caption").first).to_have_text(told(FIRST))
