"""Group commit and its connections: what comes together is written together, and one fault is one caller's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.errors import Conflict, StoreUnavailable
from gateway.ports import Store
from storage.pages import FIRST_ID, LAST_ID
from storage.postgres import groups
from storage.postgres.database import Database, Pool
from storage.postgres.store import PostgresStore
from tests.contract.made import NOW, acceptance, message
from tests.contract.test_store import found, kept
from tests.unit.storage.postgres.conftest import come_true, waiting_for_locks

SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_calls_that_come_together_share_a_commit(url: str) -> None:
    commits: list[int] = []
    store = PostgresStore(url, on_commit=lambda _, items: commits.append(items))
    await store.open()
    await kept(store, message())
    commits.clear()
    await asyncio.gather(*(kept(store, message()) for _ in range(200)))
    assert sum(commits) == 200
    assert len(commits) <= groups.LANES
    await store.close()


async def test_a_call_that_contradicts_the_store_fails_alone(store: Store) -> None:
    there, new = message(), message()
    await kept(store, there)
    results = await asyncio.gather(
        store.accept([acceptance(new)]), store.accept([acceptance(there)]), return_exceptions=True
    )
    assert isinstance(results[1], Conflict)
    assert await found(store, new) == new


async def test_a_caller_that_went_away_before_its_turn_leaves_nothing(store: Store, beside: Any) -> None:
    await kept(store, message())
    held = beside.transaction()
    await held.start()
    await beside.execute("LOCK TABLE messages IN SHARE MODE")
    busy = []
    for n in range(1, groups.LANES + 1):
        busy.append(asyncio.create_task(store.accept([acceptance(message())])))
        await waiting_for_locks(beside, n)
    gone, stays = message(), message()
    leaving = asyncio.create_task(store.accept([acceptance(gone)]))
    staying = asyncio.create_task(store.accept([acceptance(stays)]))
    await asyncio.sleep(0)  # both stand in the queue now
    leaving.cancel()
    await held.rollback()
    await asyncio.gather(*busy, staying)
    assert await store.message(gone.id) is None
    assert await found(store, stays) == stays


async def test_closing_waits_for_what_was_asked(url: str, beside: Any) -> None:
    store = PostgresStore(url)
    await store.open()
    await kept(store, message())
    held = beside.transaction()
    await held.start()
    await beside.execute("LOCK TABLE messages IN SHARE MODE")
    m = message()
    asked = asyncio.create_task(store.accept([acceptance(m)]))
    await waiting_for_locks(beside, 1)
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    assert not closing.done()
    await held.rollback()
    await asyncio.gather(asked, closing)
    assert await beside.fetchval("SELECT count(*) FROM messages WHERE id = $1", m.id.hex()) == 1


async def test_too_many_waiting_calls_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "MAX_WAITING_CALLS", 5)
    results = await asyncio.gather(
        *(store.accept([acceptance(message())]) for _ in range(20)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, StoreUnavailable)]
    assert len(refused) == 15
    assert "try again later" in str(refused[0])
    await kept(store, message())


async def test_who_stood_behind_others_for_too_long_is_told_and_nothing_is_asked(
    url: str, beside: Any
) -> None:
    """Else the last ones would be told after all the times that those before them have taken."""
    store = PostgresStore(url)
    await store.open()
    await kept(store, message())
    held = beside.transaction()
    await held.start()
    await beside.execute("LOCK TABLE messages IN SHARE MODE")
    busy = []
    for n in range(1, groups.LANES + 1):
        busy.append(asyncio.create_task(kept(store, message())))
        await waiting_for_locks(beside, n)
    patience_s, store._pool.wait_s = store._pool.wait_s, 0.0
    late, in_time = message(), message()
    waits = [asyncio.create_task(kept(store, late))]
    await asyncio.sleep(0)
    store._pool.wait_s = patience_s
    waits.append(asyncio.create_task(kept(store, in_time)))
    await asyncio.sleep(0)
    await held.rollback()
    await asyncio.gather(*busy)
    told, there = await asyncio.gather(*waits, return_exceptions=True)
    assert isinstance(told, StoreUnavailable)
    assert "was not asked for this" in str(told)
    assert await store.message(late.id) is None
    assert there is None
    assert await found(store, in_time) == in_time
    await store.close()


async def test_what_goes_over_many_rows_may_take_longer_than_a_request(url: str, beside: Any) -> None:
    """As a table that is read from end to end, here one that somebody else holds."""
    store = PostgresStore(url, request_s=1.0)
    await store.open()
    m = message()
    await kept(store, m)
    held = beside.transaction()
    await held.start()
    await beside.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
    exporting = asyncio.create_task(store.messages_by_id(None, FIRST_ID, LAST_ID, 10))
    purging = asyncio.create_task(store.purge(NOW, 30))
    with pytest.raises(StoreUnavailable, match="statement timeout"):
        await store.message(m.id)
    assert not exporting.done()
    await held.rollback()
    assert [view.message for view in await exporting] == [m]
    assert await purging == 0
    await store.close()


async def test_no_more_connections_are_made_than_were_allowed(url: str, beside: Any) -> None:
    store = PostgresStore(url, pool_size=2)
    await store.open()
    await asyncio.gather(*(store.states() for _ in range(50)), *(kept(store, message()) for _ in range(50)))
    assert await beside.fetchval(SESSIONS) == 3  # and the one that listens
    await store.close()

    async def all_gone() -> bool:
        return bool(await beside.fetchval(SESSIONS) == 0)

    await come_true(all_gone)


async def test_who_waits_for_a_connection_and_goes_passes_its_turn_on(url: str) -> None:
    pool = Pool(url, 1)
    await pool.open()
    only = await pool.take()
    first, second = asyncio.create_task(pool.take()), asyncio.create_task(pool.take())
    await asyncio.sleep(0)
    pool.give(only)  # it is the first one's turn
    first.cancel()
    assert await second is only
    pool.give(only)
    await pool.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await pool.take()


async def test_who_finds_all_connections_busy_is_told_in_time(url: str) -> None:
    pool = Pool(url, 1)
    await pool.open()
    only = await pool.take()
    patience_s, pool.wait_s = pool.wait_s, 0.02
    waits = [pool.take() for _ in range(100)]
    for told in await asyncio.gather(*waits, return_exceptions=True):
        assert isinstance(told, StoreUnavailable)
        assert "all 1 connections to PostgreSQL were busy for 0.02 s" in str(told)
    pool.wait_s = patience_s
    in_time = asyncio.create_task(pool.take())
    await asyncio.sleep(0)
    pool.give(only)
    assert await in_time is only, "nobody who has gone stands before it"
    pool.give(only)
    await pool.close()


async def test_with_one_that_has_broken_idle_ones_are_forgotten(url: str) -> None:
    """After a fail-over that nobody was told of they are as dead, and each would cost somebody the whole limit."""
    pool = Pool(url, 3)
    await pool.open()
    broken, *idle = [await pool.take() for _ in range(3)]
    for each in idle:
        pool.give(each)
    broken.terminate()
    pool.give(broken)
    assert all(each.is_closed() for each in idle)
    anew = [await pool.take() for _ in range(3)]
    assert not any(each.is_closed() for each in anew)
    for each in anew:
        pool.give(each)
    await pool.close()


async def test_who_is_cancelled_twice_leaves_nothing(url: str, beside: Any) -> None:
    """The second one meets the rollback: the connection must not go on inside of the transaction."""
    store = PostgresStore(url, pool_size=1)
    await store.open()
    for turns in [*range(1, 8)] * 3:
        asks = asyncio.Event()

        async def act(db: Database, asks: asyncio.Event = asks) -> None:
            await db.run("post_command", "test", "", 0)
            while True:
                await db.all("states_of_operators")
                asks.set()

        task = asyncio.create_task(store._groups.alone(act))
        await asks.wait()
        task.cancel()
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        await kept(store, message())
    assert await beside.fetchval("SELECT count(*) FROM commands") == 0
    await store.close()


async def test_a_start_does_not_wait_for_who_drops_a_day(url: str, beside: Any) -> None:
    store = PostgresStore(url, long_s=1.0)
    await store.open()
    first = await store.register(NOW, "boot-1")
    await beside.execute("SELECT pg_advisory_lock(1414681162, 1)")  # as `drop_day` does
    assert (await store.register(NOW, "boot-2")).number > first.number
    await beside.execute("SELECT pg_advisory_unlock(1414681162, 1)")
    await store.close()
