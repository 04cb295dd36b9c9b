"""How sessions begin: from an address, once more, in writing, and with what the browser keeps."""

import json

import pytest
from playwright.sync_api import expect

from support.talking import end, shows, state

GONE = "agent_01aaaaaaaaaaaaaaaaaaaaaaaa"
KEPT = {"transport": "websocket", "voice": "sage"}


def skipper(person):
    return person.send("POST", "/api/agents", {"name": "Skipper", "voice": "cedar"})["id"]


@pytest.fixture
def opened(visit):
    """Opens a page in a browser that keeps preferences; `asked` grows with each session."""

    def opened(path="/", seed=None, kept=None, **how):
        page = visit("/#/usage", **how)
        kept = json.dumps({**KEPT, **(kept or {})})
        page.evaluate("(kept) => localStorage.setItem('broker.talk', kept)", kept)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.post_data_json)
                if request.url.endswith("/api/session") else None)
        page.goto(path.format(*(seed(page.person) if seed else ())))
        return page

    return opened


def write(page, text):
    page.get_by_label("Message").fill(text)
    page.keyboard.press("Enter")


def answered(page, count):
    expect(page.locator(".turn[data-role=assistant]")).to_have_count(count)
    state(page, "listening")


def test_an_agent_in_the_address_is_taken_up_once_and_speaks_as_it_does(opened):
    page = opened("/#/talk?agent={}", lambda person: [skipper(person)], {"greeting": "Hi!"})
    state(page, "listening", "thinking", "speaking")
    assert page.url.endswith("#/talk")
    page.get_by_role("link", name="Usage").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Usage")
    page.go_back()
    expect(page.locator("#toggle")).to_have_text("End")
    wanted, = page.asked
    assert wanted["agent_id"].startswith("agent_") and not {"voice", "greeting"} & set(wanted)


def test_a_conversation_that_goes_on_already_is_not_begun_again(opened):
    page = opened()
    write(page, "Hello.")
    answered(page, 1)
    conversation = page.person.get("/api/conversations")["data"][0]["id"]
    page.evaluate("(id) => location.hash = `#/talk?conversation=${id}`", conversation)
    page.wait_for_function("() => location.hash === '#/talk'")
    write(page, "Are you there?")
    answered(page, 2)
    assert len(page.asked) == 1


def test_a_conversation_goes_on_with_its_agent_also_at_the_second_try(opened):
    def seed(person):
        agent = skipper(person)
        conversation = person.converse("Ahoy.")
        body = {"conversation_id": conversation, "agent_id": agent}
        session = person.send("POST", "/api/session", body)["id"]
        person.send("POST", f"/api/session/{session}/end")
        return [conversation]

    page = opened("/#/history/{}", seed, expected_failures=1)
    expect(page.get_by_text("1 session")).to_be_visible()
    page.route("**/api/session", lambda route: route.abort(), times=1)
    page.get_by_role("link", name="Continue", exact=True).click()
    page.get_by_role("button", name="Try again").click()
    state(page, "listening", "thinking", "speaking")
    first, second = page.asked
    assert first == second and {"conversation_id", "agent_id"} < set(first)


def test_a_deleted_agent_can_be_unchosen_and_stops_nobody(opened):
    page = opened(kept={"agent_id": GONE}, expected_failures=1)
    page.get_by_role("button", name="Voice and settings").click()
    expect(page.get_by_label("Agent").locator(":checked")).to_have_text("Deleted agent")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Start talking").last.click()
    expect(page.get_by_role("alert")).to_contain_text("The agent was deleted.")
    page.get_by_role("button", name="Try again").click()
    state(page, "listening", "thinking", "speaking")
    assert [wanted.get("agent_id") for wanted in page.asked] == [GONE, None]
    assert page.asked[1]["voice"] == "sage"
    assert "agent_01" not in page.evaluate("localStorage.getItem('broker.talk')")


def test_what_is_typed_below_an_ended_conversation_continues_it(opened):
    page = opened()
    write(page, "Hello.")
    answered(page, 1)
    end(page)
    write(page, "Are you still there?")
    answered(page, 2)
    conversation, = page.person.get("/api/conversations")["data"]
    assert page.asked[1]["conversation_id"] == conversation["id"]


def test_what_was_typed_in_one_conversation_goes_to_no_other_and_can_be_given_up(opened):
    page = opened(expected_failures=1)
    write(page, "Hello.")
    answered(page, 1)
    end(page)
    page.route("**/api/session", lambda route: route.abort())
    write(page, "A secret.")
    state(page, "error")
    page.unroute("**/api/session")
    page.reload()
    mark = page.locator(".turn .mark").last
    expect(mark).to_have_text("Waits for the conversation that it was typed in")
    page.get_by_role("button", name="Start talking").last.click()
    state(page, "listening")
    write(page, "Somebody else’s question.")
    answered(page, 1)
    said = [message["content"] for message in page.person.get(
        f"/api/conversations/{page.person.get('/api/conversations')['data'][0]['id']}/messages")["data"]]
    assert "A secret." not in said
    page.get_by_role("button", name="Discard").click()
    expect(mark).not_to_have_text("Waits for the conversation that it was typed in")
    assert "broker.unsent" not in page.evaluate("JSON.stringify(Object.keys(localStorage))")


def test_a_player_that_could_not_be_loaded_is_loaded_again(opened):
    page = opened()
    page.evaluate("""() => {
      const sound = AudioWorklet.prototype;
      const { addModule } = sound;
      sound.addModule = () => {
        sound.addModule = addModule;
        return Promise.reject(new DOMException('', 'AbortError'));
      };
    }""")
    page.get_by_role("button", name="Start talking").last.click()
    expect(page.get_by_role("alert")).to_contain_text("The broker cannot be reached.")
    page.get_by_role("button", name="Try again").click()
    state(page, "listening", "thinking", "speaking")


def test_a_microphone_that_comes_when_all_is_over_is_let_go(opened):
    page = opened()
    page.get_by_role("button", name="Start talking").last.click()
    state(page, "listening", "thinking", "speaking")
    page.evaluate("""() => {
      const media = navigator.mediaDevices;
      const ask = media.getUserMedia.bind(media);
      media.getUserMedia = async (wanted) => {
        await new Promise((resolve) => (window.grant = resolve));
        return (window.late = await ask(wanted));
      };
    }""")
    page.get_by_role("button", name="Voice and settings").click()
    page.locator("[name=deviceID]").select_option(index=1)
    page.keyboard.press("Escape")
    end(page)
    page.evaluate("grant()")
    page.wait_for_function("() => window.late?.getAudioTracks()[0].readyState === 'ended'")


def test_a_microphone_that_cannot_be_used_does_not_take_the_place_of_another(opened):
    page = opened()
    page.get_by_role("button", name="Start talking").last.click()
    state(page, "listening", "thinking", "speaking")
    page.evaluate("""() => navigator.mediaDevices.getUserMedia =
        async () => { throw new DOMException('', 'NotReadableError'); }""")
    page.get_by_role("button", name="Voice and settings").click()
    page.locator("[name=deviceID]").select_option(index=1)
    expect(page.get_by_role("dialog")).to_contain_text("another program may have it")
    expect(page.locator("[name=deviceID]")).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.locator("#mute")).to_be_enabled()
