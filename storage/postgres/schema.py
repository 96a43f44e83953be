"""The schema: migrations applied under a lock, and the partitions of the days to come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import structlog

from gateway.errors import StoreUnavailable
from storage import migrate
from storage.postgres.database import FAULTS, REQUEST_S, Database, connect, leave, translate

log = structlog.get_logger()

MIGRATIONS = migrate.load(Path(__file__).parents[1] / "migrations" / "postgres")

DAYS_AHEAD = 3
"""Days whose partitions are made before they come: a gateway that runs makes one more each day, and nights and
week-ends of a stopped upkeep are covered. What comes without one is made at once, and logged."""


LOCK_TRIES = 60
LOCK_PAUSE_S = 3.0
"""A migration that waited for its table would hold up all who come after it: so it waits two seconds, lets them pass,
and tries again; five minutes in all."""


_EMPTY = (
    "the database has no tables of a gateway. If it is new, make them with `trunkline migrate`; if it is not, another "
    "server answers where [store] url leads, a stand-in without its data perhaps"
)


async def bring_up_to_date(
    url: str,
    migrations: list[migrate.Migration] = MIGRATIONS,
    phase: str | None = None,
    *,
    makes_schema: bool = True,
    limit_s: float = REQUEST_S,
) -> list[str]:
    """Apply the migrations that the store needs, all or nothing; their names. `phase`: those of it alone. An empty
    store gets them all, for no process of an earlier release stands on it; without `makes_schema` it stays empty.
    `limit_s`: of the look at what it needs. A migration takes as long as it takes.

    Raises `SchemaTooNew` and `StoreError` as `storage.migrate.missing` does, and `StoreUnavailable`.
    """
    if not await _is_needed(url, migrations, phase, makes_schema, limit_s):
        return []
    connection = await connect(url, None)
    try:
        for _ in range(LOCK_TRIES - 1):
            try:
                return await _apply(connection, migrations, phase)
            except asyncpg.LockNotAvailableError:
                log.warning("a table is in use, by a backup perhaps: tried again", after_s=LOCK_PAUSE_S)
                await asyncio.sleep(LOCK_PAUSE_S)
        return await _apply(connection, migrations, phase)
    except asyncpg.LockNotAvailableError as error:
        raise StoreUnavailable(
            "a table that a migration changes was in use all the time: end what holds it (pg_dump, a long question: "
            "see pg_stat_activity) and run `trunkline migrate` again"
        ) from error
    except FAULTS as error:
        raise translate(error) from error
    finally:
        await leave(connection)


async def _is_needed(
    url: str, migrations: list[migrate.Migration], phase: str | None, makes_schema: bool, limit_s: float
) -> bool:
    """Whether there is something to apply. The usual case asks for no lock, and for no right to make tables."""
    connection = await connect(url, limit_s)
    try:
        database = Database(connection)
        if (await database.one("has_schema_migrations"))[0]:
            return bool(_wanted(migrations, await _applied(database), phase))
    except FAULTS as error:
        raise translate(error) from error
    finally:
        await leave(connection)
    if not makes_schema:
        raise StoreUnavailable(_EMPTY)
    return True


async def _applied(database: Database) -> dict[str, str]:
    return {row[0]: row[1] for row in await database.all("applied_migrations")}


async def _apply(connection: Any, migrations: list[migrate.Migration], phase: str | None) -> list[str]:
    database = Database(connection)
    async with connection.transaction():
        await database.all("wait_as_long_as_it_takes")
        await database.all("lock_schema")
        await database.all("wait_a_moment_for_tables")
        await database.all("make_schema_migrations")
        names = []
        for migration in _wanted(migrations, await _applied(database), phase):
            await connection.execute(migration.text)
            await database.run("keep_migration", migration.name, migration.checksum)
            names.append(migration.name)
    return names


def _wanted(
    migrations: list[migrate.Migration], applied: dict[str, str], phase: str | None
) -> list[migrate.Migration]:
    missing = migrate.missing(migrations, applied)
    return [each for each in missing if phase is None or not applied or each.phase == phase]


async def make_days(db: Database, days: Sequence[date]) -> int:
    """Make the partitions of these days; how many were missing."""
    return sum(row[0] for row in await db.all("make_days", sorted(set(days))))


async def make_days_ahead(db: Database, now: datetime) -> int:
    """Make those of today and the days to come."""
    return await make_days(db, [now.date() + timedelta(days=n) for n in range(-1, DAYS_AHEAD + 1)])


async def make_missing_days(db: Database, days: Sequence[date]) -> None:
    """Make those that messages have come for: upkeep stands still, or some process's clock is wrong."""
    if await make_days(db, days):
        log.warning(
            "partitions were missing and are made now: upkeep should have made them before",
            days=[day.isoformat() for day in days],
        )
