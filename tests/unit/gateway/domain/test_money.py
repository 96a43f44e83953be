"""Money: what each move of a message does to its purse, and which amounts are kept."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Env
from gateway.domain.message import FINAL, TRANSITIONS
from gateway.domain.money import PLACES, ZERO, Charge, Kind, Purse, is_kept, of_move, plain, read, reservation
from gateway.domain.words import Status

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PURSE = Purse("acme", Env.LIVE, "EUR")
PRICE = Decimal("0.075")


def walks(at: Status, path: tuple[Status, ...] = ()) -> list[tuple[Status, ...]]:
    """Every way through the transition table from a status to a final one."""
    path = (*path, at)
    nexts = [following for following in sorted(TRANSITIONS[at]) if following not in path]
    found = [way for following in nexts for way in walks(following, path)]
    return found or [path]


WAYS = walks(Status.SCHEDULED) + walks(Status.QUEUED)


@pytest.mark.parametrize("refundable", [True, False])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(each.value for each in way))
def test_nothing_is_held_in_the_end(way: tuple[Status, ...], refundable: bool) -> None:
    """Whatever way a message takes: nothing is held once it is over, and it costs its price or nothing."""
    charge = Charge(PRICE, PRICE, "EUR", refundable)
    entries = [reservation(b"m", PURSE, PRICE, NOW)]
    for before, to in pairwise(way):
        entry = of_move(b"m", PURSE, charge, before, to, NOW)
        entries += [entry] if entry is not None else []
    assert way[-1] in FINAL
    assert sum((entry.held for entry in entries), ZERO) == ZERO
    was_sent = Status.SENT in way or Status.DELIVERED in way
    paid = was_sent and not (refundable and way[-1] is not Status.DELIVERED)
    assert sum((entry.amount for entry in entries), ZERO) == (-PRICE if paid else ZERO)
    kinds = [entry.kind for entry in entries]
    assert len(set(kinds)) == len(kinds), "at most one of each kind"
    assert (Kind.SETTLEMENT in kinds) == was_sent


def test_what_costs_nothing_makes_no_entry() -> None:
    free = Charge(ZERO, ZERO, "EUR")
    assert of_move(b"m", PURSE, free, Status.QUEUED, Status.SENT, NOW) is None


@pytest.mark.parametrize(
    ("amount", "kept"),
    [
        ("0.000001", True),
        ("0.0000001", False),
        ("0.1000000000", True),
        ("999999999999.999999", True),
        ("1000000000000", False),
        ("1E+3", True),
        ("1E+11", True),
        ("1E+12", False),
        ("1E+999999999", False),
        ("0E+999999999", True),
        ("0.1000000000000000000000000000000000000001", False),  # more digits than arithmetic keeps
        ("NaN", False),
        ("Infinity", False),
    ],
)
def test_what_can_be_kept(amount: str, kept: bool) -> None:
    assert is_kept(Decimal(amount)) is kept


@pytest.mark.parametrize(
    ("amount", "said"),
    [("0.0750", "0.075"), ("100", "100"), ("1E+3", "1000"), ("-0.00", "0"), ("-1.50", "-1.5")],
)
def test_plain(amount: str, said: str) -> None:
    assert plain(Decimal(amount)) == said


@given(st.decimals(-(10**12) + 1, 10**12 - 1, places=PLACES))
def test_plain_says_the_same_amount(amount: Decimal) -> None:
    assert Decimal(plain(amount)) == amount
    assert "E" not in plain(amount)


@pytest.mark.parametrize("text", ["12.50", "+12.5", "-3", "0.000001", "999999999999.9999999"])
def test_an_amount_is_read_as_it_is_written(text: str) -> None:
    assert read(text) == Decimal(text)


@pytest.mark.parametrize(
    "text", ["10_00", "1e3", "\u0661\u0662", " 5", "5\n", ".5", "5.", "12,50", "--5", "NaN", "inf", ""]
)
def test_what_might_mean_another_amount_is_not_read(text: str) -> None:
    """`Decimal` takes most of these, and 10_00 as a hundred times what was to be typed."""
    assert read(text) is None
