"""What becomes of an accepted message: a carrier's answers and receipts, and whatever else moves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.message import Answer, Message, PartRow, Step
from gateway.domain.receipt import Receipt
from gateway.domain.words import ReceiptEffect


@dataclass(slots=True)
class ReceiptResult:
    """What a receipt did, and the step when it touched a message (its `events` are durable now)."""

    effect: ReceiptEffect
    step: Step | None


DecideAnswers = Callable[[Message, list[PartRow], list[Answer], list[tuple[int, Receipt]]], Step]
"""All answers of one message in this batch, in order; `rows` are all its parts. The last argument: receipts that had
overtaken an answer, each with the index of its answer."""

DecideReceipt = Callable[[Message, list[PartRow], PartRow, Receipt], tuple[Step, ReceiptEffect]]
"""One receipt for one part (`row` is an element of `rows`)."""

DecideMessage = Callable[[Message, list[PartRow]], Step | None]
"""Anything else that happens to one message; None leaves it as it is."""


class AnswerStore(Protocol):
    """Moving messages: each verb reads a message with its parts, runs the pure decision and writes its step."""

    async def record_answers(self, answers: Sequence[Answer], decide: DecideAnswers) -> list[Step]:
        """Outcomes of parts; one step per message touched, in the order of its first answer. Upserts `carrier_refs`;
        receipts parked for the refs are handed to the decision and are parked no more."""
        ...

    async def apply_receipts(self, receipts: Sequence[Receipt], decide: DecideReceipt) -> list[ReceiptResult]:
        """Find each part by (operator, ref, destination) or the ref's other numeric forms, else among parts in doubt
        (`pair_in_doubt`), else park it."""
        ...

    async def match_doubt(self, decide: DecideReceipt, now: datetime) -> list[ReceiptResult]:
        """Look again at every part in doubt and the receipts parked for its operator and address pair
        (`gateway.domain.message.pair_in_doubt`)."""
        ...

    async def change(self, ids: Sequence[bytes], decide: DecideMessage) -> list[Step | None]:
        """Read each message and its parts, decide, write: expiry, opt-out, no route, release, requeue, fail."""
        ...

    async def overdue(self, now: datetime, limit: int) -> list[bytes]:
        """Messages whose validity has ended and that are not final: waiting ones, and `sent` ones without receipt."""
        ...
