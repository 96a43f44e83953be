"""Callers that send no more and still read."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from http_api.counters import Cut
from http_api.exchange import Request, Response, Route
from http_api.server import HttpServer
from http_api.settings import HttpSettings
from tests.certificates import make_certificate
from tests.unit.http_api.memory import until
from tests.unit.http_api.test_server import REFUSE, StartServer, post, speak, start_server, with_large_answers

__all__ = ["start_server"]

HEAD = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n"


class Slow:
    """A route whose handler goes on when it is told."""

    def __init__(self) -> None:
        self.entered, self.go_on = asyncio.Event(), asyncio.Event()
        self.cancelled = False

    async def handle(self, _request: Request) -> Response:
        """Wait, then answer."""
        self.entered.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return Response(200, b"done", "text/plain")

    def route(self) -> Route:
        """GET /slow."""
        return Route("GET", "/slow", self.handle, REFUSE)


GET_SLOW = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"


async def half_closed(server: HttpServer, data: bytes) -> bytes:
    """Send bytes, and then no more; what comes until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(data)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.close()


def bodies(answers: bytes) -> list[bytes]:
    """Of many answers."""
    return [part.partition(b"\r\n\r\n")[2] for part in answers.split(b"HTTP/1.1 200 OK")[1:]]


async def test_what_was_asked_before_is_answered_and_then_it_is_closed(start_server: StartServer) -> None:
    slow = Slow()
    server = await start_server(slow.route())
    asking = asyncio.create_task(half_closed(server, GET_SLOW))
    await slow.entered.wait()
    slow.go_on.set()
    answer = await asking
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close\r\n" in answer
    assert answer.endswith(b"\r\n\r\ndone")
    await until(lambda: server.counters.connections == 0)
    assert not server.counters.cuts


async def test_all_that_was_asked_at_once_is_answered_in_its_order(start_server: StartServer) -> None:
    """More than may wait, so that its end is read when some are answered."""
    server = await start_server()
    sent = [b"<%d>" % number * 50 for number in range(100)]
    answers = await half_closed(server, b"".join(post(body, close=False) for body in sent))
    assert bodies(answers) == sent
    await until(lambda: server.counters.connections == 0)


@pytest.mark.parametrize(
    "rest",
    [HEAD, HEAD + b"half", HEAD[:40], b"P"],
    ids=["no body", "half a body", "half a head", "one letter"],
)
async def test_what_was_not_finished_is_no_request(start_server: StartServer, rest: bytes) -> None:
    """Alone it is closed without an answer; behind whole requests, these are answered."""
    slow = Slow()
    server = await start_server(slow.route())
    assert await half_closed(server, rest) == b""
    asking = asyncio.create_task(half_closed(server, GET_SLOW + post(b"second", close=False) + rest))
    await slow.entered.wait()
    slow.go_on.set()
    assert bodies(await asking) == [b"done", b"second"]
    await until(lambda: server.counters.connections == 0)
    assert server.counters.answers == {("/slow", 200): 1, ("/echo", 200): 1}
    assert server.counters.cuts == ({Cut.GONE: 2} if rest.startswith(HEAD) else {})


async def test_a_body_that_is_waited_for_will_not_come(start_server: StartServer) -> None:
    server = await start_server()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(HEAD + b"half")
    await until(lambda: any(connection.busy for connection in server.connections))
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    assert server.counters.cuts == {Cut.GONE: 1}
    assert not server.counters.answers


async def test_bytes_that_are_no_request_get_their_answer_too(start_server: StartServer) -> None:
    """And at once: nothing more can come that would make it a reset."""
    server = await start_server()
    answers = await half_closed(server, post(b"first", close=False) + b"nonsense\r\n\r\n")
    assert bodies(answers)[0].startswith(b"first")
    assert answers.endswith(b"This is not an HTTP request that can be read.\n")
    assert b"Connection: close" not in answers[: answers.index(b"first")]
    await until(lambda: server.counters.connections == 0)


async def test_an_idle_connection_is_closed_at_once(start_server: StartServer) -> None:
    server = await start_server()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(post(b"first", close=False))
    await reader.readuntil(b"first")
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    assert await half_closed(server, b"") == b""
    await until(lambda: server.counters.connections == 0)


async def test_a_caller_that_has_closed_altogether_harms_nobody(start_server: StartServer) -> None:
    """It looks like one that waits. Its answer is written, and the connection ends."""
    slow = Slow()
    server = await start_server(slow.route())
    peer = socket.create_connection(("127.0.0.1", server.port))
    peer.send(GET_SLOW)
    await slow.entered.wait()
    peer.close()
    slow.go_on.set()
    await until(lambda: server.counters.connections == 0)
    assert (await speak(server, post(b"next"))).endswith(b"next")


async def test_a_drain_answers_it(start_server: StartServer) -> None:
    slow = Slow()
    server = await start_server(slow.route())
    asking = asyncio.create_task(half_closed(server, GET_SLOW))
    await slow.entered.wait()
    stopping = asyncio.create_task(server.stop(20.0))
    await until(lambda: server.draining)
    slow.go_on.set()
    assert (await asking).endswith(b"done")
    await stopping


async def test_a_handler_that_hangs_holds_it_no_longer_than_the_drain(start_server: StartServer) -> None:
    slow = Slow()
    server = await start_server(slow.route())
    asking = asyncio.create_task(half_closed(server, GET_SLOW))
    await slow.entered.wait()
    await server.stop(0.05)
    assert await asking == b""
    await until(lambda: slow.cancelled and not server.connections)
    assert server.counters.connections == 0


async def test_one_that_does_not_read_its_answer_is_cut(start_server: StartServer) -> None:
    server = await with_large_answers(start_server)
    peer = socket.create_connection(("127.0.0.1", server.port))
    peer.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    peer.shutdown(socket.SHUT_WR)
    await until(lambda: server.counters.cuts[Cut.SLOW_READER] == 1)
    await until(lambda: server.counters.connections == 0)
    peer.close()


async def test_under_tls_the_caller_has_left(start_server: StartServer, tmp_path: Path) -> None:
    """Its close_notify ends both ways, as before TLS 1.3 it had to."""
    make_certificate(tmp_path)
    settings = HttpSettings(tls_cert_file=str(tmp_path / "cert.pem"), tls_key_file=str(tmp_path / "key.pem"))
    slow = Slow()
    server = await start_server(slow.route(), settings=settings, tls=settings.tls_context())
    trust = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    _, writer = await asyncio.open_connection(
        "127.0.0.1", server.port, ssl=trust, server_hostname="localhost"
    )
    writer.write(GET_SLOW)
    await slow.entered.wait()
    writer.close()
    await until(lambda: server.counters.connections == 0)
    slow.go_on.set()
    await until(lambda: server.counters.cuts[Cut.GONE] == 1)
