"""Requests that are answered before their handlers end, for the store hangs."""

from __future__ import annotations

import asyncio
import time

from http_api.errors import outcome_unknown
from http_api.exchange import Request, Response, Route
from http_api.server import GIVEN_UP_AFTER_S, HttpServer
from http_api.settings import HttpSettings
from tests.unit.http_api.memory import until
from tests.unit.http_api.test_connection_half_closed import GET_SLOW, HEAD, Slow
from tests.unit.http_api.test_server import REFUSE, StartServer, speak, start_server

__all__ = ["start_server"]


async def test_it_is_answered_and_its_handler_ends_unheard(start_server: StartServer) -> None:
    slow = Slow()
    server = await start_server(slow.route())
    asking = asyncio.create_task(speak(server, GET_SLOW + GET_SLOW))
    await slow.entered.wait()
    slow.entered.clear()
    server.give_up(outcome_unknown())
    assert _busy(server) == 1, "one that has just come is answered soon, or at a later look"
    later(server)
    server.give_up(outcome_unknown())
    answer = await asking
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nConnection: close\r\n" in answer
    assert b"\r\nRetry-After: 10\r\n" in answer
    assert answer.count(b"HTTP/1.1") == 1
    slow.go_on.set()
    await until(lambda: server.counters.answers["/slow", 200] == 1)
    await until(lambda: not server.connections)
    assert not slow.cancelled
    assert not slow.entered.is_set(), "what was sent behind it is not begun"
    assert not server.counters.cuts, "no caller has left"


async def test_who_still_sends_or_asks_nothing_is_let_alone(start_server: StartServer) -> None:
    server = await start_server()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(HEAD)
    await until(lambda: _busy(server) == 1)
    idle_reader, idle_writer = await asyncio.open_connection("127.0.0.1", server.port)
    await until(lambda: server.counters.connections == 2)
    later(server)
    server.give_up(outcome_unknown())
    writer.write(b"nine more")
    assert (await reader.readuntil(b"nine more")).startswith(b"HTTP/1.1 200 OK\r\n")
    idle_writer.write(b"GET /echo?yes HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await idle_reader.readuntil(b"\r\n\r\nyes")).startswith(b"HTTP/1.1 200 OK\r\n")
    for each in (writer, idle_writer):
        each.close()


async def test_one_that_has_its_answer_gets_no_other(start_server: StartServer) -> None:
    """Its caller reads slowly: a second answer would be taken for that to the next request."""
    settings = HttpSettings(write_timeout_s=30)
    server = await start_server(Route("GET", "/big", big, REFUSE), settings=settings)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
    await until(lambda: any(connection.is_unread for connection in server.connections))
    assert _busy(server) == 1
    later(server)
    server.give_up(outcome_unknown())
    writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await reader.read(-1)).count(b"HTTP/1.1 200 OK") == 2
    writer.close()


async def big(_request: Request) -> Response:
    """More than the system keeps for a caller that does not read."""
    return Response(200, b"x" * 16_000_000, "text/plain")


def later(server: HttpServer) -> None:
    """What is under way is so for long enough now."""
    server._now = lambda: time.monotonic() + GIVEN_UP_AFTER_S


def _busy(server: HttpServer) -> int:
    return sum(connection.busy is not None for connection in server.connections)
