"""How many PDUs per second an operator gets: a token bucket that backs off when told "throttled".

Counted in PDUs, because carriers count parts and not messages (jasmin#708, #925). The bucket is
shared by all binds of one operator. It owns no clock: `now` is a monotonic float in seconds.

Slowing down (ESME_RTHROTTLED, ESME_RMSGQFUL): all writing pauses, 1 s at first and doubling up to
30 s when the operator complains again soon after; the rate is halved and grows back by a tenth per
second. Without a configured rate the one measured just before the complaint is halved instead, and
the limit is lifted once it has grown well past what was measured.
"""

from __future__ import annotations

UNLIMITED = 1 << 30
"""What `available` says when nothing limits the rate."""

# A bucket of a tenth of a second: a carrier that counts in whole seconds would see a full second's
# burst as twice the rate.
_BURST_S = 0.1
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
# A complaint within this time after a pause means that the pause was too short.
_RELAPSE_S = 10.0
_GROWTH_PER_S = 1.1
_SLOWEST_PER_S = 1.0
# A rate that was only measured is dropped when it has grown to this multiple of the measurement.
_LIFT = 4.0
# Sums of floats fall short of whole tokens by less than this.
_ROUNDING = 1e-6


class Throttle:
    """A token bucket in PDUs; `rate_per_s` 0 means unlimited, `burst` 0 a tenth of a second's worth."""

    __slots__ = (
        "_burst",
        "_ceiling",
        "_configured",
        "_marked_at",
        "_marked_total",
        "_measured",
        "_pause_s",
        "_paused_until",
        "_rate",
        "_refilled_at",
        "_tokens",
        "_total",
        "slowdowns",
    )

    def __init__(self, rate_per_s: float = 0.0, burst: int = 0) -> None:
        if burst < 0:
            raise ValueError("burst must not be negative; 0 means a tenth of a second's worth")
        self._burst = burst
        self.configure(rate_per_s)
        self._tokens = self._depth()
        self._refilled_at: float | None = None
        self._pause_s = 0.0
        self._paused_until = float("-inf")
        self._total = 0
        self._marked_at: float | None = None
        self._marked_total = 0
        self._measured = 0.0
        self.slowdowns = 0

    def configure(self, rate_per_s: float) -> None:
        """Another rate from now on. A pause goes on; what a complaint took from the old rate is forgotten."""
        if rate_per_s < 0:
            raise ValueError("rate_per_s must not be negative; 0 means no limit")
        self._configured = rate_per_s
        self._rate = rate_per_s  # PDUs per second now; 0: unlimited
        self._ceiling = rate_per_s  # where a reduced rate stops growing
        self._tokens = 0.0

    def take(self, wanted: int, now: float) -> int:
        """Take up to `wanted` tokens and return how many there were."""
        unlimited = not self._rate and now >= self._paused_until
        taken = wanted if unlimited else min(wanted, self.available(now))
        self._total += taken
        if self._rate:
            self._tokens -= taken
        elif self._marked_at is None or now - self._marked_at >= 1.0:
            self._measure(now)
        return taken

    def available(self, now: float) -> int:
        """PDUs that may be written at this moment."""
        if now < self._paused_until:
            return 0
        if not self._rate:
            return UNLIMITED
        self._refill(now)
        return int(self._tokens + _ROUNDING) if self._rate else UNLIMITED

    def ready_at(self, now: float) -> float:
        """The time from which at least one PDU may be written: `now` when that is so already."""
        if now < self._paused_until:
            return self._paused_until
        if self.available(now) > 0:
            return now
        return now + (1.0 - self._tokens) / self._rate

    def rate(self, now: float) -> float:
        """The rate in force, PDUs per second; 0 when unlimited. For the metrics."""
        if self._rate:
            self._refill(now)
        return self._rate

    def paused(self, now: float) -> bool:
        """Whether writing rests after a complaint."""
        return now < self._paused_until

    def slow_down(self, now: float) -> bool:
        """The operator complained. Returns False while resting: one window brings many complaints."""
        if now < self._paused_until:
            return False
        soon = now < self._paused_until + _RELAPSE_S
        self._pause_s = min(_LONGEST_PAUSE_S, self._pause_s * 2) if soon else _FIRST_PAUSE_S
        if self._rate:
            self._refill(now)
        before = self._rate or self._recent(now)
        if not self._rate:
            self._ceiling = _LIFT * max(before, _SLOWEST_PER_S)
        # An operator set to less than one PDU per second is not sped up by its complaint.
        self._rate = max(before / 2, min(_SLOWEST_PER_S, before or _SLOWEST_PER_S))
        self._paused_until = now + self._pause_s
        self._refilled_at = self._paused_until
        self._tokens = min(1.0, self._depth())
        self.slowdowns += 1
        return True

    def _depth(self) -> float:
        return self._burst or max(1.0, self._rate * _BURST_S)

    def _refill(self, now: float) -> None:
        if self._refilled_at is None:
            self._refilled_at = now
        passed = now - self._refilled_at
        if passed <= 0:
            return
        self._refilled_at = now
        before = self._rate
        if before < self._ceiling:
            self._rate = min(self._ceiling, before * _GROWTH_PER_S ** min(passed, 100.0))
            if not self._configured and self._rate >= self._ceiling:
                self._rate = self._ceiling = 0.0
                self._marked_at = None
                return
        self._tokens = min(self._depth(), self._tokens + passed * (before + self._rate) / 2)

    def _measure(self, now: float) -> None:
        """A second is over, or the first one begins."""
        if self._marked_at is not None:
            self._measured = (self._total - self._marked_total) / (now - self._marked_at)
        self._marked_at, self._marked_total = now, self._total

    def _recent(self, now: float) -> float:
        """PDUs per second before `now`: of this second once it can tell, else of the last one."""
        running_s = now - self._marked_at if self._marked_at is not None else 0.0
        if running_s >= 0.2 or not self._measured:
            return (self._total - self._marked_total) / max(running_s, 1.0)
        return self._measured
