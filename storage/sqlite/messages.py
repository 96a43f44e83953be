"""Messages and their parts: reading those that a verb is about, and writing what the verb has decided.

Rows are read once per verb and written once at its end, each kind with one statement: `Changes` gathers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.domain.event import Event
from gateway.domain.message import Message, PartRow, Step
from gateway.domain.suppression import Suppression
from storage import rows
from storage.sqlite.accounts import add_suppressions
from storage.sqlite.database import Database
from storage.sqlite.late import LateIndex
from storage.sqlite.recent import PartKey, Recent


@dataclass(slots=True)
class Loaded:
    """A message in the writer's hands, with all its parts."""

    message: Message
    parts: list[PartRow] = field(default_factory=list)
    latest: int = 0  #: the attempt whose parts stood beside the message when it was read
    number: int = 0  #: of its row, where the engine numbers them

    def take(self, changed: Iterable[PartRow]) -> None:
        """Put the part rows of a step into `parts`, so that the next decision of this transaction sees them."""
        if not self.parts:
            self.parts.extend(changed)
            return
        for row in changed:
            for index, known in enumerate(self.parts):
                if known is row or (known.part == row.part and known.attempt == row.attempt):
                    self.parts[index] = row
                    break
            else:
                self.parts.append(row)


class Messages:
    """The tables `messages`, `parts` and the insertion of `webhooks` rows."""

    def __init__(self, database: Database, recent: Recent, recipients: LateIndex) -> None:
        self._db = database
        self.recent = recent
        self.recipients = recipients

    def insert(self, messages: Sequence[Message]) -> None:
        """New messages, as they are."""
        flat: list[Any] = []
        for message in messages:
            flat += rows.message_row(message)
        last = self._db.insert("insert_messages", flat, rows.MESSAGE)
        for number, message in enumerate(messages, last - len(messages) + 1):
            self.recent.note(message, [], number)
        self.recipients.grow(len(messages))
        if self.recipients.has_enough():
            self.recipients.catch_up()

    def load(self, ids: Iterable[bytes]) -> dict[bytes, Loaded]:
        """The messages that exist among `ids`, with their parts."""
        loaded: dict[bytes, Loaded] = {}
        read: list[bytes] = []
        for message_id in set(ids):
            known = self.recent.message(message_id)
            if known is None:
                read.append(message_id)
            else:
                message, parts, number = known
                latest = _latest(parts) if message.attempts > 1 else 1
                loaded[message_id] = Loaded(message, parts, latest, number)
        if read:
            loaded |= self.of_rows(self._db.many("messages_by_id", sorted(read)))
        return loaded

    def of_rows(self, found: Iterable[rows.Row]) -> dict[bytes, Loaded]:
        """Messages of their rows, with all their parts: those of the latest attempt stand in the row."""
        loaded: dict[bytes, Loaded] = {}
        earlier: list[bytes] = []
        for row in found:
            message, parts = rows.message(row)
            loaded[message.id] = Loaded(message, parts, _latest(parts), row[0])
            if message.attempts > 1:
                earlier.append(message.id)
        for row in self._db.many("parts_of", sorted(earlier)):
            loaded[row[0]].parts.append(rows.part(row))
        for message_id in earlier:
            loaded[message_id].parts.sort(key=_order)
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


class Changes:
    """What the decisions of one verb have changed, written together at its end."""

    def __init__(self, messages: Messages, database: Database) -> None:
        self._messages = messages
        self._db = database
        self._touched: dict[bytes, Loaded] = {}
        self._earlier: dict[PartKey, PartRow] = {}
        self._events: list[Event] = []
        self._suppressions: list[Suppression] = []

    def take(self, loaded: Loaded, step: Step) -> None:
        """Keep one step."""
        self._touched[step.message.id] = loaded
        if step.parts:
            loaded.take(step.parts)
            if step.message.attempts > 1:
                for part in step.parts:
                    self._earlier[(part.message_id, part.attempt, part.part)] = part
        if step.events:
            self._events += step.events
        if step.suppress is not None:
            self._suppressions.append(step.suppress)

    def touch(self, loaded: Loaded) -> None:
        """Keep a message that was changed without a step."""
        self._touched[loaded.message.id] = loaded

    def write(self) -> None:
        """Write everything, sorted by key."""
        flat: list[Any] = []
        note = self._messages.recent.note
        for key in sorted(self._touched):
            entry = self._touched[key]
            flat.append(entry.number)
            flat += rows.message_state(entry.message, self._beside_message(entry))
            note(entry.message, entry.parts, entry.number)
        self._db.many("write_states", flat, rows.STATE + 1)
        if self._earlier:
            flat = []
            for _, part in sorted(self._earlier.items()):
                flat += rows.part_row(part)
            self._db.many("write_parts", flat, rows.PART)
        if self._events:
            self._messages.insert_events(self._events)
        if self._suppressions:  # no cache holds them: each acceptance and each claim looks at the list
            add_suppressions(self._db, self._suppressions)

    def _beside_message(self, entry: Loaded) -> list[PartRow]:
        """The parts that are written beside their message: those of the latest attempt. Those that stood there and
        belong to an earlier one now, or belonged to one and have changed, go into the table of parts."""
        if entry.message.attempts <= 1:
            return entry.parts
        latest = _latest(entry.parts)
        beside = []
        for part in entry.parts:
            key = (part.message_id, part.attempt, part.part)
            if part.attempt == latest:
                beside.append(part)
                self._earlier.pop(key, None)
            elif part.attempt == entry.latest:
                self._earlier[key] = part
        return beside


def _latest(parts: list[PartRow]) -> int:
    return max((part.attempt for part in parts), default=0)


def _order(part: PartRow) -> tuple[int, int]:
    return part.attempt, part.part
