"""Carriers' names for parts: answers bind a ref to a part, receipts find the part by it, and whichever comes first
leaves a row for the other.

A receipt is found by (operator, ref, destination), then by the other forms in which the carrier may write the id,
then among parts in doubt of the same address pair; what is left is parked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from gateway.domain import ids
from gateway.domain.message import Answer, Message, PartRow, Step, pair_in_doubt
from gateway.domain.outcome import Accepted
from gateway.domain.receipt import Receipt
from gateway.domain.words import RECEIPTED, PartState, ReceiptEffect
from gateway.ports import DecideReceipt, ReceiptResult
from storage import rows
from storage.sqlite.database import Database
from storage.sqlite.messages import Changes, Loaded, Messages
from storage.sqlite.recent import Key, PartKey

EquivalentRefs = Callable[[str], Sequence[str]]
"""The other forms (hexadecimal, decimal) in which a carrier may write the same id; its own form may be among them."""

DOUBT_WINDOW = timedelta(days=4)
"""How old a part may be that an unknown receipt is taken for: the default validity of 72 h and a day of the
carrier's own retries. Also how long a receipt may follow a final one before its ref counts as used again."""


def no_equivalents(ref: str) -> tuple[str, ...]:
    """A carrier that writes an id in one form only."""
    return (ref,)


@dataclass(slots=True)
class Found:
    """A row of `carrier_refs`."""

    part: PartKey | None
    receipts: list[Receipt] = field(default_factory=list)


class Refs:
    """The table `carrier_refs` and what receipts do."""

    def __init__(self, database: Database, messages: Messages, equivalents: EquivalentRefs) -> None:
        self._db = database
        self._messages = messages
        self._recent = messages.recent
        self._equivalents = equivalents

    # --- the answer's side

    def overtaken_by(self, answers: Iterable[Answer]) -> dict[Key, list[Receipt]]:
        """Receipts parked for the refs that these answers bring, by the answer's own key; they are parked no more."""
        if self._db.one("any_parked") is None:
            return {}  # the usual case, for a tenth of what it takes to look for each pair
        accepted = [a for a in answers if isinstance(a.outcome, Accepted)]
        pairs = sorted({(a.operator, a.recipient) for a in accepted})
        parked = self._db.many("parked_of_pairs", [value for pair in pairs for value in pair], 2)
        if not parked:
            return {}
        overtaken: dict[Key, list[Receipt]] = {}
        for same in (_equal, self._equivalent):  # the ref itself goes before its other forms
            for key in [(a.operator, a.outcome.ref, a.recipient) for a in accepted]:  # type: ignore[union-attr]
                for row in [row for row in parked if same(key, row[:3])]:
                    parked.remove(row)
                    overtaken.setdefault(key, []).extend(rows.receipts(row[3]))
                    self._db.run("unpark", *row[:3])
                    self._db.run("drop_unparked", *row[:3])
        return overtaken

    def bind(self, answers: Iterable[Answer]) -> None:
        """Keep which part each ref names. A ref that comes again names the newer part."""
        bound: dict[Key, tuple[Any, ...]] = {}
        for a in answers:
            if isinstance(a.outcome, Accepted) and a.outcome.ref:
                key = (a.operator, a.outcome.ref, a.recipient)
                bound[key] = (*key, a.message_id, a.attempt, a.part, a.sender, rows.micros(a.at))
                self._recent.note_ref(key, (a.message_id, a.attempt, a.part))
        self._db.many("bind_refs", [value for key in sorted(bound) for value in bound[key]], 8)

    # --- the receipt's side

    def apply(self, calls: list[Sequence[Receipt]], decide: DecideReceipt) -> list[list[ReceiptResult]]:
        """One result per receipt; see `Store.apply_receipts`."""
        receipts = [receipt for call in calls for receipt in call]
        keys = [(r.operator, r.ref, r.recipient) for r in receipts]
        known = self._known(set(keys))
        unknown = [r for r, key in zip(receipts, keys, strict=True) if not _names_part(known, key)]
        if unknown:
            known |= self._find({form for r in unknown for form in self.forms_of(r)})
        loaded = self._messages.load(found.part[0] for found in known.values() if found.part is not None)
        changes = Changes(self._messages, self._db)
        applying = _Applying(self, decide, known, loaded, changes)
        results = [[applying.one(receipt) for receipt in call] for call in calls]
        self._park(known, applying.parked)
        changes.write()
        return results

    def match_doubt(self, calls: list[Sequence[object]], decide: DecideReceipt) -> list[list[ReceiptResult]]:
        """Every address pair with a part in doubt, against the receipts parked for it. One result per call."""
        results: list[ReceiptResult] = []
        for operator, sender, recipient in self._pairs_in_doubt():
            waiting = self.parked_of_pair(operator, sender, recipient)
            if not waiting:
                continue
            changes = Changes(self._messages, self._db)
            for entry, row, receipt in self.paired(waiting, {}):
                step, _ = decide(entry.message, entry.parts, row, receipt)
                changes.take(entry, step)
                self.release(receipt, row)
                results.append(ReceiptResult(ReceiptEffect.MATCHED, step))
            changes.write()
        return [results, *([] for _ in calls[1:])]

    def _pairs_in_doubt(self) -> list[tuple[str, str, str]]:
        """(operator, sender, recipient) of the parts in doubt that have receipts parked for their recipient."""
        if self._db.one("any_parked") is None:
            return []
        loaded = self._messages.load(row[0] for row in self._db.all("messages_in_doubt"))
        return sorted(
            {
                (part.operator, part.sender, part.recipient)
                for entry in loaded.values()
                for part in entry.parts
                if part.state is PartState.DOUBT
            }
        )

    def parked_of_pair(self, operator: str, sender: str, recipient: str) -> list[Receipt]:
        """The final receipts parked for an address pair, one per ref, in the order in which they came."""
        finals = (
            next((receipt for receipt in rows.receipts(text) if receipt.state is not None), None)
            for _, text in self._db.all("parked_of_pair", operator, recipient, sender)
        )
        return [receipt for receipt in finals if receipt is not None]

    def paired(
        self, waiting: list[Receipt], loaded: dict[bytes, Loaded]
    ) -> list[tuple[Loaded, PartRow, Receipt]]:
        """`pair_in_doubt` over the parts of the receipts' address pair; messages are added to `loaded`."""
        last = waiting[-1]
        since = last.at - DOUBT_WINDOW
        # A message may have been accepted up to its validity before it was written.
        self._messages.recipients.catch_up()
        found = self._db.all("messages_to", last.recipient, ids.first_id_at(since - DOUBT_WINDOW))
        loaded.update(self._messages.load({row[0] for row in found} - loaded.keys()))
        candidates = [
            row
            for entry in (loaded[row[0]] for row in found)
            for row in entry.parts
            if row.state in (PartState.DOUBT, PartState.ACCEPTED)
            and row.at >= since
            and (row.operator, row.sender, row.recipient) == (last.operator, last.sender, last.recipient)
        ]
        candidates.sort(key=_written)
        return [(loaded[row.message_id], row, receipt) for row, receipt in pair_in_doubt(candidates, waiting)]

    def release(self, receipt: Receipt, row: PartRow) -> None:
        """A receipt has found its part in doubt: its ref names the part from now on and it is parked no more."""
        values = (receipt.operator, receipt.ref, receipt.recipient, row.message_id, row.attempt, row.part)
        self._recent.forget_ref(values[:3])
        self._db.many("bind_refs", [*values, row.sender, rows.micros(receipt.at)], 8)

    def forget(self, receipt: Receipt) -> None:
        """Its ref is of no more use in memory."""
        self._recent.forget_ref((receipt.operator, receipt.ref, receipt.recipient))

    def has_doubt(self, receipt: Receipt) -> bool:
        """Whether some part to the receipt's recipient is in doubt: without one there is nothing to look for."""
        return self._db.one("has_doubt", receipt.recipient) is not None

    def forms_of(self, receipt: Receipt) -> list[Key]:
        """The keys under which a receipt's part may stand besides its own."""
        return [
            (receipt.operator, other, receipt.recipient)
            for other in self._equivalents(receipt.ref)
            if other != receipt.ref
        ]

    def _equivalent(self, one: Key, other: Key) -> bool:
        """Whether two keys name the same part in two notations."""
        if (one[0], one[2]) != (other[0], other[2]):
            return False
        return other[1] in self._equivalents(one[1]) or one[1] in self._equivalents(other[1])

    def _known(self, keys: set[Key]) -> dict[Key, Found]:
        """`_find`, but for what was bound a moment ago."""
        known = {key: Found(part) for key in keys if (part := self._recent.ref(key)) is not None}
        if len(known) < len(keys):
            known |= self._find(keys - known.keys())
        return known

    def _find(self, keys: set[Key]) -> dict[Key, Found]:
        flat = [value for key in sorted(keys) for value in key]
        return {
            (operator, ref, destination): Found(
                None if message_id is None else (message_id, attempt, part),
                [] if text is None else rows.receipts(text),
            )
            for operator, ref, destination, message_id, attempt, part, text in self._db.many(
                "find_refs", flat, 3
            )
        }

    def _park(self, known: dict[Key, Found], parked: dict[Key, list[Receipt]]) -> None:
        flat: list[Any] = []
        for key in sorted(parked):
            self._recent.forget_ref(key)
            kept = list(known[key].receipts) if key in known else []
            for receipt in parked[key]:
                if not any(replace(receipt, at=earlier.at) == earlier for earlier in kept):
                    kept.append(receipt)
            flat += (*key, kept[-1].sender, rows.micros(kept[-1].at), rows.receipts_text(kept))
        self._db.many("park_receipts", flat, 6)


class _Applying:
    """The receipts of one batch, one after the other, over the same messages in hand."""

    def __init__(
        self,
        refs: Refs,
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
        place = self._place(receipt)
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

    def _place(self, receipt: Receipt) -> tuple[Loaded, PartRow] | None:
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


def _equal(one: Key, other: Key) -> bool:
    return one == other


def _names_part(known: dict[Key, Found], key: Key) -> bool:
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
    )
