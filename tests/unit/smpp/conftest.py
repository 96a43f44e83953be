"""What touches the event loop is tested on both that it may run on: asyncio's own, and the gateway's. An SMSC over
loopback, and the owner of a pool."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from tests.unit.smpp.scripted import Carrier, PoolOwner, carrier


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def smsc() -> AsyncIterator[Carrier]:
    """An SMSC that listens, and does what its script says."""
    async with carrier() as listening:
        yield listening


@pytest.fixture
def owner() -> PoolOwner:
    """Takes down what a pool tells."""
    return PoolOwner()
