"""The ledger, and purses that lie in slots: transactions that spend side by side need not wait for each other.

A transaction that moves money takes one free slot of each purse. It may spend from it as far as a slot's share of the
balance, of the credit and of the day's cap goes: what each slot may, all of them may together. When the slot can't
pay, the transaction runs again with all slots of that purse in hand (`Raced`), decides on their sums, and leaves them
even. A purse of which the slots have little is asked whole from then on, until they have enough again.

Locks: messages, then slots, then rows of the ledger. `accept` takes its slots before it writes anything.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gateway.domain.money import Balance, Booked, Entry, Flaw, Kind
from gateway.domain.send import Acceptance
from gateway.ports import LedgerQuery, Page
from storage import money, rows
from storage.audit import LAST, PAGE, START, Audit, Place, page_of
from storage.money import AHEAD_DAYS, Funds, Moved, PurseKey, Till
from storage.postgres.database import Database
from storage.postgres.groups import Raced

SLOTS = 8
"""Of each new purse: so many transactions of one account may be under way at a time."""

MAX_WHOLE = 10_000
"""Purses that a process remembers as those to be asked whole."""


@dataclass(slots=True)
class Slot:
    """One that this transaction has locked, in millionths."""

    number: int
    balance: int
    held: int
    day: int
    charged: int


class Seen(NamedTuple):
    """What all slots of a purse had a moment ago."""

    slots: int
    least: int  #: the poorest one's balance
    most: int  #: the most that was charged from one on the day


class Slots:
    """The purses of this process's requests."""

    def __init__(self) -> None:
        self._whole: dict[PurseKey, None] = {}  #: to be asked whole, oldest first

    async def till(self, db: Database, acceptances: Sequence[Acceptance]) -> OpenTill:
        """The till for these requests, with the slots that would pay locked."""
        wanted = money.payers(acceptances)
        if not wanted:
            return OpenTill(Till({}), {})
        whole = {key for key in wanted if key in self._whole}
        day = max(money.day_of(a.now) for a in acceptances)
        poor = await _poor(db, whole, acceptances, day) if whole else {}
        paying = [key for key in wanted if key not in poor]
        slots, seen = await _take(db, paying, whole, day)
        funds = {key: _funds(slots[key], seen[key], day, whole=key in whole) for key in paying}
        return OpenTill(Till(funds | poor), slots)

    def check(self, till: Till) -> None:
        """Raises `Raced` when a purse must be asked whole; otherwise notes which need not be any more."""
        for key in sorted(till.short):
            self._whole[key] = None
            if len(self._whole) > MAX_WHOLE:
                del self._whole[next(iter(self._whole))]
        if till.short:
            raise Raced
        for key, funds in till.funds.items():
            if funds.shares == 1 and till.could_pay(key, SLOTS):
                self._whole.pop(key, None)


@dataclass(slots=True)
class OpenTill:
    """A till, and the slots behind it."""

    till: Till
    slots: dict[PurseKey, list[Slot]]

    async def reserve(self, db: Database) -> None:
        """Write the reservations that the till has made; whole purses are left even."""
        if not self.till.entries:
            return
        paid = {money.purse_key(entry.purse) for entry in self.till.entries}
        slots, funds = {key: self.slots[key] for key in paid}, self.till.funds
        await _write(db, self.till.entries, slots, funds)
        whole = {key: taken for key, taken in slots.items() if funds[key].shares == 1}
        await _even(db, {key: _spread(taken, funds[key]) for key, taken in whole.items()})


async def post(db: Database, entries: Sequence[Entry]) -> None:
    """Write entries that move money by what they say; those that stand already move nothing."""
    if entries:
        slots, _ = await _take(db, sorted({money.purse_key(entry.purse) for entry in entries}), set())
        await _write(db, entries, slots, {})


async def book(db: Database, calls: list[Sequence[Entry]]) -> list[list[Booked]]:
    """See `Store.book`. With all slots in hand nobody else books into these purses."""
    wanted = sorted({money.purse_key(entry.purse) for call in calls for entry in call})
    slots, _ = await _take(db, wanted, set(wanted))
    has = {key: Moved(sum(s.balance for s in slots[key]), sum(s.held for s in slots[key])) for key in wanted}
    results = []
    for call in calls:
        booked = []
        for entry in call:
            found = await _standing(db, entry)
            if found is None:
                key = money.purse_key(entry.purse)
                money.check_room(entry, has[key].balance)
                if not await _write(db, [entry], slots, {}):
                    raise Raced  # another purse's, with the same key or subject
                balance, held = money.millionths(entry.amount), money.millionths(entry.held)
                has[key] = Moved(has[key].balance + balance, has[key].held + held)
            booked.append(Booked(found or entry, found is None))
        results.append(booked)
    await _even(db, {key: _spread(slots[key], has[key]) for key in wanted})
    return results


async def balances(db: Database, account: str | None) -> list[Balance]:
    """See `Store.balances`."""
    found = await (db.all("purses") if account is None else db.all("purses_of", account))
    return [Balance(money.purse_of(row), money.amount(row[3]), money.amount(row[4])) for row in found]


async def entries(db: Database, query: LedgerQuery) -> Page[Entry, tuple[bytes, int]]:
    """See `Store.entries`."""
    look = money.horizon_values(query)
    row = None if look is None else await db.one("entries_horizon", *look)
    horizon = None if row is None else (row[0], row[1])
    found = await db.all("entries_page", *money.entries_values(query, horizon, money.wanted_kinds(query)))
    return money.entries_page(found, query, horizon)


async def entries_of(db: Database, subjects: Sequence[bytes]) -> list[Entry]:
    """See `Store.entries_of`."""
    return [money.entry(row) for row in await db.all("entries_of", sorted(set(subjects)))]


async def audit(db: Database, progress: Callable[[int, int], None] | None) -> tuple[int, list[Flaw]]:
    """See `Store.audit`. Days are not dropped while it runs."""
    await db.connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        return await _audit(db, progress)
    finally:
        await db.connection.execute("ROLLBACK")


async def _audit(db: Database, progress: Callable[[int, int], None] | None) -> tuple[int, list[Flaw]]:
    proof, after = Audit(), START
    total = (await db.one("count_entries"))[0]
    more: Place | None = after
    while more is not None:
        page = page_of(await db.all("entries_after", *more, PAGE))
        found = await db.all("messages_of", sorted(page.of))
        proof.add(page.of, {row[1]: rows.message(row)[0] for row in found})
        more = page.after
        if progress is not None:
            progress(proof.count, max(proof.count, total) if more is not None else proof.count)
    last = START[0]
    while found := await db.all("messages_after", last, LAST, PAGE):
        last = found[-1][1]
        priced = [message for message, _ in map(rows.message, found) if message.charge is not None]
        known = await db.all("entries_of", [message.id for message in priced]) if priced else []
        proof.metered(priced, {row[0] for row in known})
    return proof.finish(await balances(db, None))


async def _poor(
    db: Database, keys: set[PurseKey], acceptances: Sequence[Acceptance], day: int
) -> dict[PurseKey, Funds]:
    """What those of these purses have that can pay for none of the messages. They are not locked for that: an account
    that goes on sending without money makes no others wait."""
    slots: dict[PurseKey, list[Slot]] = {}
    for account, env, currency, *slot in await db.many("look_at_slots", sorted(keys)):
        slots.setdefault((account, env, currency), []).append(Slot(*slot))
    funds = {key: _funds(found, Seen(len(found), 0, 0), day, whole=True) for key, found in slots.items()}
    able = money.able(funds, acceptances)
    return {key: has for key, has in funds.items() if key not in able}


async def _take(
    db: Database, wanted: Sequence[PurseKey], whole: set[PurseKey], day: int = 0
) -> tuple[dict[PurseKey, list[Slot]], dict[PurseKey, Seen]]:
    """Lock one slot of each purse, or all; and of all its slots the least balance and the most that is charged."""
    found = await _locked(db, wanted, whole, day)
    if len(found[0]) < len(wanted):
        await db.many("make_slots", (key for key in wanted if key not in found[0]), SLOTS)
        found = await _locked(db, wanted, whole, day)
    return found


async def _locked(
    db: Database, wanted: Sequence[PurseKey], whole: set[PurseKey], day: int
) -> tuple[dict[PurseKey, list[Slot]], dict[PurseKey, Seen]]:
    awaited = random.randrange(SLOTS)
    slots: dict[PurseKey, list[Slot]] = {}
    seen: dict[PurseKey, Seen] = {}
    table = ((*key, awaited, key in whole) for key in wanted)
    for account, env, currency, *slot, count, least, most in await db.many("take_slots", table, day):
        slots.setdefault((account, env, currency), []).append(Slot(*slot))
        seen[account, env, currency] = Seen(count, least, most)
    return slots, seen


def _funds(slots: Sequence[Slot], seen: Seen, today: int, *, whole: bool) -> Funds:
    """What these slots have. Of what was charged that of the latest day counts, if no clock was wrong."""
    day = max((slot.day for slot in slots if slot.day <= today + AHEAD_DAYS), default=today)
    return Funds(
        sum(slot.balance for slot in slots),
        sum(slot.held for slot in slots),
        day,
        sum(slot.charged for slot in slots if slot.day == day),
        *((1,) if whole else seen),
    )


async def _write(
    db: Database,
    entries: Sequence[Entry],
    slots: Mapping[PurseKey, Sequence[Slot]],
    funds: Mapping[PurseKey, Funds],
) -> int:
    """Entries, and what they do to the first slot of each purse that was taken; how many were made. `funds`: what is
    charged on which day, where that changes."""
    columns = zip(*money.entry_rows(entries), strict=True)
    places = []
    for key, taken in slots.items():
        charged = funds.get(key, money.UNCHARGED)
        places.append((*key, taken[0].number, charged.day, charged.charged))
    row = await db.one("write_entries", *columns, *zip(*places, strict=True))
    return int(row[0])


async def _even(db: Database, slots: Mapping[PurseKey, Sequence[Slot]]) -> None:
    """Write the slots of whole purses."""
    table: list[tuple[Any, ...]] = [
        (*key, slot.number, slot.balance, slot.held, slot.day, slot.charged)
        for key, spread in sorted(slots.items())
        for slot in spread
    ]
    await db.many("write_slots", table)


def _spread(slots: Sequence[Slot], has: Funds | Moved) -> list[Slot]:
    """What a whole purse has, evenly over its slots. What was charged stays where it is when the purse was only booked
    into: a person's time of booking says nothing of the day."""
    balances, helds = _shares(has.balance, len(slots)), _shares(has.held, len(slots))
    if isinstance(has, Moved):
        charged = [(slot.day, slot.charged) for slot in slots]
    else:
        charged = [(has.day, share) for share in _shares(has.charged, len(slots))]
    table = zip(slots, balances, helds, charged, strict=True)
    return [Slot(slot.number, balance, held, *of) for slot, balance, held, of in table]


def _shares(whole: int, count: int) -> list[int]:
    """As even as whole numbers are; their sum is the whole."""
    share, rest = divmod(whole, count)
    return [share + 1] * rest + [share] * (count - rest)


async def _standing(db: Database, entry: Entry) -> Entry | None:
    purse = entry.purse
    keyed = None
    if entry.key is not None:
        keyed = await db.one("entry_by_key", purse.account, purse.env.value, entry.key)
    named = {e.kind: e for e in await entries_of(db, [entry.subject])}
    by_key = None if keyed is None else money.entry(keyed)
    return money.standing(entry, by_key, named.get(entry.kind), named.get(Kind.SETTLEMENT))
