"""HTTP as no polite client speaks it: raw bytes against the server."""

import json

import pytest

from support.clients import contents, pages, succeeded
from support.raw import RawConnection, exchange, head, post
from support.realtime import base_url

BODY = b'{"role":"user","content":"x"}'


@pytest.fixture
def user(client):
    return client.headers["X-Broker-User"]


@pytest.fixture
def messages(conversation):
    return f"/api/conversations/{conversation}/messages"


@pytest.fixture(autouse=True)
def the_server_still_answers(request, broker, client, conversation):
    """After each test: the server is alive, and stored what it acknowledged and nothing else."""
    acknowledged = []
    request.node.acknowledged = acknowledged
    yield
    assert succeeded(client.get("/healthz"))["status"] == "ok"
    assert contents(client, conversation) == acknowledged


@pytest.fixture
def acknowledged(request, the_server_still_answers):
    return request.node.acknowledged


class TestBodies:
    """Bodies that do not arrive as they should."""

    def test_a_truncated_body_is_not_stored(self, broker, messages, user):
        fields = [("Content-Type", "application/json"), ("Content-Length", len(BODY) + 10)]
        with RawConnection(broker) as connection:
            connection.send(head("POST", messages, fields, user=user) + BODY)
            connection.finish_sending()
            answer = connection.answer_or_close()
        assert answer is None or answer.status >= 400

    def test_a_body_that_never_comes_is_a_408(self, broker, messages, user):
        fields = [("Content-Type", "application/json"), ("Content-Length", len(BODY))]
        with RawConnection(broker) as connection:
            connection.send(head("POST", messages, fields, user=user) + BODY[:5])
            answer = connection.answer_or_close()
            if answer is not None:
                answer.refused(408)
            assert connection.is_closed_by_server()

    def test_a_body_that_drips_is_cut_off_by_its_deadline(self, broker, messages, user):
        fields = [("Content-Type", "application/json"), ("Content-Length", 1_000_000)]
        with RawConnection(broker) as connection:
            connection.send(head("POST", messages, fields, user=user))
            while not connection.has_answer(within=0.02):
                connection.send(b" ")
            answer = connection.answer_or_close()
            assert answer is None or answer.status == 408

    @pytest.mark.parametrize("chunks", [
        b"zz\r\n" + BODY + b"\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"fffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello world\r\n0\r\n\r\n",
        b"\r\n\r\n\r\n",
    ])
    def test_broken_chunks_are_refused_or_cut_off(self, broker, messages, user, chunks):
        fields = [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")]
        with RawConnection(broker) as connection:
            connection.send(head("POST", messages, fields, user=user) + chunks)
            answer = connection.answer_or_close()
            assert answer is None or 400 <= answer.status < 500

    def test_chunks_that_stop_are_cut_off_by_the_deadline(self, broker, messages, user):
        fields = [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")]
        with RawConnection(broker) as connection:
            connection.send(head("POST", messages, fields, user=user) + b"1d\r\n" + BODY + b"\r\n")
            answer = connection.answer_or_close()
            assert answer is None or answer.status == 408
            assert connection.is_closed_by_server()

    def test_good_chunks_are_stored(self, broker, messages, user, acknowledged):
        fields = [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")]
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"
        answer = exchange(broker, head("POST", messages, fields, user=user) + chunks)
        assert answer.status == 201
        acknowledged.append("x")

    @pytest.mark.parametrize("length", ["-1", "abc", "1e3", "99999999999999999999999", "0x10", ""])
    def test_a_length_that_is_no_number_is_refused(self, broker, messages, user, length):
        fields = [("Content-Type", "application/json"), ("Content-Length", length)]
        with RawConnection(broker) as connection:
            connection.send(head("POST", messages, fields, user=user) + BODY)
            answer = connection.answer_or_close()
            assert answer is None or 400 <= answer.status < 500

    @pytest.mark.parametrize("fields", [
        [("Content-Length", len(BODY)), ("Transfer-Encoding", "chunked")],
        [("Transfer-Encoding", "chunked"), ("Content-Length", len(BODY))],
        [("Content-Length", len(BODY)), ("Content-Length", len(BODY) + 5)],
        [("Transfer-Encoding", "xchunked"), ("Content-Length", len(BODY))],
        [("Transfer-Encoding", "chunked, identity")],
    ])
    def test_two_ways_to_say_the_length_smuggle_nothing(self, broker, messages, user, fields):
        # RFC 9112, 6.3: whatever is done, the hidden request must not run.
        hidden = head("DELETE", messages.removesuffix("/messages"), user=user)
        with RawConnection(broker) as connection:
            connection.send(
                head("POST", messages, [("Content-Type", "application/json"), *fields], user=user)
                + b"0\r\n\r\n" + hidden)
            answer = connection.answer_or_close()
            assert answer is None or 400 <= answer.status < 500

    def test_an_announced_413_comes_before_the_body(self, broker, messages, user):
        fields = [("Content-Type", "application/json"), ("Content-Length", 2**40)]
        with RawConnection(broker) as connection:
            connection.send(head("POST", messages, fields, user=user))
            connection.answer().refused(413)

    def test_a_client_that_expects_is_told_to_continue(
            self, broker, messages, user, acknowledged):
        fields = [("Content-Type", "application/json"), ("Content-Length", len(BODY)),
                  ("Expect", "100-continue")]
        with RawConnection(broker) as connection:
            connection.send(head("POST", messages, fields, user=user))
            assert connection.answer().status == 100
            connection.send(BODY)
            assert connection.answer().status == 201
        acknowledged.append("x")

    def test_a_client_that_expects_is_refused_before_it_sends(self, broker, messages, user):
        fields = [("Content-Type", "application/json"), ("Content-Length", 2**40),
                  ("Expect", "100-continue")]
        with RawConnection(broker) as connection:
            connection.send(head("POST", messages, fields, user=user))
            connection.answer().refused(413)


class TestHeads:
    """Request lines and header fields that are wrong, or too many."""

    @pytest.mark.parametrize("data", [
        b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
        b"GET / FTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n: empty\r\n\r\n", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"G\xcb\x88T / HTTP/1.1\r\nHost: x\r\n\r\n",
    ])
    def test_what_is_no_http_is_refused_or_cut_off(self, broker, data):
        with RawConnection(broker) as connection:
            connection.send(data)
            connection.finish_sending()
            answer = connection.answer_or_close()
            assert answer is None or answer.status in (200, 400, 404, 405, 501, 505)

    @pytest.mark.parametrize("flood", [
        [("X-Long", "x" * 200_000)],
        [(f"X-Many-{number}", "x") for number in range(20_000)],
    ])
    def test_a_flood_of_headers_is_refused_or_cut_off(self, broker, flood):
        with RawConnection(broker) as connection:
            try:
                connection.send(head("GET", "/healthz", flood))
                answer = connection.answer_or_close()
            except ConnectionError:
                answer = None
            assert answer is None or answer.status in (400, 413, 414, 431, 500)

    def test_a_long_path_is_refused_or_cut_off(self, broker):
        with RawConnection(broker) as connection:
            try:
                connection.send(head("GET", "/" + "x" * 200_000))
                answer = connection.answer_or_close()
            except ConnectionError:
                answer = None
            assert answer is None or answer.status in (400, 404, 413, 414, 431)

    @pytest.mark.parametrize("method", ["BREW", "get", "G" * 1000])
    def test_an_unknown_method_is_refused(self, broker, method):
        answer = exchange(broker, head(method, "/api/conversations"))
        assert answer.status in (400, 405, 501)

    def test_http_1_0_is_answered_and_closed(self, broker):
        with RawConnection(broker) as connection:
            connection.send(head("GET", "/healthz", version="HTTP/1.0"))
            assert connection.answer().status == 200
            assert connection.is_closed_by_server()

    def test_connection_close_is_kept(self, broker):
        with RawConnection(broker) as connection:
            connection.send(head("GET", "/healthz", [("Connection", "close")]))
            assert connection.answer().status == 200
            assert connection.is_closed_by_server()

    def test_a_missing_host_is_refused(self, broker):
        answer = exchange(broker, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert answer.status == 400


class TestPipelines:
    """Requests that do not wait for each other's answers."""

    def test_pipelined_requests_are_answered_in_order(self, broker, messages, user, acknowledged):
        bodies = [json.dumps({"role": "user", "content": f"word {n}"}).encode() for n in range(20)]
        with RawConnection(broker) as connection:
            connection.send(b"".join(post(messages, body, user=user) for body in bodies))
            for number in range(20):
                answer = connection.answer()
                assert answer.status == 201
                assert json.loads(answer.body)["content"] == f"word {number}"
        acknowledged += [f"word {n}" for n in range(20)]

    def test_a_refusal_does_not_disturb_the_next_request(
            self, broker, messages, user, acknowledged):
        with RawConnection(broker) as connection:
            connection.send(post(messages, b"not json", user=user) + post(messages, BODY, user=user))
            connection.answer().refused(400)
            assert connection.answer().status == 201
        acknowledged.append("x")

    def test_a_head_split_into_bytes_is_read(self, broker):
        with RawConnection(broker) as connection:
            for byte in head("GET", "/healthz"):
                connection.send(bytes([byte]))
            assert connection.answer().status == 200

    def test_a_client_that_leaves_before_its_answer_harms_nobody(self, broker, messages, user):
        # Its messages may be stored or not; they are in a conversation of their own.
        with_own = post("/api/conversations", b"{}", user=user + "-gone")
        for _ in range(50):
            connection = RawConnection(broker)
            connection.send(with_own)
            connection.reset()

    def test_many_idle_connections_leave_room_for_others(self, broker, client):
        connections = [RawConnection(broker) for _ in range(300)]
        try:
            assert succeeded(client.get("/healthz"))["status"] == "ok"
        finally:
            for connection in connections:
                connection.__exit__()


class TestStaticFiles:
    """The page's folder is served, and nothing beside it."""

    @pytest.mark.parametrize("path", [
        "/../Package.swift", "/..%2fPackage.swift", "/%2e%2e/Package.swift",
        "/%2e%2e%2fPackage.swift", "/css/../../Package.swift", "//etc/passwd", "/./../README.md",
        "/..\\Package.swift", "/..%5cPackage.swift", "/%252e%252e/Package.swift",
        "/css/%00", "/index.html%00.png", "/.env", "/.git/config", "/etc/passwd",
        "/%c0%ae%c0%ae/Package.swift", "/css", "/css/",
    ])
    def test_a_path_cannot_escape_the_folder(self, broker, path):
        answer = exchange(broker, head("GET", path))
        assert answer.status in (400, 404), (path, answer.status)
        answer.refused(answer.status)

    def test_the_page_is_served_with_a_strict_policy(self, client):
        response = client.get("/")
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/html")
        policy = response.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy
        assert base_url(client).removesuffix("/v1") in policy
        assert response.headers["x-content-type-options"] == "nosniff"

    def test_a_file_that_is_known_is_not_sent_again(self, client):
        tag = client.get("/").headers["etag"]
        again = client.get("/", headers={"If-None-Match": tag})
        assert again.status_code == 304 and again.content == b""
        assert client.get("/", headers={"If-None-Match": '"other"'}).status_code == 200

    def test_a_text_file_is_compressed_for_those_who_can_read_it(self, client):
        plain = client.get("/", headers={"Accept-Encoding": "identity"})
        packed = client.get("/", headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == plain.content
        assert "accept-encoding" in packed.headers["vary"].lower()


def test_nobody_else_was_disturbed(client):
    assert list(pages(client, "/api/sessions")) == []
