"""The stores that the contract is held against: each engine makes a fresh one, and more of the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from gateway.ports import Owner, Store
from smpp.message_ids import answered_as
from storage.open import open_store
from tests.contract.made import NOW
from tests.engines import postgres

OpenStore = Callable[[], Awaitable[Store]]

PATIENCE_S = 60.0
"""How long a condition may take to come true on a machine that does much else."""


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what comes by itself a moment later."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 it changes without telling
            await asyncio.sleep(0.001)


@pytest.fixture(params=["sqlite", "sqlite-memory", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """Every engine. One in memory has no second process, no file and no lock."""
    return str(request.param)


@pytest.fixture
async def url(engine: str) -> AsyncIterator[str]:
    """Where an empty store is."""
    if engine == "postgres":
        cluster = postgres.shared()
        database = await cluster.fresh()
        yield database
        await cluster.drop(database)
    else:
        yield "sqlite:///trunkline.db" if engine == "sqlite" else "sqlite://"


@pytest.fixture
async def opened(url: str, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens the same store again, as another process would."""
    stores: list[Store] = []

    async def open_again() -> Store:
        store = open_store(url, tmp_path, equivalent_refs=lambda _operator, ref: answered_as(ref))
        await store.open()
        stores.append(store)
        return store

    yield open_again
    for store in stores:
        await store.close()


@pytest.fixture
async def store(opened: OpenStore) -> Store:
    """An empty store."""
    return await opened()


@pytest.fixture
async def owner(store: Store) -> Owner:
    """The serving process."""
    return await store.register(NOW, "boot-1")
