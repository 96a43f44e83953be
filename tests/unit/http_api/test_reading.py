"""Requests out of bytes, without a connection: what waits, what is left over, and what ends badly."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from http_api.reading import PIPELINED, RequestReader

POST = b"POST /v1/sms/send HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
GET = b"GET /v1/sms?limit=1 HTTP/1.1\r\nHost: x\r\nAccept: a\r\nAccept: b\r\n\r\n"
LIMIT = 200


def reader(limit: int = LIMIT) -> RequestReader:
    """One that has read nothing, at 7 seconds."""
    return RequestReader(limit, lambda: 7.0, lambda: None)


def test_requests_in_one_read_wait_in_their_order() -> None:
    read = reader()
    assert read.feed(POST + b"body" + GET) is None
    first, second = read.queue
    assert (first.method, first.target, first.minor, first.keep_alive) == ("POST", "/v1/sms/send", 1, True)
    assert (first.complete, first.take()) == (True, b"body")
    assert (second.target, second.headers) == ("/v1/sms?limit=1", {"host": "x", "accept": "a, b"})


def test_a_head_in_pieces_waits_since_its_first_byte() -> None:
    read = reader()
    for at in range(len(GET)):
        assert read.waiting_since == (7.0 if at else None)
        assert read.feed(GET[at : at + 1]) is None
    assert read.waiting_since is None
    assert [each.target for each in read.queue] == ["/v1/sms?limit=1"]


def test_requests_before_a_head_that_comes_in_pieces_do_not_make_it_longer() -> None:
    read = reader()
    sent = GET * 30 + GET[:-2]
    assert len(sent) > 8 * LIMIT
    assert read.feed(sent) is None
    assert (read.broken, read.waiting_since) == (None, 7.0)
    assert read.feed(GET[-2:]) is None
    assert len(read.queue) == 31


def test_a_head_in_pieces_has_a_bound() -> None:
    """Eight lines at their longest, and the piece in which it began."""
    read = reader()
    read.feed(b"GET / HTTP/1.1\r\nHost: x\r\n")
    for number in range(8):
        assert read.broken is None
        read.feed(f"X-{number}: {'x' * (LIMIT - 7)}\r\n".encode())
        read.feed(b"A: b\r\n")
    assert read.broken is not None
    assert read.broken[0] is HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


def test_what_comes_behind_enough_requests_is_given_back() -> None:
    read = reader()
    sent = GET * 1_000
    rest = read.feed(sent)
    assert rest
    assert sent.endswith(rest)
    assert PIPELINED <= len(read.queue) < 1_000
    taken = len(read.queue)
    read.queue.clear()
    while rest:
        rest = read.feed(rest)
        taken += len(read.queue)
        read.queue.clear()
    assert taken == 1_000


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01 no HTTP\r\n\r\n", HTTPStatus.BAD_REQUEST),
        (b"GET / HTTP/1.1\r\n\r\n", HTTPStatus.BAD_REQUEST),
        (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", HTTPStatus.BAD_REQUEST),
        (b"GET /" + b"x" * LIMIT + b" HTTP/1.1\r\n", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * LIMIT + b"\r\n\r\n", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
    ],
)
def test_what_is_no_request_ends_the_reading(sent: bytes, status: HTTPStatus) -> None:
    read = reader()
    read.feed(GET)
    read.feed(sent)
    assert read.broken is not None
    assert read.broken[0] is status
    read.feed(GET)
    assert len(read.queue) == 1


def test_a_request_that_its_sender_does_not_finish_is_taken_back() -> None:
    read = reader()
    read.feed(GET + POST + b"bo")
    assert read.end()
    assert [each.method for each in read.queue] == ["GET"]
    assert not read.end()


def test_a_body_that_is_being_read_ends_with_its_sender() -> None:
    read = reader()
    read.feed(POST + b"bo")
    taken = read.queue.popleft()
    assert not read.end()
    assert taken.gone


def test_an_upgrade_is_declined_and_its_body_read() -> None:
    read = reader()
    read.feed(POST.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n") + b"body" + GET)
    assert [(each.method, each.take()) for each in read.queue] == [("POST", b"body"), ("GET", b"")]


@pytest.mark.parametrize(
    "spelled", ["idempotency-key", "Idempotency-Key", "IDEMPOTENCY-KEY", "idempotency-Key"]
)
def test_however_a_header_is_spelled_it_is_the_same(spelled: str) -> None:
    read = reader()
    read.feed(f"GET / HTTP/1.1\r\nHost: x\r\n{spelled}: k1\r\n\r\n".encode())
    assert read.queue[0].headers == {"host": "x", "idempotency-key": "k1"}
