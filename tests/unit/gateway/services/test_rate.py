"""The rate of an account: a bucket of one second, in which a large request may make debts."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Caller, Env, Policy
from gateway.errors import Overloaded
from gateway.services.rate import RateGate


class Rate:
    """A gate at a time that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.gate = RateGate(lambda: self.now)

    def take(self, messages: int = 1, rate: float = 10.0, account: str = "acme", env: Env = Env.LIVE) -> None:
        self.gate.take(Caller(account, env, Policy(rate_per_s=rate), frozenset(), "key_1"), messages)

    def refused(self, messages: int = 1, rate: float = 10.0) -> int:
        """The seconds to wait."""
        with pytest.raises(Overloaded) as caught:
            self.take(messages, rate)
        assert caught.value.by_rate
        return caught.value.retry_after_s


@pytest.mark.parametrize(
    ("rate", "said"), [(1.0, "1 message per second"), (2.5, "2.5 messages per second"), (0.1, "0.1 messages")]
)
def test_a_refusal_says_how_many_and_how_long(rate: float, said: str) -> None:
    gate = Rate()
    gate.take(10, rate=rate)
    wait_s = gate.refused(rate=rate)
    with pytest.raises(Overloaded, match=f"This account may send {said}.*: try again in {wait_s} s"):
        gate.take(rate=rate)


def test_unlimited_unless_it_says_otherwise() -> None:
    rate = Rate()
    for _ in range(1000):
        rate.take(500, rate=0.0)


def test_a_second_s_worth_at_once_then_no_more() -> None:
    rate = Rate()
    for _ in range(10):
        rate.take()
    assert rate.refused() == 1


def test_fills_with_time_up_to_a_second_s_worth() -> None:
    rate = Rate()
    rate.take(10)
    rate.now += 0.3
    rate.take(3)
    rate.refused()
    rate.now += 3600
    rate.take(10)
    rate.refused()


def test_less_than_one_a_second_lets_one_through() -> None:
    rate = Rate()
    rate.take(rate=0.1)
    assert rate.refused(rate=0.1) == 10
    rate.now += 10
    rate.take(rate=0.1)


def test_a_bulk_passes_a_full_bucket_and_pays_for_it() -> None:
    rate = Rate()
    rate.take(500)
    assert rate.refused() == 50  # 490 in debt, and one more
    rate.now += 49.2
    rate.take()


def test_a_refused_request_costs_nothing() -> None:
    rate = Rate()
    rate.take(5)
    for _ in range(100):
        rate.refused(6)
    rate.take(5)


def test_accounts_and_environments_have_buckets_of_their_own() -> None:
    rate = Rate()
    rate.take(10)
    rate.take(10, account="globex")
    rate.take(10, env=Env.TEST)
    rate.refused()


@given(
    st.floats(0.1, 1000),
    st.lists(st.tuples(st.integers(1, 50), st.floats(0, 5)), min_size=1, max_size=60),
)
def test_never_more_than_the_rate_and_one_request_ahead(
    rate_per_s: float, asks: list[tuple[int, float]]
) -> None:
    rate, taken, start = Rate(), 0, 1000.0
    largest = max(messages for messages, _ in asks)
    for messages, pause_s in asks:
        rate.now += pause_s
        with contextlib.suppress(Overloaded):
            rate.take(messages, rate_per_s)
            taken += messages
        assert taken <= max(rate_per_s, 1.0) + (rate.now - start) * rate_per_s + largest + 1e-3


@given(st.floats(0.1, 1000), st.integers(1, 500))
def test_who_comes_back_when_he_was_told_to_passes(rate_per_s: float, messages: int) -> None:
    rate, refused = Rate(), None
    while refused is None:
        try:
            rate.take(messages, rate_per_s)
        except Overloaded as overloaded:
            refused = overloaded
    rate.now += refused.retry_after_s
    rate.take(messages, rate_per_s)


def test_processes_that_share_nothing_have_an_even_part_each() -> None:
    now = 1000.0
    gate = RateGate(lambda: now, sharers=lambda: 4)
    caller = Caller("acme", Env.LIVE, Policy(rate_per_s=20.0), frozenset(), "key_1")
    for _ in range(5):
        gate.take(caller, 1)
    with pytest.raises(Overloaded):
        gate.take(caller, 1)
    now += 0.2
    gate.take(caller, 1)
