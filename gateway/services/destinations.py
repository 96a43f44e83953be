"""One destination of webhooks: what this process holds for it, and whether it is left alone for a while.

A destination that keeps failing is paused, each time for longer, and then tried with one event; the
others wait without using up their tries. So a dead tenant costs one connect time-out per pause, however
long its backlog is.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from gateway.domain.event import Event

FAILING_AFTER = 3  #: failures in a row
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 300.0
MAX_IN_HAND = 2_000  #: events of one destination in this process: queued, in flight, or held for order
PROBING_IN_HAND = 100  #: the same while the destination is failing


class Destination:
    """State of one destination. Changed on the event loop's thread alone; `room` and `takes` may be asked
    from any."""

    __slots__ = (
        "backlog",
        "error",
        "failures",
        "in_flight",
        "in_hand",
        "name",
        "paused_until",
        "pauses",
        "queue",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.queue: deque[Event] = deque()
        self.in_flight = 0
        self.in_hand = 0
        self.failures = 0  #: in a row
        self.pauses = 0  #: in a row
        self.paused_until: datetime | None = None
        self.backlog = False  #: older events wait in the store: new ones go there too, and do not overtake
        self.error = ""  #: the latest failure, for people

    @property
    def failing(self) -> bool:
        """Whether it is tried with one event at a time."""
        return self.failures >= FAILING_AFTER

    @property
    def takes(self) -> bool:
        """Whether a new event may go from hand to hand, past the store."""
        well = self.failures < FAILING_AFTER and self.paused_until is None
        return well and not self.backlog and self.in_hand < MAX_IN_HAND

    def paused(self, now: datetime) -> bool:
        """Whether it is left alone now."""
        return self.paused_until is not None and now < self.paused_until

    def room(self, now: datetime) -> int:
        """How many more events this process may hold for it."""
        if self.paused(now):
            return 0
        return max(0, (PROBING_IN_HAND if self.failing else MAX_IN_HAND) - self.in_hand)

    def concurrency(self, most: int) -> int:
        """How many requests may be under way at once."""
        return 1 if self.failures >= FAILING_AFTER else most

    def succeeded(self) -> bool:
        """It took an event. Returns whether it was failing."""
        was_failing = self.failing
        self.failures = self.pauses = 0
        self.paused_until = None
        return was_failing

    def failed(self, now: datetime, error: str, asked_s: float | None) -> bool:
        """It did not take an event; `asked_s`: for how long it asks to be left alone. Returns whether a
        pause begins.

        What fails during a pause was under way before and does not make it longer.
        """
        self.failures += 1
        self.error = error
        if self.paused(now) or (asked_s is None and not self.failing):
            return False
        pause_s = min(FIRST_PAUSE_S * 2**self.pauses, LONGEST_PAUSE_S)
        self.pauses = min(self.pauses + 1, 16)
        # A tenant at a shared host may ask for an hour: the others there are tried again sooner.
        self.paused_until = now + timedelta(seconds=max(pause_s, min(asked_s or 0.0, LONGEST_PAUSE_S)))
        return True

    def forgettable(self, now: datetime) -> bool:
        """Whether nothing is lost when it is forgotten."""
        if self.in_hand:
            return False
        return self.paused_until is None or now - self.paused_until > timedelta(hours=1)
