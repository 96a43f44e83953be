"""The load client against a server of a few lines."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.bench.load import Load, answer_length
from gateway.bench.reports import LoadSpec

ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Type: x\r\ncontent-length: 2\r\n\r\n{}"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


class Scripted(asyncio.Protocol):
    """One connection of the server: answers in pieces, one for each turn of the loop."""

    def __init__(self, answer: Callable[[int], list[bytes]], requests: list[bytes]) -> None:
        self._answer = answer
        self._requests = requests
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._requests.append(data)
        self._write(self._answer(len(self._requests)))

    def _write(self, pieces: list[bytes]) -> None:
        assert self._transport is not None
        if not pieces:
            self._transport.close()
            return
        self._transport.write(pieces[0])
        if pieces[1:]:
            asyncio.get_running_loop().call_soon(self._write, pieces[1:])


@asynccontextmanager
async def server(answer: Callable[[int], list[bytes]]) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A port, and the requests taken there; `answer` gives the pieces of each answer, none to hang up."""
    requests: list[bytes] = []
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Scripted(answer, requests), "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1], requests


def spec(port: int, **changes: int | float) -> LoadSpec:
    values = {"first": 0, "messages": 20, "clients": 3} | changes
    return LoadSpec(port=port, pieces=("<", ">"), **values)  # type: ignore[arg-type]


async def test_every_message_is_sent_once_whatever_the_pieces_of_the_answers() -> None:
    async with server(lambda _: [ACCEPTED[:30], ACCEPTED[30:-1], ACCEPTED[-1:]]) as (port, requests):
        result = await Load(spec(port, first=100)).run()
        assert sorted(requests) == [f"<{number:07d}>".encode() for number in range(100, 120)]
        assert (result.accepted, result.refused, sum(result.latencies.values())) == (20, {}, 20)
        assert result.ended_at > result.started_at


async def test_refusals_are_counted_by_status_and_not_timed() -> None:
    async with server(lambda count: [BUSY if count % 2 else ACCEPTED]) as (port, _):
        result = await Load(spec(port)).run()
        assert (result.accepted, result.refused, sum(result.latencies.values())) == (10, {"503": 10}, 10)


async def test_a_connection_that_ends_is_told() -> None:
    async with server(lambda count: [] if count == 5 else [ACCEPTED]) as (port, _):
        result = await Load(spec(port)).run()
        assert (result.accepted, result.refused) == (19, {"lost": 1})


async def test_time_ends_a_load() -> None:
    async with server(lambda _: [ACCEPTED]) as (port, _):
        result = await Load(spec(port, messages=9_000_000, seconds=0.05)).run()
        assert 0 < result.accepted < 9_000_000


async def test_nobody_there_is_an_error() -> None:
    async with server(lambda _: []) as (port, _):
        pass
    with pytest.raises(OSError, match="Connect call failed"):
        await Load(spec(port)).run()


def test_the_length_of_an_answer() -> None:
    assert answer_length(b"HTTP/1.1 202 Acc") is None
    assert answer_length(BUSY + b"more") == len(BUSY)
    assert answer_length(ACCEPTED[:-1]) == len(ACCEPTED)
    with pytest.raises(ValueError, match="without Content-Length"):
        answer_length(b"HTTP/1.1 200 OK\r\n\r\n")
