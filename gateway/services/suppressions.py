"""The suppression list as people see and change it; STOP and START change it by way of `gateway.services.inbound`.

A recipient is suppressed for an account in one environment; what already waits for it is stopped at dispatch.
"""

from __future__ import annotations

from datetime import datetime

from gateway.domain.account import Env
from gateway.domain.suppression import Suppression
from gateway.errors import NotFound, Refused
from gateway.ports import Clock, SuppressionStore
from gateway.services.accounts import Accounts
from routing import numbers

BY_HAND = "manual"  #: the reason of an entry that a person has made


class Suppressions:
    """The list of each account."""

    def __init__(self, store: SuppressionStore, accounts: Accounts, clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock

    async def add(self, account: str, env: Env, number: str, sub_tenant: str = "") -> Suppression:
        """Put a recipient on the list; one that is there stays as it is. Raises `NotFound`, `Refused`."""
        await self._accounts.account(account)
        entry = Suppression(account, env, sub_tenant, checked_number(number), BY_HAND, self._clock())
        await self._store.suppress((entry,))
        return entry

    async def remove(self, account: str, env: Env, number: str, sub_tenant: str = "") -> None:
        """Take a recipient off the list. Raises `NotFound`, `Refused`."""
        await self._accounts.account(account)
        if not await self._store.unsuppress(account, env, sub_tenant, checked_number(number)):
            raise NotFound(f"{number} is not on the {env.value} list of account '{account}'")

    async def entries(self, account: str | None, since: datetime | None, limit: int) -> list[Suppression]:
        """The list of one account or of all, oldest first. Raises `NotFound`."""
        if account is not None:
            await self._accounts.account(account)
        return await self._store.suppressions(account, since, limit)


def checked_number(text: str) -> str:
    """An E.164 number. Raises `Refused` with how to write it."""
    if not numbers.is_e164(text):
        raise Refused(f"{numbers.why_not_e164(text)}: {numbers.e164_hint(text)}")
    return text
