"""Debian's Chromium, headless, and a page that must stay without errors."""

import os
import pathlib
import shutil

import pytest
from playwright.sync_api import sync_playwright

from support import speech
from support.complaints import Complaints
from support.person import Person
from support.talking import Talk

# Nobody is asked whether it may be heard.
FAKE_MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
SHIFT_METER = """
    window.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (!entry.hadRecentInput) window.layoutShift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
"""


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    # By itself, it beeps, and a beep ends the answer to what a test has typed.
    wav = speech.write(tmp_path_factory.mktemp("microphone") / "silence.wav", speech.silence(1))
    with sync_playwright() as playwright:
        # As root, as on CI, Chromium runs only without its sandbox; the pages are ours alone.
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[*FAKE_MICROPHONE, f"--use-file-for-fake-audio-capture={wav}"]
            + (["--no-sandbox"] if os.geteuid() == 0 else []))
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, broker):
    """Opens the page as a new browser.

    What its console complains of is a failure, and so is a request to another host. `seed(person)`
    stores what that browser's user said before.
    """
    contexts, complaints = [], Complaints()

    def visit(path="/", seed=None, expected_failures=0, server=broker, **options):
        context = browser.new_context(base_url=server.url, **options)
        context.set_default_timeout(15_000)
        contexts.append((context, expected_failures))
        page = context.new_page()
        complaints.watch(page)
        page.on("request", lambda request: complaints.add(f"a request to {request.url}")
                if not is_own(request.url, server) else None)
        page.add_init_script(SHIFT_METER)
        page.person = Person(context.request, server.url)
        # What it gives back names what to look at: `path` may have it in braces.
        named = seed(page.person) if seed else None
        page.goto(path.format(named))
        return page

    yield visit
    complaints.leave()
    for context, _ in contexts:
        context.close()
    expected = any(failures for _, failures in contexts)
    unexpected = [c for c in complaints.texts if not (expected and "Failed to load resource" in c)]
    assert unexpected == []


def is_own(url, server):
    """Whether it is the broker that is asked; the policy lets a page ask upstream, too."""
    return url.startswith((server.url, "data:", "blob:"))


@pytest.fixture
def snap():
    """Saves a screenshot in the folder that PAGE_SCREENSHOTS names, if it names one."""
    folder = os.environ.get("PAGE_SCREENSHOTS")

    def snap(page, name):
        if folder:
            page.screenshot(path=pathlib.Path(folder) / f"{name}.png", full_page=True)

    return snap


@pytest.fixture
def talk(tmp_path, browser):
    """Makes pages that talk; what their consoles complain of is a failure."""
    made = []

    def talk(**how):
        made.append(Talk(tmp_path, browser, **how))
        return made[-1]

    yield talk
    for one in made:
        one.close()
    for one in made:
        one.check()
