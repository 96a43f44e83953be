"""One TCP connection with one session on it: the plumbing that client and server share.

Bytes go to the session as they come. What the session wants written is gathered and written once per turn of
the event loop, whoever asked for it in that turn; the session's deadlines are one timer of the loop.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Generic, TypeVar, cast

from smpp.capture import Address, Capture, Stream
from smpp.session import Session

SessionT = TypeVar("SessionT", bound=Session)

# A peer that reads nothing would keep a closed connection for ever: what is buffered is given up after this.
CLOSE_GRACE_S = 3.0
# Answers are owed to whatever the peer sends, so one that sends and never reads must not fill the memory.
MAX_UNREAD_BYTES = 8 * 1024 * 1024


class Link(asyncio.Protocol, Generic[SessionT]):
    """A connection; its owner sets `session` before the connection is made."""

    session: SessionT

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._gone: asyncio.Future[None] = self._loop.create_future()
        self._flush_due = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0  # kept here: uvloop's handle for a time that has come does not tell it
        self._grace: asyncio.TimerHandle | None = None
        self.writing_paused = False
        self._hears = True
        self.capture: Capture | None = None
        """Where what passes is kept for people to look at; to be set before the connection is made."""
        self._tap: Stream | None = None

    # What the owner does.

    def flush_soon(self) -> None:
        """Have everything written at the end of this turn of the loop."""
        if not self._flush_due:
            self._flush_due = True
            self._loop.call_soon(self._flush)

    def abort(self, reason: str) -> None:
        """End the session and drop the connection, whatever is still buffered."""
        self.session.connection_lost(reason)
        if self._transport is not None:
            self._transport.abort()

    def hear(self, hears: bool) -> None:
        """Read what comes, as ever, or leave it in the socket until the peer can send no more."""
        self._hears = hears
        self._listen()

    async def wait_closed(self) -> None:
        """Return when the socket is closed. The wait may be cancelled, the closing goes on."""
        await asyncio.shield(self._gone)

    # What the subclass fills in.

    def before_write(self) -> None:
        """Called before each write to the socket. An OSError here ends the link, and nothing is written."""

    def after_input(self) -> None:
        """Called after each piece of received data, tick, or change of the socket was taken."""

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in all but their class.
        self._transport = cast(asyncio.Transport, transport)
        connected: socket.socket | None = transport.get_extra_info("socket")
        if connected is not None and connected.family in {socket.AF_INET, socket.AF_INET6}:
            # Small PDUs, each waited for: Nagle's delay would be added to every one of them.
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.capture is not None:
            self._tap = self.capture.stream(
                _address(transport.get_extra_info("sockname")), _address(transport.get_extra_info("peername"))
            )
        if not self._hears:
            # In the next turn: within this one the transport has yet to begin with reading.
            self._loop.call_soon(self._listen)
        self.flush_soon()

    def data_received(self, data: bytes) -> None:
        if self._tap is not None:
            self._tap.received(data)
        self.session.receive(data, self._loop.time())
        self.after_input()
        self.flush_soon()

    def pause_writing(self) -> None:
        self.writing_paused = True

    def resume_writing(self) -> None:
        self.writing_paused = False
        self.after_input()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._timer, self._grace):
            if timer is not None:
                timer.cancel()
        self._timer = self._grace = None
        self._transport = None
        if self._tap is not None:
            self._tap.closed()
        try:
            self.session.connection_lost(f"connection lost: {exc}" if exc else "closed by the peer")
        finally:
            if not self._gone.done():
                self._gone.set_result(None)

    # Within.

    def _listen(self) -> None:
        """Have the transport do what `hear` has said."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._hears:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _flush(self) -> None:
        self._flush_due = False
        transport = self._transport
        if transport is None:
            return
        try:
            self.before_write()
        except OSError as refused:
            self.abort(f"not allowed to write: {refused}")
            return
        data = self.session.data_to_send()
        if data and not transport.is_closing():
            transport.write(data)
            if self._tap is not None:
                self._tap.sent(data)
        if transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            self.abort(f"the peer has left over {MAX_UNREAD_BYTES} octets unread")
        elif self.session.closed:
            self._close(transport)
        else:
            self._arm()

    def _close(self, transport: asyncio.Transport) -> None:
        if self._grace is None:
            self._grace = self._loop.call_later(CLOSE_GRACE_S, transport.abort)
            transport.close()

    def _arm(self) -> None:
        # What began before was seen when the timer was set. This is asked after each write.
        if self._timer is not None and self._timer_at <= self._loop.time() + self.session.shortest_timer_s:
            return
        deadline = self.session.next_deadline()
        if deadline is None or (self._timer is not None and self._timer_at <= deadline):
            return  # a timer that comes early finds nothing to do and sets the next
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._tick)
        self._timer_at = deadline

    def _tick(self) -> None:
        self._timer = None
        self.session.tick(self._loop.time())
        self.after_input()
        self.flush_soon()


def _address(found: object) -> Address:
    """A socket's address; of one that has none that is IP, such as a pair of sockets, one that says so."""
    if isinstance(found, tuple) and len(found) >= 2 and found[0]:
        return str(found[0]).partition("%")[0], int(found[1])
    return "0.0.0.0", 0
