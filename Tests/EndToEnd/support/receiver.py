"""A server that answers webhooks of tools, as a test tells it to."""

import contextlib
import json
import threading

import openai

from support.upstream import Reply, Upstream


class Receiver(Upstream):
    """Checks each call's signature with a client that we did not write, and keeps it.

    `secret` is set once the broker has made it.
    """

    secret = None

    def _next(self, request):
        _, headers, body = request
        fields = {name.lower(): value for name, value in headers.items()}
        openai.OpenAI(api_key="-").webhooks.verify_signature(body, fields, secret=self.secret)
        return super()._next(request)

    @property
    def url(self):
        return self.base_url.removesuffix("/v1") + "/weather"

    def calls(self):
        """What was asked for, in order; also what was asked again."""
        return [json.loads(body) for _, _, body in self.requests]


@contextlib.contextmanager
def receiver():
    """Such a server that ends with its block."""
    server = Receiver(answer({"sky": "sunny"}))
    try:
        yield server
    finally:
        server.close()


def answer(body, **how):
    return Reply(200, body, {"Content-Type": "application/json"}, **how)


def held(body):
    """An answer that waits, and what lets it go."""
    event = threading.Event()
    return answer(body, wait=event), event
