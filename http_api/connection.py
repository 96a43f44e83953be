"""aiohttp's connection with what it leaves out: deadlines for slow headers, a limit of connections, plain answers to
bytes that are no HTTP; and an answer that is written with one call.

Measured (CPU of the server per request, 32 keep-alive connections, no work done): `web.Application` 39 us, `web.Server`
36, `web.Server` with `Written` 25. aiohttp's own response builds a header multidict and a writer for each answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import http_exceptions, web

from http_api.counters import Cut, HttpCounters
from http_api.exchange import Response
from http_api.settings import HttpSettings

log = structlog.get_logger(__name__)

SERVER: Final = "trunkline"
_PHRASES: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}

Recover = Callable[[web.BaseRequest], "Written"]
"""Makes the answer of a request whose handler failed."""


def plain(status: HTTPStatus, text: str) -> bytes:
    """A short answer for a peer that has no request to answer; the connection is closed after it."""
    body = f"{text}\n".encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nDate: {http_date()}\r\nServer: {SERVER}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def http_date() -> str:
    """The time for a `Date` header."""
    return _date_of(int(time.time()))


@lru_cache(maxsize=1)
def _date_of(second: int) -> str:
    return formatdate(second, usegmt=True)


class Written(web.StreamResponse):
    """A whole answer, written to the connection in one call."""

    def __init__(self, response: Response, echo: str, write_timeout_s: float, *, close: bool) -> None:
        """`echo`: finished header lines, each with its CR LF."""
        # Not aiohttp's own: the header multidict and the reason that it makes for each answer are never read, because
        # `prepare` and `write_eof` are ours.
        self._status = response.status
        self._answer = response
        self._echo = echo
        self._write_timeout_s = write_timeout_s
        self._stays_open = not close
        self._protocol: Connection | None = None

    @property
    def keep_alive(self) -> bool:
        return self._stays_open

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write status, headers and body. Raises `ConnectionResetError` when the caller has left."""
        transport, protocol = request.transport, request.protocol
        assert isinstance(protocol, Connection)
        if transport is None or transport.is_closing():
            protocol.gone()
            raise ConnectionResetError("the caller has left")
        answer = self._answer
        connection = ""
        if not self._stays_open:
            connection = "Connection: close\r\n"
        elif request.version.minor == 0:
            connection = "Connection: keep-alive\r\n"
        extra = "".join([f"{name}: {value}\r\n" for name, value in answer.headers]) if answer.headers else ""
        head = (
            f"HTTP/1.1 {_PHRASES[answer.status]}\r\nContent-Type: {answer.content_type}\r\n"
            f"Content-Length: {len(answer.body)}\r\nDate: {http_date()}\r\nServer: {SERVER}\r\n"
            f"{self._echo}{extra}{connection}\r\n"
        ).encode("latin-1")
        # The answer to HEAD has the length of the body that it leaves out (RFC 9110, 9.3.2).
        transport.write(head if request.method == "HEAD" else head + answer.body)
        if protocol.writing_paused:
            self._protocol = protocol

    async def write_eof(self, data: bytes = b"") -> None:  # noqa: ARG002 - aiohttp's signature
        """Wait for a caller that is slow to read, so that nobody piles up answers in our memory."""
        if self._protocol is not None:
            await self._protocol.flushed(self._write_timeout_s)


class Connection(web.RequestHandler):
    """One connection. Its header deadline is watched by `HttpServer`, once for all connections.

    `waiting_since` (loop time) is set by the first byte of a request and cleared by its whole header; `idle_since`
    (monotonic) is set by an answer.
    """

    __slots__ = (
        "_counted",
        "_counters",
        "_max_connections",
        "_recover",
        "busy",
        "idle_since",
        "remote",
        "waiting_since",
    )

    def __init__(
        self,
        server: web.Server,
        loop: asyncio.AbstractEventLoop,
        settings: HttpSettings,
        counters: HttpCounters,
        recover: Recover,
    ) -> None:
        super().__init__(
            server,
            loop=loop,
            keepalive_timeout=settings.keepalive_timeout_s,
            access_log=None,  # type: ignore[arg-type]  # aiohttp takes None for no log, and says so elsewhere
            max_line_size=settings.header_limit,
            max_field_size=settings.header_limit,
            auto_decompress=False,  # a compressed body is refused: nobody makes 64 KiB into 64 MiB here
        )
        self._counters = counters
        self._counted = False
        self._max_connections = settings.max_connections
        self._recover = recover
        self.busy = False
        self.remote = ""  #: the peer's address
        self.waiting_since: float | None = None
        self.idle_since = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self.remote = str(peer[0])
        self._counters.connections += 1
        self._counted = True
        if self._counters.connections > self._max_connections:
            self.cut(
                Cut.TOO_MANY,
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Too many connections are open. Try again later.",
            )

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._counted:
            self._counters.connections -= 1
            self._counted = False
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.waiting_since is None and not self.busy:
            self.waiting_since = self._loop.time()
        super().data_received(data)

    def resume_reading(self, resume_parser: bool = True) -> None:
        """aiohttp's hook, called for each body that was read: nothing to do where reading was never paused."""
        if self._reading_paused:
            super().resume_reading(resume_parser)

    def cut(self, cut: Cut, status: HTTPStatus, text: str) -> None:
        """End the connection with a short plain answer."""
        self._counters.cuts[cut] += 1
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(plain(status, text))
        self.force_close()

    def gone(self) -> None:
        """The caller has left before its answer."""
        self._counters.cuts[Cut.GONE] += 1

    async def flushed(self, timeout_s: float) -> None:
        """Until the transport takes more. Raises `ConnectionResetError` when the caller does not read in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._drain_helper()
        except TimeoutError:
            self._counters.cuts[Cut.SLOW_READER] += 1
            if self.transport is not None:
                self.transport.abort()
            raise ConnectionResetError("the caller does not read its answer") from None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - aiohttp's signature
    ) -> web.StreamResponse:
        """aiohttp's hook, for what its parser refuses and for what escapes a handler: the top of a request's task."""
        if status == HTTPStatus.BAD_REQUEST:
            self._counters.cuts[Cut.PARSER] += 1
            return Written(_parser_answer(exc), "", 1.0, close=True)
        if isinstance(exc, ConnectionError) and self.transport is None:
            # It left while its body was read. Nobody gets this answer; `prepare` counts it.
            return Written(_parser_answer(None), "", 1.0, close=True)
        log.error("http.failed", method=request.method, path=request.path[:200], exc_info=exc)
        return self._recover(request)


def _parser_answer(exc: BaseException | None) -> Response:
    """The parser's own message quotes what the peer sent, so it is not given back."""
    status, text = HTTPStatus.BAD_REQUEST, "This is not an HTTP request that can be read."
    if isinstance(exc, http_exceptions.LineTooLong):
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        text = "The request line or a header is too long."
    return Response(status.value, f"{text}\n".encode(), "text/plain; charset=utf-8")
