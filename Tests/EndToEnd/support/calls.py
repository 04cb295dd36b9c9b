"""Calls without a browser: their media is a socket of the simulator's (docs/simulator.md)."""

import contextlib
import json

from support.clients import client as client_of, succeeded
from support.processes import Broker, Simulator
from support.relay import RelayClient, stored

SDP = {"Content-Type": "application/sdp"}
OFFER = "".join(f"{line}\r\n" for line in [
    "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0",
    "a=group:BUNDLE 0 1", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:8XoF", "a=ice-pwd:0NCWFeB3fI6iGWUuVQ5R3gKz",
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:actpass", "a=mid:0", "a=sendrecv",
    "a=rtcp-mux", "a=rtpmap:111 opus/48000/2",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:8XoF", "a=ice-pwd:0NCWFeB3fI6iGWUuVQ5R3gKz",
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:actpass", "a=mid:1",
    "a=sctp-port:5000"])


class Browser(RelayClient):
    """Whoever ends a call's WebRTC: a data channel, and sound that goes nowhere."""

    def event(self, within=20):
        while isinstance(frame := self.receive(within), bytes):
            pass
        self.events.append(json.loads(frame))
        return self.events[-1]


class Calls:
    """A broker in front of a simulator, and a user who calls."""

    def __init__(self, folder, script, settings=None):
        path = folder / "calls.json"
        path.write_text(json.dumps(script))
        self.folder = folder
        self.open = contextlib.ExitStack()
        self.simulator = Simulator(["--pace", "0", "--script", str(path)])
        self.open.callback(self.simulator.close)
        self.settings = {"OPENAI_API_KEY": Simulator.KEY,
                         "OPENAI_BASE_URL": self.simulator.base_url} | (settings or {})
        self.client = None
        self.start()

    def start(self):
        """Starts a broker on the same database, for the same user."""
        self.server = Broker(self.folder / "broker.sqlite", self.settings)
        self.open.callback(self.server.close)
        user = self.client and self.client.headers["X-Broker-User"]
        self.client = self.open.enter_context(client_of(self.server, user))

    def session(self, **fields):
        """A session that answers in writing."""
        fields = {"session": {"output_modalities": ["text"]}} | fields
        return succeeded(self.client.post("/api/session", json=fields), 201)

    def call(self, session, offer=OFFER):
        return self.client.post(f"/api/session/{session['id']}/call", content=offer, headers=SDP)

    def begin(self, **fields):
        """A session, and its browser in a call."""
        session = self.session(**fields)
        return session, self.browser(self.location(session), Simulator.KEY)

    def greeted(self, **fields):
        """The same, with a sideband that is there: its greeting is stored."""
        session, browser = self.begin(greeting="Ahoy!", **fields)
        stored(self.client, session["conversation_id"], [("assistant", "Ahoy!")])
        return session, browser

    def location(self, session):
        answer = self.call(session)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def browser(self, location, key):
        """The browser of the call that a `Location` names."""
        url = self.simulator.url.replace("http", "ws", 1) + location + "/media"
        browser = Browser(url, headers={"Authorization": f"Bearer {key}"})
        self.open.callback(browser.socket.close)
        browser.wait("session.created")
        return browser
