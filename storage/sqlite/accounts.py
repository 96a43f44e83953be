"""Accounts, keys, numbers, suppressions and accepted terms. What caches hold moves the generation when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gateway.domain.account import Account, Env, Key
from gateway.domain.agreement import Agreement
from gateway.domain.suppression import OwnedNumber, Suppression
from gateway.errors import Conflict
from storage import documents, rows
from storage.sqlite.database import Database


def add_suppressions(database: Database, suppressions: Sequence[Suppression]) -> None:
    """Add to the list; one that is there stays as it is. The generation stays too."""
    flat: list[Any] = []
    for s in sorted(suppressions, key=lambda s: (s.number, s.account, s.env, s.sub_tenant)):
        flat += (s.number, s.account, s.env.value, s.sub_tenant, s.reason, rows.micros(s.created_at))
    database.many("suppress", flat, 6)


class Accounts:
    """What commands and the admin API change."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def save_account(self, account: Account) -> None:
        """Insert or replace an account."""
        self._db.run("save_account", account.name, documents.account_text(account))
        self._db.run("bump_generation")

    def accounts(self) -> list[Account]:
        """All accounts, by name."""
        return [documents.account(row[0]) for row in self._db.all("accounts")]

    def save_key(self, key: Key) -> None:
        """Insert a key or change it (revoke). Raises `Conflict` when it is another account's."""
        if not self._db.run("save_key", key.digest, key.key_id, key.account, documents.key_text(key)):
            raise Conflict("this key is in use by another account: choose another one")
        self._db.run("bump_generation")

    def key(self, digest: bytes) -> Key | None:
        """The key with this digest."""
        row = self._db.one("key", digest)
        return None if row is None else documents.key(row[0])

    def keys(self, account: str | None) -> list[Key]:
        """The keys of an account, or all."""
        found = self._db.all("keys") if account is None else self._db.all("keys_of", account)
        return [documents.key(row[0]) for row in found]

    def save_number(self, number: OwnedNumber) -> None:
        """Insert or replace; see `Store.save_number`."""
        owner = self._db.one("number_owner", number.number, number.keyword)
        if owner is not None and owner[0] != number.account:
            raise documents.taken(number, owner[0])
        self._db.run("save_number", *documents.number_row(number))
        self._db.run("bump_generation")

    def numbers(self) -> list[OwnedNumber]:
        """All numbers and keywords."""
        return [documents.number(row) for row in self._db.all("numbers")]

    def owners_of(self, number: str) -> list[OwnedNumber]:
        """Who owns a number and the keywords on it."""
        return [documents.number(row) for row in self._db.all("owners_of", number)]

    def stopped(self, number: str) -> frozenset[tuple[str, Env, str]]:
        """Whose messages the person at this number has stopped."""
        return frozenset((row[0], Env(row[1]), row[2]) for row in self._db.all("stopped", number))

    def remove_number(self, number: str, keyword: str) -> bool:
        """Whether it was there."""
        return self._bumped(self._db.run("remove_number", number, keyword))

    def suppress(self, suppressions: Sequence[Suppression]) -> None:
        """Add to the list; one that is there stays as it is."""
        add_suppressions(self._db, suppressions)
        if suppressions:
            self._db.run("bump_generation")

    def unsuppress(self, account: str, env: Env, sub_tenant: str, number: str) -> bool:
        """Whether it was on the list."""
        return self._bumped(self._db.run("unsuppress", account, env.value, sub_tenant, number))

    def suppressions(self, account: str | None, since: datetime | None, limit: int) -> list[Suppression]:
        """The list, oldest first, from `since` on."""
        start = 0 if since is None else rows.micros(since)
        found = (
            self._db.all("suppressions", start, limit)
            if account is None
            else self._db.all("suppressions_of", account, start, limit)
        )
        return [
            Suppression(account_, rows.ENVS[env], sub_tenant, number, reason, rows.moment(created_at))
            for number, account_, env, sub_tenant, reason, created_at in found
        ]

    def agree(self, agreement: Agreement) -> Agreement:
        """See `Store.agree`."""
        self._db.run("agree", *documents.agreement_row(agreement))
        found = self.agreed(agreement.account, agreement.member, agreement.version)
        assert found is not None
        return found

    def agreed(self, account: str, member: str, version: str) -> Agreement | None:
        """See `Store.agreed`."""
        row = self._db.one("agreed", account, member, version)
        return None if row is None else documents.agreement(row)

    def agreements(self, account: str) -> list[Agreement]:
        """See `Store.agreements`."""
        return [documents.agreement(row) for row in self._db.all("agreements", account)]

    def _bumped(self, changed: int) -> bool:
        if changed:
            self._db.run("bump_generation")
        return changed > 0
