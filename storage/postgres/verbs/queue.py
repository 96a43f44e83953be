"""Accepting and claiming, of the production store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.words import Priority
from gateway.ports import ClaimBatch, Owner
from storage import verbs
from storage.postgres import accept as accepting
from storage.postgres import dispatch, lookups
from storage.postgres.verbs.session import Session, asked


class QueueVerbs(verbs.QueueVerbs, Session):
    """See `QueueStore`."""

    find_key = asked(accepting.find_key)

    async def claim(
        self,
        operator: str | None,
        limit: int,
        owner: Owner,
        now: datetime,
        classes: Sequence[Priority] = tuple(Priority),
    ) -> ClaimBatch:
        """See `QueueStore.claim`."""
        batch: ClaimBatch = await self._groups.call(
            self._knowing.claim, [(operator, limit, now, classes)], owner, owner=owner
        )
        return batch

    waiting = asked(lookups.waiting)
    waiting_operators = asked(lookups.waiting_operators)

    async def reassign(self, moves: Sequence[tuple[bytes, str | None, str | None, str | None]]) -> int:
        """See `QueueStore.reassign`."""
        count: int = await self._write(dispatch.reassign, moves)
        return count
