"""Connections to one origin: kept, bounded, replaced when stale, closed when idle."""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.outbound import Limits, PooledClient
from gateway.outbound.connection import Connection, Exchange
from gateway.outbound.pool import Pool
from gateway.outbound.target import target_of
from gateway.ports import WebhookAnswer
from tests.unit.gateway.http_sink import (
    HEADERS,
    ClosesAfterRequest,
    GivesUpIdleConnections,
    Held,
    Received,
    RefusesConnections,
    Silent,
    Sink,
    Status,
)
from tests.unit.gateway.outbound.wire import Wire


async def send_all(client: PooledClient, url: str, count: int) -> list[WebhookAnswer]:
    """`count` requests at once."""
    return await asyncio.gather(*(client.post(url, HEADERS, str(n).encode()) for n in range(count)))


async def test_connections_are_kept(client: PooledClient, sink: Sink) -> None:
    for _ in range(5):
        await client.post(sink.url(), HEADERS, b"{}")
    assert [request.connection for request in sink.received] == [1] * 5
    assert client.connections == 1


async def test_connections_to_one_origin_are_bounded(client: PooledClient, sink: Sink) -> None:
    held = sink.answer = Held()
    answers = asyncio.gather(*(client.post(sink.url(), HEADERS, b"{}") for _ in range(20)))
    await sink.until(lambda: len(sink.received) == 8)
    assert client.connections == 8
    held.go.set()
    assert {answer.status for answer in await answers} == {200}
    assert (len(sink.received), sink.connections) == (20, 8)


async def test_all_connections_are_bounded_and_idle_ones_make_room(sink: Sink) -> None:
    client = PooledClient(allow_private_addresses=True, limits=Limits(all_connections=2))
    async with Sink().serving() as other, Sink(Held()).serving() as third:
        await client.post(sink.url(), HEADERS, b"{}")
        await client.post(other.url(), HEADERS, b"{}")
        waiting = asyncio.create_task(client.post(third.url(), HEADERS, b"{}"))
        await third.until(lambda: len(third.received) == 1)
        await sink.until(lambda: sink.open == 0)  # the idle connection there made room
        second = asyncio.create_task(client.post(third.url(), HEADERS, b"{}"))
        await third.until(lambda: len(third.received) == 2)
        refused = await client.post(sink.url(), HEADERS, b"{}")
        assert refused == WebhookAnswer(0, "", "too many requests are under way")
        await client.close()
        assert (await waiting).error == (await second).error == "the client is closed"


async def test_one_answer_fits_twenty_callers(client: PooledClient, sink: Sink) -> None:
    sink.answer = Status(close=True)
    assert {answer.status for answer in await send_all(client, sink.url(), 20)} == {200}
    assert sorted(request.body for request in sink.received) == sorted(str(n).encode() for n in range(20))


async def test_a_connection_given_up_while_idle_is_replaced(client: PooledClient, sink: Sink) -> None:
    sink.answer = GivesUpIdleConnections()
    for body in (b"1", b"2", b"3"):
        assert (await client.post(sink.url(), HEADERS, body)).status == 200
    assert [request.body for request in sink.received] == [b"1", b"2", b"2", b"3", b"3"]


async def test_a_new_connection_that_closes_is_a_failure(client: PooledClient, sink: Sink) -> None:
    sink.answer = ClosesAfterRequest()
    answer = await client.post(sink.url(), HEADERS, b"{}")
    assert (answer.status, answer.error) == (0, "the connection was closed before the answer")
    assert len(sink.received) == 1, "sent again although the first may have been read"


async def test_a_stale_connection_is_replaced_once(client: PooledClient, sink: Sink) -> None:
    await client.post(sink.url(), HEADERS, b"1")
    sink.answer = ClosesAfterRequest()
    assert (await client.post(sink.url(), HEADERS, b"2")).status == 0
    assert [request.body for request in sink.received] == [b"1", b"2", b"2"]


async def test_bytes_that_nobody_asked_for_end_an_idle_connection(client: PooledClient, sink: Sink) -> None:
    class TalksOn:
        async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
            await Status()(request, writer)
            await writer.drain()
            await more.wait()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            return True

    more = asyncio.Event()
    sink.answer = TalksOn()
    await client.post(sink.url(), HEADERS, b"1")
    more.set()
    await sink.until(lambda: sink.open == 0)
    sink.answer = Status(202)
    assert (await client.post(sink.url(), HEADERS, b"2")).status == 202
    assert sink.connections == 2


async def test_a_silent_connection_is_not_taken_for_a_stale_one(impatient: PooledClient, sink: Sink) -> None:
    await impatient.post(sink.url(), HEADERS, b"1")
    sink.answer = Silent()
    assert (await impatient.post(sink.url(), HEADERS, b"2")).error == "no answer within 0.2 s"
    assert [request.body for request in sink.received] == [b"1", b"2"]


async def test_whoever_waits_for_a_connection_has_a_deadline_too(sink: Sink) -> None:
    limits = Limits(connections=1, answer_timeout_s=0.2)
    client = PooledClient(allow_private_addresses=True, limits=limits)
    sink.answer = Silent()
    answers = await send_all(client, sink.url(), 3)
    errors = [answer.error for answer in answers]
    assert errors[0] == "no answer within 0.2 s"
    assert set(errors[1:]) <= {"no answer within 0.2 s", "no connection was free within 0.2 s"}
    await client.close()


async def test_idle_connections_are_closed(sink: Sink) -> None:
    client = PooledClient(allow_private_addresses=True, limits=Limits(idle_timeout_s=0.1))
    await client.post(sink.url(), HEADERS, b"{}")
    await sink.until(lambda: sink.open == 0)
    await client.close()


async def test_deadlines_follow_the_clock_that_is_handed_in(sink: Sink) -> None:
    now = time.monotonic()
    limits = Limits(answer_timeout_s=0.04)  # looked at every 10 ms
    client = PooledClient(allow_private_addresses=True, limits=limits, monotonic=lambda: now)
    sink.answer = Silent()
    first = asyncio.create_task(client.post(sink.url(), HEADERS, b"1"))
    await sink.until(lambda: len(sink.received) == 1)
    async with asyncio.timeout(0.2):  # of real time, in which nothing expires
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(first), 0.1)
    now += 0.05
    assert (await first).error == "no answer within 0.04 s"
    await client.close()


async def test_whoever_waits_is_not_forgotten_when_nobody_listens() -> None:
    client = PooledClient(allow_private_addresses=True, limits=Limits(connections=1))
    with RefusesConnections() as nobody:
        answers = await send_all(client, nobody.url, 4)
    assert {answer.status for answer in answers} == {0}
    assert all((answer.error or "").startswith("no connection to ") for answer in answers)
    await client.close()


class Opener:
    """As much of a client as a pool needs: opens nothing, remembers what was asked."""

    limits = Limits()
    monotonic = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self.asked: list[Exchange] = []

    def connect(self, pool: Pool, exchange: Exchange) -> None:
        self.asked.append(exchange)

    def make_room(self) -> bool:
        return True

    def gone(self) -> None:
        pass

    def follow(self, exchange: Exchange, answer: WebhookAnswer, location: str) -> None:
        exchange.on_answer(answer)


async def test_a_connection_that_has_just_ended_is_not_used() -> None:
    """Between its end and the loop's word of it there is a turn in which a request may come."""
    target = target_of("http://a.example/")
    opener = Opener()
    pool = Pool(opener, target.origin)
    answers: list[WebhookAnswer] = []
    first, second = (Exchange(target, "", b"{}", answers.append) for _ in range(2))
    pool.send(first)
    wire = Wire()
    connection = Connection(pool)
    connection.connection_made(wire)
    pool.connected(connection, first)
    connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    connection.data_received(b"what nobody asked for")
    written = wire.written
    pool.send(second)
    assert wire.written == written
    assert opener.asked == [first, second]
    connection.connection_lost(None)
    assert len(answers) == 1
    assert pool.count == 1
