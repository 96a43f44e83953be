"""Money in an engine's hands: rows of the ledger, and who may spend.

Engines count in millionths, as whole numbers: a sum of them is exact, whoever adds it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from gateway.domain import ids
from gateway.domain.message import Message
from gateway.domain.money import DIGITS, PLACES, Allowance, Entry, Kind, Purse, reservation, word
from gateway.domain.send import Acceptance, Refusal, Why
from gateway.errors import Conflict, Refused, StoreError
from gateway.ports import LedgerQuery, Page
from gateway.ports.pages import cut
from storage import rows
from storage.pages import ID_BYTES

MILLION = 10**PLACES

MOST = 10**DIGITS * MILLION
"""No booking makes a balance, or a debt, as large as this: nine of these still fit into the 64 bits of an engine, whose
sum would be refused or, in SQLite, become a float beyond them."""

KINDS = {kind.value: kind for kind in Kind}

_DAY_US = 86_400_000_000

AHEAD_DAYS = 1
"""How far the clock of another process may be ahead around midnight. A day beyond it was counted by a clock that was
wrong: it is forgotten, for the cap of an account would not be lifted again before that day."""


def millionths(amount: Decimal) -> int:
    """An amount as it is kept. Raises `StoreError` for one that has more places than are kept."""
    scaled = amount * MILLION
    whole = int(scaled)
    if whole != scaled:
        raise StoreError(f"{amount} has more than {PLACES} decimals: round it before it is charged or booked")
    return whole


def amount(kept: int) -> Decimal:
    """What `millionths` made into a number, without zeros at its end."""
    if kept % MILLION:
        return Decimal(kept).scaleb(-PLACES).normalize()
    return Decimal(kept // MILLION)


def day_of(at: datetime) -> int:
    """The UTC day of a time: days since 1970."""
    return rows.micros(at) // _DAY_US


ENTRY = 10  #: columns of an entry


def entry_row(e: Entry) -> rows.Row:
    """The columns of an entry."""
    return (
        e.subject,
        e.kind._value_,
        e.purse.account,
        e.purse.env._value_,
        e.purse.currency,
        millionths(e.amount),
        millionths(e.held),
        rows.micros(e.at),
        e.key,
        e.note,
    )


def entry_rows(entries: Iterable[Entry]) -> Iterator[rows.Row]:
    """The columns of each, by its name: all write in one order, so that none waits for another in a circle."""
    return map(entry_row, sorted(entries, key=lambda entry: (entry.subject, entry.kind)))


def entry(row: rows.Row) -> Entry:
    """An entry of its columns."""
    subject, kind, account, env, currency, moved, held, at, key, note = row
    purse = Purse(account, rows.ENVS[env], currency)
    return Entry(subject, KINDS[kind], purse, amount(moved), amount(held), rows.moment(at), key, note)


PurseKey = tuple[str, str, str]
"""A purse as it is kept: account, environment, currency."""


def purse_key(purse: Purse) -> PurseKey:
    """The columns that name a purse."""
    return purse.account, purse.env._value_, purse.currency


def purse_of(key: Sequence[str]) -> Purse:
    """The purse of its columns."""
    return Purse(key[0], rows.ENVS[key[1]], key[2])


class Moved(NamedTuple):
    """What a group of entries does to one purse, in millionths."""

    balance: int
    held: int


def moved_by(entries: Iterable[rows.Row]) -> dict[PurseKey, Moved]:
    """What entries, as rows, do to their purses; sorted, so that purses are locked in one order everywhere."""
    sums: dict[PurseKey, Moved] = {}
    for _, _, account, env, currency, moved, held, *_ in entries:
        known = sums.get((account, env, currency), Moved(0, 0))
        sums[account, env, currency] = Moved(known.balance + moved, known.held + held)
    return dict(sorted(sums.items()))


# --- who may spend


@dataclass(slots=True)
class Funds:
    """What a purse has, or one of its `shares` equal slots, in millionths."""

    balance: int = 0
    held: int = 0
    day: int = 0  #: of `charged`
    charged: int = 0
    shares: int = 1
    least: int = 0  #: of several slots, the poorest one's balance
    most: int = 0  #: of several slots, the most that was charged from one

    def on(self, day: int) -> int:
        """What was charged on this day. A clock that is behind another one's counts on the later day."""
        return self.charged if day <= self.day <= day + AHEAD_DAYS else 0

    def charge(self, price: int, day: int) -> None:
        """Count a price on this day."""
        self.charged = self.on(day) + price
        if not day <= self.day <= day + AHEAD_DAYS:
            self.day = day


UNCHARGED = Funds()
"""What is written of a purse that no charge of the day has changed."""


class Till:
    """Where messages are paid, one after the other: each sees the purses as those before have left them.

    A slot that can't pay alone decides nothing: its purse is noted in `short`, for the whole of it to be asked.
    """

    def __init__(self, funds: Mapping[PurseKey, Funds]) -> None:
        """`funds`: of each purse that a message of the batch would pay from."""
        self.funds = funds
        self.entries: list[Entry] = []
        self.short: set[PurseKey] = set()
        self._asked: dict[PurseKey, tuple[int, Allowance]] = {}

    def pay(self, message: Message, acceptance: Acceptance) -> Refusal | None:
        """Set a message's price aside, or say why not. A message without a price passes."""
        charge = message.charge
        if charge is None or not charge.amount:
            return None
        key = (message.account, message.env._value_, charge.currency)
        funds, price, day = self.funds[key], millionths(charge.amount), day_of(acceptance.now)
        self._asked[key] = self._asked.get(key, _NOTHING)[0] + price, acceptance.allowance
        why = _refused(funds, price, acceptance.allowance, day)
        if why is not None:
            if funds.shares > 1:
                self.short.add(key)
            costs = f"this message costs {_of(price, key)}"
            return _refusal(why, funds, key, day, acceptance.allowance, costs)
        funds.balance -= price
        funds.held += price
        funds.charge(price, day)
        self.entries.append(reservation(message.id, purse_of(key), charge.amount, acceptance.now))
        return None

    def pay_together(self, messages: Sequence[Message], acceptance: Acceptance) -> Refusal | None:
        """Set the prices of all of them aside, or none's."""
        before = len(self.entries)
        for message in messages:
            if self.pay(message, acceptance) is None:
                continue
            undone = self.entries[before:]
            del self.entries[before:]
            for paid in undone:
                self._undo(paid)
            return self._all_refused(messages, acceptance)
        return None

    def could_pay(self, key: PurseKey, shares: int) -> bool:
        """Whether each of so many equal slots could pay as much as this batch has asked of the purse, after it."""
        asked, allowance = self._asked.get(key, _NOTHING)
        funds = self.funds[key]
        room = funds.balance + millionths(allowance.credit)
        if allowance.per_day is not None:
            room = min(room, millionths(allowance.per_day) - funds.charged)
        return room // shares >= asked

    def _undo(self, paid: Entry) -> None:
        funds, price = self.funds[purse_key(paid.purse)], millionths(paid.held)
        funds.balance += price
        funds.held -= price
        funds.charged -= price

    def _all_refused(self, messages: Sequence[Message], acceptance: Acceptance) -> Refusal:
        """In the words of the purse that can't pay for all."""
        prices: dict[PurseKey, int] = {}
        for m in messages:
            if m.charge is not None and m.charge.amount:
                key = (m.account, m.env._value_, m.charge.currency)
                prices[key] = prices.get(key, 0) + millionths(m.charge.amount)
        day = day_of(acceptance.now)
        costs = "this message costs" if len(messages) == 1 else f"these {len(messages)} messages cost"
        for key, price in prices.items():
            why = _refused(self.funds[key], price, acceptance.allowance, day)
            if why is not None:
                return _refusal(
                    why, self.funds[key], key, day, acceptance.allowance, f"{costs} {_of(price, key)}"
                )
        raise AssertionError("each purse can pay, and one could not")


_NOTHING = (0, Allowance())


def _refused(funds: Funds, price: int, allowance: Allowance, day: int) -> Why | None:
    """Why a price can't be paid. Each slot may go as far as its share of the credit and of the cap, rounded down: then
    all of them together stay within both. Where one is beyond its share (the credit or the cap was made smaller), the
    others decide nothing alone."""
    lowest = -(millionths(allowance.credit) // funds.shares)
    if funds.balance - price < lowest or funds.least < lowest:
        return Why.INSUFFICIENT_BALANCE
    if allowance.per_day is not None:
        highest = millionths(allowance.per_day) // funds.shares
        if funds.on(day) + price > highest or funds.most > highest:
            return Why.SPENDING_CAP
    return None


def _refusal(why: Why, funds: Funds, key: PurseKey, day: int, allowance: Allowance, costs: str) -> Refusal:
    """What the tenant reads."""
    if why is Why.SPENDING_CAP and allowance.per_day is not None:
        spent, cap = _of(funds.on(day), key), _of(millionths(allowance.per_day), key)
        return Refusal(why, f"{spent} of the {cap} that may be spent in a day are spent; {costs}.")
    credit = millionths(allowance.credit)
    limit = f", the credit limit {_of(credit, key)}" if credit else ""
    return Refusal(why, f"The balance is {_of(funds.balance, key)}{limit}; {costs}.")


def _of(kept: int, key: PurseKey) -> str:
    return f"{plain(kept)} {key[2]}"


def plain(kept: int) -> str:
    """An amount in millionths as a person writes it: no exponent, no zeros at its end."""
    return f"{amount(kept):f}"


def payers(acceptances: Iterable[Acceptance]) -> list[PurseKey]:
    """The purses from which these requests would be paid, sorted."""
    found = set()
    for acceptance in acceptances:
        for item in acceptance.items:
            if isinstance(item, Message) and item.charge is not None and item.charge.amount:
                found.add((item.account, item.env._value_, item.charge.currency))
    return sorted(found)


def able(funds: Mapping[PurseKey, Funds], acceptances: Iterable[Acceptance]) -> set[PurseKey]:
    """The purses that could pay for some message of these requests, if it were the only one."""
    found: set[PurseKey] = set()
    for acceptance in acceptances:
        for item in acceptance.items:
            if not isinstance(item, Message) or item.charge is None:
                continue
            key = (item.account, item.env._value_, item.charge.currency)
            if key not in funds or key in found:
                continue
            price, day = millionths(item.charge.amount), day_of(acceptance.now)
            if price and _refused(funds[key], price, acceptance.allowance, day) is None:
                found.add(key)
    return found


# --- what people book


def standing(wanted: Entry, by_key: Entry | None, by_name: Entry | None, paid: Entry | None) -> Entry | None:
    """The entry in the ledger that a wanted one repeats; None: it may be booked. `paid`: the settlement of the message
    that it names. Raises `Conflict` for one that contradicts what stands."""
    found = by_key or by_name
    if found is None:
        if wanted.kind is Kind.REFUND:
            _check_refund(wanted, paid)
        return None
    same_subject = wanted.kind is not Kind.REFUND or found.subject == wanted.subject
    if same_subject and _deed(found) == _deed(wanted):
        return found
    name = f"key {wanted.key!r}" if by_key is not None else f"{word(wanted.kind)} of this message"
    raise Conflict(
        f"the {name} stands in the ledger for {word(found.kind)} {found.amount:f} {found.purse.currency}"
        f" ({ids.text(found.subject)}): use another key for something else"
    )


def check_room(wanted: Entry, balance: int) -> None:
    """Raises `Refused` for a person's booking that would make the balance (in millionths) too large to be kept."""
    if wanted.kind in (Kind.TOP_UP, Kind.ADJUSTMENT) and abs(balance + millionths(wanted.amount)) >= MOST:
        raise Refused(
            f"the balance is {_of(balance, purse_key(wanted.purse))}, and with {wanted.amount:f} it would have more"
            f" than {DIGITS} digits: book less"
        )


def _deed(e: Entry) -> tuple[Kind, Purse, Decimal, Decimal]:
    return e.kind, e.purse, e.amount, e.held


def _check_refund(wanted: Entry, paid: Entry | None) -> None:
    if paid is None:
        raise Conflict(
            f"message {ids.text(wanted.subject)} has no settlement in the ledger: what was not sent, or cost nothing,"
            " can't be refunded"
        )
    if paid.purse != wanted.purse or -paid.held != wanted.amount or wanted.held:
        raise Conflict(
            f"message {ids.text(wanted.subject)} has cost {-paid.held:f} {paid.purse.currency}: that is what can be"
            " refunded, to the purse that paid"
        )


# --- pages


Place = tuple[bytes, int]
"""(subject, kind) of an entry."""


class LedgerBounds(NamedTuple):
    """Entries that are below `before` and not below `low`."""

    before: Place
    low: Place


def ledger_bounds(query: LedgerQuery) -> LedgerBounds:
    """The bounds of a page: a subject's id holds the time when it was made, to the millisecond."""
    before = query.before or (b"\xff" * ID_BYTES, 0)
    low = bytes(ID_BYTES) if query.after is None else ids.first_id_at(query.after)
    if query.until is not None:
        before = min(before, (ids.first_id_at(query.until), 0))
    return LedgerBounds(before, (low, 0))


def horizon_values(query: LedgerQuery) -> tuple[object, ...] | None:
    """The values of `entries_horizon`, the last of the entries that a page goes through; None: it wants them all."""
    if query.kinds is None:
        return None
    bounds = ledger_bounds(query)
    return query.account, query.env.value, *bounds.before, *bounds.low, query.looks - 1


def entries_values(query: LedgerQuery, horizon: Place | None, kinds: object) -> tuple[object, ...]:
    """The values of `entries_page`, down to a horizon where there is one. `kinds`: as the engine writes them."""
    bounds = ledger_bounds(query)
    low = bounds.low if horizon is None else horizon
    return query.account, query.env.value, *bounds.before, *low, kinds, query.limit + 1


def entries_page(found: Iterable[rows.Row], query: LedgerQuery, horizon: Place | None) -> Page[Entry, Place]:
    """A page of one entry more than it takes."""
    return cut([entry(row) for row in found], query.limit, horizon, _place)


def _place(entry: Entry) -> Place:
    return entry.subject, entry.kind


def wanted_kinds(query: LedgerQuery) -> list[int]:
    """The numbers of the kinds that are asked for."""
    return sorted(kind.value for kind in (query.kinds or Kind))
