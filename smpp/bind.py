"""One bind of an operator kept alive: connects, and connects again with growing delays, until it is stopped.

It also holds the short queue of parts that were given to this bind and wait for a slot of its window or a
token of the operator's throttle; they go out in the order they came. When the bind dies they are handed back
as unwritten.
"""

from __future__ import annotations

import asyncio
import enum
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from smpp.client import BeforeWrite, Client, Endpoint, OnReply, connect
from smpp.constants import Status
from smpp.errors import BindRefusedError, NotBoundError, SmppError
from smpp.events import SessionConfig, SessionCounters
from smpp.pdu import (
    AlertNotification,
    BindPdu,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DataSm,
    DeliverSm,
    Pdu,
)
from smpp.states import BOUND

# Answers to a bind that do not mend themselves within seconds. ESME_RALYBND is among them because a carrier
# that still holds our old connection lets it go only when its own timers run out (gosmpp#159, vumi#624).
_LASTING_REFUSALS = frozenset(
    {Status.ESME_RALYBND, Status.ESME_RBINDFAIL, Status.ESME_RINVPASWD, Status.ESME_RINVSYSID}
)
_STABLE_S = 1.0
# How long a bind that is to connect anew waits for the answers it is owed: each one missing is a part in doubt.
_ANSWERS_S = 5.0
# How long it then waits for the answer to its unbind.
_UNBIND_S = 5.0


class BindRole(enum.Enum):
    """What a bind is for: a transceiver does both, a transmitter and a receiver make a pair."""

    TRANSCEIVER = "transceiver"
    TRANSMITTER = "transmitter"
    RECEIVER = "receiver"

    @property
    def request(self) -> type[BindPdu]:
        """How it is asked for."""
        return _REQUESTS[self]


_REQUESTS: Mapping[BindRole, type[BindPdu]] = {
    BindRole.TRANSCEIVER: BindTransceiver,
    BindRole.TRANSMITTER: BindTransmitter,
    BindRole.RECEIVER: BindReceiver,
}


class BindPhase(enum.Enum):
    """Where a bind stands."""

    CONNECTING = "connecting"
    BOUND = "bound"
    CLOSING = "closing"
    WAITING = "waiting"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class BindState:
    """One bind, for people. The two of a pair have the same index. Times are aware UTC; `reconnect_at` stands while it
    is WAITING."""

    index: int
    role: BindRole
    phase: BindPhase
    since: datetime
    window_used: int
    last_error: str
    reconnect_at: datetime | None


Item = tuple[bytes, Any]
"""The body of a submit_sm, and the owner's tag."""


class Backoff:
    """How long to wait before the next connection: full jitter, doubling, with a first try within `first_s`.

    `draw` gives floats in [0, 1).
    """

    def __init__(self, first_s: float, longest_s: float, draw: Callable[[], float]) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._draw = draw
        self._failures = 0

    def after_loss(self, lasted_s: float) -> float:
        """A bind was lost after `lasted_s`; one that never settles is no better than a failed connection."""
        if lasted_s >= _STABLE_S:
            self._failures = 0
        return self.after_failure()

    def after_failure(self) -> float:
        """No connection, or no bind."""
        ceiling_s = min(self._longest_s, self._first_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return self._draw() * ceiling_s

    def after_lasting_refusal(self) -> float:
        """The carrier does not want us as we are: ask rarely, but ask; people change it there or here."""
        self._failures += 1
        return self._longest_s * (1.0 + self._draw()) / 2


class BindOwner(Protocol):
    """What a bind asks and tells the pool it belongs to."""

    def take_ready(self, bind: int, waiting: deque[Item], wanted: int) -> tuple[list[Item], int]:
        """Take up to so many parts out of those that wait for a bind, which may be written now by the rates and whoever
        else has a say; and how many of those that stay wait for a rate of their own, so that others may pass."""

    def answered(self, tag: Any, status: int, message_id: str) -> None: ...

    def timed_out(self, tag: Any) -> None: ...

    def lost(self, written: list[Any], unwritten: list[Any]) -> None: ...

    def delivered(self, pdu: DeliverSm | DataSm, client: Client) -> None: ...

    def congested(self, state: int) -> None: ...

    def alerted(self, pdu: AlertNotification) -> None: ...

    def room_changed(self) -> None:
        """There may be room again, or less of it in use."""

    def changed(self, bind: Bind) -> None:
        """The phase of this bind is another."""


class Bind:
    """One bind. `keep` is its task; everything else is called from the event loop."""

    def __init__(
        self,
        index: int,
        role: BindRole,
        owner: BindOwner,
        endpoint: Endpoint,
        request: Callable[[], BindPdu],
        config: SessionConfig,
        before_write: BeforeWrite,
        backoff: Backoff,
        counters: SessionCounters,
    ) -> None:
        self.index = index
        self.role = role
        self._owner = owner
        # What the client tells of parts and deliveries goes to the owner as it is: a call less for each of them.
        self.answered = owner.answered
        self.timed_out = owner.timed_out
        self.delivered = owner.delivered
        self._endpoint = endpoint
        self._request = request
        self._config = config
        self._before_write = before_write
        self._backoff = backoff
        self._counters = counters
        self._loop = asyncio.get_running_loop()
        self._client: Client | None = None
        self._task: asyncio.Task[Any] | None = None
        self._bound_at = 0.0
        self._queue: deque[Item] = deque()
        self._aside = 0  # of these: wait for a rate of their own
        self._wake = asyncio.Event()
        self._stopping = False
        self._at_once = False
        self._leaving = False
        self.phase = BindPhase.STOPPED
        self._since = datetime.now(UTC)
        self._last_error = ""
        self._reconnect_at: datetime | None = None

    # What the pool asks.

    @property
    def bound(self) -> bool:
        """Whether parts can be given to it."""
        client = self._client
        return client is not None and client.session.state in BOUND and not self._leaving

    @property
    def queued(self) -> int:
        """Parts that wait here, and let nobody pass."""
        return len(self._queue) - self._aside

    @property
    def slack(self) -> int | None:
        """Slots of the window that nothing waits for, negative when more waits than fits; None when parts can't be
        given to it."""
        client = self._client
        if client is None or self._leaving or client.session.state not in BOUND:
            return None
        return client.window_free - len(self._queue) + self._aside

    @property
    def window_used(self) -> int:
        """Requests that are unanswered."""
        return self._client.session.window_used if self._client is not None else 0

    @property
    def idle(self) -> bool:
        """Whether nothing waits here, for a slot or for an answer."""
        return not self._queue and not self.window_used

    def state(self) -> BindState:
        """As it stands now."""
        return BindState(
            self.index,
            self.role,
            self.phase,
            self._since,
            self.window_used,
            self._last_error,
            self._reconnect_at,
        )

    # What the pool does.

    def submit(self, items: Sequence[Item]) -> None:
        """Parts (body of the submit_sm, tag) to write in this order, as soon as there is room."""
        self._queue.extend(items)
        self.write_on()

    def ask(self, pdu: Pdu, on_reply: OnReply) -> None:
        """A query_sm, cancel_sm or replace_sm, where `slack` has a slot for it. Raises as `Client.ask` does."""
        if self._client is None:
            raise NotBoundError("there is no connection")
        self._client.ask(pdu, on_reply)

    def write_on(self) -> None:
        """Write what waits, as far as window and tokens go."""
        client = self._client
        if client is None or not self._queue:
            return
        wanted = min(len(self._queue), client.window_free)
        if wanted > 0:
            items, self._aside = self._owner.take_ready(self.index, self._queue, wanted)
            if items:
                client.submit(items)

    def rebind(self) -> None:
        """Give back what waits here, let the open answers come, unbind, and connect at once."""
        self._at_once = True
        self._wake.set()
        self._leave()

    def begin(self) -> None:
        """Before `keep`: it may have been stopped or retired."""
        self._stopping = False

    def retire(self) -> None:
        """As `rebind`, but do not come back: `keep` ends."""
        self._stopping = True
        if self.bound:
            self._leave()
        elif not self._leaving:
            self.stop()

    def abort(self, reason: str) -> None:
        """Drop the connection, whatever is under way, and do not come back: `keep` ends."""
        self._stopping = True
        if self._client is not None:
            self._client.abort(reason)
        elif self._task is not None:
            self._task.cancel()

    def _leave(self) -> None:
        if not self.bound:
            return
        self._leaving = True
        if self._queue:
            self.lost([], [])
        if self.idle:
            self._unbind()
        else:
            self._loop.call_later(_ANSWERS_S, self._unbind, self._client)

    def stop(self) -> None:
        """Unbind, and do not come back: `keep` ends."""
        self._stopping = True
        if self._client is not None:
            self._unbind()
        elif self._task is not None:
            self._task.cancel()

    async def keep(self) -> None:
        """Keep the bind until `stop`, or until this is cancelled: then the connection is closed first."""
        self._task = asyncio.current_task()
        try:
            while not self._stopping:
                delay_s = await self._live()
                if not self._stopping:
                    await self._wait(delay_s)
        except asyncio.CancelledError:
            if self._client is not None:
                self._client.close("stopped")
                await self._client.wait_closed()
            raise
        finally:
            self._client = self._task = None
            self._set(BindPhase.STOPPED)

    # The life of one connection.

    async def _live(self) -> float:
        """Connect, bind, and stay until it is over; returns the delay before the next time, in seconds."""
        self._at_once = self._leaving = False
        self._wake.clear()
        self._set(BindPhase.CONNECTING)
        try:
            client = await connect(
                self._endpoint, self._request(), self._config, self, self._before_write, self._counters
            )
        except BindRefusedError as refused:
            self._last_error = str(refused)
            lasting = refused.status in _LASTING_REFUSALS
            return self._backoff.after_lasting_refusal() if lasting else self._backoff.after_failure()
        except (OSError, SmppError, UnicodeError) as failed:  # UnicodeError: a host name that cannot be one
            self._last_error = f"{type(failed).__name__}: {failed}" if str(failed) else type(failed).__name__
            return self._backoff.after_failure()
        # The old socket is closed before there is a new one: carriers count connections (jsmpp#180).
        await client.wait_closed()
        self._client = None
        return 0.0 if self._at_once else self._backoff.after_loss(self._loop.time() - self._bound_at)

    async def _wait(self, delay_s: float) -> None:
        if self._at_once:
            return
        self._reconnect_at = datetime.now(UTC) + timedelta(seconds=delay_s)
        self._set(BindPhase.WAITING)
        try:
            async with asyncio.timeout(delay_s):
                await self._wake.wait()
        except TimeoutError:
            pass
        finally:
            self._reconnect_at = None

    def _unbind(self, only: Client | None = None) -> None:
        client = self._client
        if client is not None and only in {None, client} and client.session.bound:
            self._set(BindPhase.CLOSING)
            client.unbind()
            self._loop.call_later(_UNBIND_S, client.abort, "unbind not answered")

    def _set(self, phase: BindPhase) -> None:
        if phase is not self.phase:
            self.phase = phase
            self._since = datetime.now(UTC)
            self._owner.changed(self)

    # What the client tells.

    def connected(self, client: Client) -> None:
        self._client = client
        self._bound_at = self._loop.time()
        self._set(BindPhase.BOUND)
        self._owner.room_changed()
        if self._stopping or self._at_once:
            self._unbind()

    def congested(self, state: int) -> None:
        self._owner.congested(state)

    def alerted(self, pdu: AlertNotification) -> None:
        self._owner.alerted(pdu)

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        waiting = [tag for _, tag in self._queue]
        self._queue.clear()
        self._aside = 0
        self._owner.lost(written, unwritten + waiting)

    def closed(self, reason: str) -> None:
        self._last_error = reason
        if self._queue:
            self.lost([], [])
        self._set(BindPhase.CLOSING)
        self._owner.room_changed()

    def room(self) -> None:
        if self._leaving and self.idle:
            self._unbind()
        self.write_on()
        self._owner.room_changed()
