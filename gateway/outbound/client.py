"""The webhooks' HTTP client: POST over pooled keep-alive connections to checked addresses.

A request costs no task, no timer and no look-up once its origin is known: `send` writes on a free
connection, and the answer is told by a call. Deadlines are looked at once per tick, so they are kept to
within a second.

Redirects: 301, 302, 307 and 308 are followed at most three times, with the same method and body to the
new place, whose address is checked like the first. RFC 9110 (15.4.2, 15.4.3) lets a client turn the POST
into a GET at 301 and 302; an event would lose its body that way and look delivered. 303 asks for a GET
and says nothing about the event: it is not followed, and the answer stands as it is, which is no success.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Sequence
from functools import partial

from gateway.outbound.connection import Connection, Exchange, OnAnswer
from gateway.outbound.errors import OutboundError
from gateway.outbound.pool import Limits, Pool
from gateway.outbound.resolver import Resolver
from gateway.outbound.target import Origin, redirected, target_of
from gateway.ports import WebhookAnswer

MAX_REDIRECTS = 3
_FOLLOWED = frozenset({301, 302, 307, 308})
_CLOSED = "the client is closed"
_MAX_ADDRESSES = 4  # tried one after the other within the time to connect


def lines_of(headers: Sequence[tuple[str, str]]) -> str:
    """Headers as they are written. Raises `ValueError` when one holds a line break: that is the caller's mistake."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    if lines.count("\n") != len(headers) or lines.count("\r") != len(headers):
        raise ValueError("a header must not hold a line break")
    return lines


class PooledClient:
    """A `gateway.ports.WebhookClient`. Make it and use it on one event loop; `close` it at the end.

    `allow_private_addresses` is for development and tests. `tls` replaces the usual context (the system's
    trusted authorities, names checked).
    """

    def __init__(
        self,
        *,
        allow_private_addresses: bool = False,
        limits: Limits | None = None,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits or Limits()
        self.monotonic = monotonic
        self._resolver = resolver or Resolver(allow_private=allow_private_addresses)
        self._tls = tls
        self._pools: dict[Origin, Pool] = {}
        self._connecting: set[asyncio.Task[Connection | str]] = set()
        self._gone = asyncio.Event()
        self._ticking: asyncio.TimerHandle | None = None
        self._tick_s = min(1.0, self.limits.answer_timeout_s / 4, self.limits.idle_timeout_s / 4)
        self._closed = False

    @property
    def connections(self) -> int:
        """Connections that are open or being opened."""
        return sum(pool.count for pool in self._pools.values())

    async def post(self, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> WebhookAnswer:
        """POST and wait for the answer. A fault of the network or the URL is an answer with status 0."""
        told: asyncio.Future[WebhookAnswer] = asyncio.get_running_loop().create_future()

        def tell(answer: WebhookAnswer) -> None:
            if not told.done():  # whoever waited may have been cancelled
                told.set_result(answer)

        self.send(url, lines_of(headers), body, tell)
        return await told

    def send(self, url: str, lines: str, body: bytes, on_answer: OnAnswer) -> None:
        """POST; `on_answer` is called once with the answer, never from inside this call.

        `lines`: the headers as they are written, each ended by CR LF. `lines_of` makes them of pairs and looks for line
        breaks; who writes them by hand vouches for the values.
        """
        try:
            target = target_of(url)
        except OutboundError as error:
            answer = WebhookAnswer(0, "", str(error))
            asyncio.get_running_loop().call_soon(on_answer, answer)
            return
        self._dispatch(Exchange(target, lines, body, on_answer))

    async def close(self) -> None:
        """Close every connection; what is under way ends with status 0."""
        self._closed = True
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        for task in self._connecting:
            task.cancel()
        for pool in self._pools.values():
            pool.close(_CLOSED)
        while self.connections:
            self._gone.clear()
            await self._gone.wait()
        self._pools.clear()

    # --- for its pools

    def connect(self, pool: Pool, exchange: Exchange) -> None:
        """Open a connection for an exchange."""
        task = asyncio.get_running_loop().create_task(self._connect(pool))
        self._connecting.add(task)
        task.add_done_callback(partial(self._connect_done, pool, exchange))

    def gone(self) -> None:
        """A connection is gone, or was never there."""
        self._gone.set()

    def make_room(self) -> bool:
        """Whether one more connection may be opened; an idle one elsewhere is closed for it if need be."""
        if self.connections < self.limits.all_connections:
            return True
        return any(pool.close_idle() for pool in self._pools.values())

    def follow(self, exchange: Exchange, answer: WebhookAnswer, location: str) -> None:
        """Follow an answer to where it redirects, or tell it where that is not done."""
        if answer.status not in _FOLLOWED:
            exchange.on_answer(answer)
        elif exchange.redirects >= MAX_REDIRECTS:
            answer.error = f"it redirects more than {MAX_REDIRECTS} times"
            exchange.on_answer(answer)
        else:
            self._follow(exchange, answer, location)

    # --- inside

    def _dispatch(self, exchange: Exchange) -> None:
        if self._closed:
            asyncio.get_running_loop().call_soon(exchange.fail, _CLOSED)
            return
        origin = exchange.target.origin
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = Pool(self, origin)
            if self._ticking is None:
                self._ticking = asyncio.get_running_loop().call_later(self._tick_s, self._tick)
        pool.send(exchange)

    def _follow(self, exchange: Exchange, answer: WebhookAnswer, location: str) -> None:
        try:
            target = redirected(exchange.target, location)
        except OutboundError as error:
            answer.error = str(error)
            exchange.on_answer(answer)
            return
        again = Exchange(target, exchange.lines, exchange.body, exchange.on_answer, exchange.redirects + 1)
        self._dispatch(again)

    async def _connect(self, pool: Pool) -> Connection | str:
        """A new connection, or why there is none."""
        try:
            async with asyncio.timeout(self.limits.connect_timeout_s):
                return await self._open(pool)
        except TimeoutError:
            return f"no connection to {pool.origin} within {self.limits.connect_timeout_s:g} s"
        except ssl.SSLCertVerificationError as error:
            return f"the certificate of {pool.origin} is not valid: {error.verify_message}"
        except OSError as error:
            return f"no connection to {pool.origin}: {error.strerror or error}"
        except OutboundError as error:
            return str(error)

    def _connect_done(self, pool: Pool, exchange: Exchange, task: asyncio.Task[Connection | str]) -> None:
        # Here and not at the end of the task: a task that is cancelled before its first step runs nothing.
        self._connecting.discard(task)
        defect = None if task.cancelled() else task.exception()
        outcome: Connection | str
        if task.cancelled():
            outcome = _CLOSED
        elif defect is not None:
            asyncio.get_running_loop().call_exception_handler({"message": "connect", "exception": defect})
            outcome = "an error inside the gateway; its log tells more"
        else:
            outcome = task.result()
        if isinstance(outcome, str):
            pool.unreachable(exchange, outcome)
        elif self._closed:
            outcome.close(_CLOSED)
            pool.unreachable(exchange, _CLOSED)
        elif not outcome.open:
            pool.unreachable(exchange, f"{pool.origin} closed the connection at once")
        else:
            pool.connected(outcome, exchange)

    async def _open(self, pool: Pool) -> Connection:
        """Connect to the first address that answers."""
        origin = pool.origin
        addresses = (await self._resolver.addresses(origin.host))[:_MAX_ADDRESSES]
        for last, address in enumerate(addresses, start=1 - len(addresses)):
            try:
                async with asyncio.timeout(
                    None if last == 0 else self.limits.connect_timeout_s / len(addresses)
                ):
                    return await self._open_to(pool, address)
            except OSError:  # TimeoutError is one
                if last == 0:
                    raise
        raise AssertionError("the resolver gives at least one address")

    async def _open_to(self, pool: Pool, address: str) -> Connection:
        loop = asyncio.get_running_loop()
        origin = pool.origin
        if origin.scheme == "http":
            _, plain = await loop.create_connection(lambda: Connection(pool), address, origin.port)
            return plain
        _, secured = await loop.create_connection(
            lambda: Connection(pool),
            address,
            origin.port,
            ssl=self._context(),
            server_hostname=origin.host,
            ssl_handshake_timeout=self.limits.connect_timeout_s,
        )
        return secured

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def _tick(self) -> None:
        """Look at every deadline, and forget origins that nobody talks to."""
        now = self.monotonic()
        for pool in tuple(self._pools.values()):
            pool.expire(now)
            if pool.empty:
                del self._pools[pool.origin]
        self._ticking = None
        if self._pools:
            self._ticking = asyncio.get_running_loop().call_later(self._tick_s, self._tick)
