"""Webhooks, of the embedded store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.domain.event import Event, Settled
from gateway.ports import Owner
from storage.sqlite.lookups import Lookups
from storage.sqlite.verbs.session import Session, looked_up


class WebhookVerbs(Session):
    """See `WebhookStore`."""

    async def due_webhooks(
        self, now: datetime, owner: Owner, room: Callable[[str], int], limit: int
    ) -> tuple[list[Event], datetime | None]:
        """See `WebhookStore.due_webhooks`. `room` is called in the writer's thread."""
        found: tuple[list[Event], datetime | None] = await self._batcher.call(
            self._webhooks.due, [(now, owner, room, limit)]
        )
        return found

    async def settle_webhooks(self, settled: Sequence[Settled]) -> None:
        """See `WebhookStore.settle_webhooks`."""
        await self._batcher.call(self._webhooks.settle, settled)

    dead_webhooks = looked_up(Lookups.dead_webhooks)
    message_webhooks = looked_up(Lookups.message_webhooks)

    async def replay_webhooks(self, ids: Sequence[bytes] | None, now: datetime) -> int:
        """See `WebhookStore.replay_webhooks`."""
        count: int = await self._batcher.call(self._webhooks.replay, [(ids, now)])
        return count
