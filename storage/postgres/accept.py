"""Messages in: idempotency, then suppression, then money, then all rows of a group of requests in one commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from gateway.domain.message import Message
from gateway.domain.send import Acceptance, AcceptResult, IdempotencyKey
from storage import acceptance
from storage.postgres import messages
from storage.postgres.database import Database
from storage.postgres.groups import Raced
from storage.postgres.money import Slots


async def accept(db: Database, calls: list[Sequence[Acceptance]], slots: Slots) -> list[list[AcceptResult]]:
    """One result per acceptance; see `Store.accept`."""
    acceptances = [each for call in calls for each in call]
    used = await _keys_used(db, (a.key.digest for a in acceptances if a.key is not None))
    found = await messages.suppressed_among(
        db, (item.recipient for a in acceptances for item in a.items if isinstance(item, Message))
    )
    opened = await slots.till(db, acceptances)
    answers, kept, keys = acceptance.decide(calls, used, found, opened.till)
    slots.check(opened.till)
    # The keys first: who loses the race for one has done little in vain.
    saved = await db.many(
        "save_keys_used", (keys[digest] for digest in sorted(keys)), acceptance.KEY_LIFETIME
    )
    if len(saved) < len(keys):
        raise Raced
    await messages.insert(db, kept)
    await opened.reserve(db)
    return answers


async def find_key(db: Database, key: IdempotencyKey, now: datetime) -> AcceptResult | None:
    """What a key stands for."""
    return acceptance.known(key, await _keys_used(db, [key.digest]), now)


async def _keys_used(db: Database, digests: Iterable[bytes]) -> dict[bytes, tuple[Any, ...]]:
    keys = sorted(set(digests))
    return {row[0]: row for row in await db.all("keys_used", keys)} if keys else {}
