"""When a part may be written: four limits, and one decision over all of them.

A carrier sells parts per second over all (`operator`), often per bind too; long numbers have a rate of their own (one
part per second in the US), and some destinations theirs. A part goes when every limit has room, and then counts at each
of them; or it waits, counts nowhere, and the answer says until when and for which limit. Nothing here owns a clock.

What waits for its sender or its destination lets others pass. Parts of one message have the same of both, so they never
pass each other.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.domain.throttle import UNLIMITED, Bucket, Throttle

MAX_SENDERS = 10_000
"""Senders whose rate is remembered; those that are idle are forgotten first."""


class Level(enum.StrEnum):
    """What limits a rate."""

    BIND = "bind"
    OPERATOR = "operator"
    SENDER = "sender"
    PREFIX = "prefix"


class Hold(NamedTuple):
    """Not before `until` (monotonic seconds), because of a limit."""

    until: float
    level: Level
    key: str  #: the bind's index, "" for the operator, the sender, or the prefix
    per_s: float  #: its rate; 0 where it is not known


class Pair(NamedTuple):
    """What a part is counted by."""

    sender: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Parts per second; 0 means no limit."""

    operator: float = 0.0
    bind: float = 0.0
    sender: float = 0.0
    prefixes: Mapping[str, float] = field(default_factory=dict)


_Key = tuple[Level, str]


class Pacer:
    """The limits of one operator, as far as this process may use them (`share`)."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.operator = Throttle(limits.operator)
        self.by_pair = bool(limits.sender or limits.prefixes)  #: whether parts differ
        self.waits: Counter[Level] = Counter()  #: how often something had to wait, by what it waited for
        self.last: Hold | None = None  #: the latest of these
        self._share = 1.0
        self._binds: dict[int, Bucket] = {}
        self._buckets: dict[_Key, Bucket] = {}
        self._promised: Counter[_Key] = Counter()  # handed over and not written
        self._tidy_at = MAX_SENDERS
        self._lengths = sorted({len(prefix) for prefix in limits.prefixes}, reverse=True)

    def share(self, part: float) -> None:
        """This process may use this part (0 to 1) of all rates but those of binds, which are its own."""
        if part == self._share:
            return
        self._share = part
        self.operator.configure(self.limits.operator * part)
        for (level, key), bucket in self._buckets.items():
            bucket.rate = self._rate(level, key)

    # --- by bind and operator, where parts do not differ

    def free(self, bind: int, now: float) -> int:
        """Parts that this bind may write now, as far as bind and operator go."""
        free = self.operator.free(now)
        return min(free, self._bind(bind).free(now)) if self.limits.bind else free

    def take(self, bind: int, wanted: int, now: float) -> int:
        """Count up to so many parts at bind and operator; how many may be written."""
        taken = min(wanted, self.free(bind, now))
        if taken > 0:
            self.operator.take(taken, now)
            if self.limits.bind:
                self._bind(bind).take(taken, now)
        return taken

    def hold(self, bind: int, now: float) -> Hold | None:
        """What a bind has to wait for before it may write anything."""
        until, level, key = self.operator.ready_at(now), Level.OPERATOR, ""
        if self.limits.bind:
            own = self._bind(bind).ready_at(now)
            if own > until:
                until, level, key = own, Level.BIND, str(bind)
        return self._waits(Hold(until, level, key, self._rate(level, key))) if until > now else None

    # --- by sender and destination too

    def take_part(self, bind: int, pair: Pair, now: float) -> Hold | None:
        """Count one part at all four levels, or at none; then until when it waits."""
        keys = tuple(self._keys(pair))
        hold = self._held(keys, now) or (self.hold(bind, now) if self.free(bind, now) < 1 else None)
        if hold is not None:
            return hold
        self.take(bind, 1, now)
        for key in keys:
            self._bucket(key).take(1, now)
            self._keep_promise(key)
        return None

    def admit(self, pair: Pair, parts: int, now: float) -> Hold | None:
        """Whether a message may be handed over now: its first part would not wait for its sender or its destination,
        and no other's parts wait for them. Then each of its parts ends in `take_part` or `forget`."""
        if len(self._buckets) >= self._tidy_at:
            self._tidy(now)
        keys = tuple(self._keys(pair))
        for key in keys:
            bucket, promised = self._bucket(key), self._promised[key]
            if promised >= bucket.free(now):
                until = bucket.ready_at(now) + promised / bucket.rate
                return self._waits(Hold(until, *key, bucket.rate))
        for key in keys:
            self._promised[key] += parts
        return None

    def forget(self, pair: Pair) -> None:
        """A part that was handed over is not written."""
        for key in self._keys(pair):
            self._keep_promise(key)

    # --- within

    def _waits(self, hold: Hold) -> Hold:
        self.waits[hold.level] += 1
        self.last = hold
        return hold

    def _held(self, keys: tuple[_Key, ...], now: float) -> Hold | None:
        """The limit that holds longest."""
        found: Hold | None = None
        for key in keys:
            bucket = self._bucket(key)
            if bucket.free(now) < 1:
                until = bucket.ready_at(now)
                if found is None or until > found.until:
                    found = Hold(until, *key, bucket.rate)
        return found

    def _keys(self, pair: Pair) -> Iterator[_Key]:
        if self.limits.sender:
            yield Level.SENDER, pair.sender
        prefixes = self.limits.prefixes
        for length in self._lengths:
            if (prefix := pair.recipient[:length]) in prefixes:
                yield Level.PREFIX, prefix
                return

    def _rate(self, level: Level, key: str) -> float:
        if level is Level.PREFIX:
            return self.limits.prefixes[key] * self._share
        if level is Level.SENDER:
            return self.limits.sender * self._share
        return self.limits.bind if level is Level.BIND else self.limits.operator * self._share

    def _bind(self, index: int) -> Bucket:
        bucket = self._binds.get(index)
        if bucket is None:
            bucket = self._binds[index] = Bucket(self.limits.bind)
        return bucket

    def _bucket(self, key: _Key) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._rate(*key))
        return bucket

    def _keep_promise(self, key: _Key) -> None:
        left = self._promised[key] - 1
        if left > 0:
            self._promised[key] = left
        else:
            del self._promised[key]

    def _tidy(self, now: float) -> None:
        """Forget senders that would find the same without being remembered; if these are few, not so soon again."""
        self._buckets = {
            key: bucket
            for key, bucket in self._buckets.items()
            if key in self._promised or not bucket.idle(now)
        }
        self._tidy_at = max(MAX_SENDERS, 2 * len(self._buckets))


__all__ = ["UNLIMITED", "Hold", "Level", "Limits", "Pacer", "Pair"]
