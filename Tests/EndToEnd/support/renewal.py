"""A relayed session whose client and upstream a test changes under it."""

import contextlib

from support.processes import eventually
from support.relay import RelayClient, messages, text_session, told, url_of, with_query


class Renewal:
    """A browser in its session, and upstream's ends of it, one after the other."""

    def __init__(self, owner, upstream, **session):
        self.owner, self.upstream = owner, upstream
        self.session = text_session(owner, **session)
        self.conversation = self.session["conversation_id"]
        self.secret = self.session["client_secret"]["value"]
        # Whatever is opened for the test, and ends with it.
        self.open = contextlib.ExitStack()
        self.relay = self.open.enter_context(RelayClient(self.session["url"], self.secret))
        self.peer = upstream.accept()

    def begin(self, **session):
        self.opened = self.peer.open(**session)
        self.relay.wait("session.created")
        return self.relay, self.peer

    def told(self, count):
        """What REST tells, once it is so many items, none of them in progress."""
        def found():
            items = messages(self.owner, self.conversation)
            is_over = all(item["status"] != "in_progress" for item in items)
            return len(items) == count and is_over and told(self.owner, self.conversation)
        return eventually(found)

    def next(self):
        """The upstream session that takes over, set up."""
        self.peer = self.upstream.accept()
        self.opened = self.peer.open()
        return self.peer

    def back(self, last=None, server=None, secret=True, **options):
        """The client comes back, by the session's secret unless told otherwise."""
        query = {"session_id": self.session["id"]} | ({"last_event_id": last} if last else {})
        url = url_of(server, **query) if server else with_query(self.session["url"], query)
        secret = self.secret if secret else None
        self.relay = self.open.enter_context(RelayClient(url, secret, **options))
        return self.relay

    def carried_over(self):
        """What the next session is told of the last turns, confirmed as upstream does."""
        relay, peer = self.relay, self.peer
        self.renewed = relay.wait("broker.session_renewed")
        relay.send("input_audio_buffer.clear")
        peer.wait("input_audio_buffer.clear")
        items, previous = [], None
        for event in peer.of("conversation.item.create"):
            item = {"id": f"item_made_{len(items)}", "status": "completed"} | event["item"]
            for type in ("conversation.item.added", "conversation.item.done"):
                peer.send(type, previous_item_id=previous, item=item)
            items.append(event["item"])
            previous = item["id"]
        return items, previous

    def exchange(self, number, text=None, answer=None, after=None):
        """A turn of the user's and its answer."""
        question, item = f"item_q{number}", f"item_a{number}"
        self.relay.say(text or f"Question {number}", id=question)
        self.relay.send("response.create")
        self.peer.take(after)
        self.peer.wait("response.create")
        self.peer.answer(f"resp_{number}", item, answer or f"Answer {number}", after=question)
        self.relay.wait("response.done")
        return item


def texts(items):
    """Who says what in items as upstream gets them."""
    return [(item["role"], item["content"][0]["text"]) for item in items]
