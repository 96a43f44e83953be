"""Messages out: claims, the answers of carriers, and everything else that is decided message by message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.domain.message import Answer, Message, Step, Wait, advance, wait
from gateway.domain.words import Status
from gateway.ports import (
    ClaimBatch,
    Claimed,
    DecideAnswers,
    DecideMessage,
    DecideRecovery,
    Owner,
    Recovery,
)
from storage import rows
from storage.acceptance import is_suppressed
from storage.postgres import messages
from storage.postgres.database import Database
from storage.postgres.messages import Changes
from storage.postgres.refs import Refs
from storage.sqlite.dispatch import Move, _receipts_of, _waits_for


async def claim(
    db: Database, calls: list[Sequence[tuple[str | None, int, datetime]]], owner: Owner
) -> list[ClaimBatch]:
    """One batch per call, each of one ask; see `Store.claim`."""
    return [await _claim(db, *ask, owner) for call in calls for ask in call]


async def _claim(db: Database, operator: str | None, limit: int, now: datetime, owner: Owner) -> ClaimBatch:
    queue, at = operator or "", rows.micros(now)
    loaded = await messages.loaded_of(db, await db.all("claim", queue, at, limit))
    entries = sorted(loaded.values(), key=lambda entry: _urgency(entry.message))
    found = await messages.suppressed_among(db, (entry.message.recipient for entry in entries))
    changes = Changes()
    for entry in entries:
        message = entry.message
        if message.status is Status.SCHEDULED:
            advance(message, Status.QUEUED, now)
        message.owner, message.token, message.next_at = owner.number, owner.token, None
        message.attempts += 1
        message.tries += 1
        changes.touch(entry)
    await changes.write(db)
    next_at: datetime | None = None
    if len(entries) < limit:
        row = await db.one("next_due", queue, at)
        next_at = rows.moment_or_none(row[0])
    return ClaimBatch(
        [Claimed(e.message, e.parts, is_suppressed(found, e.message)) for e in entries],
        len(entries) < limit,
        next_at,
    )


def _urgency(message: Message) -> tuple[int, datetime, bytes]:
    return message.priority, message.next_at or message.accepted_at, message.id


async def reassign(db: Database, calls: list[Sequence[Move]]) -> list[int]:
    """How many of each call's messages still waited for the operator that they leave."""
    loaded = await messages.lock(db, (move[0] for call in calls for move in call))
    changes = Changes()
    counts = []
    for call in calls:
        count = 0
        for message_id, from_operator, to_operator, route in call:
            entry = loaded.get(message_id)
            if entry is None or not _waits_for(entry.message, from_operator):
                continue
            message = entry.message
            assert message.next_at is not None
            wait(Step(message), Wait(to_operator, message.next_at))
            message.route = route
            changes.touch(entry)
            count += 1
        counts.append(count)
    await changes.write(db)
    return counts


async def record(
    db: Database, calls: list[Sequence[Answer]], decide: DecideAnswers, refs: Refs
) -> list[list[Step]]:
    """The steps of each call; see `Store.record_answers`. A message that two calls touch is decided for each."""
    await refs.hold(db, (answer for call in calls for answer in call))
    loaded = await messages.lock(db, (answer.message_id for call in calls for answer in call))
    answers = [answer for call in calls for answer in call if answer.message_id in loaded]
    await refs.bind(db, answers)
    overtaken = await refs.overtaken_by(db, answers)
    changes = Changes()
    results = []
    for call in calls:
        groups: dict[bytes, list[Answer]] = {}
        for answer in call:
            groups.setdefault(answer.message_id, []).append(answer)
        steps = []
        for message_id, its in groups.items():
            entry = loaded.get(message_id)
            if entry is None:
                continue  # dropped by retention, or never here
            step = decide(entry.message, entry.parts, its, _receipts_of(its, overtaken))
            changes.take(entry, step)
            steps.append(step)
        results.append(steps)
    await changes.write(db)
    return results


async def change(
    db: Database, calls: list[Sequence[bytes]], decide: DecideMessage
) -> list[list[Step | None]]:
    """One step or None per id; see `Store.change`."""
    loaded = await messages.lock(db, (message_id for call in calls for message_id in call))
    changes = Changes()
    results: list[list[Step | None]] = []
    for call in calls:
        steps: list[Step | None] = []
        for message_id in call:
            entry = loaded.get(message_id)
            step = None if entry is None else decide(entry.message, entry.parts)
            if entry is not None and step is not None:
                changes.take(entry, step)
            steps.append(step)
        results.append(steps)
    await changes.write(db)
    return results


async def recover(
    db: Database,
    ids: Sequence[bytes],
    dead: Sequence[int],
    journal: Mapping[tuple[bytes, int], list[tuple[int, int]]] | None,
    decide: DecideRecovery,
) -> int:
    """Decide on the messages among `ids` that the processes `dead` hold; how many there were."""
    loaded = await messages.lock(db, ids)
    changes = Changes()
    count = 0
    for message_id, entry in loaded.items():
        if entry.message.owner not in dead:
            continue
        written = None if journal is None else journal.get((message_id, entry.message.attempts), [])
        changes.take(entry, decide(Recovery(entry.message, entry.parts, written)))
        count += 1
    await changes.write(db)
    return count


async def held_by(db: Database, dead: Sequence[int], after: bytes, limit: int) -> list[bytes]:
    """Ids that these processes hold."""
    return [row[0] for row in await db.all("held_by", list(dead), after, limit)]
