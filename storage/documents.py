"""Accounts and keys as the JSON that both engines keep of them, and the rows of numbers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson

from gateway.domain.account import Account, Key, Policy
from gateway.domain.suppression import OwnedNumber
from storage import rows


def number(row: rows.Row) -> OwnedNumber:
    """A number of its columns."""
    return OwnedNumber(row[0], row[1], row[2], rows.ENVS[row[3]], rows.moment(row[4]))


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
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in asdict(policy).items()
    }


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
    """Fields that a later release has added keep their defaults; those of sets are lists in JSON."""
    values: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) else value for name, value in data.items()
    }
    return Policy(**values)


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
