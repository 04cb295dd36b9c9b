"""What a page's console complains of, for tests in which that is a failure."""

import contextlib

from playwright.sync_api import Error


class Complaints:
    """Collects from pages until they are left."""

    def __init__(self):
        self.texts = []
        self._pages = []
        self._is_listening = True

    def watch(self, page):
        self._pages.append(page)
        page.on("pageerror", lambda error: self.add(str(error)))
        page.on("console", lambda message: self.add(message.text)
                if message.type in ("error", "warning") else None)

    def add(self, text):
        if self._is_listening:
            self.texts.append(text)

    def leave(self):
        """Call this before the pages are closed.

        Chromium complains of a socket that was still connecting when its page went away.
        """
        for page in self._pages:
            # What was said until now has arrived when a later question is answered.
            with contextlib.suppress(Error):
                page.evaluate("0")
        self._is_listening = False
