"""Two processes write the same rows at the same moment: the interleavings that would hurt, forced by locks that a third
session holds until both stand where they shall."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.domain.message import Message, PartRow, Step
from gateway.domain.receipt import Receipt
from gateway.domain.send import Accepted
from gateway.domain.words import ReceiptEffect, Status
from gateway.ports import Owner, Store
from tests.contract.made import (
    NOW,
    InboundDecider,
    acceptance,
    after,
    answer,
    changing,
    claimed,
    decide_answers,
    decide_receipt,
    inbound,
    message,
    receipt,
)
from tests.contract.test_store import found, kept
from tests.unit.storage.postgres.conftest import OpenStore, waiting_for_locks


async def test_one_key_in_two_processes_keeps_one_message(
    store: Store, opened: OpenStore, beside: Any
) -> None:
    other = await opened()
    await kept(store, message())  # its day has a partition now
    held = beside.transaction()
    await held.start()
    await beside.execute("LOCK TABLE messages IN SHARE MODE")  # keys may be written, messages may not
    mine, theirs = message(), message()
    first = asyncio.create_task(store.accept([acceptance(mine, key="k"), acceptance(message())]))
    await waiting_for_locks(beside, 1)
    second = asyncio.create_task(other.accept([acceptance(theirs, key="k"), acceptance(message())]))
    await waiting_for_locks(beside, 2)
    await held.rollback()
    (one, _), (two, beside_it) = await first, await second
    assert isinstance(one, Accepted)
    assert isinstance(two, Accepted)
    assert two.items == one.items
    assert two.replayed
    assert beside_it.replayed is False  # type: ignore[union-attr] # its batch-mate is kept
    assert await store.message(theirs.id) is None


@pytest.mark.parametrize(("answered", "received"), [("r1", "r1"), ("1a2b3c", "1715004")])
async def test_a_receipt_that_comes_while_its_answer_is_written_is_applied(
    answered: str, received: str, store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    other = await opened()
    m = claimed(owner)
    await kept(store, m)
    held = beside.transaction()
    await held.start()
    await beside.execute("LOCK TABLE messages IN SHARE MODE")
    answering = asyncio.create_task(store.record_answers([answer(m, answered)], decide_answers))
    await waiting_for_locks(beside, 1)  # the ref is bound, the commit is still to come
    receiving = asyncio.create_task(other.apply_receipts([receipt(m, received)], decide_receipt))
    await waiting_for_locks(beside, 2)
    await held.rollback()
    await answering
    (result,) = await receiving
    assert result.effect is ReceiptEffect.APPLIED
    assert (await found(store, m)).status is Status.DELIVERED
    assert (await store.facts(NOW)).parked_receipts == 0


@pytest.mark.parametrize(("answered", "received"), [("r1", "r1"), ("1a2b3c", "1715004")])
async def test_an_answer_that_comes_while_its_receipt_is_parked_takes_it(
    answered: str, received: str, store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    other = await opened()
    m = claimed(owner)
    await kept(store, m)
    held = beside.transaction()
    await held.start()
    await beside.execute("LOCK TABLE carrier_refs IN SHARE MODE")
    receiving = asyncio.create_task(other.apply_receipts([receipt(m, received)], decide_receipt))
    await waiting_for_locks(beside, 1)  # it has found nothing, and is about to park
    answering = asyncio.create_task(store.record_answers([answer(m, answered)], decide_answers))
    await waiting_for_locks(beside, 2)
    await held.rollback()
    (result,) = await receiving
    (step,) = await answering
    assert result.effect is ReceiptEffect.PARKED
    assert step.passed == [Status.SENT, Status.DELIVERED]
    assert (await found(store, m)).status is Status.DELIVERED
    assert (await store.facts(NOW)).parked_receipts == 0


async def test_receipts_parked_by_two_processes_are_both_there(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    other = await opened()
    m = claimed(owner)
    await kept(store, m)
    early, final = receipt(m, "r1", None), receipt(m, "r1", at=after(3))
    await asyncio.gather(
        store.apply_receipts([early], decide_receipt), other.apply_receipts([final], decide_receipt)
    )
    handed: list[Receipt] = []

    def decide(m: Message, rows: list[PartRow], answers: list[Any], parked: list[Any]) -> Step:
        handed.extend(receipt for _, receipt in parked)
        return decide_answers(m, rows, answers, parked)

    await store.record_answers([answer(m, "r1")], decide)
    assert sorted(handed, key=lambda r: r.at) == [early, final]


async def test_answers_of_two_parts_in_two_processes_see_each_other(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    other = await opened()
    m = claimed(owner, part_count=2)
    await kept(store, m)
    held = beside.transaction()
    await held.start()
    await beside.execute("SELECT FROM messages FOR UPDATE")
    one = asyncio.create_task(store.record_answers([answer(m, "a", 1, 2)], decide_answers))
    two = asyncio.create_task(other.record_answers([answer(m, "b", 2, 2)], decide_answers))
    await waiting_for_locks(beside, 2)
    await held.rollback()
    steps = [*await one, *await two]
    assert [status for step in steps for status in step.passed] == [Status.SENT]
    view = await store.message(m.id)
    assert view is not None
    assert [row.ref for row in view.rows] == ["a", "b"]


async def test_a_message_that_somebody_holds_is_passed_over_by_a_claim(
    store: Store, owner: Owner, beside: Any
) -> None:
    messages = [message(next_at=after(n)) for n in range(3)]
    await kept(store, *messages)
    held = beside.transaction()
    await held.start()
    await beside.execute("SELECT FROM messages ORDER BY next_at LIMIT 1 FOR UPDATE")
    batch = await store.claim("alpha", 2, owner, after(9))
    assert [c.message.id for c in batch.claimed] == [messages[1].id, messages[2].id]
    await held.rollback()
    (first,) = (await store.claim("alpha", 2, owner, after(9))).claimed
    assert first.message.id == messages[0].id


async def test_a_claim_does_not_take_what_was_moved_meanwhile(
    store: Store, owner: Owner, beside: Any
) -> None:
    """The queue's row is read before the message's: what counts is the message."""
    m = message()
    await kept(store, m)
    await beside.execute("UPDATE messages SET operator = 'beta'")
    assert (await store.claim("alpha", 2, owner, after(9))).claimed == []


async def test_claims_of_two_processes_share_a_queue(store: Store, owner: Owner, opened: OpenStore) -> None:
    other = await opened()
    their_owner = await other.register(NOW, "boot-2")
    await kept(store, *(message() for _ in range(300)))
    claims = [
        *(store.claim("alpha", 40, owner, after(9)) for _ in range(5)),
        *(other.claim("alpha", 40, their_owner, after(9)) for _ in range(5)),
    ]
    taken = [c.message.id for batch in await asyncio.gather(*claims) for c in batch.claimed]
    assert len(taken) == len(set(taken)) == 300


async def test_a_deadlock_is_tried_again(store: Store, owner: Owner, beside: Any) -> None:
    first, second = message(), message()
    await kept(store, first, second)
    await beside.execute("SET deadlock_timeout = '10min'")  # the store's session is the one that gives in
    held = beside.transaction()
    await held.start()
    lock = "SELECT FROM messages WHERE id = $1 FOR UPDATE"
    await beside.execute(lock, second.id.hex())
    changing_both = asyncio.create_task(
        store.change([first.id, second.id], changing(lambda m: setattr(m, "route", "changed")))
    )
    probe = asyncio.create_task(_lock_when_waited_for(beside, lock, first))
    await probe
    await held.rollback()
    assert None not in await changing_both
    assert (await found(store, second)).route == "changed"


async def _lock_when_waited_for(beside: Any, lock: str, m: Message) -> None:
    await waiting_for_locks(beside, 1)
    await beside.execute(lock, m.id.hex())


async def test_parts_that_two_processes_hear_are_joined(store: Store, opened: OpenStore, beside: Any) -> None:
    other = await opened()
    held = beside.transaction()
    await held.start()
    await beside.execute("LOCK TABLE inbound_parts IN SHARE MODE")
    decide = InboundDecider()
    tasks = [
        asyncio.create_task(
            each.record_inbound([inbound(body, concat_ref=7, concat_total=2, concat_part=part)], decide)
        )
        for part, (each, body) in enumerate([(store, "a"), (other, "b")], 1)
    ]
    await waiting_for_locks(beside, 2)
    await held.rollback()
    steps = [step for task in tasks for step in await task if step is not None]
    assert [step.inbound.body for step in steps] == ["ab"]


async def test_a_pdu_that_two_processes_hear_is_one(store: Store, opened: OpenStore) -> None:
    other = await opened()
    yes = inbound("YES")
    decide = InboundDecider()
    steps = await asyncio.gather(
        *(each.record_inbound([yes], decide) for each in (store, other) for _ in range(5))
    )
    assert len([step for (step,) in steps if step is not None]) == 1
