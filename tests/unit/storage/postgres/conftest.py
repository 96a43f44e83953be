"""A store on PostgreSQL, and what stands beside it: a connection that interferes, and a look at who waits for whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from tests.contract.conftest import PATIENCE_S, OpenStore, opened, owner, store, url

__all__ = ["OpenStore", "opened", "owner", "store", "url"]


@pytest.fixture
def engine() -> str:
    """The one that these tests are about."""
    return "postgres"


@pytest.fixture
async def beside(url: str) -> AsyncIterator[Any]:
    """A connection that holds locks, changes rows and looks, behind the store's back."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def come_true(condition: Callable[[], Awaitable[Any]]) -> None:
    """Wait until the condition says so."""
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110 it changes without telling
            await asyncio.sleep(0.002)


async def waiting_for_locks(beside: Any, count: int) -> None:
    """Wait until so many sessions of this database stand before a lock."""

    async def stand() -> bool:
        # Else a transaction sees the same all the time.
        await beside.execute("SELECT pg_stat_clear_snapshot()")
        waiting = await beside.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(waiting >= count)

    await come_true(stand)
