"""What may happen too often for a line of the log each: counted, and told at most once in a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.ports import Clock

EVERY_S = 5.0


class Tally:
    """A sum that is to be told now and then. The first one is told at once."""

    def __init__(self, clock: Clock, every_s: float = EVERY_S) -> None:
        self._clock = clock
        self._every = timedelta(seconds=every_s)
        self._sum = 0
        self._next: datetime | None = None

    def add(self, count: int) -> int | None:
        """The sum since it was told last, when it is time to tell it again; else None."""
        self._sum += count
        now = self._clock()
        if self._next is not None and now < self._next:
            return None
        told, self._sum, self._next = self._sum, 0, now + self._every
        return told
