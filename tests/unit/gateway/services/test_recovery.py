"""After a crash: not written goes back, written and unanswered is in doubt, and nothing else changes (promise 2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.domain import ids
from gateway.domain.account import Env, Policy
from gateway.domain.event import EventKind
from gateway.domain.message import Message, PartRow, Step
from gateway.domain.outcome import Accepted as Took
from gateway.domain.outcome import Retry
from gateway.domain.retry import OnDoubt, RetryPolicy
from gateway.domain.words import PartState, Priority, Reason, Status
from gateway.ports import Recovery
from gateway.services.events import Announcer
from gateway.services.recovery import decide_recovery
from tests.unit.gateway.services.rig import EVERYTHING, NOW, OURS, PHONE, URL, a_rig, kinds

POLICY = Policy(webhook_url=URL, webhook_events=EVERYTHING)
ANNOUNCER = Announcer(lambda _account, _env: POLICY, lambda _url: None)


def a_message(parts: int = 1, attempts: int = 1) -> Message:
    """In a dead process's hands."""
    return Message(
        ids.new_id(NOW),
        "acme",
        Env.LIVE,
        "orchestrator",
        OURS,
        PHONE,
        "hello",
        1,
        Priority.OTP,
        NOW,
        NOW + timedelta(hours=1),
        operator="alpha",
        attempts=attempts,
        tries=attempts,
        part_count=parts,
        owner=1,
    )


def a_row(message: Message, part: int, state: PartState, attempt: int = 1) -> PartRow:
    """The recorded outcome of a part."""
    return PartRow(message.id, attempt, part, "alpha", state, "r", None, NOW, None, OURS, PHONE)


def recovered(
    message: Message,
    written: list[tuple[int, int]] | None,
    rows: list[PartRow] | None = None,
    policy: RetryPolicy | None = None,
    parts: int = 1,
) -> Step:
    """What recovery makes of it."""
    policies = {} if policy is None else {"alpha": policy}
    return decide_recovery(Recovery(message, rows or [], written), policies, lambda _m: parts, ANNOUNCER, NOW)


class TestNotWritten:
    """Back to the queue, as if it had not been claimed."""

    def test_at_once_and_uncounted(self) -> None:
        message = a_message()
        step = recovered(message, [])
        assert (message.owner, message.next_at, message.operator) == (None, NOW, "alpha")
        assert (message.attempts, message.tries, message.doubt) == (0, 0, False)
        assert (step.parts, step.passed, step.events) == ([], [], [])

    def test_an_earlier_attempt_stays_counted(self) -> None:
        message = a_message(attempts=2)
        recovered(message, [], [a_row(message, 1, PartState.RETURNED)])
        assert (message.attempts, message.tries) == (1, 1)

    def test_an_attempt_of_which_something_was_recorded_did_happen(self) -> None:
        message = a_message(parts=2)
        recovered(message, [], [a_row(message, 1, PartState.ACCEPTED)])
        assert (message.attempts, message.next_at, message.part_count) == (1, NOW, 2)

    def test_all_taken_but_not_folded_is_sent(self) -> None:
        message = a_message(parts=2)
        step = recovered(message, [], [a_row(message, part, PartState.ACCEPTED) for part in (1, 2)])
        assert (step.passed, message.next_at) == ([Status.SENT], None)


class TestInDoubt:
    """In the journal and not answered."""

    def test_waits_for_its_receipt(self) -> None:
        message = a_message()
        step = recovered(message, [(1, 1)])
        assert (message.owner, message.next_at) == (None, NOW + timedelta(seconds=300))
        assert (message.doubt, message.attempts, message.status) == (True, 1, Status.QUEUED)
        (row,) = step.parts
        assert (row.attempt, row.part, row.state) == (1, 1, PartState.DOUBT)
        assert (row.operator, row.sender, row.recipient, row.ref) == ("alpha", OURS, PHONE, None)

    def test_only_the_parts_that_have_no_answer(self) -> None:
        message = a_message(parts=3)
        rows = [a_row(message, 1, PartState.ACCEPTED), a_row(message, 3, PartState.RETURNED)]
        step = recovered(message, [(1, 3), (2, 3), (3, 3)], rows)
        assert [row.part for row in step.parts] == [2]
        assert message.part_count == 3

    def test_all_answered_is_no_doubt(self) -> None:
        message = a_message()
        step = recovered(message, [(1, 1)], [a_row(message, 1, PartState.ACCEPTED)])
        assert (step.passed, message.doubt) == ([Status.SENT], False)

    def test_an_answer_of_an_earlier_attempt_is_none_of_this(self) -> None:
        message = a_message(attempts=2)
        step = recovered(message, [(1, 1)], [a_row(message, 1, PartState.RETURNED)])
        assert [(row.attempt, row.state) for row in step.parts] == [(2, PartState.DOUBT)]

    def test_resend(self) -> None:
        message = a_message()
        recovered(message, [(1, 1)], policy=RetryPolicy(on_doubt=OnDoubt.RESEND))
        assert (message.doubt, message.next_at) == (True, NOW)

    def test_fail(self) -> None:
        message = a_message()
        step = recovered(message, [(1, 1)], policy=RetryPolicy(on_doubt=OnDoubt.FAIL))
        assert (message.status, message.reason) == (Status.FAILED, Reason.UNCONFIRMED)
        assert kinds(step.events) == [EventKind.FAILED]


class TestTheJournalCanNotTell:
    """Another boot, or another machine: all of the last attempt may have been written."""

    def test_every_part(self) -> None:
        message = a_message(parts=3)
        step = recovered(message, None, [a_row(message, 2, PartState.ACCEPTED)])
        assert [row.part for row in step.parts] == [1, 3]
        assert message.doubt

    def test_as_many_as_its_operator_makes_where_the_store_does_not_know(self) -> None:
        message = a_message(parts=0)
        step = recovered(message, None, parts=2)
        assert ([row.part for row in step.parts], message.part_count) == ([1, 2], 2)


@pytest.mark.parametrize("journal_tells", [True, False])
async def test_a_dead_process_s_messages_end_with_the_next_one(journal_tells: bool) -> None:
    """Through the real store: one written and unanswered, one answered in time, one never written."""
    async with a_rig(operators=["alpha"]) as rig:
        alpha = rig.operators["alpha"]
        alpha.window = 2
        alpha.slots = 1
        written = await rig.send("written")
        answered = await rig.send("answered")
        alpha.answer(Took("r2"), alpha.written[1])
        await rig.quiet()
        alpha.slots = 0
        claimed = await rig.send("claimed")
        alpha.window = 1
        waiting = await rig.send("waiting")
        assert (await rig.message(claimed)).owner == rig.owner.number
        owner = await rig.store.register(NOW, "boot")
        flights = {(written, 1): [(1, 1)], (answered, 1): [(1, 1)]}

        def decide(recovery: Recovery) -> Step:
            return decide_recovery(recovery, {}, lambda _m: 1, rig.announcer, NOW)

        count = await rig.store.recover(owner, flights if journal_tells else None, decide, NOW)
        assert count == 2
        messages = {id_: await rig.message(id_) for id_ in (written, answered, claimed, waiting)}
        assert messages[written].doubt
        assert messages[answered].status is Status.SENT
        assert messages[claimed].doubt is not journal_tells
        assert messages[waiting].next_at == NOW
        assert all(message.owner is None for message in messages.values())


async def test_attempts_go_on_from_the_recovered_one() -> None:
    async with a_rig(operators=["alpha"]) as rig:
        id_ = await rig.send()
        rig.operators["alpha"].answer(Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR"))
        await rig.quiet()
        rig.later(1)
        await rig.claim()

        def decide(recovery: Recovery) -> Step:
            return decide_recovery(recovery, {}, lambda _m: 1, rig.announcer, rig.now)

        await rig.stop()
        next_owner = await rig.store.register(NOW, "boot")
        await rig.store.recover(next_owner, {(id_, 2): [(1, 1)]}, decide, rig.now)
        message = await rig.message(id_)
        assert (message.attempts, message.doubt) == (2, True)
        assert {(row.attempt, row.state) for row in (await rig.view(id_)).rows} == {
            (1, PartState.RETURNED),
            (2, PartState.DOUBT),
        }
