"""Puts a history into an empty store of either engine, many rows at a time, beside the verbs: nothing is synced, so
that 10,000,000 messages take minutes. The rows are those of the product (`history.py`)."""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from storage.postgres.database import connect, leave
from tests.load.history import History, Rows

SLICE = 10_000
"""Messages that are made and copied together."""

MAKERS = 2
"""Processes that make them."""

TABLES = ("messages", "unfinished", "parts", "carrier_refs", "webhooks", "idempotency", "suppressions")

# All but the one that PostgreSQL makes of others.
# fmt: off
MESSAGE_COLUMNS = [
    "id", "account", "env", "sender", "recipient", "sub_tenant", "priority", "accepted_at", "expires_at", "facts",
    "status", "operator", "owner", "next_at", "final_at", "in_doubt", "state",
]
# fmt: on

Done = Callable[[int], None]
"""Told how many messages are in the store."""


# --- PostgreSQL


def fill_postgres(url: str, history: History, done: Done) -> None:
    """Copy it into the migrated database; it is vacuumed and counted at the end."""
    asyncio.run(_make_days(url, history))
    with _makers(history) as makers:
        filled = 0
        jobs = {makers.submit(_copy_slice, url, history, *each): each for each in history.slices(SLICE)}
        for job, (first, last) in jobs.items():
            job.result()
            filled += last - first
            done(filled)
    asyncio.run(_vacuum(url))


async def _make_days(url: str, history: History) -> None:
    connection = await connect(url)
    first, last = history.accepted_at(0), history.until + timedelta(days=1)
    await connection.execute(
        "SELECT make_day(d::date) FROM generate_series($1::date, $2::date, interval '1 day') AS d",
        first.date(),
        last.date(),
    )
    await leave(connection)


def _copy_slice(url: str, history: History, first: int, last: int) -> None:
    asyncio.run(_copy(url, history.rows(first, last)))


async def _copy(url: str, found: Rows) -> None:
    connection = await connect(url)
    for table in TABLES:
        records = getattr(found, table)
        if records:
            columns = MESSAGE_COLUMNS if table == "messages" else None
            await connection.copy_records_to_table(table, records=records, columns=columns, timeout=600)
    await leave(connection)


async def _vacuum(url: str) -> None:
    connection = await connect(url)
    await connection.execute("SET statement_timeout = 0")
    await connection.execute("VACUUM (ANALYZE)", timeout=3_600)
    await leave(connection)


# --- SQLite


def fill_sqlite(path: Path, history: History, done: Done) -> None:
    """Insert it into the migrated file; nobody else has it open."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection, _makers(history) as makers:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("BEGIN")
        filled = 0
        for found in _in_turn(makers, history):
            _insert(connection, found)
            filled += len(found.messages)
            done(filled)
        # What storage/sqlite/late.py does slice after slice: neighbours together.
        connection.execute(
            "INSERT INTO recipients SELECT recipient, sender, number FROM messages ORDER BY recipient, sender, number"
        )
        connection.execute("INSERT INTO digests SELECT digest, number FROM idempotency ORDER BY digest")
        for index, table in (("recipients", "messages"), ("digests", "idempotency")):
            connection.execute(
                f"UPDATE meta SET value = (SELECT coalesce(max(number), 0) FROM {table}) WHERE name = ?",
                (index,),
            )
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()


def _insert(connection: sqlite3.Connection, found: Rows) -> None:
    for table in TABLES:
        records: list[Any] = getattr(found, table)
        if not records or table == "unfinished":
            continue  # an index of the messages tells it here
        numbered = table in ("messages", "idempotency")
        marks = ", ".join([*["NULL"] * numbered, *["?"] * len(records[0])])
        connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", records)


def _in_turn(makers: Executor, history: History) -> Iterable[Rows]:
    """The slices in their order, some made ahead."""
    ahead: list[Future[Rows]] = []
    for first, last in history.slices(SLICE):
        ahead.append(makers.submit(history.rows, first, last))
        if len(ahead) > 2 * MAKERS:
            yield ahead.pop(0).result()
    for made in ahead:
        yield made.result()


def _makers(history: History) -> Executor:
    """Processes, where there is enough for them to do."""
    if history.messages <= SLICE:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(MAKERS, multiprocessing.get_context("spawn"))
