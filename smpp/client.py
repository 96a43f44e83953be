"""One bind of an ESME over asyncio: connects, binds, and runs the session until the connection ends.

A client lives for one connection; `smpp.bind` makes the next one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from smpp.capture import Capture
from smpp.constants import Tag
from smpp.errors import BindRefusedError, ConnectionLostError
from smpp.esme import EsmeSession
from smpp.events import SessionConfig, SessionCounters
from smpp.link import Link
from smpp.pdu import AlertNotification, BindPdu, BindRespPdu, DataSm, DeliverSm, Outbind, Pdu, tlv_int

# Deliveries that may wait for the owner's acknowledgement before no more is read: what bounds the memory when
# the carrier delivers faster than the store commits.
MAX_UNACKNOWLEDGED = 2000

BeforeWrite = Callable[[list[Any]], None]
"""Called once per write, before it, with the tags of the submit_sm in it: for the owner's flight journal. An OSError
ends the connection, and nothing is written."""


OnReply = Callable[[Pdu | None], None]
"""Called once: with the answer to a question, which may be a generic_nack, or with None when there will be none."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect, and how. `tls` is a client context, None for plain TCP."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    connect_timeout_s: float = 10.0
    tls_server_name: str = ""
    """The name that the carrier's certificate must have; empty: `host`."""
    source_host: str = ""
    """Our own address to connect from; empty: the system's choice."""
    capture: Capture | None = None
    """Where what passes is kept for people to look at."""


class ClientEvents(Protocol):
    """What the owner of a bind is told; see `smpp.events` for those without words here."""

    def connected(self, client: Client) -> None:
        """The bind was accepted. Called before anything that the carrier sent after that."""

    def answered(self, tag: Any, status: int, message_id: str) -> None: ...

    def timed_out(self, tag: Any) -> None: ...

    def delivered(self, pdu: DeliverSm | DataSm, client: Client) -> None:
        """A receipt or an inbound message, to be given to `acknowledge` of this client when it is durable."""

    def lost(self, written: list[Any], unwritten: list[Any]) -> None: ...

    def closed(self, reason: str) -> None: ...

    def congested(self, state: int) -> None:
        """The SMSC told in an answer how full it is, 0 to 100. SMPP 5.0, 4.8.4.18."""

    def alerted(self, pdu: AlertNotification) -> None: ...

    def room(self) -> None:
        """There may be room for requests again; once per piece of received data."""


async def connect(
    endpoint: Endpoint,
    bind: BindPdu,
    config: SessionConfig,
    events: ClientEvents,
    before_write: BeforeWrite,
    counters: SessionCounters | None = None,
) -> Client:
    """A bound client.

    Raises OSError (TimeoutError included) when there is no connection, BindRefusedError with the carrier's
    status, and ConnectionLostError when the connection ends or the timers run out before the bind is
    answered. Then `events` was told nothing, and the socket is closed.
    """
    loop = asyncio.get_running_loop()

    def made() -> Client:
        client = Client(events, config, before_write, counters)
        client.capture = endpoint.capture
        return client

    async with asyncio.timeout(endpoint.connect_timeout_s):
        _, client = await loop.create_connection(
            made,
            endpoint.host,
            endpoint.port,
            ssl=endpoint.tls,
            server_hostname=endpoint.tls_server_name or None,
            local_addr=(endpoint.source_host, 0) if endpoint.source_host else None,
        )
    try:
        await client.bind(bind)
    except BaseException:
        client.abort("bind failed")
        await client.wait_closed()
        raise
    return client


class Client(Link[EsmeSession]):
    """A connection in the ESME's role. Made by `connect`."""

    def __init__(
        self,
        events: ClientEvents,
        config: SessionConfig,
        before_write: BeforeWrite,
        counters: SessionCounters | None = None,
    ) -> None:
        super().__init__()
        self.session = EsmeSession(self, config, self._loop.time(), counters)
        self._events = events
        self._answered = events.answered
        self._before_write = before_write
        self._bind: asyncio.Future[BindRespPdu] = self._loop.create_future()
        self._unacknowledged = 0
        self._reading_paused = False
        self._was_bound = False
        self._room_changed = False

    # What the owner does.

    async def bind(self, pdu: BindPdu) -> BindRespPdu:
        """Bind, and wait for the answer. Raises as `connect` does."""
        if not self.session.closed:
            self.session.bind(pdu, self._loop.time())
            self.flush_soon()
        return await self._bind

    @property
    def window_free(self) -> int:
        """Requests that may be submitted now: none while unbound, or while the socket takes no more."""
        return 0 if self.writing_paused else self.session.window_free

    def submit(self, items: Sequence[tuple[bytes, object]]) -> None:
        """Put submit_sm (body, tag) in line for this turn's write. Raises as `EsmeSession.submit` does."""
        now, submit = self._loop.time(), self.session.submit
        for body, tag in items:
            submit(body, tag, now)
        self.flush_soon()

    def ask(self, pdu: Pdu, on_reply: OnReply) -> None:
        """Put a query_sm, cancel_sm or replace_sm in line. Raises as `EsmeSession.ask` does."""
        self.session.ask(pdu, on_reply, self._loop.time())
        self.flush_soon()

    def acknowledge(self, pdu: DeliverSm | DataSm, status: int) -> bool:
        """Answer a delivery. False when the bind is gone: the carrier will deliver it again."""
        if not self.session.acknowledge(pdu, status, self._loop.time()):
            return False
        self._unacknowledged -= 1
        if self._reading_paused and self._unacknowledged <= MAX_UNACKNOWLEDGED // 2:
            self._reading_paused = False
            if self._transport is not None:
                self._transport.resume_reading()
        self.flush_soon()
        return True

    def unbind(self) -> None:
        """Ask the carrier to end the bind; open requests may still be answered before it does."""
        self.session.unbind(self._loop.time())
        self.flush_soon()

    def close(self, reason: str) -> None:
        """Say unbind and close the connection without waiting for the answer."""
        self.session.unbind(self._loop.time())
        self._flush()
        self.session.connection_lost(reason)
        self._flush()

    def resume_writing(self) -> None:
        self._room_changed = True
        super().resume_writing()

    # What the link calls.

    def before_write(self) -> None:
        self._before_write(self.session.staged())

    def after_input(self) -> None:
        if self._room_changed:
            self._room_changed = False
            self._events.room()

    # What the session calls.

    def bound(self, resp: BindRespPdu) -> None:
        if not self._bind.done():
            self._was_bound = True
            self._bind.set_result(resp)
            self._events.connected(self)

    def bind_refused(self, status: int) -> None:
        if not self._bind.done():
            self._bind.set_exception(BindRefusedError(status))

    def answered(self, tag: Any, status: int, message_id: str, pdu: Pdu) -> None:
        self._room_changed = True
        if pdu.tlvs and (state := tlv_int(pdu, Tag.CONGESTION_STATE)) is not None:
            self._events.congested(state)
        self._answered(tag, status, message_id)

    def timed_out(self, tag: Any) -> None:
        self._events.timed_out(tag)

    def replied(self, tag: Any, pdu: Pdu | None) -> None:
        self._room_changed = True
        tag(pdu)

    def alerted(self, pdu: AlertNotification) -> None:
        self._events.alerted(pdu)

    def outbound(self, pdu: Outbind) -> None:
        """On a connection of our own making there is nothing to ask for: our bind is on its way."""

    def delivered(self, pdu: DeliverSm | DataSm) -> None:
        self._unacknowledged += 1
        if self._unacknowledged == MAX_UNACKNOWLEDGED and self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()
        self._events.delivered(pdu, self)

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        self._events.lost(written, unwritten)

    def closed(self, reason: str) -> None:
        if self._was_bound:
            self._events.closed(reason)
        elif not self._bind.done():
            self._bind.set_exception(ConnectionLostError(reason))
            self._bind.exception()  # nobody waits for it where connecting was cancelled in its last step
        self.flush_soon()
