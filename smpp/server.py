"""An acceptor of SMPP connections in the SMSC's role: a session per connection, and a handler that decides.

The simulated carrier, the server for tenants and the tests are handlers of this one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from smpp.capture import Capture
from smpp.events import SessionConfig, SessionCounters
from smpp.link import Link
from smpp.pdu import AlertNotification, BindPdu, DataSm, DeliverSm, Outbind, Pdu, SubmitSmResp
from smpp.smsc import SmscSession


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """What all connections of a server share. `tls` is a server context, None for plain TCP."""

    system_id: str = "smsc"
    session: SessionConfig = field(default_factory=SessionConfig)
    tls: ssl.SSLContext | None = None
    max_connections: int = 1000
    capture: Capture | None = None
    """Where all connections are kept for people to look at."""

    def __post_init__(self) -> None:
        if self.max_connections < 1:
            raise ValueError("max_connections must be at least 1")


class ServerHandler(Protocol):
    """What decides for one connection. Calls come from the event loop."""

    def bind(self, pdu: BindPdu) -> int:
        """The command_status for this bind; 0 accepts it."""

    def requested(self, pdu: Pdu) -> None:
        """A submit_sm, query_sm and so on: answer it by `Connection.answer`, now or later."""

    def answered(self, tag: Any, status: int, message_id: str, pdu: Pdu) -> None:
        """The peer answered our delivery of this tag."""

    def timed_out(self, tag: Any) -> None:
        """The peer has not answered our delivery in time; it still may."""

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        """The session ended with these deliveries unanswered."""

    def closed(self, reason: str) -> None:
        """The session has ended; the connection closes."""


class Connection(Link[SmscSession]):
    """One accepted connection."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server
        self.capture = server.config.capture
        self.session = SmscSession(self, server.config.session, self._loop.time(), server.counters)
        self._handler = server.handler_factory(self)

    # What the handler does.

    @property
    def window_free(self) -> int:
        """Deliveries that may be sent now."""
        return 0 if self.writing_paused else self.session.window_free

    def answer(self, pdu: Pdu) -> bool:
        """Send the answer to a request. False when the session has ended."""
        sent = self.session.answer(pdu, self._loop.time())
        self.flush_soon()
        return sent

    def answer_submit(self, sequence: int, message_id: str, status: int = 0) -> bool:
        """Answer a submit_sm by its sequence number. False when the session has ended."""
        return self.answer(SubmitSmResp(sequence=sequence, message_id=message_id, status=status))

    def deliver(self, pdu: DeliverSm | DataSm, tag: object = None) -> int:
        """Send a delivery; its answer comes with the tag. Raises NotBoundError or WindowFullError."""
        sequence = self.session.deliver(pdu, tag, self._loop.time())
        self.flush_soon()
        return sequence

    def notify(self, pdu: Outbind | AlertNotification) -> None:
        """Say something that has no answer. Raises NotBoundError when it is not the time for it."""
        self.session.notify(pdu, self._loop.time())
        self.flush_soon()

    def unbind(self) -> None:
        """Ask the peer to end the session."""
        self.session.unbind(self._loop.time())
        self.flush_soon()

    def send_raw(self, data: bytes) -> None:
        """Write these octets as they are: what no correct peer would send."""
        if self._transport is not None:
            self._flush()
            self._transport.write(data)

    # What the link and the session call.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self._server.admit(self):
            self.abort("too many connections")

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._server.forget(self)

    def bind_requested(self, pdu: BindPdu) -> None:
        status = self._handler.bind(pdu)
        self.session.answer_bind(pdu, status, self._server.config.system_id, self._loop.time())

    def requested(self, pdu: Pdu) -> None:
        self._handler.requested(pdu)

    def answered(self, tag: Any, status: int, message_id: str, pdu: Pdu) -> None:
        self._handler.answered(tag, status, message_id, pdu)

    def timed_out(self, tag: Any) -> None:
        self._handler.timed_out(tag)

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        self._handler.lost(written, unwritten)

    def closed(self, reason: str) -> None:
        self._handler.closed(reason)
        self.flush_soon()


class Server:
    """Listens, and makes a handler for each connection."""

    def __init__(
        self, handler_factory: Callable[[Connection], ServerHandler], config: ServerConfig | None = None
    ) -> None:
        self.handler_factory = handler_factory
        self.config = config if config is not None else ServerConfig()
        self.counters = SessionCounters()
        self.connections: set[Connection] = set()
        self.turned_away = 0
        self._listener: asyncio.Server | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 lets the system choose one. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: Connection(self), host, port, ssl=self.config.tls, reuse_address=True
        )

    @property
    def port(self) -> int:
        """The port that is listened on. Raises RuntimeError before `start`."""
        if self._listener is None or not self._listener.sockets:
            raise RuntimeError("the server does not listen: call start() first")
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def outbind(self, host: str, port: int, pdu: Outbind) -> Connection:
        """Connect to an ESME and have it bind on that connection. SMPP 3.4, 2.2.1. Raises OSError."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(self), host, port)
        connection.notify(pdu)
        return connection

    async def stop(self, unbind_s: float = 0.0) -> None:
        """Stop listening, unbind who is bound and give them `unbind_s`, then drop every connection."""
        if self._listener is None:
            return
        self._listener.close()
        leaving = list(self.connections)
        for connection in leaving:
            connection.unbind()
        if leaving and unbind_s > 0:
            closing = [asyncio.ensure_future(connection.wait_closed()) for connection in leaving]
            await asyncio.wait(closing, timeout=unbind_s)
        for connection in leaving:
            connection.abort("the server stops")
        for connection in leaving:
            await connection.wait_closed()
        await self._listener.wait_closed()
        self._listener = None

    # What connections call.

    def admit(self, connection: Connection) -> bool:
        """Whether one more connection is taken."""
        if len(self.connections) >= self.config.max_connections:
            self.turned_away += 1
            return False
        self.connections.add(connection)
        return True

    def forget(self, connection: Connection) -> None:
        """The connection is closed."""
        self.connections.discard(connection)
