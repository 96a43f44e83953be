"""A real Redis, and this process's links to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.metrics import Metrics
from storage.redis.link import Link, connect
from tests.engines import redis

PATIENCE_S = 20.0


async def come_true(condition: Callable[[], Any]) -> None:
    """Wait for what comes by itself a moment later."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 it changes without telling
            await asyncio.sleep(0.002)


@asynccontextmanager
async def running(*runs: Callable[[], Awaitable[None]]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Tasks for the time of a block; one that fails fails the test."""
    tasks = [asyncio.ensure_future(run()) for run in runs]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        assert isinstance(outcome, asyncio.CancelledError), outcome


@dataclass
class Linked:
    """A link that runs, and what it counts."""

    link: Link
    metrics: Metrics

    def failures(self, kind: str) -> float:
        """How many of a kind so far."""
        return self.metrics.redis_failures.value(kind)


Open = Callable[[str], Awaitable[Linked]]


@pytest.fixture
def server() -> redis.Server:
    """The session's; empty."""
    server = redis.shared()
    assert server.say("FLUSHALL") == "+OK"
    return server


@pytest.fixture
async def own_server() -> AsyncIterator[redis.Server]:
    """One that the test may freeze and kill."""
    server = redis.Server()
    server.start()
    yield server
    server.remove()


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens links, each as another process would; they are there already when it returns."""
    async with AsyncExitStack() as stack:

        async def open_link(url: str) -> Linked:
            metrics = Metrics()
            link = Link(url, "t", metrics)
            await stack.enter_async_context(running(link.run))
            await come_true(lambda: link.up)
            return Linked(link, metrics)

        yield open_link


@pytest.fixture
async def beside(server: redis.Server) -> AsyncIterator[Any]:
    """A client that looks."""
    client = connect(server.url)
    yield client
    await client.aclose()
