"""Messages that are posted into a conversation while it is relayed."""

from support.clients import say
from support.relay import stored, told


def test_a_posted_message_stays_one_when_upstream_is_lost(begun):
    """It has no id of upstream's, under which the next session could be told of it."""
    it = begun()
    it.exchange(1)
    it.told(2)
    say(it.owner, it.conversation, "A note.", session_id=it.session["id"])
    say(it.owner, it.conversation, "Another note.")
    before = it.told(4)
    it.peer.abort()
    it.next()
    _, last = it.carried_over()
    it.exchange(2, after=last)
    stored(it.owner, it.conversation,
           before + [("user", "Question 2"), ("assistant", "Answer 2")])
    it.relay.socket.close()
    assert told(it.owner, it.conversation)[:4] == before
