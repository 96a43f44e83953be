"""A listener through bare sockets: routes, connections, limits, and the way it stops."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from http_api.exchange import Request, Response, Route
from http_api.problem import ProblemWriter
from http_api.server import HttpServer
from http_api.settings import HttpSettings
from tests.certificates import make_certificate

REFUSE = ProblemWriter("https://errors.example/").fault

StartServer = Callable[..., Awaitable[HttpServer]]


async def an_echo(
    stack: AsyncExitStack,
    *more: Route,
    settings: HttpSettings | None = None,
    tls: ssl.SSLContext | None = None,
) -> HttpServer:
    """A listener with a route that echoes, until the stack ends."""

    async def echo(request: Request) -> Response:
        return Response(200, request.body or request.query.encode(), "text/plain")

    routes = [
        Route("POST", "/echo", echo, REFUSE, max_body_bytes=1000, media_types=("text/plain",)),
        Route("GET", "/echo", echo, REFUSE),
        Route("GET", "/things/{id}", echo, REFUSE),
        *more,
    ]
    server = HttpServer("127.0.0.1:0", routes, REFUSE, settings or HttpSettings(), tls)
    await server.start()
    stack.push_async_callback(server.stop, 0.05)
    return server


@pytest.fixture
async def start_server() -> AsyncIterator[StartServer]:
    """Starts listeners with a route that echoes and what else a test needs."""
    async with AsyncExitStack() as stack:
        yield partial(an_echo, stack)


async def with_large_answers(start_server: StartServer) -> HttpServer:
    """At /large more than any buffer takes, for who does not read it: he has a moment."""

    async def large(_request: Request) -> Response:
        return Response(200, bytes(20_000_000), "text/plain")

    settings = HttpSettings(write_timeout_s=0.05)
    return await start_server(Route("GET", "/large", large, REFUSE), settings=settings)


async def speak(server: HttpServer, *data: bytes) -> bytes:
    """Send bytes and read until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for each in data:
        writer.write(each)
        await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


def post(body: bytes, *lines: str, close: bool = True) -> bytes:
    """A POST to /echo."""
    head = [
        "POST /echo HTTP/1.1",
        "Host: x",
        "Content-Type: text/plain",
        f"Content-Length: {len(body)}",
        *lines,
    ]
    if close:
        head.append("Connection: close")
    return "\r\n".join([*head, "", ""]).encode() + body


async def test_an_answer_is_whole_http(start_server: StartServer) -> None:
    answer = await speak(await start_server(), post(b"hello"))
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert status == "HTTP/1.1 200 OK"
    assert body == b"hello"
    assert headers["Content-Length"] == "5"
    assert headers["Server"] == "trunkline"
    assert headers["Connection"] == "close"
    assert headers["X-Request-Id"].startswith("req_")
    at = datetime.strptime(headers["Date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)


async def test_requests_follow_each_other_on_a_connection_also_unasked(start_server: StartServer) -> None:
    server = await start_server()
    answer = await speak(server, post(b"one", close=False) + post(b"two", close=False) + post(b"three"))
    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.index(b"one") < answer.index(b"two") < answer.index(b"three")
    assert answer.count(b"Connection: close") == 1
    assert server.counters.answers == {("/echo", 200): 3}


async def test_http_1_0_is_closed_unless_it_asks_to_stay(start_server: StartServer) -> None:
    server = await start_server()
    assert b"Connection: close" in await speak(server, b"GET /echo?x HTTP/1.0\r\n\r\n")
    kept = await speak(
        server, b"GET /echo?x HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /echo HTTP/1.0\r\n\r\n"
    )
    assert kept.count(b"HTTP/1.1 200") == 2
    assert b"Connection: keep-alive" in kept


async def test_head_is_get_without_its_body(start_server: StartServer) -> None:
    answer = await speak(
        await start_server(), b"HEAD /echo?abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert b"Content-Length: 3\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


async def test_the_absolute_form_finds_the_same_route(start_server: StartServer) -> None:
    request = b"GET http://x.example/things/7?a=b HTTP/1.1\r\nHost: x.example\r\nConnection: close\r\n\r\n"
    assert (await speak(await start_server(), request)).endswith(b"a=b")


@pytest.mark.parametrize(
    "path", ["/", "/echo/", "//echo", "/things/", "/things/1/2", "/ECHO", "*", "/%65cho"]
)
async def test_paths_that_are_none(start_server: StartServer, path: str) -> None:
    method = "OPTIONS" if path == "*" else "GET"
    request = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = await speak(await start_server(), request.encode())
    assert answer.startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/echo/", True),
        ("/things/1/", True),
        ("/echo//", True),
        ("/", False),
        ("/ech/", False),
        ("/things", False),
    ],
)
async def test_a_slash_too_many_is_told(start_server: StartServer, path: str, hint: bool) -> None:
    answer = await speak(
        await start_server(), f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert (b"There is nothing at this path: leave out the slash at its end." in answer) is hint


async def test_a_path_is_quoted_in_its_answer(start_server: StartServer) -> None:
    request = b'GET /a"b<c>%00?q HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    answer = await speak(await start_server(), request)
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b'"instance":"/a%22b%3Cc%3E%00"' in answer


async def test_405_names_what_is_possible(start_server: StartServer) -> None:
    answer = await speak(
        await start_server(), b"DELETE /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert b"Allow: GET, HEAD, POST\r\n" in answer


async def test_a_fault_before_the_body_was_read_keeps_the_next_request_apart(
    start_server: StartServer,
) -> None:
    """The body of a refused request is never taken for a request."""
    smuggled = b"GET /echo?smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    request = b"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(smuggled)
    tail = b"GET /echo?honest HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = await speak(await start_server(), request + smuggled + tail)
    assert b"smuggled" not in answer
    assert answer.endswith(b"honest")


async def test_running_requests_are_answered_when_it_stops(start_server: StartServer) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        entered.set()
        await go_on.wait()
        return Response(200, b"done", "text/plain")

    server = await start_server(Route("GET", "/slow", slow, REFUSE))
    port = server.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    idle, idle_writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    await entered.wait()
    stopping = asyncio.create_task(server.stop(10.0))
    assert await idle.read() == b"", "an idle connection is closed meanwhile"
    with pytest.raises(OSError, match=r"refused|Connect"):
        await asyncio.open_connection("127.0.0.1", port)
    go_on.set()
    answer = await reader.read()
    await stopping
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"Connection: close" in answer
    writer.close()
    idle_writer.close()


async def test_a_request_on_its_way_is_answered_when_it_stops(start_server: StartServer) -> None:
    """The connection was answered just now; the next request leaves the caller when the stop has begun."""
    server = await start_server()
    port = server.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = b"GET /echo?%b HTTP/1.1\r\nHost: x\r\n\r\n"
    writer.write(request % b"before")
    assert (await reader.readuntil(b"before")).startswith(b"HTTP/1.1 200 ")
    stopping = asyncio.create_task(server.stop(10.0))
    await asyncio.sleep(0)  # the stop begins
    with pytest.raises(OSError, match=r"refused|Connect"):
        await asyncio.open_connection("127.0.0.1", port)
    writer.write(request % b"after")
    answer = await reader.read()
    await stopping
    assert b"Connection: close" in answer
    assert answer.endswith(b"after")
    writer.close()


async def test_a_request_that_does_not_end_does_not_hold_up_the_stop(start_server: StartServer) -> None:
    entered = asyncio.Event()

    async def never(_request: Request) -> Response:
        entered.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    server = await start_server(Route("GET", "/never", never, REFUSE))
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
    await entered.wait()
    await server.stop(0.05)
    assert await reader.read() == b""
    writer.close()


async def test_answer_times_fall_into_buckets(start_server: StartServer) -> None:
    server = await start_server()
    await speak(server, post(b"x"))
    assert sum(server.counters.times["/echo"].buckets) == 1
    assert server.counters.times["/echo"].total_s > 0


async def test_tls_when_there_is_a_certificate(start_server: StartServer, tmp_path: Path) -> None:
    make_certificate(tmp_path)
    settings = HttpSettings(tls_cert_file=str(tmp_path / "cert.pem"), tls_key_file=str(tmp_path / "key.pem"))
    server = await start_server(settings=settings, tls=settings.tls_context())
    trust = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", server.port, ssl=trust, server_hostname="localhost"
    )
    writer.write(post(b"hello"))
    assert (await reader.read()).endswith(b"hello")
    writer.close()


async def test_an_address_in_use_is_an_error(start_server: StartServer) -> None:
    server = await start_server()
    second = HttpServer(f"127.0.0.1:{server.port}", [], REFUSE, HttpSettings())
    with pytest.raises(OSError, match="in use"):
        await second.start()
    await second.stop(0.1)
