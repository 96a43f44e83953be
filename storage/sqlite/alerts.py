"""Alerts, and the marks of those that are not over."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from gateway.domain.account import Env
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.event import Event
from gateway.ports import Mark
from storage import rows
from storage.pages import LAST_ID
from storage.sqlite.database import Database, Row
from storage.sqlite.messages import Messages


class Alerts:
    """The tables `alerts` and `marks`."""

    def __init__(self, database: Database, messages: Messages) -> None:
        self._db = database
        self._messages = messages

    def tell(self, mark: Mark, alert: Alert, event: Event | None) -> bool:
        """See `Store.tell`."""
        if not self._db.run("set_mark", mark.account, mark.env.value, mark.subject):
            return False
        data = rows.json_text(alert.data)
        at = rows.micros(alert.at)
        self._db.run("insert_alert", alert.id, alert.account, alert.env.value, alert.kind.value, at, data)
        if event is not None:
            self._messages.insert_events([event])
        return True

    def clear_marks(self, marks: Sequence[Mark]) -> None:
        """See `Store.clear_marks`."""
        flat = [value for mark in marks for value in (mark.account, mark.env.value, mark.subject)]
        self._db.many("clear_marks", flat, 3)

    def marks(self) -> list[Mark]:
        """See `Store.marks`."""
        return [Mark(account, rows.ENVS[env], subject) for account, env, subject in self._db.all("marks")]

    def alerts(self, account: str | None, env: Env | None, before: bytes | None, limit: int) -> list[Alert]:
        """See `Store.alerts`."""
        last = LAST_ID if before is None else before
        if account is None:
            found = self._db.all("alerts_page", last, limit, None if env is None else env.value)
        else:
            found = []
            for each in Env if env is None else (env,):
                found += self._db.all("alerts_of", account, each.value, last, limit)
            found = sorted(found, reverse=True)[:limit]
        return [_alert(row) for row in found]


def _alert(row: Row) -> Alert:
    alert_id, account, env, kind, at, data = row
    return Alert(alert_id, account, rows.ENVS[env], AlertKind(kind), rows.moment(at), orjson.loads(data))
