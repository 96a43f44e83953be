"""Dispatch, the straight way: from the accepting commit into the operator's hands, and what outcomes lead to.

Claims, moves, reloads and drains stand in `test_dispatch_claims.py`, any mixture of all in `test_dispatch_life.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from gateway.domain.message import Message
from gateway.domain.outcome import Accepted as Took
from gateway.domain.outcome import Doubt, NextRoute, Outcome, Refused, Retry, SessionFault, Throttled
from gateway.domain.retry import OnDoubt, RetryPolicy
from gateway.domain.send import Acceptance, AcceptResult, Origin, Why
from gateway.domain.suppression import Suppression
from gateway.domain.words import PartState, Priority, Reason, Status
from gateway.errors import StoreUnavailable
from gateway.services.gates import References, admit
from tests.unit.gateway.services.rig import NOW, PHONE, Rig, a_rig, a_send

SYSERR = Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR")
SLOW = Throttled(1.0, "ESME_RTHROTTLED")
LOST = SessionFault("the link was lost before it was written")
DOUBT = Doubt("no answer")
THREE_PARTS = "0123456789abcdefghij0123456789"


def load(rig: Rig, operator: str = "alpha") -> int:
    """Parts that its lane counts."""
    return rig.dispatch.lanes[operator].load


async def states(rig: Rig, message_id: bytes) -> list[tuple[int, int, PartState]]:
    """(attempt, part, state) of all rows."""
    return sorted((row.attempt, row.part, row.state) for row in (await rig.view(message_id)).rows)


class TestFromHandToHand:
    """Claimed by the commit that accepts it."""

    async def test_written_without_a_claim(self) -> None:
        async with a_rig() as rig:
            first = await rig.send("first")
            alpha = rig.operators["alpha"]
            assert alpha.texts == ["first"]
            message = await rig.message(first)
            assert (message.owner, message.attempts, message.tries) == (rig.owner.number, 1, 1)
            assert (message.next_at, message.route, message.operator) == (None, "all", "alpha")

    async def test_sent_when_every_part_is_taken(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send(THREE_PARTS)
            assert alpha.texts == ["0123456789", "abcdefghij", "0123456789"]
            for ref in ("r1", "r2"):
                alpha.answer(Took(ref))
            await rig.quiet()
            assert (await rig.message(id_)).status is Status.QUEUED
            alpha.answer(Took("r3"))
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.status, message.owner, message.next_at) == (Status.SENT, None, None)
            assert load(rig) == 0

    async def test_no_more_than_two_windows_in_hand(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            alpha.window = 2
            await rig.accept(*[a_send(str(n)) for n in range(10)])
            assert (alpha.texts, load(rig)) == (["0", "1"], 4)
            assert rig.dispatch.backlog == 6
            owners = [m.owner for m in await rig.store.waiting("alpha", b"", 100)]
            assert owners == [None] * 6

    async def test_a_newer_message_of_its_class_never_overtakes_what_waits(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            alpha.window = 1
            await rig.accept(*[a_send(str(n)) for n in range(4)])
            alpha.answer(Took("r"))
            rig.room("alpha")
            alpha.answer(Took("r"))
            await rig.quiet()
            assert load(rig) == 0
            await rig.send("newer")  # there is room, but 2 and 3 wait
            await rig.send("urgent", priority=Priority.OTP)  # another class
            assert alpha.texts == ["0", "1", "urgent"]
            alpha.answer(Took("r"))
            for _ in range(3):
                await rig.claim()
                alpha.answer(Took("r"))
                rig.room("alpha")
            assert alpha.texts == ["0", "1", "urgent", "2", "3", "newer"]

    async def test_nor_one_that_has_fallen_due(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            await rig.send("older")
            alpha.answer(SYSERR)
            await rig.quiet()
            rig.later(1)
            await rig.send("newer")
            assert alpha.texts == ["older"]
            await rig.claim()
            assert alpha.texts == ["older", "older", "newer"]

    async def test_a_scheduled_one_waits_for_its_time(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send("later", scheduled_at=NOW + timedelta(hours=1))
            await rig.send("now")
            await rig.claim()
            assert alpha.texts == ["now"]
            assert (await rig.message(id_)).status is Status.SCHEDULED
            rig.later(3600)
            await rig.claim()
            assert alpha.texts == ["now", "later"]
            assert (await rig.message(id_)).status is Status.QUEUED


class TestWhatTheCommitDoesNotKeep:
    """What was planned is taken back."""

    async def test_suppressed_at_acceptance(self) -> None:
        async with a_rig() as rig:
            caller = rig.caller()
            await rig.store.suppress([Suppression(caller.account, caller.env, "", PHONE, "stop", NOW)])
            (refused,) = await rig.accept(a_send())
            assert refused.why is Why.SUPPRESSED  # type: ignore[union-attr]
            assert (rig.operators["alpha"].texts, load(rig), rig.dispatch.backlog) == ([], 0, 0)

    async def test_the_store_is_down(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:

            async def down(acceptances: Sequence[Acceptance]) -> list[AcceptResult]:
                raise StoreUnavailable("taken down by the test")

            monkeypatch.setattr(rig.store, "accept", down)
            with pytest.raises(StoreUnavailable):
                await rig.send()
            assert (rig.operators["alpha"].texts, load(rig), rig.dispatch.backlog) == ([], 0, 0)

    async def test_its_operator_goes_down_during_the_commit(self) -> None:
        async with a_rig() as rig:
            message = a_planned_message(rig)
            rig.dispatch.plan(message)
            await rig.store.accept([Acceptance([message], None, NOW)])
            rig.operators["alpha"].up = False
            rig.changed("alpha")
            rig.dispatch.hand_over(message)
            await rig.claim()
            assert (load(rig), rig.operators["beta"].texts) == (0, ["hello"])

    async def test_its_operator_goes_down_in_the_turn_of_its_hand_over(self) -> None:
        async with a_rig() as rig:
            message = a_planned_message(rig)
            rig.dispatch.plan(message)
            await rig.store.accept([Acceptance([message], None, NOW)])
            rig.dispatch.hand_over(message)
            rig.operators["alpha"].up = False
            rig.changed("alpha")
            await rig.move()
            await rig.claim()
            await rig.claim()
            texts = {key: operator.texts for key, operator in rig.operators.items()}
            assert (load(rig), texts["alpha"], texts["beta"]) == (0, [], ["hello"])

    async def test_a_reload_replaces_its_operator_during_the_commit(self) -> None:
        async with a_rig() as rig:
            message, old = a_planned_message(rig), rig.operators["alpha"]
            rig.dispatch.plan(message)
            await rig.store.accept([Acceptance([message], None, NOW)])
            new = rig.operators["alpha"] = type(old)("alpha")
            rig.set_up()
            rig.dispatch.hand_over(message)
            await rig.claim()
            assert (old.texts, new.texts, load(rig)) == ([], ["hello"], 1)
            new.answer(Took("r"))
            await rig.quiet()
            assert (load(rig), (await rig.message(message.id)).attempts) == (0, 1)


def a_planned_message(rig: Rig) -> Message:
    """One that `Submit` would hand to `plan`."""
    message = admit(rig.caller(), a_send(), Origin("req"), References(), rig.now, 3600)
    assert isinstance(message, Message)
    return message


class TestOutcomes:
    """What becomes of a message, and that its lane counts it no more."""

    @pytest.mark.parametrize(
        ("outcome", "operator", "wait_s"),
        [
            (SYSERR, "alpha", 1),
            (NextRoute(Reason.CARRIER_ERROR, "ESME_RINVSERTYP"), "beta", 0),
            (LOST, "beta", 0),
            (DOUBT, "alpha", 300),
        ],
    )
    async def test_back_into_the_store(self, outcome: Outcome, operator: str, wait_s: int) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            rig.operators["alpha"].answer(outcome)
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.status, message.owner) == (Status.QUEUED, None)
            assert (message.operator, message.next_at) == (operator, NOW + timedelta(seconds=wait_s))
            assert (load(rig), rig.dispatch.backlog) == (0, 1)

    async def test_failover_keeps_who_was_left(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            rig.operators["alpha"].answer(NextRoute(Reason.CARRIER_ERROR, "ESME_RINVSERTYP"))
            await rig.claim()
            beta = rig.operators["beta"]
            assert beta.texts == ["hello"]
            beta.answer(NextRoute(Reason.REJECTED_BY_CARRIER, "ESME_RX_P_APPN"))
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.status, message.reason) == (Status.FAILED, Reason.REJECTED_BY_CARRIER)
            assert (message.tried, message.attempts) == (("alpha",), 2)

    async def test_a_refusal_is_final(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            rig.operators["alpha"].answer(Refused(Reason.INVALID_NUMBER, "ESME_RINVDSTADR"))
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.status, message.reason) == (Status.UNDELIVERABLE, Reason.INVALID_NUMBER)
            assert load(rig) == 0

    async def test_the_steps_then_the_next_operator(self) -> None:
        async with a_rig() as rig:
            alpha, beta = rig.operators["alpha"], rig.operators["beta"]
            await rig.send()
            for wait_s in (1, 5, 30, 120, 300):
                alpha.answer(SYSERR)
                await rig.quiet()
                rig.later(wait_s - 0.001)
                await rig.claim()
                assert alpha.unanswered == []
                rig.later(0.001)
                await rig.claim()
                assert len(alpha.unanswered) == 1
            alpha.answer(SYSERR)
            await rig.claim()
            assert (len(alpha.written), len(beta.written)) == (6, 1)

    async def test_only_missing_parts_are_written_again(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send(THREE_PARTS)
            for outcome in (Took("r1"), SYSERR, Took("r3")):
                alpha.answer(outcome)
            await rig.quiet()
            rig.later(1)
            await rig.claim()
            assert [(part.attempt, part.part) for part in alpha.written[3:]] == [(2, 2)]
            alpha.answer(Took("r2"))
            await rig.quiet()
            assert (await rig.message(id_)).status is Status.SENT
            assert load(rig) == 0


class TestDoubt:
    """Written and not answered (promise 2)."""

    async def test_a_late_answer_ends_it(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send()
            part = alpha.answer(DOUBT)
            await rig.quiet()
            assert (await rig.message(id_)).doubt
            alpha.answer(Took("r1"), part)
            alpha.answer(DOUBT, part)  # and then its link is lost: nothing to add
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.status, message.doubt, message.next_at) == (Status.SENT, False, None)
            assert load(rig) == 0

    async def test_a_late_refusal_ends_it(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send()
            part = alpha.answer(DOUBT)
            await rig.quiet()
            alpha.answer(Refused(Reason.INVALID_NUMBER, "ESME_RINVDSTADR"), part)
            await rig.quiet()
            assert (await rig.message(id_)).reason is Reason.INVALID_NUMBER
            assert load(rig) == 0

    async def test_a_late_throttling_sends_it_again(self) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            alpha = rig.operators["alpha"]
            await rig.send()
            part = alpha.answer(DOUBT)
            await rig.quiet()
            alpha.answer(SLOW, part)
            await rig.claim()
            assert len(alpha.written) == 2
            assert load(rig) == 1

    async def test_sent_again_when_nothing_came(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send()
            first = alpha.answer(DOUBT)
            await rig.quiet()
            rig.later(300)
            await rig.claim()
            assert len(alpha.written) == 2
            alpha.answer(Took("late"), first)
            alpha.answer(SYSERR)
            await rig.quiet()
            assert await states(rig, id_) == [(1, 1, PartState.ACCEPTED), (2, 1, PartState.RETURNED)]
            assert (await rig.message(id_)).status is Status.SENT

    async def test_fail(self) -> None:
        async with a_rig() as rig:
            rig.set_up({"alpha": RetryPolicy(on_doubt=OnDoubt.FAIL)})
            id_ = await rig.send()
            rig.operators["alpha"].answer(DOUBT)
            await rig.quiet()
            assert (await rig.message(id_)).reason is Reason.UNCONFIRMED


class TestThrottled:
    """The same carrier, in the same order, and no attempt counted."""

    async def test_keeps_the_order(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            await rig.accept(*[a_send(str(n)) for n in range(4)])
            alpha.slots = 0
            for _ in range(4):
                alpha.answer(SLOW)
            await rig.send("newer")
            alpha.slots = 1
            rig.room("alpha")
            assert alpha.texts[4:] == ["0", "1", "2", "3", "newer"]
            assert load(rig) == 5

    async def test_counts_no_attempt_and_records_nothing(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send()
            for _ in range(60):  # more than `max_attempts`
                alpha.answer(SLOW)
                rig.room("alpha")
            alpha.answer(Took("r1"))
            await rig.quiet()
            assert (await rig.message(id_)).attempts == 1
            assert await states(rig, id_) == [(1, 1, PartState.ACCEPTED)]
            assert load(rig) == 0

    async def test_tells_the_journal_that_the_part_came_back(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            rig.operators["alpha"].answer(SLOW)
            assert rig.journal.calls == [("returned", (id_, 1, 1))]

    async def test_some_parts_of_a_message(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send(THREE_PARTS)
            first, second, third = alpha.unanswered
            alpha.slots = 0
            alpha.answer(SLOW, third)
            alpha.answer(Took("r2"), second)
            alpha.answer(SLOW, first)
            alpha.slots = 9
            rig.room("alpha")
            assert [part.part for part in alpha.written[3:]] == [1, 3]
            alpha.answer(Took("r1"))
            alpha.answer(Took("r3"))
            await rig.quiet()
            assert (await rig.message(id_)).status is Status.SENT
            assert load(rig) == 0


class TestTheLastGate:
    """What changed while a message was in hand."""

    async def test_a_stop_reaches_what_is_in_hand(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            alpha.slots = 0
            id_ = await rig.send()
            caller = rig.caller()
            rig.dispatch.opted_out(caller.account, caller.env, "", PHONE)
            alpha.slots = 9
            rig.room("alpha")
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.status, message.reason) == (Status.UNDELIVERABLE, Reason.OPTED_OUT)
            assert (message.attempts, alpha.texts, load(rig)) == (0, [], 0)

    async def test_a_stop_for_one_sub_tenant_is_not_one_for_another(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            alpha.slots = 0
            caller = rig.caller()
            for sub_tenant in ("north", "south"):
                await rig.send(sub_tenant, caller=rig.caller(sub_tenant=sub_tenant))
            rig.dispatch.opted_out(caller.account, caller.env, "north", PHONE)
            alpha.slots = 9
            rig.room("alpha")
            assert alpha.texts == ["south"]

    async def test_what_comes_after_a_lifted_stop_is_free(self) -> None:
        """A command has taken the number off the list: the store says yes, and nobody tells the dispatcher."""
        async with a_rig() as rig:
            caller = rig.caller()
            rig.dispatch.opted_out(caller.account, caller.env, "", PHONE)
            rig.later(1)
            await rig.send("after")
            assert rig.operators["alpha"].texts == ["after"]

    async def test_an_expired_message_is_not_written(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            alpha.slots = 0
            id_ = await rig.send(validity_s=60)
            rig.later(60)
            alpha.slots = 9
            rig.room("alpha")
            await rig.quiet()
            assert (await rig.message(id_)).reason is Reason.EXPIRED
            assert (alpha.texts, load(rig)) == ([], 0)

    async def test_one_that_was_begun_ends_with_its_answers_kept(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send(THREE_PARTS, validity_s=60)
            alpha.slots = 0
            first, second, third = alpha.unanswered
            alpha.answer(SLOW, second)
            rig.later(60)
            alpha.slots = 9
            rig.room("alpha")
            alpha.answer(Took("r1"), first)
            alpha.answer(SLOW, third)
            rig.room("alpha")
            await rig.quiet()
            assert (await rig.message(id_)).reason is Reason.EXPIRED
            assert await states(rig, id_) == [(1, 1, PartState.ACCEPTED)]
            assert (load(rig), len(alpha.written)) == (0, 3)


async def test_a_decision_is_for_the_attempt_that_it_was_made_for() -> None:
    """A `then` that comes when the message has gone on already changes nothing."""
    async with a_rig() as rig:
        alpha = rig.operators["alpha"]
        id_ = await rig.send()
        first = alpha.answer(DOUBT)
        await rig.quiet()
        rig.later(300)
        await rig.claim()
        alpha.answer(SYSERR, first)  # decided for attempt 1, while attempt 2 is in flight
        await rig.quiet()
        message = await rig.message(id_)
        assert (message.owner, message.attempts, message.next_at) == (rig.owner.number, 2, None)
