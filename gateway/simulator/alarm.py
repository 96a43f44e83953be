"""Does things at their time: the timer wheel on the event loop's clock, with one timer of the loop for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from gateway.simulator.wheel import Wheel


class Alarm:
    """What is due later. It rings between `start` and `stop`; what is set outlives both."""

    def __init__(self) -> None:
        self._wheel: Wheel[Callable[[], Any]] = Wheel()
        # Kept, because asking for the running loop is a system call.
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0  # kept here: uvloop's handle for a time that has passed does not tell it

    def start(self) -> None:
        """Ring on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._arm()

    def stop(self) -> None:
        """Ring no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def now(self) -> float:
        """Seconds of the event loop."""
        assert self._loop is not None
        return self._loop.time()

    def at(self, due: float, action: Callable[[], Any]) -> None:
        """Do this at that moment, or up to a tick later."""
        self._wheel.add(due, action)
        self._arm()

    def after(self, after_s: float, action: Callable[[], Any]) -> None:
        """Do this when so many seconds have passed."""
        self.at(self.now() + after_s, action)

    def __len__(self) -> int:
        return len(self._wheel)

    def _arm(self) -> None:
        due = self._wheel.next_due()
        if due is None or (self._timer is not None and self._timer_at <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        assert self._loop is not None
        self._timer_at = due
        self._timer = self._loop.call_at(due, self._turn)

    def _turn(self) -> None:
        self._timer = None
        for action in self._wheel.take(self.now()):
            action()
        self._arm()
