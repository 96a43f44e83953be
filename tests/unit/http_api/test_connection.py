"""Connections that are slow, many, silent, or no HTTP at all."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from http_api.counters import Cut
from http_api.exchange import Request, Response, Route
from http_api.server import HttpServer
from http_api.settings import HttpSettings
from tests.unit.http_api.memory import until
from tests.unit.http_api.test_server import (
    REFUSE,
    StartServer,
    an_echo,
    post,
    speak,
    start_server,
    with_large_answers,
)

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
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",  # RFC 9113, 3.4
        b"GET /echo HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET /echo\r\n\r\n",  # HTTP/0.9
        b"GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /echo HTTP/1.1\r\nHost : a\r\n\r\n",  # RFC 9112, 5.1
        b"GET /echo HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",  # RFC 9112, 5.2
        b"GET /echo HTTP/1.1\nHost: a\n\n",
        b"GET /echo HTTP/1.1\r\n\r\n",  # no Host
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        b"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",  # RFC 9112, 6.1
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
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_head_that_grows_and_grows_is_cut(start_server: StartServer) -> None:
    server = await start_server(settings=HttpSettings(header_limit=1024))
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /echo HTTP/1.1\r\nHost: a\r\nX: ")
    while not server.counters.cuts:
        writer.write(b"a" * 500)
        await asyncio.sleep(0)
    assert (await reader.read()).startswith(b"HTTP/1.1 431 ")
    assert server.counters.cuts == {Cut.PARSER: 1}
    writer.close()


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
    server = await with_large_answers(start_server)
    peer = socket.create_connection(("127.0.0.1", server.port))
    peer.setblocking(False)
    peer.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    await until(lambda: server.counters.cuts[Cut.SLOW_READER] == 1)
    peer.close()


@pytest.mark.parametrize("line", ["Connection: close", "Connection: keep-alive"])
async def test_an_answer_too_small_to_hold_up_the_writer_is_not_kept_for_ever(line: str) -> None:
    """Neither one that waits to be closed nor one that waits for the next request."""

    async def answer(_request: Request) -> Response:
        return Response(200, bytes(60_000), "text/plain")  # what asyncio takes before it says stop: 64 KiB

    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
    routes, limits = [Route("GET", "/answer", answer, REFUSE)], HttpSettings(write_timeout_s=0.05)
    server = HttpServer("127.0.0.1:0", routes, REFUSE, limits, listening=listening)
    await server.start()
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        peer.connect(("127.0.0.1", server.port))
        peer.send(f"GET /answer HTTP/1.1\r\nHost: x\r\n{line}\r\n\r\n".encode())
        await until(lambda: server.counters.cuts == {Cut.SLOW_READER: 1})
        await until(lambda: server.counters.connections == 0)
    await server.stop(0.05)


async def test_a_caller_that_leaves_before_its_answer_harms_nobody(start_server: StartServer) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        entered.set()
        await go_on.wait()
        return Response(200, b"done", "text/plain")

    server = await start_server(Route("GET", "/slow", slow, REFUSE))
    peer = socket.create_connection(("127.0.0.1", server.port))
    peer.send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    await entered.wait()
    peer.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )  # socket(7): close is a reset
    peer.close()
    await until(lambda: server.counters.connections == 0)
    go_on.set()
    await until(lambda: server.counters.cuts[Cut.GONE] == 1)
    assert (await speak(server, post(b"next"))).endswith(b"next")


async def test_more_requests_than_may_queue_are_answered_in_order(start_server: StartServer) -> None:
    """Reading stops at 32 unanswered requests of a connection, and goes on as they are answered."""
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


async def test_an_upgrade_with_a_body_is_declined_too(start_server: StartServer) -> None:
    """Java's HttpClient asks for h2c with its first request."""
    request = post(b"body", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", close=False)
    answer = await speak(await start_server(), request + post(b"after"))
    assert [part.partition(b"\r\n\r\n")[2] for part in answer.split(b"HTTP/1.1 200 OK")[1:]] == [
        b"body",
        b"after",
    ]


async def test_what_follows_broken_bytes_is_not_read(start_server: StartServer) -> None:
    """The requests before them are answered; behind them nobody knows where a request begins."""
    server = await start_server()
    answer = await speak(server, post(b"before", close=False) + b"\x00\r\n" + post(b"after"))
    assert b"before" in answer
    assert b"HTTP/1.1 400 " in answer
    assert b"after" not in answer


async def test_trailers_change_nothing(start_server: StartServer) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"3\r\nabc\r\n0\r\nX-Request-Id: trailing\r\nHost: y\r\n\r\n"
    answer = await speak(await start_server(), head + body + post(b"after"))
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert b"trailing" not in answer


async def test_a_header_that_comes_twice_is_one_list(start_server: StartServer) -> None:
    """RFC 9110, 5.3: a proxy may add its line behind the caller's own, and the last hop is what counts."""
    seen: list[str | None] = []

    async def look(request: Request) -> Response:
        seen.append(request.headers.get("x-forwarded-for"))
        return Response(200, b"")

    server = await start_server(Route("GET", "/look", look, REFUSE))
    head = b"GET /look HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.1\r\nx-forwarded-FOR: 192.0.2.7\r\n"
    await speak(server, head + b"Connection: close\r\n\r\n")
    assert seen == ["10.0.0.1, 192.0.2.7"]


async def test_a_handler_that_breaks_is_answered_500_and_costs_its_connection(
    start_server: StartServer,
) -> None:
    async def broken(_request: Request) -> Response:
        raise LookupError("not foreseen")

    server = await start_server(Route("GET", "/broken", broken, REFUSE))
    with capture_logs() as told:
        answer = await speak(server, b"GET /broken HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"not foreseen" not in answer
    assert b"Connection: close\r\n" in answer
    (line,) = [line for line in told if line["event"] == "http.failed"]
    assert str(line["exc_info"]) == "not foreseen"
    assert server.counters.answers == {("/broken", 500): 1}


STREAM = (
    post(b"one", "X-Request-Id: a", close=False)
    + b"GET /echo?two HTTP/1.1\r\nHost: x\r\n\r\n"
    + b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"2\r\nth\r\n3\r\nree\r\n0\r\n\r\n"
    + b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nlost"
    + post(b"four")
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=st.sets(st.integers(1, len(STREAM) - 1), max_size=12))
def test_how_the_bytes_are_cut_changes_no_answer(cuts: set[int]) -> None:
    async def answers() -> list[bytes]:
        async with AsyncExitStack() as stack:
            server = await an_echo(stack)
            edges = [0, *sorted(cuts), len(STREAM)]
            whole = await speak(server, *[STREAM[a:b] for a, b in itertools.pairwise(edges)])
            return [
                line[:12] + body[-5:]
                for line, _, body in (part.partition(b"\r\n\r\n") for part in whole.split(b"HTTP/1.1 ")[1:])
            ]

    found = asyncio.run(answers())
    assert [each[:3] for each in found] == [b"200", b"200", b"200", b"404", b"200"]
    assert [each[12:] for each in found[:3] + found[4:]] == [b"one", b"two", b"three", b"four"]
