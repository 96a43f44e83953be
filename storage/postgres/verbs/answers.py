"""Answers, receipts and whatever else moves a message, of the production store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.message import Answer, Step
from gateway.domain.receipt import Receipt
from gateway.ports import DecideAnswers, DecideMessage, DecideReceipt, ReceiptResult
from storage.postgres import dispatch, lookups
from storage.postgres.verbs.session import Session, asked


class AnswerVerbs(Session):
    """See `AnswerStore`."""

    async def record_answers(self, answers: Sequence[Answer], decide: DecideAnswers) -> list[Step]:
        """See `AnswerStore.record_answers`."""
        steps: list[Step] = await self._write(self._knowing.record, answers, decide)
        return steps

    async def apply_receipts(self, receipts: Sequence[Receipt], decide: DecideReceipt) -> list[ReceiptResult]:
        """See `AnswerStore.apply_receipts`."""
        results: list[ReceiptResult] = await self._write(self._knowing.apply, receipts, decide)
        return results

    async def match_doubt(
        self,
        decide: DecideReceipt,
        now: datetime,  # noqa: ARG002 the port's
    ) -> list[ReceiptResult]:
        """See `AnswerStore.match_doubt`."""
        return await self._groups.alone(lambda db: self._refs.match_doubt(db, decide), self._owner)

    async def change(self, ids: Sequence[bytes], decide: DecideMessage) -> list[Step | None]:
        """See `AnswerStore.change`."""
        steps: list[Step | None] = await self._write(dispatch.change, ids, decide)
        return steps

    overdue = asked(lookups.overdue)
