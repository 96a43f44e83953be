"""A server and clients for it. Every test runs on both event loops: the product's, and the debuggers'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from gateway.outbound import Limits, PooledClient
from tests.unit.gateway.http_sink import Sink

# For tests that wait for the deadline: the client looks at it four times in that time.
IMPATIENT = Limits(answer_timeout_s=0.2, connect_timeout_s=5.0)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink().serving() as listening:
        yield listening


@pytest.fixture
async def client() -> AsyncIterator[PooledClient]:
    made = PooledClient(allow_private_addresses=True)
    yield made
    await made.close()


@pytest.fixture
async def impatient() -> AsyncIterator[PooledClient]:
    made = PooledClient(allow_private_addresses=True, limits=IMPATIENT)
    yield made
    await made.close()
