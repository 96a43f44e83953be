"""The binds of one operator as one: where parts go, and what is left when it drains.

The pool chooses the bind with the most room for parts that come together, asks its owner when they may be written
(`smpp.pace`), and passes on what its binds tell. It decides nothing about messages: parts come with a tag of the
owner's, and each tag comes back in exactly one of `answered` and `lost`.

With `bind = "transmitter+receiver"` each index is a pair: a bind that submits and a bind that is delivered to, each
with a connection of its own that comes again by itself. Receipts may come by the receiver of any pair.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from smpp.bind import Backoff, Bind, BindPhase, BindRole, BindState, Item
from smpp.capture import Capture
from smpp.client import BeforeWrite, Client, Endpoint, OnReply
from smpp.codec import DEFAULT_MAX_PDU_BYTES
from smpp.constants import INTERFACE_VERSION
from smpp.events import SessionConfig, SessionCounters
from smpp.pace import UNLIMITED, Pace, Unpaced
from smpp.pdu import AlertNotification, BindPdu, DataSm, DeliverSm, Pdu
from smpp.timers import TimerLimits

# Tokens of a fast operator are waited for in lots: a timer per token would cost more than the part.
_SHORTEST_WAIT_S = 0.005

_ROLES = {
    "transceiver": (BindRole.TRANSCEIVER,),
    "transmitter+receiver": (BindRole.TRANSMITTER, BindRole.RECEIVER),
}


@dataclass(frozen=True, slots=True)
class PoolConfig:
    """One operator's connection. Times in seconds; of the timers 0 means never.

    Raises ValueError for what cannot work.
    """

    host: str
    port: int
    system_id: str
    password: str = field(default="", repr=False)
    system_type: str = ""
    interface_version: int = INTERFACE_VERSION
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""
    bind: str = "transceiver"
    binds: int = 1
    window: int = 100
    enquire_link_s: float = 30.0
    response_timeout_s: float = 30.0
    session_init_s: float = 30.0
    inactivity_s: float = 0.0
    connect_timeout_s: float = 10.0
    reconnect_min_s: float = 1.0
    reconnect_max_s: float = 60.0
    timeouts_in_a_row: int = 5
    max_pdu_bytes: int = DEFAULT_MAX_PDU_BYTES
    tls: ssl.SSLContext | None = None
    tls_server_name: str = ""
    source_host: str = ""
    capture: Capture | None = None

    def __post_init__(self) -> None:
        if self.bind not in _ROLES:
            raise ValueError(f'bind = "{self.bind}" is none of {", ".join(_ROLES)}')
        if self.binds < 1:
            raise ValueError("binds must be at least 1")
        if not 0 < self.reconnect_min_s <= self.reconnect_max_s:
            raise ValueError("reconnect_min_s must be above 0 and not above reconnect_max_s")

    def endpoint(self) -> Endpoint:
        """Where to connect."""
        return Endpoint(
            self.host,
            self.port,
            self.tls,
            self.connect_timeout_s,
            self.tls_server_name,
            self.source_host,
            self.capture,
        )

    @property
    def roles(self) -> tuple[BindRole, ...]:
        """The binds of each index; the first of them submits."""
        return _ROLES[self.bind]

    def request(self, role: BindRole) -> BindPdu:
        """The bind to send; a new one for each connection, because the session numbers it."""
        return role.request(
            system_id=self.system_id,
            password=self.password,
            system_type=self.system_type,
            interface_version=self.interface_version,
            addr_ton=self.addr_ton,
            addr_npi=self.addr_npi,
            address_range=self.address_range,
        )

    def session(self) -> SessionConfig:
        """The limits of each bind's session."""
        timers = TimerLimits(
            self.session_init_s, self.enquire_link_s, self.response_timeout_s, self.inactivity_s
        )
        return SessionConfig(self.window, timers, self.timeouts_in_a_row, self.max_pdu_bytes)


class PoolReports(Protocol):
    """What the owner of a pool is told, always from the event loop."""

    def answered(self, tag: Any, status: int, message_id: str) -> None:
        """The carrier's answer to a part; `message_id` is empty when it gave none."""

    def timed_out(self, tag: Any) -> None:
        """No answer in time; it may still come, and if not, the tag is lost with its bind."""

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        """A bind died: parts in doubt, and parts that its socket has never seen."""

    def delivered(self, pdu: DeliverSm | DataSm, client: Client) -> None:
        """A receipt or an inbound message: to be given to `client.acknowledge` when it is durable, once."""

    def room(self) -> None:
        """There may be room again: ask `room()`. At most once per turn of the event loop."""

    def alerted(self, pdu: AlertNotification) -> None:
        """A phone is there again."""

    def bind_changed(self, state: BindState) -> None:
        """A bind is in another phase."""


class Pool:
    """The binds of one operator: all of them, or those that `hold` names. Make it inside a running event loop."""

    def __init__(
        self,
        config: PoolConfig,
        reports: PoolReports,
        *,
        before_write: BeforeWrite,
        may_write: Callable[[], bool] = lambda: True,
        pace: Pace | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.counters = SessionCounters()
        self._pace: Pace = pace or Unpaced()
        # What a bind tells of parts and deliveries goes to the owner as it is: a call less for each of them.
        self.answered = reports.answered
        self.timed_out = reports.timed_out
        self.lost = reports.lost
        self.delivered = reports.delivered
        self.alerted = reports.alerted
        self.config = config
        self._reports = reports
        self._may_write = may_write
        self._loop = asyncio.get_running_loop()
        self._draining = False
        self._room_due = False
        self._wake: asyncio.TimerHandle | None = None
        self._wake_time = 0.0
        self._settled = asyncio.Event()
        self._drained = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._kept: dict[Bind, asyncio.Task[None]] = {}
        self._wanted = frozenset(range(config.binds))
        self._all = [
            Bind(
                index,
                role,
                self,
                config.endpoint(),
                partial(config.request, role),
                config.session(),
                before_write,
                Backoff(config.reconnect_min_s, config.reconnect_max_s, draw),
                self.counters,
            )
            for index in range(config.binds)
            for role in config.roles
        ]
        self._binds = [bind for bind in self._all if bind.role is not BindRole.RECEIVER]  # those that submit

    # What the owner does.

    async def run(self) -> None:
        """Keep the binds until this is cancelled (the binds are closed first) or `drain` is done."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self.hold(self._wanted)
                try:
                    await self._drained.wait()
                finally:
                    self._group = None
        finally:
            if self._wake is not None:
                self._wake.cancel()
                self._wake = None

    def hold(self, indices: Collection[int]) -> None:
        """Keep these binds and no others: those that are new connect; the others let the open answers come (5 s at
        most) and unbind. Until that is done `holding` names them still."""
        self._wanted = frozenset(indices)
        for bind in self._all:
            if bind.index not in self._wanted:
                if bind in self._kept:
                    bind.retire()
            elif bind not in self._kept:
                self._keep(bind)

    def holding(self) -> frozenset[int]:
        """The binds that have a connection, or may have one."""
        return frozenset(bind.index for bind in self._kept)

    def abort(self, reason: str) -> None:
        """Drop every connection at once and hold no bind; what is unanswered is handed back by `lost`."""
        self._wanted = frozenset()
        for bind in self._all:
            if bind in self._kept:
                bind.abort(reason)

    def room(self) -> int:
        """Parts that may be written at this moment, on the bind with the most free window."""
        if self._draining or not self._may_write():
            return 0
        _, room = self._roomiest()
        if room > 0:
            return room
        now = self._loop.time()
        for bind in self._binds:
            if (bind.slack or 0) > 0:  # only the rate is against it
                self._wake_at(self._pace.ready_at(bind.index, now))
        return 0

    def submit(self, items: Sequence[Item]) -> None:
        """Parts: in order, on one bind, as the parts of a message shall be.

        What the window or the rate does not take now waits for that bind. Without any bind, all are
        handed back by `lost` as unwritten in the next turn of the loop.
        """
        bind, _ = self._roomiest()
        if bind is None or self._draining:
            self._loop.call_soon(self._reports.lost, [], [tag for _, tag in items])
        else:
            bind.submit(items)

    def ask(self, pdu: Pdu, on_reply: OnReply) -> bool:
        """Ask the carrier about a part: query_sm, cancel_sm or replace_sm. It counts as a part does.

        False, and nothing is asked, while there is no bind, no free slot, or the rate is against it. Raises EncodeError
        for what the wire can't hold.
        """
        if self._draining or not self._may_write():
            return False
        bind, room = self._roomiest()
        if bind is None or room <= 0 or not self._pace.take(bind.index, 1, self._loop.time()):
            return False
        bind.ask(pdu, on_reply)
        return True

    def slow_down(self) -> None:
        """The operator answered that it is throttled or that its queue is full."""
        self._pace.slow_down(self._loop.time())

    def kick(self) -> None:
        """`may_write` or the pace may say something else now: write on."""
        for bind in self._binds:
            bind.write_on()
        self.room_changed()

    def rebind(self, index: int | None = None) -> None:
        """Unbind once open parts are answered (5 s at most) and connect again, one bind (or pair) or all.

        One that waits for its next attempt makes it now.
        """
        for bind in self._all:
            if index is None or bind.index == index:
                bind.rebind()

    async def drain(self, timeout_s: float) -> None:
        """Take nothing more, wait until all is answered or the time is over, then unbind and close."""
        self._draining = True
        try:
            async with asyncio.timeout(timeout_s):
                await self._until(lambda bind: bind.idle)
        except TimeoutError:
            # What is still open is handed back by `lost` as the binds close.
            pass
        for bind in self._all:
            bind.stop()
        await self._until(lambda bind: bind.phase is BindPhase.STOPPED)
        self._drained.set()

    def states(self) -> list[BindState]:
        """All binds as they stand, by index; of a pair the transmitter first."""
        return [bind.state() for bind in self._all]

    # What the binds ask and tell.

    def take_ready(self, bind: int, waiting: deque[Item], wanted: int) -> tuple[list[Item], int]:
        if not self._may_write():
            return [], 0
        now = self._loop.time()
        if self._pace.by_part:
            return self._take_each(bind, waiting, wanted, now)
        taken = self._pace.take(bind, wanted, now)
        if taken < wanted:
            self._wake_at(self._pace.ready_at(bind, now))
        return [waiting.popleft() for _ in range(taken)], 0

    def _take_each(self, bind: int, waiting: deque[Item], wanted: int, now: float) -> tuple[list[Item], int]:
        """Those whose own rate lets them; the others keep their places."""
        pace, ready, aside = self._pace, list[Item](), list[Item]()
        while waiting and len(ready) < wanted:
            if pace.free(bind, now) <= 0:
                self._wake_at(pace.ready_at(bind, now))
                break
            item = waiting.popleft()
            until = pace.take_part(bind, item[1], now)
            if until:
                self._wake_at(until)
                aside.append(item)
            else:
                ready.append(item)
        waiting.extendleft(reversed(aside))
        return ready, len(aside)

    def congested(self, state: int) -> None:
        self._pace.congested(state, self._loop.time())

    def room_changed(self) -> None:
        self._settled.set()
        if not self._room_due:
            self._room_due = True
            self._loop.call_soon(self._report_room)

    def changed(self, bind: Bind) -> None:
        self._settled.set()
        self._reports.bind_changed(bind.state())

    # Within.

    def _keep(self, bind: Bind) -> None:
        if self._group is None or self._draining:
            return
        bind.begin()
        name = f"{bind.role.value} {self.config.system_id} {bind.index}"
        task = self._kept[bind] = self._group.create_task(bind.keep(), name=name)
        task.add_done_callback(partial(self._left, bind))

    def _left(self, bind: Bind, _task: asyncio.Task[None]) -> None:
        """A bind has ended; it is kept anew when it is wanted again by now."""
        del self._kept[bind]
        self.room_changed()
        if bind.index in self._wanted:
            self._keep(bind)

    def _roomiest(self) -> tuple[Bind | None, int]:
        """The bind that parts go to, and how many of them it may write now: less than 0 when more wait than fit."""
        now, pace = self._loop.time(), self._pace
        best, most, queued = None, 0, -1
        for bind in self._binds:
            room = bind.slack
            if room is None:
                continue
            if room > 0 and (free := pace.free(bind.index, now)) != UNLIMITED:
                if queued < 0:
                    queued = sum([each.queued for each in self._binds])
                room = min(room, max(0, free - queued))
            if best is None or room > most:
                best, most = bind, room
        return best, most

    async def _until(self, holds: Callable[[Bind], bool]) -> None:
        while not all(holds(bind) for bind in self._all):
            self._settled.clear()
            await self._settled.wait()

    def _report_room(self) -> None:
        self._room_due = False
        self._reports.room()

    def _wake_at(self, when: float) -> None:
        """Have waiting parts written, and room reported, when the throttle has tokens again."""
        when = max(when, self._loop.time() + _SHORTEST_WAIT_S)
        if self._wake is not None:
            if self._wake_time <= when:
                return
            self._wake.cancel()
        self._wake = self._loop.call_at(when, self._woken)
        self._wake_time = when

    def _woken(self) -> None:
        self._wake = None
        self.kick()
