"""A browser that talks: its microphone plays a file, and its page must stay without errors."""

import contextlib
import json
import os
import shutil

from playwright.sync_api import TimeoutError as Timeout
from playwright.sync_api import expect

from support import speech
from support.complaints import Complaints
from support.processes import Broker, Simulator, WebRTCFront
from support.relay import reads_in_the_end

FLAGS = ["--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required"]
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
# A level as people hear speech; silence is 0.
LOUD = 0.15

METERS = """
    window.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (!entry.hadRecentInput) window.layoutShift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
"""


class Upstream:
    """A simulator that follows a script, with WebRTC in front of it or without."""

    def __init__(self, folder, script, pace=0.1, has_webrtc=True):
        path = folder / "script.json"
        path.write_text(json.dumps(script))
        self.servers = [Simulator(["--pace", str(pace), "--script", str(path)])]
        if has_webrtc:
            self.servers.append(WebRTCFront(self.servers[0]))

    @property
    def settings(self):
        return {"OPENAI_API_KEY": Simulator.KEY, "OPENAI_BASE_URL": self.servers[-1].base_url}

    def close(self):
        for server in reversed(self.servers):
            server.close()


class Talk:
    """A page with a microphone, in front of a broker of its own."""

    def __init__(self, folder, browser, *, script=None, pace=0.1, says=(), grants=True,
                 has_webrtc=True, settings=None, through=None):
        self.folder = folder
        self.upstream = Upstream(folder, script or {}, pace, has_webrtc)
        self.broker = None
        self.browser = None
        try:
            self.serve(settings)
            address = through(self.broker.port) if through else self.broker.url
            self._open(browser, says, grants, address)
        except BaseException:
            self.close()
            raise

    def serve(self, settings=None):
        """Starts the broker, again on the same port and database if there was one."""
        port = {"BROKER_PORT": self.broker.port} if self.broker else {}
        if self.broker:
            self.broker.close()
        self.settings = self.upstream.settings | (settings or {})
        self.broker = Broker(self.folder / "broker.sqlite", self.settings | port)

    def _open(self, browser, says, grants, address):
        wav = speech.write(self.folder / "microphone.wav", *says, speech.silence(120))
        flags = [*FLAGS, f"--use-file-for-fake-audio-capture={wav}%noloop"]
        flags += ["--no-sandbox"] if os.geteuid() == 0 else []
        flags += ["--use-fake-ui-for-media-stream"] if grants else []
        self.browser = browser.browser_type.launch(
            executable_path=shutil.which("chromium"), args=flags)
        self.address = address
        self.complaints = Complaints()
        self.expected_complaints = ()
        self.context = None

    def visit(self, preferences=None, path="/", **options):
        """Opens the page, in the same browser profile as before if there was one."""
        if self.context is None:
            self.context = self.browser.new_context(base_url=self.address, **options)
            self.context.set_default_timeout(PATIENCE_MS)
            self.context.add_init_script(METERS)
        page = self.context.new_page()
        self.complaints.watch(page)
        if preferences:
            # Not what an earlier page of the test chose by itself.
            page.add_init_script(
                "localStorage.getItem('broker.talk') ?? localStorage.setItem('broker.talk', "
                f"{json.dumps(json.dumps(preferences))})")
        page.goto(path)
        if path == "/":
            expect(page.locator("#orb")).to_be_visible()
        return page

    def close(self):
        if self.browser:
            self.complaints.leave()
            self.browser.close()
        if self.broker:
            self.broker.close()
        self.upstream.close()

    def check(self):
        """Nothing was complained of but what was expected."""
        unexpected = [text for text in self.complaints.texts
                      if not any(part in text for part in self.expected_complaints)]
        assert unexpected == [], f"the page complained: {unexpected}"

    # What is stored

    def conversations(self):
        return self.context.request.get("/api/conversations").json()["data"]

    def sessions(self):
        """Newest first; also while the page cannot reach the broker."""
        return self.context.request.get(f"{self.broker.url}/api/sessions").json()["data"]

    def messages(self, conversation=None):
        conversation = conversation or self.conversations()[0]["id"]
        path = f"/api/conversations/{conversation}/messages"
        return self.context.request.get(path).json()["data"]

    def said(self, conversation=None):
        return [(m["role"], m["content"]) for m in self.messages(conversation)]

    def stored(self, expected):
        """Waits until this is what is stored in the newest conversation."""
        reads_in_the_end(lambda: self.conversations() and self.said(), expected)


def wait(page, condition, argument):
    """Waits until this is true of the page; else says what it shows instead."""
    try:
        page.wait_for_function(condition, arg=argument)
    except Timeout as late:
        shown = page.locator("main").inner_text()
        raise AssertionError(f"{condition}\nwas not true of {argument}; there was:\n{shown}") from late


def state(page, *names):
    """Waits until the session is in one of these states."""
    wait(page, "(names) => names.includes(document.querySelector('.talk')?.dataset.state)",
         list(names))


def start(page):
    page.get_by_role("button", name="Start talking").last.click()
    state(page, "listening", "thinking", "speaking")


def end(page):
    with page.expect_response(lambda response: response.url.endswith("/end")):
        page.get_by_role("button", name="End", exact=True).click()
    state(page, "idle")


def loud(page, name, frames=1):
    """Waits for frames with sound in a state: the user's in listening, the model's in speech."""
    wait(page, """([name, loud, frames]) => {
        const isLoud = document.querySelector('.talk').dataset.state === name &&
          Number(document.querySelector('#orb').style.getPropertyValue('--level')) > loud;
        window.loudFrames = (window.loudFrames ?? 0) + isLoud;
        if (window.loudFrames < frames) return false;
        window.loudFrames = 0;
        return true;
      }""", [name, LOUD, frames])


# What stands on the page: who said what.
TURNS = """() => [...document.querySelectorAll(
      '#transcript .turn:not([data-role=tool])')].map((turn) =>
    [turn.dataset.role, turn.querySelector('.text span').textContent])"""


def shows(page, *expected):
    """Waits until these turns stand on the page."""
    wait(page, f"(expected) => JSON.stringify(({TURNS})()) === JSON.stringify(expected)",
         [list(turn) for turn in expected])


@contextlib.contextmanager
def traced(it, page):
    """What the page's tasks cost while the block runs: a list of milliseconds, there behind it.

    It is the thread's own time, so that what else the machine does has no part in it.
    """
    costs = []
    path = it.folder / "trace.json"
    it.browser.start_tracing(page=page, path=path, categories=["toplevel"])
    yield costs
    it.browser.stop_tracing()
    events = json.loads(path.read_text())["traceEvents"]
    threads = {(event["pid"], event["tid"]) for event in events
               if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"}
    costs += [event["tdur"] / 1_000 for event in events
              if (event["pid"], event["tid"]) in threads and event["name"].endswith("RunTask")
              and "tdur" in event]
