"""Who waits for whom where failures are counted and alerts told: forced by locks that a third session holds."""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.domain.account import Env
from gateway.ports import Owner, Store
from tests.contract.made import NOW
from tests.contract.test_store_alerts import LOW, alert, due, failed, hook
from tests.unit.storage.postgres.conftest import OpenStore, waiting_for_locks


async def test_no_process_waits_for_another_to_count_a_failure(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    other = await opened()
    second = await other.register(NOW, "boot-2")
    command = await opened()
    await failed(store, 2)
    held = beside.transaction()
    await held.start()
    mine = await beside.fetch("SELECT process, count FROM failures FOR UPDATE")
    assert [tuple(row) for row in mine] == [(owner.number, 2)]
    await failed(other, 3)
    await failed(command, 4)
    waits = asyncio.create_task(failed(store, 5))
    await waiting_for_locks(beside, 1)
    await held.rollback()
    await waits
    counted = await beside.fetch("SELECT process, count FROM failures ORDER BY process")
    assert [tuple(row) for row in counted] == [(0, 4), (owner.number, 7), (second.number, 3)]
    assert await store.failures(NOW) == {("acme", Env.LIVE): 14}


async def test_who_tells_second_waits_for_the_first_and_tells_if_that_one_fails(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    other = await opened()
    for kept in (True, False):
        held = beside.transaction()
        await held.start()
        await beside.execute("INSERT INTO marks VALUES ($1, $2, $3)", LOW.account, LOW.env.value, LOW.subject)
        told = alert()
        waits = asyncio.create_task(other.tell(LOW, told, hook(told)))
        await waiting_for_locks(beside, 1)
        await (held.commit() if kept else held.rollback())
        assert await waits is not kept
        assert (await store.alerts("acme", Env.LIVE, None, 10)).items == ([] if kept else [told])
        assert await due(store, owner) == ([] if kept else [told.id])
        await store.clear_marks([LOW])
