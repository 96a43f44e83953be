"""Carriers' names for parts: answers bind a ref to a part, receipts find the part by it, and whichever comes first
leaves a row for the other.

What one receipt does is decided by `storage.matching`; here is what it reads, gathered before, and what it writes.

An answer and its receipt may be in two transactions at the same moment, on two machines. Under the same ref the row of
`carrier_refs` parts them. In another notation of the same id nothing would, so who binds holds a lock of the operator
together with others, and who may have to park holds it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from gateway.domain import ids
from gateway.domain.message import Answer, PartRow
from gateway.domain.outcome import Accepted
from gateway.domain.receipt import Receipt
from gateway.domain.words import ReceiptEffect
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
from storage.postgres import messages
from storage.postgres.database import Database
from storage.postgres.groups import Raced
from storage.postgres.messages import Changes

Pair = tuple[str, str, str]
"""(operator, sender, recipient)."""


class Refs:
    """The table `carrier_refs` and what receipts do."""

    def __init__(self, equivalents: EquivalentRefs) -> None:
        self._equivalents = equivalents

    # --- the answer's side

    async def hold(self, db: Database, answers: Iterable[Answer]) -> None:
        """Before any message is locked: nobody parks a receipt for these operators until this transaction ends."""
        operators = sorted({a.operator for a in answers if isinstance(a.outcome, Accepted)})
        if operators:
            await db.all("bind_together", operators)

    async def bind(self, db: Database, answers: Iterable[Answer]) -> None:
        """Keep which part each ref names. A ref that comes again names the newer part."""
        bound: dict[Key, tuple[Any, ...]] = {}
        for a in answers:
            if isinstance(a.outcome, Accepted) and a.outcome.ref:
                key = (a.operator, a.outcome.ref, a.recipient)
                bound[key] = (*key, a.message_id, a.attempt, a.part, a.sender, rows.micros(a.at))
        await db.many("bind_refs", (bound[key] for key in sorted(bound)))

    async def overtaken_by(self, db: Database, answers: Iterable[Answer]) -> dict[Key, list[Receipt]]:
        """Receipts parked for the refs that these answers bring, by the answer's own key; they are parked no more."""
        keys = [(a.operator, a.outcome.ref, a.recipient) for a in answers if isinstance(a.outcome, Accepted)]
        parked = await db.many("parked_of_pairs", sorted({(key[0], key[2]) for key in keys}))
        overtaken: dict[Key, list[Receipt]] = {}
        taken: list[Key] = []
        for same in (
            equal,
            partial(equivalent, self._equivalents),
        ):  # the ref itself goes before its other forms
            for key in keys:
                for row in [row for row in parked if same(key, _key(row))]:
                    parked.remove(row)
                    overtaken.setdefault(key, []).extend(rows.receipts(row[3]))
                    taken.append(_key(row))
        await db.many("unpark", sorted(taken))
        return overtaken

    # --- the receipt's side

    async def apply(
        self, db: Database, calls: list[Sequence[Receipt]], decide: DecideReceipt
    ) -> list[list[ReceiptResult]]:
        """One result per receipt; see `Store.apply_receipts`."""
        receipts = [receipt for call in calls for receipt in call]
        known = await self._known(db, receipts)
        if not all(self._is_named(known, receipt) for receipt in receipts):
            await db.all("bind_alone", sorted({r.operator for r in receipts}))
            known = await self._known(db, receipts)
        loaded = await messages.lock(
            db, (found.part[0] for found in known.values() if found.part is not None)
        )
        gathered = _Gathered(self._equivalents)
        changes = Changes()
        applying = Applying(gathered, decide, known, loaded, changes)
        strangers = [r for r in receipts if r.state is not None and applying.place(r) is None]
        await gathered.read(db, strangers, loaded)
        results = [[applying.one(receipt) for receipt in call] for call in calls]
        await self._park(db, known, applying.parked)
        await gathered.write(db)
        await changes.write(db)
        return results

    async def match_doubt(self, db: Database, decide: DecideReceipt) -> list[ReceiptResult]:
        """Every address pair with a part in doubt, against the receipts parked for it."""
        pairs: list[Pair] = sorted((row[0], row[1], row[2]) for row in await db.all("parked_pairs_in_doubt"))
        if not pairs:
            return []
        await db.all("bind_alone", sorted({operator for operator, _, _ in pairs}))
        gathered = _Gathered(self._equivalents)
        loaded: dict[bytes, Loaded] = {}
        await gathered.read_pairs(db, pairs, loaded)
        changes = Changes()
        results: list[ReceiptResult] = []
        for pair in pairs:
            waiting = gathered.parked_of_pair(*pair)
            for entry, row, receipt in gathered.paired(waiting, loaded) if waiting else ():
                step, _ = decide(entry.message, entry.parts, row, receipt)
                changes.take(entry, step)
                gathered.release(receipt, row)
                results.append(ReceiptResult(ReceiptEffect.MATCHED, step))
        await gathered.write(db)
        await changes.write(db)
        return results

    async def _known(self, db: Database, receipts: list[Receipt]) -> dict[Key, Found]:
        """What the refs of the receipts name, and where they name nothing their other forms."""
        known = await _find(db, {_key_of(r) for r in receipts})
        unknown = [r for r in receipts if not names_part(known, _key_of(r))]
        return known | await _find(db, {form for r in unknown for form in forms_of(self._equivalents, r)})

    def _is_named(self, known: Mapping[Key, Found], receipt: Receipt) -> bool:
        keys = (_key_of(receipt), *forms_of(self._equivalents, receipt))
        return any((found := known.get(key)) is not None and found.part is not None for key in keys)

    async def _park(self, db: Database, known: dict[Key, Found], parked: dict[Key, list[Receipt]]) -> None:
        table = []
        for key in sorted(parked):
            there = known[key].receipts if key in known else []
            new: list[Receipt] = []
            for receipt in parked[key]:
                if not any(replace(receipt, at=earlier.at) == earlier for earlier in (*there, *new)):
                    new.append(receipt)
            if new:
                table.append((*key, new[-1].sender, rows.micros(new[-1].at), rows.receipts_text(new)))
        for row in await db.many("park_receipts", table):
            found = known.get(_key(row))
            part = None if row[3] is None else (row[3], row[4], row[5])
            if part != (None if found is None else found.part):
                raise Raced  # its answer has come meanwhile


class _Gathered:
    """What may be asked about parts in doubt while the receipts of a batch are applied, read before."""

    def __init__(self, equivalents: EquivalentRefs) -> None:
        self._equivalents = equivalents
        self._doubtful: set[str] = set()
        self._parked: dict[Pair, list[Receipt]] = {}
        self._to: dict[str, list[bytes]] = {}
        self._released: dict[Key, tuple[Any, ...]] = {}

    async def read(self, db: Database, strangers: list[Receipt], loaded: dict[bytes, Loaded]) -> None:
        """All that concerns receipts whose refs name no part."""
        recipients = sorted({r.recipient for r in strangers})
        if recipients:
            self._doubtful = {row[0] for row in await db.all("recipients_in_doubt", recipients)}
        doubted = [r for r in strangers if r.recipient in self._doubtful]
        await self._read_parked(db, {(r.operator, r.sender, r.recipient) for r in doubted})
        await self._read_messages(db, doubted, loaded)

    async def read_pairs(self, db: Database, pairs: list[Pair], loaded: dict[bytes, Loaded]) -> None:
        """All that concerns these address pairs."""
        await self._read_parked(db, pairs)
        await self._read_messages(db, [r for parked in self._parked.values() for r in parked], loaded)

    async def _read_parked(self, db: Database, pairs: Iterable[Pair]) -> None:
        queues = sorted({(operator, recipient) for operator, _, recipient in pairs})
        for row in await db.many("parked_of_pairs", queues):
            final = next((r for r in rows.receipts(row[3]) if r.state is not None), None)
            if final is not None:
                self._parked.setdefault((row[0], row[4], row[2]), []).append(final)

    async def _read_messages(
        self, db: Database, receipts: list[Receipt], loaded: dict[bytes, Loaded]
    ) -> None:
        since: dict[str, datetime] = {}
        for receipt in [*receipts, *(r for parked in self._parked.values() for r in parked)]:
            since[receipt.recipient] = min(since.get(receipt.recipient, receipt.at), receipt.at)
        # A message may have been accepted up to its validity before it was written.
        table = [(number, ids.first_id_at(at - 2 * DOUBT_WINDOW)) for number, at in sorted(since.items())]
        for message_id, recipient in await db.many("messages_to", table):
            self._to.setdefault(recipient, []).append(message_id)
        wanted = {message_id for found in self._to.values() for message_id in found}
        loaded.update(await messages.lock(db, wanted - loaded.keys()))

    async def write(self, db: Database) -> None:
        """Keep which parts the matched receipts name."""
        await db.many("release_refs", (self._released[key] for key in sorted(self._released)))

    # --- what `Applying` asks

    def forms_of(self, receipt: Receipt) -> list[Key]:
        """The keys under which a receipt's part may stand besides its own."""
        return forms_of(self._equivalents, receipt)

    def forget(self, receipt: Receipt) -> None:
        """Nothing is remembered here."""

    def has_doubt(self, receipt: Receipt) -> bool:
        """Whether some part to the receipt's recipient is in doubt."""
        return receipt.recipient in self._doubtful

    def parked_of_pair(self, operator: str, sender: str, recipient: str) -> list[Receipt]:
        """The final receipts parked for an address pair, one per ref, in the order in which they came."""
        return list(self._parked.get((operator, sender, recipient), ()))

    def paired(
        self, waiting: list[Receipt], loaded: dict[bytes, Loaded]
    ) -> list[tuple[Loaded, PartRow, Receipt]]:
        """`pair_in_doubt` over the parts of the receipts' address pair."""
        return pair_up(waiting, loaded, self._to.get(waiting[-1].recipient, ()))

    def release(self, receipt: Receipt, row: PartRow) -> None:
        """A receipt has found its part in doubt: its ref names the part from now on and it is parked no more."""
        key = _key_of(receipt)
        part = (row.message_id, row.attempt, row.part)
        self._released[key] = (*key, *part, row.sender, rows.micros(receipt.at))
        pair = (receipt.operator, receipt.sender, receipt.recipient)
        self._parked[pair] = [other for other in self._parked.get(pair, ()) if other.ref != receipt.ref]


async def _find(db: Database, keys: set[Key]) -> dict[Key, Found]:
    return {
        _key(row): Found(
            None if row[3] is None else (row[3], row[4], row[5]),
            [] if row[6] is None else rows.receipts(row[6]),
        )
        for row in await db.many("find_refs", sorted(keys))
    }


def _key_of(receipt: Receipt) -> Key:
    return receipt.operator, receipt.ref, receipt.recipient


def _key(row: Sequence[Any]) -> Key:
    return row[0], row[1], row[2]
