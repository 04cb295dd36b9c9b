"""A client that lost its network, or its broker, comes back to its session."""

import json
import sqlite3

import pytest

from support.clients import client as client_of, new_user, succeeded
from support.processes import eventually
from support.relay import (
    RelayClient, acting, by_key, messages, new_session, reads_in_the_end, refused_upgrade,
    session_of, stored, text_session, told, url_of, with_query)
from support.renewal import texts


def merged(session, update):
    """A session object with the objects of an update put into it, at every depth."""
    return session | {
        key: merged(session.get(key) or {}, value) if isinstance(value, dict) else value
        for key, value in update.items()}


def detects_no_turns(database):
    """Whether that is what the only session's settings say."""
    (text,), = database.execute("SELECT configuration FROM sessions")
    return json.loads(text)["upstream"]["audio"]["input"]["turn_detection"] is None


def received(relay, count):
    """The next events that are upstream's."""
    while len(relay.events) < count + 1:
        relay.event()
    return relay.events[1:]


class TestComingBack:
    """The network of a client breaks; upstream notices nothing."""

    def test_exactly_the_missed_events_come_behind_the_last_one(self, begun):
        it = begun()
        seen = [it.peer.send("some.event", n=n) for n in range(5)]
        it.relay.wait("some.event", count=5)
        it.relay.abort()
        missed = [it.peer.send("some.event", n=n) for n in range(5, 50)]
        relay = it.back(seen[-1]["event_id"])
        assert received(relay, len(missed)) == missed
        assert relay.events[0]["type"] == "broker.session"
        assert (relay.events[0]["resumed"], relay.events[0]["events_missing"]) == (True, False)
        assert relay.events[0]["events_replayed"] == len(missed)
        more = it.peer.send("some.event", n=50)
        assert relay.event() == more
        relay.send("input_audio_buffer.commit")
        it.peer.wait("input_audio_buffer.commit")
        assert not it.upstream.has_connection

    def test_what_was_sent_but_not_read_comes_again(self, begun):
        it = begun()
        events = [it.peer.send("some.event", n=n) for n in range(50)]
        it.relay.wait("some.event", count=50)
        it.relay.abort()
        assert received(it.back(events[9]["event_id"]), 40) == events[10:]

    def test_without_a_last_event_all_events_come_again(self, begun):
        it = begun()
        for n in range(5):
            it.peer.send("some.event", n=n)
        it.relay.wait("some.event", count=5)
        before = it.relay.events[1:]
        assert [event["type"] for event in before] == ["session.created"] + 5 * ["some.event"]
        it.relay.abort()
        relay = it.back()
        assert received(relay, 6) == before
        assert relay.events[0]["events_missing"] is False

    def test_one_who_breaks_off_again_and_again_misses_nothing(self, begun):
        """The last event that it has may be the broker's own greeting."""
        it = begun()
        last = it.peer.send("some.event", n=0)["event_id"]
        it.relay.wait("some.event")
        for n in range(1, 6):
            it.relay.abort()
            relay = it.back(last)
            last = relay.wait("broker.session")["event_id"]
            assert relay.events[0]["events_missing"] is False
            if n % 2:
                event = it.peer.send("some.event", n=n)
                assert relay.event() == event
                last = event["event_id"]

    def test_an_unknown_last_event_is_told(self, begun):
        it = begun()
        it.peer.send("some.event")
        it.relay.wait("some.event")
        it.relay.abort()
        assert it.back("event_unknown").wait("broker.session")["events_missing"] is True

    def test_one_who_gives_up_a_connection_is_waited_for(self, begun):
        """A page whose uplink is stuck closes its socket, and comes back on another."""
        it = begun()
        last = it.peer.send("some.event")
        it.relay.wait("some.event")
        it.relay.socket.close(4408)
        missed = it.peer.send("some.event")
        assert received(it.back(last["event_id"]), 1) == [missed]

    def test_names_that_are_guessed_lead_nowhere(self, begun):
        """A welcome may not be said to stand behind one to come, and that behind the first."""
        it = begun()
        mark, count = it.relay.events[0]["event_id"].rsplit("_", 1)
        for last in (int(count) + 2, int(count) + 1, int(count) + 1):
            it.relay.abort()
            relay = it.back(f"{mark}_{last}")
            assert relay.wait("broker.session")["events_missing"] is True

    def test_what_is_too_much_to_keep_is_told(self, begun):
        it = begun()
        last = it.peer.send("some.event", n=0)["event_id"]
        it.relay.wait("some.event")
        it.relay.abort()
        events = [it.peer.send("some.event", n=n, filler="x" * 10_000) for n in range(1, 101)]
        # The backlog is upstream's word by word, so its end is known to have come.
        it.peer.add("item_1", "Said meanwhile.")
        stored(it.owner, it.conversation, [("user", "Said meanwhile.")])
        relay = it.back(last)
        relay.wait("conversation.item.done")
        kept = relay.of("some.event")
        assert relay.events[0]["events_missing"] is True
        assert kept == events[-len(kept):] and len(kept) >= 30

    def test_what_is_said_meanwhile_is_stored(self, begun):
        it = begun()
        it.relay.abort()
        it.peer.add("item_1", "Are you there?")
        it.peer.answer("resp_1", "item_2", "I am.", after="item_1")
        said = [("user", "Are you there?"), ("assistant", "I am.")]
        stored(it.owner, it.conversation, said)
        relay = it.back()
        relay.wait("response.done")
        assert told(it.owner, it.conversation) == said

    def test_known_callers_need_no_secret(self, begun):
        it = begun()
        it.relay.abort()
        relay = it.back(secret=False, headers=acting(it.owner))
        assert relay.wait("broker.session")["session_id"] == it.session["id"]
        relay.abort()
        url = with_query(it.session["url"], {"session_id": it.session["id"]})
        refused_upgrade(404, url, headers=by_key())

    def test_upstream_may_be_lost_meanwhile_too(self, begun):
        it = begun()
        last = it.exchange(1)
        it.relay.abort()
        it.peer.abort()
        it.next()
        relay = it.back(last)
        items, last = it.carried_over()
        assert len(items) == 2
        assert relay.types()[:1] == ["broker.session"]
        it.exchange(2, after=last)

    def test_upstream_may_be_between_two_attempts(self, begun):
        """Whoever comes back then does not begin anew."""
        it = begun()
        it.exchange(1)
        for _ in range(4):
            # The pause before the next attempt gets longer each time.
            it.peer.abort()
            it.next()
        it.relay.abort()
        it.peer.abort()
        it.back()
        it.next()
        items, last = it.carried_over()
        said = [("user", "Question 1"), ("assistant", "Answer 1")]
        assert texts(items) == said
        it.exchange(2, after=last)
        stored(it.owner, it.conversation, said + [("user", "Question 2"), ("assistant", "Answer 2")])


class TestTakingOver:
    """A session has one client at a time."""

    def test_a_second_connection_closes_the_first_with_4409(self, begun):
        it = begun()
        first, second = it.relay, it.back()
        assert first.closed()[0] == 4409
        second.wait("session.created")
        it.peer.send("some.event")
        second.wait("some.event")
        second.send("input_audio_buffer.commit")
        it.peer.wait("input_audio_buffer.commit")
        reads_in_the_end(lambda: session_of(it.owner, it.session["id"])["status"], "active")
        assert not it.upstream.has_connection

    def test_many_at_once_leave_one(self, begun):
        it = begun()
        relays = [it.back() for _ in range(10)]
        assert [relay.closed()[0] for relay in relays[:-1]] == [4409] * 9
        relays[-1].send("input_audio_buffer.commit")
        it.peer.wait("input_audio_buffer.commit")


    def test_a_browser_does_not_take_over_what_a_server_began(self, begun, owner, upstream):
        """It might say more than it may, and see the owner's instructions."""
        it = begun()
        it.relay.leave()
        session = text_session(owner)
        url = with_query(session["url"], {"session_id": session["id"]})
        with RelayClient(url, headers=acting(owner)) as server:
            upstream.accept().open()
            server.wait("session.created")
            refused_upgrade(409, url, "session_in_use", secret=session["client_secret"]["value"])


class TestLeaving:
    """Who does not come back."""

    def test_after_the_grace_the_session_ends(self, start, upstream, renewal):
        server = start(upstream.settings | {"BROKER_RECONNECT_SECONDS": 1})
        with client_of(server) as owner:
            it = renewal(owner, upstream)
            it.begin()
            it.exchange(1)
            it.relay.abort()
            assert it.peer.closed()[0] == 1000
            reads_in_the_end(
                lambda: session_of(owner, it.session["id"])["end_reason"], "client_lost")
            assert len(it.told(2)) == 2
            # The session is let go right after it is written down as ended.
            eventually(lambda: refused_now(it))

    def test_a_close_frame_without_a_code_is_a_goodbye_too(self, begun):
        """It is what `socket.close()` of a page sends."""
        it = begun()
        it.relay.leave()
        assert it.peer.closed(within=10)[0] == 1000


def refused_now(it):
    try:
        refused_upgrade(409, it.session["url"], "session_ended",
                        secret=it.secret)
    except AssertionError:
        return False
    return True


class TestAfterACrash:
    """The broker dies in mid-session, and another one has its database."""

    @pytest.fixture
    def crash(self, start, upstream, renewal):
        """Gives a session whose broker was killed after `speak`, and the next broker."""
        return lambda speak: self.crashed(start, upstream, renewal, speak)

    def crashed(self, start, upstream, renewal, speak):
        server, user = start(upstream.settings), new_user()
        with client_of(server, user) as owner:
            it = renewal(owner, upstream, greeting="Ahoy!", instructions="You are a sailor.")
            it.database = server.database
            it.begin()
            it.peer.wait("response.create")
            it.peer.answer("resp_0", "item_a0", "Ahoy!")
            it.relay.wait("response.done")
            speak(it)
            server.kill()
        assert it.relay.closed()[0] == 1006
        server = start(upstream.settings)
        it.owner = it.open.enter_context(client_of(server, user))
        return it, server

    def test_the_conversation_goes_on_by_the_same_secret(self, crash):
        it, server = crash(lambda it: (it.exchange(1, after="item_a0"), it.told(3)))
        before = it.told(3)
        assert session_of(it.owner, it.session["id"])["status"] == "active"
        relay = it.back(server=server)
        it.next()
        begun = relay.wait("broker.session")
        assert (begun["resumed"], begun["events_missing"]) == (True, True)
        assert begun["conversation_id"] == it.conversation
        assert it.opened["instructions"].startswith("You are a sailor.")
        items, last = it.carried_over()
        assert texts(items) == before
        it.exchange(2, after=last)
        assert it.peer.of("response.create") == [{"type": "response.create"}], "greeted again"
        stored(it.owner, it.conversation,
               before + [("user", "Question 2"), ("assistant", "Answer 2")])

    def test_what_the_client_had_set_is_set_again(self, crash):
        def speak(it):
            it.relay.send("session.update", session={
                "type": "realtime", "audio": {"input": {"turn_detection": None}}})
            update = it.peer.wait("session.update")["session"]
            it.peer.send("session.updated", session=merged(it.opened, update))
            it.relay.wait("session.updated")
            with sqlite3.connect(it.database) as database:
                eventually(lambda: detects_no_turns(database))

        it, server = crash(speak)
        it.back(server=server)
        it.next()
        assert it.opened["audio"]["input"]["turn_detection"] is None
        assert it.opened["instructions"].startswith("You are a sailor.")

    def test_the_part_of_an_answer_that_was_heard_is_kept(self, crash):
        def speak(it):
            it.peer.begin("resp_1")
            it.peer.begin_item("resp_1", "item_a1", after="item_a0")
            it.peer.delta("resp_1", "item_a1", "Once upon a time")
            eventually(lambda: told(it.owner, it.conversation)[1:] == [
                ("assistant", "Once upon a time")])
            assert messages(it.owner, it.conversation)[1]["status"] == "in_progress"

        it, server = crash(speak)
        relay = it.back(server=server)
        it.next()
        items, last = it.carried_over()
        assert texts(items) == [("assistant", "Ahoy!"), ("assistant", "Once upon a time")]
        it.exchange(2, after=last)
        stored(it.owner, it.conversation, [
            ("assistant", "Ahoy!"), ("assistant", "Once upon a time"),
            ("user", "Question 2"), ("assistant", "Answer 2")])
        assert messages(it.owner, it.conversation)[1]["status"] == "incomplete"

    def test_an_expired_secret_of_a_session_in_use_is_good_enough(self, crash):
        it, server = crash(lambda it: None)
        with sqlite3.connect(server.database) as database:
            database.execute("UPDATE sessions SET secret_expires_at = 1")
        relay = it.back(server=server)
        it.next()
        assert relay.wait("broker.session")["resumed"]

    def test_a_session_that_nobody_comes_back_to_can_be_ended(self, crash):
        it, server = crash(lambda it: None)
        ended = succeeded(it.owner.post(f"/api/session/{it.session['id']}/end"))
        assert ended["status"] == "ended"
        refused_upgrade(409, url_of(server), "session_ended",
                        secret=it.secret)


def test_after_a_restart_the_client_comes_back(start, upstream, renewal):
    """A stop is no end of a conversation."""
    server, user = start(upstream.settings), new_user()
    with client_of(server, user) as owner:
        it = renewal(owner, upstream)
        it.begin()
        it.exchange(1)
        it.told(2)
        assert server.terminate() == 0
    assert it.relay.closed()[0] == 1001
    server = start(upstream.settings)
    it.owner = it.open.enter_context(client_of(server, user))
    assert session_of(it.owner, it.session["id"])["status"] == "active"
    it.back(server=server)
    it.next()
    items, last = it.carried_over()
    assert texts(items) == [("user", "Question 1"), ("assistant", "Answer 1")]
    it.exchange(2, after=last)
    assert len(it.told(4)) == 4


def test_what_is_transcribed_after_a_crash_stands_behind_what_was_before(start, upstream):
    """Nothing is carried over there, so upstream's next session has a first item of its own."""
    server, user = start(upstream.settings), new_user()
    with client_of(server, user) as owner:
        session = new_session(owner, type="transcription")
        secret = session["client_secret"]["value"]
        with RelayClient(session["url"], secret):
            transcribed(upstream.accept(), "item_1", "One.")
            stored(owner, session["conversation_id"], [("user", "One.")])
            server.kill()
    server = start(upstream.settings)
    with client_of(server, user) as owner, RelayClient(url_of(server), secret):
        transcribed(upstream.accept(), "item_2", "Two.")
        stored(owner, session["conversation_id"], [("user", "One."), ("user", "Two.")])


def transcribed(peer, item, text):
    """Upstream opens a transcription session, and hears its first words in it."""
    peer.open(type="transcription", object="realtime.transcription_session")
    peer.add(item, text)
