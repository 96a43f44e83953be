"""Counting in millionths, what a refused tenant reads, and slots that decide alone keep to the limits together."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.domain.money import PLACES, Allowance, Charge
from gateway.domain.send import Acceptance, Why
from gateway.errors import StoreError
from storage import money
from storage.money import Funds, Till
from tests.contract.made import NOW, message
from tests.contract.test_store_money import paying, priced

KEY = ("acme", "live", "EUR")
TODAY = money.day_of(NOW)
SLOTS = 8

amounts = st.decimals(-(10**9), 10**9, places=PLACES)
small = st.integers(0, 500).map(lambda n: Decimal(n) / 100)


@given(amounts)
@example(Decimal(100))
@example(Decimal("1E+2"))
@example(Decimal("-0.000001"))
def test_an_amount_comes_back_as_it_was_kept(value: Decimal) -> None:
    kept = money.millionths(value)
    assert money.amount(kept) == value
    assert "E+" not in str(money.amount(kept))


def test_an_amount_is_never_rounded() -> None:
    with pytest.raises(StoreError, match="more than 6 decimals"):
        money.millionths(Decimal("0.0000001"))


@pytest.mark.parametrize(
    ("kept", "told"),
    [(0, "0"), (40_000, "0.04"), (100_000_000, "100"), (1, "0.000001"), (-7_500_000, "-7.5")],
)
def test_an_amount_reads_as_a_person_writes_it(kept: int, told: str) -> None:
    assert money.plain(kept) == told


def till(*, balance: str = "0", charged: str = "0", day: int = TODAY, shares: int = 1) -> Till:
    """A till with one purse."""
    return Till(
        {KEY: Funds(money.millionths(Decimal(balance)), 0, day, money.millionths(Decimal(charged)), shares)}
    )


@pytest.mark.parametrize(
    ("opened", "asked", "why", "told"),
    [
        (
            till(balance="0.04"),
            paying(priced("0.075")),
            Why.INSUFFICIENT_BALANCE,
            "The balance is 0.04 EUR; this message costs 0.075 EUR.",
        ),
        (
            till(balance="-99"),
            paying(priced("1.5"), credit=Decimal(100)),
            Why.INSUFFICIENT_BALANCE,
            "The balance is -99 EUR, the credit limit 100 EUR; this message costs 1.5 EUR.",
        ),
        (
            till(balance="50", charged="9"),
            paying(priced("2"), per_day=Decimal(10)),
            Why.SPENDING_CAP,
            "9 EUR of the 10 EUR that may be spent in a day are spent; this message costs 2 EUR.",
        ),
        (
            till(balance="50", charged="9", day=TODAY - 1),
            paying(priced("11"), per_day=Decimal(10)),
            Why.SPENDING_CAP,
            "0 EUR of the 10 EUR that may be spent in a day are spent; this message costs 11 EUR.",
        ),
    ],
    ids=["prepaid", "credit", "cap", "cap of a new day"],
)
def test_the_tenant_reads_what_there_is_and_what_it_would_cost(
    opened: Till, asked: Acceptance, why: Why, told: str
) -> None:
    (m,) = asked.items
    refusal = opened.pay(m, asked)  # type: ignore[arg-type]
    assert refusal is not None
    assert (refusal.why, refusal.detail) == (why, told)
    assert opened.entries == []


def test_what_costs_nothing_needs_no_purse_beside_what_cant_be_paid() -> None:
    opened = till(balance="1")
    free = message(charge=Charge(Decimal(0), Decimal(0), "USD"))
    refusal = opened.pay_together([free, priced("0.6"), priced("0.6")], paying())
    assert refusal is not None
    assert refusal.detail == "The balance is 1 EUR; these 3 messages cost 1.2 EUR."
    assert opened.pay_together([free, priced("0.4"), priced("0.6")], paying()) is None


def test_a_slot_that_cant_pay_decides_nothing() -> None:
    opened = till(balance="1", shares=SLOTS)
    opened.pay(priced("2"), paying())
    assert opened.short == {KEY}


@given(st.lists(st.tuples(st.integers(0, SLOTS - 1), small), max_size=60), small, small, small)
def test_what_slots_pay_alone_they_may_pay_together(
    spent: list[tuple[int, Decimal]], funds: Decimal, credit: Decimal, cap: Decimal
) -> None:
    """Whichever slots pay, and however the money lies in them at first."""
    slots = [Funds(money.millionths(funds) * n // 36, 0, TODAY, 0, SLOTS) for n in range(1, SLOTS + 1)]
    asked = paying(credit=credit, per_day=cap)
    for slot, price in spent:
        Till({KEY: slots[slot]}).pay(priced(str(price)), asked)
    assert sum(slot.balance for slot in slots) >= -money.millionths(credit)
    assert sum(slot.charged for slot in slots) <= money.millionths(cap)


@pytest.mark.parametrize(("least", "most"), [(-1_000_001, 0), (0, 1_000_001)], ids=["credit", "cap"])
def test_a_slot_beyond_its_share_keeps_the_others_from_deciding(least: int, most: int) -> None:
    for funds, pays in (
        (Funds(10**8, shares=SLOTS), True),
        (Funds(10**8, 0, 0, 0, SLOTS, least, most), False),
    ):
        opened = Till({KEY: funds})
        opened.pay(priced("0.1"), paying(credit=Decimal(8), per_day=Decimal(8)))
        assert bool(opened.entries) is pays


def test_slots_have_enough_when_each_could_pay_for_such_a_batch_again() -> None:
    for balance, cap, enough in (
        ("9", None, True),
        ("8.9", None, False),
        ("9", "8.9", False),
        ("9", "9", True),
    ):
        opened = till(balance=balance)
        allowance = Allowance(per_day=None if cap is None else Decimal(cap))
        opened.pay(priced("1"), Acceptance([], None, NOW, allowance))
        assert opened.could_pay(KEY, SLOTS) is enough
