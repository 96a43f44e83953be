"""States of messages that wait for the end of their transaction.

A carrier's answer and the receipt that follows at once often share a transaction: the message is decided twice and
its row need be written once. Whoever is about to look at the table `messages` has them written before
(`Database.owed`); `Recent` shows the newest state meanwhile.
"""

from __future__ import annotations

from typing import Any

from gateway.domain.message import Message, PartRow
from storage import rows
from storage.sqlite.database import Database


class Unwritten:
    """By the number of its row, each message with the parts that are written beside it. For the writer's thread."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._states: dict[int, tuple[Message, list[PartRow]]] = {}

    def add(self, number: int, message: Message, beside: list[PartRow]) -> None:
        """Write this state later, instead of any earlier one. The message changes no more in this transaction."""
        self._states[number] = message, beside
        self._db.owed = self

    def write(self) -> None:
        """Write all."""
        self._db.owed = None
        flat: list[Any] = []
        for number, (message, beside) in sorted(self._states.items()):
            flat.append(number)
            flat += rows.message_state(message, beside)
        self._states.clear()
        self._db.many("write_states", flat, rows.STATE + 1)

    def forget(self) -> None:
        """The transaction is undone."""
        self._db.owed = None
        self._states.clear()
