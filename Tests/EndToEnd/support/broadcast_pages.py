"""The pages of a broadcast: one who speaks into a microphone of tones, and those who listen."""

import array

import httpx
from playwright.sync_api import expect

from support import speech
from support.broadcasts import TONES, spoken
from support.processes import SERVICE_KEY
from support.talking import wait

# What stands there as said, in order; a gap as what it says.
TEXTS = """() => [...document.querySelectorAll('.caption:not([hidden])')]
    .filter((row) => row.dataset.kind !== 'draft')
    .map((row) => row.querySelector('.caption-text').textContent)"""


def tones(sentence, pause=0.8):
    """A sentence as a part of what a microphone plays."""
    return array.array("h", spoken(sentence, speech.RATE, pause))


def shows(page, *expected):
    """Waits until these captions stand on the page, and no others."""
    try:
        wait(page, f"(expected) => JSON.stringify(({TEXTS})()) === JSON.stringify(expected)",
             list(expected))
    except AssertionError:
        assert page.evaluate(TEXTS) == list(expected)
        raise


def state(page, name):
    """Waits for a state of the listeners' page."""
    expect(page.locator("#state-name")).to_have_text(name)


def ready(page):
    """Waits until a language is told: more is kept for a session that is open."""
    state(page, "Live")
    expect(page.locator(".listen-note")).to_be_hidden()


class Broadcasting:
    """A broker in front of a simulator that hears tones, its owner's browser, and listeners'."""

    def __init__(self, talk, *says, **how):
        self.it = talk(script=TONES | how.pop("script", {}), has_webrtc=False, says=says, **how)
        self.address = self.it.address
        self._contexts = []

    def owner(self, path="/#/broadcasts", **options):
        """The owner's page; the broker knows this browser when it is there."""
        page = self.it.visit(path=path, **options)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator(".skeleton:visible")).to_have_count(0)
        return page

    def create(self, page, **fields):
        """A broadcast of whom a page is used by."""
        fields = {"title": "Town meeting", "languages": ["es", "de"]} | fields
        answer = page.context.request.post(f"{self.address}/api/broadcasts", data=fields)
        assert answer.status == 201, answer.text()
        return answer.json()

    def studio(self, **fields):
        """A new broadcast, and the page to speak in it."""
        page = self.owner()
        broadcast = self.create(page, **fields)
        if broadcast["listen_token"]:
            page.evaluate("([id, token]) => sessionStorage.setItem(`broadcast.token.${id}`, token)",
                          [broadcast["id"], broadcast["listen_token"]])
        page.goto(f"/#/broadcasts/{broadcast['id']}")
        expect(page.get_by_role("button", name="Go live")).to_be_visible()
        return broadcast, page

    def listen(self, broadcast, language="", address=None, prepare=None, **options):
        """Opens the listeners' page as somebody new."""
        context = self.it.browser.new_context(base_url=address or self.address, **options)
        context.set_default_timeout(20_000)
        self._contexts.append(context)
        page = context.new_page()
        self.it.complaints.watch(page)
        if prepare:
            prepare(page)
        page.goto(listen_path(broadcast, language))
        return page

    def segments(self, broadcast, language):
        """What is stored of a language: texts, in order."""
        headers = {"Authorization": f"Bearer {broadcast.get('listen_token') or SERVICE_KEY}"}
        with httpx.Client(base_url=self.it.broker.url, headers=headers, trust_env=False) as client:
            answer = client.get(f"/api/broadcasts/{broadcast['id']}/segments",
                                params={"language": language, "limit": 100})
        return [segment["text"] for segment in answer.json()["data"]]


def listen_path(broadcast, language=""):
    fields = [f"token={broadcast['listen_token']}"] if broadcast.get("listen_token") else []
    fields += [f"language={language}"] if language else []
    return f"/listen.html#{broadcast['id']}" + (f"?{'&'.join(fields)}" if fields else "")
