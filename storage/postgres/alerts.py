"""Alerts, the marks of those that are not over, and the failures of each minute that they are told by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.account import Env
from gateway.domain.alert import Alert
from gateway.domain.event import Event
from gateway.ports import LOOKS, Mark, Page
from storage import rows
from storage.pages import FIRST_ID, LAST_ID, alerts_page
from storage.postgres import messages
from storage.postgres.database import Database


async def tell(db: Database, mark: Mark, alert: Alert, event: Event | None) -> bool:
    """See `Store.tell`. Of two at the same moment the second waits for the first one's commit."""
    if not await db.run("set_mark", mark.account, mark.env.value, mark.subject):
        return False
    at, data = rows.micros(alert.at), rows.json_text(alert.data)
    await db.run("insert_alert", alert.id, alert.account, alert.env.value, alert.kind.value, at, data)
    await messages.insert_events(db, [] if event is None else [event])
    return True


async def clear_marks(db: Database, marks: Sequence[Mark]) -> None:
    """See `Store.clear_marks`."""
    await db.many("clear_marks", sorted({(mark.account, mark.env.value, mark.subject) for mark in marks}))


async def marks(db: Database) -> list[Mark]:
    """See `Store.marks`."""
    return [Mark(row[0], rows.ENVS[row[1]], row[2]) for row in await db.all("marks")]


async def alerts(
    db: Database,
    account: str | None,
    env: Env | None,
    before: bytes | None,
    limit: int,
    looks: int = LOOKS,
) -> Page[Alert, bytes]:
    """See `Store.alerts`."""
    last = before or LAST_ID
    if account is not None:
        wanted = [each.value for each in (Env if env is None else (env,))]
        return alerts_page(await db.all("alerts_of", account, wanted, last, limit + 1), limit, None)
    horizon = None if env is None else await db.one("alerts_horizon", last, looks - 1)
    low = FIRST_ID if horizon is None else horizon[0]
    found = await db.all("alerts_page", last, low, limit + 1, None if env is None else env.value)
    return alerts_page(found, limit, None if horizon is None else low)


async def failures(db: Database, since: datetime) -> dict[tuple[str, Env], int]:
    """See `Store.failures`."""
    counted = await db.all("failures_since", rows.minutes(since))
    return {(row[0], rows.ENVS[row[1]]): row[2] for row in counted}
