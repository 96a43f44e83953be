"""Which workers have hung: they say every second that they turn, and have not for too long.

Silence is measured by the time in which the supervisor was awake itself. Its clock (CLOCK_MONOTONIC) stands still while
the machine sleeps, but not while all processes are held (SIGSTOP, a container that is frozen, a debugger): when its own
look comes late, the workers may have been held as well, and all of them begin anew.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Who = TypeVar("Who", bound=Hashable)

SIGN_EVERY_S = 1.0
LOOK_EVERY_S = 1.0
LATE_S = 2.0
"""A look that comes so much later than it should: the supervisor was held, or had no CPU; nor had the workers then."""


class Silence(Generic[Who]):
    """When each was heard last. `now`: monotonic seconds."""

    def __init__(self, limit_s: float) -> None:
        """`limit_s`: 0 finds none."""
        self._limit_s = limit_s
        self._looked_at = -math.inf
        self._heard: dict[Who, float] = {}

    def hear(self, who: Who, now: float) -> None:
        """A sign of life. One that gave none yet is not looked for."""
        self._heard[who] = now

    def look(self, living: Iterable[Who], now: float) -> dict[Who, float]:
        """Those that are silent for too long, each with its seconds of silence; each is told of once. To be called
        every `LOOK_EVERY_S`; who is not among `living` is forgotten."""
        late = now - self._looked_at > LOOK_EVERY_S + LATE_S
        self._looked_at = now
        known = self._heard
        self._heard = {who: now if late else known[who] for who in living if who in known}
        if not self._limit_s:
            return {}
        silent = {who: now - at for who, at in self._heard.items() if now - at > self._limit_s}
        for who in silent:
            del self._heard[who]
        return silent
