"""Messages that a transaction has changed and writes at its end.

A carrier's answer and the receipt that follows at once often share a transaction: the message is decided twice, and
its row need be written once. The next verb of the transaction gets the same objects; whoever is about to look at the
table `messages` has them written before (`Database.owed`).
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from gateway.domain.message import PartRow
from storage import rows
from storage.changes import Loaded
from storage.sqlite.database import Database
from storage.sqlite.recent import Recent


class Unwritten:
    """By its id, each message with the parts that are written beside it. For the writer's thread."""

    def __init__(self, database: Database, recent: Recent) -> None:
        self._db = database
        self._recent = recent
        self._beside: dict[bytes, list[PartRow]] = {}
        self.entries: dict[bytes, Loaded] = {}

    def add(self, entry: Loaded, beside: list[PartRow]) -> None:
        """Write this message later, as it will be then."""
        message_id = entry.message.id
        self.entries[message_id] = entry
        self._beside[message_id] = beside
        self._db.owed = self

    def write(self) -> None:
        """Write all."""
        self._db.owed = None
        note = self._recent.note
        open_ones: list[Any] = []
        ended: list[Any] = []
        for entry in sorted(self.entries.values(), key=_number):
            message = entry.message
            state = rows.message_state(message, self._beside[message.id])
            status, operator, owner, next_at, final_at, doubts, document = state
            if final_at is None:
                open_ones += (entry.number, status, operator, owner, next_at, doubts, document)
            else:
                ended += (entry.number, status, operator, final_at, doubts, document)
            note(message, entry.parts, entry.number)
        self.entries.clear()
        self._beside.clear()
        self._db.many("write_open", open_ones, 7)
        self._db.many("write_ended", ended, 6)

    def forget(self) -> None:
        """The transaction is undone."""
        self._db.owed = None
        self.entries.clear()
        self._beside.clear()


_number = attrgetter("number")
