"""This process's lease: until when what it holds is its own, by a clock of its own.

The store measures the lease by its clock and gives what the process held to others when it has run out. This process
counts the same seconds from before it asked for them, on a clock that goes on while it stands still (SIGSTOP, a
machine that sleeps), so it knows first. What it does at the end: nothing more is written to a carrier.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

import structlog

from gateway.errors import StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import Owner, ProcessStore

log = structlog.get_logger("gateway.lease")

AGAIN_S = 0.5  #: between tries while the store is down

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def seconds_since_boot() -> float:
    """A clock that nobody sets, and that counts while the machine sleeps."""
    return time.clock_gettime(_CLOCK)


class Lease:
    """The lease of a registered process. `on_end` is called when it has run out: let go of all that is held."""

    def __init__(
        self,
        store: ProcessStore,
        owner: Owner,
        metrics: Metrics,
        on_end: Callable[[], None],
        clock: Callable[[], float] = seconds_since_boot,
    ) -> None:
        self._store = store
        self._owner = owner
        self._metrics = metrics
        self._on_end = on_end
        self._clock = clock
        self._ends_at = -math.inf
        self._held_s = math.inf
        self._in_touch_since = math.inf
        self._renewed = asyncio.Event()

    def holds(self) -> bool:
        """Whether it holds at this moment. Cheap: asked before each write to a carrier."""
        return self._clock() < self._ends_at

    def is_steady(self) -> bool:
        """Whether the store was in reach for the length of a lease: then whoever could renew his own has done so, and
        one that has run out is a dead process's. Right after an outage all of them look dead."""
        return self.holds() and self._clock() - self._in_touch_since >= self._held_s

    async def renew(self) -> None:
        """Once, now. Raises `Fenced`, and `StoreUnavailable`."""
        before = self._clock()
        try:
            held_s = await self._store.renew(self._owner)
        except StoreUnavailable:
            self._in_touch_since = math.inf
            raise
        now = self._clock()
        # Who renews every third of a lease has two thirds left when an outage begins: a call that took less than half
        # of one was no outage that ends leases.
        if math.isinf(self._in_touch_since) or now - before > held_s / 2:
            self._in_touch_since = now
        self._held_s = held_s
        self._ends_at = before + held_s
        self._renewed.set()

    async def run(self) -> None:
        """Renew it again and again, until cancelled; returns at once where it never ends. Raises `Fenced`."""
        pause_s = self._held_s / 3
        while math.isfinite(pause_s):
            await asyncio.sleep(pause_s)
            pause_s = self._held_s / 3 if await self._try() else min(AGAIN_S, self._held_s / 3)

    async def _try(self) -> bool:
        try:
            await self.renew()
        except StoreUnavailable as error:
            self._metrics.store_errors.add("unavailable")
            log.error("the lease can't be renewed", error=str(error), ends_in_s=self._left_s())
            return False
        return True

    def _left_s(self) -> float:
        return round(self._ends_at - self._clock(), 3)

    async def watch(self) -> None:
        """Call `on_end` each time that it has run out, until cancelled; returns at once where it never ends."""
        while math.isfinite(self._ends_at):
            self._renewed.clear()
            left_s = self._ends_at - self._clock()
            if left_s > 0:
                await asyncio.sleep(left_s)
            else:
                log.error("the lease has run out: what this process holds may be another's by now")
                self._on_end()
                await self._renewed.wait()
