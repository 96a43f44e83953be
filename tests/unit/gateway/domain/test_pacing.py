"""Four limits and one decision: what goes, what waits, for what and until when."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.pacing import MAX_SENDERS, Hold, Level, Limits, Pacer, Pair
from gateway.domain.throttle import CATCH_UP_S

UK, US = "+447700900123", "+12015550123"
ACME, BETA = Pair("ACME", UK), Pair("BETA", UK)


def admitted(pacer: Pacer, pair: Pair, parts: int = 1, now: float = 0.0) -> None:
    """A message that is handed over."""
    assert pacer.admit(pair, parts, now) is None


def what_holds(pacer: Pacer, pair: Pair, now: float, bind: int = 0) -> str | None:
    """The limit that a part waits for, when it is tried now."""
    hold = pacer.take_part(bind, pair, now)
    return None if hold is None else f"{hold.level.value} {hold.key}".rstrip()


class TestLevels:
    """Each of the four."""

    @pytest.mark.parametrize(
        ("limits", "expected"),
        [
            (Limits(operator=10), Hold(0.1, Level.OPERATOR, "", 10)),
            (Limits(bind=5), Hold(0.2, Level.BIND, "0", 5)),
            (Limits(sender=1), Hold(1.0, Level.SENDER, "ACME", 1)),
            (Limits(prefixes={"+44": 2.0}), Hold(0.5, Level.PREFIX, "+44", 2)),
        ],
    )
    def test_the_second_part_waits_for_it(self, limits: Limits, expected: Hold) -> None:
        pacer = Pacer(limits)
        admitted(pacer, ACME, 2)
        assert pacer.take_part(0, ACME, 0.0) is None
        hold = pacer.take_part(0, ACME, 0.0)
        assert hold is not None
        assert hold[1:] == expected[1:]
        assert hold.until == pytest.approx(expected.until)
        assert pacer.take_part(0, ACME, expected.until) is None

    def test_another_one_of_its_kind_does_not(self) -> None:
        pacer = Pacer(Limits(bind=1, sender=1, prefixes={"+44": 1.0, "+1": 1.0}))
        assert what_holds(pacer, Pair("ACME", UK), 0.0, bind=0) is None
        assert what_holds(pacer, Pair("BETA", US), 0.0, bind=1) is None
        assert what_holds(pacer, Pair("ACME", "+33612345678"), 0.0, bind=2) == "sender ACME"
        assert what_holds(pacer, Pair("CORP", UK), 0.0, bind=2) == "prefix +44"
        assert what_holds(pacer, Pair("CORP", "+33612345678"), 0.0, bind=0) == "bind 0"
        assert what_holds(pacer, Pair("CORP", "+33612345678"), 0.0, bind=2) is None

    def test_the_longest_prefix_counts(self) -> None:
        pacer = Pacer(Limits(prefixes={"+44": 1.0, "+4477": 100.0}))
        assert what_holds(pacer, ACME, 0.0) is None
        assert what_holds(pacer, Pair("ACME", "+441632960000"), 0.0) is None
        assert what_holds(pacer, Pair("ACME", "+441632960001"), 0.0) == "prefix +44"
        assert what_holds(pacer, ACME, 0.01) is None

    def test_without_limits_nothing_waits(self) -> None:
        pacer = Pacer(Limits())
        assert not pacer.by_pair
        assert pacer.take(0, 5000, 0.0) == 5000
        assert pacer.hold(0, 0.0) is None


class TestAllOrNothing:
    """What waits for one limit has used nothing of the others."""

    def test_a_part_that_waits_counts_nowhere(self) -> None:
        pacer = Pacer(Limits(operator=10, bind=10, sender=1, prefixes={"+44": 10.0}))
        assert what_holds(pacer, ACME, 0.0) is None
        for _ in range(50):
            assert what_holds(pacer, ACME, 0.1) == "sender ACME"
        assert what_holds(pacer, BETA, 0.1) is None, "operator, bind and prefix have room for one"
        assert what_holds(pacer, Pair("CORP", UK), 0.1) is not None

    def test_it_names_the_limit_that_holds_longest(self) -> None:
        pacer = Pacer(Limits(sender=1, prefixes={"+44": 0.5}))
        admitted(pacer, ACME, 2)
        assert what_holds(pacer, ACME, 0.0) is None
        assert what_holds(pacer, ACME, 0.0) == "prefix +44"

    @given(
        rates=st.tuples(*[st.sampled_from([0.0, 1.0, 3.0, 7.5, 40.0]) for _ in range(4)]),
        asks=st.lists(
            st.tuples(st.sampled_from("ABC"), st.sampled_from([UK, US]), st.integers(0, 2)), max_size=400
        ),
    )
    def test_no_limit_is_ever_passed(
        self, rates: tuple[float, ...], asks: list[tuple[str, str, int]]
    ) -> None:
        """In no stretch of time more than rate x time and one part, at any of the levels."""
        operator, bind, sender, prefix = rates
        limits = Limits(operator, bind, sender, {"+44": prefix} if prefix else {})
        pacer, written = Pacer(limits), list[tuple[float, str, str, int]]()
        for number, (who, to, index) in enumerate(asks):
            now = number * 0.01
            if pacer.take_part(index, Pair(who, to), now) is None:
                written.append((now, who, to, index))
        keys: list[tuple[float, Callable[[tuple[float, str, str, int]], object]]] = [
            (operator, lambda part: part is not None),
            (bind, lambda part: part[3]),
            (sender, lambda part: part[1]),
            (prefix, lambda part: part[2].startswith("+44") or None),
        ]
        for rate, key in keys:
            for value in {key(part) for part in written} - {None} if rate else ():
                times = [part[0] for part in written if key(part) == value]
                for first, at in enumerate(times):
                    for seconds in (0.0, 0.1, 0.5, 1.0, 2.0):
                        count = bisect_left(times, at + seconds + 1e-9) - first
                        assert count <= rate * seconds + 1 + rate * CATCH_UP_S + 1e-6


class TestHandOver:
    """Whether a message may leave the lane: its first part must not wait behind others of its sender."""

    def test_the_next_message_waits_until_the_parts_of_the_first_are_written(self) -> None:
        pacer = Pacer(Limits(sender=1))
        admitted(pacer, ACME, 3)
        hold = pacer.admit(ACME, 1, 0.0)
        assert hold is not None
        assert (hold.level, hold.key) == (Level.SENDER, "ACME")
        assert hold.until == pytest.approx(3.0)
        for now in (0.0, 1.0, 2.0):
            assert pacer.take_part(0, ACME, now) is None
        assert pacer.admit(ACME, 1, 2.0) is not None
        assert pacer.admit(ACME, 1, 3.0) is None

    def test_others_pass(self) -> None:
        pacer = Pacer(Limits(sender=1))
        admitted(pacer, ACME, 3)
        admitted(pacer, BETA)

    def test_what_is_not_written_after_all_holds_nobody(self) -> None:
        pacer = Pacer(Limits(sender=1))
        admitted(pacer, ACME, 2)
        assert pacer.admit(ACME, 1, 0.0) is not None
        for _ in range(2):
            pacer.forget(ACME)
        admitted(pacer, ACME)

    def test_waits_are_counted_by_what_they_wait_for(self) -> None:
        pacer = Pacer(Limits(operator=1, sender=1))
        admitted(pacer, ACME)
        assert pacer.take_part(0, ACME, 0.0) is None
        pacer.admit(ACME, 1, 0.0)
        pacer.hold(0, 0.0)
        assert pacer.waits == {Level.SENDER: 1, Level.OPERATOR: 1}
        assert pacer.last is not None
        assert pacer.last.level is Level.OPERATOR


class TestShare:
    """Binds of one operator in many processes."""

    def test_all_rates_but_those_of_binds(self) -> None:
        pacer = Pacer(Limits(operator=40, bind=10, sender=4, prefixes={"+44": 8.0}))
        what_holds(pacer, ACME, 0.0)
        pacer.share(0.25)
        until = {
            hold.level: hold.until
            for pair, bind in [(ACME, 1), (Pair("BETA", UK), 1), (Pair("BETA", US), 1), (Pair("BETA", US), 0)]
            if (hold := pacer.take_part(bind, pair, 0.0)) is not None
        }
        assert pacer.operator.rate(0.0) == 10.0
        assert until[Level.SENDER] == pytest.approx(1.0)
        assert until[Level.PREFIX] == pytest.approx(0.5)
        assert until[Level.OPERATOR] == pytest.approx(0.1)

    def test_a_bind_s_own_rate_stays(self) -> None:
        pacer = Pacer(Limits(bind=10))
        pacer.share(0.25)
        pacer.take(0, 1, 0.0)
        hold = pacer.hold(0, 0.0)
        assert hold is not None
        assert hold.until == pytest.approx(0.1)


def test_senders_are_many_and_memory_is_not() -> None:
    pacer = Pacer(Limits(sender=1))
    for number in range(3 * MAX_SENDERS):
        pair = Pair(f"S{number}", UK)
        now = number / 1000
        admitted(pacer, pair, 1, now)
        assert pacer.take_part(0, pair, now) is None
    assert len(pacer._buckets) <= MAX_SENDERS + 1
