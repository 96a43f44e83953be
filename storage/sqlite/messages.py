"""Messages and their parts: reading those that a verb is about, and writing what the verb has decided.

Rows are read once per verb and written once at its end, each kind with one statement: `Changes` gathers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gateway.domain.event import Event
from gateway.domain.message import Message
from storage import changes, rows
from storage.changes import Loaded, latest_attempt, place_of
from storage.sqlite.accounts import add_suppressions
from storage.sqlite.database import Database
from storage.sqlite.failures import Failures
from storage.sqlite.labels import Labels
from storage.sqlite.late import LateIndex
from storage.sqlite.money import Ledger
from storage.sqlite.recent import Recent
from storage.sqlite.unwritten import Unwritten


class Messages:
    """The tables `messages`, `parts` and the insertion of `webhooks` and `labels` rows."""

    def __init__(self, database: Database, recent: Recent, recipients: LateIndex) -> None:
        self._db = database
        self.recent = recent
        self.unwritten = Unwritten(database, recent)
        self.recipients = recipients
        self.labels = Labels(database)

    def insert(self, messages: Sequence[Message]) -> None:
        """New messages, as they are."""
        flat: list[Any] = []
        for message in messages:
            flat += rows.message_row(message)
        last = self._db.insert("insert_messages", flat, rows.MESSAGE)
        for number, message in enumerate(messages, last - len(messages) + 1):
            self.recent.note(message, [], number)
        self.labels.insert(messages)
        self.recipients.grow(len(messages))
        if self.recipients.has_enough():
            self.recipients.catch_up()

    def load(self, ids: Iterable[bytes]) -> dict[bytes, Loaded]:
        """The messages that exist among `ids`, with their parts."""
        loaded: dict[bytes, Loaded] = {}
        read: list[bytes] = []
        unwritten = self.unwritten.entries
        for message_id in set(ids):
            entry = unwritten.get(message_id) or self.recent.message(message_id)
            if entry is None:
                read.append(message_id)
                continue
            entry.latest = latest_attempt(entry.parts) if entry.message.attempts > 1 else 1
            loaded[message_id] = entry
        if read:
            loaded |= self.of_rows(self._db.many("messages_by_id", sorted(read)))
        return loaded

    def of_rows(self, found: Iterable[rows.Row]) -> dict[bytes, Loaded]:
        """Messages of their rows, with all their parts: those of the latest attempt stand in the row."""
        loaded: dict[bytes, Loaded] = {}
        earlier: list[bytes] = []
        for row in found:
            message, parts = rows.message(row)
            loaded[message.id] = Loaded(message, parts, latest_attempt(parts), row[0])
            if message.attempts > 1:
                earlier.append(message.id)
        for row in self._db.many("parts_of", sorted(earlier)):
            loaded[row[0]].parts.append(rows.part(row))
        for message_id in earlier:
            loaded[message_id].parts.sort(key=place_of)
        return loaded

    def insert_events(self, events: Sequence[Event]) -> None:
        """Webhook rows: pending, or claimed when they have an owner."""
        flat: list[Any] = []
        later = []
        for event in events:
            flat += rows.event_row(event)
            if event.seq > 1:
                later.append(event.id)
        self._db.many("insert_events", flat, rows.EVENT)
        self._db.many("queue_behind_earlier", later)


class Changes(changes.Changes):
    """What the decisions of one verb have changed, written together at its end."""

    def __init__(self, messages: Messages, database: Database) -> None:
        super().__init__()
        self._messages = messages
        self._db = database

    def write(self) -> None:
        """Write everything, sorted by key; the states of messages at the latest when the transaction ends."""
        later = self._messages.unwritten.add
        for entry in self.touched.values():
            later(entry, self.beside_message(entry))
        if self.earlier:
            flat: list[Any] = []
            for _, part in sorted(self.earlier.items()):
                flat += rows.part_row(part)
            self._db.many("write_parts", flat, rows.PART)
        if self.events:
            self._messages.insert_events(self.events)
        if self.suppressions:  # no cache holds them: each acceptance and each claim looks at the list
            add_suppressions(self._db, self.suppressions)
        if self.failures:
            Failures(self._db).add(self.failures)
        if self.over or self.over_no_more:
            self._messages.labels.keep_over(self.over.values(), self.over_no_more)
        if self.entries:
            Ledger(self._db).post(self.entries)
