"""What goes wrong in a broadcast, and that listeners see it as what it is."""

import json
import socket
import time
import urllib.parse

import pytest

from support.broadcasts import (
    TONES, EventListener, SocketListener, Speaker, new_broadcast, segments, spoken, texts, told)
from support.clients import client as client_of, succeeded
from support.processes import Simulator, eventually
from support.relay import with_query

pytestmark = pytest.mark.usefixtures("all_leave")

FIRST = "hello everybody welcome to the city"
SECOND = "we speak about water and light"
THIRD = "the river is green and cold"


@pytest.fixture
def begin(simulated):
    """A broadcast in front of a simulator with a script, and its owner."""
    clients = []

    def begin(*sockets, http=(), settings=None, **fields):
        server = simulated(
            TONES | {"sockets": list(sockets), "http": list(http)}, settings=settings)
        clients.append(client_of(server))
        broadcast = new_broadcast(clients[-1], **({"languages": ["es", "de"]} | fields))
        return server, clients[-1], broadcast

    yield begin
    for client in clients:
        client.close()


@pytest.fixture
def hearing_tones(tmp_path):
    """Settings of brokers that come and go in front of one simulator."""
    script = tmp_path / "script.json"
    script.write_text(json.dumps(TONES))
    simulator = Simulator(["--pace", "0", "--script", str(script)])
    yield {"OPENAI_API_KEY": Simulator.KEY, "OPENAI_BASE_URL": simulator.base_url}
    simulator.close()


def words_of(texts):
    """The words of texts, in order."""
    return [word.strip(".").lower() for text in texts for word in text.split()]


def gaps(segments):
    return [it for it in segments if it["kind"] == "gap"]


def test_a_speaker_who_is_lost_comes_back_and_all_is_told(begin):
    _, owner, broadcast = begin()
    english, spanish = SocketListener(broadcast, "en"), EventListener(broadcast, "es")
    speaker = Speaker(owner, broadcast)
    speaker.say(FIRST, pause=0)
    english.wait("segment.delta", lambda it: it["text"].strip() == FIRST)
    speaker.abort()
    assert english.wait("speaker.stopped")["reason"] == "lost"
    # What was said last is told, though nothing came behind it.
    english.has([told(FIRST)])
    spanish.has([told(FIRST, "es")])
    with Speaker(owner, broadcast) as again:
        assert again.ready["speaker"] == 2
        again.say(SECOND)
        english.has([told(it) for it in (FIRST, SECOND)])
        spanish.has([told(it, "es") for it in (FIRST, SECOND)])
    assert [it["speaker"] for it in english.segments] == [1, 2]
    assert english.segments[1]["start_ms"] >= english.segments[0]["end_ms"]


@pytest.mark.parametrize("how", [{}, {"close": {"code": 1011, "reason": "gone"}}])
def test_an_upstream_that_dies_in_mid_sentence_is_a_gap_and_all_goes_on(begin, how):
    """created, updated, speech_started and three words; then the connection is cut, or closed."""
    _, owner, broadcast = begin({"type": "transcription", "drop_after_events": 6} | how)
    english, spanish = SocketListener(broadcast, "en"), SocketListener(broadcast, "es")
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST, pause=0)
        lost = english.state("en", "interrupted")
        english.state("en", "live", after=lost)
        speaker.say(SECOND)
        english.wait("segment.completed", lambda it: it["text"] == told(SECOND))
        spanish.until(lambda: words_of(spanish.texts)[:6] == words_of([told(FIRST, "es")]),
                      "the other language, which lost nothing")
    told_before = [it for it in english.segments if it["kind"] == "text"][:-1]
    gap, = gaps(english.segments)
    # With a cut connection, what was under way is lost, too.
    assert [(it["text"], it["reason"]) for it in told_before] in (
        [("hello everybody welcome", "upstream_lost")],
        *([[(FIRST[:n].strip(), "upstream_lost")] for n in range(len(FIRST))] if not how else []),
        *([[]] if not how else []))
    assert (gap["reason"], gap["text"]) == ("upstream_lost", "")
    assert gap["end_ms"] >= gap["start_ms"]
    assert not gaps(spanish.segments)
    assert [it["text"] for it in segments(owner, broadcast, "en")] == [
        it["text"] for it in english.segments]


def test_a_translation_that_dies_is_that_languages_gap_only(begin):
    _, owner, broadcast = begin(
        {"type": "translation", "language": "es", "drop_after_events": 6,
         "close": {"code": 1011, "reason": "gone"}})
    spanish, german = SocketListener(broadcast, "es"), SocketListener(broadcast, "de")
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST)
        german.has([told(FIRST, "de")])
        spanish.wait("segment.completed", lambda it: it["kind"] == "gap")
        lost = spanish.state("es", "interrupted")
        assert lost["reason"] == "upstream_lost"
        spanish.state("es", "live", after=lost)
        speaker.say(SECOND)
        spanish.wait("segment.completed", lambda it: it["text"] == told(SECOND, "es"))
        german.has([told(it, "de") for it in (FIRST, SECOND)])
    # created, updated, and of each word its text and its sound.
    assert spanish.texts[:2] == ["Hola todos", "[upstream_lost]"]
    assert gaps(spanish.segments)[0]["reason"] == "upstream_lost"


def test_a_rate_limit_is_told_as_one_and_the_language_comes_when_it_is_over(begin):
    limit = {"path": "/v1/realtime/translations", "status": 429,
             "headers": {"Retry-After": "3"}, "body": {"error": {"code": "slow_down"}}}
    _, owner, broadcast = begin(http=[limit])
    began = time.monotonic()
    spanish, english = SocketListener(broadcast, "es"), SocketListener(broadcast, "en")
    with Speaker(owner, broadcast) as speaker:
        english.state("en", "live")
        # More than is kept for a session that is being opened.
        for _ in range(3):
            speaker.say(FIRST, pause=2)
        english.has([told(FIRST)] * 3)
        limited = spanish.state("es", "interrupted")
        assert limited["reason"] == "rate_limited"
        spanish.state("es", "live", after=limited)
        assert time.monotonic() - began >= 3, "upstream asked to be left alone for so long"
        speaker.say(SECOND)
        spanish.wait("segment.completed", lambda it: it["text"] == told(SECOND, "es"))
    gap, = gaps(spanish.segments)
    assert gap["reason"] == "rate_limited" and gap["end_ms"] > gap["start_ms"]
    assert not gaps(english.segments)


def test_a_rate_limit_within_a_session_is_told_as_one(begin):
    _, owner, broadcast = begin(
        {"type": "translation", "language": "es", "drop_after_events": 4,
         "error": {"code": "rate_limit_exceeded"}, "close": {"code": 1013, "reason": "later"}})
    spanish = SocketListener(broadcast, "es")
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST)
        gap = spanish.wait("segment.completed", lambda it: it["kind"] == "gap")
        assert gap["reason"] == "rate_limited"
        spanish.wait("segment.completed", lambda it: it["kind"] == "text")
    assert spanish.texts[:2] == ["Hola", "[rate_limited]"]


def test_an_upstream_that_refuses_is_told_as_one(begin):
    _, owner, broadcast = begin(settings={"BROKER_TRANSLATION_MODEL": "no-such-translate-model"})
    spanish, english = SocketListener(broadcast, "es"), SocketListener(broadcast, "en")
    with Speaker(owner, broadcast) as speaker:
        assert spanish.state("es", "interrupted")["reason"] == "upstream_refused"
        speaker.say(FIRST)
        english.has([told(FIRST)])


def test_a_language_whose_upstream_is_slow_is_told_so_and_slows_nobody(begin):
    _, owner, broadcast = begin(
        {"type": "translation", "language": "es", "delay_ms": 8_000})
    spanish, english = SocketListener(broadcast, "es"), SocketListener(broadcast, "en")
    with Speaker(owner, broadcast) as speaker:
        spanish.state("es", "live")
        for count in range(1, 7):
            # Not all at once, which is more than may wait for a session.
            speaker.say(FIRST)
            english.has([told(FIRST)] * count)
        assert not spanish.segments
        slow = spanish.state("es", "slow")
        assert slow["lag_ms"] > 8_000
        spanish.has([told(FIRST, "es")] * 6)
        spanish.state("es", "live", after=slow)


def test_what_cannot_be_understood_is_a_gap(begin):
    _, owner, broadcast = begin(
        {"type": "transcription",
         "transcriptions": [{"error": {"code": "audio_unintelligible"}}]}, languages=[])
    english = SocketListener(broadcast, "en")
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST, pause=0.1)
        speaker.say("", pause=1)
        speaker.say(SECOND)
        english.until(lambda: len(english.segments) == 2, "both")
    cut, whole = english.segments
    # What was told while it was spoken stays, and is said not to be whole.
    assert cut["reason"] == "not_understood" and cut["text"] == FIRST
    assert whole["text"] == told(SECOND)


def test_sessions_are_renewed_before_their_time_and_no_word_is_lost(begin):
    """Each session has three seconds; the speaker goes on for longer."""
    _, owner, broadcast = begin({"expire_after_seconds": 3, "times": 8})
    english, spanish = SocketListener(broadcast, "en"), EventListener(broadcast, "es")
    said = [FIRST, SECOND, THIRD] * 2
    with Speaker(owner, broadcast) as speaker:
        for count, sentence in enumerate(said, 1):
            speaker.say(sentence)
            # At its own pace: the next sentence comes when this one was told.
            english.until(lambda n=count: len(english.segments) >= n, sentence)
            eventually_later(1.0)
        english.has([told(it) for it in said])
        spanish.has([told(it, "es") for it in said])
    assert not [it for it in english.of("language.status") if it["state"] == "interrupted"]


def eventually_later(seconds):
    """Lets the time of the sessions upstream go by, which is what the test is about."""
    end = time.monotonic() + seconds
    eventually(lambda: time.monotonic() >= end)


def test_a_model_without_voice_detection_is_told_where_turns_end(begin):
    _, owner, broadcast = begin(
        settings={"BROKER_TRANSCRIPTION_MODEL": "gpt-realtime-whisper"}, languages=[])
    english = SocketListener(broadcast, "en")
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST)
        english.has([told(FIRST)])
        speaker.say("", pause=3)
        speaker.say(SECOND, pause=0)
    # What was said last is told, though nothing came behind it.
    english.has([told(it) for it in (FIRST, SECOND)])
    first, second = english.segments
    assert first["end_ms"] - first["start_ms"] == pytest.approx(1_200, abs=200)
    assert second["start_ms"] - first["end_ms"] >= 3_000


def test_nobody_listening_is_a_gap_of_that_language(begin):
    _, owner, broadcast = begin()
    english = SocketListener(broadcast, "en")
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST)
        english.has([told(FIRST)])
        spanish = SocketListener(broadcast, "es")
        spanish.state("es", "live")
        speaker.say(SECOND)
        spanish.has(["[no_listeners]", told(SECOND, "es")])


def test_a_language_is_closed_when_its_last_listener_is_gone_for_a_while(begin):
    _, owner, broadcast = begin(settings={"BROKER_LANGUAGE_GRACE_SECONDS": "0.3"})
    english, spanish = SocketListener(broadcast, "en"), SocketListener(broadcast, "es")
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST)
        spanish.has([told(FIRST, "es")])
        spanish.close()
        english.state("es", "off")
        speaker.say(SECOND)
        english.has([told(FIRST), told(SECOND)])
    assert texts(segments(owner, broadcast, "es")) == [told(FIRST, "es")]


@pytest.mark.parametrize("stop, kept", [
    ("kill", {"en": [], "es": []}), ("terminate", {"en": ["we speak"], "es": ["Nosotros hablamos"]})])
def test_a_broker_that_was_stopped_goes_on_and_listeners_resume(start, hearing_tones, stop, kept):
    """What was being said is lost with a killed one, and cut short by one that stops."""
    server = start(hearing_tones)
    with client_of(server) as owner:
        user = owner.headers["X-Broker-User"]
        broadcast = new_broadcast(owner, languages=["es"])
        spanish, english = EventListener(broadcast, "es"), SocketListener(broadcast, "en")
        speaker = Speaker(owner, broadcast)
        speaker.say(FIRST)
        spanish.has([told(FIRST, "es")])
        english.has([told(FIRST)])
        speaker.say("we speak", pause=0)
        for listener, text in (english, "we speak"), (spanish, "Nosotros hablamos"):
            listener.wait("segment.delta", lambda it, text=text: it["text"].strip() == text)
    getattr(server, stop)()
    server = start(hearing_tones)
    with client_of(server, user) as owner:
        broadcast = {**broadcast, **succeeded(owner.get(f"/api/broadcasts/{broadcast['id']}"))}
        again = {"es": EventListener(broadcast, "es", mark=spanish.mark),
                 "en": SocketListener(broadcast, "en", after=english.mark)}
        with Speaker(owner, broadcast) as speaker:
            speaker.say(THIRD)
            for language, listener in again.items():
                listener.has([*kept[language], "[broker_restarted]", told(THIRD, language)])
                cut = [it for it in listener.segments if it["text"] in kept[language]]
                assert all(it["reason"] == "broker_restarted" for it in cut)
        for language in again:
            assert texts(segments(owner, broadcast, language)) == [
                told(FIRST, language), *kept[language], "[broker_restarted]",
                told(THIRD, language)]


def test_what_was_said_before_the_first_caption_is_not_silently_missing(start, hearing_tones):
    server = start(hearing_tones)
    with client_of(server) as owner:
        user = owner.headers["X-Broker-User"]
        broadcast = new_broadcast(owner, languages=["es"])
        english = SocketListener(broadcast, "en")
        Speaker(owner, broadcast).say("we speak", pause=0)
        english.wait("segment.delta", lambda it: it["text"].strip() == "we speak")
    server.kill()
    server = start(hearing_tones)
    with client_of(server, user) as owner:
        broadcast = {**broadcast, **succeeded(owner.get(f"/api/broadcasts/{broadcast['id']}"))}
        again = {language: SocketListener(broadcast, language) for language in ("en", "es")}
        with Speaker(owner, broadcast) as speaker:
            speaker.say(THIRD)
            for language, listener in again.items():
                listener.has(["[broker_restarted]", told(THIRD, language)])
                assert listener.segments[0]["start_ms"] == 0
                assert listener.segments[0]["end_ms"] > 0


def test_all_listeners_of_a_killed_broker_resume_where_they_were(start, hearing_tones):
    """Some have left before, the others are cut off while it tells; nothing is missed or doubled."""
    server = start(hearing_tones)
    with client_of(server) as owner:
        user = owner.headers["X-Broker-User"]
        broadcast = new_broadcast(owner, languages=[])
        crowd = [(SocketListener, EventListener)[n % 2](broadcast, "en") for n in range(40)]
        speaker = Speaker(owner, broadcast)
        speaker.say(FIRST)
        for listener in crowd:
            listener.has([told(FIRST)])
        for listener in crowd[:10]:
            listener.close()
        for _ in range(20):
            speaker.say(SECOND)
        crowd[-1].until(lambda: len(crowd[-1].segments) >= 5, "what is told when it is killed")
    server.kill()
    for listener in crowd:
        listener.until(lambda it=listener: it.is_over, "the end")
    server = start(hearing_tones)
    with client_of(server, user) as owner:
        broadcast = {**broadcast, **succeeded(owner.get(f"/api/broadcasts/{broadcast['id']}"))}
        back = [come_back(broadcast, listener) for listener in crowd]
        with Speaker(owner, broadcast) as speaker:
            speaker.say(THIRD)
            for listener in back:
                listener.wait("segment.completed", lambda it: it["text"] == told(THIRD))
        stored = [f"en.{n + 1}" for n, _ in enumerate(segments(owner, broadcast, "en"))]
    assert len(stored) >= 7
    for before, after in zip(crowd, back):
        assert not after.joined["events_missing"]
        both = before.of("segment.completed") + after.of("segment.completed")
        assert [it["event_id"] for it in both] == stored


def come_back(broadcast, listener):
    if isinstance(listener, EventListener):
        return EventListener(broadcast, "en", mark=listener.mark)
    return SocketListener(broadcast, "en", after=listener.mark)


def test_a_stalled_listener_is_dropped_and_slows_nobody(begin):
    """It gets what lasts, up to a bound; then it is let go, and the others have missed nothing."""
    _, owner, broadcast = begin(LONG_TURNS, languages=[])
    english = SocketListener(broadcast, "en")
    with stalled(broadcast["listen_url"], HANDSHAKE), Speaker(owner, broadcast) as speaker:
        count = speak_until_one_is_dropped(speaker, english)
        english.has([turn["text"].strip() for turn in LONG_TURNS["transcriptions"][:count]])


def test_a_stalled_stream_of_events_is_told_why_it_ends(begin):
    _, owner, broadcast = begin(LONG_TURNS, languages=[])
    english = SocketListener(broadcast, "en")
    with stalled(broadcast["events_url"]) as stream, Speaker(owner, broadcast) as speaker:
        speak_until_one_is_dropped(speaker, english)
        stream.settimeout(20)
        *_, last, end = b"".join(iter(lambda: stream.recv(65_536), b"")).split(b"\n\n")
    kind, data = last.decode().split("\n")
    assert (kind, end) == ("event: error", b"")
    assert json.loads(data.removeprefix("data: "))["error"]["code"] == "slow_listener"


# Turns that are almost as long as one may be.
LONG_TURNS = {"type": "transcription", "transcriptions": [
    {"text": f"{number} {'word ' * 790}"} for number in range(400)]}
HANDSHAKE = ("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")


def speak_until_one_is_dropped(speaker, other):
    """So many turns, while the other one of two listeners hears them all."""
    other.wait("presence", lambda it: it["listeners"] == 2)
    sentence, count = spoken("one", pause=0.5), 0
    while not any(it["listeners"] == 1 for it in other.of("presence")[1:]):
        assert count < len(LONG_TURNS["transcriptions"]), "it is never dropped"
        speaker.send(sentence * 10)
        count += 10
        other.until(lambda: len(other.of("segment.completed")) >= count, "the others")
    return count


def stalled(url, headers=""):
    """One who listens, and reads nothing behind the beginning of the answer."""
    parts = urllib.parse.urlsplit(with_query(url, {"language": "en", "audio": 1}))
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    one.connect((parts.hostname, parts.port))
    one.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                f"{headers}\r\n".encode())
    assert one.recv(12) in (b"HTTP/1.1 101", b"HTTP/1.1 200")
    return one


class TestPrompted:
    """Translation by a realtime session, for upstreams without translation sessions."""

    @pytest.fixture
    def prompted(self, begin):
        def prompted(*sockets, **fields):
            return begin(*sockets, settings={"BROKER_TRANSLATION_MODEL": "gpt-realtime-2.1-mini"},
                         **fields)
        return prompted

    def test_each_segment_is_translated(self, prompted):
        _, owner, broadcast = prompted()
        english = SocketListener(broadcast, "en")
        spanish, german = SocketListener(broadcast, "es"), EventListener(broadcast, "de")
        with Speaker(owner, broadcast) as speaker:
            for sentence in FIRST, SECOND:
                speaker.say(sentence)
            for listener, language in (spanish, "es"), (german, "de"):
                listener.has([told(it, language) for it in (FIRST, SECOND)])
        assert [(it["start_ms"], it["end_ms"]) for it in spanish.segments] == [
            (it["start_ms"], it["end_ms"]) for it in english.segments]
        succeeded(owner.post(f"/api/broadcasts/{broadcast['id']}/end"))
        usage = succeeded(owner.get("/api/usage", params={"group_by": "model"}))["data"]
        assert {it["model"]: it["responses"] for it in usage} == {
            "gpt-realtime-2.1-mini": 4, "gpt-live-transcribe": 0}

    def test_what_upstream_lets_be_used_is_told(self, prompted):
        server, owner, broadcast = prompted(
            {"type": "realtime", "rate_limits": {"limit": 1000, "remaining": 10}}, languages=["es"])
        spanish = SocketListener(broadcast, "es")
        with Speaker(owner, broadcast) as speaker:
            speaker.say(FIRST)
            spanish.has([told(FIRST, "es")])
            shown = 'broker_upstream_rate_limit_remaining{name="tokens"} 10\n'
            eventually(lambda: shown in owner.get("/metrics").text)

    def test_what_fails_is_a_gap(self, prompted):
        _, owner, broadcast = prompted(
            {"type": "realtime", "answers": [{"error": {"code": "rate_limit_exceeded"}}]},
            languages=["es"])
        spanish = SocketListener(broadcast, "es")
        with Speaker(owner, broadcast) as speaker:
            for sentence in FIRST, SECOND:
                speaker.say(sentence)
            spanish.has(["[rate_limited]", told(SECOND, "es")])

    def test_the_last_words_are_translated_before_the_end(self, prompted):
        _, owner, broadcast = prompted(languages=["es"])
        spanish = SocketListener(broadcast, "es")
        speaker = Speaker(owner, broadcast)
        speaker.say(FIRST, pause=0)
        spanish.state("es", "live")
        succeeded(owner.post(f"/api/broadcasts/{broadcast['id']}/end"))
        spanish.has([told(FIRST, "es")])
        assert spanish.wait("broadcast.ended")["reason"] == "client_request"
