"""Messages, inbound messages and webhooks in the order of their ids, for exports; and the end of a day's partitions."""

from __future__ import annotations

from datetime import UTC, date, datetime

import orjson

from gateway.domain import cdr
from gateway.domain.account import Env
from gateway.domain.suppression import StoredInbound
from gateway.domain.words import Status
from gateway.errors import StoreUnavailable
from gateway.ports import LOOKS, MessageView, StoredEvent
from storage import rows
from storage.exports import events_until, not_final
from storage.pages import LAST_ID
from storage.postgres import messages
from storage.postgres.database import Database
from storage.postgres.retention import BUSY

ID_BYTES = 16

_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


async def messages_by_id(
    db: Database, of: tuple[str, Env] | None, after: bytes, until: bytes, limit: int
) -> list[MessageView]:
    """See `Store.messages_by_id`."""
    if of is None:
        found = await db.all("messages_after", after, until, limit)
    else:
        found = await db.all("messages_after_of", of[0], of[1].value, after, until, limit)
    loaded = await messages.loaded_of(db, found)
    return [MessageView(entry.message, entry.parts) for entry in loaded.values()]


async def statuses_by_id(db: Database, after: bytes, until: bytes, limit: int) -> list[tuple[bytes, Status]]:
    """See `Store.statuses_by_id`."""
    return [(row[0], rows.STATUSES[row[1]]) for row in await db.all("statuses_by_id", after, until, limit)]


async def inbound_by_id(db: Database, account: str, after: bytes, limit: int) -> list[StoredInbound]:
    """See `Store.inbound_by_id`."""
    found = await db.all("inbound_by_id", account, after, limit)
    return [rows.stored_inbound((*row[:4], orjson.loads(row[4]), *row[5:])) for row in found]


async def webhooks_by_id(
    db: Database, account: str, after: bytes, limit: int, looks: int = LOOKS
) -> tuple[list[StoredEvent], bytes | None]:
    """See `Store.webhooks_by_id`."""
    row = await db.one("webhooks_horizon", after, looks - 1)
    horizon = None if row is None else row[0]
    found = await db.all("webhooks_by_id", account, after, horizon or LAST_ID, limit)
    return events_until(found, limit, horizon)


async def drop_day(db: Database, day: date) -> int:
    """Drop the day's partitions; how many messages. Their refs go with age. Raises `Conflict` when not all are
    final."""
    if await db.one("has_day", day) is None:
        return 0
    row = await db.one("drop_day", day, rows.micros(_FOR_EVER))
    dropped = int(row[0])
    if dropped == BUSY:
        raise StoreUnavailable(f"somebody reads the messages of {day} for long: try again later")
    if dropped < 0:
        unfinished = await db.one("unfinished_between", *cdr.bounds(day))
        raise not_final(day, unfinished[0])
    return dropped
