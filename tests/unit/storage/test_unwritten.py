"""States of messages that wait for the end of their transaction: written once, seen by everybody, undone whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.domain.message import Message, PartRow, Step, apply_receipt, latest
from gateway.domain.outcome import Accepted, Retry
from gateway.domain.receipt import Receipt
from gateway.domain.words import PartState, Reason, ReceiptEffect, Status
from storage.sqlite.connections import Writer
from storage.sqlite.dispatch import Dispatching
from storage.sqlite.messages import Messages
from storage.sqlite.refs import Refs
from tests.contract.made import answer, decide_answers, decide_receipt, message, receipt


class Rig:
    """A store in memory, its verbs, and the statements that its connection has run."""

    def __init__(self) -> None:
        self.writer = Writer(None)
        self.database = self.writer.database
        self.messages = Messages(self.database, self.writer.recent, self.writer.recipients)
        self.refs = Refs(self.database, self.messages, lambda _operator, ref: (ref,))
        self.dispatching = Dispatching(self.database, self.messages, self.refs)
        self.statements: list[str] = []
        self.writer.connection.set_trace_callback(self.statements.append)

    def inserted(self, count: int = 1) -> list[Message]:
        """Messages that are kept, in a transaction of their own."""
        kept = [message(attempts=1, part_count=1, recipient=f"+44770090{n:04}") for n in range(count)]
        self.writer.begin()
        self.messages.insert(kept)
        self.writer.commit()
        return kept

    def answer(self, m: Message, ref: str) -> None:
        """A carrier takes its only part."""
        self.dispatching.record([[answer(m, ref)]], decide_answers)

    def status(self, m: Message) -> str:
        """What stands in the row, whatever this process remembers."""
        query = "SELECT status FROM messages WHERE id = ?"
        return str(self.writer.connection.execute(query, (m.id,)).fetchone()[0])

    def updates(self) -> int:
        """How many statements have written states."""
        return sum("UPDATE OR ROLLBACK messages SET status" in statement for statement in self.statements)


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.writer.close()


def test_an_answer_and_its_receipt_in_one_transaction_write_the_message_once(rig: Rig) -> None:
    first, second = rig.inserted(2)
    rig.writer.begin()
    rig.dispatching.record([[answer(first, "r1"), answer(second, "r2")]], decide_answers)
    rig.refs.apply([[receipt(first, "r1"), receipt(second, "r2")]], decide_receipt)
    rig.writer.commit()
    assert rig.updates() == 1
    assert (rig.status(first), rig.status(second)) == (Status.DELIVERED, Status.DELIVERED)


def test_what_is_open_and_what_has_ended_are_written_by_a_statement_each(rig: Rig) -> None:
    first, second = rig.inserted(2)
    rig.writer.begin()
    rig.dispatching.record([[answer(first, "r1"), answer(second, "r2")]], decide_answers)
    rig.refs.apply([[receipt(first, "r1")]], decide_receipt)
    rig.writer.commit()
    assert rig.updates() == 2
    assert (rig.status(first), rig.status(second)) == (Status.DELIVERED, Status.SENT)


def test_a_step_tells_that_its_message_waits_as_it_was_kept(rig: Rig) -> None:
    # The message is sent on by a receipt before anybody has looked at its answer's step: it waits once, not twice.
    def sent_on(m: Message, rows: list[PartRow], row: PartRow, got: Receipt) -> tuple[Step, ReceiptEffect]:
        step = Step(m)
        return step, apply_receipt(step, latest(m, rows), row, got, lambda _message: "beta")

    together, later = rig.inserted(2)
    rig.writer.begin()
    ((taken,), (taken_too,)) = rig.dispatching.record(
        [[answer(together, "r1")], [answer(later, "r2")]], decide_answers
    )
    ((result,),) = rig.refs.apply([[receipt(together, "r1", PartState.UNDELIVERABLE)]], sent_on)
    rig.writer.commit()
    rig.writer.begin()
    ((result_later,),) = rig.refs.apply([[receipt(later, "r2", PartState.UNDELIVERABLE)]], sent_on)
    rig.writer.commit()
    for step, following in ((taken, result.step), (taken_too, result_later.step)):
        assert following is not None
        assert (step.waits, following.waits) == (False, True)
        assert following.message.next_at is not None
        assert following.message.operator == "beta"


def test_who_looks_at_messages_sees_what_is_owed(rig: Rig) -> None:
    (m,) = rig.inserted()
    rig.writer.begin()
    rig.answer(m, "r1")
    assert rig.updates() == 0
    (loaded,) = rig.messages.of_rows(rig.database.many("messages_by_id", [m.id])).values()
    assert loaded.message.status is Status.SENT
    assert [part.ref for part in loaded.parts] == ["r1"]
    rig.refs.apply([[receipt(m, "r1")]], decide_receipt)  # what is owed again is written again
    rig.writer.commit()
    assert rig.status(m) == Status.DELIVERED


def test_parts_of_every_attempt_are_kept_when_one_transaction_has_them_all(rig: Rig) -> None:
    (m,) = rig.inserted()
    rig.writer.begin()
    for attempt in (1, 2, 3):
        outcome = Retry(Reason.BUSY, "busy") if attempt < 3 else Accepted("r3")
        rig.dispatching.record([[answer(m, outcome, attempt=attempt)]], decide_answers)
    rig.writer.commit()
    rig.writer.recent.clear()
    (loaded,) = rig.messages.load([m.id]).values()
    assert [(part.attempt, part.state) for part in loaded.parts] == [
        (1, PartState.RETURNED),
        (2, PartState.RETURNED),
        (3, PartState.ACCEPTED),
    ]


@pytest.mark.parametrize("ask", ["one", "all", "run", "many"])
def test_every_way_to_ask_sees_it(rig: Rig, ask: str) -> None:
    (m,) = rig.inserted()
    rig.writer.begin()
    rig.answer(m, "r1")
    if ask == "run":
        rig.database.run("late_recipients_catch_up", 0)
    elif ask == "many":
        rig.database.many("messages_by_id", [m.id])
    else:
        getattr(rig.database, ask)("overdue", 0, 1)
    assert rig.status(m) == Status.SENT
    rig.writer.rollback()


def test_what_is_rolled_back_is_owed_no_more(rig: Rig) -> None:
    (m,) = rig.inserted()
    rig.writer.begin()
    rig.answer(m, "r1")
    rig.writer.rollback()
    rig.writer.begin()
    rig.writer.commit()
    assert rig.status(m) == Status.QUEUED
    assert rig.updates() == 0
