"""How many parts per second go out: an exact rate, and one that backs off when the carrier complains.

Counted in parts, because carriers count parts and not messages (jasmin#708, #925). Nothing here owns a clock: `now` is
a monotonic float in seconds.

A `Bucket` gives one part every 1 / rate seconds and saves nothing up while it is idle: in any time t at most
rate x t + 1 parts. Timers come late, at 1,000 parts/s by many parts, so what was waited for is made up for when it is
at most `CATCH_UP_S` late; then too no second holds more than the rate.

A `Throttle` slows down when told to (ESME_RTHROTTLED, ESME_RMSGQFUL): all writing pauses, 1 s at first and doubling up
to 30 s when the operator complains again soon after; the rate is halved and grows by a tenth each second. Without a
configured rate the one measured just before the complaint is halved instead, and the limit is lifted once it has grown
well past what was measured. SMPP 5.0 carriers tell how full they are before they complain (congestion_state).
"""

from __future__ import annotations

import math
from collections import deque

UNLIMITED = 1 << 30
"""What `free` says when nothing limits the rate."""

CATCH_UP_S = 0.1
"""What a late timer may be made up for."""

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
# A complaint within this time after a pause means that the pause was too short.
_RELAPSE_S = 10.0
_GROWTH = 1.1
_STEP_S = 1.0
_SLOWEST_PER_S = 1.0
# A rate that was only measured is dropped when it has grown to this multiple of the measurement.
_LIFT = 4.0
# Sums of floats fall short of whole parts by less than this.
_ROUNDING = 1e-6

# SMPP 5.0, 4.8.4.18: up to 79 low to high, 80-89 at its best, 90-99 nearly congested, 100 congested.
_OPTIMUM = 80
_NEARLY_CONGESTED = 90
_CONGESTED = 100
_EASE = 0.9


class Bucket:
    """One limit; `rate` 0 means none. Ask `free`, then `take` no more than that."""

    __slots__ = ("_awaited", "_in_second", "_last", "_seconds_parts", "rate")

    def __init__(self, rate: float = 0.0) -> None:
        self.rate = rate  #: parts per second; may be set at any time
        self._last = float("-inf")  # when the last part was due
        self._awaited = False
        self._seconds_parts: deque[tuple[float, int]] = deque()  # written at, how many: of the last second
        self._in_second = 0

    def free(self, now: float) -> int:
        """Parts that may be written at this moment."""
        rate = self.rate
        if not rate:
            return UNLIMITED
        self._settle(now)
        due = int((now - self._last) * rate + _ROUNDING)
        return max(0, min(due, math.ceil(rate) - self._in_second))

    def take(self, parts: int, now: float) -> None:
        """They are written."""
        if self.rate:
            self._settle(now)
            self._last += parts / self.rate
            self._seconds_parts.append((now, parts))
            self._in_second += parts

    def ready_at(self, now: float) -> float:
        """When at least one part may be written: `now` when that is so already. Whoever asks is waiting."""
        if self.free(now) > 0:
            return now
        self._awaited = True
        ready = self._last + 1 / self.rate
        if self._in_second >= math.ceil(self.rate):
            ready = max(ready, self._seconds_parts[0][0] + 1.0)
        return max(ready, now)

    def idle(self, now: float) -> bool:
        """Whether it may be forgotten: a new one would say the same."""
        return not self.rate or (self.free(now) > 0 and not self._seconds_parts)

    def _settle(self, now: float) -> None:
        """Idle time gives one part and no more; a second that is over is forgotten."""
        late_s = now - self._last - 1 / self.rate
        if late_s > (CATCH_UP_S if self._awaited else 0.0):
            self._last = now - 1 / self.rate
            self._awaited = False
        kept = self._seconds_parts
        while kept and kept[0][0] <= now - 1.0 + _ROUNDING:
            self._in_second -= kept.popleft()[1]


class Throttle:
    """An operator's rate; `rate_per_s` 0 means unlimited until the operator complains."""

    __slots__ = (
        "_bucket",
        "_ceiling",
        "_configured",
        "_grown_at",
        "_judged_at",
        "_marked_at",
        "_marked_total",
        "_measured",
        "_pause_s",
        "_paused_until",
        "_total",
        "slowdowns",
    )

    def __init__(self, rate_per_s: float = 0.0) -> None:
        self._bucket = Bucket()
        self._configured = 0.0
        self.configure(rate_per_s)
        self._pause_s = 0.0
        self._paused_until = float("-inf")
        self._judged_at = float("-inf")
        self._grown_at = float("-inf")
        self._total = 0
        self._marked_at: float | None = None
        self._marked_total = 0
        self._measured = 0.0
        self.slowdowns = 0

    def configure(self, rate_per_s: float) -> None:
        """Another rate from now on. A pause goes on; what a complaint took from the old rate is taken from the new one
        in the same proportion."""
        if rate_per_s < 0:
            raise ValueError("rate_per_s must not be negative; 0 means no limit")
        known, self._configured = self._configured, rate_per_s
        reduced = self._bucket.rate / known if known and rate_per_s else 1.0
        self._ceiling = rate_per_s  # where a reduced rate stops growing
        self._bucket.rate = rate_per_s * reduced

    def free(self, now: float) -> int:
        """Parts that may be written at this moment."""
        if now < self._paused_until:
            return 0
        if self._bucket.rate:
            self._grow(now)
        return self._bucket.free(now)

    def take(self, parts: int, now: float) -> None:
        """They are written: no more than `free` said."""
        self._total += parts
        if self._bucket.rate:
            self._bucket.take(parts, now)
        elif self._marked_at is None or now - self._marked_at >= 1.0:
            self._measure(now)

    def ready_at(self, now: float) -> float:
        """The time from which at least one part may be written: `now` when that is so already."""
        if now < self._paused_until:
            return self._paused_until
        if self.free(now) > 0:
            return now
        return self._bucket.ready_at(now)

    def rate(self, now: float) -> float:
        """The rate in force, parts per second; 0 when unlimited. For the metrics."""
        self._grow(now)
        return self._bucket.rate

    def paused(self, now: float) -> bool:
        """Whether writing rests after a complaint."""
        return now < self._paused_until

    def slow_down(self, now: float) -> bool:
        """The operator complained. Returns False while resting: one window brings many complaints."""
        if now < self._paused_until:
            return False
        soon = now < self._paused_until + _RELAPSE_S
        self._pause_s = min(_LONGEST_PAUSE_S, self._pause_s * 2) if soon else _FIRST_PAUSE_S
        self._reduce(0.5, now)
        self._paused_until = self._grown_at = now + self._pause_s
        self.slowdowns += 1
        return True

    def congested(self, state: int, now: float) -> None:
        """What the operator says of its load, 0 to 100. Heeded once a second, for every answer may tell it."""
        if state < _OPTIMUM or now - self._judged_at < _STEP_S:
            return
        self._judged_at = now
        if state >= _CONGESTED:
            self._reduce(0.5, now)
        elif state >= _NEARLY_CONGESTED:
            self._reduce(_EASE, now)
        self._grown_at = max(self._grown_at, now + _STEP_S)  # no faster while it is at its best

    def _reduce(self, factor: float, now: float) -> None:
        self._grow(now)
        before = self._bucket.rate or self._recent(now)
        if not self._bucket.rate:
            self._ceiling = _LIFT * max(before, _SLOWEST_PER_S)
        self._grown_at = now
        # An operator set to less than one part per second is not sped up by its complaint.
        self._bucket.rate = max(before * factor, min(_SLOWEST_PER_S, before or _SLOWEST_PER_S))

    def _grow(self, now: float) -> None:
        """Step by step back to where it was."""
        rate = self._bucket.rate
        steps = int(now - self._grown_at + _ROUNDING) if rate < self._ceiling else 0
        if steps <= 0:
            return
        self._grown_at += steps
        self._bucket.rate = min(self._ceiling, rate * _GROWTH ** min(steps, 200))
        if not self._configured and self._bucket.rate >= self._ceiling:
            self._bucket.rate = self._ceiling = 0.0
            self._marked_at = None

    def _measure(self, now: float) -> None:
        """A second is over, or the first one begins."""
        if self._marked_at is not None:
            self._measured = (self._total - self._marked_total) / (now - self._marked_at)
        self._marked_at, self._marked_total = now, self._total

    def _recent(self, now: float) -> float:
        """Parts per second before `now`: of this second once it can tell, else of the last one."""
        running_s = now - self._marked_at if self._marked_at is not None else 0.0
        if running_s >= 0.2 or not self._measured:
            return (self._total - self._marked_total) / max(running_s, 1.0)
        return self._measured
