"""Messages and their parts: reading those that a verb is about, and writing what the verb has decided.

Rows are read once per verb and written once at its end, each kind with one statement: `Changes` gathers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.domain.event import Event
from gateway.domain.message import Message, PartRow, Step
from storage.sqlite import rows
from storage.sqlite.database import Database


@dataclass(slots=True)
class Loaded:
    """A message in the writer's hands, with all its parts."""

    message: Message
    parts: list[PartRow] = field(default_factory=list)

    def take(self, changed: Iterable[PartRow]) -> None:
        """Put the part rows of a step into `parts`, so that the next decision of this transaction sees them."""
        for row in changed:
            if any(row is known for known in self.parts):
                continue
            for index, known in enumerate(self.parts):
                if known.part == row.part and known.attempt == row.attempt:
                    self.parts[index] = row
                    break
            else:
                self.parts.append(row)


class Messages:
    """The tables `messages`, `parts` and the insertion of `webhooks` rows."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def insert(self, messages: Sequence[Message]) -> None:
        """New messages, as they are."""
        flat: list[Any] = []
        for message in messages:
            flat += rows.message_facts(message)
            flat += rows.message_state(message)
        self._db.many("insert_messages", flat, rows.FACTS + rows.STATE)

    def load(self, ids: Iterable[bytes]) -> dict[bytes, Loaded]:
        """The messages that exist among `ids`, with their parts."""
        wanted = sorted(set(ids))
        loaded = {row[0]: Loaded(rows.message(row)) for row in self._db.many("messages_by_id", wanted)}
        self.load_parts(loaded)
        return loaded

    def load_parts(self, loaded: dict[bytes, Loaded]) -> None:
        """Read the parts of messages that can have any: before its first hand-over a message has none."""
        with_parts = [entry.message.id for entry in loaded.values() if entry.message.attempts]
        for row in self._db.many("parts_of", with_parts):
            loaded[row[0]].parts.append(rows.part(row))

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


class Changes:
    """What the decisions of one verb have changed, written together at its end."""

    def __init__(self, messages: Messages, database: Database) -> None:
        self._messages = messages
        self._db = database
        self._touched: dict[bytes, Message] = {}
        self._parts: dict[tuple[bytes, int, int], PartRow] = {}
        self._events: list[Event] = []

    def take(self, loaded: Loaded, step: Step) -> None:
        """Keep one step."""
        message = step.message
        self._touched[message.id] = message
        if step.parts:
            loaded.take(step.parts)
            for part in step.parts:
                self._parts[(part.message_id, part.attempt, part.part)] = part
        if step.events:
            self._events += step.events

    def touch(self, message: Message) -> None:
        """Keep a message that was changed without a step."""
        self._touched[message.id] = message

    def write(self) -> None:
        """Write everything, sorted by key."""
        if self._touched:
            flat: list[Any] = []
            for key in sorted(self._touched):
                flat.append(key)
                flat += rows.message_state(self._touched[key])
            self._db.many("write_states", flat, rows.STATE + 1)
        if self._parts:
            flat = []
            for _, part in sorted(self._parts.items()):
                flat += rows.part_row(part)
            self._db.many("write_parts", flat, rows.PART)
        if self._events:
            self._messages.insert_events(self._events)
