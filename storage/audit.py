"""Proving the ledger: what an engine has read, page after page, is added up and held against the messages and purses.

Memory holds one page, and the sums and the flaws; of flaws the first `MAX_FLAWS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from gateway.domain.message import FINAL, Message
from gateway.domain.money import Balance, Entry, Flaw, Kind, Purse, word
from gateway.domain.words import Reason, Status
from storage import money, rows
from storage.money import Moved
from storage.pages import ID_BYTES

PAGE = 2_000
"""Entries, or messages, that are read at a time: some milliseconds."""

MAX_FLAWS = 1_000
"""So many tell what is wrong; a ledger with more has one fault that made them all."""

Place = tuple[bytes, int]
"""The (subject, kind) of an entry."""

START: Place = (bytes(ID_BYTES), 0)

LAST = b"\xff" * ID_BYTES
"""An id after any."""


class Page(NamedTuple):
    """Entries by subject, whole subjects alone, and after which entry the next page begins; None: this is the last."""

    of: dict[bytes, list[Entry]]
    after: Place | None


def page_of(found: list[rows.Row]) -> Page:
    """The page of `PAGE` rows, or fewer at the end. A subject of which some entries may be missing begins the next."""
    entries = [money.entry(row) for row in found]
    of = {subject: list(group) for subject, group in groupby(entries, _subject)}
    if len(found) < PAGE:
        return Page(of, None)
    torn = entries[-1].subject
    del of[torn]
    return Page(of, (torn, 0))


class Audit:
    """The sums so far, and what is wrong."""

    def __init__(self) -> None:
        self.count = 0
        self.flaws: list[Flaw] = []
        self._sums: dict[Purse, Moved] = {}

    def add(self, of: Mapping[bytes, list[Entry]], messages: Mapping[bytes, Message]) -> None:
        """A page of entries, and those of their messages that are in the store."""
        for subject, entries in of.items():
            self.count += len(entries)
            for entry in entries:
                known = self._sums.get(entry.purse, Moved(0, 0))
                self._sums[entry.purse] = Moved(
                    known.balance + money.millionths(entry.amount), known.held + money.millionths(entry.held)
                )
            message = messages.get(subject)
            wrong = _alone(entries) if message is None else _beside(entries, message)
            self._tell(entries[0].purse, wrong, subject)

    def metered(self, messages: Iterable[Message], known: set[bytes]) -> None:
        """A page of messages; `known`: those of them that have entries."""
        for message in messages:
            charge = message.charge
            if charge is None or not charge.amount or message.id in known:
                continue
            purse = Purse(message.account, message.env, charge.currency)
            self._tell(
                purse, f"it costs {charge.amount:f} {charge.currency} and nothing was reserved", message.id
            )

    def finish(self, balances: Iterable[Balance]) -> tuple[int, list[Flaw]]:
        """Hold the sums against the purses; what `Store.audit` tells."""
        for has in balances:
            sums = self._sums.pop(has.purse, Moved(0, 0))
            for name, kept, added in (("balance", has.balance, sums.balance), ("held", has.held, sums.held)):
                if money.millionths(kept) != added:
                    wrong = f"its {name} is {kept:f}, and its entries add up to {money.plain(added)}"
                    self._tell(has.purse, wrong, None)
        for purse in self._sums:
            self._tell(purse, "it has entries, and no purse is kept", None)
        return self.count, self.flaws

    def _tell(self, purse: Purse, wrong: str | None, subject: bytes | None) -> None:
        if wrong is not None and len(self.flaws) < MAX_FLAWS:
            self.flaws.append(Flaw(purse, wrong, subject))


def _alone(entries: list[Entry]) -> str | None:
    """What is wrong with the entries of a top-up, an adjustment, or a message that retention has dropped."""
    first, *others = entries
    if first.kind in (Kind.TOP_UP, Kind.ADJUSTMENT):
        if others:
            return f"a {_name(first)} has other entries beside it"
        if first.held:
            return f"a {_name(first)} holds {first.held:f}"
        return (
            f"a top-up takes {-first.amount:f}" if first.kind is Kind.TOP_UP and first.amount <= 0 else None
        )
    if first.kind is not Kind.RESERVATION:
        return f"it has a {_name(first)} and no reservation"
    wrong = _amounts(entries)
    if wrong is not None:
        return wrong
    kinds = {entry.kind for entry in entries}
    if len(kinds & {Kind.SETTLEMENT, Kind.RELEASE}) != 1:
        return "its message is gone, and what was reserved is " + (
            "settled and released" if Kind.RELEASE in kinds else "neither settled nor released"
        )
    return _refund(kinds)


def _beside(entries: list[Entry], message: Message) -> str | None:
    """What is wrong with the entries of a message that is in the store."""
    charge = message.charge
    if charge is None or not charge.amount:
        return "it has entries, and its message costs nothing"
    first = entries[0]
    if first.kind is not Kind.RESERVATION:
        return f"it has a {_name(first)} and no reservation"
    purse = Purse(message.account, message.env, charge.currency)
    if first.purse != purse:
        return f"it was reserved from {_called(first.purse)}, and its message is for {_called(purse)} to pay"
    if first.held != charge.amount:
        return f"{first.held:f} is reserved, and its message costs {charge.amount:f}"
    return _amounts(entries) or _status(entries, message)


def _status(entries: list[Entry], message: Message) -> str | None:
    """Whether these are the kinds that the message's status asks for."""
    kinds, status = {entry.kind for entry in entries}, message.status
    over = status in FINAL and status is not Status.DELIVERED
    sent = status in (Status.SENT, Status.DELIVERED) or (over and Kind.RELEASE not in kinds)
    if sent and Kind.SETTLEMENT not in kinds:
        told = "neither settled nor released" if over else "not settled"
        return f"its message is {status.value}, and what was reserved is {told}"
    if not sent and not over and Kind.SETTLEMENT in kinds:
        return f"it is settled, and its message is {status.value}"
    if Kind.RELEASE in kinds and (not over or Kind.SETTLEMENT in kinds):
        beside = "settled too" if Kind.SETTLEMENT in kinds else status.value
        return f"it is released, and its message is {beside}"
    refundable = message.charge is not None and message.charge.refundable
    if message.reason is Reason.UNKNOWN:
        # So an earlier release ended what a carrier without receipts took, and gave nothing back.
        refundable = False
    if over and sent and refundable and Kind.REFUND not in kinds:
        return f"its message is {status.value} and is to be refunded then, and it is not"
    return _refund(kinds)


def _refund(kinds: set[Kind]) -> str | None:
    if Kind.REFUND in kinds and Kind.SETTLEMENT not in kinds:
        return "it is refunded, and was never settled"
    return None


def _amounts(entries: list[Entry]) -> str | None:
    """Whether a message's entries move what its reservation has set aside."""
    reserved = entries[0]
    price = reserved.held
    due = {
        Kind.RESERVATION: (-price, price),
        Kind.SETTLEMENT: (0, -price),
        Kind.RELEASE: (price, -price),
        Kind.REFUND: (price, 0),
    }
    if price <= 0:
        return f"{price:f} is reserved"
    for entry in entries:
        if entry.kind not in due:
            return f"a message has a {_name(entry)}"
        if entry.purse != reserved.purse:
            return f"its {_name(entry)} moves another purse than its reservation"
        if (entry.amount, entry.held) != due[entry.kind]:
            moved = f"{entry.amount:f} and {entry.held:f} held"
            return f"its {_name(entry)} moves {moved}, and {price:f} was reserved"
    return None


def _name(entry: Entry) -> str:
    return word(entry.kind)


def _called(purse: Purse) -> str:
    return f"{purse.currency} of {purse.account} ({purse.env.value})"


def _subject(entry: Entry) -> bytes:
    return entry.subject
