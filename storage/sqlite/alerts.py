"""Alerts, and the marks of those that are not over."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.domain.account import Env
from gateway.domain.alert import Alert
from gateway.domain.event import Event
from gateway.ports import LOOKS, Mark, Page
from storage import rows
from storage.pages import FIRST_ID, LAST_ID, alerts_page
from storage.sqlite.database import Database
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

    def alerts(
        self, account: str | None, env: Env | None, before: bytes | None, limit: int, looks: int = LOOKS
    ) -> Page[Alert, bytes]:
        """See `Store.alerts`."""
        last = before or LAST_ID
        if account is None:
            horizon = None if env is None else self._db.one("alerts_horizon", last, looks - 1)
            low = FIRST_ID if horizon is None else horizon[0]
            found = self._db.all("alerts_page", last, low, limit + 1, None if env is None else env.value)
            return alerts_page(found, limit, None if horizon is None else low)
        found = []
        for each in Env if env is None else (env,):
            found += self._db.all("alerts_of", account, each.value, last, limit + 1)
        return alerts_page(sorted(found, reverse=True), limit, None)
