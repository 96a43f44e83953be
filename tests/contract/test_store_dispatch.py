"""The store's contract: claims, answers, moves, recovery."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.domain.account import Env
from gateway.domain.message import Answer, End, LastError, Message, PartRow, Step, Wait, settle
from gateway.domain.outcome import Doubt, Refused, Retry, SessionFault
from gateway.domain.receipt import Receipt
from gateway.domain.suppression import Suppression
from gateway.domain.words import PartState, Priority, Reason, Status
from gateway.ports import Owner, Recovery, Store
from tests.contract.made import (
    NOW,
    PHONE,
    acceptance,
    after,
    answer,
    claimed,
    decide_answers,
    message,
)
from tests.contract.test_store import found, kept

# --- claims


async def test_a_claim_takes_due_messages_by_class_then_time(store: Store, owner: Owner) -> None:
    marketing = message(priority=Priority.MARKETING, next_at=after(0))
    late = message(next_at=after(2))
    early = message(next_at=after(1))
    otp = message(priority=Priority.OTP, next_at=after(3))
    await kept(store, marketing, late, early, otp)
    batch = await store.claim("alpha", 10, owner, after(10))
    assert [c.message.id for c in batch.claimed] == [otp.id, early.id, late.id, marketing.id]
    assert batch.exhausted
    assert batch.next_at is None


async def test_a_claim_of_some_classes_leaves_the_others(store: Store, owner: Owner) -> None:
    marketing = message(priority=Priority.MARKETING)
    later = message(priority=Priority.MARKETING, next_at=after(60))
    otp = message(priority=Priority.OTP)
    soon = message(next_at=after(30))
    await kept(store, marketing, later, otp, soon)
    batch = await store.claim("alpha", 10, owner, NOW, (Priority.MARKETING,))
    assert [c.message.id for c in batch.claimed] == [marketing.id]
    assert (batch.exhausted, batch.next_at) == (True, after(60)), "of the classes that were asked for"
    batch = await store.claim("alpha", 10, owner, NOW, (Priority.OTP, Priority.TRANSACTIONAL))
    assert [c.message.id for c in batch.claimed] == [otp.id]
    assert (batch.exhausted, batch.next_at) == (True, after(30))


async def test_a_claimed_message_is_counted_owned_and_taken_once(store: Store, owner: Owner) -> None:
    m = message()
    await kept(store, m)
    batch = await store.claim("alpha", 10, owner, NOW)
    (taken,) = batch.claimed
    assert (taken.message.attempts, taken.message.tries) == (1, 1)
    assert (taken.message.owner, taken.message.token) == (owner.number, owner.token)
    assert taken.message.next_at is None
    assert taken.rows == []
    assert not taken.suppressed
    assert await found(store, m) == taken.message
    assert (await store.claim("alpha", 10, owner, NOW)).claimed == []


async def test_racing_claims_share_the_messages(store: Store, owner: Owner) -> None:
    await kept(store, *(message() for _ in range(10)))
    batches = await asyncio.gather(*(store.claim("alpha", 4, owner, NOW) for _ in range(4)))
    taken = [c.message.id for batch in batches for c in batch.claimed]
    assert len(taken) == len(set(taken)) == 10


async def test_a_limit_leaves_the_rest(store: Store, owner: Owner) -> None:
    await kept(store, *(message() for _ in range(5)))
    batch = await store.claim("alpha", 3, owner, NOW)
    assert len(batch.claimed) == 3
    assert not batch.exhausted
    assert len((await store.claim("alpha", 3, owner, NOW)).claimed) == 2


async def test_what_is_not_due_is_told_with_its_time(store: Store, owner: Owner) -> None:
    await kept(store, message(next_at=after(60)), message(next_at=after(30), priority=Priority.MARKETING))
    batch = await store.claim("alpha", 10, owner, NOW)
    assert batch.claimed == []
    assert batch.exhausted
    assert batch.next_at == after(30)


async def test_each_operator_has_its_own_queue_and_so_has_none(store: Store, owner: Owner) -> None:
    unrouted, beta = message(operator=None), message(operator="beta")
    await kept(store, unrouted, beta, message())
    assert [c.message.id for c in (await store.claim(None, 10, owner, NOW)).claimed] == [unrouted.id]
    assert [c.message.id for c in (await store.claim("beta", 10, owner, NOW)).claimed] == [beta.id]
    assert await store.waiting_operators() == [("alpha", 1)]


async def test_a_scheduled_message_is_queued_when_its_time_has_come(store: Store, owner: Owner) -> None:
    m = message(status=Status.SCHEDULED, scheduled_at=after(60), next_at=after(60))
    await kept(store, m)
    assert (await store.claim("alpha", 10, owner, after(59))).claimed == []
    (taken,) = (await store.claim("alpha", 10, owner, after(60))).claimed
    assert taken.message.status is Status.QUEUED
    assert (await found(store, m)).status is Status.QUEUED


async def test_a_claim_tells_who_was_suppressed_meanwhile(store: Store, owner: Owner) -> None:
    bad, reply = message(sub_tenant="shop"), message(bypass=True)
    other, fine = message(sub_tenant="bank"), message(recipient="+447700900999")
    await kept(store, bad, reply, other, fine)
    await store.suppress([Suppression("acme", Env.LIVE, "shop", PHONE, "stop", NOW)])
    batch = await store.claim("alpha", 10, owner, NOW)
    assert [c.message.id for c in batch.claimed if c.suppressed] == [bad.id]


async def test_a_message_accepted_with_an_owner_is_in_no_queue(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    assert (await store.claim("alpha", 10, owner, after(1_000))).claimed == []
    assert await store.waiting_operators() == []
    assert await store.waiting("alpha", b"", 10) == []


async def test_waiting_looks_without_taking(store: Store, owner: Owner) -> None:
    messages = [message(next_at=after(100 - n)) for n in range(5)]
    await kept(store, *messages)
    first = await store.waiting("alpha", b"", 3)
    assert first == messages[:3]
    assert await store.waiting("alpha", first[-1].id, 3) == messages[3:]
    assert dict(await store.waiting_operators()) == {"alpha": 5}


async def test_a_move_takes_what_still_waits_there(store: Store, owner: Owner) -> None:
    here, gone = message(attempts=2, tries=2, part_count=1), message()
    unrouted = message(operator=None)
    await kept(store, here, gone, unrouted, claimed(owner))
    await store.reassign([(gone.id, "alpha", "gamma", None)])
    moves: list[tuple[bytes, str | None, str | None, str | None]] = [
        (here.id, "alpha", "beta", "other"),
        (gone.id, "alpha", "beta", "other"),
        (unrouted.id, None, "beta", "first"),
    ]
    assert await store.reassign(moves) == 2
    moved = await found(store, here)
    assert (moved.operator, moved.route, moved.next_at) == ("beta", "other", here.next_at)
    assert (moved.tries, moved.since, moved.part_count) == (0, 3, 0)  # beta splits anew
    assert (await found(store, unrouted)).operator == "beta"
    assert (await found(store, gone)).operator == "gamma"


# --- answers


async def test_an_accepted_part_makes_its_message_sent(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    (step,) = await store.record_answers([answer(m, "ref-1")], decide_answers)
    assert step.passed == [Status.SENT]
    view = await store.message(m.id)
    assert view is not None
    assert view.message == step.message
    assert (view.message.status, view.message.owner, view.message.processed_at) == (
        Status.SENT,
        None,
        after(1),
    )
    assert view.rows == [
        PartRow(m.id, 1, 1, "alpha", PartState.ACCEPTED, "ref-1", None, after(1), None, m.sender, m.recipient)
    ]


async def test_steps_come_in_the_order_of_first_answers_one_per_message(store: Store, owner: Owner) -> None:
    a, b = claimed(owner, part_count=2), claimed(owner)
    await kept(store, a, b)
    answers = [answer(b, "b"), answer(a, "a2", 2, 2), answer(a, "a1", 1, 2)]
    steps = await store.record_answers(answers, decide_answers)
    assert [step.message.id for step in steps] == [b.id, a.id]
    assert {row.part for row in steps[1].parts} == {1, 2}


async def test_answers_of_one_message_in_two_commits_see_each_other(store: Store, owner: Owner) -> None:
    m = claimed(owner, part_count=2)
    await kept(store, m)
    (first,) = await store.record_answers([answer(m, "a", 1, 2)], decide_answers)
    assert first.passed == []
    (second,) = await store.record_answers([answer(m, "b", 2, 2)], decide_answers)
    assert second.passed == [Status.SENT]
    assert [event.seq for event in second.events] == [1]


async def test_answers_of_one_message_in_two_calls_of_one_batch_see_each_other(
    store: Store, owner: Owner
) -> None:
    m = claimed(owner, part_count=2)
    await kept(store, m)
    one, two = await asyncio.gather(
        store.record_answers([answer(m, "a", 1, 2)], decide_answers),
        store.record_answers([answer(m, "b", 2, 2)], decide_answers),
    )
    assert [len(one), len(two)] == [1, 1]
    assert one[0].passed + two[0].passed == [Status.SENT]
    assert len(one[0].events + two[0].events) == 1
    view = await store.message(m.id)
    assert view is not None
    assert [row.ref for row in view.rows] == ["a", "b"]


async def test_a_retry_waits_and_is_claimed_with_its_rows(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    fault = Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR")
    (step,) = await store.record_answers([answer(m, fault, then=Wait("alpha", after(30)))], decide_answers)
    assert step.passed == []
    assert (await store.claim("alpha", 10, owner, after(29))).next_at == after(30)
    (taken,) = (await store.claim("alpha", 10, owner, after(30))).claimed
    assert (taken.message.attempts, taken.message.tries) == (2, 2)
    assert [(row.attempt, row.state, row.error) for row in taken.rows] == [
        (1, PartState.RETURNED, "ESME_RSYSERR")
    ]
    assert taken.message.error == LastError("carrier_error", "ESME_RSYSERR", "ESME_RSYSERR", after(1))
    await store.record_answers([answer(taken.message, "ref-2")], decide_answers)
    view = await store.message(m.id)
    assert view is not None
    assert [(row.attempt, row.ref) for row in view.rows] == [(1, None), (2, "ref-2")]


async def test_a_refusal_ends_the_message_with_its_event(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    refused = Refused(Reason.INVALID_NUMBER, "ESME_RINVDSTADR")
    end = End(Reason.INVALID_NUMBER, "refused", "ESME_RINVDSTADR")
    (step,) = await store.record_answers([answer(m, refused, then=end)], decide_answers)
    assert step.passed == [Status.UNDELIVERABLE]
    stored = await found(store, m)
    assert (stored.status, stored.reason, stored.owner) == (
        Status.UNDELIVERABLE,
        Reason.INVALID_NUMBER,
        None,
    )
    events, _ = await store.due_webhooks(after(60), owner, lambda _: 10, 10)
    assert [event.id for event in events] == [event.id for event in step.events]


async def test_an_answer_for_an_unknown_message_is_passed_over(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    steps = await store.record_answers([answer(message(), "x"), answer(m, "y")], decide_answers)
    assert [step.message.id for step in steps] == [m.id]


async def test_a_decision_that_raises_keeps_nothing_of_its_call(store: Store, owner: Owner) -> None:
    m, other = claimed(owner), claimed(owner)
    await kept(store, m, other)

    def broken(
        message: Message, rows: list[PartRow], answers: list[Answer], early: list[tuple[int, Receipt]]
    ) -> Step:
        step = decide_answers(message, rows, answers, early)
        if message.id == other.id:
            raise ZeroDivisionError
        return step

    with pytest.raises(ZeroDivisionError):
        await store.record_answers([answer(m, "a"), answer(other, "b")], broken)
    assert await found(store, m) == m
    assert await found(store, other) == other


async def test_a_decision_sees_fresh_values_when_a_batch_is_retried(store: Store, owner: Owner) -> None:
    m, bad = claimed(owner), claimed(owner)
    await kept(store, m, bad)
    seen: list[Status] = []

    def note(
        message: Message, rows: list[PartRow], answers: list[Answer], early: list[tuple[int, Receipt]]
    ) -> Step:
        seen.append(message.status)
        if message.id == bad.id:
            raise ZeroDivisionError
        return decide_answers(message, rows, answers, early)

    results = await asyncio.gather(
        store.record_answers([answer(m, "a")], note),
        store.record_answers([answer(bad, "b")], note),
        return_exceptions=True,
    )
    assert isinstance(results[1], ZeroDivisionError)
    assert set(seen) == {Status.QUEUED}
    assert (await found(store, m)).status is Status.SENT


# --- recovery


def recovering(seen: list[Recovery]) -> object:
    """A decision that puts everything back, unless it was written: then it is in doubt."""

    def decide(recovery: Recovery) -> Step:
        seen.append(recovery)
        step = Step(recovery.message)
        for part, total in recovery.written or ():
            m = recovery.message
            m.part_count = total
            row = PartRow(
                m.id,
                m.attempts,
                part,
                "alpha",
                PartState.DOUBT,
                None,
                "crash",
                after(9),
                None,
                m.sender,
                PHONE,
            )
            step.keep(row)
        settle(step, {row.part: row for row in step.parts}, Wait("alpha", after(10)), after(9))
        return step

    return decide


async def test_what_a_dead_process_had_in_hand_is_given_back(store: Store, owner: Owner) -> None:
    written, merely_claimed, mine = claimed(owner), claimed(owner), message()
    await kept(store, written, merely_claimed, mine)
    heir = await store.register(after(5), "boot-1")
    assert heir.number != owner.number
    assert heir.token > owner.token
    (taken,) = (await store.claim("alpha", 10, heir, NOW)).claimed
    seen: list[Recovery] = []
    journal = {(written.id, 1): [(1, 1)]}
    assert await store.recover(heir, journal, recovering(seen), after(9)) == 2  # type: ignore[arg-type]
    assert {r.message.id: r.written for r in seen} == {written.id: [(1, 1)], merely_claimed.id: []}
    assert (await found(store, written)).doubt
    assert (await store.facts(NOW)).in_doubt == 1
    back = await found(store, merely_claimed)
    assert (back.owner, back.next_at, back.doubt) == (None, after(10), False)
    assert (await found(store, taken.message)).owner == heir.number
    assert await store.recover(heir, journal, recovering(seen), after(9)) == 0  # type: ignore[arg-type]


async def test_without_a_journal_nothing_is_known(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    heir = await store.register(after(5), "boot-2")
    seen: list[Recovery] = []
    assert await store.recover(heir, None, recovering(seen), after(9)) == 1  # type: ignore[arg-type]
    assert seen[0].written is None


async def test_recovery_of_many_messages_takes_all(store: Store, owner: Owner) -> None:
    messages = [claimed(owner) for _ in range(1_203)]
    await store.accept([acceptance(*messages)])
    heir = await store.register(after(5), "boot-2")
    assert await store.recover(heir, {}, recovering([]), after(9)) == 1_203  # type: ignore[arg-type]
    assert (await store.facts(NOW)).waiting == 1_203


async def test_a_part_in_doubt_that_is_answered_late_is_in_doubt_no_more(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    doubt = answer(m, Doubt("no answer"), then=Wait("alpha", after(300)))
    await store.record_answers([doubt], decide_answers)
    assert (await found(store, m)).doubt
    (step,) = await store.record_answers([answer(m, "late", at=after(20))], decide_answers)
    assert step.passed == [Status.SENT]
    stored = await found(store, m)
    assert (stored.doubt, stored.next_at) == (False, None)
    assert (await store.facts(NOW)).in_doubt == 0


async def test_a_fault_of_the_link_counts_as_no_try(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    fault = answer(m, SessionFault("bind lost"), then=Wait("alpha", NOW + timedelta(0), counts=False))
    await store.record_answers([fault], decide_answers)
    assert (await found(store, m)).tries == 0
