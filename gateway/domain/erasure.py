"""The erasure of a person's number: what is replaced in each thing that is kept, as pure changes of values in hand.

In the number's place stands its name (`gateway.domain.suppression.NameOf`); texts go, and so does what a tenant has
written beside them (metadata), for it may tell of the person. What tells only of the traffic stays: ids, times,
carriers, statuses, prices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import overload

from gateway.domain.event import Event
from gateway.domain.message import Message, PartRow
from gateway.domain.suppression import StoredInbound

REASON = "erased"
"""Of the suppressions that an erasure makes."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is asked for: one E.164 number, the name for it, and whose data (None: everybody's)."""

    number: str
    name: str
    account: str | None
    at: datetime

    def concerns(self, account: str | None) -> bool:
        """Whether something of this account is to be erased."""
        return self.account is None or account == self.account

    @overload
    def scrub(self, text: str) -> str: ...
    @overload
    def scrub(self, text: None) -> None: ...
    def scrub(self, text: str | None) -> str | None:
        """A text of somebody else (a carrier's error, a URL) in which the number may stand, with or without `+`."""
        if text is None:
            return None
        digits = self.number.removeprefix("+")
        return text.replace(self.number, self.name).replace(digits, self.name)


@dataclass(slots=True)
class Erased:
    """What was erased, in numbers; and what could not be, yet."""

    messages: int = 0
    inbound: int = 0
    webhooks: int = 0
    results: int = 0  #: answers kept for idempotency keys
    suppressions: int = 0  #: entries that know the number by its name from now on
    left: list[bytes] = field(default_factory=list)
    """Messages that are not final, or whose webhook is being delivered (or an inbound message's)."""

    def add(self, other: Erased) -> None:
        """Count another page."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


def may_erase(message: Message) -> bool:
    """Whether nothing more is done with it: what a process has in hand would come back with its next word."""
    return message.over and message.owner is None


def erase_message(erasure: Erasure, message: Message, parts: Iterable[PartRow]) -> None:
    """The recipient, the text and what the tenant has written beside it."""
    message.recipient = erasure.name
    message.body = ""
    message.metadata = None
    message.callback_url = erasure.scrub(message.callback_url)
    if message.error is not None:
        message.error.detail = erasure.scrub(message.error.detail)
        message.error.operator_error = erasure.scrub(message.error.operator_error)
    for part in parts:
        part.recipient = erasure.name
        part.error = erasure.scrub(part.error)


def erase_inbound(erasure: Erasure, inbound: StoredInbound) -> None:
    """The sender and the text, of which the keyword is a part."""
    inbound.sender = erasure.name
    inbound.body = ""
    inbound.keyword = None


def erase_event(erasure: Erasure, event: Event) -> None:
    """What it tells, and the body that was made of it: a later try makes it anew."""
    replaced = {"body": "", "keyword": None, "metadata": None}
    for name, value in event.data.items():
        if name in replaced:
            event.data[name] = None if value is None else replaced[name]
        elif isinstance(value, str):
            event.data[name] = erasure.scrub(value)
    event.url = erasure.scrub(event.url)
    event.body = None
