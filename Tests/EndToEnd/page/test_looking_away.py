"""What goes on while one looks away: drafts, the microphone, the screen, and what is heard of it."""

import pytest
from playwright.sync_api import expect

from support.talking import state, wait

RELAY = '{"transport": "websocket"}'
# The stream that the page got last, and a way to have no microphone.
MICROPHONE = """() => {
  const media = navigator.mediaDevices;
  const ask = media.getUserMedia.bind(media);
  window.plugged = true;
  media.getUserMedia = async (wanted) => {
    if (!plugged) throw new DOMException('', 'NotFoundError');
    return (window.stream = await ask(wanted));
  };
  window.unplug = () => {
    plugged = false;
    stream.getAudioTracks()[0].dispatchEvent(new Event('ended'));
  };
}"""
# All that is announced, and which focus and states there were.
ANNOUNCED = """() => {
  window.announced = [];
  new MutationObserver(() => {
    const text = document.querySelector('#announcer').textContent;
    if (text) announced.push(text);
  }).observe(document.querySelector('#announcer'), { childList: true });
}"""
# How often the screen was asked to stay on, less how often it was let go.
SCREEN = """(() => {
  window.locks = 0;
  const request = async () => {
    locks += 1;
    return { release: async () => void (locks -= 1) };
  };
  Object.defineProperty(navigator, 'wakeLock', { value: { request } });
})()"""


@pytest.fixture
def opened(visit):
    """Opens the page in a browser that talks by the relay."""

    def opened(path="/", script=None, seed=None, **how):
        page = visit("about:blank", seed, **how)
        page.add_init_script(f"localStorage.setItem('broker.talk', '{RELAY}')")
        if script:
            page.add_init_script(script)
        page.goto(path)
        return page

    return opened


def begin(page):
    page.get_by_role("button", name="Start talking").last.click()
    state(page, "listening", "thinking", "speaking")


def leave_and_return(page):
    page.get_by_role("link", name="Usage").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Usage")
    page.get_by_role("link", name="Talk").first.click()
    expect(page.locator("#orb")).to_be_visible()


def test_what_is_half_typed_is_there_again(opened):
    page = opened()
    field = page.get_by_label("Message")
    field.fill("Half a sen")
    leave_and_return(page)
    expect(field).to_have_value("Half a sen")
    page.reload()
    expect(field).to_have_value("Half a sen")
    page.keyboard.press("Tab")
    field.press("Enter")
    expect(page.locator(".turn[data-role=user] .text")).to_have_text("Half a sen")
    expect(field).to_have_value("")
    leave_and_return(page)
    expect(field).to_have_value("")


def test_the_chip_goes_on_telling_what_the_session_was_told(opened):
    def seed(person):
        person.converse("My dog is called Biscuit.")
        person.wait_for("/api/memory", lambda memory: memory["data"])

    page = opened(seed=seed)
    asked = []
    page.on("request", lambda request: asked.append(request.url)
            if "/api/context" in request.url else None)
    begin(page)
    expect(page.locator("#remembered")).to_be_visible()
    leave_and_return(page)
    page.locator("#remembered").click()
    expect(page.locator(".told")).to_contain_text("Biscuit")
    assert len(asked) == 1


@pytest.mark.parametrize("how", ["by itself", "in the settings"])
def test_a_microphone_that_comes_again_hears(opened, how):
    page = opened()
    page.evaluate(MICROPHONE)
    begin(page)
    page.evaluate("unplug()")
    expect(page.locator("#mute")).to_be_disabled()
    expect(page.locator(".notice")).to_contain_text("No microphone was found")
    if how == "by itself":
        page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
        page.evaluate("plugged = true")
        expect(page.locator("#mute")).to_be_disabled()
        page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    else:
        page.evaluate("plugged = true")
        page.get_by_role("button", name="Voice and settings").click()
        page.locator("[name=deviceID]").select_option(index=1)
        page.keyboard.press("Escape")
    expect(page.locator("#mute")).to_be_enabled()
    assert page.evaluate("stream.getAudioTracks()[0].readyState") == "live"


def test_those_who_hear_the_page_are_told_when_it_listens(opened):
    page = opened()
    page.evaluate(ANNOUNCED)
    page.evaluate(MICROPHONE)
    begin(page)
    wait(page, "() => announced.at(-1) === 'Listening'", None)
    page.evaluate("unplug()")
    wait(page, "() => announced.at(-1) === 'Ready'", None)
    page.locator("#toggle").click()
    wait(page, "() => announced.at(-1) === 'The session has ended'", None)
    assert page.evaluate("announced.filter((text) => text === 'Listening').length") == 1


def test_the_screen_stays_on_as_long_as_one_talks(opened):
    page = opened(script=SCREEN)
    page.evaluate(MICROPHONE)
    begin(page)
    wait(page, "() => locks === 1", None)
    page.get_by_role("link", name="Usage").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Usage")
    assert page.evaluate("locks") == 1
    page.get_by_role("link", name="Talk").first.click()
    page.evaluate("unplug()")
    wait(page, "() => locks === 0", None)


class TestFocus:
    """Who pressed what goes away is not sent to the start of the page."""

    def test_a_conversation_that_is_continued(self, opened):
        page = opened()
        page.get_by_label("Message").fill("Hello.")
        page.keyboard.press("Enter")
        expect(page.locator(".turn[data-role=assistant]")).to_have_count(1)
        page.locator("#toggle").click()
        page.get_by_role("button", name="Continue this conversation").press("Enter")
        expect(page.locator("#toggle")).to_be_focused()
        expect(page.locator("#continue")).to_be_hidden()

    def test_one_that_is_tried_again(self, opened):
        page = opened(expected_failures=1)
        page.route("**/api/session", lambda route: route.abort(), times=1)
        page.locator("#toggle").click()
        page.get_by_role("button", name="Try again").press("Enter")
        expect(page.locator("#toggle")).to_be_focused()
        state(page, "listening", "thinking", "speaking")

    def test_texts_that_are_given_up(self, opened):
        page = opened("/#/usage")
        page.evaluate("""() => ['one', 'two'].forEach((text, typedAt) => {
          const entry = { id: `item_${text}`, text, typedAt, conversationID: 'conv_gone' };
          localStorage.setItem(`broker.unsent.${entry.id}`, JSON.stringify(entry));
        })""")
        page.goto("/")
        page.reload()
        discard = page.get_by_role("button", name="Discard")
        expect(discard).to_have_count(2)
        discard.first.press("Enter")
        expect(discard).to_have_count(1)
        expect(discard).to_be_focused()
        discard.press("Enter")
        expect(page.get_by_label("Message")).to_be_focused()


# As Safari was until 2024.
OLD = """(() => {
  delete Map.groupBy;
  delete Object.groupBy;
  delete AbortSignal.any;
})()"""


def test_phones_of_some_years_ago_show_the_pages(opened):
    page = opened("/#/talk", script=OLD)
    page.get_by_label("Message").fill("Hello.")
    page.keyboard.press("Enter")
    expect(page.locator(".turn[data-role=assistant]")).to_have_count(1)
    page.get_by_role("link", name="History").first.click()
    page.locator(".conversation-list a").first.click()
    expect(page.locator(".entry").first).to_contain_text("Hello.")
    page.get_by_role("link", name="History").first.click()
    page.get_by_label("Search everything said").fill("hello")
    expect(page.locator(".hits mark").first).to_be_visible()
