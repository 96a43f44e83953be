"""The message state machine: its table, its folds, and any order of answers and receipts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.message import (
    FINAL,
    TRANSITIONS,
    Answer,
    End,
    Message,
    PartRow,
    Step,
    Wait,
    advance,
    apply_answer,
    apply_receipt,
    end,
    latest,
    pair_in_doubt,
    settle,
)
from gateway.domain.money import Charge, Kind
from gateway.domain.outcome import (
    Accepted,
    Doubt,
    NextRoute,
    Outcome,
    Refused,
    Retry,
    SessionFault,
    Throttled,
)
from gateway.domain.receipt import Receipt
from gateway.domain.words import (
    RECEIPTED,
    WITH_CARRIER,
    PartState,
    Priority,
    Reason,
    ReceiptEffect,
    Status,
)

NOW = datetime(2026, 4, 18, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def a_message(parts: int = 1, **changes: object) -> Message:
    """A claimed message of so many parts, first attempt."""
    message = Message(
        ids.new_id(NOW),
        "acme",
        Env.LIVE,
        "orchestrator",
        "+447700900999",
        "+447700900123",
        "hello",
        parts,
        Priority.TRANSACTIONAL,
        NOW,
        NOW + timedelta(hours=72),
        operator="alpha",
        route="uk",
        attempts=1,
        tries=1,
        part_count=parts,
        owner=1,
    )
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def an_answer(message: Message, part: int, outcome: Outcome, then: Wait | End | None = None) -> Answer:
    """An answer of the message's present attempt."""
    return Answer(
        message.id,
        message.attempts,
        part,
        message.part_count,
        "alpha",
        "uk",
        message.sender,
        message.recipient,
        outcome,
        NOW,
        then,
    )


def a_receipt(state: PartState | None, ref: str = "r1", reason: Reason | None = None) -> Receipt:
    """A receipt for the usual address pair."""
    return Receipt("alpha", ref, "+447700900999", "+447700900123", state, reason, "stat", NOW)


def a_row(message: Message, part: int, state: PartState, attempt: int = 1) -> PartRow:
    """A part row of the message."""
    return PartRow(message.id, attempt, part, "alpha", state, f"r{part}", None, NOW)


class TestTheTable:
    """`advance` is the table and nothing else."""

    @pytest.mark.parametrize("start", list(Status))
    @pytest.mark.parametrize("to", list(Status))
    def test_moves_exactly_as_the_table_says(self, start: Status, to: Status) -> None:
        message = a_message(status=start)
        allowed = to in TRANSITIONS[start]
        assert advance(message, to, NOW, Reason.UNKNOWN) is allowed
        assert message.status is (to if allowed else start)

    def test_an_illegal_move_changes_nothing(self) -> None:
        message = a_message(status=Status.DELIVERED, final_at=NOW)
        before = repr(message)
        assert not advance(message, Status.SENT, NOW)
        assert repr(message) == before

    def test_a_final_status_ends_ownership_and_wait(self) -> None:
        message = a_message(next_at=NOW, doubt=True)
        assert advance(message, Status.FAILED, NOW, Reason.NO_ROUTE)
        assert (message.owner, message.next_at, message.doubt) == (None, None, False)
        assert message.final_at == NOW

    def test_every_final_status_has_no_way_out(self) -> None:
        assert {Status.DELIVERED, Status.UNDELIVERABLE, Status.FAILED, Status.CANCELED} == FINAL


class TestAnswers:
    """What outcomes make of a message."""

    def test_one_part_accepted_is_sent(self) -> None:
        message = a_message()
        step, current = Step(message), latest(message, [])
        apply_answer(step, current, an_answer(message, 1, Accepted("x1")))
        settle(step, current, None, NOW)
        assert step.passed == [Status.SENT]
        assert message.owner is None
        assert message.processed_at == NOW
        assert [(row.part, row.state, row.ref) for row in step.parts] == [(1, PartState.ACCEPTED, "x1")]

    def test_sent_means_that_the_carrier_took_every_part(self) -> None:
        message = a_message(3)
        step, current = Step(message), latest(message, [])
        for part in (1, 3):
            apply_answer(step, current, an_answer(message, part, Accepted(f"x{part}")))
        settle(step, current, None, NOW)
        assert step.passed == []
        assert message.owner == 1
        apply_answer(step, current, an_answer(message, 2, Accepted("x2")))
        settle(step, current, None, NOW)
        assert step.passed == [Status.SENT]

    def test_a_passing_fault_puts_it_back(self) -> None:
        message = a_message()
        step, current = Step(message), latest(message, [])
        later = NOW + timedelta(seconds=5)
        answer = an_answer(message, 1, Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR"), Wait("alpha", later))
        apply_answer(step, current, answer)
        settle(step, current, answer.then, NOW)
        assert message.status is Status.QUEUED
        assert (message.owner, message.next_at, message.tries) == (None, later, 1)
        assert message.error is not None
        assert message.error.operator_error == "ESME_RSYSERR"
        assert current[1].state is PartState.RETURNED

    def test_the_next_operator_splits_anew(self) -> None:
        message = a_message(2)
        step, current = Step(message), latest(message, [])
        first = an_answer(message, 1, NextRoute(Reason.CARRIER_ERROR, "ESME_RINVSERTYP"))
        then = Wait("beta", NOW, left="alpha")
        last = an_answer(message, 2, NextRoute(Reason.CARRIER_ERROR, "ESME_RINVSERTYP"), then)
        apply_answer(step, current, first)
        apply_answer(step, current, last)
        settle(step, current, then, NOW)
        assert (message.operator, message.tried, message.tries) == ("beta", ("alpha",), 0)
        assert message.since == 2
        assert latest(message, step.parts) == {}

    def test_a_refusal_is_final(self) -> None:
        message = a_message()
        step, current = Step(message), latest(message, [])
        then = End(Reason.INVALID_NUMBER, "refused by alpha", "ESME_RINVDSTADR")
        apply_answer(
            step, current, an_answer(message, 1, Refused(Reason.INVALID_NUMBER, "ESME_RINVDSTADR"), then)
        )
        settle(step, current, then, NOW)
        assert (message.status, message.reason) == (Status.UNDELIVERABLE, Reason.INVALID_NUMBER)

    def test_a_late_answer_in_the_same_step_is_the_only_row(self) -> None:
        message = a_message()
        step, current = Step(message), latest(message, [])
        for outcome in (Doubt("no answer"), Accepted("r1")):
            apply_answer(step, current, an_answer(message, 1, outcome))
        settle(step, current, None, NOW)
        assert [(row.part, row.state, row.ref) for row in step.parts] == [(1, PartState.ACCEPTED, "r1")]
        assert current == {1: step.parts[0]}
        assert (message.doubt, message.status) == (False, Status.SENT)

    def test_a_late_answer_ends_the_doubt(self) -> None:
        message = a_message()
        step, current = Step(message), latest(message, [])
        then = Wait("alpha", NOW + timedelta(seconds=300))
        apply_answer(step, current, an_answer(message, 1, Doubt("no answer"), then))
        settle(step, current, then, NOW)
        assert (message.doubt, message.status, message.processed_at) == (True, Status.QUEUED, None)
        apply_answer(step, current, an_answer(message, 1, Accepted("x9")))
        settle(step, current, None, NOW)
        assert (message.doubt, message.status, message.next_at) == (False, Status.SENT, None)

    def test_a_decision_that_was_overtaken_is_dropped(self) -> None:
        message = a_message()
        step, current = Step(message), {1: a_row(message, 1, PartState.DELIVERED)}
        settle(step, current, Wait("alpha", NOW), NOW)
        assert message.status is Status.DELIVERED
        assert message.next_at is None


class TestReceipts:
    """What receipts make of a message."""

    def test_delivered(self) -> None:
        message = a_message(status=Status.SENT, owner=None)
        row = a_row(message, 1, PartState.ACCEPTED)
        step = Step(message)
        effect = apply_receipt(step, {1: row}, row, a_receipt(PartState.DELIVERED))
        assert effect is ReceiptEffect.APPLIED
        assert step.passed == [Status.DELIVERED]

    def test_a_repeated_one_changes_nothing(self) -> None:
        message = a_message(status=Status.DELIVERED, owner=None)
        row = a_row(message, 1, PartState.DELIVERED)
        step = Step(message)
        assert apply_receipt(step, {1: row}, row, a_receipt(PartState.FAILED)) is ReceiptEffect.REPEATED
        assert (step.passed, step.parts) == ([], [])
        assert row.state is PartState.DELIVERED

    @pytest.mark.parametrize("order", [(1, 2), (2, 1)])
    def test_one_part_speaks_for_those_that_were_not_asked_about(self, order: tuple[int, int]) -> None:
        """Also where its receipt comes before the other's answer."""
        message = a_message(2)
        step = Step(message)
        current: dict[int, PartRow] = {}
        for part in order:
            apply_answer(step, current, an_answer(message, part, Accepted(f"r{part}", receipt=part == 2)))
            if part == 2:
                apply_receipt(step, current, current[2], a_receipt(PartState.DELIVERED, "r2"))
        settle(step, current, None, NOW)
        assert (message.status, current[1].state) == (Status.DELIVERED, PartState.SILENT)

    @pytest.mark.parametrize("state", [PartState.DELIVERED, PartState.UNDELIVERABLE, PartState.FAILED])
    def test_one_that_comes_though_none_was_asked_for_moves_what_was_over(self, state: PartState) -> None:
        """And that is no second end, nor does anybody else send it."""
        message = a_message(1, charge=Charge(Decimal(1), Decimal(1), "EUR", refundable=True))
        current = sent_without_receipts(message)
        step = Step(message)
        receipt = replace(a_receipt(state, reason=Reason.ABSENT), at=LATER)
        assert apply_receipt(step, current, current[1], receipt, lambda _: "beta") is ReceiptEffect.APPLIED
        assert (message.status.value, message.final_at) == (state.name.lower(), LATER)
        assert (message.operator, message.next_at, step.ended) == ("alpha", None, False)
        refunds = [] if state is PartState.DELIVERED else [Kind.REFUND]
        assert [entry.kind for entry in step.entries] == refunds

    def test_a_receipt_that_nobody_asked_for_counts(self) -> None:
        message = a_message(2, status=Status.SENT, owner=None)
        rows = {1: a_row(message, 1, PartState.SILENT), 2: a_row(message, 2, PartState.ACCEPTED)}
        step = Step(message)
        receipt = a_receipt(PartState.UNDELIVERABLE, "r1", Reason.BLOCKED)
        assert apply_receipt(step, rows, rows[1], receipt) is ReceiptEffect.APPLIED
        assert (message.status, message.reason) == (Status.UNDELIVERABLE, Reason.BLOCKED)

    def test_one_of_the_first_carrier_is_too_late_when_all_was_sent_again_without(self) -> None:
        """`resplit_on_failover`: one part was with a carrier that reports, and then all with one that does not."""
        message = a_message(2)
        step = Step(message)
        current: dict[int, PartRow] = {}
        apply_answer(step, current, an_answer(message, 1, Accepted("r1")))
        apply_answer(step, current, an_answer(message, 2, NextRoute(Reason.CARRIER_ERROR, "8")))
        settle(step, current, Wait("beta", NOW, left="alpha"), NOW)
        first = step.parts[0]
        assert (message.status, message.over) == (Status.QUEUED, False)
        claim(message, 2)
        again = sent_without_receipts(message)
        assert (message.status, message.final_at) == (Status.SENT, NOW)
        apply_receipt(Step(message), again, first, a_receipt(PartState.FAILED), lambda _: "gamma")
        assert (message.status, message.final_at) == (Status.SENT, NOW)

    def test_undelivered_by_one_and_taken_without_receipts_by_the_next(self) -> None:
        message = a_message(status=Status.SENT, owner=None)
        row = a_row(message, 1, PartState.ACCEPTED)
        receipt = a_receipt(PartState.FAILED, reason=Reason.ABSENT)
        apply_receipt(Step(message), {1: row}, row, receipt, lambda _: "beta")
        claim(message, 1)
        sent_without_receipts(message)
        assert (message.status, message.final_at, message.owner) == (Status.SENT, NOW, None)

    def test_one_part_undelivered_ends_the_message(self) -> None:
        message = a_message(2, status=Status.SENT, owner=None)
        rows = {part: a_row(message, part, PartState.ACCEPTED) for part in (1, 2)}
        step = Step(message)
        receipt = a_receipt(PartState.UNDELIVERABLE, reason=Reason.EXPIRED)
        apply_receipt(step, rows, rows[2], receipt)
        assert (message.status, message.reason) == (Status.UNDELIVERABLE, Reason.EXPIRED)
        assert apply_receipt(step, rows, rows[1], a_receipt(PartState.DELIVERED)) is ReceiptEffect.APPLIED
        assert message.status is Status.UNDELIVERABLE

    def test_an_intermediate_one_is_no_end(self) -> None:
        message = a_message(status=Status.SENT, owner=None)
        row = a_row(message, 1, PartState.ACCEPTED)
        assert apply_receipt(Step(message), {1: row}, row, a_receipt(None)) is ReceiptEffect.INTERMEDIATE
        assert message.status is Status.SENT

    def test_undelivered_with_another_operator_left_stays_open(self) -> None:
        message = a_message(status=Status.SENT, owner=None)
        row = a_row(message, 1, PartState.ACCEPTED)
        step = Step(message)
        receipt = a_receipt(PartState.FAILED, reason=Reason.ABSENT)
        apply_receipt(step, {1: row}, row, receipt, lambda _: "beta")
        assert step.passed == []
        assert (message.status, message.operator, message.next_at) == (Status.SENT, "beta", NOW)
        assert row.state is PartState.FAILED

    def test_a_part_in_doubt_whose_receipt_came_is_delivered_from_queued(self) -> None:
        message = a_message(doubt=True, owner=None, next_at=NOW)
        row = a_row(message, 1, PartState.DOUBT)
        step = Step(message)
        apply_receipt(step, {1: row}, row, a_receipt(PartState.DELIVERED))
        assert step.passed == [Status.DELIVERED]


class TestWithoutReceipts:
    """A carrier took it who was asked for no receipt of any of its parts."""

    def test_it_is_over_when_all_of_it_is_sent(self) -> None:
        message = a_message(2, charge=Charge(Decimal(1), Decimal(1), "EUR", refundable=True))
        step = Step(message)
        current: dict[int, PartRow] = {}
        apply_answer(step, current, an_answer(message, 1, Accepted("r1", receipt=False)))
        settle(step, current, None, NOW)
        assert (message.status, message.over, step.ended) == (Status.QUEUED, False, False)
        apply_answer(step, current, an_answer(message, 2, Accepted("r2", receipt=False)))
        settle(step, current, None, NOW)
        assert (message.status, message.final_at, message.reason) == (Status.SENT, NOW, None)
        assert (message.owner, message.next_at) == (None, None)
        assert (step.passed, step.ended) == ([Status.SENT], True)
        assert [entry.kind for entry in step.entries] == [Kind.SETTLEMENT]

    def test_not_where_one_part_speaks_for_the_others(self) -> None:
        message = a_message(2)
        step = Step(message)
        current: dict[int, PartRow] = {}
        for part in (1, 2):
            apply_answer(step, current, an_answer(message, part, Accepted(f"r{part}", receipt=part == 2)))
        settle(step, current, None, NOW)
        assert (message.status, message.over, step.ended) == (Status.SENT, False, False)

    def test_not_while_one_part_is_in_doubt(self) -> None:
        message = a_message(2)
        step = Step(message)
        current: dict[int, PartRow] = {}
        apply_answer(step, current, an_answer(message, 1, Accepted("r1", receipt=False)))
        apply_answer(step, current, an_answer(message, 2, Doubt("lost")))
        settle(step, current, Wait("alpha", NOW), NOW)
        assert (message.status, message.over) == (Status.QUEUED, False)

    def test_a_second_look_and_a_late_answer_change_nothing(self) -> None:
        message = a_message(1)
        current = sent_without_receipts(message)
        step = Step(message)
        apply_answer(step, current, an_answer(message, 1, Retry(Reason.CARRIER_ERROR, "8")))
        settle(step, current, End(Reason.UNCONFIRMED, "no"), LATER)
        assert (message.status, message.final_at, message.error) == (Status.SENT, NOW, None)
        assert (step.passed, step.ended) == ([], False)

    def test_nobody_ends_it_undelivered(self) -> None:
        """Not by its validity, nor by hand: it is told as sent, and paid."""
        message = a_message(1, charge=Charge(Decimal(1), Decimal(1), "EUR", refundable=True))
        sent_without_receipts(message)
        step = Step(message)
        assert not end(step, End(Reason.EXPIRED, "too late"), LATER)
        assert (message.status, message.final_at, message.error) == (Status.SENT, NOW, None)
        assert (step.passed, step.entries, step.ended, step.illegal) == ([], [], False, 1)

    def test_the_answer_to_an_earlier_writing_is_no_error_of_it(self) -> None:
        message = a_message(1)
        message.attempts = 2
        current = sent_without_receipts(message)
        late = replace(an_answer(message, 1, Retry(Reason.CARRIER_ERROR, "8")), attempt=1)
        step = Step(message)
        apply_answer(step, current, late)
        settle(step, current, None, LATER)
        assert (message.status, message.final_at, message.error) == (Status.SENT, NOW, None)

    def test_its_receipt_may_overtake_the_answer(self) -> None:
        message = a_message(1)
        step = Step(message)
        current: dict[int, PartRow] = {}
        apply_answer(step, current, an_answer(message, 1, Accepted("r1", receipt=False)))
        apply_receipt(step, current, current[1], a_receipt(PartState.DELIVERED))
        settle(step, current, None, NOW)
        assert (message.status, step.passed) == (Status.DELIVERED, [Status.SENT, Status.DELIVERED])


def claim(message: Message, parts: int) -> None:
    """It is in hand again, for the next operator, as so many parts."""
    message.attempts += 1
    message.owner, message.next_at, message.part_count = 1, None, parts


def sent_without_receipts(message: Message) -> dict[int, PartRow]:
    """The rows of a message in hand after a carrier took all of it, and will tell nothing more."""
    step = Step(message)
    current: dict[int, PartRow] = {}
    for part in range(1, message.part_count + 1):
        apply_answer(step, current, an_answer(message, part, Accepted(f"s{part}", receipt=False)))
    settle(step, current, None, NOW)
    return current


OUTCOMES: st.SearchStrategy[Outcome] = st.sampled_from(
    [
        Accepted("ref"),
        Accepted("ref", receipt=False),
        Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR"),
        NextRoute(Reason.CARRIER_ERROR, "ESME_RSUBMITFAIL"),
        Refused(Reason.INVALID_NUMBER, "ESME_RINVDSTADR"),
        SessionFault("gone"),
        Doubt("no answer"),
        Throttled(1.0, "ESME_RTHROTTLED"),
    ]
)
THENS = st.one_of(
    st.none(),
    st.builds(Wait, st.sampled_from(["alpha", "beta"]), st.just(NOW), st.sampled_from([None, "alpha"])),
    st.builds(End, st.sampled_from(list(Reason)), st.just("ended")),
)
STATES = st.sampled_from([None, PartState.DELIVERED, PartState.UNDELIVERABLE, PartState.FAILED])
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.integers(1, 3), OUTCOMES, THENS),
        st.tuples(st.just("receipt"), st.integers(1, 3), STATES, st.none()),
        st.tuples(st.just("claim"), st.just(0), st.none(), st.none()),
    ),
    max_size=25,
)


@given(EVENTS)
def test_any_order_of_events_keeps_the_rules(
    events: list[tuple[str, int, object, Wait | End | None]],
) -> None:
    """Whatever comes: only legal moves, a final status stays, receipts stay, what is over neither waits nor is held
    and ends once, and delivered means that every part was. `sent` is the end exactly where no receipt was asked for any
    part, and from there only a receipt moves it on."""
    message = a_message(3)
    rows: list[PartRow] = []
    for kind, number, what, then in events:
        before, was_over, settled = (
            message.status,
            message.over,
            [row for row in rows if row.state in RECEIPTED],
        )
        states = [row.state for row in settled]
        step = Step(message)
        current = latest(message, rows)
        if kind == "claim":
            if not message.over and message.owner is None and message.next_at is not None:
                message.attempts, message.tries = message.attempts + 1, message.tries + 1
                message.owner, message.next_at = 1, None
                message.part_count = message.part_count or 3
            continue
        if kind == "answer":
            assert what is not None
            answer = an_answer(message, number, what, then)  # type: ignore[arg-type]
            apply_answer(step, current, answer)
            settle(step, current, then, NOW)
        elif number in current:
            assert what is None or isinstance(what, PartState)
            apply_receipt(step, current, current[number], a_receipt(what, reason=Reason.ABSENT))
        rows.extend(row for row in step.parts if not any(known is row for known in rows))
        walk = before
        for status in step.passed:
            assert status in TRANSITIONS[walk]
            walk = status
        assert walk is message.status
        assert [row.state for row in settled] == states
        if message.over:
            assert (message.owner, message.next_at, message.doubt) == (None, None, False)
        assert step.ended is (message.over and not was_over)
        assert message.over is (message.status in FINAL) or message.status is Status.SENT
        now = latest(message, rows)
        if was_over:
            assert message.over
            assert kind == "receipt" or message.status is before
        if message.status is Status.SENT:
            told = {row.state for row in now.values()}
            assert message.over is (len(now) >= message.part_count > 0 and told == {PartState.SILENT})
        if message.status is Status.DELIVERED:
            assert len(now) >= message.part_count
            assert all(row.state in WITH_CARRIER for row in now.values())


class TestPairInDoubt:
    """Promise 2: a receipt with an unknown ref is taken for a part in doubt only when nothing is guessed."""

    def test_exactly_one_fits(self) -> None:
        row = a_row(a_message(), 1, PartState.DOUBT)
        receipt = a_receipt(PartState.DELIVERED)
        assert pair_in_doubt([row], [receipt]) == [(row, receipt)]

    def test_two_messages_to_one_person_are_not_guessed(self) -> None:
        rows = [a_row(a_message(), 1, PartState.DOUBT), a_row(a_message(), 1, PartState.ACCEPTED)]
        assert pair_in_doubt(rows, [a_receipt(PartState.DELIVERED)]) == []

    def test_all_of_one_message_in_order(self) -> None:
        message = a_message(2)
        rows = [a_row(message, 1, PartState.DOUBT), a_row(message, 2, PartState.DOUBT)]
        receipts = [a_receipt(PartState.DELIVERED, "a"), a_receipt(PartState.FAILED, "b")]
        assert pair_in_doubt(rows, receipts) == list(zip(rows, receipts, strict=True))
        assert pair_in_doubt(rows, receipts[:1]) == []

    def test_nothing_in_doubt_nothing_taken(self) -> None:
        row = a_row(a_message(), 1, PartState.ACCEPTED)
        assert pair_in_doubt([row], [a_receipt(PartState.DELIVERED)]) == []

    def test_our_own_reference_decides(self) -> None:
        rows = [a_row(a_message(), 1, PartState.DOUBT), a_row(a_message(), 1, PartState.DOUBT)]
        receipt = a_receipt(PartState.DELIVERED)
        receipt.user_reference = ids.user_reference(rows[1].message_id, 1)
        assert pair_in_doubt(rows, [receipt]) == [(rows[1], receipt)]


class TestASecondWriting:
    """A part in doubt is written again, and the first writing's word may come last."""

    def two_attempts(self) -> tuple[Message, list[PartRow]]:
        """Written twice: in doubt, then refused for a passing fault."""
        message = a_message(attempts=2, tries=2)
        return message, [a_row(message, 1, PartState.DOUBT), a_row(message, 1, PartState.RETURNED, 2)]

    def test_the_first_writing_was_taken_after_all(self) -> None:
        message, rows = self.two_attempts()
        message.next_at, message.owner = NOW, None
        step, current = Step(message), latest(message, rows)
        late = an_answer(message, 1, Accepted("x1"))
        late.attempt = 1
        apply_answer(step, current, late, rows)
        settle(step, current, None, NOW)
        assert step.passed == [Status.SENT]
        assert message.next_at is None

    def test_a_fault_of_the_second_does_not_send_it_a_third_time(self) -> None:
        message = a_message(attempts=2, tries=2)
        rows = [a_row(message, 1, PartState.ACCEPTED)]
        step, current = Step(message), latest(message, rows)
        answer = an_answer(message, 1, Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR"), Wait("alpha", NOW))
        apply_answer(step, current, answer, rows)
        settle(step, current, answer.then, NOW)
        assert (message.status, message.next_at) == (Status.SENT, None)

    def test_one_of_them_delivered_is_delivered(self) -> None:
        message = a_message(status=Status.SENT, owner=None, attempts=2, processed_at=NOW)
        rows = [a_row(message, 1, PartState.ACCEPTED), a_row(message, 1, PartState.ACCEPTED, 2)]
        step = Step(message)
        apply_receipt(step, latest(message, rows), rows[0], a_receipt(PartState.DELIVERED))
        assert message.status is Status.DELIVERED

    def test_the_first_lost_says_nothing_of_the_second(self) -> None:
        message = a_message(status=Status.SENT, owner=None, attempts=2, processed_at=NOW)
        rows = [a_row(message, 1, PartState.ACCEPTED), a_row(message, 1, PartState.ACCEPTED, 2)]
        step = Step(message)
        receipt = a_receipt(PartState.FAILED, reason=Reason.ABSENT)
        assert apply_receipt(step, latest(message, rows), rows[0], receipt) is ReceiptEffect.APPLIED
        assert (message.status, rows[0].state) == (Status.SENT, PartState.FAILED)

    def test_a_late_answer_does_not_undo_a_receipt_on_its_row(self) -> None:
        message = a_message(status=Status.SENT, owner=None, attempts=2, processed_at=NOW)
        rows = [a_row(message, 1, PartState.FAILED), a_row(message, 1, PartState.ACCEPTED, 2)]
        step, current = Step(message), latest(message, rows)
        late = an_answer(message, 1, Accepted("x1"))
        late.attempt = 1
        apply_answer(step, current, late, rows)
        assert (rows[0].state, rows[0].ref, step.parts) == (PartState.FAILED, "x1", [rows[0]])


class TestSplits:
    """Rows of an older split no longer count, and do not come back."""

    def test_an_answer_of_the_split_that_was_left_changes_its_own_row_alone(self) -> None:
        message = a_message(2, status=Status.SENT, owner=None)
        first = a_row(message, 1, PartState.ACCEPTED)
        step = Step(message)
        receipt = a_receipt(PartState.UNDELIVERABLE, reason=Reason.BLOCKED)
        apply_receipt(step, {1: first}, first, receipt, lambda _: "beta")
        current = latest(message, [first])
        answer = an_answer(message, 2, Accepted("x2"), Wait("alpha", NOW))
        apply_answer(step, current, answer, [first])
        assert (message.operator, message.part_count, current) == ("beta", 0, {})
        assert [row.part for row in step.parts] == [1, 2]

    def test_nothing_with_the_carrier_may_be_split_another_way(self) -> None:
        message = a_message(2)
        step, current = Step(message), latest(message, [])
        for part in (1, 2):
            apply_answer(step, current, an_answer(message, part, SessionFault("gone")))
        settle(step, current, Wait("alpha", NOW, counts=False), NOW)
        assert (message.since, message.part_count) == (2, 0)

    @pytest.mark.parametrize("outcome", [Accepted("x1"), Doubt("no answer")])
    def test_what_the_carrier_may_have_keeps_its_split(self, outcome: Outcome) -> None:
        message = a_message(2)
        step, current = Step(message), latest(message, [])
        apply_answer(step, current, an_answer(message, 1, outcome))
        apply_answer(step, current, an_answer(message, 2, SessionFault("gone")))
        settle(step, current, Wait("alpha", NOW, counts=False), NOW)
        assert (message.since, message.part_count) == (1, 2)


@pytest.mark.parametrize(
    ("states", "refundable", "kind"),
    [
        ((PartState.ACCEPTED,), False, Kind.SETTLEMENT),
        ((PartState.DOUBT,), False, Kind.SETTLEMENT),
        ((PartState.DOUBT,), True, Kind.RELEASE),
        ((PartState.DOUBT, PartState.ACCEPTED), False, Kind.SETTLEMENT),
        ((PartState.DOUBT, PartState.DOUBT), False, Kind.RELEASE),
        ((PartState.ACCEPTED, PartState.RETURNED), False, Kind.RELEASE),
    ],
)
def test_what_a_carrier_had_is_paid_also_where_the_receipt_overtakes_the_answer(
    states: tuple[PartState, ...], refundable: bool, kind: Kind
) -> None:
    """The message was never `sent`, and ends by the receipt of its first part: whether it costs anything must not
    depend on which of the two came first."""
    price = Decimal("0.05")
    message = a_message(len(states), charge=Charge(price, price, "EUR", refundable))
    current = {n: a_row(message, n, state) for n, state in enumerate(states, start=1)}
    step = Step(message)
    apply_receipt(step, current, current[1], a_receipt(PartState.FAILED, reason=Reason.ABSENT))
    assert (message.status, [entry.kind for entry in step.entries]) == (Status.FAILED, [kind])
