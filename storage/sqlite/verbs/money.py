"""The ledger, of the embedded store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.domain.money import Balance, Booked, Entry, Flaw
from storage.sqlite.money import Ledger
from storage.sqlite.verbs.session import Session, asked


class LedgerVerbs(Session):
    """See `LedgerStore`."""

    async def book(self, entries: Sequence[Entry]) -> list[Booked]:
        """See `LedgerStore.book`."""
        booked: list[Booked] = await self._batcher.call(self._ledger.book, entries)
        return booked

    async def balances(self, account: str | None = None) -> list[Balance]:
        """See `LedgerStore.balances`."""
        return await self._ask(lambda lookups: lookups.ledger.balances(account))

    entries = asked(lambda lookups: lookups.ledger, Ledger.entries)
    entries_of = asked(lambda lookups: lookups.ledger, Ledger.entries_of)

    async def audit(self, progress: Callable[[int, int], None] | None = None) -> tuple[int, list[Flaw]]:
        """See `LedgerStore.audit`. `progress` is called in another thread."""
        return await self._export(lambda exports: exports.ledger.audit(progress))
