"""An SMSC that calls us: a listener for outbind (SMPP 3.4, 2.2.1 and 4.1.7).

The SMSC connects and says who it is; when that is right we bind as a receiver on its connection, and it delivers what
it has for us. Such a session only receives: parts go by the binds of the pool, which we open ourselves. It ends when
the SMSC unbinds. Plain TCP: a carrier that calls by TLS needs a terminator in front.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from smpp.capture import Capture
from smpp.client import BeforeWrite, Client
from smpp.events import SessionConfig, SessionCounters
from smpp.pdu import AlertNotification, BindPdu, DataSm, DeliverSm, Outbind

MAX_CALLERS = 16
_RETRY_S = 5.0
_UNBIND_S = 5.0


@dataclass(frozen=True, slots=True)
class OutbindConfig:
    """Where to listen, and what the SMSC must say."""

    host: str
    port: int
    system_id: str
    password: str = field(default="", repr=False)
    capture: Capture | None = None


class OutbindReports(Protocol):
    """What the owner of a listener is told, from the event loop."""

    def delivered(self, pdu: DeliverSm | DataSm, client: Client) -> None:
        """A receipt or an inbound message: to be given to `client.acknowledge` when it is durable, once."""

    def alerted(self, pdu: AlertNotification) -> None:
        """A phone is there again."""

    def called(self, peer: str, *, welcome: bool) -> None:
        """Somebody at this address has said outbind."""


class OutbindListener:
    """Listens while it is held. Make it inside a running event loop."""

    def __init__(
        self,
        config: OutbindConfig,
        request: Callable[[], BindPdu],
        session: SessionConfig,
        reports: OutbindReports,
        before_write: BeforeWrite,
        counters: SessionCounters,
    ) -> None:
        self.config = config
        self.request = request
        self.session = session
        self.reports = reports
        self.before_write = before_write
        self.counters = counters
        self.callers: set[Caller] = set()
        self.last_error = ""
        self.welcomed = 0
        self.refused = 0
        self._listener: asyncio.Server | None = None
        self._wanted = True
        self._changed = asyncio.Event()

    # What the owner does.

    async def run(self) -> None:
        """Listen while it is held, until this is cancelled: then whoever has called is unbound first."""
        try:
            while True:
                if self._wanted:
                    await self._serve()
                else:
                    await self._next()
        finally:
            self._stop_listening()
            leaving = list(self.callers)
            for caller in leaving:
                caller.close("stopped")
            for caller in leaving:
                await caller.wait_closed()

    def hold(self, wanted: bool) -> None:
        """Whether to listen. Not any more: whoever has called is unbound, and `open` says so until that is done."""
        self._wanted = wanted
        self._changed.set()
        if not wanted:
            self._stop_listening()
            for caller in list(self.callers):
                caller.leave()

    def abort(self, reason: str) -> None:
        """Drop all at once, and do not listen."""
        self.hold(False)
        for caller in list(self.callers):
            caller.abort(reason)

    @property
    def open(self) -> bool:
        """Whether it listens, or somebody who has called is still there."""
        return self._listener is not None or bool(self.callers)

    @property
    def port(self) -> int:
        """The port that is listened on; 0 while it is not."""
        if self._listener is None:
            return 0
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    @property
    def bound(self) -> int:
        """Sessions that receive at this moment."""
        return sum(caller.session.bound for caller in self.callers)

    @property
    def peers(self) -> list[str]:
        """The addresses that they come from, each once, in order."""
        return sorted({caller.peer for caller in self.callers if caller.session.bound})

    # What callers ask.

    def admit(self, caller: Caller) -> bool:
        """Whether one more is taken."""
        if not self._wanted or len(self.callers) >= MAX_CALLERS:
            return False
        self.callers.add(caller)
        return True

    def forget(self, caller: Caller) -> None:
        """Its connection is closed."""
        self.callers.discard(caller)

    def knows(self, pdu: Outbind, peer: str) -> bool:
        """Whether it is the SMSC that is expected."""
        named = hmac.compare_digest(pdu.system_id.encode(), self.config.system_id.encode())
        proven = hmac.compare_digest(pdu.password.encode(), self.config.password.encode())
        welcome = named and proven
        self.welcomed += welcome
        self.refused += not welcome
        self.reports.called(peer, welcome=welcome)
        return welcome

    # Within.

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        host, port = self.config.host, self.config.port
        try:
            self._listener = await loop.create_server(lambda: Caller(self), host, port, reuse_address=True)
        except OSError as error:  # the process that held this bind before may not be gone yet
            self.last_error = f"can't listen on {host}:{port}: {error.strerror or error}"
            await self._next(_RETRY_S)
            return
        self.last_error = ""
        while self._wanted:
            await self._next()
        self._stop_listening()

    async def _next(self, timeout_s: float | None = None) -> None:
        """Until `hold` is called, or the time is over."""
        self._changed.clear()
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None


class Caller(Client):
    """A connection that an SMSC has made."""

    def __init__(self, listener: OutbindListener) -> None:
        super().__init__(
            _Events(listener.reports), listener.session, listener.before_write, listener.counters
        )
        self.capture = listener.config.capture
        self.peer = ""
        self._listener = listener
        self._bind.add_done_callback(self._answered_bind)

    def leave(self) -> None:
        """Unbind; an SMSC that does not answer is cut off."""
        if self.session.bound:
            self.unbind()
            self._loop.call_later(_UNBIND_S, self.abort, "unbind not answered")
        else:
            self.abort("stopped")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self._listener.admit(self):
            self.abort("too many have called")

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._listener.forget(self)

    def outbound(self, pdu: Outbind) -> None:
        address = self._transport.get_extra_info("peername") if self._transport is not None else None
        self.peer = str(address[0]) if address else ""
        if self._listener.knows(pdu, self.peer):
            self.session.bind(self._listener.request(), self._loop.time())
            self.flush_soon()
        else:
            self.abort("an outbind of somebody else")

    def _answered_bind(self, bound: asyncio.Future[Any]) -> None:
        if not bound.cancelled() and bound.exception() is not None:
            self.abort("bind failed")


class _Events:
    """What a caller tells. It submits nothing, so of parts there is nothing to tell."""

    def __init__(self, reports: OutbindReports) -> None:
        self.delivered = reports.delivered
        self.alerted = reports.alerted

    def connected(self, client: Client) -> None:
        """The SMSC was told apart when it said outbind."""

    def answered(self, tag: Any, status: int, message_id: str) -> None:
        """Of parts."""

    def timed_out(self, tag: Any) -> None:
        """Of parts."""

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        """Of parts."""

    def congested(self, state: int) -> None:
        """Of the answers to parts."""

    def closed(self, reason: str) -> None:
        """The SMSC calls again when it has something."""

    def room(self) -> None:
        """For parts."""
