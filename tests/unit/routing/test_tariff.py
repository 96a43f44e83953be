"""Rate plans: the rate of a destination and until when it holds, and what a plan may not say."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import PriceError
from routing.pricefile import read_networks, read_plan, read_prices
from routing.tariff import Rate

UK = "+447700900123"
HEAD = "prefix,price,currency,effective_from\n"


def at_s(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


def test_the_longest_prefix_and_the_latest_in_effect() -> None:
    plan = read_plan("standard", HEAD + "44,0.06,EUR,\n4477,0.05,EUR,2026-03-01\n", 6)
    assert (plan.name, plan.currency, plan.longest) == ("standard", "EUR", 5)
    assert plan.rate(UK, at_s("2026-02-28")) == Rate(Decimal("0.06"), "+44", at_s("2026-03-01"))
    assert plan.rate(UK, at_s("2026-03-01")) == Rate(Decimal("0.05"), "+4477", float("inf"))
    assert plan.rate("+4915112345678", at_s("2026-03-01")) is None


def test_a_plan_by_network() -> None:
    networks = read_networks("prefix,network\n4477,23410\n")
    plan = read_plan("standard", "network,price,currency\n23410,0.05,EUR\n", 6, networks)
    assert plan.rate(UK, 0.0) == Rate(Decimal("0.05"), "+4477", float("inf"))


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["4", "44", "447", "4477"]), st.integers(0, 20), st.integers(1, 99)),
        min_size=1,
        max_size=12,
        unique_by=lambda row: row[:2],
    ),
    now=st.integers(0, 20),
)
def test_a_rate_holds_until_it_says(rows: list[tuple[str, int, int]], now: int) -> None:
    """Hours, asked one by one: between now and `until_s` the list never says anything else."""
    start = at_s("2026-01-01")
    text = "".join(
        f"{prefix},{price},EUR,{datetime.fromtimestamp(start + hour * 3600, UTC).isoformat()}\n"
        for prefix, hour, price in rows
    )
    plan, prices = read_plan("p", HEAD + text, 6), read_prices(HEAD + text)
    found = plan.rate(UK, start + now * 3600)
    listed = prices.of(UK, start + now * 3600)
    assert (found and (found.amount, found.prefix)) == (listed and (listed.amount, listed.prefix))
    if found is not None:
        until = min(found.until_s, start + 21 * 3600)
        for hour in range(now, int((until - start) // 3600)):
            again = prices.of(UK, start + hour * 3600)
            assert again is not None
            assert (again.amount, again.prefix) == (found.amount, found.prefix)


@pytest.mark.parametrize(
    ("rows", "line", "said"),
    [
        ("44,0.1,EUR,\n1,0.1,USD,\n", 3, "the plan is in EUR (line 2), and this price is in USD"),
        ("44,0.1234567,EUR,\n", 2, "price 0.1234567 has more than 6 decimals"),
        ("44,-1,EUR,\n", 2, "price '-1' is none"),
    ],
)
def test_what_a_plan_may_not_say(rows: str, line: int, said: str) -> None:
    with pytest.raises(PriceError) as caught:
        read_plan("standard", HEAD + rows, 6)
    (flaw,) = caught.value.flaws
    assert (flaw.line, flaw.what) == (line, said)


def test_zeros_behind_the_last_decimal_are_none() -> None:
    plan = read_plan("standard", HEAD + "44,0.1234560,EUR,\n", 6)
    assert plan.rate(UK, 0.0) == Rate(Decimal("0.123456"), "+44", float("inf"))
