"""What the processes of a store share besides it, through Redis: made from the configuration, and how it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.config import Config
from gateway.metrics import Metrics
from gateway.services.hints import Hints, NoHints

DEGRADED = (
    "Redis is away. Nothing is lost: processes look into the store twice a second for each other's messages and "
    "webhooks, and each keeps to its part of the limits"
)
REFUSING = "Redis is away, and [redis] required is set: sends are answered 503 until it is back"


@dataclass(frozen=True, slots=True)
class Shared:
    """`up` asks whether Redis is there; None where none is configured. `tasks` are to be run, by name."""

    hints: Hints
    up: Callable[[], bool] | None
    required: bool
    tasks: dict[str, Callable[[], Awaitable[None]]]

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
        return Shared(NoHints(), None, False, {})
    from storage.redis.hints import RedisHints  # the driver, which most configurations can do without
    from storage.redis.link import Link

    link = Link(config.redis.url, config.redis.prefix, metrics)
    hints = RedisHints(link, metrics)
    return Shared(hints, lambda: link.up, config.redis.required, {"redis": link.run, "hints": hints.run})
