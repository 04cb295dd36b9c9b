"""Talking to the page, by voice and in writing."""

import json

import pytest
from playwright.sync_api import expect

from support import speech
from support.talking import end, loud, shows, start, state, traced

DOG = "I have a dog that is called Biscuit."
LOVELY = "That is a lovely name for a dog."
# Long enough to be talked over.
STORY = ("Once upon a time there was a small house by the sea, and in the house there lived an old "
         "captain who had sailed around the world three times and remembered every island.")


def one_call(**entry):
    """A script by which the first session goes, whichever way it is reached."""
    return {"sockets": [entry], "calls": [entry]}


@pytest.mark.parametrize("transport, name", [("auto", "WebRTC"), ("websocket", "Relay")])
def test_a_spoken_conversation_is_heard_shown_stored_and_remembered(talk, snap, transport, name):
    it = talk(script=one_call(transcriptions=[{"text": DOG}], answers=[LOVELY]),
              says=[speech.silence(1.0), speech.spoken(DOG)])
    page = it.visit({"transport": transport})
    start(page)
    expect(page.locator("#transport")).to_have_text(name)
    loud(page, "listening")
    snap(page, f"talk-{transport}-1-listening")
    loud(page, "speaking")
    snap(page, f"talk-{transport}-2-speaking")
    shows(page, ("user", DOG), ("assistant", LOVELY))
    state(page, "listening")
    it.stored([("user", DOG), ("assistant", LOVELY)])
    end(page)
    start(page)
    chip = page.locator("#remembered")
    expect(chip).to_have_text("Remembers 2 messages")
    chip.click()
    expect(page.get_by_role("dialog")).to_contain_text(DOG)
    snap(page, f"talk-{transport}-3-remembers")
    page.keyboard.press("Escape")
    end(page)
    assert page.evaluate("layoutShift") < 0.1


@pytest.mark.parametrize("transport", ["webrtc", "websocket"])
def test_talking_over_an_answer_cuts_it_where_it_was_heard(talk, snap, transport):
    it = talk(script=one_call(
                  transcriptions=[{"text": "Tell me a story."}, {"text": "Stop."}],
                  answers=[STORY, "All right."]),
              says=[speech.silence(1.0), speech.spoken("Tell me a story"), speech.silence(4.5),
                    speech.spoken("Stop it, please stop.")])
    page = it.visit({"transport": transport})
    start(page)
    loud(page, "speaking")
    expect(page.locator(".turn[data-role=assistant] .mark").first).to_have_text("Interrupted")
    heard = page.locator(".turn[data-role=assistant] .text span").first.text_content()
    assert STORY.startswith(heard) and 10 < len(heard) < len(STORY) - 10
    expect(page.locator(".turn[data-role=assistant] .unheard").first).to_have_text(STORY[len(heard):].strip())
    snap(page, f"talk-{transport}-4-interrupted")
    expect(page.locator(".turn[data-role=assistant] .text span").last).to_have_text("All right.")
    it.stored([("user", "Tell me a story."), ("assistant", STORY),
               ("user", "Stop."), ("assistant", "All right.")])
    cut = it.messages()[1]
    assert 500 < cut["metadata"]["audio_end_ms"] < 9_000


def held_space(page):
    page.locator("#orb").focus()
    page.keyboard.down("Space")
    return lambda: page.keyboard.up("Space")


def held_orb(page):
    page.locator("#orb").hover()
    page.mouse.down()
    return page.mouse.up


def touched_orb(page):
    touch = page.context.new_cdp_session(page)
    box = page.locator("#orb").bounding_box()
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    return lambda: touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("hold", [held_space, held_orb, touched_orb])
@pytest.mark.parametrize("transport", ["webrtc", "websocket"])
def test_push_to_talk_hears_only_while_it_is_held(talk, transport, hold):
    it = talk(script=one_call(transcriptions=[{"text": DOG}], answers=[LOVELY]),
              says=[part for _ in range(6) for part in (speech.spoken(DOG), speech.silence(0.3))])
    page = it.visit({"transport": transport, "turnDetection": "push_to_talk"}, has_touch=True)
    start(page)
    expect(page.locator("#state-text")).to_contain_text("Hold the orb")
    release = hold(page)
    expect(page.locator("#state-text")).to_have_text("Let go when you have finished.")
    loud(page, "listening", frames=30)
    release()
    shows(page, ("user", DOG), ("assistant", LOVELY))
    state(page, "listening")
    # The microphone went on, and nobody listened to it, nor was the answer cut short by it.
    shows(page, ("user", DOG), ("assistant", LOVELY))
    it.stored([("user", DOG), ("assistant", LOVELY)])


def test_a_press_that_is_too_short_says_how_it_is_done(talk):
    it = talk()
    page = it.visit({"transport": "websocket", "turnDetection": "push_to_talk"})
    start(page)
    page.locator("#orb").click()
    expect(page.locator(".notice")).to_contain_text("for as long as you speak")
    state(page, "listening")
    page.get_by_role("button", name="Mute the microphone").click()
    expect(page.locator("#state")).to_have_text("Muted")
    release = held_orb(page)
    # A round trip to the page, which has taken the press by then.
    assert page.evaluate("document.querySelector('.talk').dataset.heard") == "false"
    expect(page.locator("#state-text")).to_have_text("You are not heard.")
    release()


def test_who_is_muted_is_not_heard(talk):
    """Somebody speaks through a long answer, which nevertheless comes to its end."""
    it = talk(script=one_call(answers=[STORY]),
              says=[part for _ in range(4) for part in (speech.silence(1.0), speech.spoken(DOG))])
    page = it.visit({"transport": "websocket"})
    start(page)
    page.get_by_role("button", name="Mute the microphone").last.click()
    expect(page.locator("#state")).to_have_text("Muted")
    page.get_by_label("Message").fill("Tell me a story.")
    page.keyboard.press("Enter")
    loud(page, "speaking")
    state(page, "listening")
    shows(page, ("user", "Tell me a story."), ("assistant", STORY))
    page.get_by_role("button", name="Mute the microphone").last.click()
    expect(page.locator("#state")).to_have_text("Listening")


def test_text_is_sent_beside_talking(talk):
    it = talk(script=one_call(answers=[LOVELY]))
    page = it.visit({"transport": "websocket"})
    start(page)
    page.get_by_label("Message").fill(DOG)
    page.keyboard.press("Enter")
    loud(page, "speaking")
    # What is heard is not read, too.
    expect(page.locator("#scroller")).to_have_attribute("aria-live", "off")
    shows(page, ("user", DOG), ("assistant", LOVELY))
    it.stored([("user", DOG), ("assistant", LOVELY)])
    expect(page.locator("#scroller")).to_have_attribute("aria-live", "polite")


def test_what_is_typed_without_a_session_begins_one_in_writing(talk, snap):
    it = talk(script=one_call(answers=[LOVELY]), grants=False)
    page = it.visit({"transport": "auto"})
    page.get_by_label("Message").fill(DOG)
    page.keyboard.press("Enter")
    shows(page, ("user", DOG), ("assistant", LOVELY))
    expect(page.locator("#state-text")).to_have_text("Type a message.")
    it.stored([("user", DOG), ("assistant", LOVELY)])
    snap(page, "talk-typed")


def test_with_the_built_in_simulator_the_relay_is_taken_at_once(visit):
    page = visit()
    asked = []
    page.on("request", lambda request: asked.append(request.post_data_json["transport"])
            if request.url.endswith("/api/session") else None)
    page.get_by_label("Message").fill(DOG)
    page.keyboard.press("Enter")
    expect(page.locator(".turn[data-role=assistant]")).to_have_count(1)
    assert asked == ["websocket"]


def test_an_ended_conversation_is_continued(talk):
    it = talk(script={"sockets": [{"answers": [LOVELY]}, {"answers": ["And a cat!"]}]})
    page = it.visit({"transport": "websocket"})
    start(page)
    for text in (DOG, "I have a cat, too."):
        page.get_by_label("Message").fill(text)
        page.keyboard.press("Enter")
        expect(page.locator(".turn[data-role=assistant]")).to_have_count(1 if text == DOG else 2)
        state(page, "listening")
        if text == DOG:
            end(page)
            page.get_by_role("button", name="Continue this conversation").click()
            state(page, "listening")
    said = [("user", DOG), ("assistant", LOVELY), ("user", "I have a cat, too."),
            ("assistant", "And a cat!")]
    shows(page, *said)
    it.stored(said)
    assert len(it.conversations()) == 1


def test_markup_that_is_said_is_only_ever_text(talk):
    it = talk(grants=False)
    page = it.visit()
    markup = "<img src=x onerror=alert(1)><b>bold</b>"
    page.get_by_label("Message").fill(markup)
    page.keyboard.press("Enter")
    expect(page.locator(".turn[data-role=user] .text")).to_have_text(markup)
    assert page.locator("#transcript :is(img, b)").count() == 0


def test_a_greeting_and_a_tool_are_shown(talk):
    call = {"function_call": {"name": "get_weather", "arguments": {"city": "Graz"}}}
    it = talk(script=one_call(answers=["Ahoy!", call]))
    page = it.visit({"transport": "websocket", "greeting": "Ahoy!"})
    start(page)
    shows(page, ("assistant", "Ahoy!"))
    page.get_by_label("Message").fill("How is the weather in Graz?")
    page.keyboard.press("Enter")
    tool = page.locator(".call")
    expect(tool.locator("summary")).to_contain_text("Used get_weather")
    tool.locator("summary").click()
    expect(tool.locator("pre").first).to_contain_text('"city": "Graz"')


def test_a_voice_introduces_itself_and_leaves_nothing_behind(talk):
    it = talk()
    page = it.visit({"transport": "websocket"})
    frames, asked = [], []
    page.on("websocket", lambda socket: socket.on(
        "framereceived", lambda frame: frames.append(json.loads(frame)["type"])))
    page.on("request", lambda request: asked.append(request.post_data_json)
            if request.url.endswith("/api/session") else None)
    page.get_by_role("button", name="Voice and settings").click()
    expect(page.get_by_role("radio")).to_have_count(11)
    expect(page.get_by_role("dialog")).to_contain_text("costs a few tokens")
    hear = page.get_by_role("button", name="Hear Cedar")
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        hear.click()
        expect(hear).to_have_text("…")
    assert deleted.value.ok
    expect(hear).to_have_text("Hear")
    assert asked[0]["voice"] == "cedar" and "response.output_audio.delta" in frames
    other = page.get_by_role("button", name="Hear Sage")
    hear.click()
    other.click()
    for button in hear, other:
        expect(button).to_have_text("Hear")
    assert it.conversations() == []


def test_a_microphone_that_is_gone_is_replaced(talk):
    it = talk()
    page = it.visit({"transport": "websocket", "deviceID": "unplugged"})
    start(page)
    expect(page.locator("#mute")).to_be_enabled()


def test_a_chosen_voice_is_that_of_the_next_session(talk):
    it = talk()
    page = it.visit({"transport": "websocket"})
    page.get_by_role("button", name="Voice and settings").click()
    expect(page.get_by_role("radio", name="The agent’s or the broker’s")).to_be_checked()
    page.get_by_role("radio", name="Sage").check()
    page.get_by_label("It answers").select_option("semantic_vad")
    page.keyboard.press("Escape")
    with page.expect_request("**/api/session") as minted:
        start(page)
    fields = minted.value.post_data_json
    assert fields["voice"] == "sage"
    assert fields["session"]["audio"]["input"]["turn_detection"] == {"type": "semantic_vad"}
    page.reload()
    page.get_by_role("button", name="Voice and settings").click()
    expect(page.get_by_role("radio", name="Sage")).to_be_checked()


def test_turns_may_change_while_one_talks(talk):
    it = talk()
    page = it.visit({"transport": "websocket"})
    start(page)
    page.get_by_role("button", name="Voice and settings").click()
    page.get_by_label("It answers").select_option("push_to_talk")
    page.keyboard.press("Escape")
    expect(page.locator("#state-text")).to_contain_text("Hold the orb")


@pytest.mark.parametrize("transport", ["webrtc", "websocket"])
def test_the_page_is_never_held_up_while_one_talks(talk, transport):
    it = talk(script=one_call(transcriptions=[{"text": DOG}], answers=[STORY]), pace=0.5,
              says=[speech.silence(1.0), speech.spoken(DOG)])
    page = it.visit({"transport": transport})
    start(page)
    with traced(it, page) as costs_ms:
        loud(page, "speaking")
        shows(page, ("user", DOG), ("assistant", STORY))
        state(page, "listening")
    assert len(costs_ms) > 100 and max(costs_ms) < 50, sorted(costs_ms)[-5:]
