"""Alerts, the marks of those that are not over, and the failures of each minute that they are told by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson

from gateway.domain.account import Env
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.event import Event
from gateway.ports import Mark
from storage import rows
from storage.pages import LAST_ID
from storage.postgres import messages
from storage.postgres.database import Database, Row


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
    db: Database, account: str | None, env: Env | None, before: bytes | None, limit: int
) -> list[Alert]:
    """See `Store.alerts`."""
    last = LAST_ID if before is None else before
    if account is None:
        found = await db.all("alerts_page", last, limit, None if env is None else env.value)
    else:
        wanted = [each.value for each in (Env if env is None else (env,))]
        found = await db.all("alerts_of", account, wanted, last, limit)
    return [_alert(row) for row in found]


async def failures(db: Database, since: datetime) -> dict[tuple[str, Env], int]:
    """See `Store.failures`."""
    counted = await db.all("failures_since", rows.minutes(since))
    return {(row[0], rows.ENVS[row[1]]): row[2] for row in counted}


def _alert(row: Row) -> Alert:
    alert_id, account, env, kind, at, data = row
    return Alert(alert_id, account, rows.ENVS[env], AlertKind(kind), rows.moment(at), orjson.loads(data))
