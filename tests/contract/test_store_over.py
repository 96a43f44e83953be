"""Messages that are over as `sent`: a carrier has taken them, and was asked for no receipt. On every engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from gateway.domain.account import Env
from gateway.domain.erasure import Erasure
from gateway.domain.labels import OVER
from gateway.domain.message import Message
from gateway.domain.outcome import Accepted
from gateway.domain.suppression import Suppression
from gateway.domain.words import PartState, ReceiptEffect, Status
from gateway.ports import ListQuery, Owner, Store
from tests.contract.made import (
    NOW,
    OURS,
    PHONE,
    acceptance,
    after,
    answer,
    claimed,
    decide_answers,
    decide_receipt,
    message,
    receipt,
)
from tests.contract.test_store import found
from tests.contract.test_store_erasure import name_of

DAY = timedelta(days=1)


async def taken(store: Store, owner: Owner, ref: str, *, receipts: bool = False) -> Message:
    """A message that a carrier took; `receipts`: and was asked for one."""
    m = claimed(owner)
    await store.accept([acceptance(m)])
    await store.record_answers([answer(m, Accepted(ref, receipt=receipts))], decide_answers)
    return m


async def over(store: Store) -> list[bytes]:
    """Those that are found as such."""
    return (await store.labelled("acme", Env.LIVE, [OVER])).get(OVER, [])


async def test_it_is_over_and_nothing_looks_for_it_any_more(store: Store, owner: Owner) -> None:
    m, waits = await taken(store, owner, "r1"), await taken(store, owner, "r2", receipts=True)
    known = await found(store, m)
    assert (known.status, known.final_at, known.owner) == (Status.SENT, after(1), None)
    assert await store.overdue(m.expires_at + DAY, 10) == [waits.id]
    assert (await store.held(owner)).messages == set()
    assert await over(store) == [m.id]


async def test_a_receipt_moves_it_all_the_same(store: Store, owner: Owner) -> None:
    arrived, lost = await taken(store, owner, "r1"), await taken(store, owner, "r2")
    results = await store.apply_receipts(
        [receipt(arrived, "r1"), receipt(lost, "r2", PartState.UNDELIVERABLE)], decide_receipt
    )
    assert [result.effect for result in results] == [ReceiptEffect.APPLIED] * 2
    assert [(await found(store, m)).status for m in (arrived, lost)] == [
        Status.DELIVERED,
        Status.UNDELIVERABLE,
    ]
    assert (await found(store, lost)).final_at == after(2)
    assert await over(store) == []
    (again,) = await store.apply_receipts([receipt(lost, "r2")], decide_receipt)
    assert again.effect is ReceiptEffect.REPEATED


async def test_one_whose_receipt_was_there_first_never_was(store: Store, owner: Owner) -> None:
    m = claimed(owner)
    await store.accept([acceptance(m)])
    await store.apply_receipts([receipt(m, "r1")], decide_receipt)
    await store.record_answers([answer(m, Accepted("r1", receipt=False))], decide_answers)
    assert (await found(store, m)).status is Status.DELIVERED
    assert await over(store) == []


async def test_retention_drops_it_with_what_finds_it(store: Store, owner: Owner) -> None:
    m = await taken(store, owner, "r1")
    await store.purge(NOW + 40 * DAY, 30)
    assert await store.message(m.id) is None
    assert await over(store) == []


async def test_its_day_can_be_dropped(store: Store, owner: Owner) -> None:
    m = await taken(store, owner, "r1")
    assert await store.drop_day(NOW.date(), lambda _: None) == 1
    assert await store.message(m.id) is None
    assert await over(store) == []


async def test_its_number_is_erased_like_that_of_any_end(store: Store, owner: Owner) -> None:
    """And a receipt that comes then finds it by the name."""
    store.recognize(name_of)
    m = await taken(store, owner, "r1")
    await store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "erased", NOW)])
    done = await store.erase(Erasure(PHONE, name_of(PHONE), None, after(60)))
    assert (done.messages, done.left) == (1, [])
    assert (await found(store, m)).recipient == name_of(PHONE)
    await store.apply_receipts([receipt(m, "r1", at=after(90))], decide_receipt)
    assert (await found(store, m)).status is Status.DELIVERED
    assert await over(store) == []


async def test_a_list_of_what_is_sent_holds_it_beside_what_waits_for_a_receipt(
    store: Store, owner: Owner
) -> None:
    first, waits, last = (
        await taken(store, owner, "r1"),
        await taken(store, owner, "r2", receipts=True),
        await taken(store, owner, "r3"),
    )
    arrived, queued = await taken(store, owner, "r4"), message()
    await store.apply_receipts([receipt(arrived, "r4")], decide_receipt)
    await store.accept([acceptance(queued)])
    assert await listed(store, {Status.SENT}) == [last.id, waits.id, first.id]
    assert await listed(store, {Status.SENT, Status.QUEUED}, limit=2) == [queued.id, last.id]
    assert await listed(store, {Status.SENT}, before=last.id, sender=OURS) == [waits.id, first.id]
    assert await listed(store, {Status.SENT}, recipient=PHONE) == [last.id, waits.id, first.id]
    assert await listed(store, {Status.DELIVERED, Status.SENT}) == [
        arrived.id,
        last.id,
        waits.id,
        first.id,
    ]
    assert await listed(store, {Status.SENT}, account="other") == []


async def test_who_asks_for_what_is_open_reads_none_of_them(store: Store, owner: Owner) -> None:
    waits = await taken(store, owner, "r0", receipts=True)
    for n in range(1, 30):
        await taken(store, owner, f"r{n}")
    page = await store.messages(a_query({Status.SENT}, over=False, limit=2, looks=5))
    assert ([m.id for m in page.items], page.before) == ([waits.id], None)


async def test_a_list_reads_no_more_of_them_than_it_may(store: Store, owner: Owner) -> None:
    """Where a filter is beside the status, and few pass it; a cursor leads to all."""
    for n in range(30):
        await taken(store, owner, f"r{n}")
    query, pages = a_query({Status.SENT}, sender="nobody", looks=10), 1
    page = await store.messages(query)
    while page.before is not None:
        assert page.items == []
        page, pages = await store.messages(replace(query, before=page.before)), pages + 1
    assert pages > 2


def a_query(status: set[Status], **fields: Any) -> ListQuery:
    """A query for these statuses."""
    return replace(ListQuery("acme", Env.LIVE, 20, status=frozenset(status)), **fields)


async def listed(store: Store, status: set[Status], **fields: Any) -> list[bytes]:
    """The ids on a page."""
    return [m.id for m in (await store.messages(a_query(status, **fields))).items]
