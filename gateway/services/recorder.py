"""Outcomes on their way into the store: gathered while a commit runs, written in batches, never lost.

Until an answer is recorded its part would be in doubt after a crash; `unrecorded` counts them, and at
`max_unrecorded` operators stop writing (DESIGN.md, promise 2).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from gateway.domain.message import (
    Answer,
    Message,
    PartRow,
    Step,
    Then,
    apply_answer,
    apply_receipt,
    latest,
    settle,
    split_anew,
)
from gateway.domain.receipt import Receipt
from gateway.errors import StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import AnswerStore, Clock, Journal
from gateway.services.ends import after_commit
from gateway.services.events import Announcer
from gateway.services.webhooks import Webhooks

log = structlog.get_logger("gateway.recorder")

_T = TypeVar("_T")

STORE_PAUSE_S = 0.5  #: between tries while the store is down


@dataclass(slots=True)
class Change:
    """Something that ends a message's stay in this process without an answer: it is released, opted out, expired.

    `unwritten`: nothing of the present attempt was written, so the attempt did not happen. `split_anew`: the parts
    of earlier attempts do not go with those that will be written.
    """

    message_id: bytes
    attempt: int
    then: Then
    unwritten: bool = False
    split_anew: bool = False


class Recorder:
    """The way of outcomes and changes into the store. One batch is under way at a time."""

    def __init__(
        self,
        store: AnswerStore,
        journal: Journal,
        announcer: Announcer,
        webhooks: Webhooks,
        metrics: Metrics,
        clock: Clock,
        another: Callable[[Message], str | None],
        on_waiting: Callable[[Message], None],
        on_room: Callable[[], None],
    ) -> None:
        self._store = store
        self._journal = journal
        self._another = another
        self._announcer = announcer
        self._webhooks = webhooks
        self._metrics = metrics
        self._clock = clock
        self._on_waiting = on_waiting
        self._on_room = on_room
        self._answers: list[Answer] = []
        self._changes: dict[bytes, Change] = {}
        # On their way into the store.
        self._answers_under_way: Sequence[Answer] = ()
        self._changes_under_way: Mapping[bytes, Change] = {}
        self._busy = False
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._held = False
        self._holding = False
        self.max_unrecorded = 0

    @property
    def unrecorded(self) -> int:
        """Answers that carriers have given and that the store does not hold yet."""
        return len(self._answers) + len(self._answers_under_way)

    def pending(self) -> set[bytes]:
        """Ids of the messages of which the store does not know yet what was told here."""
        answered = {answer.message_id for answer in (*self._answers, *self._answers_under_way)}
        return answered | self._changes.keys() | self._changes_under_way.keys()

    def may_write(self) -> bool:
        """Whether operators may write more; `on_room` is called when they may again."""
        if self.unrecorded < self.max_unrecorded and not self._holding:
            return True
        self._held = True
        return False

    def hold(self, holding: bool) -> None:
        """While the store hangs operators write nothing."""
        if holding is self._holding:
            return
        self._holding = holding
        if self._held and not holding:
            self._held = False
            self._on_room()

    def answer(self, answer: Answer) -> None:
        """Record an answer, soon."""
        if not self._answers:
            self._begin()
        self._answers.append(answer)

    def change(self, change: Change) -> None:
        """Record a change, soon."""
        if not self._changes:
            self._begin()
        self._changes[change.message_id] = change

    def _begin(self) -> None:
        """Something comes where nothing waited; while `run` is busy it looks by itself."""
        if not self._busy:
            self._idle.clear()
            self._work.set()

    async def settled(self) -> None:
        """Wait until nothing is on its way."""
        await self._idle.wait()

    async def run(self) -> None:
        """Write what comes, until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            self._busy = True
            while self._answers or self._changes:
                await self._write_answers()
                await self._write_changes()
            self._busy = False
            self._idle.set()

    async def _write_answers(self) -> None:
        answers, self._answers = self._answers, []
        if not answers:
            return
        self._answers_under_way = answers
        steps = await self._until_kept(lambda: self._store.record_answers(answers, self.decide_answers))
        self._answers_under_way = ()
        self._journal.recorded([(a.message_id, a.attempt, a.part) for a in answers])
        self._follow(steps)
        if self._held:
            self._held = False
            self._on_room()

    async def _write_changes(self) -> None:
        changes, self._changes = self._changes, {}
        if not changes:
            return
        self._changes_under_way = changes

        def decide(message: Message, rows: list[PartRow]) -> Step | None:
            return self._decide_change(message, rows, changes[message.id])

        steps = await self._until_kept(lambda: self._store.change(list(changes), decide))
        self._changes_under_way = {}
        self._follow([step for step in steps if step is not None])

    async def _until_kept(self, write: Callable[[], Awaitable[_T]]) -> _T:
        """Try until the store takes it: what a carrier has answered must not be forgotten."""
        while True:
            try:
                return await write()
            except StoreUnavailable as error:
                log.error("outcomes wait for the store", error=str(error), unrecorded=self.unrecorded)
                await asyncio.sleep(STORE_PAUSE_S)

    def decide_answers(
        self,
        message: Message,
        rows: list[PartRow],
        answers: list[Answer],
        early: list[tuple[int, Receipt]],
    ) -> Step:
        """What the answers of one message, and receipts that overtook them, make of it (pure)."""
        step = Step(message)
        current = latest(message, rows)
        then: Then | None = None
        now = answers[-1].at
        for answer in answers:
            apply_answer(step, current, answer, rows)
            if answer.attempt == message.attempts >= message.since:
                then = answer.then or then
        for index, receipt in early:
            row = _row_of(answers[index], step.parts)
            if row is not None:
                apply_receipt(step, current, row, receipt, self._another)
                if row.attempt < message.since:  # the receipt has moved the message on
                    then = None
                    current = latest(message, step.parts)
        settle(step, current, then, now)
        self._announcer.announce(step, now)
        return step

    def _decide_change(self, message: Message, rows: list[PartRow], change: Change) -> Step | None:
        if message.over or message.attempts != change.attempt:
            return None
        step = Step(message)
        now = self._clock()
        if change.unwritten and message.attempts:
            message.attempts -= 1
        if change.split_anew:
            split_anew(message)
        settle(step, latest(message, rows), change.then, now)
        self._announcer.announce(step, now)
        return step

    def _follow(self, steps: Sequence[Step]) -> None:
        """After the commit: deliver the events, and tell who waits in the store now."""
        after_commit(steps, self._webhooks, self._metrics)
        for step in steps:
            if step.waits:
                self._on_waiting(step.message)


def _row_of(answer: Answer, rows: Sequence[PartRow]) -> PartRow | None:
    """The row that an answer has made or found."""
    for row in rows:
        if row.attempt == answer.attempt and row.part == answer.part:
            return row
    return None
