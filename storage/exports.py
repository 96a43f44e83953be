"""What both engines say in exports: the states of webhooks, and why a day stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from gateway.errors import Conflict
from gateway.ports import StoredEvent
from storage import rows

EVENT_STATES = ("pending", "claimed", "delivered", "dead")
"""The states of a webhook row by their numbers in `rows`."""


def stored_event(row: rows.Row) -> StoredEvent:
    """A webhook row, all of its columns."""
    event, state = rows.event(row), EVENT_STATES[row[6]]
    return StoredEvent(event, state, rows.moment_or_none(row[11]), row[12], rows.moment(row[8]))


def events_until(
    found: Iterable[rows.Row], limit: int, horizon: bytes | None
) -> tuple[list[StoredEvent], bytes | None]:
    """See `Store.webhooks_by_id`: what was found down to where the look ended (None: at the end of all)."""
    events = [stored_event(row) for row in found]
    return events, events[-1].event.id if len(events) == limit else horizon


def not_final(day: date, messages: int) -> Conflict:
    """Why a day is not dropped."""
    return Conflict(f"{messages} message(s) of {day} are not final yet: nothing was dropped")
