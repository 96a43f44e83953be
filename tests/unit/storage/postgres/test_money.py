"""Purses in slots: whatever runs side by side stays within the limits, and what runs side by side does not queue up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.account import Env
from gateway.domain.money import Entry, Kind, Purse
from gateway.domain.send import Acceptance, Accepted, Taken
from gateway.errors import Conflict
from gateway.ports import LedgerQuery, Store
from storage.postgres.money import SLOTS, OpenTill, Slots, post
from tests.contract.made import acceptance, after, answer, decide_answers, message, new_id
from tests.contract.test_store_money import PURSE, balance, outcome, paying, priced, sent, top_up
from tests.unit.storage.postgres.conftest import OpenStore, waiting_for_locks

SLOTS_OF = "SELECT slot, balance, held, charged FROM purses WHERE account = 'acme' ORDER BY slot"


async def taken_by(store: Store, asked: Sequence[Acceptance]) -> Decimal:
    """The price of all that was taken, each request a call of its own."""
    prices = {m.id: m.charge.amount for a in asked for m in a.items if not hasattr(m, "why") and m.charge}
    results = await asyncio.gather(*(store.accept([each]) for each in asked))
    return sum(
        (prices[item.message_id] for (r,) in results for item in _items(r) if isinstance(item, Taken)),
        Decimal(0),
    )


def _items(result: Any) -> list[Any]:
    assert isinstance(result, Accepted)
    return result.items


@pytest.mark.parametrize(
    ("credit", "cap", "funds"),
    [("0", None, "3"), ("5", None, "-2"), ("0", "3", "100"), ("7.000003", "3.000001", "0.5")],
    ids=["prepaid", "credit", "cap", "both"],
)
async def test_processes_side_by_side_stay_within_the_limit(
    opened: OpenStore, credit: str, cap: str | None, funds: str
) -> None:
    """400 requests of 0.01 to 0.07 from four processes, for a purse that can pay for a fifth of them."""
    stores = [await opened() for _ in range(4)]
    credit_of, cap_of = Decimal(credit), None if cap is None else Decimal(cap)
    await stores[0].book([replace(top_up(funds), kind=Kind.ADJUSTMENT)])
    asked = [
        [
            paying(
                *(priced(f"0.0{1 + (n + k) % 7}") for k in range(1 + n % 3)),
                credit=credit_of,
                per_day=cap_of,
                together=n % 4 == 0,
            )
            for n in range(who * 100, who * 100 + 100)
        ]
        for who in range(4)
    ]
    spent = sum(
        await asyncio.gather(*(taken_by(store, each) for store, each in zip(stores, asked, strict=True)))
    )
    room = Decimal(funds) + credit_of
    room = room if cap_of is None else min(room, cap_of)
    assert await balance(stores[0]) == (Decimal(funds) - spent, spent)
    assert room - Decimal("0.01") < spent <= room, "what a cent could still buy was bought"
    assert (await stores[0].audit())[1] == []


async def test_sends_answers_and_top_ups_side_by_side_add_up(opened: OpenStore) -> None:
    stores = [await opened() for _ in range(3)]

    async def live(store: Store, who: int) -> None:
        for n in range(15):
            m = priced("0.07", operator=None, recipient=f"+4477009{who}{n:04}")
            (result,) = await store.accept([paying(m, credit=Decimal(1))])
            if isinstance(_items(result)[0], Taken):
                await store.record_answers([answer(m, f"{who}-{n}")], decide_answers)
            if n % 5 == 0:
                await store.book([top_up("0.3", key=f"{n}")])

    await asyncio.gather(*(live(store, who) for who, store in enumerate(stores) for _ in range(3)))
    entries = (await stores[0].entries(LedgerQuery("acme", Env.LIVE, 1_000))).items
    assert len([e for e in entries if e.kind is Kind.TOP_UP]) == 3, "each key once"
    assert sum(e.amount for e in entries) >= -1
    assert await balance(stores[0]) == (sum(e.amount for e in entries), sum(e.held for e in entries))
    assert (await stores[0].audit())[1] == []


async def test_nobody_waits_for_the_commit_of_another_one(store: Store, beside: Any) -> None:
    """A transaction that holds a slot for long leaves the others to those that come meanwhile."""
    await store.book([top_up("80")])
    held = beside.transaction()
    await held.start()
    await beside.fetch(
        f"SELECT slot FROM purses WHERE account = 'acme' ORDER BY slot LIMIT {SLOTS - 1} FOR UPDATE"
    )
    m = priced("1")
    await outcome(store, paying(m))
    await sent(store, m)
    assert await balance(store) == (Decimal(79), Decimal(0))
    await held.rollback()


async def test_where_no_slot_is_free_one_is_waited_for(store: Store, beside: Any) -> None:
    await store.book([top_up("80")])
    held = beside.transaction()
    await held.start()
    await beside.fetch("SELECT slot FROM purses WHERE account = 'acme' FOR UPDATE")
    waiting = asyncio.create_task(outcome(store, paying(priced("1"))))
    await waiting_for_locks(beside, 1)
    await held.rollback()
    assert isinstance((await waiting)[0], Taken)


async def test_what_a_slot_cant_pay_all_pay_and_they_are_even_after_it(store: Store, beside: Any) -> None:
    await store.book([top_up("8.000003")])
    assert [row["balance"] for row in await beside.fetch(SLOTS_OF)] == [1_000_001] * 3 + [1_000_000] * 5
    (item,) = await outcome(store, paying(priced("5.000003"), per_day=Decimal(6)))
    assert isinstance(item, Taken)
    rows = await beside.fetch(SLOTS_OF)
    assert [row["balance"] for row in rows] == [375_000] * SLOTS
    assert [row["held"] for row in rows] == [625_001] * 3 + [625_000] * 5
    assert sum(row["charged"] for row in rows) == 5_000_003


async def test_a_purse_is_asked_whole_until_its_slots_have_enough(
    store: Store, beside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poor account costs its requests no second try."""
    tries = []

    async def till(self: Slots, db: Any, acceptances: Any) -> OpenTill:
        tries.append(acceptances)
        return await ask(self, db, acceptances)

    ask = Slots.till
    monkeypatch.setattr(Slots, "till", till)
    await outcome(store, acceptance(message()))  # makes its day
    await store.book([top_up("8")])
    tries.clear()
    for _ in range(4):
        await outcome(store, paying(priced("1.5")))
    assert len(tries) == 5
    await store.book([top_up("800")])
    await outcome(store, paying(priced("1.5")))
    held = beside.transaction()
    await held.start()
    await beside.fetch("SELECT slot FROM purses WHERE account = 'acme' AND slot = 3 FOR UPDATE")
    (item,) = await outcome(store, paying(priced("1.5")))
    assert isinstance(item, Taken), "it was not asked whole"
    await held.rollback()


async def test_who_has_no_money_makes_nobody_wait(store: Store, beside: Any) -> None:
    """It is refused from a look at the purse, whoever has it in hand."""
    await store.book([top_up("1")])
    await outcome(store, paying(priced("2")))
    held = beside.transaction()
    await held.start()
    await beside.fetch("SELECT slot FROM purses WHERE account = 'acme' FOR UPDATE")
    other = priced("0.1", account="globex")
    items, others = await asyncio.gather(
        outcome(store, paying(priced("2"), priced("1.1"))), outcome(store, paying(other, credit=Decimal(1)))
    )
    assert [item.detail for item in items if not isinstance(item, Taken)] == [
        "The balance is 1 EUR; this message costs 2 EUR.",
        "The balance is 1 EUR; this message costs 1.1 EUR.",
    ]
    assert isinstance(others[0], Taken)
    await held.rollback()
    (able,) = await outcome(store, paying(priced("1")))
    assert isinstance(able, Taken)


async def test_a_booking_of_another_day_leaves_the_cap_as_it_is(store: Store) -> None:
    await store.book([top_up("80")])
    later = after(3 * 86_400)
    spent = paying(priced("5", accepted_at=later), per_day=Decimal(6), at=later)
    assert isinstance((await outcome(store, spent))[0], Taken)
    await store.book([top_up("80")])
    more = paying(priced("5", accepted_at=later), per_day=Decimal(6), at=later)
    assert not isinstance((await outcome(store, more))[0], Taken)


async def test_less_credit_binds_at_once_whatever_the_slots_have(store: Store, beside: Any) -> None:
    """Slots that were spent into the former credit keep the others from paying alone."""
    await outcome(store, paying(priced("7"), credit=Decimal(80)))
    await beside.execute("UPDATE purses SET balance = CASE slot WHEN 0 THEN 1000000 ELSE -1142857 END")
    await beside.execute("UPDATE purses SET balance = -1142858 WHERE slot = 1")
    (item,) = await outcome(store, paying(priced("0.5"), credit=Decimal(4)))
    assert not isinstance(item, Taken)
    assert await balance(store) == (Decimal(-7), Decimal(7))


async def test_a_lower_cap_binds_at_once_whatever_the_slots_have(store: Store) -> None:
    await store.book([top_up("800")])
    for _ in range(3):
        await outcome(store, paying(priced("1"), per_day=Decimal(80)))
    (item,) = await outcome(store, paying(priced("0.1"), per_day=Decimal(3)))
    assert not isinstance(item, Taken)


async def test_one_key_in_two_currencies_at_the_same_moment_books_once(opened: OpenStore) -> None:
    stores = [await opened() for _ in range(2)]
    purses = [PURSE, Purse("acme", Env.LIVE, "USD")]
    results = await asyncio.gather(
        *(store.book([top_up("1", purse, key="k")]) for store, purse in zip(stores, purses, strict=True)),
        return_exceptions=True,
    )
    assert sorted(type(result) is list for result in results) == [False, True]
    assert any(isinstance(result, Conflict) for result in results)
    assert await stores[0].audit() == (1, [])


@pytest.mark.parametrize("slots", [3, 12])
async def test_a_purse_of_another_release_has_as_many_slots_as_it_has(
    store: Store, beside: Any, slots: int
) -> None:
    await beside.executemany(
        "INSERT INTO purses VALUES ('acme', 'live', 'EUR', $1, 0, 0, 0, 0)", [(n,) for n in range(slots)]
    )
    await store.book([top_up("12")])
    assert {row["balance"] for row in await beside.fetch(SLOTS_OF)} == {12_000_000 // slots}
    (item,) = await outcome(store, paying(priced("9")))
    assert isinstance(item, Taken)
    assert {row["balance"] for row in await beside.fetch(SLOTS_OF)} == {3_000_000 // slots}
    held = beside.transaction()
    await held.start()
    await beside.fetch("SELECT slot FROM purses WHERE account = 'acme' FOR UPDATE")
    waiting = asyncio.create_task(outcome(store, paying(priced("0.1"))))
    await waiting_for_locks(beside, 1)
    await held.rollback()
    assert isinstance((await waiting)[0], Taken)
    assert (await store.audit())[1] == []


async def test_what_the_others_have_lost_while_a_slot_was_waited_for_is_seen(
    store: Store, opened: OpenStore, beside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody takes a correction out of all slots, then a release comes into one, then a send gets that one: it has
    money in it, and the purse has none."""
    monkeypatch.setattr("storage.postgres.money.random.randrange", lambda _slots: 3)
    await outcome(store, acceptance(message()))  # makes its day
    await store.book([top_up("8")])
    correction = beside.transaction()
    await correction.start()
    await beside.execute("UPDATE purses SET balance = balance - 3000000 WHERE account = 'acme'")
    other = await opened()
    release = Entry(new_id(), Kind.ADJUSTMENT, PURSE, Decimal(5), Decimal(0), after(1))
    released = asyncio.create_task(
        other._groups.alone(lambda db: post(db, [release]))  # type: ignore[attr-defined]
    )
    await waiting_for_locks(beside, 1)
    send = asyncio.create_task(outcome(store, paying(priced("2"))))
    await waiting_for_locks(beside, 2)
    await correction.commit()
    await released
    (item,) = await send
    assert not isinstance(item, Taken)
    assert await balance(store) == (Decimal(8 - 24 + 5), Decimal(0))
