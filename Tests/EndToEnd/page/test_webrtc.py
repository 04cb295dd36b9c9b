"""A browser's own WebRTC against the simulator with WebRTC in front of it."""

import shutil

import openai
import pytest
from support.processes import Simulator, WebRTCFront, running

# As OpenAI's documents have it: the offer is posted at once, before candidates are gathered.
CALL = """
    async ({ base, key }) => {
      const peer = (window.peer = new RTCPeerConnection());
      const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
      peer.addTrack(microphone.getTracks()[0], microphone);
      const player = new Audio();
      player.autoplay = true;
      peer.ontrack = (event) => { player.srcObject = event.streams[0]; };
      window.events = [];
      window.channel = peer.createDataChannel('oai-events');
      channel.onmessage = (message) => { events.push(JSON.parse(message.data)); };
      channel.onclose = () => { window.isClosed = true; };
      await peer.setLocalDescription(await peer.createOffer());
      const answer = await fetch(`${base}/realtime/calls`, {
        method: 'POST',
        body: peer.localDescription.sdp,
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/sdp' },
      });
      await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
      return answer.headers.get('Location');
    }
"""
HAS = "(type) => events.some((event) => event.type === type)"
SEND = "(event) => channel.send(JSON.stringify(event))"
# `wait_for_function` takes a promise for true, so that statistics are followed by the page itself.
FOLLOW = """
    () => {
      window.heardEnergy = window.spokenPackets = 0;
      setInterval(async () => {
        for (const report of (await peer.getStats()).values()) {
          if (report.type === 'inbound-rtp') window.heardEnergy = report.totalAudioEnergy;
          if (report.type === 'outbound-rtp') window.spokenPackets = report.packetsSent;
        }
      }, 50);
    }
"""


@pytest.fixture(scope="module")
def simulator():
    with running(Simulator(["--pace", "0.1"])) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def front(simulator):
    with running(WebRTCFront(simulator)) as front:
        yield front


@pytest.fixture
def page(browser, simulator):
    """A page of another origin than the calls', with a microphone that beeps."""
    talking = browser.browser_type.launch(
        executable_path=shutil.which("chromium"), args=[
            "--no-sandbox", "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required"])
    page = talking.new_page()
    page.set_default_timeout(20_000)
    # Any answer will do for an origin.
    page.goto(simulator.url + "/v1")
    yield page
    talking.close()


def secret(front):
    client = openai.OpenAI(base_url=front.base_url, api_key=Simulator.KEY, max_retries=0)
    session = {"type": "realtime", "model": "gpt-realtime",
               "audio": {"input": {"turn_detection": None}}}
    return client.realtime.client_secrets.create(session=session).value


def test_a_page_calls_speaks_and_hears(front, page):
    """The offer of a real browser is answered; events, microphone and speech go through."""
    location = page.evaluate(CALL, {"base": front.base_url, "key": secret(front)})
    assert location.startswith("/v1/realtime/calls/rtc_")
    page.wait_for_function(HAS, arg="session.created")
    page.evaluate(SEND, {"type": "response.create"})
    page.wait_for_function(HAS, arg="output_audio_buffer.started")
    page.evaluate(FOLLOW)
    page.wait_for_function("() => heardEnergy > 0")
    # 20 ms each: more than the 100 ms that make a turn, also when the first are lost.
    page.wait_for_function("() => spokenPackets >= 50")
    page.evaluate(SEND, {"type": "input_audio_buffer.commit"})
    page.wait_for_function(HAS, arg="input_audio_buffer.committed")
    assert not page.evaluate(HAS, "error")


def test_a_page_whose_call_is_hung_up_notices(front, page):
    """The data channel closes when a server ends the call."""
    location = page.evaluate(CALL, {"base": front.base_url, "key": secret(front)})
    page.wait_for_function(HAS, arg="session.created")
    answer = openai.OpenAI(
        base_url=front.base_url, api_key=Simulator.KEY, max_retries=0,
    ).realtime.calls.hangup(location.rsplit("/", 1)[1])
    assert answer is None
    page.wait_for_function("() => window.isClosed")
