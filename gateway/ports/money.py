"""The ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.account import Env
from gateway.domain.money import Balance, Booked, Entry, Flaw, Kind
from gateway.ports.pages import LOOKS, Page


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """A page of the ledger, newest first. `before`: entries whose (subject, kind) is smaller than this."""

    account: str
    env: Env
    limit: int
    before: tuple[bytes, int] | None = None
    kinds: frozenset[Kind] | None = None
    after: datetime | None = None  #: subjects made at this time or later
    until: datetime | None = None  #: subjects made before this time
    looks: int = LOOKS  #: entries that it goes through where it wants some kinds alone


class LedgerStore(Protocol):
    """What was booked, and what it comes to. Reservations and prices are booked with their messages."""

    async def book(self, entries: Sequence[Entry]) -> list[Booked]:
        """Entries that a person makes: top-ups, adjustments, refunds of a sent message. One whose `key` (of its purse's
        account and environment) or whose (subject, kind) is in the ledger already is not booked again: it is given
        back as it stands. Raises `Conflict` when that one has another amount, purse or kind, and for a refund of
        anything but the whole price of a message that was settled, and `Refused` where a balance would have more digits
        than are kept; it books nothing then."""
        ...

    async def balances(self, account: str | None = None) -> list[Balance]:
        """Every purse of an account, or of all."""
        ...

    async def entries(self, query: LedgerQuery) -> Page[Entry, tuple[bytes, int]]: ...
    async def entries_of(self, subjects: Sequence[bytes]) -> list[Entry]:
        """All entries of these messages, by subject and kind."""
        ...

    async def audit(self, progress: Callable[[int, int], None] | None = None) -> tuple[int, list[Flaw]]:
        """Prove the ledger, on one view of the store: each purse's balance and held are the sums of its entries; each
        message that has an entry has those that its status asks for, and no metered message lacks them. How many
        entries were added up, and what is wrong. `progress`: entries so far, and of how many."""
        ...
