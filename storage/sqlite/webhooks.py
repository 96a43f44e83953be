"""Webhook rows: claimed per destination and in order per subject, settled as delivered, dead or again later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.domain.event import Event, Settled
from gateway.domain.ids import first_id_at
from gateway.ports import LOOKS, MessageView, Owner, Page, StoredEvent
from storage import rows
from storage.exports import stored_event
from storage.pages import FIRST_ID, LAST_ID, dead_page
from storage.sqlite.database import Database

BEHIND_ROWS = 10 * LOOKS
"""Events that one is looked for among behind a time of its message: some tens of milliseconds. A receipt that waited
for its part, or a batch, has the event made later than the time that it is told with."""


class Webhooks:
    """The table `webhooks`, but for the insertion of new events."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def due(
        self, calls: list[Sequence[tuple[datetime, Owner, Callable[[str], int], int]]]
    ) -> list[tuple[list[Event], datetime | None]]:
        """One claim per call; see `Store.due_webhooks`."""
        return [self._due(*ask) for call in calls for ask in call]

    def _due(
        self, now: datetime, owner: Owner, room: Callable[[str], int], limit: int
    ) -> tuple[list[Event], datetime | None]:
        at = rows.micros(now)
        found: list[Event] = []
        next_times: list[int] = []
        for destination, first_at in self._db.all("destinations_pending"):
            if first_at > at:
                next_times.append(first_at)
                continue
            free = min(room(destination), limit - len(found))
            if free <= 0:
                continue  # asked again when a place is free there
            due = self._db.all("due_of_destination", destination, at, free)
            found += [rows.event(row) for row in due]
            if len(due) < free:
                row = self._db.one("next_of_destination", destination, at)
                if row is not None and row[0] is not None:
                    next_times.append(row[0])
        for event in found:
            event.owner = owner.number
        flat = [value for event in sorted(found, key=_id) for value in (event.id, owner.number)]
        self._db.many("claim_event_rows", flat, 2)
        if len(found) >= limit:
            return found, now
        return found, rows.moment(min(next_times)) if next_times else None

    def settle(self, calls: list[Sequence[Settled]]) -> list[None]:
        """Keep how each try ended; see `Store.settle_webhooks`."""
        delivered: dict[int, list[Settled]] = {}
        for call in calls:
            for settled in call:
                if settled.delivered:
                    delivered.setdefault(settled.attempts, []).append(settled)
                else:
                    self._not_delivered(settled)
        for attempts, alike in delivered.items():
            # One time for all of them, the last one's: a time for each would take a join.
            at = rows.micros(max(each.at for each in alike))
            self._db.many("events_delivered", sorted(each.event_id for each in alike), head=(at, attempts))
        return [None] * len(calls)

    def _not_delivered(self, s: Settled) -> None:
        if s.dead:
            self._db.run("event_dead", rows.micros(s.at), s.attempts, s.body, s.error, s.event_id)
            return
        next_at = rows.micros(s.next_at or s.at)
        self._db.run("event_again", next_at, s.attempts, s.body, s.error, s.event_id)
        self._db.run("hold_later_events", next_at, next_at, s.event_id, s.event_id)

    def dead(
        self, account: str | None, before: bytes | None, limit: int, looks: int
    ) -> Page[tuple[Event, Settled], bytes]:
        """See `Store.dead_webhooks`."""
        before = before or LAST_ID
        if account is None:
            return dead_page(self._db.all("dead_events", before, limit + 1), limit, None)
        horizon = self._db.one("dead_horizon", before, looks - 1)
        low = FIRST_ID if horizon is None else horizon[0]
        found = self._db.all("dead_events_of", account, before, low, limit + 1)
        return dead_page(found, limit, None if horizon is None else low)

    def of_message(self, view: MessageView) -> list[StoredEvent]:
        """See `Store.message_webhooks`. What is settled was made at the time of a step, or soon after it."""
        message = view.message
        found = {row[0]: row for row in self._db.all("open_events_of", message.id)}
        for moment in _moments(view):
            if len(found) >= message.events:
                break
            behind = self._db.all(
                "events_behind", first_id_at(moment), BEHIND_ROWS, message.id, message.events
            )
            found |= {row[0]: row for row in behind}
        return sorted(map(stored_event, found.values()), key=lambda stored: stored.event.seq)

    def replay(self, calls: list[Sequence[tuple[Sequence[bytes] | None, datetime]]]) -> list[int]:
        """Dead events back to life; how many per call."""
        return [sum(self._replay(ids, rows.micros(now)) for ids, now in call) for call in calls]

    def _replay(self, ids: Sequence[bytes] | None, now: int) -> int:
        if ids is None:
            return self._db.run("replay_all_events", now)
        return sum(self._db.run("replay_event", now, event_id) for event_id in sorted(set(ids)))

    def free(self, owner: Owner, now: datetime) -> int:
        """Give back the events that other processes had claimed."""
        return self._db.run("free_events", rows.micros(now), owner.number)


def _moments(view: MessageView) -> list[datetime]:
    """When its status may have moved, the latest time first: most accounts hear of the end alone."""
    message = view.message
    times = {message.processed_at, message.final_at}
    for row in view.rows:
        times |= {row.at, row.receipt_at}
    return sorted((time for time in times if time is not None), reverse=True)


def _id(event: Event) -> bytes:
    return event.id
