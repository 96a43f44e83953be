"""Bodies through bare sockets: too large, too slow, in chunks, broken off, and asked for first."""

from __future__ import annotations

import asyncio

import pytest

from http_api.body import check_media_type
from http_api.counters import Cut
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request, Response, Route
from http_api.settings import HttpSettings
from tests.unit.http_api.memory import until
from tests.unit.http_api.test_server import REFUSE, StartServer, post, speak, start_server

__all__ = ["start_server"]

HEAD = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"


async def test_a_body_at_the_limit_is_taken_and_one_beyond_it_is_not(start_server: StartServer) -> None:
    server = await start_server()
    assert (await speak(server, post(b"a" * 1000))).startswith(b"HTTP/1.1 200 ")
    answer = await speak(server, post(b"a" * 1001))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"REQUEST_TOO_LARGE" in answer


async def test_a_large_body_is_drained_so_that_its_answer_is_not_lost(start_server: StartServer) -> None:
    """A client that sends all before it reads would else meet a reset connection, and no answer."""
    answer = await speak(await start_server(), post(bytes(8_000_000), close=False))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close\r\n" in answer


async def test_chunks_are_joined_and_counted(start_server: StartServer) -> None:
    server = await start_server()
    head = HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert (await speak(server, head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n")).endswith(b"abcde")
    chunk = b"200\r\n" + bytes(512) + b"\r\n"
    assert (await speak(server, head + chunk * 3 + b"0\r\n\r\n")).startswith(b"HTTP/1.1 413 ")
    assert (await speak(server, head, chunk, chunk, chunk, b"0\r\n\r\n")).startswith(b"HTTP/1.1 413 ")


async def test_a_body_in_pieces_is_waited_for(start_server: StartServer) -> None:
    server = await start_server()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(HEAD + b"Connection: close\r\nContent-Length: 6\r\n\r\nabc")
    await writer.drain()
    await speak(server, post(b"another connection is served meanwhile"))
    writer.write(b"def")
    assert (await reader.read()).endswith(b"abcdef")
    writer.close()


async def test_a_body_that_never_ends_is_answered_408(start_server: StartServer) -> None:
    server = await start_server(settings=HttpSettings(body_read_timeout_s=0.05))
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(HEAD + b"Content-Length: 6\r\n\r\nabc")
    answer = await reader.readuntil(b"}")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"REQUEST_TIMEOUT" in answer
    assert b"Connection: close\r\n" in answer
    assert server.counters.cuts == {Cut.SLOW_BODY: 1}
    writer.close()


async def test_broken_chunks_are_answered_400(start_server: StartServer) -> None:
    answer = await speak(await start_server(), HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\nabc\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_a_caller_that_leaves_in_its_body_is_no_error_of_ours(
    start_server: StartServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server = await start_server()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(HEAD + b"Expect: 100-continue\r\nContent-Length: 6\r\n\r\nabc")
    await reader.readuntil(b"100 Continue\r\n\r\n")
    writer.transport.abort()
    await until(lambda: server.counters.cuts[Cut.GONE] == 1)
    assert (await speak(server, post(b"next"))).endswith(b"next")
    assert "http.failed" not in capsys.readouterr().out
    assert server.counters.answers == {("/echo", 200): 1}


async def test_100_continue_comes_before_the_body_is_sent(start_server: StartServer) -> None:
    server = await start_server()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(HEAD + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"abc")
    assert (await reader.read()).endswith(b"abc")
    writer.close()


async def test_what_is_too_large_is_never_asked_for(start_server: StartServer) -> None:
    server = await start_server()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(HEAD + b"Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_another_expectation_can_not_be_met(start_server: StartServer) -> None:
    server = await start_server()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(HEAD + b"Expect: miracles\r\nContent-Length: 5\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 417 ")
    writer.close()


async def _no_answer(_request: Request) -> Response:
    raise AssertionError("not called here")


JSON_ROUTE = Route("POST", "/x", _no_answer, REFUSE)


@pytest.mark.parametrize(
    "declared",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        'application/json; charset="utf-8"',
    ],
)
def test_media_types_that_are_read(declared: str) -> None:
    check_media_type(Request("POST", "/x", "", {"content-type": declared}, ""), JSON_ROUTE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": ""},
        {"content-type": "text/json"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/jsonx"},
        {"content-type": "application/json", "content-encoding": "br"},
    ],
)
def test_media_types_that_are_not(headers: dict[str, str]) -> None:
    with pytest.raises(RequestFault) as caught:
        check_media_type(Request("POST", "/x", "", headers, ""), JSON_ROUTE)
    assert caught.value.fault is Fault.MEDIA_TYPE
