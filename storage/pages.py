"""The bounds of a page of messages: the id holds the time, so that a page by time reads a range of ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gateway.domain import ids
from gateway.domain.message import Message
from gateway.domain.words import Status
from gateway.ports import ListQuery
from storage import rows

ID_BYTES = 16

LAST_ID = b"\xff" * ID_BYTES
"""No id is above it."""

ENDED = frozenset({Status.UNDELIVERABLE, Status.FAILED, Status.CANCELED})
OPEN = frozenset({Status.SCHEDULED, Status.QUEUED, Status.SENT})
"""Statuses that few messages have beside those that were delivered: a page of them is not looked for among all."""

_CLOCK_SLACK = timedelta(minutes=1)
"""How far the time inside an id may lie from the time of acceptance, when the clock was set back."""

_LAST = datetime(9999, 1, 1, tzinfo=UTC)


class Bounds(NamedTuple):
    """Ids from `low` to below `before`, accepted from `earliest` to `latest`."""

    low: bytes
    before: bytes
    earliest: datetime
    latest: datetime


def bounds_of(query: ListQuery) -> Bounds:
    """Both ends of a time range belong to it, to the millisecond that ids and answers show."""
    before, low = query.before or LAST_ID, bytes(ID_BYTES)
    earliest, latest = rows.EPOCH, _LAST
    if query.created_after is not None:
        earliest = query.created_after
        low = ids.first_id_at(earliest - _CLOCK_SLACK)
    if query.created_before is not None:
        latest = query.created_before + timedelta(microseconds=999)
        before = min(before, ids.first_id_at(latest + _CLOCK_SLACK))
    if query.down_to is not None:
        low = max(low, query.down_to)
    return Bounds(low, before, earliest, latest)


def apart(status: frozenset[Status] | None) -> tuple[list[str], list[str]] | None:
    """The words of a filter that few messages pass: those of `ENDED`, those of `OPEN`. None: many may pass it."""
    if status is None or Status.DELIVERED in status:
        return None
    return sorted(s.value for s in status & ENDED), sorted(s.value for s in status & OPEN)


def passes_over(query: ListQuery) -> bool:
    """Whether a page may pass over any number of messages for one that it shows: its filters are more than the index
    knows along which it goes. A number has few messages, and few are those that end badly or have not ended."""
    if query.recipient is not None:
        return False
    more = any(each is not None for each in (query.sender, query.key_id, query.sub_tenant))
    if query.labels:
        return more or query.status is not None or len(query.labels) > 1
    return apart(query.status) is None and (more or query.status is not None)


def newest(found: list[Message], limit: int) -> list[Message]:
    """A page of what was found in several places. One that has moved from the open to the ended ones meanwhile counts
    as what it is now."""
    by_id = {message.id: message for message in found}
    return [by_id[key] for key in sorted(by_id, reverse=True)[:limit]]
