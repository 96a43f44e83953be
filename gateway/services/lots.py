"""A rate that processes share: each takes ahead what it needs for the next moment, so that nobody waits for an answer.

The bucket stands elsewhere and knows what is left of the rate. Here are a *lot*, taken from it ahead, and some
*credit*: what may be used before the bucket was asked, at most this process's even part of what it is likely to hold.
What was used on credit is charged with the next question, and a bucket may owe: whoever asks next then waits longer.

So all processes together use at most rate x time + two bursts: the bucket's own and, where all of them have been idle
and begin at once, the even parts of another one. Over time it is the rate: every credit is charged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

LOT_S = 0.1  #: a lot is what the whole rate gives in so long
HOLD_S = 3.0  #: what was not used for so long is given back; longer than the shortest Retry-After

# Sums of floats fall short of whole tokens by less than this: who waits as long as he was told to must pass.
ROUNDING = 1e-6

OnGrant = Callable[[float | None, float], None]
"""How many were granted and what is left (less than nothing: it is owed); None: no answer, nobody knows."""


class Buckets(Protocol):
    """Token buckets that all processes reach."""

    @property
    def up(self) -> bool:
        """Whether they can be asked at this moment."""
        ...

    @property
    def sharers(self) -> int:
        """How many processes use them, as was told last; 0: never told, and then they are not up either."""
        ...

    def ask(
        self, limit: str, rate: float, burst: float, charge: float, want: float, on_grant: OnGrant
    ) -> bool:
        """Take `charge` whatever is left (negative: give back), then up to `want`. Does not wait; False: not asked."""
        ...


class Lot:
    """What this process has of one limit."""

    __slots__ = (
        "_asked",
        "_buckets",
        "_burst",
        "_clock",
        "_level",
        "_level_at",
        "_limit",
        "_rate",
        "_tokens",
        "_used_at",
    )

    def __init__(
        self, buckets: Buckets, clock: Callable[[], float], limit: str, rate: float, burst: float
    ) -> None:
        self._buckets = buckets
        self._clock = clock
        self._limit = limit
        self._rate = rate
        self._burst = burst
        self._tokens = 0.0  # in hand; negative: used on credit and not charged yet
        self._level = burst  # of the bucket, as far as is known
        self._level_at = float("-inf")
        self._asked = False
        self._used_at = float("-inf")

    @property
    def _size(self) -> float:
        return min(self._burst, max(1.0, self._rate * LOT_S))

    def _likely(self, now: float) -> float:
        """What the bucket holds if nobody else has taken any."""
        if self._level_at == float("-inf"):
            return self._burst
        return min(self._burst, self._level + (now - self._level_at) * self._rate)

    def take(self, count: int) -> float:
        """Use so many; 0.0, or the seconds to wait and then none is used.

        More than a burst are let through where a whole burst is there, and are owed.
        """
        now = self._used_at = self._clock()
        likely = self._likely(now)
        here = self._tokens + max(0.0, likely) / self._buckets.sharers
        need = min(float(count), self._burst)
        if here + ROUNDING < need:
            self._ask(need - max(0.0, self._tokens))
            return max((need - self._tokens - likely) / self._rate, LOT_S)
        self._tokens -= count
        if self._tokens < self._size / 2:
            self._ask(self._size - max(0.0, self._tokens))
        return 0.0

    def _ask(self, want: float) -> None:
        """One question at a time; what comes up meanwhile is in the next one."""
        if self._asked:
            return
        now = self._clock()
        charge = max(0.0, -self._tokens)
        if not self._buckets.ask(self._limit, self._rate, self._burst, charge, want, self._granted):
            return
        self._asked = True
        self._tokens += charge
        self._level = self._likely(now) - charge - want  # until the answer: no credit twice
        self._level_at = now

    def _granted(self, granted: float | None, level: float) -> None:
        self._asked = False
        if granted is not None:
            self._tokens += granted
            self._level, self._level_at = level, self._clock()
        if self._tokens < -ROUNDING:
            self._ask(self._size)

    def tidy(self) -> bool:
        """Give back what was not used for long. True: nothing is left to remember."""
        now = self._clock()
        if self._asked or now - self._used_at < HOLD_S:
            return False
        if self._tokens:
            charge, self._tokens = -self._tokens, 0.0
            self._buckets.ask(
                self._limit, self._rate, self._burst, charge, 0.0, lambda _granted, _level: None
            )
        return self._likely(now) >= self._burst


class Lots:
    """This process's lots of limits of one kind."""

    def __init__(self, buckets: Buckets, clock: Callable[[], float]) -> None:
        """`clock`: monotonic, in seconds."""
        self._buckets = buckets
        self._clock = clock
        self._lots: dict[str, tuple[float, float, Lot]] = {}
        self._tidied_at = float("-inf")

    @property
    def up(self) -> bool:
        """Whether what is shared can be asked for."""
        return self._buckets.up

    def take(self, limit: str, count: int, rate: float, burst: float) -> float:
        """See `Lot.take`."""
        if self._clock() - self._tidied_at >= HOLD_S:
            self.tidy()
        known = self._lots.get(limit)
        if known is None or known[:2] != (rate, burst):
            known = self._lots[limit] = (rate, burst, Lot(self._buckets, self._clock, limit, rate, burst))
        return known[2].take(count)

    def tidy(self) -> None:
        """Give back and forget what is not in use: limits are many, and memory is not."""
        self._tidied_at = self._clock()
        self._lots = {limit: known for limit, known in self._lots.items() if not known[2].tidy()}

    def __len__(self) -> int:
        return len(self._lots)
