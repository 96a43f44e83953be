"""The rate at which an account may send: a token bucket per account and environment.

Over many processes the bucket is shared, and each takes lots of it ahead (`gateway.services.lots`). Where nothing can
be shared, each process has its even part of the rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gateway.domain.account import Caller
from gateway.errors import Overloaded
from gateway.services.lots import ROUNDING, Lots


class RateGate:
    """Messages per second by the account's `rate_per_s`, with a burst of one second (at least one message).

    A request for more messages than the bucket can ever hold is let through when the bucket is full and
    puts it in debt: a bulk of 500 at 10 per second passes once in 50 seconds.
    """

    def __init__(
        self, now: Callable[[], float], lots: Lots | None = None, sharers: Callable[[], int] = lambda: 1
    ) -> None:
        """`sharers`: how many processes take messages in, this one included, for while there is nothing to share."""
        self._now = now
        self._lots = lots
        self._sharers = sharers
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}  # tokens, at

    def take(self, caller: Caller, messages: int) -> None:
        """Count the messages; raises `Overloaded` with the seconds to wait when they are too many now."""
        rate = caller.policy.rate_per_s
        if rate <= 0:
            return
        now = self._now()
        if self._lots is not None and self._lots.up:
            limit = f"account:{caller.account}:{caller.env}"
            wait_s = self._lots.take(limit, messages, rate, max(rate, 1.0))
        else:
            wait_s = self._take_alone((caller.account, caller.env), messages, rate / self._sharers(), now)
        if wait_s > 0:
            seconds = max(1, math.ceil(wait_s))
            messages_a_second = f"{rate:g} message{'' if rate == 1 else 's'} per second"
            raise Overloaded(
                f"This account may send {messages_a_second}: try again in {seconds} s.",
                retry_after_s=seconds,
                by_rate=True,
            )

    def _take_alone(self, key: tuple[str, str], messages: int, rate: float, now: float) -> float:
        """By a bucket of this process; the seconds to wait, and then nothing is counted."""
        burst = max(rate, 1.0)
        tokens, at = self._buckets.get(key, (burst, now))
        tokens = min(burst, tokens + (now - at) * rate)
        need = min(messages, burst)
        if tokens + ROUNDING < need:
            self._buckets[key] = (tokens, now)
            return (need - tokens) / rate
        self._buckets[key] = (tokens - messages, now)
        return 0.0
