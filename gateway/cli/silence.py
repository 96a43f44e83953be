"""Which workers have hung: they say every second that they turn, and have not for too long.

Silence is measured by the time in which the supervisor was awake itself. Its clock (CLOCK_MONOTONIC) stands still while
the machine sleeps, but not while all processes are held (SIGSTOP, a container that is frozen, a debugger): when its own
look comes late, the workers may have been held as well, and all of them begin anew.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

Who = TypeVar("Who", bound=Hashable)

SIGN_EVERY_S = 1.0
LOOK_EVERY_S = 1.0
LATE_S = 2.0
"""A look that comes so much later than it should: the supervisor was held, or had no CPU; nor had the workers then."""


class Silence(Generic[Who]):
    """When each was heard last. `now`: monotonic seconds."""

    def __init__(self) -> None:
        self._looked_at = -math.inf
        self._heard: dict[Who, float] = {}

    def hear(self, who: Who, now: float) -> None:
        """A sign of life."""
        self._heard[who] = now

    def look(self, limits: Mapping[Who, float], now: float) -> dict[Who, float]:
        """Those that are silent for longer than they may be, each with its seconds of silence. `limits`: of all that
        live, in seconds, 0 for none. To be called every `LOOK_EVERY_S`: who is among them for the first time was heard
        just now, and who is not is forgotten."""
        late = now - self._looked_at > LOOK_EVERY_S + LATE_S
        self._looked_at = now
        known = self._heard
        self._heard = {who: now if late else known.get(who, now) for who in limits}
        return {who: now - at for who, at in self._heard.items() if 0 < limits[who] < now - at}
