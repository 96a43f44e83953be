"""What the processes of a store share besides it, through Redis: made from the configuration, and how it is."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.config import Config, Role
from gateway.metrics import Metrics
from gateway.services.hints import Hints, NoHints
from gateway.services.limits import Alone, Told
from gateway.services.lots import Lots

DEGRADED = (
    "Redis is away. Nothing is lost: processes look into the store twice a second for each other's messages and "
    "webhooks, and each keeps to its part of the limits"
)
REFUSING = "Redis is away, and [redis] required is set: sends are answered 503 until it is back"


@dataclass(slots=True)
class Shared:
    """`up` asks whether Redis is there; None where none is configured. `tasks` are to be run, by name. `accounts`: lots
    of the accounts' rates. `takers`: how many processes take messages in, this one included, as the store has told.
    `told`: how they tell each other of messages under a limit."""

    hints: Hints
    up: Callable[[], bool] | None = None
    required: bool = False
    accounts: Lots | None = None
    tasks: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    takers: int = 1
    told: Told = field(default_factory=Alone)

    def count(self, others: int) -> None:
        """So many other processes take messages in."""
        self.takers = others + 1

    @property
    def refuses(self) -> str | None:
        """Why nothing may be accepted now, if so."""
        return REFUSING if self.required and self.up is not None and not self.up() else None

    def facts(self) -> dict[str, object]:
        """For `/health/ready`."""
        if self.up is None:
            return {}
        if self.up():
            return {"redis": "ok"}
        if self.required:
            return {"redis": "unavailable", "redis_means": REFUSING}
        return {"redis": "degraded", "redis_means": DEGRADED}


def share(config: Config, metrics: Metrics) -> Shared:
    """Nothing is connected yet: that is the tasks' work, and nobody waits for it."""
    if not config.redis.url:
        return Shared(NoHints())
    from storage.redis.hints import RedisHints  # the driver, which most configurations can do without
    from storage.redis.link import Link
    from storage.redis.rates import RedisBuckets
    from storage.redis.told import RedisTold

    link = Link(config.redis.url, config.redis.prefix, metrics)
    hints = RedisHints(link, metrics)
    shared = Shared(hints, lambda: link.up, config.redis.required)
    shared.tasks |= {"redis": link.run, "hints": hints.run}
    if Role.API in config.process.roles:
        buckets = RedisBuckets(link, metrics, "account")
        shared.accounts = Lots(buckets, time.monotonic)
        shared.tasks["account rates"] = buckets.run
        shared.told = told = RedisTold(link, metrics)
        shared.tasks["limits"] = told.run
    return shared
