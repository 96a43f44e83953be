"""Accounts and keys as the JSON that both engines keep of them, and the rows of numbers and agreements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import orjson

from gateway.domain.account import Account, Billing, Key, Policy
from gateway.domain.agreement import Agreement
from gateway.domain.suppression import OwnedNumber
from gateway.errors import Conflict
from storage import rows


def number(row: rows.Row) -> OwnedNumber:
    """A number of its columns."""
    return OwnedNumber(row[0], row[1], row[2], rows.ENVS[row[3]], rows.moment(row[4]))


def number_row(number: OwnedNumber) -> rows.Row:
    """The columns of a number."""
    return number.number, number.keyword, number.account, number.env.value, rows.micros(number.created_at)


def taken(number: OwnedNumber, owner: str) -> Conflict:
    """Why a number can't be given: `owner` has it."""
    what = f"keyword {number.keyword} on {number.number}" if number.keyword else number.number
    return Conflict(f"{what} belongs to account {owner}: remove it there first")


def agreement(row: rows.Row) -> Agreement:
    """Who has accepted the terms, of its columns."""
    return Agreement(row[0], row[1], row[2], rows.moment(row[3]), row[4])


def agreement_row(a: Agreement) -> rows.Row:
    """The columns of an agreement."""
    return a.account, a.member, a.version, rows.micros(a.at), a.address


def account_text(account: Account) -> str:
    """An account as JSON."""
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
    return {name: _plain(value) for name, value in asdict(policy).items()}


def _plain(value: object) -> object:
    """A setting as JSON has it: a set as a list, a decimal as its text."""
    if isinstance(value, frozenset):
        return sorted(map(_plain, value))  # type: ignore[type-var]
    return str(value) if isinstance(value, Decimal) else value


def account(text: str) -> Account:
    """An account of its JSON."""
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
    """Fields that a later release has added keep their defaults."""
    return Policy(**{name: _READ.get(name, _as_it_is)(value) for name, value in data.items()})


def _as_it_is(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value


_READ: dict[str, Callable[[Any], Any]] = {
    "billing": Billing,
    "credit_limit": Decimal,
    "spend_per_day": lambda value: None if value is None else Decimal(value),
    "alert_balance": lambda value: frozenset(map(Decimal, value)),
}
"""Settings that JSON has no type for."""


def key_text(key: Key) -> str:
    """A key as JSON; its digest stands for it."""
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


def key(text: str) -> Key:
    """A key of its JSON."""
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
