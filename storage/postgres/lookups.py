"""Reads that change nothing: a message, a page of messages or inbound ones, and the numbers for metrics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson

from gateway.domain.message import Message
from gateway.domain.suppression import StoredInbound
from gateway.domain.words import Priority
from gateway.ports import ListQuery, MessageView, Queue, StoreFacts
from storage import rows
from storage.labels import asked
from storage.pages import ID_BYTES, apart, bounds_of, newest, passes_over
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


async def messages(db: Database, query: ListQuery) -> list[Message]:
    """A page, newest first. Both ends of a time range belong to it, to the millisecond that ids and answers show."""
    bounds = bounds_of(query)

    def values(status: Sequence[str] | None) -> tuple[object, ...]:
        return (
            query.account,
            query.env.value,
            bounds.before,
            bounds.low,
            rows.micros(bounds.earliest),
            rows.micros(bounds.latest),
            status,
            query.sub_tenant,
            query.limit,
            query.sender,
            query.key_id,
        )

    wanted = None if query.status is None else sorted(status.value for status in query.status)
    few = apart(query.status)
    labels = list(asked(query.labels))
    if query.recipient is not None:
        found = await db.all("messages_page_to", *values(wanted), query.recipient, labels)
    elif labels:
        found = await db.all("messages_page_labelled", *values(wanted), labels[0], labels[1:])
    elif few is None:
        found = await db.all("messages_page", *values(wanted))
    else:
        ended, still_open = few
        found = await db.all("messages_page_open", *values(still_open)) if still_open else []
        found += await db.all("messages_page_ended", *values(ended)) if ended else []
    return newest([rows.message(row)[0] for row in found], query.limit)


async def horizon(db: Database, query: ListQuery, rows_looked_at: int) -> bytes | None:
    """See `Store.horizon`."""
    if not passes_over(query):
        return None
    bounds = bounds_of(query)
    values = (query.account, query.env.value, bounds.before, bounds.low, rows_looked_at - 1)
    labels = list(asked(query.labels))
    row = await db.one("horizon_labelled", *values, labels[0]) if labels else await db.one("horizon", *values)
    return None if row is None else row[0]


async def waiting(db: Database, operator: str | None, after: bytes, limit: int) -> list[Message]:
    """What waits for an operator, by id."""
    found = await db.all("waiting_after", operator or "", after.ljust(ID_BYTES, b"\0"), limit)
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
