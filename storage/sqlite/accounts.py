"""Accounts, keys, numbers and suppressions. Each change moves the generation, so that caches look again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from gateway.domain.account import Account, Env, Key, Policy
from gateway.domain.suppression import OwnedNumber, Suppression
from gateway.errors import Conflict
from storage import rows
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
        self._db.run("save_account", account.name, _account_text(account))
        self._db.run("bump_generation")

    def accounts(self) -> list[Account]:
        """All accounts, by name."""
        return [_account(row[0]) for row in self._db.all("accounts")]

    def save_key(self, key: Key) -> None:
        """Insert a key or change it (revoke). Raises `Conflict` when it is another account's."""
        if not self._db.run("save_key", key.digest, key.key_id, key.account, _key_text(key)):
            raise Conflict("this key is in use by another account: choose another one")
        self._db.run("bump_generation")

    def key(self, digest: bytes) -> Key | None:
        """The key with this digest."""
        row = self._db.one("key", digest)
        return None if row is None else _key(row[0])

    def keys(self, account: str | None) -> list[Key]:
        """The keys of an account, or all."""
        found = self._db.all("keys") if account is None else self._db.all("keys_of", account)
        return [_key(row[0]) for row in found]

    def save_number(self, number: OwnedNumber) -> None:
        """Insert or replace; see `Store.save_number`."""
        owner = self._db.one("number_owner", number.number, number.keyword)
        if owner is not None and owner[0] != number.account:
            what = f"keyword {number.keyword} on {number.number}" if number.keyword else number.number
            raise Conflict(f"{what} belongs to account {owner[0]}: remove it there first")
        self._db.run(
            "save_number",
            number.number,
            number.keyword,
            number.account,
            number.env.value,
            rows.micros(number.created_at),
        )
        self._db.run("bump_generation")

    def numbers(self) -> list[OwnedNumber]:
        """All numbers and keywords."""
        return [_number(row) for row in self._db.all("numbers")]

    def owners_of(self, number: str) -> list[OwnedNumber]:
        """Who owns a number and the keywords on it."""
        return [_number(row) for row in self._db.all("owners_of", number)]

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

    def _bumped(self, changed: int) -> bool:
        if changed:
            self._db.run("bump_generation")
        return changed > 0


def _number(row: rows.Row) -> OwnedNumber:
    return OwnedNumber(row[0], row[1], row[2], rows.ENVS[row[3]], rows.moment(row[4]))


def _account_text(account: Account) -> str:
    return rows.json_text(
        {
            "name": account.name,
            "created_at": rows.micros(account.created_at),
            "live": _policy_fields(account.live),
            "test": _policy_fields(account.test),
            "secrets_sealed": [secret.hex() for secret in account.secrets_sealed],
            "old_secret_until": rows.micros_or_none(account.old_secret_until),
            "disabled": account.disabled,
        }
    )


def _policy_fields(policy: Policy) -> dict[str, object]:
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in asdict(policy).items()
    }


def _account(text: str) -> Account:
    data = orjson.loads(text)
    return Account(
        data["name"],
        rows.moment(data["created_at"]),
        _policy(data["live"]),
        _policy(data["test"]),
        tuple(bytes.fromhex(secret) for secret in data["secrets_sealed"]),
        rows.moment_or_none(data["old_secret_until"]),
        data["disabled"],
    )


def _policy(data: dict[str, Any]) -> Policy:
    """Fields that a later release has added keep their defaults; those of sets are lists in JSON."""
    values: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) else value for name, value in data.items()
    }
    return Policy(**values)


def _key_text(key: Key) -> str:
    return rows.json_text(
        {
            "key_id": key.key_id,
            "digest": key.digest.hex(),
            "account": key.account,
            "env": key.env.value,
            "scopes": sorted(str(scope) for scope in key.scopes),
            "created_at": rows.micros(key.created_at),
            "expires_at": rows.micros_or_none(key.expires_at),
            "revoked_at": rows.micros_or_none(key.revoked_at),
            "allow_from": key.allow_from,
            "member": key.member,
            "sub_tenant": key.sub_tenant,
        }
    )


def _key(text: str) -> Key:
    data = orjson.loads(text)
    return Key(
        data["key_id"],
        bytes.fromhex(data["digest"]),
        data["account"],
        rows.ENVS[data["env"]],
        frozenset(data["scopes"]),
        rows.moment(data["created_at"]),
        rows.moment_or_none(data["expires_at"]),
        rows.moment_or_none(data["revoked_at"]),
        tuple(data["allow_from"]),
        data["member"],
        data["sub_tenant"],
    )
