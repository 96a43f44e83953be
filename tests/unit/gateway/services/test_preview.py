"""What a text would be as a caller's message."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.domain.account import Caller, Env, Policy
from gateway.domain.money import Charge
from gateway.domain.send import Refusal, Why
from gateway.services.preview import Previewed, Previews
from gateway.services.pricing import Pricing, Quote
from routing.pricefile import read_plan

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UK = "+447700900123"
PLANS = {"standard": read_plan("standard", "prefix,price,currency\n44,0.0375,EUR\n", 6)}


def previewed(policy: Policy, body: str, recipient: str = "") -> Previewed | Refusal:
    """The text as the account's message."""
    caller = Caller("acme", Env.LIVE, policy, frozenset(), "key_1")
    return Previews(Pricing(lambda: PLANS), lambda: NOW).preview(caller, body, recipient, 1600)


def test_by_the_account_s_own_policy() -> None:
    text = "It\u2019s " + "ğ" * 71
    plain = previewed(Policy(), text)
    assert isinstance(plain, Previewed)
    segments = plain.text.segments
    assert (segments.count, segments.shift, plain.text.replacement.wanted) == (2, None, False)
    allowed = previewed(Policy(smart_replacement=True, national_languages=frozenset({"tr"})), text)
    assert isinstance(allowed, Previewed)
    assert (allowed.text.segments.count, allowed.text.replacement.applied) == (1, True)
    assert str(allowed.text.segments.shift) == "single shift tr"


def test_through_the_gate_of_a_message() -> None:
    too_long = previewed(Policy(), "a" * 1601)
    assert isinstance(too_long, Refusal)
    assert too_long.why is Why.BODY_TOO_LONG
    assert previewed(Policy(), "") == Refusal(Why.BODY_EMPTY, "The text is empty.")


def test_what_it_would_cost() -> None:
    found = previewed(Policy(rate_plan="standard"), "a" * 161, UK)
    charge = Charge(Decimal("0.075"), Decimal("0.0375"), "EUR")
    assert isinstance(found, Previewed)
    assert (found.metered, found.price) == (True, Quote(charge, "standard", "+44"))


@pytest.mark.parametrize(
    ("policy", "recipient", "metered"),
    [
        (Policy(), UK, False),
        (Policy(rate_plan="standard"), "", True),
        (Policy(rate_plan="standard"), "07700 900123", True),
        (Policy(rate_plan="standard"), "+4915112345678", True),
        (Policy(rate_plan="gold"), UK, True),
    ],
)
def test_without_a_price(policy: Policy, recipient: str, metered: bool) -> None:
    found = previewed(policy, "hello", recipient)
    assert isinstance(found, Previewed)
    assert (found.metered, found.price) == (metered, None)
