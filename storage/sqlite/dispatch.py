"""Messages out: claims, the answers of carriers, and everything else that is decided message by message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.domain.message import Answer, Message, Step, Wait, advance, wait
from gateway.domain.outcome import Accepted
from gateway.domain.receipt import Receipt
from gateway.domain.words import Priority, Status
from gateway.ports import (
    ClaimBatch,
    Claimed,
    DecideAnswers,
    DecideMessage,
    DecideRecovery,
    Owner,
    Recovery,
)
from storage import rows
from storage.acceptance import is_suppressed
from storage.matching import Key
from storage.sqlite.accept import suppressed_among
from storage.sqlite.database import Database
from storage.sqlite.messages import Changes, Messages
from storage.sqlite.refs import Refs

Move = tuple[bytes, str | None, str | None, str | None]
"""(message id, from operator, to operator, route)."""


class Dispatching:
    """The verbs of the dispatcher."""

    def __init__(self, database: Database, messages: Messages, refs: Refs) -> None:
        self._db = database
        self._messages = messages
        self._refs = refs

    def claim(self, calls: list[Sequence[tuple[str | None, int, Owner, datetime]]]) -> list[ClaimBatch]:
        """One batch per call; see `Store.claim`."""
        return [self._claim(*ask) for call in calls for ask in call]

    def _claim(self, operator: str | None, limit: int, owner: Owner, now: datetime) -> ClaimBatch:
        at = rows.micros(now)
        due: list[rows.Row] = []
        for priority in Priority:
            if len(due) < limit:
                due += self._db.all("due", operator, priority.value, at, limit - len(due))
        loaded = self._messages.of_rows(due)
        found = suppressed_among(self._db, (entry.message.recipient for entry in loaded.values()))
        changes = Changes(self._messages, self._db)
        for entry in loaded.values():
            message = entry.message
            if message.status is Status.SCHEDULED:
                advance(message, Status.QUEUED, now)
            message.owner, message.token, message.next_at = owner.number, owner.token, None
            message.attempts += 1
            message.tries += 1
            changes.touch(entry)
        changes.write()
        exhausted = len(loaded) < limit
        return ClaimBatch(
            [Claimed(e.message, e.parts, is_suppressed(found, e.message)) for e in loaded.values()],
            exhausted,
            self._next_due(operator, at) if exhausted else None,
        )

    def _next_due(self, operator: str | None, after: int) -> datetime | None:
        found = [self._db.one("next_due", operator, priority.value, after) for priority in Priority]
        times = [row[0] for row in found if row is not None and row[0] is not None]
        return rows.moment(min(times)) if times else None

    def reassign(self, calls: list[Sequence[Move]]) -> list[int]:
        """How many of each call's messages still waited for the operator that they leave."""
        loaded = self._messages.load(move[0] for call in calls for move in call)
        changes = Changes(self._messages, self._db)
        counts = []
        for call in calls:
            count = 0
            for message_id, from_operator, to_operator, route in call:
                entry = loaded.get(message_id)
                if entry is None or not _waits_for(entry.message, from_operator):
                    continue
                message = entry.message
                assert message.next_at is not None
                wait(Step(message), Wait(to_operator, message.next_at))
                message.route = route
                changes.touch(entry)
                count += 1
            counts.append(count)
        changes.write()
        return counts

    def record(self, calls: list[Sequence[Answer]], decide: DecideAnswers) -> list[list[Step]]:
        """The steps of each call; see `Store.record_answers`. A message that two calls touch is decided for each."""
        loaded = self._messages.load(answer.message_id for call in calls for answer in call)
        answers = [answer for call in calls for answer in call if answer.message_id in loaded]
        overtaken = self._refs.overtaken_by(answers)
        changes = Changes(self._messages, self._db)
        results = []
        for call in calls:
            groups: dict[bytes, list[Answer]] = {}
            for answer in call:
                groups.setdefault(answer.message_id, []).append(answer)
            steps = []
            for message_id, its in groups.items():
                entry = loaded.get(message_id)
                if entry is None:
                    continue  # dropped by retention, or never here
                step = decide(entry.message, entry.parts, its, _receipts_of(its, overtaken))
                changes.take(entry, step)
                steps.append(step)
            results.append(steps)
        self._refs.bind(answers)
        changes.write()
        return results

    def change(self, calls: list[Sequence[bytes]], decide: DecideMessage) -> list[list[Step | None]]:
        """One step or None per id; see `Store.change`."""
        loaded = self._messages.load(message_id for call in calls for message_id in call)
        changes = Changes(self._messages, self._db)
        results: list[list[Step | None]] = []
        for call in calls:
            steps: list[Step | None] = []
            for message_id in call:
                entry = loaded.get(message_id)
                step = None if entry is None else decide(entry.message, entry.parts)
                if entry is not None and step is not None:
                    changes.take(entry, step)
                steps.append(step)
            results.append(steps)
        changes.write()
        return results

    def recover(
        self,
        calls: list[Sequence[bytes]],
        owner: Owner,
        journal: Mapping[tuple[bytes, int], list[tuple[int, int]]] | None,
        decide: DecideRecovery,
    ) -> list[int]:
        """Decide on the messages of other processes among each call's ids; how many there were."""
        loaded = self._messages.load(message_id for call in calls for message_id in call)
        changes = Changes(self._messages, self._db)
        counts = []
        for call in calls:
            count = 0
            for message_id in call:
                entry = loaded.get(message_id)
                if entry is None or entry.message.owner in (None, owner.number):
                    continue
                written = None if journal is None else journal.get((message_id, entry.message.attempts), [])
                changes.take(entry, decide(Recovery(entry.message, entry.parts, written)))
                count += 1
            counts.append(count)
        changes.write()
        return counts


def _waits_for(message: Message, operator: str | None) -> bool:
    """Whether it waits for the operator."""
    return message.next_at is not None and message.owner is None and message.operator == operator


def _receipts_of(answers: list[Answer], overtaken: dict[Key, list[Receipt]]) -> list[tuple[int, Receipt]]:
    """The receipts that overtook these answers, each once, with the index of its answer."""
    if not overtaken:
        return []
    found = []
    for index, answer in enumerate(answers):
        if isinstance(answer.outcome, Accepted):
            key = (answer.operator, answer.outcome.ref, answer.recipient)
            found += [(index, receipt) for receipt in overtaken.pop(key, ())]
    return found
