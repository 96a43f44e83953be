"""Token buckets in Redis, by its own clock: what processes that share a rate ask for their lots."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any, Final

from gateway.metrics import Metrics
from gateway.services.lots import OnGrant
from storage.redis.link import Link

BEAT_S = 1.0
ABSENT_S = 5  #: who was silent for so long shares no more

# A bucket that would be full is not kept. The last argument is the time, for tests; left empty, Redis' own.
TAKE: Final = """
local time = redis.call('TIME')
local now = tonumber(ARGV[5]) or (time[1] + time[2] / 1000000)
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local level = burst
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
if kept[1] and kept[2] then
    now = math.max(now, tonumber(kept[2]))
    level = tonumber(kept[1]) + (now - tonumber(kept[2])) * rate
end
level = math.min(burst, math.min(burst, level) - tonumber(ARGV[3]))
local granted = math.max(0, math.min(tonumber(ARGV[4]), level))
level = level - granted
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - level) / rate * 1000) + 1000)
return {string.format('%.6f', granted), string.format('%.6f', level)}
"""

# Who shares: each says so again and again.
SHARE: Final = """
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. (time[1] - ARGV[2]))
redis.call('ZADD', KEYS[1], time[1], ARGV[1])
return redis.call('ZCARD', KEYS[1])
"""


def take_command(
    key: str, rate: float, burst: float, charge: float, want: float, now: str = ""
) -> Sequence[Any]:
    """What is sent for one question."""
    return ("EVAL", TAKE, 1, key, repr(rate), repr(burst), repr(charge), repr(want), now)


class RedisBuckets:
    """`gateway.services.lots.Buckets` over Redis. `kind`: who shares them, for the count of sharers and the metrics."""

    def __init__(self, link: Link, metrics: Metrics, kind: str) -> None:
        self._link = link
        self._key = link.key("sharers", kind)
        self._me = uuid.uuid4().hex
        self._taken = metrics.redis_lots.of(kind, "taken")
        self._empty = metrics.redis_lots.of(kind, "empty")
        self._returned = metrics.redis_lots.of(kind, "returned")
        self._lost = metrics.redis_lots.of(kind, "lost")
        self._sharers = 0

    @property
    def up(self) -> bool:
        """Whether Redis is there, and has told how many share."""
        return self._link.up and self._sharers > 0

    @property
    def sharers(self) -> int:
        """As Redis told last, also while it is away; 0: never."""
        return self._sharers

    def ask(
        self, limit: str, rate: float, burst: float, charge: float, want: float, on_grant: OnGrant
    ) -> bool:
        """See `Buckets.ask`."""

        def on_answer(answer: Any) -> None:
            if answer is None:
                self._lost.total += 1
                on_grant(None, 0.0)
                return
            granted, level = float(answer[0]), float(answer[1])
            if want:
                (self._taken if granted else self._empty).total += 1
            on_grant(granted, level)

        if not self._link.send(
            *take_command(self._link.key("rate", limit), rate, burst, charge, want), on_answer=on_answer
        ):
            return False
        if not want:
            self._returned.total += 1
        return True

    async def run(self) -> None:
        """Say that this process shares, until cancelled."""
        while True:
            await self._link.until_up()
            self._link.send("EVAL", SHARE, 1, self._key, self._me, ABSENT_S, on_answer=self._counted)
            await asyncio.sleep(BEAT_S)

    def _counted(self, answer: Any) -> None:
        if answer is not None:
            self._sharers = int(answer)
