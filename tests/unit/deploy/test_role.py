"""A role without any right but to its own database is enough, also to end the sessions of a dead process."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from storage.open import open_store
from storage.postgres.database import FAULTS
from tests.engines import postgres


async def test_it_can_end_its_own_sessions(role: str) -> None:
    url = f"postgresql://{role}@127.0.0.1:{postgres.shared().port}/{role}"
    now = datetime.now(UTC)
    dead, heir = open_store(url, lease_s=0.1), open_store(url)
    for store in (dead, heir):
        await store.open()
    mine, theirs = await heir.register(now, "boot"), await dead.register(now, "boot")
    held = await asyncpg.connect(url)
    await held.execute("BEGIN")
    await held.execute("SELECT begin_as($1, $2)", theirs.number, theirs.token)
    async with asyncio.timeout(20):
        while not await heir.dead_owners():  # noqa: ASYNC110 it tells nobody
            await asyncio.sleep(0.01)
        await heir.fence(mine, [theirs.number])
    with pytest.raises(FAULTS):
        await held.execute("SELECT 1")
    for store in (dead, heir):
        await store.close()
