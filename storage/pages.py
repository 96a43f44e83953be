"""Pages of messages: along which indexes one is read, how far, and what becomes of what was found there.

The same for both engines, which bring the statements: `messages_page` and, along other indexes, `messages_page_ended`
and so on; `messages_horizon` and its like say where so many rows have been passed. An id holds the time, so that a page
by time reads a range of ids.

No look goes through more rows than `ListQuery.looks` along each of its ways: where an index knows no more than some of
the filters, few of many may pass them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gateway.domain import ids
from gateway.domain.alert import Alert
from gateway.domain.event import Event, Settled
from gateway.domain.labels import OVER
from gateway.domain.message import Message
from gateway.domain.words import Status
from gateway.ports import ListQuery, Page
from gateway.ports.pages import cut
from storage import rows
from storage.labels import asked

ID_BYTES = 16

FIRST_ID, LAST_ID = bytes(ID_BYTES), b"\xff" * ID_BYTES
"""No id is below the one or above the other."""

ENDED = frozenset({Status.UNDELIVERABLE, Status.FAILED, Status.CANCELED})
OPEN = frozenset({Status.SCHEDULED, Status.QUEUED, Status.SENT})
"""Statuses that few messages have beside those that were delivered: a page of them is not looked for among all. Where
carriers are asked for no receipts many stay `sent`: these have a label."""

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
    before, low = query.before or LAST_ID, FIRST_ID
    earliest, latest = rows.EPOCH, _LAST
    if query.created_after is not None:
        earliest = query.created_after
        low = ids.first_id_at(earliest - _CLOCK_SLACK)
    if query.created_before is not None:
        latest = query.created_before + timedelta(microseconds=999)
        before = min(before, ids.first_id_at(latest + _CLOCK_SLACK))
    return Bounds(low, before, earliest, latest)


class Along(enum.Enum):
    """An index of messages; the value ends the names of its statements."""

    ACCOUNT = ""
    LABEL = "_labelled"
    ENDED = "_ended"  #: one of `ENDED`
    OPEN = "_open"  #: what is not final, of every account and in no order
    RECIPIENT = "_to"  #: a number's messages, of every account


class Way(NamedTuple):
    """Where some of a page's messages are found. `passes_over`: it may go past any number of rows for one of them."""

    along: Along
    status: frozenset[Status] | None
    passes_over: bool
    label: str | None = None  #: the one that it goes along, where that is not the query's first

    @property
    def page(self) -> str:
        """The statement that finds messages."""
        return f"messages_page{self.along.value}"

    @property
    def horizon(self) -> str:
        """The statement that finds where so many rows are passed."""
        return f"messages_horizon{self.along.value}"


def crowd_of(query: ListQuery) -> Along | None:
    """The index that a page is read along whole, unless it has more than `ListQuery.looks` rows for it: that is to be
    seen first. `messages_crowd` with its ending finds a row if it has."""
    if query.recipient is not None:
        return Along.RECIPIENT
    rare = not query.labels and _rare(query.status)
    return Along.OPEN if rare and query.status and query.status & OPEN else None


def ways(query: ListQuery, *, crowded: bool) -> list[Way]:
    """Where the messages of a page are found. `crowded`: `crowd_of` has too many rows."""
    if query.recipient is not None and not crowded:
        return [Way(Along.RECIPIENT, query.status, passes_over=False)]
    times = query.created_after is not None or query.created_before is not None  # `_CLOCK_SLACK`
    facts = (query.recipient, query.sender, query.key_id, query.sub_tenant)
    more = times or any(fact is not None for fact in facts)
    if query.labels:
        several = len(query.labels) > 1 or query.status is not None
        return [Way(Along.LABEL, query.status, more or several)]
    if query.status is None or not _rare(query.status):
        return [Way(Along.ACCOUNT, query.status, more or query.status is not None)]
    found = []
    if still_open := query.status & OPEN:
        # First what is open: what ends meanwhile is found again among what has ended, as it is now.
        found.append(
            Way(Along.ACCOUNT, still_open, passes_over=True)
            if crowded
            else Way(Along.OPEN, still_open, passes_over=False)
        )
    if Status.SENT in query.status and query.over and not crowded:
        found.append(Way(Along.LABEL, frozenset({Status.SENT}), more, OVER))
    found += [Way(Along.ENDED, frozenset({each}), more) for each in sorted(query.status & ENDED)]
    return found


def _rare(status: frozenset[Status] | None) -> bool:
    return status is not None and status <= ENDED | OPEN


def page_values(
    query: ListQuery, way: Way, horizon: bytes | None, as_list: Callable[[list[str]], object]
) -> tuple[object, ...]:
    """The values of a way's page, down to a horizon where there is one. `as_list`: how the engine writes a list."""
    bounds = bounds_of(query)
    values = (
        query.account,
        query.env.value,
        bounds.before,
        bounds.low if horizon is None else horizon,
        rows.micros(bounds.earliest),
        rows.micros(bounds.latest),
        _status(way, as_list),
        query.sub_tenant,
        query.limit + 1,
        query.sender,
        query.key_id,
        query.recipient,
    )
    labels = _labels(query, way)
    if way.along is Along.LABEL:
        return (*values, labels[0], as_list(labels[1:]))
    return (*values, as_list(labels)) if way.along is Along.RECIPIENT else values


def horizon_values(query: ListQuery, way: Way) -> tuple[object, ...]:
    """The values of a way's horizon: the last of `ListQuery.looks` rows."""
    bounds = bounds_of(query)
    values = (query.account, query.env.value, bounds.before, bounds.low, query.looks - 1)
    if way.along is Along.LABEL:
        return (*values, _labels(query, way)[0])
    return (*values, _status(way, list)) if way.along is Along.ENDED else values


def _labels(query: ListQuery, way: Way) -> list[str]:
    return list(asked(query.labels if way.label is None else (way.label,)))


def _status(way: Way, as_list: Callable[[list[str]], object]) -> object:
    if way.status is None:
        return None
    words = sorted(status.value for status in way.status)
    return words[0] if way.along is Along.ENDED else as_list(words)


def page_of(found: Iterable[Message], horizons: Iterable[bytes | None], limit: int) -> Page[Message, bytes]:
    """A page of what was found along all ways, one more message than it takes along each. Below the horizon of one
    there may be more of it: what others have there comes later. What was found twice counts as it was the last time.
    """
    end = max((horizon for horizon in horizons if horizon is not None), default=None)
    by_id = {message.id: message for message in found if end is None or message.id >= end}
    return cut([by_id[key] for key in sorted(by_id, reverse=True)], limit, end, _id)


def _id(message: Message) -> bytes:
    return message.id


def dead_page(
    found: Iterable[rows.Row], limit: int, horizon: bytes | None
) -> Page[tuple[Event, Settled], bytes]:
    """A page of dead events, of one more than it takes."""
    return cut([(rows.event(row), rows.dead(row)) for row in found], limit, horizon, _event_id)


def alerts_page(found: Iterable[rows.Row], limit: int, horizon: bytes | None) -> Page[Alert, bytes]:
    """A page of alerts, of one more than it takes."""
    return cut([rows.alert(row) for row in found], limit, horizon, _alert_id)


def _alert_id(alert: Alert) -> bytes:
    return alert.id


def _event_id(dead: tuple[Event, Settled]) -> bytes:
    return dead[0].id
