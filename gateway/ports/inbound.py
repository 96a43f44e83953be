"""Messages from phones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.domain.account import Env
from gateway.domain.event import Event
from gateway.domain.message import Message
from gateway.domain.receipt import Inbound
from gateway.domain.suppression import OwnedNumber, PriorSend, StoredInbound, Suppression


@dataclass(slots=True)
class InboundContext:
    """What the store knows of the two numbers of an inbound message."""

    owners: list[OwnedNumber]  #: of the number written to, keywords and the whole number
    prior: PriorSend | None  #: the latest send from that number to that person
    stopped: frozenset[tuple[str, Env, str]] = frozenset()
    """(account, environment, sub-tenant) whose messages that person has stopped already."""


@dataclass(slots=True)
class InboundStep:
    """What an inbound message leads to, decided by the service: the row, the list changes, events, and a reply."""

    inbound: StoredInbound
    suppress: Suppression | None = None
    lift: tuple[str, Env, str, str] | None = None  #: account, env, sub-tenant, number
    events: list[Event] = field(default_factory=list)
    reply: Message | None = None  #: bypasses the suppression gate
    near_miss: bool = False  #: a word of STOP is in it, and it is none


DecideInbound = Callable[[Inbound, InboundContext], InboundStep]


class InboundStore(Protocol):
    """Joining the parts of inbound messages, and keeping what they lead to."""

    async def record_inbound(
        self, inbounds: Sequence[Inbound], decide: DecideInbound
    ) -> list[InboundStep | None]:
        """Join parts durably; for each message that is whole now: context, decide, write all. None: parts are
        missing still, or it is a repetition: operator and fingerprint of one that is not marked as answered."""
        ...

    async def answered_inbound(self, answered: Sequence[tuple[str, bytes]]) -> None:
        """(operator, fingerprint): the carrier's copies of these were answered; the same fields again are new."""
        ...

    async def flush_inbound(self, before: datetime, decide: DecideInbound) -> list[InboundStep]:
        """Messages of which parts are missing for too long, joined with a gap mark."""
        ...
