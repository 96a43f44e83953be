"""Messages out: claims, the answers of carriers, and everything else that is decided message by message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.message import Answer, Step
from gateway.domain.words import Priority
from gateway.ports import (
    ClaimBatch,
    DecideAnswers,
    DecideMessage,
    DecideRecovery,
    Owner,
)
from storage import decisions, rows
from storage.decisions import Journal, Move
from storage.sqlite.accept import suppressed_among
from storage.sqlite.database import Database
from storage.sqlite.messages import Changes, Messages
from storage.sqlite.refs import Refs

Ask = tuple[str | None, int, Owner, datetime, Sequence[Priority]]
"""One claim: the operator, how many at most, for whom, the time, and the classes."""


class Dispatching:
    """The verbs of the dispatcher."""

    def __init__(self, database: Database, messages: Messages, refs: Refs) -> None:
        self._db = database
        self._messages = messages
        self._refs = refs

    def claim(self, calls: list[Sequence[Ask]]) -> list[ClaimBatch]:
        """One batch per call; see `Store.claim`."""
        return [self._claim(*ask) for call in calls for ask in call]

    def _claim(
        self, operator: str | None, limit: int, owner: Owner, now: datetime, classes: Sequence[Priority]
    ) -> ClaimBatch:
        at = rows.micros(now)
        due: list[rows.Row] = []
        for priority in classes:
            if len(due) < limit:
                due += self._db.all("due", operator, priority.value, at, limit - len(due))
        loaded = self._messages.of_rows(due)
        found = suppressed_among(self._db, (entry.message.recipient for entry in loaded.values()))
        changes = Changes(self._messages, self._db)
        claimed = decisions.claim(loaded.values(), owner, found, now, changes)
        changes.write()
        exhausted = len(claimed) < limit
        return ClaimBatch(claimed, exhausted, self._next_due(operator, at, classes) if exhausted else None)

    def _next_due(self, operator: str | None, after: int, classes: Sequence[Priority]) -> datetime | None:
        found = [self._db.one("next_due", operator, priority.value, after) for priority in classes]
        times = [row[0] for row in found if row is not None and row[0] is not None]
        return rows.moment(min(times)) if times else None

    def reassign(self, calls: list[Sequence[Move]]) -> list[int]:
        """How many of each call's messages still waited for the operator that they leave."""
        loaded = self._messages.load(move[0] for call in calls for move in call)
        changes = Changes(self._messages, self._db)
        counts = decisions.reassign(calls, loaded, changes)
        changes.write()
        return counts

    def record(self, calls: list[Sequence[Answer]], decide: DecideAnswers) -> list[list[Step]]:
        """The steps of each call; see `Store.record_answers`."""
        loaded = self._messages.load(answer.message_id for call in calls for answer in call)
        answers = [answer for call in calls for answer in call if answer.message_id in loaded]
        overtaken = self._refs.overtaken_by(answers)
        changes = Changes(self._messages, self._db)
        results = decisions.record(calls, loaded, overtaken, decide, changes)
        self._refs.bind(answers)
        changes.write()
        return results

    def change(self, calls: list[Sequence[bytes]], decide: DecideMessage) -> list[list[Step | None]]:
        """One step or None per id; see `Store.change`."""
        loaded = self._messages.load(message_id for call in calls for message_id in call)
        changes = Changes(self._messages, self._db)
        results = decisions.change(calls, loaded, decide, changes)
        changes.write()
        return results

    def recover(
        self, calls: list[Sequence[bytes]], owner: Owner, journal: Journal | None, decide: DecideRecovery
    ) -> list[int]:
        """Decide on the messages of other processes among each call's ids; how many there were."""
        loaded = self._messages.load(message_id for call in calls for message_id in call)
        changes = Changes(self._messages, self._db)
        counts = [
            decisions.recover(
                (loaded[message_id] for message_id in call if message_id in loaded),
                lambda number: number != owner.number,
                journal,
                decide,
                changes,
            )
            for call in calls
        ]
        changes.write()
        return counts
