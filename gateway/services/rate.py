"""The rate at which an account may send: a token bucket per account and environment, in this process."""

from __future__ import annotations

import math
from collections.abc import Callable

from gateway.domain.account import Caller
from gateway.errors import Overloaded

# Sums of floats fall short of whole messages by less than this: who waits as long as he was told to must pass.
_ROUNDING = 1e-6


class RateGate:
    """Messages per second by the account's `rate_per_s`, with a burst of one second (at least one message).

    A request for more messages than the bucket can ever hold is let through when the bucket is full and
    puts it in debt: a bulk of 500 at 10 per second passes once in 50 seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}  # tokens, at

    def take(self, caller: Caller, messages: int) -> None:
        """Count the messages; raises `Overloaded` with the seconds to wait when they are too many now."""
        rate = caller.policy.rate_per_s
        if rate <= 0:
            return
        key = (caller.account, caller.env)
        burst = max(rate, 1.0)
        now = self._now()
        tokens, at = self._buckets.get(key, (burst, now))
        tokens = min(burst, tokens + (now - at) * rate)
        if tokens + _ROUNDING < min(messages, burst):
            self._buckets[key] = (tokens, now)
            wait_s = (min(messages, burst) - tokens) / rate
            raise Overloaded(
                f"More than {rate:g} messages per second.",
                retry_after_s=max(1, math.ceil(wait_s)),
                by_rate=True,
            )
        self._buckets[key] = (tokens - messages, now)
