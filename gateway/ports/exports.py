"""Exports: everything of an account or of a day, in pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.domain.account import Env
from gateway.domain.event import Event
from gateway.domain.suppression import StoredInbound
from gateway.domain.words import Status
from gateway.ports.pages import LOOKS
from gateway.ports.queries import MessageView


@dataclass(slots=True)
class StoredEvent:
    """A webhook event as it is kept."""

    event: Event
    state: str  #: pending | claimed | delivered | dead
    settled_at: datetime | None
    error: str | None  #: of the last try that failed
    next_at: datetime  #: while it is pending: not tried before then


class ExportStore(Protocol):
    """Pages by id, so that memory stays bounded; ids above `after`, and below `until` where it is given."""

    async def messages_by_id(
        self, of: tuple[str, Env] | None, after: bytes, until: bytes, limit: int
    ) -> list[MessageView]:
        """Messages with all attempts, of one account's environment or (None) of all."""
        ...

    async def statuses_by_id(self, after: bytes, until: bytes, limit: int) -> list[tuple[bytes, Status]]:
        """Ids and statuses of all messages: to compare an export with."""
        ...

    async def inbound_by_id(self, account: str, after: bytes, limit: int) -> list[StoredInbound]: ...
    async def webhooks_by_id(
        self, account: str, after: bytes, limit: int, looks: int = LOOKS
    ) -> tuple[list[StoredEvent], bytes | None]:
        """An account's events, looked for among `looks` of all accounts' (no index on the path of each event knows
        whose they are); and the next call's `after`, None: there are no more."""
        ...

    async def drop_day(self, day: date, on_dropped: Callable[[int], None]) -> int:
        """Drop the messages of a UTC day (`gateway.domain.cdr.bounds`) with their parts; how many. `on_dropped` is
        told how many so far. Raises `Conflict`, and drops nothing, when some are not final."""
        ...
