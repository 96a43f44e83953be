"""Messages out: claims, the answers of carriers, and everything else that is decided message by message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.message import Answer, Message, Step
from gateway.domain.words import Priority
from gateway.ports import (
    ClaimBatch,
    DecideAnswers,
    DecideMessage,
    DecideRecovery,
    Held,
    Owner,
)
from storage import decisions, rows
from storage.decisions import Journal, Move
from storage.postgres import messages
from storage.postgres.database import Database
from storage.postgres.messages import Changes
from storage.postgres.refs import Refs

Ask = tuple[str | None, int, datetime, Sequence[Priority]]
"""One claim: the operator, how many at most, the time, and the classes."""


async def claim(db: Database, calls: list[Sequence[Ask]], owner: Owner) -> list[ClaimBatch]:
    """One batch per call, each of one ask; see `Store.claim`."""
    return [await _claim(db, *ask, owner) for call in calls for ask in call]


async def _claim(
    db: Database,
    operator: str | None,
    limit: int,
    now: datetime,
    classes: Sequence[Priority],
    owner: Owner,
) -> ClaimBatch:
    queue, at, wanted = operator or "", rows.micros(now), [priority.value for priority in classes]
    loaded = await messages.loaded_of(db, await db.all("claim", queue, at, limit, wanted))
    entries = sorted(loaded.values(), key=lambda entry: _urgency(entry.message))
    found = await messages.suppressed_among(db, (entry.message.recipient for entry in entries))
    changes = Changes()
    claimed = decisions.claim(entries, owner, found, now, changes)
    await changes.write(db)
    next_at: datetime | None = None
    if len(claimed) < limit:
        row = await db.one("next_due", queue, at, wanted)
        next_at = rows.moment_or_none(row[0])
    return ClaimBatch(claimed, len(claimed) < limit, next_at)


def _urgency(message: Message) -> tuple[int, datetime, bytes]:
    return message.priority, message.next_at or message.accepted_at, message.id


async def reassign(db: Database, calls: list[Sequence[Move]]) -> list[int]:
    """How many of each call's messages still waited for the operator that they leave."""
    loaded = await messages.lock(db, (move[0] for call in calls for move in call))
    changes = Changes()
    counts = decisions.reassign(calls, loaded, changes)
    await changes.write(db)
    return counts


async def record(
    db: Database, calls: list[Sequence[Answer]], decide: DecideAnswers, refs: Refs
) -> list[list[Step]]:
    """The steps of each call; see `Store.record_answers`."""
    await refs.hold(db, (answer for call in calls for answer in call))
    loaded = await messages.lock(db, (answer.message_id for call in calls for answer in call))
    answers = [answer for call in calls for answer in call if answer.message_id in loaded]
    await refs.bind(db, answers)
    overtaken = await refs.overtaken_by(db, answers)
    changes = Changes()
    results = decisions.record(calls, loaded, overtaken, decide, changes)
    await changes.write(db)
    return results


async def change(
    db: Database, calls: list[Sequence[bytes]], decide: DecideMessage
) -> list[list[Step | None]]:
    """One step or None per id; see `Store.change`."""
    loaded = await messages.lock(db, (message_id for call in calls for message_id in call))
    changes = Changes()
    results = decisions.change(calls, loaded, decide, changes)
    await changes.write(db)
    return results


async def recover(
    db: Database, ids: Sequence[bytes], dead: Sequence[int], journal: Journal | None, decide: DecideRecovery
) -> int:
    """Decide on the messages among `ids` that the processes `dead` hold; how many there were."""
    loaded = await messages.lock(db, ids)
    changes = Changes()
    count = decisions.recover(loaded.values(), lambda number: number in dead, journal, decide, changes)
    await changes.write(db)
    return count


async def held_by(db: Database, dead: Sequence[int], after: bytes, limit: int) -> list[bytes]:
    """Ids that these processes hold."""
    return [row[0] for row in await db.all("held_by", list(dead), after, limit)]


async def held(db: Database, owner: Owner) -> Held:
    """All that a process has claimed; see `Store.held`."""
    messages = {row[0] for row in await db.all("held_messages", owner.number)}
    return Held(messages, {row[0]: row[1] for row in await db.all("held_events", owner.number)})
