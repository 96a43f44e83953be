"""When parts may be written, as a pool asks its owner: the pool knows windows, not what the carrier has sold.

`now` is the event loop's time in seconds.
"""

from __future__ import annotations

from typing import Any, Protocol

UNLIMITED = 1 << 30
"""What `free` says when nothing limits the rate."""


class Pace(Protocol):
    """The rates of one operator."""

    @property
    def by_part(self) -> bool:
        """Whether parts differ: each is asked for by `take_part`, and one that has to wait lets the next one pass.
        Otherwise they are asked for in numbers, by `take`."""
        ...

    def free(self, bind: int, now: float) -> int:
        """Parts that this bind may write now, unless a part's own rate is against it."""
        ...

    def ready_at(self, bind: int, now: float) -> float:
        """When `free` says more than 0; `now` where it does."""
        ...

    def take(self, bind: int, wanted: int, now: float) -> int:
        """Count up to so many; they are written now."""
        ...

    def take_part(self, bind: int, tag: Any, now: float) -> float:
        """0.0: it is counted, and written now. Otherwise it waits until then, and those behind it may pass."""
        ...

    def slow_down(self, now: float) -> None:
        """The SMSC has answered that it is throttled, or that its queue is full."""
        ...

    def congested(self, state: int, now: float) -> None:
        """The SMSC has told how full it is, 0 to 100. SMPP 5.0, 4.8.4.18."""
        ...


class Unpaced:
    """No rate at all."""

    by_part = False

    def free(self, bind: int, now: float) -> int:  # noqa: ARG002
        """As many as there are."""
        return UNLIMITED

    def ready_at(self, bind: int, now: float) -> float:  # noqa: ARG002
        """At once."""
        return now

    def take(self, bind: int, wanted: int, now: float) -> int:  # noqa: ARG002
        """All."""
        return wanted

    def take_part(self, bind: int, tag: Any, now: float) -> float:  # noqa: ARG002
        """Always."""
        return 0.0

    def slow_down(self, now: float) -> None:
        """Nobody listens."""

    def congested(self, state: int, now: float) -> None:
        """Nobody listens."""
