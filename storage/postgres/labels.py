"""Labels: what messages are found by besides their columns (`gateway.domain.labels`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.domain.account import Env
from gateway.domain.message import Message
from gateway.domain.words import Status
from storage import rows
from storage.labels import as_kept, asked, label_rows, over_row
from storage.postgres.database import Database


async def insert(db: Database, messages: Iterable[Message]) -> None:
    """The labels of new messages; no statement where none has any."""
    await db.many("insert_labels", label_rows(messages))


async def keep_over(db: Database, over: Iterable[Message], no_more: Iterable[Message]) -> None:
    """Put the label of what is over as `sent` on the first ones, and take it off the others."""
    await db.many("insert_labels", sorted(map(over_row, over)))
    await db.many("take_labels_off", sorted(map(over_row, no_more)))


async def labelled(db: Database, account: str, env: Env, labels: Sequence[str]) -> dict[str, list[bytes]]:
    """See `Store.labelled`."""
    found: dict[str, list[bytes]] = {}
    wanted = asked(labels)
    for kept, message_id in await db.all("labelled", account, env.value, list(wanted)):
        found.setdefault(wanted[kept], []).append(message_id)
    return found


async def count(db: Database, account: str, env: Env, label: str) -> dict[Status, int]:
    """See `Store.count_labelled`."""
    counted = await db.all("count_labelled", account, env.value, as_kept(label))
    return {rows.STATUSES[row[0]]: row[1] for row in counted}
