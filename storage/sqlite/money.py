"""The ledger and the purses. There is one writer: a purse is one row, and what it read of it holds until its commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.domain.money import Balance, Booked, Entry, Flaw, Kind
from gateway.domain.send import Acceptance
from gateway.ports import LedgerQuery, Page
from storage import money, rows
from storage.audit import LAST, PAGE, START, Audit, Place, page_of
from storage.money import Funds, PurseKey, Till
from storage.sqlite.database import Database


class Ledger:
    """The tables `ledger` and `purses`, on any connection. Entries outlive the messages that they name."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def till(self, acceptances: Sequence[Acceptance]) -> Till:
        """The till for these requests, with the purses that would pay."""
        wanted = money.payers(acceptances)
        if not wanted:
            return Till({})
        funds = {key: Funds() for key in wanted}
        for row in self._db.many("purses_of", [part for key in wanted for part in key], 3):
            funds[row[0], row[1], row[2]] = Funds(*row[3:])
        return Till(funds)

    def reserve(self, till: Till) -> None:
        """Write the reservations that a till has made."""
        self._write(till.entries, till.funds)

    def post(self, entries: Sequence[Entry]) -> None:
        """Write entries that move money by what they say; those that stand already move nothing."""
        self._write(entries, {})

    def book(self, calls: list[Sequence[Entry]]) -> list[list[Booked]]:
        """See `Store.book`."""
        return [self._book(call) for call in calls]

    def balances(self, account: str | None) -> list[Balance]:
        """See `Store.balances`."""
        return [
            Balance(money.purse_of(row), money.amount(row[3]), money.amount(row[4]))
            for row in self._db.all("purses", account)
        ]

    def entries(self, query: LedgerQuery) -> Page[Entry, tuple[bytes, int]]:
        """See `Store.entries`."""
        look = money.horizon_values(query)
        horizon = None if look is None else self._db.one("entries_horizon", *look)
        values = money.entries_values(query, horizon, rows.json_text(money.wanted_kinds(query)))
        return money.entries_page(self._db.all("entries_page", *values), query, horizon)

    def entries_of(self, subjects: Sequence[bytes]) -> list[Entry]:
        """See `Store.entries_of`."""
        return [money.entry(row) for row in self._db.many("entries_of", sorted(set(subjects)))]

    def audit(self, progress: Callable[[int, int], None] | None) -> tuple[int, list[Flaw]]:
        """See `Store.audit`; inside a transaction that reads."""
        proof = Audit()
        total = self._db.all("count_entries")[0][0]
        after: Place | None = START
        while after is not None:
            page = page_of(self._db.all("entries_after", *after, PAGE))
            found = self._db.many("messages_by_id", sorted(page.of))
            proof.add(page.of, {row[1]: rows.message(row)[0] for row in found})
            after = page.after
            if progress is not None:
                progress(proof.count, total)
        last = START[0]
        while found := self._db.all("messages_after", last, LAST, PAGE):
            last = found[-1][1]
            priced = [message for message, _ in map(rows.message, found) if message.charge is not None]
            known = self._db.many("entries_of", [message.id for message in priced])
            proof.metered(priced, {row[0] for row in known})
        return proof.finish(self.balances(None))

    def _write(self, entries: Sequence[Entry], funds: Mapping[PurseKey, Funds]) -> None:
        """`funds`: what is charged on which day, of the purses where that changes."""
        flat: list[Any] = []
        for row in money.entry_rows(entries):
            flat += row
        made = self._db.many("insert_entries", flat, money.ENTRY)
        moves: list[Any] = []
        for key, moved in money.moved_by(made).items():
            charged = funds.get(key, money.UNCHARGED)
            moves += (*key, *moved, charged.day, charged.charged)
        self._db.many("move_purses", moves, 7)

    def _book(self, entries: Sequence[Entry]) -> list[Booked]:
        """One after the other; a `Conflict` leaves the transaction to be rolled back."""
        booked = []
        for entry in entries:
            found = self._standing(entry)
            if found is None:
                money.check_room(entry, self._balance(money.purse_key(entry.purse)))
                self.post([entry])
            booked.append(Booked(found or entry, found is None))
        return booked

    def _balance(self, key: PurseKey) -> int:
        found = self._db.many("purses_of", key, 3)
        return int(found[0][3]) if found else 0

    def _standing(self, entry: Entry) -> Entry | None:
        purse = entry.purse
        keyed = None
        if entry.key is not None:
            keyed = self._db.one("entry_by_key", purse.account, purse.env.value, entry.key)
        named = {e.kind: e for e in self.entries_of([entry.subject])}
        by_key = None if keyed is None else money.entry(keyed)
        return money.standing(entry, by_key, named.get(entry.kind), named.get(Kind.SETTLEMENT))
