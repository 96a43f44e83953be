"""Who is silent for too long, by a clock that the tests turn."""

from __future__ import annotations

from gateway.cli.silence import LATE_S, LOOK_EVERY_S, Silence


class Clock:
    """Looks of each second."""

    def __init__(self, **limits_s: float) -> None:
        self.now = 1_000.0
        self.silence: Silence[str] = Silence()
        self.limits = limits_s
        self.look()

    def look(self, after_s: float = LOOK_EVERY_S) -> dict[str, float]:
        """The next look."""
        self.now += after_s
        return self.silence.look(self.limits, self.now)

    def hear(self, *who: str) -> None:
        """Signs of life, now."""
        for each in who:
            self.silence.hear(each, self.now)

    def found(self, seconds: int, *turning: str) -> list[dict[str, float]]:
        """What the looks of so many seconds find while some give signs."""
        found = []
        for _ in range(seconds):
            self.hear(*turning)
            found.append(self.look())
        return found


def test_one_that_is_silent_for_longer_is_found() -> None:
    clock = Clock(a=10.0, b=10.0)
    clock.hear("a", "b")
    assert clock.found(10, "b") == [{}] * 10
    assert clock.found(2, "b") == [{"a": 11.0}, {"a": 12.0}]


def test_a_sign_within_the_limit_begins_anew() -> None:
    clock = Clock(a=10.0)
    clock.hear("a")
    assert clock.found(10) == [{}] * 10
    clock.hear("a")
    assert clock.found(11) == [{}] * 10 + [{"a": 11.0}]


def test_who_gave_no_sign_yet_is_counted_from_the_first_look() -> None:
    clock = Clock(a=10.0)
    assert clock.found(11) == [{}] * 10 + [{"a": 11.0}]


def test_each_has_a_limit_of_its_own_that_may_change() -> None:
    """While it starts, and from then on."""
    clock = Clock(a=30.0, b=10.0)
    assert clock.found(11) == [{}] * 10 + [{"b": 11.0}]
    clock.limits = {"a": 10.0}
    assert clock.look() == {"a": 12.0}


def test_who_is_left_out_once_begins_anew() -> None:
    """One whose end is wanted: it is not looked at any more."""
    clock = Clock(a=10.0)
    clock.hear("a")
    assert clock.found(9) == [{}] * 9
    clock.limits = {}
    clock.look()
    clock.limits = {"a": 10.0}
    assert clock.found(11) == [{}] * 11
    assert clock.look() == {"a": 11.0}


def test_a_look_that_comes_late_starts_all_clocks_anew() -> None:
    """Everything was held for an hour, or the supervisor for a moment."""
    for held_s in (3600.0, LOOK_EVERY_S + LATE_S + 0.125):
        clock = Clock(a=10.0)
        clock.hear("a")
        assert clock.found(9) == [{}] * 9
        assert clock.look(held_s) == {}
        assert clock.found(11) == [{}] * 10 + [{"a": 11.0}]


def test_a_look_that_is_hardly_late_changes_nothing() -> None:
    clock = Clock(a=10.0)
    clock.hear("a")
    assert clock.found(8) == [{}] * 8
    assert clock.look(LOOK_EVERY_S + LATE_S) == {"a": 11.0}


def test_0_finds_none() -> None:
    clock = Clock(a=0.0)
    clock.hear("a")
    assert clock.found(5000) == [{}] * 5000
