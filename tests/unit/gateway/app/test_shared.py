"""What a process says of Redis, and when it refuses for its sake."""

from __future__ import annotations

from gateway.app.shared import DEGRADED, REFUSING, Shared, share
from gateway.config import Config
from gateway.metrics import Metrics
from gateway.services.hints import NoHints


def why_not(shared: Shared) -> str | None:
    """Why it refuses, asked anew."""
    return shared.refuses


def test_without_redis_nothing_is_said() -> None:
    shared = share(Config(), Metrics())
    assert (shared.facts(), shared.refuses, shared.tasks) == ({}, None, {})


def test_what_health_says() -> None:
    state = {"up": True}
    shared = Shared(NoHints(), lambda: state["up"])
    assert shared.facts() == {"redis": "ok"}
    state["up"] = False
    assert shared.facts() == {"redis": "degraded", "redis_means": DEGRADED}
    assert why_not(shared) is None
    shared.required = True
    assert shared.facts() == {"redis": "unavailable", "redis_means": REFUSING}
    assert why_not(shared) == REFUSING
    state["up"] = True
    assert why_not(shared) is None


def test_a_limit_is_divided_by_this_process_and_the_others() -> None:
    shared = Shared(NoHints())
    assert shared.takers == 1
    shared.count(others=3)
    assert shared.takers == 4


async def test_a_process_runs_what_its_roles_need() -> None:
    base = {"redis": {"url": "redis://127.0.0.1:1/0"}, "store": {"url": "postgresql://h/d"}}
    every = share(Config.model_validate(base), Metrics())
    assert set(every.tasks) == {"redis", "hints", "account rates", "limits"}
    sender = share(Config.model_validate({**base, "process": {"roles": ["sender"]}}), Metrics())
    assert set(sender.tasks) == {"redis", "hints"}
