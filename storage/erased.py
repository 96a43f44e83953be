"""What every engine does with the names of erased numbers: pure, between a verb's items and the store's answers.

The suppression list holds a name in the number's place. So whatever comes with a number in full (a send, a claim, an
answer, a receipt) is looked up by its name too, but only while there is any name in the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gateway.domain.erasure import Erasure
from gateway.domain.message import Answer, Message
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.send import Acceptance, FieldError, Refusal
from gateway.domain.suppression import NameOf
from gateway.errors import StoreError
from gateway.ports import ClaimBatch, DecideInbound, InboundContext, InboundStep
from storage import rows
from storage.acceptance import Suppressed, is_suppressed, opted_out, read_results, write_results

PAGE_ROWS = 100
"""Messages of one transaction of an erasure: some milliseconds, so that callers hardly notice it."""

RESULT_ROWS = 5_000
"""Kept answers that one transaction of it looks through."""

MAX_LEFT = 5_000
"""Messages that one pass leaves to be ended: then it ends, and the next one goes on."""


class Names:
    """The name of each number, once this process was told how they are made."""

    def __init__(self) -> None:
        self.of: NameOf | None = None

    def by_name(self, numbers: Iterable[str]) -> dict[str, str]:
        """Number by name. Raises `StoreError` in a process that was not told: it must not write to whom it can't
        know."""
        name_of = self.of
        if name_of is None:
            raise StoreError(
                "the store has erased numbers, and this process was not told their names: a fault of ours"
            )
        return {name_of(number): number for number in set(numbers)}


def recipients_of(calls: Iterable[Sequence[Acceptance]]) -> set[str]:
    """To whom these requests write."""
    return {item.recipient for call in calls for a in call for item in a.items if isinstance(item, Message)}


def in_full(found: Iterable[Sequence[str]], numbers: Mapping[str, str]) -> Suppressed:
    """Rows of the suppression list that were found by name, with the numbers."""
    return {(numbers[row[0]], row[1], row[2], row[3]) for row in found}


def refused(calls: list[Sequence[Acceptance]], found: Suppressed) -> list[Sequence[Acceptance]]:
    """The requests with a refusal in the place of each message that is suppressed. A replay still wins: it does not
    look at the items."""
    if not found:
        return calls
    return [[_refused(acceptance, found) for acceptance in call] for call in calls]


def _refused(acceptance: Acceptance, found: Suppressed) -> Acceptance:
    items = [
        opted_out(item.recipient) if isinstance(item, Message) and is_suppressed(found, item) else item
        for item in acceptance.items
    ]
    return replace(acceptance, items=items)


def mark(batches: Iterable[ClaimBatch], found: Suppressed) -> None:
    """Tell the claimed messages that are suppressed."""
    for batch in batches:
        for claimed in batch.claimed:
            claimed.suppressed = claimed.suppressed or is_suppressed(found, claimed.message)


def named_answers(calls: list[Sequence[Answer]], names_by_id: Mapping[bytes, str]) -> list[Sequence[Answer]]:
    """Late answers for messages that were erased meanwhile: the number does not come back with them."""
    if not names_by_id:
        return calls
    return [
        [replace(a, recipient=names_by_id.get(a.message_id, a.recipient)) for a in call] for call in calls
    ]


def named_receipts(
    calls: list[Sequence[Receipt]], name_by_number: Mapping[str, str]
) -> list[Sequence[Receipt]]:
    """Receipts for numbers that were erased meanwhile: they find their parts by the name."""
    if not name_by_number:
        return calls
    return [
        [replace(r, recipient=name_by_number.get(r.recipient, r.recipient)) for r in call] for call in calls
    ]


def knowing_stops(decide: DecideInbound, stops: Suppressed) -> DecideInbound:
    """The decision, told of the STOPs that stand on the list by name."""
    if not stops:
        return decide

    def knowing(inbound: Inbound, context: InboundContext) -> InboundStep:
        of_person = {(row[1], rows.ENVS[row[2]], row[3]) for row in stops if row[0] == inbound.sender}
        return decide(inbound, replace(context, stopped=context.stopped | of_person))

    return knowing


def erase_result(erasure: Erasure, text: str) -> str:
    """The kept answer of an idempotency key, with the name in its refusals' words."""
    return write_results(
        [_scrubbed(erasure, item) if isinstance(item, Refusal) else item for item in read_results(text)]
    )


def _scrubbed(erasure: Erasure, refusal: Refusal) -> Refusal:
    fields = tuple(FieldError(each.pointer, erasure.scrub(each.detail)) for each in refusal.fields)
    return Refusal(refusal.why, erasure.scrub(refusal.detail), fields)


def in_hand(events: Sequence[Sequence[Any]]) -> bool:
    """Whether a process delivers one of them now: what it says of it would bring the number back."""
    return any(row[6] == rows.CLAIMED for row in events)
