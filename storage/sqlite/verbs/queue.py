"""Accepting and claiming, of the embedded store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.send import AcceptResult, IdempotencyKey
from gateway.domain.words import Priority
from gateway.ports import ClaimBatch, Owner
from storage import verbs
from storage.sqlite.lookups import Lookups
from storage.sqlite.verbs.session import Session, looked_up


class QueueVerbs(verbs.QueueVerbs, Session):
    """See `QueueStore`."""

    async def find_key(self, key: IdempotencyKey, now: datetime) -> AcceptResult | None:
        """See `QueueStore.find_key`."""
        result: AcceptResult | None = await self._batcher.call(self._accepting.find_key, [(key, now)])
        return result

    async def claim(
        self,
        operator: str | None,
        limit: int,
        owner: Owner,
        now: datetime,
        classes: Sequence[Priority] = tuple(Priority),
    ) -> ClaimBatch:
        """See `QueueStore.claim`."""
        ask = (operator, limit, owner, now, classes)
        batch: ClaimBatch = await self._batcher.call(self._knowing.claim, [ask])
        return batch

    waiting = looked_up(Lookups.waiting)
    waiting_operators = looked_up(Lookups.waiting_operators)

    async def reassign(self, moves: Sequence[tuple[bytes, str | None, str | None, str | None]]) -> int:
        """See `QueueStore.reassign`."""
        count: int = await self._batcher.call(self._dispatching.reassign, moves)
        return count
