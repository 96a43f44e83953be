"""Webhooks: the events that wait for tenants, and the client by which they go out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.event import Event, Settled
from gateway.ports.exports import StoredEvent
from gateway.ports.pages import LOOKS, Page
from gateway.ports.processes import Owner
from gateway.ports.queries import MessageView


class WebhookStore(Protocol):
    """Events that are due, under way, delivered or dead."""

    async def due_webhooks(
        self, now: datetime, owner: Owner, room: Callable[[str], int], limit: int
    ) -> tuple[list[Event], datetime | None]:
        """Claim due events, at most `room(destination)` per destination and in order per subject; and when the next
        one will be due."""
        ...

    async def settle_webhooks(self, settled: Sequence[Settled]) -> None: ...
    async def dead_webhooks(
        self, account: str | None, before: bytes | None, limit: int, looks: int = LOOKS
    ) -> Page[tuple[Event, Settled], bytes]:
        """Dead events of an account or of all, newest first. `before`: ids smaller than this one. `looks`: how many
        events of every account it goes through for those of one."""
        ...

    async def message_webhooks(self, view: MessageView) -> list[StoredEvent]:
        """A message's events in their order, whatever became of them. An engine without an index for those that are
        settled looks for them behind the times that the view tells; fewer than `Message.events` are found where some
        are past retention."""
        ...

    async def replay_webhooks(self, ids: Sequence[bytes] | None, now: datetime) -> int:
        """Dead events back to life; None: all."""
        ...


@dataclass(slots=True)
class WebhookAnswer:
    """`status` 0: no answer; `error` says why. `excerpt`: the first 512 bytes."""

    status: int
    excerpt: str
    error: str | None
    retry_after_s: float | None = None


class WebhookClient(Protocol):
    """Sends a POST and tells the answer; guards private addresses, keeps connections."""

    async def post(self, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> WebhookAnswer: ...


Renderer = Callable[[Event], bytes]
"""A dialect's webhook body for an event: pure, one-line JSON."""
