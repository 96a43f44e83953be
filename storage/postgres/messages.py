"""Messages and their parts: locking those that a verb is about, and writing what the verb has decided.

Whoever changes a message locks its row in `messages` first, in the order of the ids; its row in `unfinished` belongs to
that lock. Rows are read once per verb and written once at its end, each kind with one statement: `Changes` gathers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import asyncpg

from gateway.domain import ids
from gateway.domain.event import Event
from gateway.domain.message import Message
from gateway.domain.suppression import Suppression
from storage import changes, rows
from storage.acceptance import Suppressed
from storage.changes import Loaded, latest_attempt, place_of
from storage.postgres import labels, money
from storage.postgres.database import Database
from storage.postgres.groups import DaysMissing


async def insert(db: Database, messages: Sequence[Message]) -> None:
    """New messages, as they are. Raises `DaysMissing` when they are of days that have no partition yet."""
    try:
        await db.many("insert_messages", (rows.message_row(m) for m in sorted(messages, key=_id)))
    except asyncpg.CheckViolationError as error:  # "no partition of relation ... found for row"
        raise DaysMissing(sorted({ids.made_at(m.id).date() for m in messages})) from error
    await labels.insert(db, messages)


async def lock(db: Database, wanted: Iterable[bytes]) -> dict[bytes, Loaded]:
    """The messages that exist among `wanted`, with all their parts, locked until this transaction ends."""
    keys = sorted(set(wanted))
    return await loaded_of(db, await db.all("lock_messages", keys)) if keys else {}


async def loaded_of(db: Database, found: Iterable[rows.Row]) -> dict[bytes, Loaded]:
    """Messages of their rows, with all their parts: those of the latest attempt stand in the row."""
    loaded: dict[bytes, Loaded] = {}
    earlier: list[bytes] = []
    for row in found:
        message, parts = rows.message(row)
        loaded[message.id] = Loaded(message, parts, latest_attempt(parts))
        if message.attempts > 1:
            earlier.append(message.id)
    if earlier:
        for row in await db.all("parts_of", sorted(earlier)):
            loaded[row[0]].parts.append(rows.part(row))
        for message_id in earlier:
            loaded[message_id].parts.sort(key=place_of)
    return loaded


async def insert_events(db: Database, events: Iterable[Event]) -> None:
    """Webhook rows: pending, or claimed when they have an owner."""
    await db.many("insert_events", (rows.event_row(event) for event in events))


async def add_suppressions(db: Database, suppressions: Iterable[Suppression]) -> None:
    """Add to the list; one that is there stays as it is. The generation stays too."""
    table = {
        (s.number, s.account, s.env.value, s.sub_tenant): (s.reason, rows.micros(s.created_at))
        for s in reversed(list(suppressions))  # of two the first counts
    }
    await db.many("suppress", ((*key, *table[key]) for key in sorted(table)))


async def suppressed_among(db: Database, numbers: Iterable[str]) -> Suppressed:
    """The suppression rows of these numbers, of any account."""
    keys = sorted(set(numbers))
    return {(row[0], row[1], row[2], row[3]) for row in await db.all("suppressed", keys)} if keys else set()


class Changes(changes.Changes):
    """What the decisions of one verb have changed, written together at its end."""

    async def write(self, db: Database) -> None:
        """Write everything, sorted by key."""
        table = [
            (key, *rows.message_state(entry.message, self.beside_message(entry)))
            for key, entry in sorted(self.touched.items())
        ]
        await db.many("write_states", table)
        await db.many("write_parts", (rows.part_row(part) for _, part in sorted(self.earlier.items())))
        await insert_events(db, self.events)
        await add_suppressions(db, self.suppressions)
        counted = ((*key[:2], key[2].value, count) for key, count in sorted(self.failures.items()))
        await db.many("add_failures", counted, db.process)
        if self.over or self.over_no_more:
            await labels.keep_over(db, self.over.values(), self.over_no_more)
        await money.post(db, self.entries)


def _id(message: Message) -> bytes:
    return message.id
