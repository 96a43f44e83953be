"""Who must not be written to, and who owns the numbers at which people answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.account import Env

ERASED_PREFIX = "erased:"
"""Begins the name that stands in the place of an erased person's number."""

NameOf = Callable[[str], str]
"""The name of an E.164 number once it is erased: always the same, and not to be turned back without the key file."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """A recipient that an account (or its sub-tenant; "" is the whole account) must not write to."""

    account: str
    env: Env
    sub_tenant: str
    number: str  #: E.164, or the name of one that was erased
    reason: str  #: `stop`, a final `Reason`, `manual` or `erased`
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """An inbound number (or one keyword on a shared number) of an account. Keyword "" is the whole number."""

    number: str
    keyword: str
    account: str
    env: Env
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PriorSend:
    """The latest message from one of our numbers to a person: whom an answer on a shared number belongs to."""

    message_id: bytes
    account: str
    env: Env
    sub_tenant: str
    dialect: str
    callback_url: str | None
    metadata: str | None
    accepted_at: datetime


@dataclass(slots=True)
class StoredInbound:
    """A whole inbound message as it is kept: its parts joined, its owner known or None."""

    id: bytes
    operator: str
    sender: str
    recipient: str
    body: str
    at: datetime
    account: str | None
    env: Env
    sub_tenant: str
    keyword: str | None
    action: str | None
    reply_to: bytes | None = None  #: the prior send that it answers
