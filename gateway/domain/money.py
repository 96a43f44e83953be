"""Money: what a message costs, the purse that pays, and the entries that move it (promise 5).

An account has a purse in each environment for each currency that it was ever charged or credited in. Every change of a
purse is an entry. An entry has two amounts: `amount` changes the balance, what may be spent; `held` changes what is set
aside for messages that are under way. A reservation takes the price out of the balance and holds it, a settlement lets
the held part go for good, a release gives it back. So the sum of all `amount`s of a purse is its balance, and that of
all `held`s what it holds, whatever happened in between; and nothing else may ever write a balance.

A message moves money only where its status moves (`of_move`), in the same commit.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from gateway.domain.account import Env
from gateway.domain.words import Status

PLACES = 6
"""Decimal places that are kept: a price or a top-up with more is refused, never rounded."""

DIGITS = 12  #: before the point

ZERO = Decimal(0)


class Kind(enum.IntEnum):
    """Why an entry was made. A message has at most one of each kind; so has a top-up or an adjustment by its own id."""

    RESERVATION = 1  #: a message was accepted: -amount, +held
    SETTLEMENT = 2  #: it was sent: -held
    RELEASE = 3  #: it ended before it was sent: +amount, -held
    REFUND = 4  #: it was sent, and the money is given back all the same: +amount
    TOP_UP = 5  #: somebody has paid: +amount
    ADJUSTMENT = 6  #: a person's correction, either way


def word(kind: Kind) -> str:
    """How people and programs write it: top-up."""
    return kind.name.lower().replace("_", "-")


class Purse(NamedTuple):
    """Whose money, and which."""

    account: str
    env: Env
    currency: str  #: ISO 4217


class Charge(NamedTuple):
    """What a message costs: fixed at acceptance, kept with it."""

    amount: Decimal  #: segments times rate
    rate: Decimal  #: of one segment
    currency: str
    refundable: bool = False  #: the account gets it back also when the message was sent and not delivered


class Allowance(NamedTuple):
    """How far an account may go: its policy at the moment of a request."""

    credit: Decimal = ZERO  #: the balance may fall to minus this
    per_day: Decimal | None = None  #: charges of one UTC day, what was released included; None: no cap


NOTHING_OWED = Allowance()
"""A prepaid account's, without a cap."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. (`subject`, `kind`) names it."""

    subject: bytes  #: the message's id; of a top-up or an adjustment its own (UUIDv7)
    kind: Kind
    purse: Purse
    amount: Decimal
    held: Decimal
    at: datetime
    key: str | None = None  #: a person's or program's own key: the same one again books nothing
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What a purse has."""

    purse: Purse
    balance: Decimal  #: the sum of all entries' `amount`
    held: Decimal  #: the sum of all entries' `held`


class Booked(NamedTuple):
    """What became of an entry that was to be booked: the one that stands in the ledger now, and whether this call has
    put it there. One with the same key and another amount or purse is a `Conflict` instead."""

    entry: Entry
    new: bool


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that does not add up, as `trunkline ledger verify` tells it."""

    purse: Purse
    what: str
    subject: bytes | None = None


def reservation(message_id: bytes, purse: Purse, amount: Decimal, at: datetime) -> Entry:
    """The entry that sets a message's price aside."""
    return Entry(message_id, Kind.RESERVATION, purse, -amount, amount, at)


def of_move(
    message_id: bytes,
    purse: Purse,
    charge: Charge,
    before: Status,
    to: Status,
    at: datetime,
    *,
    taken: bool = False,
) -> Entry | None:
    """The entry that a message's move from one status to another makes; None: it moves no money.

    It is settled when a carrier has all of it. What ends before is released, also when some of its parts were taken or
    may have been: the doubt is ours. What ends undelivered after it is refunded where the account's policy said so when
    the message was accepted. `taken`: receipts that overtook the answers tell that a carrier had all of it, so it was
    sent, whatever its status said.
    """
    amount = charge.amount
    if not amount:
        return None
    if before in _NOT_SENT:
        if to in _SENT:
            return Entry(message_id, Kind.SETTLEMENT, purse, ZERO, -amount, at)
        if to in _LOST:
            if taken and not charge.refundable:
                return Entry(message_id, Kind.SETTLEMENT, purse, ZERO, -amount, at)
            return Entry(message_id, Kind.RELEASE, purse, amount, -amount, at)
        return None
    if to in _LOST and charge.refundable:
        return Entry(message_id, Kind.REFUND, purse, amount, ZERO, at)
    return None


_NOT_SENT = frozenset({Status.SCHEDULED, Status.QUEUED})
_SENT = frozenset({Status.SENT, Status.DELIVERED})
_LOST = frozenset({Status.UNDELIVERABLE, Status.FAILED, Status.CANCELED})


def is_kept(amount: Decimal) -> bool:
    """Whether an amount can be kept exactly: finite, at most `PLACES` decimals and 12 digits before them."""
    _, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int):  # it is not finite
        return False
    if not amount:
        return True
    # Digit by digit: arithmetic would round what has more than 28 of them, and overflow on large exponents.
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return exponent + zeros >= -PLACES and amount.adjusted() < DIGITS


_PLAIN = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?").fullmatch


def read(text: str) -> Decimal | None:
    """The amount that a person or program has written: ASCII digits, a point at most, and a sign; None: anything else.

    `Decimal` alone would also take 10_00, 1e3 and NaN, and nobody shall guess at money.
    """
    return Decimal(text) if _PLAIN(text) else None


def plain(amount: Decimal) -> str:
    """An amount as people and programs read it: no exponent, no zeros behind the last decimal that says something."""
    return format((amount + 0).normalize(), "f")  # + 0: there is no minus nothing
