"""Answers, receipts and whatever else moves a message, of the embedded store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.message import Step
from gateway.ports import DecideMessage, DecideReceipt, ReceiptResult
from storage import verbs
from storage.sqlite.lookups import Lookups
from storage.sqlite.verbs.session import Session, looked_up


class AnswerVerbs(verbs.AnswerVerbs, Session):
    """See `AnswerStore`."""

    async def match_doubt(self, decide: DecideReceipt, now: datetime) -> list[ReceiptResult]:
        """See `AnswerStore.match_doubt`."""
        results: list[ReceiptResult] = await self._batcher.call(self._refs.match_doubt, [now], decide)
        return results

    async def change(self, ids: Sequence[bytes], decide: DecideMessage) -> list[Step | None]:
        """See `AnswerStore.change`."""
        steps: list[Step | None] = await self._batcher.call(self._dispatching.change, ids, decide)
        return steps

    overdue = looked_up(Lookups.overdue)
