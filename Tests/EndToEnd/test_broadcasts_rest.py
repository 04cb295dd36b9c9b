"""Broadcasts over REST: making, reading, ending, deleting, exporting, and who may."""

import json

import pytest

from support.barcodes import read_svg
from support.broadcasts import EventListener, SocketListener, Speaker, new_broadcast
from support.clients import client as client_of, pages, refused, succeeded
from support.relay import acting, opened, refused_upgrade, with_query

pytestmark = pytest.mark.usefixtures("all_leave")


@pytest.fixture
def broadcast(client):
    return new_broadcast(client, title="Rivers & bridges", languages=["es", "pt-BR"])


@pytest.fixture
def stranger(broker):
    """Somebody without a key; on loopback, that is a browser."""
    with client_of(broker, key=None) as stranger:
        yield stranger


def test_a_new_broadcast_is_as_asked(client, broker):
    made = new_broadcast(
        client, title="Talk", mode="translation", source_language="de", languages=["en"],
        audio=True, access="token", metadata={"room": "A1"})
    id = made["id"]
    assert id.startswith("bcast_") and made["object"] == "broadcast"
    assert (made["status"], made["mode"], made["audio"]) == ("created", "translation", True)
    assert made["listen_token"].startswith("bl_")
    base = f"{broker.url}/api/broadcasts/{id}"
    assert made["events_url"] == f"{base}/events"
    assert made["page_url"] == f"{broker.url}/listen.html#{id}"
    assert made["listen_url"] == base.replace("http", "ws", 1) + "/listen"
    assert made["metadata"] == {"room": "A1"}
    found = succeeded(client.get(f"/api/broadcasts/{id}"))
    assert "listen_token" not in found, "it is shown once"
    assert {k: found[k] for k in found if k != "segments"} == {
        k: made[k] for k in made if k != "listen_token"}
    assert [it["language"] for it in found["segments"]] == ["de", "en"]


def test_without_fields_it_is_public_and_transcribed(client):
    made = new_broadcast(client)
    assert (made["access"], made["mode"], made["source_language"], made["languages"]) == (
        "public", "transcription", "en", [])
    assert made["listen_token"] is None


@pytest.mark.parametrize("fields, param", [
    ({"title": "x" * 1_001}, "title"), ({"mode": "dance"}, "mode"),
    ({"source_language": "english"}, "source_language"), ({"languages": "es"}, "languages"),
    ({"languages": ["es", "es"]}, "languages"), ({"languages": ["en"]}, "languages"),
    ({"languages": ["ES"]}, "languages"), ({"languages": [f"a{c}" for c in "abcdefghijklmnopqrstuvwxyz"]
                                            + [f"b{c}" for c in "abcdef"]}, "languages"),
    ({"mode": "transcription", "languages": ["es"]}, "languages"), ({"audio": 1}, "audio"),
    ({"access": "all"}, "access"), ({"metadata": []}, "metadata"), ({"lang": "es"}, "lang")])
def test_what_is_wrong_is_named(client, fields, param):
    error = refused(client.post("/api/broadcasts", json=fields), 400)
    assert error["param"] == param, error


def test_a_broadcast_is_made_once_for_a_key_with_its_token(client):
    headers = {"Idempotency-Key": "once"}
    first, again = (client.post("/api/broadcasts", json={"access": "token"}, headers=headers)
                    for _ in range(2))
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json() and first.json()["listen_token"]
    assert len(succeeded(client.get("/api/broadcasts"))["data"]) == 1
    refused(client.post("/api/broadcasts", json={}, headers=headers), 409,
            "idempotency_key_reused")


def test_broadcasts_are_listed_newest_first(client, other, broadcast):
    second = new_broadcast(client)
    new_broadcast(other)
    listed = [it["id"] for it in pages(client, "/api/broadcasts", limit=1)]
    assert listed == [second["id"], broadcast["id"]]
    assert not succeeded(client.get("/api/sessions"))["data"], "nobody can have what they consume"


def test_what_is_deleted_is_gone_with_its_conversation(client, broadcast):
    deleted = succeeded(client.delete(f"/api/broadcasts/{broadcast['id']}"))
    assert deleted == {"id": broadcast["id"], "object": "broadcast.deleted", "deleted": True}
    for path in "", "/segments", "/export", "/events":
        refused(client.get(f"/api/broadcasts/{broadcast['id']}{path}"), 404, "not_found")
    refused(client.get(f"/api/conversations/{broadcast['conversation_id']}"), 404)
    refused(client.delete(f"/api/broadcasts/{broadcast['id']}"), 404)


def test_a_deleted_broadcast_lets_everybody_go(client, broadcast):
    listener = SocketListener(broadcast, "es")
    speaker = Speaker(client, broadcast)
    succeeded(client.delete(f"/api/broadcasts/{broadcast['id']}"))
    assert listener.closed() == (1000, "broadcast_deleted")
    assert speaker.closed() == (1000, "broadcast_deleted")


def test_a_broadcast_ends_once(client, broadcast):
    path = f"/api/broadcasts/{broadcast['id']}/end"
    ended = succeeded(client.post(path))
    assert (ended["status"], ended["end_reason"]) == ("ended", "client_request")
    assert succeeded(client.post(path)) == ended
    error = refused_upgrade(
        409, broadcast["speak_url"], "broadcast_ended", headers=acting(client))
    assert "ended" in error["message"]


def test_one_that_ended_without_a_word_is_asked_for_once(client, broadcast):
    succeeded(client.post(f"/api/broadcasts/{broadcast['id']}/end"))
    listener = EventListener(broadcast, "es")
    assert listener.wait("broadcast.ended")["event_id"] == "es.0"
    assert EventListener(broadcast, "es", mark=listener.mark).response.status_code == 204


class TestWhoMay:
    """Whose it is may all; others may listen, if they know the address or have the token."""

    def test_other_users_find_nothing_that_is_not_public(self, client, other, broker):
        hidden = new_broadcast(client, access="token")
        path = f"/api/broadcasts/{hidden['id']}"
        for tail in "", "/segments", "/export", "/events":
            refused(other.get(path + tail), 404, "not_found")
        refused(other.delete(path), 404)
        refused(other.post(path + "/end"), 404)
        for socket in "speak_url", "listen_url":
            refused_upgrade(404, hidden[socket], "not_found", headers=acting(other))

    def test_a_public_one_is_everybodys_to_hear_and_its_owners_to_speak_in(
            self, client, other, broadcast):
        assert succeeded(other.get(f"/api/broadcasts/{broadcast['id']}"))["id"] == broadcast["id"]
        listener = SocketListener(broadcast, "es", headers=acting(other))
        listener.close()
        refused_upgrade(404, broadcast["speak_url"], "not_found", headers=acting(other))
        refused(other.post(f"/api/broadcasts/{broadcast['id']}/end"), 404)

    def test_the_token_lets_listen_and_nothing_else(self, client, broker):
        hidden = new_broadcast(client, access="token", languages=["es"])
        token = hidden["listen_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        with client_of(broker, key=None) as stranger:
            path = f"/api/broadcasts/{hidden['id']}"
            for how in {"headers": bearer}, {"params": {"token": token}}:
                found = succeeded(stranger.get(path, **how))
                assert token not in json.dumps(found)
            refused(stranger.delete(path, headers=bearer), 401)
        SocketListener(hidden, "es", headers=bearer).close()
        SocketListener(hidden, "es", token=token).close()
        EventListener(hidden, "es", token=token).close()
        by_protocol = opened(with_query(hidden["listen_url"], {"language": "es"}), secret=token)
        assert json.loads(by_protocol.recv(timeout=10))["type"] == "broadcast.joined"
        by_protocol.close()
        refused_upgrade(401, hidden["speak_url"], headers=bearer)

    @pytest.mark.parametrize("path", ["", "/segments", "/export", "/qr.svg", "/events", "/listen"])
    def test_a_wrong_token_is_answered_as_if_there_were_no_broadcast(self, client, broker, path):
        hidden, elsewhere = (new_broadcast(client, access="token") for _ in range(2))
        missing = "bcast_01" + "a" * 24
        with client_of(broker, key=None) as stranger:
            for token in "bl_wrong", elsewhere["listen_token"], "":
                both = [self.refusal(stranger, broker, id + path, {"token": token} if token else {})
                        for id in (hidden["id"], missing)]
                assert both[0] == both[1]

    @staticmethod
    def refusal(stranger, broker, path, query):
        if path.endswith("/listen"):
            url = f"ws{broker.url[len('http'):]}/api/broadcasts/{path}"
            return refused_upgrade(404, with_query(url, query), "not_found")
        answer = stranger.get(f"/api/broadcasts/{path}", params=query)
        return refused(answer, 404, "not_found")

    def test_a_wrong_key_is_refused_whether_there_is_a_broadcast_or_not(self, client, broker):
        hidden = new_broadcast(client, access="token")
        with client_of(broker, key="wrong") as stranger:
            for id in hidden["id"], "bcast_01" + "a" * 24:
                refused(stranger.get(f"/api/broadcasts/{id}"), 401, "invalid_api_key")

    def test_the_token_is_not_on_disk_and_not_in_the_log(self, client, broker):
        hidden = new_broadcast(client, access="token")
        token = hidden["listen_token"]
        SocketListener(hidden, "en", token=token).close()
        assert token not in broker.log()
        for file in broker.database.parent.glob("broker.sqlite*"):
            assert token.encode() not in file.read_bytes(), file

    def test_another_token_takes_the_place_of_the_first(self, client, other, broker):
        hidden = new_broadcast(client, access="token")
        path = f"/api/broadcasts/{hidden['id']}"
        made = succeeded(client.post(path + "/token"))
        token = made.pop("listen_token")
        assert made == {"id": hidden["id"], "object": "broadcast.token"}
        with client_of(broker, key=None) as stranger:
            assert succeeded(stranger.get(path, params={"token": token}))["id"] == hidden["id"]
            refused(stranger.get(path, params={"token": hidden["listen_token"]}), 404)
        refused(other.post(path + "/token"), 404)
        public = new_broadcast(client)
        refused(client.post(f"/api/broadcasts/{public['id']}/token"), 409, "broadcast_is_public")


    def test_who_listens_by_a_token_goes_with_it(self, client):
        hidden = new_broadcast(client, access="token")
        by_socket = SocketListener(hidden, "en", token=hidden["listen_token"])
        by_events = EventListener(hidden, "en", token=hidden["listen_token"])
        owner = SocketListener(hidden, "en", headers=acting(client))
        owner.wait("presence", lambda it: it["listeners"] == 3)
        succeeded(client.post(f"/api/broadcasts/{hidden['id']}/token"))
        assert by_socket.closed() == (1008, "token_replaced")
        by_events.until(lambda: by_events.is_over, "the end")
        owner.wait("presence", lambda it: it["listeners"] == 1)


class TestCode:
    """The address for listeners, to be read off a screen."""

    def test_it_holds_the_address_of_the_page(self, broker, broadcast):
        with client_of(broker, key=None) as stranger:
            response = stranger.get(f"/api/broadcasts/{broadcast['id']}/qr.svg")
        assert response.headers["content-type"] == "image/svg+xml"
        assert read_svg(response.text) == broadcast["page_url"]

    def test_it_holds_the_token_of_whoever_has_it(self, client, other):
        hidden = new_broadcast(client, access="token")
        path, token = f"/api/broadcasts/{hidden['id']}/qr.svg", hidden["listen_token"]
        shown = other.get(path, headers={"Authorization": f"Bearer {token}"})
        assert read_svg(shown.text) == f"{hidden['page_url']}?token={token}"
        assert shown.headers["cache-control"] == "no-store"
        refused(client.get(path), 409, "token_required")
        refused(other.get(path), 404)
        refused(other.get(path, params={"token": "bl_wrong"}), 404)


class TestListening:
    @pytest.mark.parametrize("query, param", [
        ({"language": "fr"}, "language"), ({"after": "es-12"}, "after"), ({"after": "es.x"}, "after")])
    def test_what_cannot_be_listened_to_is_refused(self, client, broadcast, query, param):
        for path in "listen_url", "events_url":
            url = with_query(broadcast[path], query)
            if path == "events_url":
                assert refused(client.get(url), 400)["param"] == param
            else:
                assert refused_upgrade(400, url)["param"] == param

    def test_a_plain_request_is_told_to_upgrade(self, client, broadcast):
        for path in "listen", "speak":
            refused(client.get(f"/api/broadcasts/{broadcast['id']}/{path}"), 426)

    def test_a_rate_that_is_none_is_refused(self, client, broadcast):
        for rate in 8_000, "fast":
            url = with_query(broadcast["speak_url"], {"rate": rate})
            assert refused_upgrade(400, url, headers=acting(client))["param"] == "rate"

    def test_what_a_speaker_may_not_say_is_an_error_and_all_goes_on(self, client, broadcast):
        with Speaker(client, broadcast) as speaker:
            for message in "no json", '{"type": "session.update"}', \
                    '{"type": "input_audio_buffer.append", "audio": "?"}':
                speaker.socket.send(message)
                error = speaker.wait("error")["error"]
                assert error["code"] == "invalid_event", error
            speaker.wait("broadcast.status")

    def test_a_second_speaker_takes_over(self, client, broadcast):
        listener = SocketListener(broadcast, "en")
        first = Speaker(client, broadcast)
        with Speaker(client, broadcast) as second:
            assert first.closed()[0] == 4409
            assert (first.ready["speaker"], second.ready["speaker"]) == (1, 2)
            listener.wait("speaker.started", lambda it: it["speaker"] == 2)
        listener.wait("speaker.stopped", lambda it: it["speaker"] == 2)
        reasons = [it["reason"] for it in listener.of("speaker.stopped")]
        assert reasons == ["replaced", "closed"]
        listener.close()

    def test_head_of_the_events_has_no_events(self, client, broadcast):
        response = client.head(broadcast["events_url"])
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
