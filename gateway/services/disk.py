"""A store whose disk hangs: a commit that neither ends nor fails (a frozen volume, a network disk that is away, one
that tries a bad block again and again).

Nothing can be done to such a commit: it may be kept yet, or not. So it is told, in `/health/ready`, the log and a
metric; the gateway is not ready some seconds earlier, for the small commit that readiness asks for takes too long.
Nothing is written to carriers, for their answers could not be kept, and the flight journal on the same disk would stop
the whole process. Who only waits for a turn, and who comes, is refused: nothing of theirs was begun. Who waits for that
commit is answered that its outcome is unknown, and what was begun goes on: the message of such a request is sent when
the disk comes back, and a request that repeats its key finds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import structlog

from gateway.ports import Clock

log = structlog.get_logger("gateway.disk")

LOOK_S = 0.5
HOLDS_S = 1.0  #: without an end of what the store does, nothing is written to carriers
HANGS_S = 6.0  #: it is told: later than a store that others have locked gives up, which is after five
REFUSES_S = 8.0  #: nobody waits for their turn any more, and at the next look nobody waits at all


class Hanging(Protocol):
    """What is asked of `NocStore`."""

    def hangs_s(self) -> float: ...
    def turn_away(self, why: str | None) -> None: ...


class DiskWatch:
    """Looks at an embedded store twice a second; one of a server's has a limit for each call."""

    def __init__(
        self, store: Hanging, clock: Clock, hold: Callable[[bool], None], answer: Callable[[str], None]
    ) -> None:
        """`hold(True)`: write nothing to carriers, until `hold(False)`; said at each look. `answer(why)`: answer who
        waits for the commit under way, whose outcome is unknown."""
        self._store = store
        self._clock = clock
        self._hold = hold
        self._answer = answer
        self._refuses = False
        self.says: str | None = None  #: what hangs and since when, while it does
        self.hangs_s = 0.0

    async def run(self) -> None:
        """Look after look, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """One look."""
        hung_s, self.hangs_s = self.hangs_s, self._store.hangs_s()
        self._hold(self.hangs_s >= HOLDS_S)
        if self.hangs_s < HANGS_S:
            if self.says is not None:
                self._is_back(hung_s)
            return
        if self.says is None:
            since = self._clock() - timedelta(seconds=self.hangs_s)
            self.says = (
                f"a commit has been under way since {since:%Y-%m-%dT%H:%M:%SZ} and does not end: the store's disk "
                "hangs, look at its volume and the system's log"
            )
        log.error("the store hangs", error=self.says, seconds=round(self.hangs_s))  # once in half a minute
        if self.hangs_s < REFUSES_S:
            return
        self._store.turn_away(self.says)
        if self._refuses:  # since the last look: who only waited for a turn has an answer by now
            self._answer(self.says)
        self._refuses = True

    def _is_back(self, hung_s: float) -> None:
        log.warning("the store's disk is back", hung_s=round(hung_s))
        self.says, self._refuses = None, False
        self._store.turn_away(None)
