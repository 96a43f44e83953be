"""One HTTP/1.1 connection: its requests are answered in their order, within its deadlines, each in one write.

Measured (`python -m tests.load.bench_http`: CPU of the server per request, 32 keep-alive connections, no work done):
`web.Server` of aiohttp 32 us, the same with answers written in one call 30, this 18, of which 9 are the send(2).

What is taken for a request says `http_api.reading`. A peer that sends no more is answered while it reads on.
"""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Final, Protocol, cast

import structlog

from http_api.counters import Cut, HttpCounters
from http_api.exchange import Response
from http_api.incoming import BrokenBodyError, Incoming
from http_api.reading import RequestReader
from http_api.settings import HttpSettings

log = structlog.get_logger(__name__)

SERVER: Final = "trunkline"
_DROP_S: Final = 10.0  #: how long the rest of a refused body is read and dropped

_REFUSED_S: Final = 2.0  #: how long a peer that was refused may take to close

_PHRASES: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Owner(Protocol):
    """The listener of a connection."""

    settings: HttpSettings
    counters: HttpCounters
    connections: set[Connection]
    draining: bool

    async def answer(self, connection: Connection, incoming: Incoming) -> tuple[Response, str]:
        """The answer of a request, with the finished header lines that echo it (each with its CR LF)."""
        ...

    def recover(self, incoming: Incoming) -> tuple[Response, str]:
        """The answer of a request whose handler failed in a way that nobody foresaw."""
        ...


def plain(status: HTTPStatus, text: str) -> bytes:
    """A short answer for a peer that has no request to answer; the connection is closed after it."""
    body = f"{text}\n".encode()
    always = _always(status.value, "text/plain; charset=utf-8", int(time.time()))
    return f"{always}Content-Length: {len(body)}\r\n{_CLOSED}\r\n".encode() + body


@lru_cache(maxsize=64)
def _always(status: int, content_type: str, second: int) -> str:
    """The lines that are the same for all answers of a kind within a second."""
    date = formatdate(second, usegmt=True)
    return (
        f"HTTP/1.1 {_PHRASES[status]}\r\nContent-Type: {content_type}\r\nDate: {date}\r\nServer: {SERVER}\r\n"
    )


_CLOSED: Final = "Connection: close\r\n"
_KEPT_1_0: Final = "Connection: keep-alive\r\n"


class Connection(asyncio.Protocol):
    """One connection, with one task that answers its requests in their order.

    It owns no timer: its listener looks at `waiting_since` (loop time; a head is on its way since then) and
    `idle_since` (monotonic; nothing was asked since then) of all connections now and then.
    """

    __slots__ = (
        "_ended",
        "_loop",
        "_owner",
        "_paused",
        "_reader",
        "_rest",
        "_task",
        "_waiter",
        "_writable",
        "busy",
        "idle_since",
        "remote",
        "transport",
    )

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> None:
        self._owner = owner
        self._loop = loop
        self._reader = RequestReader(owner.settings.header_limit, loop.time, self._go_on_reading)
        self._waiter: asyncio.Future[None] | None = None  #: of the task, for a request
        self._ended = False  #: the peer has said that it sends no more
        self._rest = b""  #: read and not parsed yet
        self._paused = False
        self._writable: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport | None = None
        self.busy: Incoming | None = None  #: the request whose answer is under way
        self.remote = ""  #: the peer's address
        self.idle_since = time.monotonic()

    @property
    def waiting_since(self) -> float | None:
        """A head is on its way since then, in the loop's time."""
        return self._reader.waiting_since

    # --- from the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self.remote = str(peer[0])
        owner = self._owner
        owner.connections.add(self)
        owner.counters.connections += 1
        if owner.counters.connections > owner.settings.max_connections:
            self.cut(
                Cut.TOO_MANY,
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Too many connections are open. Try again later.",
            )
            return
        self._task = self._loop.create_task(self._serve())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the peer's way to go tells nothing
        self.transport = None
        self._owner.connections.discard(self)
        self._owner.counters.connections -= 1
        self._reader.lose()
        self._wake()
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
            self._rest = b""
        self._parse(data)

    def eof_received(self) -> bool:
        """The peer sends no more, and may still wait for what it has asked (a half-close: RFC 9293, 3.6): that is
        answered, in its order, and then the task closes. What it has not finished is no request (RFC 9112, 8). Under
        TLS, as asyncio has it, one side does not close alone.

        A peer that has closed altogether looks the same until something is written to it.
        """
        if self.transport is None or self._task is None or not self.transport.can_write_eof():
            return False
        self._ended = True
        if self._reader.end():
            self.gone()
        self._wake()
        return True

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # --- reading

    def _parse(self, data: bytes) -> None:
        """Parse what was read, and wake the task when there is something for it."""
        reader = self._reader
        rest = reader.feed(data)
        if rest is not None:
            self._rest = rest
            self._pause()
        if self._waiter is not None and (reader.queue or reader.broken is not None):
            self._wake()

    def _pause(self) -> None:
        if not self._paused and self.transport is not None:
            self._paused = True
            self.transport.pause_reading()

    def _go_on_reading(self) -> None:
        """There is room again: parse what was left, and read on."""
        if not self._paused:
            return
        self._paused = False
        data, self._rest = self._rest, b""
        if data:
            self._parse(data)
        if not self._paused and self.transport is not None:
            self.transport.resume_reading()

    # --- answering

    async def _serve(self) -> None:
        """Request after request, until one side has had enough: the top of the connection's task."""
        try:
            while (incoming := await self._next()) is not None:
                self.busy = incoming
                try:
                    response, echo = await self._owner.answer(self, incoming)
                    fit = True
                except ConnectionResetError:
                    self.gone()  # it left while its body was read: nobody gets an answer
                    return
                except Exception as error:
                    path = incoming.target.partition("?")[0]
                    log.error("http.failed", method=incoming.method, path=path[:200], exc_info=error)
                    response, echo = self._owner.recover(incoming)
                    fit = False
                # An answer before the end of the body: the rest is not worth the connection.
                ends = self._owner.draining or self._is_last()
                stays = fit and incoming.complete and incoming.keep_alive and not ends
                self._write(incoming, response, echo, stays)
                incoming.asked_at = None
                if self._writable is not None:
                    await self._flushed(self._writable)
                self.idle_since = time.monotonic()
                self.busy = None
                if not stays:
                    await self._drop_rest(incoming)
                    return
            if self._reader.broken is not None:
                await self._refuse(*self._reader.broken)
        finally:
            self.busy = None
            self.close()

    async def _next(self) -> Incoming | None:
        """The next request; None when there will be none."""
        while not self._reader.queue:
            if self.transport is None or self._reader.broken is not None or self._ended:
                return None
            self._waiter = self._loop.create_future()
            await self._waiter
            self._waiter = None
        incoming = self._reader.queue.popleft()
        if self._paused:
            self._go_on_reading()
        return incoming

    def _is_last(self) -> bool:
        """Whether nothing is left to be answered, and nothing can follow."""
        return self._ended and not self._reader.queue and self._reader.broken is None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _write(self, incoming: Incoming, response: Response, echo: str, stays: bool) -> None:
        transport = self.transport
        if transport is None or transport.is_closing():
            if self.busy is not None:  # not of one that `give_up` has answered
                self.gone()
            return
        lines = _KEPT_1_0 if incoming.minor == 0 else ""
        if not stays:
            lines = _CLOSED
        if response.headers:
            lines += "".join([f"{name}: {value}\r\n" for name, value in response.headers])
        body = response.body
        always = _always(response.status, response.content_type, int(time.time()))
        head = f"{always}{echo}{lines}Content-Length: {len(body)}\r\n\r\n".encode("latin-1")
        # The answer to HEAD has the length of the body that it leaves out (RFC 9110, 9.3.2).
        transport.write(head if incoming.method == "HEAD" else head + body)

    async def _flushed(self, writable: asyncio.Future[None]) -> None:
        """Until the transport takes more, so that nobody piles up answers in our memory."""
        try:
            async with asyncio.timeout(self._owner.settings.write_timeout_s):
                await asyncio.shield(writable)
        except TimeoutError:
            self.cut_unread()

    async def _refuse(self, status: HTTPStatus, text: str) -> None:
        """Answer bytes that are no request, and wait for the peer to close: what it still sends would make ours a
        reset, and the answer could be lost (RFC 9112, 9.6)."""
        self._owner.counters.cuts[Cut.PARSER] += 1
        if self.transport is None or self.transport.is_closing():
            return
        self.transport.write(plain(status, text))
        if self.transport.can_write_eof():  # not under TLS
            self.transport.write_eof()
            try:
                async with asyncio.timeout(_REFUSED_S):
                    await self._lost()
            except TimeoutError:
                log.debug("http.refused_peer_stays", remote=self.remote)

    async def _lost(self) -> None:
        while self.transport is not None and not self._ended:
            self._waiter = self._loop.create_future()
            await self._waiter

    async def _drop_rest(self, incoming: Incoming) -> None:
        """Read the rest of a body whose answer is out: closed at once, the answer could be lost (RFC 9112, 9.6)."""
        if incoming.complete or self.transport is None:
            return
        try:
            async with asyncio.timeout(_DROP_S):
                await incoming.drop()
        except (TimeoutError, BrokenBodyError, ConnectionResetError) as end:
            log.debug("http.rest_dropped", end=repr(end))

    # --- ends

    def cut(self, cut: Cut, status: HTTPStatus, text: str) -> None:
        """End the connection with a short plain answer."""
        self._owner.counters.cuts[cut] += 1
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(plain(status, text))
        self.close()

    def give_up(self, response: Response, echo: str) -> None:
        """Answer the request that is under way, and end the connection with that. Its handler goes on to its end, as it
        does when a caller leaves; what waits behind it is not begun."""
        incoming, self.busy = self.busy, None
        self._reader.queue.clear()
        if incoming is not None:
            self._write(incoming, response, echo, stays=False)
        self.close()

    @property
    def is_unread(self) -> bool:
        """Something that was written is still with us: its peer does not read."""
        return self.transport is not None and self.transport.get_write_buffer_size() > 0

    def cut_unread(self) -> None:
        """End it without what its peer has left unread for too long."""
        self._owner.counters.cuts[Cut.SLOW_READER] += 1
        if self.transport is not None:
            self.transport.abort()

    def gone(self) -> None:
        """The caller has left before its answer."""
        self._owner.counters.cuts[Cut.GONE] += 1

    def close(self) -> None:
        """No more requests; what was written is sent."""
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """End it now, with what it carries."""
        if self.transport is not None:
            self.transport.abort()
        if self._task is not None:
            self._task.cancel()
