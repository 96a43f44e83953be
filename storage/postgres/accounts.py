"""Accounts, keys, numbers, suppressions and accepted terms. What caches hold moves the generation when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.account import Account, Env, Key
from gateway.domain.agreement import Agreement
from gateway.domain.suppression import OwnedNumber, Suppression
from gateway.errors import Conflict
from storage import documents, rows
from storage.postgres import messages
from storage.postgres.database import Database


async def bump_generation(db: Database) -> None:
    """Move the generation, in this transaction: its row is locked until then, and listeners hear of it after."""
    db.generation = (await db.one("bump_generation"))[0]


async def save_account(db: Database, account: Account) -> None:
    """Insert or replace an account."""
    await db.run("save_account", account.name, documents.account_text(account))
    await bump_generation(db)


async def accounts(db: Database) -> list[Account]:
    """All accounts, by name."""
    return [documents.account(row[0]) for row in await db.all("accounts")]


async def save_key(db: Database, key: Key) -> None:
    """Insert a key or change it (revoke). Raises `Conflict` when it is another account's."""
    if not await db.run("save_key", key.digest, key.key_id, key.account, documents.key_text(key)):
        raise Conflict("this key is in use by another account: choose another one")
    await bump_generation(db)


async def key(db: Database, digest: bytes) -> Key | None:
    """The key with this digest."""
    row = await db.one("key", digest)
    return None if row is None else documents.key(row[0])


async def keys(db: Database, account: str | None) -> list[Key]:
    """The keys of an account, or all."""
    found = await db.all("keys") if account is None else await db.all("keys_of", account)
    return [documents.key(row[0]) for row in found]


async def save_number(db: Database, number: OwnedNumber) -> None:
    """Insert or replace; see `Store.save_number`."""
    saved = await db.run("save_number", *documents.number_row(number))
    if not saved:
        owner = await db.one("number_owner", number.number, number.keyword)
        raise documents.taken(number, owner[0] if owner else "another")
    await bump_generation(db)


async def numbers(db: Database) -> list[OwnedNumber]:
    """All numbers and keywords."""
    return [documents.number(row) for row in await db.all("numbers")]


async def remove_number(db: Database, number: str, keyword: str) -> bool:
    """Whether it was there."""
    return await _bumped(db, await db.run("remove_number", number, keyword))


async def suppress(db: Database, suppressions: Sequence[Suppression]) -> None:
    """Add to the list; one that is there stays as it is."""
    await messages.add_suppressions(db, suppressions)
    if suppressions:
        await bump_generation(db)


async def unsuppress(db: Database, account: str, env: Env, sub_tenant: str, number: str) -> bool:
    """Whether it was on the list."""
    return await _bumped(db, await db.run("unsuppress", account, env.value, sub_tenant, number))


async def listed(db: Database, account: str | None, since: datetime | None, limit: int) -> list[Suppression]:
    """The suppressions, oldest first, from `since` on."""
    start = 0 if since is None else rows.micros(since)
    found = (
        await db.all("suppressions", start, limit)
        if account is None
        else await db.all("suppressions_of", account, start, limit)
    )
    return [
        Suppression(account_, rows.ENVS[env], sub_tenant, number, reason, rows.moment(created_at))
        for number, account_, env, sub_tenant, reason, created_at in found
    ]


async def agree(db: Database, agreement: Agreement) -> Agreement:
    """See `Store.agree`."""
    await db.run("agree", *documents.agreement_row(agreement))
    found = await agreed(db, agreement.account, agreement.member, agreement.version)
    assert found is not None
    return found


async def agreed(db: Database, account: str, member: str, version: str) -> Agreement | None:
    """See `Store.agreed`."""
    row = await db.one("agreed", account, member, version)
    return None if row is None else documents.agreement(row)


async def agreements(db: Database, account: str) -> list[Agreement]:
    """See `Store.agreements`."""
    return [documents.agreement(row) for row in await db.all("agreements", account)]


async def _bumped(db: Database, changed: int) -> bool:
    if changed:
        await bump_generation(db)
    return changed > 0
