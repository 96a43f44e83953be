"""The timer wheel against a sorted list."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.simulator.wheel import Wheel

times = st.floats(0, 100, allow_nan=False)


@given(st.lists(times), st.lists(times))
def test_nothing_comes_early_and_nothing_is_late_by_more_than_a_tick(
    dues: list[float], looks: list[float]
) -> None:
    tick_s = 0.5
    wheel: Wheel[float] = Wheel(tick_s)
    for due in dues:
        wheel.add(due, due)
    taken: list[float] = []
    for now in sorted(looks):
        found = wheel.take(now)
        assert all(due <= now for due in found)
        taken += found
        assert all(due > now - tick_s for due in dues if due not in taken)
    taken += wheel.take(1000)
    assert sorted(taken) == sorted(dues)
    assert len(wheel) == 0
    assert wheel.next_due() is None


@given(st.lists(times, min_size=1))
def test_the_next_time_is_when_something_comes(dues: list[float]) -> None:
    wheel: Wheel[float] = Wheel(0.25)
    for due in dues:
        wheel.add(due, due)
    due_at = wheel.next_due()
    assert due_at is not None
    assert min(dues) in wheel.take(due_at)


def test_one_tick_keeps_its_order() -> None:
    wheel: Wheel[str] = Wheel(1.0)
    for name in "abc":
        wheel.add(0.5, name)
    assert len(wheel) == 3
    assert wheel.take(1.0) == ["a", "b", "c"]
