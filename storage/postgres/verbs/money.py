"""The ledger, of the production store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.domain.money import Balance, Booked, Entry, Flaw
from storage.postgres import money
from storage.postgres.verbs.session import Session, asked


class LedgerVerbs(Session):
    """See `LedgerStore`."""

    async def book(self, entries: Sequence[Entry]) -> list[Booked]:
        """See `LedgerStore.book`."""
        booked: list[Booked] = await self._groups.call(money.book, entries)
        return booked

    async def balances(self, account: str | None = None) -> list[Balance]:
        """See `LedgerStore.balances`."""
        return await self._ask(lambda db: money.balances(db, account))

    entries = asked(money.entries)
    entries_of = asked(money.entries_of)

    async def audit(self, progress: Callable[[int, int], None] | None = None) -> tuple[int, list[Flaw]]:
        """See `LedgerStore.audit`."""
        return await self._ask(lambda db: money.audit(db, progress), self._long_pool)
