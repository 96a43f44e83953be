"""Webhooks, of the production store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.domain.event import Event, Settled
from gateway.ports import Owner
from storage.postgres import webhooks
from storage.postgres.verbs.session import Session, asked, written_for_long


class WebhookVerbs(Session):
    """See `WebhookStore`."""

    async def due_webhooks(
        self, now: datetime, owner: Owner, room: Callable[[str], int], limit: int
    ) -> tuple[list[Event], datetime | None]:
        """See `WebhookStore.due_webhooks`."""
        found: tuple[list[Event], datetime | None] = await self._groups.call(
            webhooks.due, [(now, room, limit)], owner, owner=owner
        )
        return found

    async def settle_webhooks(self, settled: Sequence[Settled]) -> None:
        """See `WebhookStore.settle_webhooks`."""
        await self._write(webhooks.settle, settled)

    dead_webhooks = asked(webhooks.dead)
    message_webhooks = asked(webhooks.of_message)
    replay_webhooks = written_for_long(webhooks.replay)
