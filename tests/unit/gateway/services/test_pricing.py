"""Prices by rate plan: segments times rate, refusals that say what to do, and plans that follow a reload."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.domain.account import Account, Billing, Policy
from gateway.domain.money import NOTHING_OWED, Allowance, Charge
from gateway.domain.send import Refusal, Why
from gateway.services import pricing
from gateway.services.pricing import Pricing, Quote, without_plan
from routing.pricefile import read_plan
from routing.tariff import Plans

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UK = "+447700900123"
METERED = Policy(rate_plan="standard")


def plans(rows: str = "44,0.0375,EUR,\n4477,0.03,EUR,2026-04-01\n", name: str = "standard") -> Plans:
    return {name: read_plan(name, "prefix,price,currency,effective_from\n" + rows, 6)}


def priced(rows: str = "44,0.0375,EUR,\n4477,0.03,EUR,2026-04-01\n") -> Pricing:
    made = plans(rows)
    return Pricing(lambda: made)


def test_segments_times_rate() -> None:
    charge = priced().charge(METERED, UK, 2, NOW)
    assert charge == Charge(Decimal("0.075"), Decimal("0.0375"), "EUR")


def test_the_account_s_policy_decides_on_refunds() -> None:
    found = priced()
    kept = found.charge(METERED, UK, 1, NOW)
    refunded = found.charge(Policy(rate_plan="standard", refund_undelivered=True), UK, 1, NOW)
    assert isinstance(kept, Charge)
    assert isinstance(refunded, Charge)
    assert (kept.refundable, refunded.refundable) == (False, True)


def test_a_rate_begins_at_its_time_also_after_it_was_asked_for() -> None:
    found = priced()
    begins = datetime(2026, 4, 1, tzinfo=UTC)
    moments = (NOW, begins - timedelta(microseconds=1), begins, NOW)
    charges = [found.charge(METERED, UK, 1, moment) for moment in moments]
    assert [str(charge.amount) for charge in charges if isinstance(charge, Charge)] == [
        "0.0375",
        "0.0375",
        "0.03",
        "0.0375",
    ]


def test_no_price_for_the_destination() -> None:
    refusal = priced().charge(METERED, "+4915112345678", 1, NOW)
    assert refusal == Refusal(
        Why.NOT_PRICED, "The rate plan 'standard' has no price for numbers that begin with +49."
    )


def test_a_plan_that_is_not_there() -> None:
    refusal = priced().charge(Policy(rate_plan="gold"), UK, 1, NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.why is Why.NOT_PRICED
    assert "'gold' is not set up" in refusal.detail


def test_plans_follow_a_reload() -> None:
    in_force = plans()
    found = Pricing(lambda: in_force)
    before = found.charge(METERED, UK, 1, NOW)
    in_force = plans("44,0.9,EUR,\n")
    after = found.charge(METERED, UK, 1, NOW)
    assert isinstance(before, Charge)
    assert isinstance(after, Charge)
    assert (str(before.amount), str(after.amount)) == ("0.0375", "0.9")


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pricing, "MAX_CHARGES_KEPT", 3)
    found = priced()
    for digit in range(10):
        charge = found.charge(METERED, f"+44{digit}7700900123", 1, NOW)
        assert isinstance(charge, Charge)
        assert len(found._known) <= 3


def test_a_quote_says_where_the_price_stands() -> None:
    found = priced()
    assert found.quote(Policy(), UK, 1, NOW) is None, "not metered"
    assert isinstance(found.quote(METERED, "+4915112345678", 1, NOW), Refusal)
    charge = Charge(Decimal("0.06"), Decimal("0.03"), "EUR")
    assert found.quote(METERED, UK, 2, NOW + timedelta(days=60)) == Quote(charge, "standard", "+4477")


@pytest.mark.parametrize(
    ("policy", "allowance"),
    [
        (Policy(credit_limit=Decimal(50)), NOTHING_OWED),  # prepaid: no credit, whatever limit is set
        (Policy(billing=Billing.POSTPAID, credit_limit=Decimal(50)), Allowance(Decimal(50))),
        (Policy(spend_per_day=Decimal(9)), Allowance(per_day=Decimal(9))),
        (
            Policy(billing=Billing.POSTPAID, credit_limit=Decimal(50), spend_per_day=Decimal(9)),
            Allowance(Decimal(50), Decimal(9)),
        ),
    ],
)
def test_how_far_an_account_may_go(policy: Policy, allowance: Allowance) -> None:
    assert priced().allowance(policy) == allowance


def test_accounts_without_their_plan() -> None:
    accounts = [
        Account("acme", NOW, live=METERED, test=Policy(rate_plan="gold")),
        Account("rival", NOW, live=Policy(rate_plan="gold")),
        Account("free", NOW),
    ]
    assert without_plan(accounts, {"standard"}) == {"gold": ["acme (test)", "rival (live)"]}
