"""Webhook events: what a tenant is told, as a row that is written in the same commit as the state it tells
of.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain import ids
from gateway.domain.account import Env


class EventKind(enum.StrEnum):
    """What happened; the last word of an event's `type` in the orchestrator dialect."""

    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    FAILED = "failed"
    CANCELED = "canceled"
    INBOUND = "inbound"
    ALERT = "alert"  #: `gateway.domain.alert`, which says of which kind; in no dialect's words


CHOSEN: tuple[EventKind, ...] = tuple(kind for kind in EventKind if kind is not EventKind.ALERT)
"""What an account's `webhook_events` may name. Alerts go by settings and a URL of their own."""


@dataclass(slots=True)
class Event:
    """One event for one destination.

    `data` is the core's snapshot at that moment, rendered in the dialect's words at its first delivery; the
    body then made is kept, so that every later try sends the same bytes. `seq` orders the events of one
    `subject` (a message's id or an inbound message's): a later one waits until the earlier one is delivered
    or dead.
    """

    id: bytes  #: UUIDv7, the `webhook-id`
    subject: bytes
    seq: int
    account: str
    env: Env
    dialect: str
    kind: EventKind
    at: datetime
    url: str
    destination: str  #: account, scheme, host and port: what concurrency and back-off are counted by
    data: dict[str, object]
    owner: int | None = None  #: the process that delivers it now; None: it waits in the store
    attempts: int = 0
    body: bytes | None = None
    _text: str = field(default="", init=False, repr=False, compare=False)

    @property
    def id_text(self) -> str:
        """`id` as its receiver knows it: in the body, and in a header of each try."""
        if not self._text:
            self._text = ids.text(self.id)
        return self._text


@dataclass(slots=True)
class Settled:
    """How one try to deliver an event ended. Neither delivered nor dead: again at `next_at`."""

    event_id: bytes
    delivered: bool
    dead: bool
    at: datetime
    next_at: datetime | None
    attempts: int
    body: bytes | None  #: kept when it was not delivered
    error: str | None  #: what the destination answered, at most 512 characters
