"""Migrations from many processes at once, and the partitions of days."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from gateway.domain.words import Status
from gateway.errors import SchemaTooNew, StoreError, StoreUnavailable
from gateway.ports import Owner, Store
from storage.migrate import Migration
from storage.open import open_store
from storage.postgres.schema import DAYS_AHEAD, MIGRATIONS, bring_up_to_date
from tests.contract.made import (
    NOW,
    acceptance,
    answer,
    claimed,
    decide_answers,
    decide_receipt,
    message,
    receipt,
)
from tests.contract.test_store import found, kept
from tests.engines import postgres
from tests.unit.storage.postgres.conftest import OpenStore

ONE = Migration("0001_pre_one", "CREATE TABLE one (a text); INSERT INTO one VALUES ('x;y');", "c1")
TWO = Migration("0002_post_two", "ALTER TABLE one ADD COLUMN b text;", "c2")
BROKEN = Migration("0002_post_two", "ALTER TABLE one ADD COLUMN b text; SELECT 1/0;", "c2")


@pytest.fixture
async def empty() -> AsyncIterator[str]:
    """A database without anything in it."""
    cluster = postgres.shared()
    url = await cluster.empty()
    yield url
    await cluster.drop(url)


THREE = Migration("0003_pre_three", "ALTER TABLE one ADD COLUMN c text;", "c3")


async def columns(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    found = await connection.fetch(
        "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'one' ORDER BY 1"
    )
    await connection.close()
    return [row[0] for row in found]


async def test_all_are_applied_in_order_and_once(empty: str) -> None:
    assert await bring_up_to_date(empty, [ONE]) == ["0001_pre_one"]
    assert await bring_up_to_date(empty, [ONE, TWO]) == ["0002_post_two"]
    assert await bring_up_to_date(empty, [ONE, TWO]) == []
    assert await columns(empty) == ["a", "b"]


async def test_what_the_release_before_cannot_live_with_waits(empty: str) -> None:
    assert await bring_up_to_date(empty, [ONE], "pre") == ["0001_pre_one"]
    assert await bring_up_to_date(empty, [ONE, TWO, THREE], "pre") == ["0003_pre_three"]
    assert await columns(empty) == ["a", "c"]
    assert await bring_up_to_date(empty, [ONE, TWO, THREE]) == ["0002_post_two"]
    assert await bring_up_to_date(empty, [ONE, TWO, THREE], "pre") == []


async def test_an_empty_store_gets_all_at_once(empty: str) -> None:
    assert await bring_up_to_date(empty, [ONE, TWO], "pre") == ["0001_pre_one", "0002_post_two"]


async def test_from_many_processes_at_once_each_is_applied_once(empty: str) -> None:
    applied = await asyncio.gather(*(bring_up_to_date(empty) for _ in range(5)))
    assert sorted(applied) == [[], [], [], [], [migration.name for migration in MIGRATIONS]]


async def test_one_takes_as_long_as_it_takes(empty: str) -> None:
    slow = Migration("0001_pre_slow", "SELECT pg_sleep(1.1); CREATE TABLE one (a text);", "c1")
    assert await bring_up_to_date(empty, [slow], limit_s=1.0) == ["0001_pre_slow"]
    assert await columns(empty) == ["a"]


async def test_one_that_fails_leaves_nothing_of_its_release(empty: str) -> None:
    with pytest.raises(StoreError, match="division by zero"):
        await bring_up_to_date(empty, [ONE, BROKEN])
    assert await columns(empty) == []
    assert await bring_up_to_date(empty, [ONE, TWO]) == ["0001_pre_one", "0002_post_two"]


async def test_a_newer_store_and_a_changed_file_are_refused(empty: str) -> None:
    await bring_up_to_date(empty, [ONE, TWO])
    with pytest.raises(SchemaTooNew, match="0002_post_two"):
        await bring_up_to_date(empty, [ONE])
    with pytest.raises(StoreError, match="0001_pre_one"):
        await bring_up_to_date(empty, [Migration(ONE.name, ONE.text, "other"), TWO])


# --- days


async def days(beside: Any) -> list[date]:
    found = await beside.fetch("SELECT day FROM days ORDER BY day")
    return [row[0] for row in found]


async def partitions(beside: Any) -> list[str]:
    found = await beside.fetch(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent IN ('messages'::regclass, 'parts'::regclass)"
    )
    return sorted(row[0] for row in found)


async def test_days_are_made_before_they_come(store: Store, owner: Owner, beside: Any) -> None:
    made = await days(beside)
    assert made == [NOW.date() + timedelta(days=n) for n in range(-1, DAYS_AHEAD + 1)]
    names = [f"{table}_{day:%Y%m%d}" for table in ("messages", "parts") for day in made]
    assert await partitions(beside) == sorted(names)
    await store.purge(NOW + timedelta(days=2), 30)
    assert (await days(beside))[-1] == NOW.date() + timedelta(days=2 + DAYS_AHEAD)


async def test_a_message_of_a_day_without_partition_makes_it_at_once(
    store: Store, opened: OpenStore, beside: Any
) -> None:
    other = await opened()
    at = NOW + timedelta(days=400)
    m, theirs = message(accepted_at=at), message(accepted_at=at)
    await asyncio.gather(kept(store, m, message()), kept(other, theirs))
    assert await found(other, m) == m
    assert await found(store, theirs) == theirs
    assert await days(beside) == [NOW.date(), at.date()]


async def test_midnight_parts_the_days(store: Store, beside: Any) -> None:
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    before, at = message(accepted_at=midnight - timedelta(milliseconds=1)), message(accepted_at=midnight)
    await kept(store, before, at)
    for m, day in ((before, midnight - timedelta(days=1)), (at, midnight)):
        rows = await beside.fetch("SELECT tableoid::regclass::text FROM messages WHERE id = $1", m.id.hex())
        assert rows[0][0] == f"messages_{day:%Y%m%d}"


# --- retention


async def finished(store: Store, owner: Owner, **fields: Any) -> bytes:
    m = claimed(owner, **fields)
    await store.accept([acceptance(m)])
    await store.record_answers([answer(m, m.id.hex())], decide_answers)
    await store.apply_receipts([receipt(m, m.id.hex())], decide_receipt)
    assert (await found(store, m)).status is Status.DELIVERED
    return m.id


async def test_a_day_goes_whole_when_all_of_it_is_past_its_time(
    store: Store, owner: Owner, beside: Any
) -> None:
    ids = [await finished(store, owner) for _ in range(5)]
    await kept(store, message(accepted_at=NOW + timedelta(days=2)))
    assert await store.purge(NOW + timedelta(days=30), 30) == 0  # the day is not over at the cutoff
    assert await store.purge(NOW + timedelta(days=31), 30) == 5
    assert await store.message(ids[0]) is None
    assert f"messages_{NOW:%Y%m%d}" not in await partitions(beside)
    assert await beside.fetchval("SELECT count(*) FROM carrier_refs") == 0
    assert await store.purge(NOW + timedelta(days=31), 30) == 0


async def test_a_day_stays_while_something_of_it_ended_lately(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    await store.record_answers([answer(m, "r")], decide_answers)
    late = NOW + timedelta(days=3)
    await store.apply_receipts([receipt(m, "r", at=late)], decide_receipt)
    await store.purge(NOW + timedelta(days=31), 30)
    assert (await found(store, m)).status is Status.DELIVERED
    assert await store.purge(NOW + timedelta(days=34), 30) == 1


async def test_what_is_not_final_keeps_itself_and_nothing_else_of_its_day(
    store: Store, owner: Owner, beside: Any
) -> None:
    done = [await finished(store, owner) for _ in range(3)]
    waiting = message(expires_at=NOW + timedelta(days=90))
    await kept(store, waiting)
    assert await store.purge(NOW + timedelta(days=40), 30) == 3
    assert [await store.message(each) for each in done] == [None] * 3
    assert (await found(store, waiting)).status is Status.QUEUED
    assert f"messages_{NOW:%Y%m%d}" in await partitions(beside)


async def test_two_processes_may_purge_at_once(store: Store, owner: Owner, opened: OpenStore) -> None:
    for _ in range(5):
        await finished(store, owner)
    other = await opened()
    late = NOW + timedelta(days=40)
    counts = await asyncio.gather(store.purge(late, 30), other.purge(late, 30))
    assert sum(counts) == 5


async def test_a_day_that_somebody_reads_for_long_stays_and_holds_up_nobody(
    store: Store, owner: Owner, beside: Any
) -> None:
    done = await finished(store, owner)
    reading = beside.transaction()
    await reading.start()
    await beside.fetch("SELECT * FROM messages")
    late = NOW + timedelta(days=31)
    assert await store.purge(late, 30) == 0
    with pytest.raises(StoreUnavailable, match="try again later"):
        await store.drop_day(NOW.date(), lambda _: None)
    await kept(store, message())
    await reading.rollback()
    assert await store.purge(late, 30) == 1
    assert await store.message(done) is None


async def test_a_table_in_use_is_waited_for_and_holds_up_nobody(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pg_dump holds its tables for long: a change that waited behind it would stand before every write."""
    monkeypatch.setattr("storage.postgres.schema.LOCK_PAUSE_S", 0.05)
    await bring_up_to_date(empty, [ONE])
    dump, writer = await asyncpg.connect(empty), await asyncpg.connect(empty)
    reading = dump.transaction()
    await reading.start()
    await dump.execute("SELECT * FROM one")
    migrating = asyncio.create_task(bring_up_to_date(empty, [ONE, TWO]))
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asyncio.timeout(20):
        while not await writer.fetchval(waiting):
            pass
        await writer.execute("INSERT INTO one VALUES ('written meanwhile')")
    assert not migrating.done()
    await reading.rollback()
    assert await migrating == ["0002_post_two"]
    assert await columns(empty) == ["a", "b"]
    await dump.close()
    await writer.close()


async def test_a_table_that_is_always_in_use_is_told(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.postgres.schema.LOCK_TRIES", 1)
    await bring_up_to_date(empty, [ONE])
    dump = await asyncpg.connect(empty)
    reading = dump.transaction()
    await reading.start()
    await dump.execute("SELECT * FROM one")
    with pytest.raises(StoreUnavailable, match="see pg_stat_activity"):
        await bring_up_to_date(empty, [ONE, TWO])
    await reading.rollback()
    await dump.close()
    assert await columns(empty) == ["a"]


async def test_who_serves_makes_no_tables(empty: str) -> None:
    """An empty database may be a stand-in that has taken the address of the right one over: to serve on it would be to
    know no account and to refuse everybody."""
    serving = open_store(empty, makes_schema=False)
    with pytest.raises(StoreUnavailable, match="trunkline migrate"):
        await serving.open()
    await serving.close()
    assert await columns(empty) == []
    assert await bring_up_to_date(empty, [ONE], makes_schema=True) == ["0001_pre_one"]
    assert await bring_up_to_date(empty, [ONE, THREE], "pre", makes_schema=False) == ["0003_pre_three"]


async def test_a_store_whose_tables_are_gone_is_away(empty: str) -> None:
    """Not refused: whoever has something to write keeps it, and callers are told to try again."""
    store = open_store(empty)
    await store.open()
    connection = await asyncpg.connect(empty)
    await connection.execute("ALTER TABLE meta RENAME TO elsewhere")
    with pytest.raises(StoreUnavailable, match="another server"):
        await store.probe()
    await connection.execute("ALTER TABLE elsewhere RENAME TO meta")
    await store.probe()
    owner = await store.register(NOW, "boot-1")
    await connection.execute("ALTER FUNCTION begin_as RENAME TO begins_as")
    with pytest.raises(StoreUnavailable, match="another server"):
        await store.share_binds(owner, {"alpha": 1}, [])
    await connection.execute("ALTER FUNCTION begins_as RENAME TO begin_as")
    assert (await store.share_binds(owner, {"alpha": 1}, []))["alpha"].held == {0}
    await connection.close()
    await store.close()
