"""The ledger of every store: what is reserved, settled, released, refunded and booked, and that it adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.domain import outcome as carrier
from gateway.domain.account import Env
from gateway.domain.erasure import Erasure
from gateway.domain.message import End, Message, PartRow, Step, end
from gateway.domain.money import Allowance, Balance, Charge, Entry, Kind, Purse
from gateway.domain.outcome import Refused
from gateway.domain.retry import without_receipt
from gateway.domain.send import Acceptance, Accepted, Refusal, Taken, Why
from gateway.domain.suppression import Suppression
from gateway.domain.words import PartState, Reason, Status
from gateway.errors import Conflict
from gateway.errors import Refused as NotAllowed
from gateway.ports import LedgerQuery, Page, Store
from tests.contract.made import (
    NOW,
    acceptance,
    after,
    answer,
    decide_answers,
    decide_receipt,
    message,
    new_id,
    receipt,
)

PURSE = Purse("acme", Env.LIVE, "EUR")


def priced(price: str, *, refundable: bool = False, **fields: Any) -> Message:
    """A message that costs something."""
    amount = Decimal(price)
    return message(charge=Charge(amount, amount, "EUR", refundable), **fields)


def paying(*messages: Message, together: bool = False, **fields: Any) -> Acceptance:
    """A request of an account that is metered."""
    allowance = {"credit": fields.pop("credit", Decimal(0)), "per_day": fields.pop("per_day", None)}
    made = acceptance(*messages, **fields)
    return replace(made, allowance=Allowance(**allowance), together=together)


def top_up(amount: str, purse: Purse = PURSE, key: str | None = None, **fields: Any) -> Entry:
    """Somebody has paid."""
    return Entry(new_id(), Kind.TOP_UP, purse, Decimal(amount), Decimal(0), NOW, key, **fields)


def refund(m: Message, amount: str, key: str | None = None) -> Entry:
    """A person gives the price of a message back."""
    return Entry(m.id, Kind.REFUND, PURSE, Decimal(amount), Decimal(0), after(9), key)


async def balance(store: Store, purse: Purse = PURSE) -> tuple[Decimal, Decimal]:
    """What a purse has and holds."""
    for found in await store.balances(purse.account):
        if found.purse == purse:
            return found.balance, found.held
    return Decimal(0), Decimal(0)


async def outcome(store: Store, asked: Acceptance) -> list[Taken | Refusal]:
    """What becomes of a request's items."""
    (result,) = await store.accept([asked])
    assert isinstance(result, Accepted)
    return result.items


async def kinds_of(store: Store, m: Message) -> list[Kind]:
    """The entries of a message."""
    return [entry.kind for entry in await store.entries_of([m.id])]


async def sent(store: Store, m: Message, ref: str = "r1") -> None:
    """A carrier has taken all of it."""
    await store.record_answers([answer(m, ref)], decide_answers)


async def test_a_message_reserves_its_price_in_its_commit(store: Store) -> None:
    await store.book([top_up("10")])
    m = priced("0.075")
    (item,) = await outcome(store, paying(m))
    assert isinstance(item, Taken)
    assert await balance(store) == (Decimal("9.925"), Decimal("0.075"))
    (entry,) = await store.entries_of([m.id])
    assert entry == Entry(m.id, Kind.RESERVATION, PURSE, Decimal("-0.075"), Decimal("0.075"), NOW)
    view = await store.message(m.id)
    assert view is not None
    assert view.message.charge == m.charge
    assert await store.audit() == (2, [])


async def test_what_is_sent_is_settled(store: Store) -> None:
    await store.book([top_up("1")])
    m = priced("0.4")
    await store.accept([paying(m)])
    await sent(store, m)
    assert await balance(store) == (Decimal("0.6"), Decimal(0))
    assert await kinds_of(store, m) == [Kind.RESERVATION, Kind.SETTLEMENT]
    assert await store.audit() == (3, [])


async def test_what_fails_before_it_is_sent_is_released(store: Store) -> None:
    await store.book([top_up("1")])
    m = priced("0.4")
    await store.accept([paying(m)])
    refused = answer(m, Refused(Reason.NO_ROUTE, "11"), then=End(Reason.NO_ROUTE, "no"))
    (step,) = await store.record_answers([refused], decide_answers)
    assert step.message.status in (Status.FAILED, Status.UNDELIVERABLE)
    assert await balance(store) == (Decimal(1), Decimal(0))
    assert await kinds_of(store, m) == [Kind.RESERVATION, Kind.RELEASE]
    assert await store.audit() == (3, [])


@pytest.mark.parametrize("refundable", [True, False])
async def test_what_is_sent_and_not_delivered_is_refunded_where_it_was_agreed(
    store: Store, refundable: bool
) -> None:
    await store.book([top_up("1")])
    m = priced("0.4", refundable=refundable)
    await store.accept([paying(m)])
    await sent(store, m)
    await store.apply_receipts([receipt(m, "r1", PartState.UNDELIVERABLE)], decide_receipt)
    has = Decimal(1) if refundable else Decimal("0.6")
    assert await balance(store) == (has, Decimal(0))
    assert (Kind.REFUND in await kinds_of(store, m)) is refundable
    assert (await store.audit())[1] == []


async def test_a_carrier_that_is_asked_for_no_receipts_gives_nothing_away(store: Store) -> None:
    """Whether it arrived nobody knows, so nobody can say that it did not; but for a receipt that comes all the same."""
    await store.book([top_up("1")])
    m = priced("0.4", refundable=True)
    await store.accept([paying(m)])
    await store.record_answers([answer(m, carrier.Accepted("r1", receipt=False))], decide_answers)
    assert await store.overdue(after(80), 10) == []
    assert await kinds_of(store, m) == [Kind.RESERVATION, Kind.SETTLEMENT]
    assert await balance(store) == (Decimal("0.6"), Decimal(0))
    assert await store.audit() == (3, [])
    await store.apply_receipts([receipt(m, "r1", PartState.UNDELIVERABLE)], decide_receipt)
    assert await kinds_of(store, m) == [Kind.RESERVATION, Kind.SETTLEMENT, Kind.REFUND]
    assert await balance(store) == (Decimal(1), Decimal(0))
    assert await store.audit() == (4, [])


async def test_a_carrier_that_owes_a_receipt_gives_it_back(store: Store) -> None:
    await store.book([top_up("1")])
    m = priced("0.4", refundable=True)
    await store.accept([paying(m)])
    await sent(store, m)

    def give_up(message: Message, _rows: list[PartRow]) -> Step:
        step = Step(message)
        end(step, without_receipt(), after(80))
        return step

    (step,) = await store.change([m.id], give_up)
    assert step is not None
    assert step.message.status is Status.UNDELIVERABLE
    assert Kind.REFUND in await kinds_of(store, m)
    assert (await store.audit())[1] == []


async def test_what_a_person_has_refunded_is_not_refunded_again(store: Store) -> None:
    await store.book([top_up("1")])
    m = priced("0.4", refundable=True)
    await store.accept([paying(m)])
    await sent(store, m)
    (booked,) = await store.book([refund(m, "0.4")])
    assert booked.new
    await store.apply_receipts([receipt(m, "r1", PartState.UNDELIVERABLE)], decide_receipt)
    assert await balance(store) == (Decimal(1), Decimal(0))
    (again,) = await store.book([refund(m, "0.4", key="other")])
    assert again == (booked.entry, False)
    assert await store.audit() == (4, [])


async def test_too_little_money_refuses_and_says_how_much_is_missing(store: Store) -> None:
    await store.book([top_up("0.04")])
    m = priced("0.075")
    (item,) = await outcome(store, paying(m))
    assert item == Refusal(Why.INSUFFICIENT_BALANCE, "The balance is 0.04 EUR; this message costs 0.075 EUR.")
    assert await store.message(m.id) is None
    assert await store.entries_of([m.id]) == []
    assert await balance(store) == (Decimal("0.04"), Decimal(0))


async def test_each_message_of_a_batch_sees_what_those_before_have_left(store: Store) -> None:
    await store.book([top_up("1")])
    first, dear, cheap, free = priced("0.7"), priced("0.4"), priced("0.3"), message()
    items = await outcome(store, paying(first, dear, cheap, free))
    assert [type(item) for item in items] == [Taken, Refusal, Taken, Taken]
    assert await balance(store) == (Decimal(0), Decimal(1))


async def test_later_requests_of_a_batch_see_what_earlier_ones_have_left(store: Store) -> None:
    await store.book([top_up("1")])
    results = await store.accept([paying(priced("0.6")), paying(priced("0.6")), paying(priced("0.4"))])
    taken = [isinstance(item, Taken) for r in results if isinstance(r, Accepted) for item in r.items]
    assert taken == [True, False, True]


async def test_a_balance_may_fall_to_the_limit_of_credit(store: Store) -> None:
    items = await outcome(store, paying(priced("4"), priced("3"), priced("3.000001"), credit=Decimal(10)))
    assert [type(item) for item in items] == [Taken, Taken, Refusal]
    refusal = items[2]
    assert isinstance(refusal, Refusal)
    assert (
        refusal.detail == "The balance is -7 EUR, the credit limit 10 EUR; this message costs 3.000001 EUR."
    )
    assert await balance(store) == (Decimal(-7), Decimal(7))
    (last,) = await outcome(store, paying(priced("3"), credit=Decimal(10)))
    assert isinstance(last, Taken)


async def test_a_day_has_a_cap_and_the_next_day_begins_anew(store: Store) -> None:
    await store.book([top_up("100")])
    cap = Decimal("1.5")
    items = await outcome(store, paying(priced("1"), priced("1"), priced("0.5"), per_day=cap))
    assert [type(item) for item in items] == [Taken, Refusal, Taken]
    refusal = items[1]
    assert isinstance(refusal, Refusal)
    assert refusal.why is Why.SPENDING_CAP
    assert (
        refusal.detail
        == "1 EUR of the 1.5 EUR that may be spent in a day are spent; this message costs 1 EUR."
    )
    (more,) = await outcome(store, paying(priced("0.000001"), per_day=cap))
    assert isinstance(more, Refusal)
    tomorrow = NOW + timedelta(days=1)
    (next_day,) = await outcome(store, paying(priced("1", accepted_at=tomorrow), per_day=cap, at=tomorrow))
    assert isinstance(next_day, Taken)
    (late,) = await outcome(store, paying(priced("1"), per_day=cap))
    assert isinstance(late, Refusal), "a clock that is behind spends from the later day"


async def test_a_clock_that_was_wrong_for_a_while_keeps_nobody_from_spending(store: Store) -> None:
    """What it has counted on a day far ahead would use up the cap of all days until then."""
    await store.book([top_up("100")])
    cap, wrong = Decimal("1.5"), NOW + timedelta(days=3650)
    (item,) = await outcome(store, paying(priced("1.5", accepted_at=wrong), per_day=cap, at=wrong))
    assert isinstance(item, Taken)
    items = await outcome(store, paying(priced("1"), priced("1"), priced("0.5"), per_day=cap))
    assert [type(item) for item in items] == [Taken, Refusal, Taken]
    await store.book([top_up("1")])
    (item,) = await outcome(store, paying(priced("0.1"), per_day=cap))
    assert isinstance(item, Refusal), "what was charged today is not forgotten"


async def test_what_is_released_stays_charged_on_its_day(store: Store) -> None:
    await store.book([top_up("100")])
    m = priced("1")
    await store.accept([paying(m, per_day=Decimal("1.5"))])
    refused = answer(m, Refused(Reason.NO_ROUTE, "11"), then=End(Reason.NO_ROUTE, "no"))
    await store.record_answers([refused], decide_answers)
    (item,) = await outcome(store, paying(priced("1"), per_day=Decimal("1.5")))
    assert isinstance(item, Refusal)


async def test_all_that_belong_together_are_taken_or_none(store: Store) -> None:
    await store.book([top_up("1")])
    gate = Refusal(Why.INVALID_RECIPIENT, "no number")
    ours: list[Message | Refusal] = [priced("0.4"), gate, priced("0.4"), priced("0.4"), message()]
    items = await outcome(store, _mixed(ours))
    assert items[1] == gate
    told = Refusal(Why.INSUFFICIENT_BALANCE, "The balance is 1 EUR; these 4 messages cost 1.2 EUR.")
    assert [items[0], *items[2:]] == [told] * 4
    assert await balance(store) == (Decimal(1), Decimal(0))
    reserved = LedgerQuery("acme", Env.LIVE, 10, kinds=frozenset({Kind.RESERVATION}))
    assert await store.entries(reserved) == Page([], None)
    for item in ours:
        if isinstance(item, Message):
            assert await store.message(item.id) is None
    items = await outcome(store, paying(priced("0.4"), priced("0.6"), together=True))
    assert [type(item) for item in items] == [Taken, Taken]


def _mixed(items: list[Message | Refusal]) -> Acceptance:
    return Acceptance(items, None, NOW, together=True)


async def test_what_none_of_the_others_could_pay_leaves_the_purse_to_later_requests(store: Store) -> None:
    await store.book([top_up("1")])
    together = paying(priced("0.6"), priced("0.6"), together=True)
    results = await store.accept([together, paying(priced("1"))])
    last = results[1]
    assert isinstance(last, Accepted)
    assert isinstance(last.items[0], Taken)


async def test_a_replay_costs_nothing(store: Store) -> None:
    await store.book([top_up("1")])
    m = priced("0.6")
    await store.accept([paying(m, key="k")])
    (replay,) = await store.accept([paying(priced("0.6"), key="k")])
    assert isinstance(replay, Accepted)
    assert replay.replayed
    assert await balance(store) == (Decimal("0.4"), Decimal("0.6"))


async def test_a_request_that_was_refused_for_money_may_come_again(store: Store) -> None:
    (poor,) = await outcome(store, paying(priced("0.6"), key="k"))
    assert isinstance(poor, Refusal)
    await store.book([top_up("1")])
    (rich,) = await outcome(store, paying(priced("0.6"), key="k"))
    assert isinstance(rich, Taken)


async def test_a_price_of_nothing_makes_no_entry(store: Store) -> None:
    m = priced("0")
    (item,) = await outcome(store, paying(m))
    assert isinstance(item, Taken)
    await sent(store, m)
    assert await store.entries_of([m.id]) == []
    assert await store.balances() == []
    assert await store.audit() == (0, [])


async def test_a_top_up_is_booked_once_by_its_key(store: Store) -> None:
    first, second = top_up("5", key="invoice 7"), top_up("5", key="invoice 7")
    (booked,) = await store.book([first])
    (again,) = await store.book([second])
    assert booked == (first, True)
    assert again == (first, False)
    assert await store.book([first]) == [(first, False)]
    elsewhere = top_up("5", Purse("acme", Env.TEST, "EUR"), key="invoice 7")
    other = top_up("5", Purse("globex", Env.LIVE, "EUR"), key="invoice 7")
    assert [each.new for each in await store.book([elsewhere, other])] == [True, True]
    assert await balance(store) == (Decimal(5), Decimal(0))


@pytest.mark.parametrize(
    "other",
    [
        top_up("6", key="k"),
        top_up("5", Purse("acme", Env.LIVE, "USD"), key="k"),
        replace(top_up("5", key="k"), kind=Kind.ADJUSTMENT),
    ],
    ids=["amount", "currency", "kind"],
)
async def test_a_key_that_was_used_for_something_else_is_a_conflict(store: Store, other: Entry) -> None:
    await store.book([top_up("5", key="k")])
    with pytest.raises(Conflict, match="key 'k'"):
        await store.book([top_up("1"), other])
    assert await store.balances() == [Balance(PURSE, Decimal(5), Decimal(0))]
    assert await store.audit() == (1, [])


@pytest.mark.parametrize("sign", [1, -1], ids=["money", "debt"])
async def test_no_booking_makes_a_balance_too_large_to_be_added_up(store: Store, sign: int) -> None:
    largest = sign * Decimal("999999999999.999999")
    first = replace(top_up("1", key="k"), kind=Kind.ADJUSTMENT, amount=largest)
    await store.book([first])
    for more in (largest, sign * Decimal("0.000001")):
        with pytest.raises(NotAllowed, match="more than 12 digits"):
            await store.book([replace(top_up("1"), kind=Kind.ADJUSTMENT, amount=more)])
    assert await store.book([first]) == [(first, False)]
    assert await balance(store) == (largest, Decimal(0))
    assert await store.audit() == (1, [])


async def test_only_what_was_settled_is_refunded_by_hand(store: Store) -> None:
    await store.book([top_up("1")])
    waiting, gone = priced("0.4"), priced("0.3")
    await store.accept([paying(waiting, gone)])
    await sent(store, gone)
    with pytest.raises(Conflict, match="no settlement"):
        await store.book([refund(waiting, "0.4")])
    with pytest.raises(Conflict, match=r"has cost 0\.3 EUR"):
        await store.book([refund(gone, "0.4")])
    assert [each.new for each in await store.book([refund(gone, "0.3", "k")])] == [True]
    with pytest.raises(Conflict, match="key 'k'"):
        await store.book([refund(waiting, "0.3", "k")])
    assert await store.audit() == (5, [])


async def test_pages_of_the_ledger_go_back_in_time(store: Store) -> None:
    times = [NOW + timedelta(hours=hour) for hour in range(4)]
    booked = [replace(top_up("1"), subject=new_id(at), at=at, note=f"at {at:%H}") for at in times]
    await store.book(booked)
    await store.book(
        [top_up("1", Purse("acme", Env.TEST, "EUR")), top_up("1", Purse("globex", Env.LIVE, "EUR"))]
    )
    m = priced("0.5", accepted_at=NOW + timedelta(hours=5))
    await store.accept([paying(m)])
    await sent(store, m)
    whole = (await store.entries(LedgerQuery("acme", Env.LIVE, 50))).items
    assert [(e.subject, e.kind) for e in whole] == [
        (m.id, Kind.SETTLEMENT),
        (m.id, Kind.RESERVATION),
        *((e.subject, e.kind) for e in reversed(booked)),
    ]
    assert whole[2:] == booked[::-1]
    assert await every_entry(store, LedgerQuery("acme", Env.LIVE, 2)) == whole
    first = await store.entries(LedgerQuery("acme", Env.LIVE, len(whole)))
    assert first == Page(whole, None), "it is full, and the last one"
    query = LedgerQuery("acme", Env.LIVE, 50, kinds=frozenset({Kind.TOP_UP}), after=times[1], until=times[3])
    assert await store.entries(query) == Page([booked[2], booked[1]], None)


async def test_a_page_of_few_kinds_ends_where_enough_was_looked_at(store: Store) -> None:
    earlier = top_up("1")
    await store.book([earlier])
    messages = [priced("0.01") for _ in range(10)]
    await store.accept([paying(*messages)])
    top_ups = [earlier, top_up("1")]
    await store.book(top_ups[1:])
    by_hand = LedgerQuery("acme", Env.LIVE, 5, kinds=frozenset({Kind.TOP_UP}), looks=4)
    newest, third = messages[-1].id, messages[-3].id
    first = await store.entries(by_hand)
    assert first == Page([top_ups[1]], (third, Kind.RESERVATION))
    assert (await store.entries(replace(by_hand, before=(newest, Kind.RESERVATION)))).items == []
    assert await every_entry(store, by_hand) == top_ups[::-1]
    assert await every_entry(store, replace(by_hand, looks=1)) == top_ups[::-1]
    assert await every_entry(store, replace(by_hand, kinds=None)) == await every_entry(
        store, replace(by_hand, kinds=frozenset(Kind))
    )


async def every_entry(store: Store, query: LedgerQuery) -> list[Entry]:
    """All that a query finds, page after page."""
    found: list[Entry] = []
    while True:
        page = await store.entries(query)
        assert len(page.items) <= query.limit
        found += page.items
        if page.before is None:
            return found
        query = replace(query, before=page.before)


async def test_entries_of_many_messages_come_sorted(store: Store) -> None:
    await store.book([top_up("1")])
    one, two = priced("0.1"), priced("0.2")
    await store.accept([paying(one, two)])
    await sent(store, one)
    found = await store.entries_of([two.id, one.id, new_id()])
    assert [(e.subject, e.kind) for e in found] == [
        (one.id, Kind.RESERVATION),
        (one.id, Kind.SETTLEMENT),
        (two.id, Kind.RESERVATION),
    ]


async def test_entries_outlive_their_message(store: Store) -> None:
    await store.book([top_up("1")])
    m = priced("0.4")
    await store.accept([paying(m)])
    await sent(store, m)
    await store.apply_receipts([receipt(m, "r1")], decide_receipt)
    await store.drop_day(NOW.date(), lambda _count: None)
    assert await store.message(m.id) is None
    assert await kinds_of(store, m) == [Kind.RESERVATION, Kind.SETTLEMENT]
    assert await store.audit() == (3, [])


async def test_the_proof_tells_how_far_it_is(store: Store) -> None:
    await store.book([top_up("1"), top_up("2")])
    told: list[tuple[int, int]] = []
    assert await store.audit(lambda done, total: told.append((done, total))) == (2, [])
    assert told[-1] == (2, 2)


async def test_an_erased_number_leaves_the_money_as_it_is(store: Store) -> None:
    """Its message keeps what it has cost; a request beside it is paid from the same credit, together or not."""
    store.recognize(lambda number: f"erased:{number[-4:]}")
    m = priced("0.4", attempts=1, part_count=1)
    await store.accept([paying(m, credit=Decimal(1))])
    await sent(store, m)
    await store.apply_receipts([receipt(m, "r1")], decide_receipt)
    await store.suppress([Suppression("acme", Env.LIVE, "", m.recipient, "stop", NOW)])
    erasure = Erasure(m.recipient, f"erased:{m.recipient[-4:]}", None, after(60))
    assert (await store.erase(erasure)).messages == 1
    assert (await store.audit())[1] == []
    to_it, other = priced("0.1"), [priced("0.4", recipient="+447700900999") for _ in range(2)]
    items = await outcome(store, paying(to_it, *other, credit=Decimal(1), together=True))
    assert [item.why for item in items if isinstance(item, Refusal)] == [
        Why.SUPPRESSED,
        Why.INSUFFICIENT_BALANCE,
        Why.INSUFFICIENT_BALANCE,
    ]
    items = await outcome(store, paying(to_it, other[0], credit=Decimal(1)))
    assert isinstance(items[1], Taken)
