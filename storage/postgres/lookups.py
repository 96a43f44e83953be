"""Reads that change nothing: a message, a page of messages or inbound ones, and the numbers for metrics."""

from __future__ import annotations

from datetime import datetime

import orjson

from gateway.domain.message import Message
from gateway.domain.suppression import StoredInbound
from gateway.domain.words import Priority
from gateway.ports import ListQuery, MessageView, Page, Queue, StoreFacts
from storage import pages, rows
from storage.postgres.database import Database


async def message(db: Database, message_id: bytes) -> MessageView | None:
    """One message with every attempt's parts. A part that moves from beside its message meanwhile is seen twice."""
    row = await db.one("message_by_id", message_id)
    if row is None:
        return None
    found, parts = rows.message(row)
    if found.attempts > 1:
        parts += [rows.part(part) for part in await db.all("parts_of", [message_id])]
    view = {(part.attempt, part.part): part for part in parts}
    return MessageView(found, [view[key] for key in sorted(view)])


async def messages(db: Database, query: ListQuery) -> Page[Message, bytes]:
    """See `Store.messages`."""
    found: list[Message] = []
    horizons: list[bytes | None] = []
    for way in pages.ways(query, crowded=await _crowded(db, query)):
        horizon = await _horizon(db, query, way)
        values = pages.page_values(query, way, horizon, list)
        found += [rows.message(row)[0] for row in await db.all(way.page, *values)]
        horizons.append(horizon)
    return pages.page_of(found, horizons, query.limit)


async def _horizon(db: Database, query: ListQuery, way: pages.Way) -> bytes | None:
    if not way.passes_over:
        return None
    row = await db.one(way.horizon, *pages.horizon_values(query, way))
    return None if row is None else row[0]


async def _crowded(db: Database, query: ListQuery) -> bool:
    """See `pages.crowd_of`."""
    crowd, bounds = pages.crowd_of(query), pages.bounds_of(query)
    place = (bounds.before, bounds.low, query.looks)
    if crowd is pages.Along.RECIPIENT:
        return await db.one("messages_crowd_to", *place, query.recipient) is not None
    return crowd is not None and await db.one("messages_crowd_open", *place) is not None


async def waiting(db: Database, operator: str | None, after: bytes, limit: int) -> list[Message]:
    """What waits for an operator, by id."""
    found = await db.all("waiting_after", operator or "", after.ljust(pages.ID_BYTES, b"\0"), limit)
    return [rows.message(row)[0] for row in found]


async def waiting_operators(db: Database) -> list[tuple[str | None, int]]:
    """For whom messages wait, and how many."""
    return [(row[0], row[1]) for row in await db.all("waiting_operators")]


async def overdue(db: Database, now: datetime, limit: int) -> list[bytes]:
    """Ids past their validity that are not final and in nobody's hands."""
    return [row[0] for row in await db.all("overdue", rows.micros(now), limit)]


async def inbound(db: Database, account: str | None, limit: int) -> list[StoredInbound]:
    """The newest inbound messages."""
    found = (
        await db.all("inbound_page", limit)
        if account is None
        else await db.all("inbound_page_of", account, limit)
    )
    return [rows.stored_inbound((*row[:4], orjson.loads(row[4]), *row[5:])) for row in found]


async def facts(db: Database, now: datetime) -> StoreFacts:
    """Numbers for metrics. `oldest_waiting_at`: since when the longest-waiting due message has been due."""
    queues = [
        Queue(operator, Priority(priority), count, rows.moment(due))
        for operator, priority, count, due in await db.all("queues")
    ]
    oldest = min((queue.oldest_at for queue in queues), default=None)
    pending, dead, parked, in_doubt = await db.one("counts")
    return StoreFacts(
        queues=queues,
        waiting=sum(queue.waiting for queue in queues),
        oldest_waiting_at=oldest if oldest is not None and oldest <= now else None,
        webhooks_waiting=pending,
        webhooks_dead=dead,
        parked_receipts=parked,
        in_doubt=int(in_doubt),
    )
