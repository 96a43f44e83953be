"""What a tenant asks for, in the core's words, and what it is told: `Send` in, `Taken` or `Refusal` out.

What is made for every message is a named tuple: as unchangeable as a frozen dataclass, and made in a third of its time.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from gateway.domain.message import Message
from gateway.domain.money import NOTHING_OWED, Allowance
from gateway.domain.words import Priority, Status


class Why(enum.StrEnum):
    """Why a send was refused: a closed set; each dialect has a table from it to its own codes."""

    INVALID = "invalid"  #: the dialect could not read it; `fields` tells where
    INVALID_RECIPIENT = "invalid_recipient"
    INVALID_SENDER = "invalid_sender"
    SENDER_MISSING = "sender_missing"
    SENDER_NOT_ALLOWED = "sender_not_allowed"
    BODY_EMPTY = "body_empty"
    BODY_TOO_LONG = "body_too_long"
    CALLBACK_NOT_ALLOWED = "callback_not_allowed"
    SUPPRESSED = "suppressed"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"  #: the account may not write to that country
    TOO_MANY_SEGMENTS = "too_many_segments"  #: more than the account allows one message
    TOO_MANY_TO_RECIPIENT = "too_many_to_recipient"  #: of the account's messages to one number within an hour
    TOO_MANY_TO_PREFIX = (
        "too_many_to_prefix"  #: of the account's messages to one range of numbers within an hour
    )
    NUMBERS_IN_A_ROW = "numbers_in_a_row"  #: adjacent numbers one after the other: somebody pumps traffic
    NOT_PRICED = "not_priced"  #: the account's rate plan has no price for the destination
    INSUFFICIENT_BALANCE = "insufficient_balance"
    SPENDING_CAP = "spending_cap"  #: the account's charges of this day have reached its cap


@dataclass(frozen=True, slots=True)
class FieldError:
    """One bad field: its JSON pointer in what the tenant wrote, and what is wrong with it."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A send that is not taken. Nothing of it is kept."""

    why: Why
    detail: str
    fields: tuple[FieldError, ...] = ()
    retry_after_s: int | None = (
        None  #: when the same message would be taken, as far as is known; not kept with a key
    )


class Send(NamedTuple):
    """One message as a tenant asks for it, read from its dialect.

    `max_body_chars` and `sender_policy` are the dialect's: the core never asks which dialect it is. Lengths
    are Unicode code points.
    """

    dialect: str
    recipient: str
    sender: str | None
    body: str
    priority: Priority = Priority.TRANSACTIONAL
    message_class: int | None = None
    callback_url: str | None = None
    metadata: str | None = None  #: a JSON object as text
    scheduled_at: datetime | None = None
    validity_s: float | None = None  #: None: the gateway's default, 72 h
    sub_tenant: str = ""
    max_body_chars: int = 1600
    labels: tuple[str, ...] = ()  #: what it is to be found by (`gateway.domain.labels`)


class Origin(NamedTuple):
    """Where a request came from: kept with its messages."""

    request_id: str
    traceparent: str | None = None


class Taken(NamedTuple):
    """A send that is durable: all that an answer needs, so that a replay renders the same bytes."""

    message_id: bytes
    status: Status
    segment_count: int
    accepted_at: datetime


class IdempotencyKey(NamedTuple):
    """A caller's key and what it stands for.

    `digest` is sha256(environment, sub-tenant, sha256(account ":" key)); `body_digest` is that of the body as
    canonical JSON.
    """

    digest: bytes
    method: str
    path: str
    body_digest: bytes


@dataclass(slots=True)
class Acceptance:
    """One request for the store's `accept`: all of it is committed, or a replay or a conflict is found instead.

    `items` are in the order of the request: a message to be kept or the refusal that a gate has given.
    """

    items: list[Message | Refusal]
    key: IdempotencyKey | None
    now: datetime
    allowance: Allowance = NOTHING_OWED
    together: bool = False
    """All that cost money or none: when it does not suffice for all that would be taken, each of them is refused."""


@dataclass(slots=True)
class Accepted:
    """What became of a request's items, in order. `replayed`: an earlier request with the same key did it."""

    items: list[Taken | Refusal]
    replayed: bool = False
    messages: list[Message] = field(default_factory=list, compare=False, repr=False)
    """Those that this very call has kept: an answer that tells more than `Taken` need not read them back."""


@dataclass(slots=True)
class KeyConflict:
    """The key was used for another body or path within its 48 hours."""


AcceptResult = Accepted | KeyConflict
