"""What the page does when something between it and upstream goes wrong."""

import contextlib
import json

import pytest
from playwright.sync_api import expect

from support import speech
from support.cuttable import Cuttable
from support.processes import eventually
from support.talking import end, loud, shows, start, state, wait

DOG = "My dog is called Biscuit."
LOVELY = "That is a lovely name."
CAT = "My cat is called Miso."
NICE = "Nice to meet you both."
# Long enough to be talked over.
STORY = ("Once upon a time there was a small house by the sea, and in the house there lived an old "
         "captain who had sailed around the world three times and remembered every island.")
LOST = ("WebSocket", "Failed to load resource")


def sessions(count, **entry):
    """A script for so many sessions in a row, each by itself."""
    return {"sockets": [entry] * count, "calls": [entry] * count}


def ask(page, text):
    page.get_by_label("Message").fill(text)
    page.keyboard.press("Enter")


def talk_of_the_dog(it, page):
    """A first turn, which is stored."""
    start(page)
    ask(page, DOG)
    shows(page, ("user", DOG), ("assistant", LOVELY))
    state(page, "listening")
    it.stored([("user", DOG), ("assistant", LOVELY)])


def call_that_outlives_the_broker(it):
    """A call in which a turn was said that a killed broker has not heard; and all that was said."""
    page = it.visit({"transport": "webrtc"})
    talk_of_the_dog(it, page)
    it.broker.kill()
    ask(page, CAT)
    said = [("user", DOG), ("assistant", LOVELY), ("user", CAT), ("assistant", NICE)]
    shows(page, *said)
    state(page, "listening")
    return page, said


@contextlib.contextmanager
def awaited_event(page, type):
    """Waits behind the block until such an event came on the call."""
    page.evaluate("""(type) => {
      const drawn = JSON.parse;
      JSON.parse = (text, ...rest) => {
        const value = drawn(text, ...rest);
        window.isThere ||= value?.type === type;
        return value;
      };
    }""", type)
    yield
    page.wait_for_function("() => window.isThere")


def minted(page):
    """The sessions that the page has asked for since; a list that grows."""
    requests = []
    page.on("request", lambda request: requests.append(request.post_data_json)
            if request.url.endswith("/api/session") else None)
    return requests


def renewed(page):
    """The ids of the sessions that the page has renewed since; a list that grows."""
    ids = []
    page.on("request", lambda request: ids.append(request.url.split("/")[-2])
            if request.url.endswith("/renew") else None)
    return ids


@pytest.fixture
def network():
    """Makes networks that can be cut."""
    made = []

    def network(port):
        made.append(Cuttable(port))
        return made[-1].url

    network.made = made
    yield network
    for one in made:
        one.close()


class TestRelay:
    """The relay resumes."""

    def test_a_cut_connection_is_resumed_with_what_was_missed(self, talk, network, snap):
        it = talk(script=sessions(1, answers=[LOVELY, NICE]), through=network)
        it.expected_complaints = LOST
        page = it.visit({"transport": "websocket"})
        talk_of_the_dog(it, page)
        asked = minted(page)
        network.made[0].cut()
        state(page, "reconnecting")
        snap(page, "talk-reconnecting")
        ask(page, CAT)
        expect(page.locator(".turn .mark").last).to_have_text("Waits to be sent")
        network.made[0].mend()
        shows(page, ("user", DOG), ("assistant", LOVELY), ("user", CAT), ("assistant", NICE))
        assert asked == []
        it.stored([("user", DOG), ("assistant", LOVELY), ("user", CAT), ("assistant", NICE)])

    def test_what_went_into_a_dead_network_is_sent_and_asked_again(self, talk, network):
        it = talk(script=sessions(1, answers=[LOVELY, NICE]), through=network)
        it.expected_complaints = LOST
        page = it.visit({"transport": "websocket"})
        ask(page, DOG)
        shows(page, ("user", DOG), ("assistant", LOVELY))
        state(page, "listening")
        network.made[0].stall()
        ask(page, CAT)
        state(page, "thinking")
        network.made[0].cut()
        state(page, "reconnecting")
        network.made[0].mend()
        said = [("user", DOG), ("assistant", LOVELY), ("user", CAT), ("assistant", NICE)]
        shows(page, *said)
        state(page, "listening")
        it.stored(said)

    def test_speech_goes_on_after_a_cut(self, talk, network):
        it = talk(script=sessions(1, transcriptions=[{"text": CAT}], answers=[NICE]),
                  says=[speech.silence(6), speech.spoken(CAT)], through=network)
        it.expected_complaints = LOST
        page = it.visit({"transport": "websocket"})
        start(page)
        network.made[0].cut()
        state(page, "reconnecting")
        network.made[0].mend()
        state(page, "listening")
        loud(page, "speaking")
        shows(page, ("user", CAT), ("assistant", NICE))

    def test_an_answer_that_is_cut_without_a_connection_is_stored_as_cut(self, talk, network):
        it = talk(script=sessions(1, answers=[STORY, NICE]), through=network)
        it.expected_complaints = LOST
        page = it.visit({"transport": "websocket"})
        start(page)
        ask(page, DOG)
        loud(page, "speaking")
        expect(page.locator(".turn[data-role=assistant] .text")).to_have_text(STORY)
        network.made[0].cut()
        state(page, "reconnecting")
        page.get_by_role("button", name="Stop the answer").click()
        network.made[0].mend()
        state(page, "listening")
        expect(page.locator(".turn[data-role=assistant] .mark")).to_have_text("Interrupted")
        answer, = eventually(lambda: [message for message in it.messages()
                                      if "audio_end_ms" in message["metadata"]])
        assert answer["content"] == STORY and answer["status"] == "incomplete"
        assert answer["metadata"]["audio_end_ms"] > 0
        expect(page.locator(".turn[data-role=assistant] .unheard")).not_to_be_empty()
        ask(page, CAT)
        expect(page.locator(".turn[data-role=assistant] .text span").last).to_have_text(NICE)

    def test_a_session_that_cannot_be_resumed_is_carried_on_as_it_was(self, talk, network):
        it = talk(script={"sockets": [{"answers": [LOVELY]}, {"answers": [NICE]}]},
                  through=network, settings={"BROKER_RECONNECT_SECONDS": 1})
        it.expected_complaints = LOST
        page = it.visit({"transport": "websocket"})
        start(page)
        ask(page, DOG)
        shows(page, ("user", DOG), ("assistant", LOVELY))
        hold_to_talk(page)
        asked, again = minted(page), renewed(page)
        network.made[0].cut()
        first, = in_the_end(it, "client_lost")
        network.made[0].mend()
        state(page, "listening")
        assert (asked, again) == ([], [first["id"]])
        last = it.sessions()[0]
        assert last["conversation_id"] == first["conversation_id"]
        # What was changed in the first session is changed in the next one, too.
        expect(page.locator("#state-text")).to_have_text("Hold the orb or the space bar to talk.")
        wait(page, "() => window.detections.at(-1) === null", None)
        ask(page, CAT)
        shows(page, ("user", DOG), ("assistant", LOVELY), ("user", CAT), ("assistant", NICE))

    @pytest.mark.parametrize("stop", ["kill", "terminate"])
    def test_a_restarted_broker_carries_the_conversation_on(self, talk, stop):
        it = talk(script={"sockets": [{"answers": [LOVELY]}, {"answers": [NICE]}]})
        it.expected_complaints = LOST
        page = it.visit({"transport": "websocket"})
        talk_of_the_dog(it, page)
        getattr(it.broker, stop)()
        state(page, "reconnecting")
        ask(page, CAT)
        it.serve()
        shows(page, ("user", DOG), ("assistant", LOVELY), ("user", CAT), ("assistant", NICE))
        state(page, "listening")
        assert len(it.conversations()) == 1
        it.stored([("user", DOG), ("assistant", LOVELY), ("user", CAT), ("assistant", NICE)])

    def test_an_answer_is_heard_to_its_end_without_a_broker(self, talk):
        it = talk(script={"sockets": [{"answers": [LOVELY]}, {"answers": [NICE]}]})
        it.expected_complaints = LOST
        page = it.visit({"transport": "websocket"})
        start(page)
        ask(page, DOG)
        loud(page, "speaking")
        it.stored([("user", DOG), ("assistant", LOVELY)])
        it.broker.kill()
        it.serve()
        # It may be cut short as ever, though the next upstream session knows nothing of it.
        ask(page, CAT)
        expect(page.locator(".turn[data-role=assistant] .text span").last).to_have_text(NICE)
        assert "truncat" not in page.locator("#transcript").inner_text()

    def test_a_secret_that_is_refused_is_replaced(self, talk):
        it = talk(script=sessions(1, answers=[LOVELY]))
        it.expected_complaints = LOST
        page = it.visit({"transport": "websocket"})
        asked = minted(page)
        spoil_next_secret(page)
        start(page)
        ask(page, DOG)
        shows(page, ("user", DOG), ("assistant", LOVELY))
        assert len(asked) == 2
        assert len(it.conversations()) == 1

    def test_the_brokers_renewal_is_told(self, talk):
        it = talk(script={"sockets": [{"expire_after_seconds": 8, "answers": [LOVELY]},
                                      {"answers": [NICE]}]})
        page = it.visit({"transport": "websocket"})
        start(page)
        ask(page, DOG)
        shows(page, ("user", DOG), ("assistant", LOVELY))
        expect(page.locator(".notice")).to_contain_text("goes on in a new session")
        ask(page, CAT)
        shows(page, ("user", DOG), ("assistant", LOVELY), ("user", CAT), ("assistant", NICE))


    @pytest.mark.parametrize("was_hidden", [True, False])
    def test_a_slept_tab_is_connected_again_and_a_hidden_one_is_asked_after(self, talk, was_hidden):
        it = talk(script=sessions(1, answers=[LOVELY, NICE]))
        page = it.visit({"transport": "websocket"})
        sent = []
        page.on("websocket", lambda socket: socket.on(
            "framesent", lambda frame: sent.append(json.loads(frame)["type"])))
        talk_of_the_dog(it, page)
        watch_states(page)
        page.evaluate(SLEEP, was_hidden)
        if was_hidden:
            ask(page, CAT)
            shows(page, ("user", DOG), ("assistant", LOVELY), ("user", CAT), ("assistant", NICE))
            assert "session.update" in sent
        else:
            wait(page, "() => window.states.includes('reconnecting')", None)
            state(page, "listening")
        assert ("reconnecting" in page.evaluate("states")) == (not was_hidden)


# A tab whose timers stood still for a minute, in sight or not.
SLEEP = """(wasHidden) => {
  const now = Date.now;
  const look = (isHidden) => {
    Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  };
  if (wasHidden) look(true);
  Date.now = () => now() + 60_000;
  look(false);
}"""


def watch_states(page):
    """Notes the states that there are from now on."""
    page.evaluate("""() => {
      window.states = [];
      new MutationObserver(() => states.push(document.querySelector('.talk').dataset.state))
        .observe(document.querySelector('.talk'), { attributeFilter: ['data-state'] });
    }""")


# What is sent on each call, in order.
SENT = """(() => {
  const channels = new Map();
  const { send } = RTCDataChannel.prototype;
  RTCDataChannel.prototype.send = function (text) {
    if (!channels.has(this)) channels.set(this, []);
    channels.get(this).push(JSON.parse(text));
    return send.call(this, text);
  };
  window.sentItems = () => [...channels.values()].map((events) => events
    .filter(({ type }) => type === 'conversation.item.create').map(({ item }) => item));
})()"""


def in_the_end(it, reason):
    """Waits until the only session has ended so, past a network that is cut."""
    return eventually(lambda: [session for session in it.sessions()
                               if session["end_reason"] == reason])


def hold_to_talk(page):
    """Chooses push to talk while talking; what upstream says of it is noted from then on."""
    page.evaluate("""() => {
      window.detections = [];
      const parse = JSON.parse;
      JSON.parse = (text, ...rest) => {
        const value = parse(text, ...rest);
        const isUpdate = value?.type === 'session.updated';
        if (isUpdate) detections.push(value.session.audio.input.turn_detection);
        return value;
      };
    }""")
    page.get_by_role("button", name="Voice and settings").click()
    page.get_by_label("It answers").select_option("push_to_talk")
    page.keyboard.press("Escape")
    wait(page, "() => window.detections.at(-1) === null", None)
    page.evaluate("window.detections = []")


def spoil_next_secret(page):
    """The next session's secret is one that nobody knows, as one that has expired."""
    def spoil(route):
        answer = route.fetch()
        session = answer.json()
        session["client_secret"]["value"] = "bs_expired"
        route.fulfill(response=answer, body=json.dumps(session))

    page.route("**/api/session", spoil, times=1)


class TestCalls:
    """WebRTC falls back, comes again, and is renewed."""

    def test_where_webrtc_is_blocked_the_relay_carries_the_same_conversation(self, talk):
        it = talk(script=sessions(2, transcriptions=[{"text": DOG}], answers=[LOVELY]),
                  says=[speech.silence(9), speech.spoken(DOG)], has_webrtc=False)
        page = it.visit({"transport": "auto"})
        asked = minted(page)
        start(page)
        expect(page.locator("#transport")).to_have_text("Relay")
        loud(page, "speaking")
        shows(page, ("user", DOG), ("assistant", LOVELY))
        assert [request["transport"] for request in asked] == ["webrtc", "websocket"]
        assert len(it.conversations()) == 1

    def test_who_ends_a_call_that_does_not_connect_begins_no_other(self, talk):
        it = talk(has_webrtc=False)
        page = it.visit({"transport": "auto"})
        page.clock.install()
        asked = minted(page)
        page.evaluate("""() => {
          const calls = RTCPeerConnection.prototype;
          const { setRemoteDescription } = calls;
          calls.setRemoteDescription = async function (answer) {
            await setRemoteDescription.call(this, answer);
            window.isAnswered = true;
          };
        }""")
        ask(page, DOG)
        wait(page, "() => window.isAnswered", None)
        end(page)
        page.clock.fast_forward(10_000)
        # What would follow takes two requests.
        page.evaluate("async () => { for (const _ of 'three') await fetch('/healthz'); }")
        assert len(asked) == 1
        state(page, "idle")

    def test_a_greeting_that_nobody_heard_is_not_stored(self, talk):
        it = talk(script=sessions(1, answers=["Ahoy!", LOVELY]), has_webrtc=False)
        page = it.visit({"transport": "auto", "greeting": "Ahoy!"})
        with page.expect_response("**/call"):
            page.get_by_role("button", name="Start talking").last.click()
        # The call's greeting is there as long as the page tries to connect.
        it.stored([("assistant", "Ahoy!")])
        called, = it.sessions()
        expect(page.locator("#transport")).to_have_text("Relay")
        shows(page, ("assistant", "Ahoy!"))
        state(page, "listening")
        ask(page, DOG)
        shows(page, ("assistant", "Ahoy!"), ("user", DOG), ("assistant", LOVELY))
        it.stored([("assistant", "Ahoy!"), ("user", DOG), ("assistant", LOVELY)])
        assert called["id"] not in {message["session_id"] for message in it.messages()}
        assert len(it.conversations()) == 1

    def test_a_call_that_upstream_drops_is_made_again(self, talk):
        it = talk(script={"calls": [{"answers": [LOVELY], "hang_up_after_events": 16},
                                    {"answers": [NICE]}]})
        page = it.visit({"transport": "webrtc"})
        start(page)
        ask(page, DOG)
        state(page, "reconnecting")
        state(page, "listening")
        ask(page, CAT)
        expect(page.locator(".turn[data-role=assistant] .text span").last).to_have_text(NICE)
        assert len(it.conversations()) == 1

    def test_a_call_outlives_a_killed_broker(self, talk):
        it = talk(script=sessions(1, answers=[LOVELY, NICE, "Goodbye."]))
        it.expected_complaints = LOST
        page, said = call_that_outlives_the_broker(it)
        # The broker comes back, and follows the call again.
        with awaited_event(page, "session.updated"):
            it.serve()
        ask(page, "Goodbye!")
        said += [("user", "Goodbye!"), ("assistant", "Goodbye.")]
        shows(page, *said)
        # What was said in the meantime, the page alone has heard.
        it.stored(said)
        assert {message["session_id"] for message in it.messages()} == {it.sessions()[0]["id"]}

    def test_what_a_killed_broker_never_heard_is_stored_when_the_call_is_over(self, talk):
        it = talk(script=sessions(1, answers=[LOVELY, NICE]))
        it.expected_complaints = LOST
        page, said = call_that_outlives_the_broker(it)
        page.get_by_role("button", name="End", exact=True).click()
        state(page, "idle")
        it.serve()
        it.stored(said)

    def test_a_call_is_renewed_before_upstream_ends_it(self, talk):
        it = talk(script={"calls": [{"expire_after_seconds": 10, "answers": [LOVELY]},
                                    {"answers": [NICE]}]})
        page = it.visit({"transport": "webrtc"})
        asked, again = minted(page), renewed(page)
        start(page)
        watch_states(page)
        ask(page, DOG)
        shows(page, ("user", DOG), ("assistant", LOVELY))
        it.stored([("user", DOG), ("assistant", LOVELY)])
        expect(page.locator(".notice")).to_contain_text("goes on in a new session")
        ask(page, CAT)
        shows(page, ("user", DOG), ("assistant", LOVELY), ("user", CAT), ("assistant", NICE))
        assert len(asked) == 1 and again == [it.sessions()[-1]["id"]]
        assert not {"reconnecting", "connecting", "error"} & set(page.evaluate("states"))
        it.stored([("user", DOG), ("assistant", LOVELY), ("user", CAT), ("assistant", NICE)])


    def test_a_renewed_call_is_told_what_was_said_since_it_was_minted(self, talk):
        it = talk(script={"calls": [{"expire_after_seconds": 15, "answers": [LOVELY, STORY, NICE]},
                                    {"answers": ["Because."]}]})
        page = it.visit({"transport": "webrtc"})
        page.add_init_script(SENT)
        page.reload()
        talk_of_the_dog(it, page)
        with page.expect_response("**/renew"):
            # It takes over once nobody speaks.
            ask(page, "Tell me a story.")
        ask(page, CAT)
        expect(page.locator(".notice")).to_contain_text("goes on in a new session")
        ask(page, "And why?")
        expect(page.locator(".turn[data-role=assistant] .text span").last).to_have_text("Because.")
        first, next = page.evaluate("sentItems()")
        texts = [item["content"][0]["text"] for item in next]
        assert CAT in texts and texts[-1] == "And why?" and DOG not in texts, texts
        ids = [item["id"] for item in first]
        assert [item["id"] for item in next if item["content"][0]["text"] == CAT] == [ids[-1]]
        said = [text for role, text in it.said() if role == "user"]
        assert said == [DOG, "Tell me a story.", CAT, "And why?"]

    def test_what_could_not_be_reported_is_stored_after_a_reload(self, talk):
        it = talk(script=sessions(1, answers=[LOVELY, NICE]))
        it.expected_complaints = LOST
        page, said = call_that_outlives_the_broker(it)
        page.route("**/messages*", lambda route: route.abort())
        it.serve()
        page.evaluate("() => fetch('/healthz').then(() => {})")
        # This page's reports go nowhere; what it knows, the next one has.
        page.reload()
        assert ("user", CAT) not in it.said()
        page.unroute("**/messages*")
        it.stored(said)
        wait(page, "() => !Object.keys(localStorage).some((key) => key.includes('unreported'))", None)


class TestMicrophone:
    """Without a microphone there is a way to go on."""

    def test_who_refuses_may_type_or_think_again(self, talk, snap):
        it = talk(script=sessions(2, answers=[LOVELY]), grants=False)
        page = it.visit({"transport": "websocket"})
        page.get_by_role("button", name="Start talking").last.click()
        state(page, "error")
        expect(page.get_by_role("alert")).to_contain_text("does not let this page hear you")
        snap(page, "talk-refused")
        page.get_by_role("button", name="Type instead").click()
        state(page, "listening")
        expect(page.get_by_label("Message")).to_be_focused()
        expect(page.locator("#problem")).to_be_empty()
        end(page)
        page.get_by_role("button", name="Start talking").last.click()
        state(page, "error")
        it.context.grant_permissions(["microphone"])
        page.get_by_role("button", name="Try again").click()
        state(page, "listening")
        expect(page.get_by_role("button", name="Mute the microphone").last).to_be_enabled()


class TestTabs:
    """Nothing that was typed is lost, or said twice."""

    def test_a_session_that_goes_on_in_another_window_is_left_to_it(self, talk):
        it = talk(script=sessions(1, answers=[LOVELY]))
        page = it.visit({"transport": "websocket"})
        sockets, ended = [], []

        def passed_on(socket):
            socket.connect_to_server()
            sockets.append(socket)

        page.route_web_socket("**/api/realtime*", passed_on)
        page.on("request", lambda request: ended.append(request.url)
                if request.url.endswith("/end") else None)
        ask(page, DOG)
        shows(page, ("user", DOG), ("assistant", LOVELY))
        sockets[0].close(code=4409, reason="taken over")
        expect(page.get_by_role("alert")).to_contain_text("goes on in another window")
        page.evaluate("() => fetch('/healthz').then(() => {})")
        assert ended == []

    def test_two_tabs_talk_side_by_side(self, talk):
        it = talk(script=sessions(2, answers=[LOVELY]))
        first, second = it.visit({"transport": "websocket"}), it.visit()
        for page, text in ((first, DOG), (second, CAT)):
            page.bring_to_front()
            start(page)
            ask(page, text)
            shows(page, ("user", text), ("assistant", LOVELY))
        second.close()
        state(first, "listening")
        told = [it.said(one["id"]) for one in it.conversations()]
        assert told == [[("user", CAT), ("assistant", LOVELY)],
                        [("user", DOG), ("assistant", LOVELY)]]

    def test_what_could_not_be_sent_is_sent_after_a_reload(self, talk):
        it = talk(script=sessions(1, answers=[LOVELY]), grants=False)
        it.expected_complaints = LOST
        page = it.visit({"transport": "websocket"})
        page.route("**/api/session", lambda route: route.abort())
        ask(page, DOG)
        state(page, "error")
        page.unroute("**/api/session")
        page.reload()
        expect(page.locator(".turn .mark")).to_have_text("Waits to be sent")
        page.get_by_role("button", name="Start talking").last.click()
        page.get_by_role("button", name="Type instead").click()
        shows(page, ("user", DOG), ("assistant", LOVELY))
        it.stored([("user", DOG), ("assistant", LOVELY)])
        assert page.evaluate(
            "Object.keys(localStorage).filter((key) => key.startsWith('broker.unsent'))") == []

    def test_a_mint_that_fails_says_why(self, talk, snap):
        it = talk()
        it.expected_complaints = LOST
        page = it.visit({"transport": "websocket"})
        page.route("**/api/session", lambda route: route.abort())
        page.get_by_role("button", name="Start talking").last.click()
        expect(page.get_by_role("alert")).to_contain_text("The broker cannot be reached.")
        snap(page, "talk-error")
        page.unroute("**/api/session")
        page.get_by_role("button", name="Try again").click()
        state(page, "listening")
