"""Which part a receipt is for: by its ref, by the ref's other forms, else among the parts in doubt of its address pair.

What the engine has read is given; what it shall write is left in `Applying.parked`, in `Changes` and with `Doubts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from gateway.domain.message import Message, PartRow, Step, pair_in_doubt
from gateway.domain.receipt import Receipt
from gateway.domain.words import RECEIPTED, PartState, ReceiptEffect
from gateway.ports import DecideReceipt, ReceiptResult
from storage.changes import Changes, Loaded, PartKey

Key = tuple[str, str, str]
"""(operator, ref, destination) of a carrier's name for a part."""

EquivalentRefs = Callable[[str, str], Sequence[str]]
"""(operator, ref) to the other forms (hexadecimal, decimal) in which that carrier may write the same id; its own form
may be among them."""

DOUBT_WINDOW = timedelta(days=4)
"""How old a part may be that an unknown receipt is taken for: the default validity of 72 h and a day of the
carrier's own retries. Also how long a receipt may follow a final one before its ref counts as used again."""


def no_equivalents(_operator: str, ref: str) -> tuple[str, ...]:
    """A carrier that writes an id in one form only."""
    return (ref,)


@dataclass(slots=True)
class Found:
    """A row of `carrier_refs`."""

    part: PartKey | None
    receipts: list[Receipt] = field(default_factory=list)


def forms_of(equivalents: EquivalentRefs, receipt: Receipt) -> list[Key]:
    """The keys under which a receipt's part may stand besides its own."""
    return [
        (receipt.operator, other, receipt.recipient)
        for other in equivalents(receipt.operator, receipt.ref)
        if other != receipt.ref
    ]


def equivalent(equivalents: EquivalentRefs, one: Key, other: Key) -> bool:
    """Whether two keys name the same part in two notations."""
    if (one[0], one[2]) != (other[0], other[2]):
        return False
    return other[1] in equivalents(*one[:2]) or one[1] in equivalents(*other[:2])


def pair_up(
    waiting: list[Receipt], loaded: Mapping[bytes, Loaded], ids: Iterable[bytes]
) -> list[tuple[Loaded, PartRow, Receipt]]:
    """`pair_in_doubt` over the parts of the receipts' address pair. `ids`: those of the messages to their recipient,
    accepted up to twice `DOUBT_WINDOW` before the last one came."""
    last = waiting[-1]
    since = last.at - DOUBT_WINDOW
    candidates = [
        row
        for message_id in ids
        if message_id in loaded
        for row in loaded[message_id].parts
        if row.state in (PartState.DOUBT, PartState.ACCEPTED)
        and row.at >= since
        and (row.operator, row.sender, row.recipient) == (last.operator, last.sender, last.recipient)
    ]
    candidates.sort(key=_written)
    return [(loaded[row.message_id], row, receipt) for row, receipt in pair_in_doubt(candidates, waiting)]


class Doubts(Protocol):
    """What a batch of receipts asks its engine."""

    def forms_of(self, receipt: Receipt) -> list[Key]:
        """See `forms_of`."""
        ...

    def forget(self, receipt: Receipt) -> None:
        """Nothing more is expected for its ref."""
        ...

    def has_doubt(self, receipt: Receipt) -> bool:
        """Whether some part to the receipt's recipient is in doubt: without one there is nothing to look for."""
        ...

    def parked_of_pair(self, operator: str, sender: str, recipient: str) -> list[Receipt]:
        """The final receipts parked for an address pair, one per ref, in the order in which they came."""
        ...

    def paired(
        self, waiting: list[Receipt], loaded: dict[bytes, Loaded]
    ) -> list[tuple[Loaded, PartRow, Receipt]]:
        """See `pair_up`; messages are added to `loaded`."""
        ...

    def release(self, receipt: Receipt, row: PartRow) -> None:
        """A receipt has found its part in doubt: its ref names the part from now on and it is parked no more."""
        ...


class Applying:
    """The receipts of one batch, one after the other, over the same messages in hand."""

    def __init__(
        self,
        refs: Doubts,
        decide: DecideReceipt,
        known: dict[Key, Found],
        loaded: dict[bytes, Loaded],
        changes: Changes,
    ) -> None:
        self._refs = refs
        self._decide = decide
        self._known = known
        self._loaded = loaded
        self._changes = changes
        self.parked: dict[Key, list[Receipt]] = {}

    def one(self, receipt: Receipt) -> ReceiptResult:
        """What one receipt does."""
        place = self.place(receipt)
        if place is not None:
            entry, row = place
            step, effect = self._decide(entry.message, entry.parts, row, receipt)
            if row.state in RECEIPTED:  # nothing more is expected for it
                self._refs.forget(receipt)
            if step.parts or step.events or step.passed:
                self._changes.take(entry, step)
            return ReceiptResult(effect, step)
        matched = self._among_doubt(receipt)
        if matched is not None:
            return ReceiptResult(ReceiptEffect.MATCHED, matched)
        key = (receipt.operator, receipt.ref, receipt.recipient)
        self.parked.setdefault(key, []).append(receipt)
        return ReceiptResult(ReceiptEffect.PARKED, None)

    def place(self, receipt: Receipt) -> tuple[Loaded, PartRow] | None:
        """The part that the receipt's ref names."""
        place = self._at((receipt.operator, receipt.ref, receipt.recipient), receipt)
        if place is not None:
            return place
        for key in self._refs.forms_of(receipt):
            place = self._at(key, receipt)
            if place is not None:
                return place
        return None

    def _at(self, key: Key, receipt: Receipt) -> tuple[Loaded, PartRow] | None:
        found = self._known.get(key)
        if found is None or found.part is None:
            return None
        message_id, attempt, part = found.part
        entry = self._loaded.get(message_id)
        row = None if entry is None else _row_of(entry, attempt, part)
        if entry is None or row is None:
            return None
        if row.state in RECEIPTED and receipt.at - (row.receipt_at or row.at) > DOUBT_WINDOW:
            return None  # the carrier counts from the start again, and this receipt has overtaken its answer
        return entry, row

    def _among_doubt(self, receipt: Receipt) -> Step | None:
        """Take the receipt, and those parked for its address pair, for parts in doubt, if they fit."""
        if receipt.state is None or not self._refs.has_doubt(receipt):
            return None
        pair = (receipt.operator, receipt.sender, receipt.recipient)
        waiting = self._refs.parked_of_pair(*pair)
        named = {known.ref for known in waiting}
        for other in [r for parked in self.parked.values() for r in parked] + [receipt]:
            fits = (other.operator, other.sender, other.recipient) == pair and other.state is not None
            if fits and other.ref not in named:  # a repetition counts once
                named.add(other.ref)
                waiting.append(other)
        pairs = self._refs.paired(waiting, self._loaded)
        mine = next((entry for entry, _, taken in pairs if taken is receipt), None)
        if mine is None:
            return None  # what fits others only is left to `match_doubt`
        merged: Step | None = None
        for entry, row, taken in pairs:
            if entry is mine:
                step, _ = self._decide(entry.message, entry.parts, row, taken)
                self._changes.take(entry, step)
                self._refs.release(taken, row)
                self._forget(taken, row)
                merged = step if merged is None else _joined(merged, step)
        return merged

    def _forget(self, receipt: Receipt, row: PartRow) -> None:
        """The receipt is parked no more, and its ref names a part."""
        key = (receipt.operator, receipt.ref, receipt.recipient)
        self.parked.pop(key, None)
        self._known[key] = Found((row.message_id, row.attempt, row.part))


def _written(row: PartRow) -> tuple[datetime, bytes, int, int]:
    return row.at, row.message_id, row.attempt, row.part


def equal(one: Key, other: Key) -> bool:
    """Whether two keys are the same."""
    return one == other


def names_part(known: dict[Key, Found], key: Key) -> bool:
    """Whether a ref names a part."""
    found = known.get(key)
    return found is not None and found.part is not None


def _row_of(entry: Loaded, attempt: int, part: int) -> PartRow | None:
    for row in entry.parts:
        if row.part == part and row.attempt == attempt:
            return row
    return None


def _joined(first: Step, second: Step) -> Step:
    """Two steps of one message as one."""
    message: Message = second.message
    return Step(
        message,
        [*first.parts, *second.parts],
        [*first.passed, *second.passed],
        [*first.events, *second.events],
        first.illegal + second.illegal,
        second.suppress or first.suppress,
        ended=first.ended or second.ended,
        waits=second.waits,
    )
