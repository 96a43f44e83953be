"""Messages, inbound messages and webhooks in the order of their ids, for exports; and the end of a day's messages."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from gateway.domain import cdr
from gateway.domain.account import Env
from gateway.domain.suppression import StoredInbound
from gateway.domain.words import Status
from gateway.ports import LOOKS, MessageView, StoredEvent
from storage import rows
from storage.exports import events_until, not_final
from storage.pages import LAST_ID
from storage.sqlite.database import Database
from storage.sqlite.late import LateIndex
from storage.sqlite.messages import Messages
from storage.sqlite.money import Ledger
from storage.sqlite.noc import drop_messages
from storage.sqlite.recent import Recent

Result = TypeVar("Result")

DROP_ROWS = 500
"""Messages of one transaction: some milliseconds, so that callers hardly notice it."""


class Exports:
    """Pages by id, on any connection."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.ledger = Ledger(database)
        self._messages = Messages(database, Recent(), LateIndex(database, "recipients", ("", "", 0)))

    def messages(
        self, of: tuple[str, Env] | None, after: bytes, until: bytes, limit: int
    ) -> list[MessageView]:
        """See `Store.messages_by_id`."""
        if of is None:
            found = self._db.all("messages_after", after, until, limit)
        else:
            found = self._db.all("messages_after_of", of[0], of[1].value, after, until, limit)
        loaded = self._messages.of_rows(found)
        return [MessageView(entry.message, entry.parts) for entry in loaded.values()]

    def statuses(self, after: bytes, until: bytes, limit: int) -> list[tuple[bytes, Status]]:
        """See `Store.statuses_by_id`."""
        found = self._db.all("statuses_by_id", after, until, limit)
        return [(message_id, rows.STATUSES[status]) for message_id, status in found]

    def inbound(self, account: str, after: bytes, limit: int) -> list[StoredInbound]:
        """See `Store.inbound_by_id`."""
        return [rows.stored_inbound(row) for row in self._db.all("inbound_by_id", account, after, limit)]

    def webhooks(
        self, account: str, after: bytes, limit: int, looks: int = LOOKS
    ) -> tuple[list[StoredEvent], bytes | None]:
        """See `Store.webhooks_by_id`."""
        row = self._db.one("webhooks_horizon", after, looks - 1)
        horizon = None if row is None else row[0]
        found = self._db.all("webhooks_by_id", account, after, horizon or LAST_ID, limit)
        return events_until(found, limit, horizon)


def snapshot(connection: sqlite3.Connection, question: Callable[[Exports], Result]) -> Result:
    """Ask something of the store as it is at one moment."""
    connection.execute("BEGIN")
    try:
        return question(Exports(Database(connection)))
    finally:
        connection.execute("ROLLBACK")


class Days:
    """The end of a day's messages, a few per transaction. For the writer."""

    def __init__(self, database: Database, recent: Recent) -> None:
        self._db = database
        self._recent = recent

    def check_final(self, day: date) -> None:
        """Raises `Conflict` when some of the day's messages are not final."""
        row = self._db.one("unfinished_between", *cdr.bounds(day))
        if row is not None and row[0]:
            raise not_final(day, row[0])

    def drop(self, day: date) -> int:
        """Drop some of the day's final messages with their parts and refs; how many."""
        found = self._db.all("final_between", *cdr.bounds(day), DROP_ROWS)
        dropped = drop_messages(self._db, self._recent, found)
        return len(dropped)
