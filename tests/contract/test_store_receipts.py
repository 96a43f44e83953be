"""The store's contract: receipts and the refs by which they find their parts, in every order of coming."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.domain.message import LastError, Message, PartRow, Step, Wait
from gateway.domain.outcome import Doubt
from gateway.domain.receipt import Receipt
from gateway.domain.words import PartState, Reason, ReceiptEffect, Status
from gateway.ports import Owner, Store
from tests.contract.made import (
    NOW,
    after,
    answer,
    claimed,
    decide_answers,
    decide_receipt,
    message,
    receipt,
)
from tests.contract.test_store import found, kept


async def sent(store: Store, m: Message, *refs: str) -> Message:
    """Keep the message and record an accepted part for each ref."""
    await kept(store, m)
    total = len(refs)
    answers = [answer(m, ref, n, total) for n, ref in enumerate(refs, 1)]
    await store.record_answers(answers, decide_answers)
    return m


async def doubtful(store: Store, m: Message, parts: int = 1) -> Message:
    """Keep the message with all its parts in doubt."""
    await kept(store, m)
    answers = [answer(m, Doubt("no answer"), n, parts) for n in range(1, parts + 1)]
    answers[-1].then = Wait("alpha", after(300))
    await store.record_answers(answers, decide_answers)
    return m


async def effects(store: Store, *receipts: Receipt) -> list[ReceiptEffect]:
    """What each receipt does, applied in one batch."""
    return [result.effect for result in await store.apply_receipts(receipts, decide_receipt)]


# --- by ref


async def test_a_receipt_ends_the_message_and_makes_its_event(store: Store, owner: Owner) -> None:
    m = await sent(store, claimed(owner), "r1")
    (result,) = await store.apply_receipts([receipt(m, "r1")], decide_receipt)
    assert result.effect is ReceiptEffect.APPLIED
    assert result.step is not None
    assert result.step.passed == [Status.DELIVERED]
    view = await store.message(m.id)
    assert view is not None
    assert (view.message.status, view.message.final_at) == (Status.DELIVERED, after(2))
    assert [(row.state, row.receipt_at) for row in view.rows] == [(PartState.DELIVERED, after(2))]
    events, _ = await store.due_webhooks(after(60), owner, lambda _: 10, 10)
    assert [event.seq for event in events] == [1]  # the one of `sent`; this one waits behind it
    assert [event.seq for event in result.step.events] == [2]


async def test_a_bad_receipt_keeps_the_carriers_words(store: Store, owner: Owner) -> None:
    m = await sent(store, claimed(owner), "r1")
    assert await effects(store, receipt(m, "r1", PartState.UNDELIVERABLE)) == [ReceiptEffect.APPLIED]
    stored = await found(store, m)
    assert (stored.status, stored.reason) == (Status.UNDELIVERABLE, Reason.ABSENT)
    assert stored.error == LastError("absent", "receipt: 001", "001", after(2))


async def test_a_repeated_receipt_changes_nothing(store: Store, owner: Owner) -> None:
    m = await sent(store, claimed(owner), "r1")
    got = [receipt(m, "r1"), receipt(m, "r1"), receipt(m, "r1", PartState.FAILED)]
    assert await effects(store, *got) == [
        ReceiptEffect.APPLIED,
        ReceiptEffect.REPEATED,
        ReceiptEffect.REPEATED,
    ]
    before = await store.message(m.id)
    assert await effects(store, receipt(m, "r1", at=after(9))) == [ReceiptEffect.REPEATED]
    assert await store.message(m.id) == before
    assert (await found(store, m)).events == 2


async def test_receipts_of_one_message_in_one_batch_see_each_other(store: Store, owner: Owner) -> None:
    m = await sent(store, claimed(owner, part_count=2), "r1", "r2")
    results = await store.apply_receipts([receipt(m, "r1"), receipt(m, "r2")], decide_receipt)
    assert [result.step.passed for result in results if result.step] == [[], [Status.DELIVERED]]
    assert (await found(store, m)).status is Status.DELIVERED


async def test_receipts_in_racing_calls_see_each_other(store: Store, owner: Owner) -> None:
    m = await sent(store, claimed(owner, part_count=3), "r1", "r2", "r3")
    results = await asyncio.gather(
        *(store.apply_receipts([receipt(m, ref)], decide_receipt) for ref in ("r1", "r2", "r3"))
    )
    passed = [status for (result,) in results if result.step for status in result.step.passed]
    assert passed == [Status.DELIVERED]


async def test_an_intermediate_receipt_changes_nothing(store: Store, owner: Owner) -> None:
    m = await sent(store, claimed(owner), "r1")
    before = await store.message(m.id)
    assert await effects(store, receipt(m, "r1", None)) == [ReceiptEffect.INTERMEDIATE]
    assert await store.message(m.id) == before


@pytest.mark.parametrize(
    ("answered", "received"), [("1a2b3c", "1715004"), ("1715004", "1A2B3C"), ("001a2b3c", "1715004")]
)
async def test_the_other_notation_of_an_id_is_the_same_part(
    store: Store, owner: Owner, answered: str, received: str
) -> None:
    first, second = claimed(owner), claimed(owner, recipient="+447700900456")
    await sent(store, first, answered)
    assert await effects(store, receipt(first, received)) == [ReceiptEffect.APPLIED]
    # The receipt first.
    await kept(store, second)
    assert await effects(store, receipt(second, received)) == [ReceiptEffect.PARKED]
    await store.record_answers([answer(second, answered)], decide_answers)
    assert (await found(store, second)).status is Status.DELIVERED
    assert (await store.facts(NOW)).parked_receipts == 0


async def test_the_other_notation_counts_for_the_same_destination_alone(store: Store, owner: Owner) -> None:
    m = await sent(store, claimed(owner), "26")
    other = receipt(m, "1a", recipient="+447700900456")
    elsewhere = receipt(m, "1a", operator="beta")
    assert await effects(store, other, elsewhere) == [ReceiptEffect.PARKED, ReceiptEffect.PARKED]
    assert (await found(store, m)).status is Status.SENT


async def test_the_exact_id_goes_before_its_other_notations(store: Store, owner: Owner) -> None:
    decimal, hexadecimal = claimed(owner), claimed(owner)
    await sent(store, hexadecimal, "26")  # decimal 38
    await sent(store, decimal, "38")
    assert await effects(store, receipt(decimal, "38")) == [ReceiptEffect.APPLIED]
    assert (await found(store, decimal)).status is Status.DELIVERED
    assert (await found(store, hexadecimal)).status is Status.SENT


async def test_two_operators_that_count_alike_do_not_swap_receipts(store: Store, owner: Owner) -> None:
    a = await sent(store, claimed(owner), "r1")
    b = claimed(owner, operator="beta")
    await kept(store, b)
    await store.record_answers([answer(b, "r1", operator="beta")], decide_answers)
    assert await effects(store, receipt(b, "r1", operator="beta")) == [ReceiptEffect.APPLIED]
    assert (await found(store, a)).status is Status.SENT
    assert (await found(store, b)).status is Status.DELIVERED


async def test_a_ref_that_comes_again_names_the_newer_part(store: Store, owner: Owner) -> None:
    older = await sent(store, claimed(owner), "r1")
    newer = await sent(store, claimed(owner), "r1")
    assert await effects(store, receipt(newer, "r1")) == [ReceiptEffect.APPLIED]
    assert (await found(store, newer)).status is Status.DELIVERED
    assert (await found(store, older)).status is Status.SENT


async def test_a_receipt_for_a_ref_used_again_long_after_waits_for_its_answer(
    store: Store, owner: Owner
) -> None:
    older = await sent(store, claimed(owner), "r1")
    assert await effects(store, receipt(older, "r1")) == [ReceiptEffect.APPLIED]
    later = NOW + timedelta(days=30)
    newer = claimed(owner, accepted_at=later)
    await kept(store, newer)
    early = receipt(newer, "r1", PartState.FAILED, at=later)
    assert await effects(store, early) == [ReceiptEffect.PARKED]
    await store.record_answers([answer(newer, "r1", at=later)], decide_answers)
    assert (await found(store, newer)).status is Status.FAILED
    assert (await found(store, older)).status is Status.DELIVERED


# --- before the answer


async def test_a_receipt_that_overtakes_its_answer_is_parked_and_applied_with_it(
    store: Store, owner: Owner
) -> None:
    m = claimed(owner)
    await kept(store, m)
    (early,) = await store.apply_receipts([receipt(m, "r1")], decide_receipt)
    assert (early.effect, early.step) == (ReceiptEffect.PARKED, None)
    assert (await store.facts(NOW)).parked_receipts == 1
    (step,) = await store.record_answers([answer(m, "r1")], decide_answers)
    assert step.passed == [Status.SENT, Status.DELIVERED]
    assert (await found(store, m)).status is Status.DELIVERED
    assert (await store.facts(NOW)).parked_receipts == 0
    assert await effects(store, receipt(m, "r1")) == [ReceiptEffect.REPEATED]


async def test_answer_and_receipt_in_one_batch_end_alike_in_any_order(store: Store, owner: Owner) -> None:
    for n in range(20):
        m = claimed(owner)
        await kept(store, m)
        calls = [
            store.record_answers([answer(m, f"r{n}")], decide_answers),
            store.apply_receipts([receipt(m, f"r{n}")], decide_receipt),
        ]
        await asyncio.gather(*(calls if n % 2 else reversed(calls)))
        assert (await found(store, m)).status is Status.DELIVERED
    assert (await store.facts(NOW)).parked_receipts == 0


async def test_intermediate_and_final_receipts_are_both_parked_in_order(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    got = [receipt(m, "r1", None), receipt(m, "r1"), receipt(m, "r1", at=after(7))]
    assert await effects(store, *got[:1]) == [ReceiptEffect.PARKED]
    assert await effects(store, *got[1:]) == [ReceiptEffect.PARKED] * 2
    handed: list[Receipt] = []

    def decide(m: Message, rows: list[PartRow], answers: list, early: list[tuple[int, Receipt]]) -> Step:  # type: ignore[type-arg]
        handed.extend(each for _, each in early)
        return decide_answers(m, rows, answers, early)

    await store.record_answers([answer(m, "r1")], decide)
    assert handed == got[:2]  # the repetition was not kept


async def test_early_receipts_come_with_the_index_of_their_answer(store: Store, owner: Owner) -> None:
    m = claimed(owner, part_count=3)
    await kept(store, m)
    await effects(store, receipt(m, "r3"), receipt(m, "r1"))
    handed: list[tuple[int, str]] = []

    def decide(m: Message, rows: list[PartRow], answers: list, early: list[tuple[int, Receipt]]) -> Step:  # type: ignore[type-arg]
        handed.extend((index, each.ref) for index, each in early)
        return decide_answers(m, rows, answers, early)

    await store.record_answers([answer(m, f"r{n}", n, 3) for n in (1, 2, 3)], decide)
    assert sorted(handed) == [(0, "r1"), (2, "r3")]
    view = await store.message(m.id)
    assert view is not None
    assert [row.state for row in view.rows] == [PartState.DELIVERED, PartState.ACCEPTED, PartState.DELIVERED]


# --- doubt


async def test_a_receipt_is_taken_for_the_only_part_in_doubt_of_its_pair(store: Store, owner: Owner) -> None:
    m = await doubtful(store, claimed(owner))
    (result,) = await store.apply_receipts([receipt(m, "r1")], decide_receipt)
    assert result.effect is ReceiptEffect.MATCHED
    assert result.step is not None
    assert result.step.passed == [Status.DELIVERED]
    stored = await found(store, m)
    assert (stored.status, stored.doubt, stored.next_at) == (Status.DELIVERED, False, None)
    assert (await store.facts(NOW)).in_doubt == 0
    assert await effects(store, receipt(m, "r1")) == [ReceiptEffect.REPEATED]


async def test_nothing_is_guessed_when_two_messages_of_the_pair_are_open(store: Store, owner: Owner) -> None:
    m = await doubtful(store, claimed(owner))
    other = await sent(store, claimed(owner), "known")
    assert await effects(store, receipt(m, "r1")) == [ReceiptEffect.PARKED]
    assert (await found(store, m)).doubt
    # The other one has its own receipt: now exactly one fits.
    assert await effects(store, receipt(other, "known")) == [ReceiptEffect.APPLIED]
    (result,) = await store.match_doubt(decide_receipt, after(5))
    assert result.effect is ReceiptEffect.MATCHED
    assert (await found(store, m)).status is Status.DELIVERED
    assert (await store.facts(NOW)).parked_receipts == 0
    assert await store.match_doubt(decide_receipt, after(6)) == []


async def test_parts_of_one_message_take_as_many_receipts_in_order(store: Store, owner: Owner) -> None:
    m = await doubtful(store, claimed(owner, part_count=2), parts=2)
    assert await effects(store, receipt(m, "r1")) == [ReceiptEffect.PARKED]
    (result,) = await store.apply_receipts([receipt(m, "r2", at=after(3))], decide_receipt)
    assert result.effect is ReceiptEffect.MATCHED
    assert result.step is not None
    assert result.step.passed == [Status.DELIVERED]
    assert len(result.step.parts) == 2
    view = await store.message(m.id)
    assert view is not None
    assert [row.ref for row in view.rows] == ["r1", "r2"]
    assert (await store.facts(NOW)).parked_receipts == 0


async def test_two_receipts_in_one_batch_fit_the_two_parts(store: Store, owner: Owner) -> None:
    m = await doubtful(store, claimed(owner, part_count=2), parts=2)
    got = await effects(store, receipt(m, "r1"), receipt(m, "r2"))
    assert got == [ReceiptEffect.PARKED, ReceiptEffect.MATCHED]
    assert (await found(store, m)).status is Status.DELIVERED
    assert (await store.facts(NOW)).parked_receipts == 0


async def test_a_repetition_is_no_second_receipt(store: Store, owner: Owner) -> None:
    m = await doubtful(store, claimed(owner, part_count=2), parts=2)
    got = await effects(store, receipt(m, "r1"), receipt(m, "r1", at=after(3)))
    assert got == [ReceiptEffect.PARKED, ReceiptEffect.PARKED]
    assert (await found(store, m)).doubt


async def test_another_address_pair_or_operator_is_no_match(store: Store, owner: Owner) -> None:
    m = await doubtful(store, claimed(owner))
    got = [
        receipt(m, "r1", sender="+14155550199"),
        receipt(m, "r2", recipient="+447700900456"),
        receipt(m, "r3", operator="beta"),
        receipt(m, "r4", None),
    ]
    assert await effects(store, *got) == [ReceiptEffect.PARKED] * 4
    assert (await found(store, m)).doubt


async def test_a_part_from_long_ago_is_no_match(store: Store, owner: Owner) -> None:
    m = await doubtful(store, claimed(owner))
    assert await effects(store, receipt(m, "r1", at=NOW + timedelta(days=10))) == [ReceiptEffect.PARKED]


async def test_a_receipt_that_came_before_the_doubt_is_matched_later(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await kept(store, m)
    assert await effects(store, receipt(m, "r1")) == [ReceiptEffect.PARKED]
    await store.record_answers(
        [answer(m, Doubt("no answer"), then=Wait("alpha", after(300)))], decide_answers
    )
    results = await store.match_doubt(decide_receipt, after(5))
    assert [result.effect for result in results] == [ReceiptEffect.MATCHED]
    assert (await found(store, m)).status is Status.DELIVERED


async def test_a_decision_that_raises_leaves_the_receipt_unapplied(store: Store, owner: Owner) -> None:
    m = await sent(store, claimed(owner), "r1")

    def broken(
        message: Message, rows: list[PartRow], row: PartRow, got: Receipt
    ) -> tuple[Step, ReceiptEffect]:
        decide_receipt(message, rows, row, got)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.apply_receipts([receipt(m, "r1")], broken)
    assert (await found(store, m)).status is Status.SENT
    assert await effects(store, receipt(m, "r1")) == [ReceiptEffect.APPLIED]


async def test_an_unknown_receipt_expires_after_a_week(store: Store) -> None:
    await effects(store, receipt(message(), "r1"))
    await store.purge(NOW + timedelta(days=6), 30)
    assert (await store.facts(NOW)).parked_receipts == 1
    await store.purge(NOW + timedelta(days=8), 30)
    assert (await store.facts(NOW)).parked_receipts == 0
