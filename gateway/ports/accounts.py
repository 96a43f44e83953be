"""Accounts, with all that they are given and agree to: keys, terms, numbers, suppressions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.domain.account import Account, Env, Key
from gateway.domain.agreement import Agreement
from gateway.domain.suppression import OwnedNumber, Suppression


class AccountStore(Protocol):
    """Accounts, their keys, and by what a cache of them knows that it is old."""

    async def save_account(self, account: Account) -> None: ...
    async def accounts(self) -> list[Account]: ...
    async def save_key(self, key: Key) -> None: ...
    async def key(self, digest: bytes) -> Key | None: ...
    async def keys(self, account: str | None) -> list[Key]: ...
    def generation(self) -> int:
        """A number that grows when another process (a command) has changed accounts, keys, numbers, suppressions or
        posted commands; over a network, as soon as word of it has come. Cheap: called before a cache is used, from the
        event loop's thread."""
        ...

    async def agree(self, agreement: Agreement) -> Agreement:
        """Keep that a member has accepted a version of the terms. The first time counts: it is given back."""
        ...

    async def agreed(self, account: str, member: str, version: str) -> Agreement | None: ...
    async def agreements(self, account: str) -> list[Agreement]:
        """All that members of an account have accepted, by member and version."""
        ...


class NumberStore(Protocol):
    """Numbers and keywords that accounts own."""

    async def save_number(self, number: OwnedNumber) -> None:
        """Raises `Conflict` when another account owns it."""
        ...

    async def numbers(self) -> list[OwnedNumber]: ...
    async def remove_number(self, number: str, keyword: str) -> bool: ...


class SuppressionStore(Protocol):
    """Who wants no messages any more, of whom."""

    async def suppress(self, suppressions: Sequence[Suppression]) -> None: ...
    async def unsuppress(self, account: str, env: Env, sub_tenant: str, number: str) -> bool: ...
    async def suppressions(
        self, account: str | None, since: datetime | None, limit: int
    ) -> list[Suppression]: ...
