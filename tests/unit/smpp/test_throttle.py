"""The token bucket: what it lets through, how it rests after a complaint, and how it grows back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp.throttle import UNLIMITED, Throttle


def written(throttle: Throttle, start: float, seconds: float, step_s: float = 0.01) -> int:
    """PDUs that a greedy writer gets through in `seconds`, asking every `step_s`."""
    steps = round(seconds / step_s)
    return sum(throttle.take(UNLIMITED, start + step_s * n) for n in range(1, steps + 1))


def settled_until(throttle: Throttle, start: float, until: float) -> None:
    """Let time pass without writing."""
    throttle.available(start)
    throttle.available(until)


def test_no_rate_is_no_limit() -> None:
    throttle = Throttle()
    assert throttle.available(0.0) == UNLIMITED
    assert throttle.take(5000, 0.0) == 5000
    assert throttle.ready_at(7.0) == 7.0


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        Throttle(-1.0)
    with pytest.raises(ValueError, match="must not be negative"):
        Throttle(1.0, -1)


def test_another_rate_from_now_on() -> None:
    throttle = Throttle(100.0)
    throttle.take(10, 0.0)
    throttle.configure(1000.0)
    assert throttle.available(0.1) == 100
    throttle.configure(0.0)
    assert throttle.available(0.1) == UNLIMITED
    throttle.configure(10.0)
    assert throttle.available(0.1) == 0
    assert throttle.available(0.2) == 1


def test_a_pause_outlives_another_rate() -> None:
    throttle = Throttle(100.0)
    throttle.slow_down(0.0)
    throttle.configure(1000.0)
    assert throttle.available(0.5) == 0
    assert throttle.rate(1.0) == 1000.0


def test_a_bucket_holds_a_tenth_of_a_second() -> None:
    throttle = Throttle(100.0)
    assert throttle.available(0.0) == 10
    assert throttle.available(3600.0) == 10


def test_a_burst_can_be_set() -> None:
    throttle = Throttle(100.0, burst=50)
    assert throttle.take(60, 0.0) == 50


def test_less_than_one_per_second_still_lets_one_through() -> None:
    throttle = Throttle(0.5)
    assert throttle.take(2, 0.0) == 1
    assert throttle.ready_at(0.0) == pytest.approx(2.0)
    assert throttle.available(1.99) == 0
    assert throttle.available(2.0) == 1


def test_take_gives_what_there_is() -> None:
    throttle = Throttle(100.0)
    assert throttle.take(4, 0.0) == 4
    assert throttle.take(100, 0.0) == 6
    assert throttle.take(1, 0.0) == 0


def test_ready_at_is_when_the_next_token_comes() -> None:
    throttle = Throttle(100.0)
    throttle.take(10, 0.0)
    ready = throttle.ready_at(0.0)
    assert ready == pytest.approx(0.01)
    assert throttle.available(ready) == 1


@given(
    rate=st.floats(min_value=0.1, max_value=5000.0),
    gaps=st.lists(st.floats(min_value=0.0, max_value=2.0), max_size=60),
)
def test_never_more_than_the_rate_and_one_bucket(rate: float, gaps: list[float]) -> None:
    throttle = Throttle(rate)
    depth = max(1.0, rate * 0.1)
    now = taken = 0.0
    for gap in gaps:
        now += gap
        taken += throttle.take(UNLIMITED, now)
        assert taken <= depth + rate * now + 0.001


def test_time_that_goes_back_gives_nothing() -> None:
    throttle = Throttle(10.0)
    throttle.take(1, 100.0)
    assert throttle.available(50.0) == 0
    assert throttle.available(100.1) == 1


def test_a_complaint_pauses_all_writing() -> None:
    throttle = Throttle(100.0)
    assert throttle.slow_down(10.0)
    assert throttle.paused(10.5)
    assert throttle.available(10.99) == 0
    assert throttle.ready_at(10.2) == 11.0
    assert throttle.available(11.0) == 1


def test_complaints_during_the_pause_are_one_complaint() -> None:
    throttle = Throttle(100.0)
    assert throttle.slow_down(0.0)
    assert not throttle.slow_down(0.5)
    assert throttle.slowdowns == 1
    assert throttle.rate(1.0) == 50.0


def test_pauses_double_up_to_thirty_seconds() -> None:
    throttle = Throttle(1000.0)
    now, pauses = 0.0, []
    for _ in range(7):
        throttle.slow_down(now)
        pauses.append(throttle.ready_at(now) - now)
        now += pauses[-1]
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_complaint_long_after_is_a_first_one() -> None:
    throttle = Throttle(1000.0)
    throttle.slow_down(0.0)
    throttle.slow_down(1.0)
    throttle.slow_down(100.0)
    assert throttle.ready_at(100.0) == 101.0


def test_the_rate_is_halved_and_grows_a_tenth_per_second() -> None:
    throttle = Throttle(100.0)
    throttle.slow_down(0.0)
    assert throttle.rate(1.0) == 50.0
    assert throttle.rate(2.0) == pytest.approx(55.0)
    assert throttle.rate(5.0) == pytest.approx(50.0 * 1.1**4)
    assert throttle.rate(9.0) == 100.0
    assert throttle.rate(5000.0) == 100.0


def test_the_reduced_rate_is_what_gets_through() -> None:
    throttle = Throttle(100.0)
    throttle.slow_down(0.0)
    assert written(throttle, 1.0, 1.0) == pytest.approx(52, abs=3)


def test_the_rate_never_falls_below_one_per_second() -> None:
    throttle = Throttle(4.0)
    for now in (0.0, 1.0, 3.0, 7.0):
        throttle.slow_down(now)
    assert throttle.rate(15.0) == 1.0


def test_a_slower_operator_is_not_sped_up_by_its_complaint() -> None:
    throttle = Throttle(0.2)
    throttle.slow_down(0.0)
    assert throttle.rate(1.0) == 0.2


def test_without_a_rate_the_measured_one_is_halved() -> None:
    throttle = Throttle()
    for n in range(3001):
        throttle.take(1, n / 1000)  # 1,000 per second
    assert throttle.slow_down(3.0)
    assert throttle.available(3.5) == 0
    assert throttle.rate(4.0) == pytest.approx(500.0, rel=0.01)
    assert 0 < throttle.available(4.5) <= 60


def test_a_measured_limit_is_lifted_when_all_goes_well() -> None:
    throttle = Throttle()
    for n in range(3001):
        throttle.take(1, n / 1000)
    throttle.slow_down(3.0)
    # 4,000 / 500 is reached after ln 8 / ln 1.1 = 21.8 seconds.
    settled_until(throttle, 4.0, 25.0)
    assert throttle.available(25.0) < UNLIMITED
    assert throttle.available(26.0) == UNLIMITED
    assert throttle.rate(26.0) == 0.0
    assert throttle.take(100_000, 26.0) == 100_000


def test_a_complaint_out_of_the_blue_leaves_one_per_second() -> None:
    throttle = Throttle()
    throttle.slow_down(0.0)
    assert throttle.rate(1.0) == 1.0


def test_a_late_complaint_uses_the_rate_of_the_second_before() -> None:
    throttle = Throttle()
    for n in range(1001):
        throttle.take(1, n / 1000)
    throttle.take(1, 1.05)
    throttle.slow_down(1.1)
    assert throttle.rate(2.1) == pytest.approx(500.0, rel=0.01)
