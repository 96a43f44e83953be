"""Drops what is past its time: whole days of messages where it can, a few rows per transaction where it can't."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

import structlog

from gateway.domain import cdr, ids
from storage import rows
from storage.acceptance import KEY_LIFETIME
from storage.lifetimes import COMMAND_LIFETIME, FAILURES_LIFETIME, PARKED_LIFETIME
from storage.pages import ID_BYTES
from storage.postgres.database import Database
from storage.postgres.groups import Groups
from storage.postgres.schema import make_days_ahead

log = structlog.get_logger()

ROWS = 2_000
"""Rows of one transaction: some ten milliseconds, so that callers hardly notice it."""

UNFINISHED, RECENT, BUSY = -1, -2, -3
"""What `drop_day` says of a day that stays: not all is final, something became so lately, somebody reads for long."""


async def purge(groups: Groups, now: datetime, retention_days: int) -> int:
    """See `Store.purge`. Makes the partitions of the days to come first."""
    cutoff = now - timedelta(days=retention_days)
    await groups.alone(lambda db: make_days_ahead(db, now))
    dropped = 0
    for day in await groups.alone(lambda db: _days_before(db, cutoff.date())):
        dropped += await _drop_day(groups, day, cutoff)
    for drop in _old_rows(now, cutoff):
        dropped += await _until_none(groups, drop)
    # The refs of those messages. Nobody counts them: they are a part of them.
    await _until_none(groups, lambda db: db.run("drop_refs", rows.micros(cutoff), ROWS))
    await drop_labels(groups, bytes(ID_BYTES), cdr.bounds(cutoff.date())[0])
    return dropped


async def drop_labels(groups: Groups, first: bytes, end: bytes) -> None:
    """Drop the labels from this id to before that one whose messages are gone. Nobody counts them."""
    await _until_none(groups, lambda db: db.run("drop_labels", first, end, ROWS))


async def _days_before(db: Database, day: date) -> list[date]:
    return [row[0] for row in await db.all("days_before", day)]


async def _drop_day(groups: Groups, day: date, cutoff: datetime) -> int:
    """Drop the day whole, or what is final of it where something is not."""

    async def drop(db: Database) -> int:
        row = await db.one("drop_day", day, rows.micros(cutoff))
        return int(row[0])

    count = await groups.alone(drop)
    if count >= 0:
        log.info("dropped a day of messages", day=day.isoformat(), messages=count)
        return count
    if count == BUSY:
        log.warning(
            "a day of messages stays until the next time: somebody reads it for long", day=day.isoformat()
        )
    return await _drop_final(groups, day, cutoff) if count == UNFINISHED else 0


async def _drop_final(groups: Groups, day: date, cutoff: datetime) -> int:
    last = bytes(ID_BYTES)

    async def drop(db: Database) -> int:
        nonlocal last
        found = [row[0] for row in await db.all("final_messages", last, day, rows.micros(cutoff), ROWS)]
        if found:
            await db.run("drop_parts_of", found)
            await db.run("drop_messages", found)
            last = found[-1]
        return len(found)

    return await _until_none(groups, drop)


def _old_rows(now: datetime, cutoff: datetime) -> list[Callable[[Database], Awaitable[int]]]:
    """Settled webhooks, keys, parked receipts, inbound messages, commands, processes, alerts and counts."""
    before, first = rows.micros(cutoff), ids.first_id_at(cutoff)
    return [
        lambda db: db.run("drop_webhooks", first, before, ROWS),
        lambda db: db.run("drop_keys_used", rows.micros(now - KEY_LIFETIME), ROWS),
        lambda db: db.run("drop_parked", rows.micros(now - PARKED_LIFETIME), ROWS),
        lambda db: db.run("drop_inbound", first, ROWS),
        lambda db: db.run("drop_inbound_parts", before, ROWS),
        lambda db: db.run("drop_commands", rows.micros(now - COMMAND_LIFETIME)),
        lambda db: db.run("drop_processes", before),
        lambda db: db.run("drop_alerts", first),
        lambda db: db.run("drop_failures", rows.minutes(now - FAILURES_LIFETIME)),
    ]


async def _until_none(groups: Groups, drop: Callable[[Database], Awaitable[int]]) -> int:
    dropped = 0
    while count := await groups.alone(drop):
        dropped += count
    return dropped
