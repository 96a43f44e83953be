"""Answers, receipts and whatever else moves a message, of the production store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.message import Step
from gateway.ports import DecideMessage, DecideReceipt, ReceiptResult
from storage import verbs
from storage.postgres import dispatch, lookups
from storage.postgres.verbs.session import Session, asked


class AnswerVerbs(verbs.AnswerVerbs, Session):
    """See `AnswerStore`."""

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
