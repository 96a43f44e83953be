"""Countries, windows and series, each against the plain way to say the same; memory that stays within its bound."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.ranges import STEP, Memory, Owner, Series, Velocity, as_int, block_of, countries_of

ACME: Owner = ("acme", "live")
OTHER: Owner = ("other", "live")
SPAN_S = 100.0
PLENTY = 1_000_000

STEPS = st.lists(st.tuples(st.integers(0, 5), st.floats(0, 60)), min_size=1, max_size=80)
"""A number and the time since the one before."""


class TestCountries:
    """Whose number it is, also where countries share a code."""

    @pytest.mark.parametrize(
        ("number", "country"),
        [
            ("+12025550123", "US"),
            ("+14165550123", "CA"),
            ("+18765550123", "JM"),
            ("+79161234567", "RU"),
            ("+77011234567", "KZ"),
            ("+447400123456", "GB"),
            ("+447797123456", "JE"),
            ("+4915123456789", "DE"),
            ("+6839999", "NU"),
        ],
    )
    def test_shared_codes_are_told_apart(self, number: str, country: str) -> None:
        assert countries_of(number) == {country}

    def test_a_number_of_no_plan_may_be_of_any_that_shares_its_code(self) -> None:
        assert countries_of("+447700900123") == {"GB", "GG", "IM", "JE"}
        assert countries_of("+76001234567") == {"RU", "KZ"}

    @given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
    def test_it_is_what_the_library_says(self, number: str) -> None:
        try:
            parsed = phonenumbers.parse(number)
        except phonenumbers.NumberParseException:
            assert countries_of(number) == frozenset()
            return
        region = phonenumbers.region_code_for_number(parsed)
        shared = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
        assert countries_of(number) == frozenset([region] if region else shared) - {"001"}

    @pytest.mark.parametrize("number", ["+88213300655", "+97912345678", "+8835100012345", "+999123456789"])
    def test_numbers_of_no_country(self, number: str) -> None:
        assert countries_of(number) == frozenset()


def test_a_block_has_all_but_the_last_four_digits() -> None:
    assert block_of(as_int("+447700900123")) == block_of(as_int("+447700909999")) == 44770090
    assert block_of(as_int("+447700910000")) != 44770090


class TestVelocity:
    """A window that slides."""

    @given(STEPS, st.integers(1, 4))
    def test_it_counts_as_a_plain_list_does(self, steps: list[tuple[int, float]], limit: int) -> None:
        velocity, seen, now = Velocity(SPAN_S, PLENTY), list[tuple[int, float]](), 0.0
        for number, pause_s in steps:
            now += pause_s
            times = [at for known, at in seen if known == number and at + SPAN_S > now]
            wait_s = velocity.wait_s(ACME, number, limit, now)
            assert (wait_s > 0) == (len(times) >= limit)
            if wait_s:
                assert wait_s == times[-limit] + SPAN_S - now
            else:
                velocity.add(ACME, number, now)
                seen.append((number, now))

    @given(STEPS, st.randoms(use_true_random=False))
    def test_what_is_taken_back_was_never_counted(
        self, steps: list[tuple[int, float]], chance: random.Random
    ) -> None:
        velocity, seen, now = Velocity(SPAN_S, PLENTY), list[tuple[int, float]](), 0.0
        for number, pause_s in steps:
            now += pause_s
            velocity.add(ACME, number, now)
            seen.append((number, now))
            if chance.random() < 0.4:
                gone = seen.pop(chance.randrange(len(seen)))
                if gone[1] + SPAN_S > now:
                    velocity.take_back(ACME, *gone)
        for number in range(6):
            times = [at for known, at in seen if known == number and at + SPAN_S > now]
            for limit in (1, 2, 3):
                assert (velocity.wait_s(ACME, number, limit, now) > 0) == (len(times) >= limit)

    def test_who_waits_as_long_as_told_passes(self) -> None:
        velocity = Velocity(SPAN_S, PLENTY)
        for at in (0.0, 10.0, 30.0):
            velocity.add(ACME, 1, at)
        assert velocity.wait_s(ACME, 1, 3, 40.0) == 60.0
        assert velocity.wait_s(ACME, 1, 3, 100.0) == 0.0
        assert velocity.wait_s(ACME, 1, 1, 40.0) == 90.0  # a limit that was lowered since

    def test_owners_are_counted_apart(self) -> None:
        velocity = Velocity(SPAN_S, PLENTY)
        velocity.add(ACME, 1, 0.0)
        assert velocity.wait_s(ACME, 1, 1, 1.0)
        assert not velocity.wait_s(OTHER, 1, 1, 1.0)

    def test_a_clock_that_steps_back_counts_on(self) -> None:
        velocity = Velocity(SPAN_S, PLENTY)
        for at in (50.0, 20.0, 21.0):
            velocity.add(ACME, 1, at)
        assert velocity.wait_s(ACME, 1, 3, 22.0) > 0

    def test_a_clock_that_was_wrong_for_a_while_refuses_nobody_until_that_time(self) -> None:
        velocity, wrong = Velocity(SPAN_S, PLENTY), 10.0 * SPAN_S
        for at in (wrong, wrong + 1):
            velocity.add(ACME, 1, at)
        assert velocity.wait_s(ACME, 1, 2, 1.0) == 0.0
        velocity.add(ACME, 1, 1.0)
        velocity.add(ACME, 1, 2.0)
        assert velocity.wait_s(ACME, 1, 2, 3.0) == SPAN_S - 2, "what is counted now counts"


def longest(numbers: list[tuple[int, float]], now: float, step: int) -> int:
    """The longest series that ends with the last number: every way back is tried. `step`: 1 rising, -1 falling."""
    best: dict[int, int] = {}
    for index, (number, at) in enumerate(numbers):
        before: dict[int, int] = {}
        for earlier in range(index):
            value, known_at = numbers[earlier]
            if known_at + SPAN_S > at:
                before[value] = best[earlier]
            else:
                before.pop(value, None)
        best[index] = 1 + max((before.get(number - step * gap, 0) for gap in range(1, STEP + 1)), default=0)
    assert numbers[-1][1] == now
    return best[len(numbers) - 1]


class TestSeries:
    """Adjacent numbers, one after the other."""

    @given(st.lists(st.tuples(st.integers(0, 12), st.floats(0, 60)), min_size=1, max_size=40))
    def test_it_finds_what_trying_every_way_finds(self, steps: list[tuple[int, float]]) -> None:
        series, seen, now = Series(SPAN_S, PLENTY), list[tuple[int, float]](), 0.0
        for number, pause_s in steps:
            now += pause_s
            seen.append((number, now))
            found = series.add(ACME, number, now)
            assert found == max(longest(seen, now, 1), longest(seen, now, -1))
            assert found <= len({number for number, _ in seen})

    @pytest.mark.parametrize("step", [1, 2, 3, -1, -2, -3])
    def test_rising_and_falling(self, step: int) -> None:
        series = Series(SPAN_S, PLENTY)
        assert [series.add(ACME, 1000 + n * step, n) for n in range(5)] == [1, 2, 3, 4, 5]

    def test_numbers_further_apart_are_none(self) -> None:
        series = Series(SPAN_S, PLENTY)
        assert [series.add(ACME, 1000 + n * (STEP + 1), n) for n in range(5)] == [1] * 5

    def test_what_comes_between_hides_nothing(self) -> None:
        series = Series(SPAN_S, PLENTY)
        for n in range(5):
            assert series.add(ACME, 1000 + n, n) == n + 1
            series.add(ACME, 500_000 + n * 977, n)

    def test_the_same_number_again_is_no_step(self) -> None:
        series = Series(SPAN_S, PLENTY)
        series.add(ACME, 1000, 0.0)
        assert [series.add(ACME, 1001, at) for at in (1.0, 2.0, 3.0)] == [2, 2, 2]

    def test_it_is_over_when_its_time_has_passed_without_one(self) -> None:
        series = Series(SPAN_S, PLENTY)
        for n in range(4):
            series.add(ACME, 1000 + n, n * 90.0)
        assert series.add(ACME, 1004, 270.0 + SPAN_S) == 1

    def test_a_clock_that_was_wrong_for_a_while_joins_no_numbers(self) -> None:
        series, wrong = Series(SPAN_S, PLENTY), 10.0 * SPAN_S
        assert [series.add(ACME, number, wrong) for number in (1, 2, 3)] == [1, 2, 3]
        assert series.add(ACME, 4, 1.0) == 1
        assert [series.add(ACME, number, 2.0) for number in (1, 2, 3)] == [2, 2, 3]


class TestMemory:
    """It stays within its bound, and forgets what matters least."""

    @given(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30), st.floats(0, 20)), min_size=1, max_size=200)
    )
    def test_never_more_than_the_bound_and_what_is_counted_is_what_is_there(
        self, steps: list[tuple[int, int, float]]
    ) -> None:
        velocity, now = Velocity(SPAN_S, 20), 0.0
        for owner, number, pause_s in steps:
            now += pause_s
            velocity.add((str(owner), "live"), number, now)
            assert len(velocity) == held(velocity._memory) <= 20

    def test_the_flood_of_one_costs_the_other_nothing(self) -> None:
        velocity = Velocity(SPAN_S, 1000)
        velocity.add(OTHER, 7, 0.0)
        for number in range(5000):
            velocity.add(ACME, number, 1.0)
        assert velocity.wait_s(OTHER, 7, 1, 2.0)
        assert not velocity.wait_s(ACME, 0, 1, 2.0)

    def test_a_number_that_is_written_to_again_is_kept_longest(self) -> None:
        velocity = Velocity(SPAN_S, 1000)
        for number in range(5000):
            velocity.add(ACME, number, 1.0)
            if number % 100 == 0 and not velocity.wait_s(ACME, 9999, 3, 1.0):
                velocity.add(ACME, 9999, 1.0)
            elif number % 100 == 0:
                velocity.take_back(ACME, 9999, 1.0)
                velocity.add(ACME, 9999, 1.0)
        assert velocity.wait_s(ACME, 9999, 3, 2.0)

    def test_what_is_over_is_forgotten(self) -> None:
        series = Series(SPAN_S, PLENTY)
        for number in range(100):
            series.add(OTHER, number * 10, 0.0)
        for number in range(100):
            series.add(ACME, number * 10, 1000.0 + number)
            series.add(ACME, number * 10 + 5_000, 1000.0 + number)
        assert 3 * len(series) == held(series._memory) <= 3 * 2 * SPAN_S


def held(memory: Memory) -> int:
    """How many floats there are."""
    return sum(len(known) for book in memory._books.values() for known in book.known.values())
