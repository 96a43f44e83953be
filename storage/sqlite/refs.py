"""Carriers' names for parts: answers bind a ref to a part, receipts find the part by it, and whichever comes first
leaves a row for the other.

A receipt is found by (operator, ref, destination), then by the other forms in which the carrier may write the id,
then among parts in doubt of the same address pair; what is left is parked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from gateway.domain import ids
from gateway.domain.message import Answer, PartRow
from gateway.domain.outcome import Accepted
from gateway.domain.receipt import Receipt
from gateway.domain.words import PartState, ReceiptEffect
from gateway.ports import DecideReceipt, ReceiptResult
from storage import rows
from storage.changes import Loaded
from storage.matching import (
    DOUBT_WINDOW,
    Applying,
    EquivalentRefs,
    Found,
    Key,
    equal,
    equivalent,
    forms_of,
    names_part,
    pair_up,
)
from storage.sqlite.database import Database
from storage.sqlite.messages import Changes, Messages


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
        for same in (
            equal,
            partial(equivalent, self._equivalents),
        ):  # the ref itself goes before its other forms
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
        self._db.many("bind_refs", list(chain.from_iterable(map(bound.__getitem__, sorted(bound)))), 8)

    # --- the receipt's side

    def apply(self, calls: list[Sequence[Receipt]], decide: DecideReceipt) -> list[list[ReceiptResult]]:
        """One result per receipt; see `Store.apply_receipts`."""
        receipts = [receipt for call in calls for receipt in call]
        keys = [(r.operator, r.ref, r.recipient) for r in receipts]
        known = self._known(set(keys))
        unknown = [r for r, key in zip(receipts, keys, strict=True) if not names_part(known, key)]
        if unknown:
            known |= self._find({form for r in unknown for form in self.forms_of(r)})
        loaded = self._messages.load(found.part[0] for found in known.values() if found.part is not None)
        changes = Changes(self._messages, self._db)
        applying = Applying(self, decide, known, loaded, changes)
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
        # A message may have been accepted up to its validity before it was written.
        self._messages.recipients.catch_up()
        found = self._db.all("messages_to", last.recipient, ids.first_id_at(last.at - 2 * DOUBT_WINDOW))
        loaded.update(self._messages.load({row[0] for row in found} - loaded.keys()))
        return pair_up(waiting, loaded, [row[0] for row in found])

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
        return forms_of(self._equivalents, receipt)

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
