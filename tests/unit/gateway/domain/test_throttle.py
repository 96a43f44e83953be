"""The rate: what it lets through, to the part; how it rests after a complaint, and how it grows back."""

from __future__ import annotations

from bisect import bisect_left
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.throttle import CATCH_UP_S, UNLIMITED, Bucket, Throttle

RATES = st.floats(min_value=0.1, max_value=5000.0)


def saturated(bucket: Bucket | Throttle, start: float, seconds: float) -> list[float]:
    """When the parts of a writer go who has more than enough, and is woken exactly in time."""
    written, now = [], start
    while now < start + seconds:
        if (free := bucket.free(now)) > 0:
            bucket.take(free, now)
            written += [now] * free
        now = bucket.ready_at(now)
    return written


def most_in(written: list[float], seconds: float) -> int:
    """The most parts that any stretch of this length holds, its end left out."""
    return max(bisect_left(written, first + seconds - 1e-6) - index for index, first in enumerate(written))


class TestBucket:
    """One limit."""

    def test_no_rate_is_no_limit(self) -> None:
        bucket = Bucket()
        bucket.take(5000, 0.0)
        assert bucket.free(0.0) == UNLIMITED
        assert bucket.ready_at(7.0) == 7.0

    @given(rate=RATES, seconds=st.floats(min_value=0.0, max_value=3.0))
    def test_never_more_than_the_rate_and_one_part(self, rate: float, seconds: float) -> None:
        written = saturated(Bucket(rate), 0.0, 3.0 if rate > 10 else 30.0)
        assert most_in(written, seconds) <= rate * seconds + 1 + 1e-6

    @given(rate=RATES)
    def test_saturated_it_is_the_rate(self, rate: float) -> None:
        seconds = max(3.0, 30 / rate)
        assert len(saturated(Bucket(rate), 0.0, seconds)) == pytest.approx(rate * seconds, rel=0.02, abs=1.01)

    @pytest.mark.parametrize("rate", [10, 100, 1000])
    def test_late_timers_are_made_up_for_and_no_second_holds_more(self, rate: int) -> None:
        bucket, draw = Bucket(rate), Random(5)
        written, now = [], 0.0
        while now < 20.0:
            if free := bucket.free(now):
                bucket.take(free, now)
                written += [now] * free
            now = max(bucket.ready_at(now), now + 0.005) + draw.uniform(0, 0.003)
        assert len(written) == pytest.approx(rate * 20, rel=0.02)
        assert most_in(written, 1.0) <= rate

    @given(rate=RATES, gaps=st.lists(st.floats(min_value=0.0, max_value=2.0), max_size=60))
    def test_whenever_it_is_asked(self, rate: float, gaps: list[float]) -> None:
        """In all, what the rate gives and one part; in any second what a whole second gives."""
        bucket = Bucket(rate)
        now, written = 0.0, list[float]()
        for gap in gaps:
            bucket.ready_at(now)
            now += gap
            if free := bucket.free(now):
                bucket.take(free, now)
                written += [now] * free
            assert len(written) <= 1 + rate * (now + CATCH_UP_S) + 1e-3
        assert not written or most_in(written, 1.0) <= max(1, rate + 1)

    def test_an_hour_of_rest_gives_one_part(self) -> None:
        bucket = Bucket(1000.0)
        saturated(bucket, 0.0, 1.0)
        assert bucket.free(3600.0) == 1

    def test_time_that_goes_back_gives_nothing(self) -> None:
        bucket = Bucket(10.0)
        bucket.take(1, 100.0)
        assert bucket.free(50.0) == 0
        assert bucket.free(100.1) == 1

    def test_another_rate_counts_from_the_last_part(self) -> None:
        bucket = Bucket(0.001)
        bucket.take(1, 0.0)
        assert bucket.ready_at(0.0) == pytest.approx(1000.0)
        bucket.rate = 10.0
        assert bucket.ready_at(0.0) == pytest.approx(0.1)

    def test_it_may_be_forgotten_when_it_says_what_a_new_one_does(self) -> None:
        bucket = Bucket(0.5)
        assert bucket.idle(0.0)
        bucket.take(1, 0.0)
        assert not bucket.idle(1.9)
        assert bucket.idle(2.0)


class TestConfigured:
    """What the configuration says of an operator."""

    def test_a_negative_rate_is_refused(self) -> None:
        with pytest.raises(ValueError, match="must not be negative"):
            Throttle(-1.0)

    def test_another_rate_from_now_on(self) -> None:
        throttle = Throttle(100.0)
        throttle.take(1, 0.0)
        throttle.configure(0.0)
        assert throttle.free(0.0) == UNLIMITED
        throttle.configure(10.0)
        assert throttle.free(0.0) == 0
        assert throttle.ready_at(0.0) == pytest.approx(0.1)

    def test_a_pause_outlives_another_rate_and_so_does_the_reduction(self) -> None:
        throttle = Throttle(100.0)
        throttle.slow_down(0.0)
        throttle.configure(1000.0)
        assert throttle.free(0.5) == 0
        assert throttle.rate(1.0) == 500.0


class TestComplaints:
    """ESME_RTHROTTLED and ESME_RMSGQFUL."""

    def test_all_writing_pauses(self) -> None:
        throttle = Throttle(100.0)
        assert throttle.slow_down(10.0)
        assert throttle.paused(10.5)
        assert throttle.free(10.99) == 0
        assert throttle.ready_at(10.2) == 11.0
        assert throttle.free(11.0) == 1

    def test_during_the_pause_they_are_one(self) -> None:
        throttle = Throttle(100.0)
        assert throttle.slow_down(0.0)
        assert not throttle.slow_down(0.5)
        assert throttle.slowdowns == 1
        assert throttle.rate(1.0) == 50.0

    def test_pauses_double_up_to_thirty_seconds(self) -> None:
        throttle = Throttle(1000.0)
        now, pauses = 0.0, []
        for _ in range(7):
            throttle.slow_down(now)
            pauses.append(throttle.ready_at(now) - now)
            now += pauses[-1]
        assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]

    def test_long_after_it_is_a_first_one(self) -> None:
        throttle = Throttle(1000.0)
        for now in (0.0, 1.0, 100.0):
            throttle.slow_down(now)
        assert throttle.ready_at(100.0) == 101.0

    def test_the_rate_is_halved_and_grows_a_tenth_each_second(self) -> None:
        throttle = Throttle(100.0)
        throttle.slow_down(0.0)
        assert throttle.rate(1.9) == 50.0
        assert throttle.rate(2.0) == pytest.approx(55.0)
        assert throttle.rate(5.0) == pytest.approx(50.0 * 1.1**4)
        assert throttle.rate(9.0) == 100.0
        assert throttle.rate(5000.0) == 100.0

    def test_the_reduced_rate_is_what_gets_through(self) -> None:
        throttle = Throttle(100.0)
        throttle.slow_down(0.0)
        assert len(saturated(throttle, 1.0, 1.0)) == pytest.approx(50, abs=1)

    def test_the_rate_never_falls_below_one_per_second(self) -> None:
        throttle = Throttle(4.0)
        for now in (0.0, 1.0, 3.0, 7.0):
            throttle.slow_down(now)
        assert throttle.rate(15.0) == 1.0

    def test_a_slower_operator_is_not_sped_up_by_its_complaint(self) -> None:
        throttle = Throttle(0.2)
        throttle.slow_down(0.0)
        assert throttle.rate(1.0) == 0.2


class TestMeasured:
    """An operator without a rate, until it complains."""

    @staticmethod
    def busy(seconds: int) -> Throttle:
        throttle = Throttle()
        for n in range(1000 * seconds + 1):
            throttle.take(1, n / 1000)
        return throttle

    def test_the_measured_rate_is_halved(self) -> None:
        throttle = self.busy(3)
        assert throttle.slow_down(3.0)
        assert throttle.free(3.5) == 0
        assert throttle.rate(4.0) == pytest.approx(500.0, rel=0.01)
        assert throttle.free(4.5) == 1

    def test_it_is_lifted_when_all_goes_well(self) -> None:
        throttle = self.busy(3)
        throttle.slow_down(3.0)
        # 4,000 / 500 is reached after ln 8 / ln 1.1 = 21.8 seconds.
        assert throttle.free(25.0) < UNLIMITED
        assert throttle.free(26.0) == UNLIMITED
        assert throttle.rate(26.0) == 0.0

    def test_a_complaint_out_of_the_blue_leaves_one_per_second(self) -> None:
        throttle = Throttle()
        throttle.slow_down(0.0)
        assert throttle.rate(1.0) == 1.0

    def test_a_late_complaint_uses_the_rate_of_the_second_before(self) -> None:
        throttle = self.busy(1)
        throttle.take(1, 1.05)
        throttle.slow_down(1.1)
        assert throttle.rate(2.1) == pytest.approx(500.0, rel=0.01)


class TestCongestion:
    """congestion_state of SMPP 5.0: told before anything is refused."""

    @pytest.mark.parametrize(
        ("state", "rate"), [(0, 100.0), (79, 100.0), (89, 100.0), (90, 90.0), (99, 90.0), (100, 50.0)]
    )
    def test_the_fuller_the_slower(self, state: int, rate: float) -> None:
        throttle = Throttle(100.0)
        throttle.congested(state, 0.0)
        assert throttle.rate(0.5) == pytest.approx(rate)
        assert throttle.free(0.5) == 1, "nothing was refused: no pause"

    def test_heeded_once_a_second(self) -> None:
        throttle = Throttle(100.0)
        for n in range(10):
            throttle.congested(95, n / 10)
        assert throttle.rate(0.99) == pytest.approx(90.0)
        throttle.congested(95, 1.0)
        assert throttle.rate(1.0) == pytest.approx(81.0)

    def test_at_its_best_it_does_not_grow_and_below_it_does(self) -> None:
        throttle = Throttle(100.0)
        throttle.congested(100, 0.0)
        for second in range(1, 6):
            throttle.congested(85, float(second))
        assert throttle.rate(5.0) == pytest.approx(50.0)
        throttle.congested(40, 6.0)
        assert throttle.rate(7.0) == pytest.approx(55.0)

    def test_never_below_one_per_second(self) -> None:
        throttle = Throttle(3.0)
        for second in range(10):
            throttle.congested(100, float(second))
        assert throttle.rate(9.5) == 1.0
