"""Faults of a tenant's webhook receiver: slow, failing, gone. Nobody else is held up, and in the end all is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.bench.child import free_port
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.sink import Sink
from tests.acceptance.harness.world import World, world
from tests.faults.evidence import assert_told_in_order
from tests.faults.load import Post, answers

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 60.0
MESSAGES = 200
QUICK = {"webhooks": {"schedule": [0.2, 0.5, 1.0], "answer_timeout_s": 2.0}}


@pytest_asyncio.fixture(loop_scope="module")
async def at(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    """Events are told from the first answer on, and tried again soon."""
    async with world(template, tmp_path, config=QUICK) as built:
        await built.gateway.cli("account", "set", "acme", "webhook_events=sent,delivered")
        yield built


@asynccontextmanager
async def another(at: World) -> AsyncIterator[Sink]:
    """A second receiver, at a port of its own."""
    sink = Sink(free_port(), [at.template.secret])
    await sink.open()
    try:
        yield sink
    finally:
        await sink.close()


def delivered(sink: Sink) -> set[str]:
    """Messages whose end was taken."""
    return {hook.data["messageId"] for hook in sink.taken("message.delivered")}


async def test_a_slow_receiver_holds_up_itself_alone(at: World) -> None:
    """Half of the messages are told to one that never answers: all are delivered, and the other half is told at once.
    When it wakes up it is told the rest, in order.
    """
    at.sink.open_gate.clear()
    async with another(at) as well:
        posts = [
            Post(
                number,
                f"+4477009800{number:02}" if number < 100 else f"+4477009801{number % 100:02}",
                f"Slow {number}",
                {"callbackUrl": well.url()} if number % 2 else {},
            )
            for number in range(MESSAGES)
        ]
        answered = await answers(at.gateway.port, at.api.key, posts)
        lucky = {post.identity for post in answered if post.number % 2}
        unlucky = {post.identity for post in answered} - lucky
        await at.until(lambda: delivered(well) == lucky, "all of the receiver that is well", PATIENCE_S)
        for identity in unlucky:
            await at.status(identity, "DELIVERED")
        assert not at.sink.hooks
        at.sink.open_gate.set()
        await at.until(lambda: delivered(at.sink) == unlucky, "all of the receiver that was slow", PATIENCE_S)
        assert_told_in_order(well, lucky)
        assert_told_in_order(at.sink, unlucky)


async def test_a_receiver_that_fails_for_a_while(at: World) -> None:
    """500 to everything, a kill of the gateway in between, then 200: everything is told, each event with one id."""
    at.sink.statuses["/hooks"] = 500
    posts = [Post(number, f"+4477009810{number:02}", f"Failing {number}") for number in range(100)]
    answered = await answers(at.gateway.port, at.api.key, posts)
    identities = {post.identity for post in answered}
    for identity in identities:
        await at.status(identity, "DELIVERED")
    await at.until(lambda: len(at.sink.hooks) >= 5, "some tries")
    await at.gateway.kill9()
    await at.gateway.start()
    at.sink.statuses.clear()
    await at.until(lambda: delivered(at.sink) == identities, "every event", PATIENCE_S)
    assert_told_in_order(at.sink, identities)
    for identity in identities:
        of = at.sink.of(identity)
        assert len({hook.headers["webhook-id"] for hook in of}) == len({hook.type for hook in of}) == 2
