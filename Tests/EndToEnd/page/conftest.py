"""Debian's Chromium, headless, and a page that must stay without errors."""

import os
import pathlib
import shutil

import pytest
from playwright.sync_api import sync_playwright

from support.talking import Talk

SHIFT_METER = """
    window.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (!entry.hadRecentInput) window.layoutShift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
"""


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        # As root, as on CI, Chromium runs only without its sandbox; the pages are ours alone.
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, broker):
    """Opens the page as a new browser; what its console complains of is a failure."""
    contexts, complaints = [], []

    def visit(expected_failures=0, **options):
        context = browser.new_context(base_url=broker.url, **options)
        context.set_default_timeout(15_000)
        contexts.append((context, expected_failures))
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text)
                if message.type in ("error", "warning") else None)
        page.add_init_script(SHIFT_METER)
        page.goto("/")
        return page

    yield visit
    for context, _ in contexts:
        context.close()
    expected = any(failures for _, failures in contexts)
    unexpected = [c for c in complaints if not (expected and "Failed to load resource" in c)]
    assert unexpected == []


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
