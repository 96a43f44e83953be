"""Webhook rows: claimed per destination and in order per subject, settled as delivered, dead or again later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.domain.event import Event, Settled
from gateway.ports import LOOKS, MessageView, Owner, Page, StoredEvent
from storage import rows
from storage.exports import stored_event
from storage.pages import FIRST_ID, LAST_ID, dead_page
from storage.postgres.database import Database


async def due(
    db: Database, calls: list[Sequence[tuple[datetime, Callable[[str], int], int]]], owner: Owner
) -> list[tuple[list[Event], datetime | None]]:
    """One claim per call, each of one ask; see `Store.due_webhooks`."""
    return [await _due(db, *ask, owner) for call in calls for ask in call]


async def _due(
    db: Database, now: datetime, room: Callable[[str], int], limit: int, owner: Owner
) -> tuple[list[Event], datetime | None]:
    at = rows.micros(now)
    times: list[int] = []
    free: dict[str, int] = {}
    for destination, first_at in await db.all("destinations_pending"):
        if first_at > at:
            times.append(first_at)
            continue
        places = min(room(destination), limit)
        if places > 0:  # else asked again when a place is free there
            free[destination] = places
    events = [rows.event(row) for row in await db.many("due_events", free.items(), at, limit)]
    for event in events:
        event.owner = owner.number
        free[event.destination] -= 1
    if events:
        await db.run("claim_events", sorted(event.id for event in events), owner.number)
    if len(events) >= limit:
        return events, now
    emptied = sorted(destination for destination, places in free.items() if places)
    if emptied:
        row = await db.one("next_events", emptied, at)
        if row[0] is not None:
            times.append(row[0])
    return events, rows.moment(min(times)) if times else None


async def settle(db: Database, calls: list[Sequence[Settled]]) -> list[None]:
    """Keep how each try ended; see `Store.settle_webhooks`."""
    last = {each.event_id: each for call in calls for each in call}
    settled = [last[event_id] for event_id in sorted(last)]
    await db.all("lock_events", [each.event_id for each in settled])
    await db.many("settle_events", (_row(each) for each in settled))
    again = ((s.event_id, rows.micros(s.next_at or s.at)) for s in settled if _comes_again(s))
    await db.many("hold_later_events", again)
    return [None] * len(calls)


def _comes_again(settled: Settled) -> bool:
    return not settled.delivered and not settled.dead


def _row(s: Settled) -> rows.Row:
    if _comes_again(s):
        return s.event_id, rows.PENDING, None, rows.micros(s.next_at or s.at), s.attempts, s.body, s.error
    state = rows.DELIVERED if s.delivered else rows.DEAD
    # What was delivered keeps no word of earlier faults but its own.
    body, error = (None, None) if s.delivered else (s.body, s.error)
    return s.event_id, state, rows.micros(s.at), None, s.attempts, body, error


async def dead(
    db: Database, account: str | None, before: bytes | None, limit: int, looks: int = LOOKS
) -> Page[tuple[Event, Settled], bytes]:
    """See `Store.dead_webhooks`."""
    before = before or LAST_ID
    if account is None:
        return dead_page(await db.all("dead_events", before, limit + 1), limit, None)
    horizon = await db.one("dead_horizon", before, looks - 1)
    low = FIRST_ID if horizon is None else horizon[0]
    found = await db.all("dead_events_of", account, before, low, limit + 1)
    return dead_page(found, limit, None if horizon is None else low)


async def of_message(db: Database, view: MessageView) -> list[StoredEvent]:
    """See `Store.message_webhooks`."""
    return [stored_event(row) for row in await db.all("message_events", view.message.id)]


async def replay(db: Database, ids: Sequence[bytes] | None, now: datetime) -> int:
    """Dead events back to life; how many."""
    at = rows.micros(now)
    if ids is None:
        return await db.run("replay_all_events", at)
    return await db.run("replay_events", sorted(set(ids)), at)


async def free(db: Database, dead_owners: Sequence[int], now: datetime) -> int:
    """Give back the events that dead processes had claimed."""
    return await db.run("free_events", list(dead_owners), rows.micros(now))
