"""Messages in an engine's hands, and what the decisions of one verb have changed of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.domain.account import Env
from gateway.domain.event import Event
from gateway.domain.message import Message, PartRow, Step
from gateway.domain.money import Entry
from gateway.domain.suppression import Suppression
from gateway.domain.words import Status
from storage import rows

PartKey = tuple[bytes, int, int]
"""(message id, attempt, part)."""

FailureKey = tuple[int, str, Env]
"""(minute since 1970, account, environment) of messages that failed."""

_SENT = Status.SENT
_LOST = frozenset({Status.FAILED, Status.UNDELIVERABLE})


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


class Changes:
    """What is to be written together at the end of a verb; how is the engine's own."""

    def __init__(self) -> None:
        self.touched: dict[bytes, Loaded] = {}
        self.earlier: dict[PartKey, PartRow] = {}  #: for the table of parts
        self.events: list[Event] = []
        self.suppressions: list[Suppression] = []
        self.entries: list[Entry] = []
        self.over: dict[bytes, Message] = {}  #: those that are over as `sent`, to be found by it
        self.over_no_more: list[Message] = []  #: those that a receipt has moved from there
        self.failures: Counter[FailureKey] = Counter()  #: messages that ended failed or undeliverable

    def take(self, loaded: Loaded, step: Step) -> None:
        """Keep one step."""
        message = step.message
        step.waits = message.next_at is not None
        self.touched[message.id] = loaded
        if step.parts:
            loaded.take(step.parts)
            if message.attempts > 1:
                for part in step.parts:
                    self.earlier[(part.message_id, part.attempt, part.part)] = part
        if step.events:
            self.events += step.events
        if step.suppress is not None:
            self.suppressions.append(step.suppress)
        if step.entries:
            self.entries += step.entries
        if step.ended:
            if message.status is _SENT:
                self.over[message.id] = message
        elif step.passed and message.final_at is not None and not self.over.pop(message.id, None):
            self.over_no_more.append(message)
        if not _LOST.isdisjoint(step.passed):
            assert message.final_at is not None
            self.failures[rows.minutes(message.final_at), message.account, message.env] += 1

    def touch(self, loaded: Loaded) -> None:
        """Keep a message that was changed without a step."""
        self.touched[loaded.message.id] = loaded

    def beside_message(self, entry: Loaded) -> list[PartRow]:
        """The parts that are written beside their message: those of the latest attempt. Those that stood there and
        belong to an earlier one now, or belonged to one and have changed, go into the table of parts."""
        if entry.message.attempts <= 1:
            return entry.parts
        latest = latest_attempt(entry.parts)
        beside = []
        for part in entry.parts:
            key = (part.message_id, part.attempt, part.part)
            if part.attempt == latest:
                beside.append(part)
                self.earlier.pop(key, None)
            elif part.attempt == entry.latest:
                self.earlier[key] = part
        return beside


def latest_attempt(parts: list[PartRow]) -> int:
    """The latest attempt that has parts; 0: none has."""
    return max((part.attempt for part in parts), default=0)


def place_of(part: PartRow) -> tuple[int, int]:
    """Where it stands among the parts of its message."""
    return part.attempt, part.part
