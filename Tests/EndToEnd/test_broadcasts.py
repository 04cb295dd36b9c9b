"""Broadcasts: one speaker, listeners in two languages, all with the same segments in the end."""

import re

import pytest

from support.broadcasts import (
    TONES, EventListener, SocketListener, Speaker, new_broadcast, segments, texts, told)
from support.clients import client as client_of, refused, succeeded
from support.relay import stored

FIRST = "hello everybody welcome to the city"
SECOND = "we speak about water and light"
THIRD = "the river is green and cold"

pytestmark = pytest.mark.usefixtures("all_leave")


@pytest.fixture
def server(simulated):
    return simulated(TONES)


@pytest.fixture
def owner(server):
    with client_of(server) as owner:
        yield owner


@pytest.fixture
def broadcast(owner):
    return new_broadcast(owner, title="Rivers", languages=["es", "de"], source_language="en")


def all_told(listener, language="es"):
    listener.has([told(it, language) for it in (FIRST, SECOND, THIRD)])


def test_three_listeners_in_two_languages_end_with_the_same_segments(owner, broadcast):
    """One joins late, one drops and resumes."""
    english = SocketListener(broadcast, "en")
    spanish = EventListener(broadcast, "es")
    with Speaker(owner, broadcast) as speaker:
        spanish.wait("speaker.started")
        speaker.say(FIRST)
        for listener, language in (english, "en"), (spanish, "es"):
            listener.has([told(FIRST, language)])
        english.abort()
        late = SocketListener(broadcast, "es")
        late.has([told(FIRST, "es")])
        speaker.say(SECOND)
        spanish.has([told(FIRST, "es"), told(SECOND, "es")])
        back = SocketListener(broadcast, "en", after=english.mark)
        speaker.say(THIRD)
        for listener in late, spanish:
            all_told(listener)
        back.has([told(it) for it in (SECOND, THIRD)])
    assert english.segments + back.segments == [
        {k: v for k, v in it.items() if k not in ("object", "created_at")} | marks
        for it, marks in zip(segments(owner, broadcast, "en"), marks_of(english, back))]
    assert late.segments == spanish.segments
    assert texts(segments(owner, broadcast, "es")) == late.texts


def marks_of(*listeners):
    """What events say beyond what is stored."""
    return [{"type": it["type"], "event_id": it["event_id"]}
            for listener in listeners for it in listener.segments]


def test_times_are_those_of_the_speech(owner, broadcast):
    listeners = {language: SocketListener(broadcast, language) for language in ("en", "es")}
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST)
        speaker.say(SECOND)
        for language, listener in listeners.items():
            listener.has([told(FIRST, language), told(SECOND, language)])
    start = speaker.ready["at_ms"]
    for language in "en", "es":
        first, second = segments(owner, broadcast, language)
        # Six words of 200 ms, a pause of 800.
        assert abs(first["start_ms"] - start) <= 350, first
        assert abs(second["start_ms"] - start - 2_000) <= 350, second
        assert first["start_ms"] < first["end_ms"] <= second["start_ms"] < second["end_ms"]


@pytest.mark.parametrize("rate", [16_000, 24_000, 48_000])
@pytest.mark.parametrize("as_events", [False, True])
def test_sound_comes_at_any_rate_and_as_events_or_bytes(owner, broadcast, rate, as_events):
    english = SocketListener(broadcast, "en")
    with Speaker(owner, broadcast, rate) as speaker:
        speaker.say("six seven eight nine ten", as_events=as_events)
        english.has([told("six seven eight nine ten")])


def test_partial_text_comes_while_it_is_spoken(owner, broadcast):
    english, spanish = SocketListener(broadcast, "en"), EventListener(broadcast, "es")
    with Speaker(owner, broadcast) as speaker:
        speaker.say("hello everybody", pause=0)
        english.wait("segment.delta", lambda it: it["text"].strip() == "hello everybody")
        spanish.wait("segment.delta", lambda it: it["text"] == "Hola todos")
        late = SocketListener(broadcast, "es")
        late.wait("segment.delta", lambda it: it["text"] == "Hola todos")
        assert not english.of("segment.completed") + spanish.of("segment.completed")
        speaker.say("welcome")
        spanish.has([told("hello everybody welcome", "es")])
        late.has([told("hello everybody welcome", "es")])


def test_a_listener_changes_its_language_in_place(owner, broadcast):
    listener, german = SocketListener(broadcast, "es"), SocketListener(broadcast, "de")
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST)
        listener.has([told(FIRST, "es")])
        german.has([told(FIRST, "de")])
        listener.send(type="listener.update", language="de")
        listener.wait("broadcast.joined", lambda it: it["language"] == "de")
        speaker.say(SECOND)
        german.has([told(FIRST, "de"), told(SECOND, "de")])
        listener.wait("segment.completed", lambda it: it["text"] == told(SECOND, "de"))
    heard = [it["text"] for it in listener.of("segment.completed")]
    assert heard == [told(FIRST, "es"), told(FIRST, "de"), told(SECOND, "de")]
    listener.send(type="listener.update", language="fr")
    assert listener.wait("error")["error"]["code"] == "invalid_event"


def test_audio_is_for_those_who_want_it(owner):
    broadcast = new_broadcast(owner, languages=["es"], audio=True)
    with_audio = SocketListener(broadcast, "es", audio=1)
    without = SocketListener(broadcast, "es")
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST)
        for listener in with_audio, without:
            listener.has([told(FIRST, "es")])
    assert len(with_audio.of("audio.delta")) == 6
    assert with_audio.of("audio.delta")[0]["sample_rate"] == 24_000
    assert not without.of("audio.delta")


def test_how_many_listen_is_told(owner, broadcast):
    first = SocketListener(broadcast, "es")
    second = EventListener(broadcast, "en")
    first.wait("presence", lambda it: it["listeners"] == 2)
    second.close()
    alone = first.wait("presence", lambda it: it["listeners"] == 1)
    # Said again without a change, so that listeners know that they still hear.
    first.wait("presence", lambda it: it["listeners"] == 1, after=alone)
    with Speaker(owner, broadcast) as speaker:
        status = speaker.wait("broadcast.status", lambda it: it["listeners"] == 1)
        assert [it["listeners"] for it in status["languages"]] == [0, 1, 0]


def test_the_end_is_told_and_comes_behind_the_last_word(owner, broadcast):
    spanish, english = SocketListener(broadcast, "es"), EventListener(broadcast, "en")
    speaker = Speaker(owner, broadcast)
    speaker.say("hello everybody", pause=0)
    english.wait("segment.delta", lambda it: it["text"].strip() == "hello everybody")
    ended = succeeded(owner.post(f"/api/broadcasts/{broadcast['id']}/end"))
    assert (ended["status"], ended["end_reason"]) == ("ended", "client_request")
    for listener, language in (spanish, "es"), (english, "en"):
        listener.has([told("hello everybody", language)])
        listener.until(lambda it=listener: it.is_over, "the end")
        assert listener.events[-1]["type"] == "broadcast.ended"
    assert spanish.closed() == (1000, "client_request")
    assert speaker.closed() == (1000, "client_request")
    again = EventListener(broadcast, "en")
    again.has([told("hello everybody")])
    again.wait("broadcast.ended")
    assert EventListener(broadcast, "en", mark=again.mark).response.status_code == 204


def test_what_was_said_is_found_by_search(owner, broadcast):
    english = SocketListener(broadcast, "en")
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST)
        english.has([told(FIRST)])
    stored(owner, broadcast["conversation_id"], [("user", told(FIRST))])


def test_what_it_costs_is_that_of_its_conversation(owner, broadcast):
    spanish = SocketListener(broadcast, "es")
    with Speaker(owner, broadcast) as speaker:
        speaker.say(FIRST)
        spanish.has([told(FIRST, "es")])
    succeeded(owner.post(f"/api/broadcasts/{broadcast['id']}/end"))
    usage = succeeded(owner.get("/api/usage", params={"group_by": "conversation"}))
    group, = usage["data"]
    assert group["conversation_id"] == broadcast["conversation_id"]
    assert (group["transcriptions"], group["translations"]) == (1, 1)
    # Two seconds of speech and the closing silence, at $0.034 a minute, and the transcript.
    assert group["seconds"] >= 2.6 and float(group["cost_usd"]) >= 2.6 / 60 * 0.034
    assert group["unpriced"] == 0


class TestExport:
    """What was said leaves the broker in forms that other programs read."""

    @pytest.fixture
    def spoken_in(self, owner, broadcast):
        english, spanish = SocketListener(broadcast, "en"), None
        with Speaker(owner, broadcast) as speaker:
            speaker.say(FIRST)
            english.has([told(FIRST)])
            spanish = SocketListener(broadcast, "es")
            spanish.state("es", "live")
            speaker.say(SECOND)
            spanish.has(["[no_listeners]", told(SECOND, "es")])
            english.has([told(FIRST), told(SECOND)])
        return broadcast

    def export(self, owner, broadcast, **query):
        response = owner.get(f"/api/broadcasts/{broadcast['id']}/export", params=query)
        assert response.status_code == 200, response.text
        name = f'{broadcast["id"]}.{query.get("language", "en")}.{query.get("format", "vtt")}'
        assert response.headers["content-disposition"] == f'attachment; filename="{name}"'
        return response

    def test_as_webvtt(self, owner, spoken_in):
        head, first, second = self.export(owner, spoken_in).text.strip().split("\n\n")
        assert head == "WEBVTT\nLanguage: en"
        times, words = first.split("\n")
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}", times), times
        assert (words, second.split("\n")[1]) == (told(FIRST), told(SECOND))

    def test_as_subrip_with_its_gap(self, owner, spoken_in):
        response = self.export(owner, spoken_in, format="srt", language="es")
        assert response.headers["content-type"].startswith("application/x-subrip")
        gap, words = [block.split("\n") for block in response.text.strip().split("\n\n")]
        assert (gap[0], gap[2]) == ("1", "[not translated: nobody listened]")
        assert (words[0], words[2]) == ("2", told(SECOND, "es"))
        assert re.fullmatch(r"\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}", words[1]), words

    def test_as_markdown(self, owner, spoken_in):
        text = self.export(owner, spoken_in, format="md").text
        assert text.startswith("# Rivers (en)\n")
        assert re.findall(r"\*\*\d\d:\d\d:\d\d\*\* (.*)", text) == [told(FIRST), told(SECOND)]

    def test_as_json(self, owner, spoken_in):
        export = self.export(owner, spoken_in, format="json", language="es").json()
        assert export["segments"] == segments(owner, spoken_in, "es")
        assert (export["broadcast_id"], export["language"]) == (spoken_in["id"], "es")

    def test_other_forms_and_languages_are_refused(self, owner, broadcast):
        for param, value in ("format", "pdf"), ("language", "fr"):
            error = refused(
                owner.get(f"/api/broadcasts/{broadcast['id']}/export", params={param: value}), 400)
            assert error["param"] == param
