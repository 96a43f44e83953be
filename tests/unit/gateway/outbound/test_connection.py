"""Answers of every shape, and what is none: each ends in one outcome, and the connection stays or goes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.outbound import PooledClient
from gateway.outbound.connection import Connection, Exchange
from gateway.outbound.target import target_of
from gateway.ports import WebhookAnswer
from tests.unit.gateway.http_sink import (
    HEADERS,
    Bytes,
    HugeAnswer,
    HugeHeaders,
    Silent,
    Sink,
    SlowBody,
    SlowHeaders,
    Status,
)
from tests.unit.gateway.outbound.wire import Wire


@pytest.mark.parametrize(
    ("content", "status", "excerpt"),
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nt: 1\r\n\r\n",
            200,
            "abcde",
            id="chunked",
        ),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", 204, "", id="no content"),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nretry-after: 7\r\n\r\n"
            b"HTTP/1.1 201 Created\r\ncontent-length: 1\r\n\r\n!",
            201,
            "!",
            id="informational first",
        ),
        pytest.param(
            b"HTTP/1.1 500 Oh\r\ncontent-length: 600\r\n\r\n" + b"e" * 600, 500, "e" * 512, id="excerpt"
        ),
        pytest.param(b"HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\n\xff\xfe", 500, "��", id="no text"),
    ],
)
async def test_answers_of_every_shape_keep_the_connection(
    client: PooledClient, sink: Sink, content: bytes, status: int, excerpt: str
) -> None:
    sink.answer = Bytes(content)
    for _ in range(2):
        assert await client.post(sink.url(), HEADERS, b"{}") == WebhookAnswer(status, excerpt, None)
    assert sink.connections == 1


@pytest.mark.parametrize(
    "answering",
    [
        pytest.param(Status(close=True), id="connection close"),
        pytest.param(Bytes(b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok"), id="HTTP/1.0"),
        pytest.param(Bytes(b"HTTP/1.1 200 OK\r\n\r\nok", close=True), id="until the end of the connection"),
        pytest.param(
            Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", close=True), id="cut in its body"
        ),
        pytest.param(
            Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 500 No\r\n\r\n"), id="two answers"
        ),
        pytest.param(
            Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\0garbage"), id="garbage behind the answer"
        ),
    ],
)
async def test_answers_that_end_the_connection(
    client: PooledClient, sink: Sink, answering: Status | Bytes
) -> None:
    sink.answer = answering
    for _ in range(2):
        assert await client.post(sink.url(), HEADERS, b"{}") == WebhookAnswer(200, "ok", None)
    assert [request.connection for request in sink.received] == [1, 2]
    await sink.until(lambda: sink.open == 0)


@pytest.mark.parametrize(
    ("value", "expected"), [("120", 120.0), ("0", 0.0), ("soon", None), ("-1", None), ("9" * 40, 999999999.0)]
)
async def test_retry_after_in_seconds(
    client: PooledClient, sink: Sink, value: str, expected: float | None
) -> None:
    sink.answer = Status(429, b"slow down", {"Retry-After": value})
    assert await client.post(sink.url(), HEADERS, b"{}") == WebhookAnswer(429, "slow down", None, expected)


async def test_retry_after_as_a_date(client: PooledClient, sink: Sink) -> None:
    sink.answer = Status(503, b"", {"retry-after": "Wed, 01 Jan 2200 00:00:00 GMT"})
    seconds = (await client.post(sink.url(), HEADERS, b"{}")).retry_after_s
    assert seconds is not None
    assert seconds > 3600 * 24 * 365
    sink.answer = Status(503, b"", {"retry-after": "Wed, 01 Jan 2020 00:00:00 GMT"})
    assert (await client.post(sink.url(), HEADERS, b"{}")).retry_after_s == 0.0


@pytest.mark.parametrize("answering", [Silent(), SlowHeaders()], ids=["silent", "slow headers"])
async def test_an_answer_that_does_not_come(
    impatient: PooledClient, sink: Sink, answering: Silent | SlowHeaders
) -> None:
    sink.answer = answering
    answer = await impatient.post(sink.url(), HEADERS, b"{}")
    assert answer == WebhookAnswer(0, "", "no answer within 0.2 s")
    await sink.until(lambda: impatient.connections == 0)


async def test_a_body_that_does_not_end_does_not_hide_the_status(impatient: PooledClient, sink: Sink) -> None:
    sink.answer = SlowBody()
    assert await impatient.post(sink.url(), HEADERS, b"{}") == WebhookAnswer(200, "begun", None)


async def test_a_huge_answer_is_not_read_to_its_end(client: PooledClient, sink: Sink) -> None:
    sink.answer = HugeAnswer()
    assert await client.post(sink.url(), HEADERS, b"{}") == WebhookAnswer(200, "x" * 512, None)
    await sink.until(lambda: sink.open == 0)


async def test_a_huge_head_is_a_failure(client: PooledClient, sink: Sink) -> None:
    sink.answer = HugeHeaders()
    answer = await client.post(sink.url(), HEADERS, b"{}")
    assert answer == WebhookAnswer(0, "", "its answer is longer than 65536 bytes")


@pytest.mark.parametrize(
    "content",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\0\0\0\x10\x80\0\0\x15\0\0\0\0\0\0\0\x01",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    ],
)
async def test_what_is_no_answer_is_a_failure(client: PooledClient, sink: Sink, content: bytes) -> None:
    sink.answer = Bytes(content)
    answer = await client.post(sink.url(), HEADERS, b"{}")
    assert answer.status == 0
    assert answer.error
    await sink.until(lambda: sink.open == 0)


# --- without a network: whatever comes, in whatever pieces


class Outcomes:
    """What a connection told its owner."""

    def __init__(self) -> None:
        self.answers: list[WebhookAnswer] = []
        self.lost_exchanges: list[Exchange | None] = []

    def answered(self, connection: Connection, exchange: Exchange, answer: WebhookAnswer) -> None:
        self.answers.append(answer)

    def lost(self, connection: Connection, unanswered: Exchange | None, error: str) -> None:
        assert error
        self.lost_exchanges.append(unanswered)


def feed(pieces: list[bytes]) -> Outcomes:
    """One request, these bytes for an answer, and the end of the connection."""
    outcomes, wire = Outcomes(), Wire()
    connection = Connection(outcomes)
    connection.connection_made(wire)
    connection.start(Exchange(target_of("http://a.example/"), "", b"{}", outcomes.answers.append), 1.0)
    assert wire.written == b"POST / HTTP/1.1\r\nhost: a.example\r\ncontent-length: 2\r\n\r\n{}"
    for piece in pieces:
        if not wire.aborted:
            connection.data_received(piece)
    wire.abort()
    connection.connection_lost(None)
    return outcomes


ANSWERS = [
    b"HTTP/1.1 200 OK\r\nRetry-After: 17\r\ncontent-length: 5\r\n\r\nabcde",
    b"HTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
    b"HTTP/1.0 404 No\r\n\r\nnot here",
]


@given(st.sampled_from(ANSWERS), st.lists(st.integers(min_value=0, max_value=110)))
def test_pieces_make_no_difference(answer: bytes, cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(answer)]
    pieces = [answer[start:end] for start, end in pairwise(bounds)]
    outcomes = feed([piece for piece in pieces if piece])
    assert outcomes.answers == feed([answer]).answers
    assert len(outcomes.answers) == 1
    assert outcomes.lost_exchanges == [None]


@given(
    st.lists(
        st.binary(min_size=1)
        | st.sampled_from(
            [b"HTTP/1.1 200 OK\r\n", b"content-length: 3\r\n", b"\r\n", b"abc", b": \r\n", b"0\r\n\r\n"]
        )
    )
)
def test_any_bytes_end_in_one_outcome(pieces: list[bytes]) -> None:
    outcomes = feed(pieces)
    assert len(outcomes.lost_exchanges) == 1
    assert (outcomes.lost_exchanges[0] is None) is (len(outcomes.answers) == 1)
    assert len(outcomes.answers) <= 1


WELL = [
    b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nlocation: /y\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 503 No\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
]


@given(st.lists(st.tuples(st.sampled_from(WELL), st.integers(min_value=0, max_value=80))))
def test_an_answer_is_the_same_whatever_came_before_it(answers: list[tuple[bytes, int]]) -> None:
    outcomes, wire = Outcomes(), Wire()
    connection = Connection(outcomes)
    connection.connection_made(wire)
    for content, cut in answers:
        connection.start(Exchange(target_of("http://a.example/"), "", b"{}", outcomes.answers.append), 1.0)
        for piece in (content[:cut], content[cut:]):
            if piece:
                connection.data_received(piece)
        assert outcomes.answers[-1:] == feed([content]).answers
    assert len(outcomes.answers) == len(answers) == connection.served
    assert not wire.aborted
    wire.abort()


@pytest.mark.parametrize("known", WELL[:3])
def test_a_known_answer_ends_the_connection_when_nobody_asked_or_more_follows(known: bytes) -> None:
    for second in (known, known + b"x"):
        outcomes, wire = Outcomes(), Wire()
        connection = Connection(outcomes)
        connection.connection_made(wire)
        exchange = Exchange(target_of("http://a.example/"), "", b"{}", outcomes.answers.append)
        connection.start(exchange, 1.0)
        connection.data_received(known)
        assert connection.open
        if second is not known:
            connection.start(exchange, 1.0)
        connection.data_received(second)
        assert wire.aborted
        assert not connection.open
