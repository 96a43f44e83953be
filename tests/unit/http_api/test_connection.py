"""Connections that are slow, many, silent, or no HTTP at all."""

from __future__ import annotations

import asyncio
import socket

import pytest

from http_api.counters import Cut
from http_api.exchange import Request, Response, Route
from http_api.settings import HttpSettings
from tests.unit.http_api.memory import until
from tests.unit.http_api.test_server import REFUSE, StartServer, post, speak, start_server

__all__ = ["start_server"]


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),  # TLS to a port that speaks none
        b"nonsense\r\n\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        b"GET /echo HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /echo HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /echo HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /echo HTTP/1.1\r\n\r\n",  # no Host
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
    ids=lambda data: repr(data[:40]),
)
async def test_what_is_no_http_gets_a_short_plain_answer(start_server: StartServer, data: bytes) -> None:
    server = await start_server()
    answer = await speak(server, data)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n")
    assert answer.endswith(b"This is not an HTTP request that can be read.\n")
    assert server.counters.cuts == {Cut.PARSER: 1}


@pytest.mark.parametrize(
    "data",
    [
        b"GET /echo HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 10_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /echo HTTP/1.1\r\nHost: a\r\n" + b"b" * 10_000 + b": c\r\n\r\n",
    ],
    ids=["value", "line", "name"],
)
async def test_10000_bytes_of_header_are_too_many(start_server: StartServer, data: bytes) -> None:
    server = await start_server()
    answer = await speak(server, data)
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert server.counters.cuts == {Cut.PARSER: 1}


async def test_too_many_headers(start_server: StartServer) -> None:
    many = b"".join(b"X-%d: a\r\n" % number for number in range(200))
    answer = await speak(await start_server(), b"GET /echo HTTP/1.1\r\nHost: a\r\n" + many + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_headers_that_never_end_are_cut(start_server: StartServer) -> None:
    server = await start_server(settings=HttpSettings(header_read_timeout_s=0.05))
    answer = await speak(server, b"GET /echo HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert server.counters.cuts == {Cut.SLOW_HEADER: 1}


async def test_one_byte_at_a_time_does_not_move_the_deadline(start_server: StartServer) -> None:
    server = await start_server(settings=HttpSettings(header_read_timeout_s=0.05))
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /echo HTTP/1.1\r\nX: ")

    def cut_after_another_byte() -> bool:
        writer.write(b"a")
        return bool(server.counters.cuts)

    await until(cut_after_another_byte)
    assert server.counters.cuts == {Cut.SLOW_HEADER: 1}
    writer.close()


async def test_a_request_under_way_and_an_idle_connection_are_not_cut_as_slow(
    start_server: StartServer,
) -> None:
    go_on = asyncio.Event()

    async def slow(_request: Request) -> Response:
        await go_on.wait()
        return Response(200, b"done", "text/plain")

    settings = HttpSettings(header_read_timeout_s=0.02)
    server = await start_server(Route("GET", "/slow", slow, REFUSE), settings=settings)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(post(b"first", close=False))
    await reader.readuntil(b"first")
    writer.write(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    # A third connection that is cut for its slowness shows that the deadline has passed for all.
    assert b" 408 " in await speak(server, b"GET /echo HTTP/1.1\r\n")
    go_on.set()
    await reader.readuntil(b"done")
    assert b" 408 " in await speak(server, b"GET /echo HTTP/1.1\r\n")
    writer.write(post(b"last"))
    assert (await reader.read()).endswith(b"last")
    writer.close()


async def test_a_silent_connection_is_closed_after_the_keep_alive_time(start_server: StartServer) -> None:
    server = await start_server(settings=HttpSettings(keepalive_timeout_s=0.05))
    assert await speak(server) == b""


async def test_more_connections_than_the_limit_are_turned_away(start_server: StartServer) -> None:
    server = await start_server(settings=HttpSettings(max_connections=1))
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(post(b"first", close=False))
    await reader.readuntil(b"first")
    assert (await speak(server)).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert server.counters.cuts == {Cut.TOO_MANY: 1}
    writer.write(post(b"second"))
    assert (await reader.read()).endswith(b"second")
    writer.close()
    await until(lambda: server.counters.connections == 0)
    assert (await speak(server, post(b"third"))).endswith(b"third")


async def test_a_caller_that_does_not_read_is_cut(start_server: StartServer) -> None:
    async def large(_request: Request) -> Response:
        return Response(200, bytes(20_000_000), "text/plain")

    settings = HttpSettings(write_timeout_s=0.05)
    server = await start_server(Route("GET", "/large", large, REFUSE), settings=settings)
    peer = socket.create_connection(("127.0.0.1", server.port))
    peer.setblocking(False)
    peer.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    await until(lambda: server.counters.cuts[Cut.SLOW_READER] == 1)
    peer.close()


async def test_a_caller_that_leaves_before_its_answer_harms_nobody(start_server: StartServer) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        entered.set()
        await go_on.wait()
        return Response(200, b"done", "text/plain")

    server = await start_server(Route("GET", "/slow", slow, REFUSE))
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    await entered.wait()
    writer.transport.abort()
    await until(lambda: server.counters.connections == 0)
    go_on.set()
    await until(lambda: server.counters.cuts[Cut.GONE] == 1)
    assert (await speak(server, post(b"next"))).endswith(b"next")


async def test_more_requests_than_may_queue_are_answered_in_order(start_server: StartServer) -> None:
    """aiohttp stops reading at 32 unanswered requests of a connection, and goes on as they are answered."""
    server = await start_server()
    ahead = [post(b"<%d>" % number * 50, close=False) for number in range(300)]
    answers = await speak(server, b"".join(ahead) + post(b"<last>"))
    bodies = [b"<%d>" % number * 50 for number in range(300)] + [b"<last>"]
    assert [part.partition(b"\r\n\r\n")[2] for part in answers.split(b"HTTP/1.1 200 OK")[1:]] == bodies


async def test_an_upgrade_is_declined_and_the_connection_goes_on(start_server: StartServer) -> None:
    request = b"GET /echo?up HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    answer = await speak(await start_server(), request + post(b"after"))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"after")
