"""The delays between connections; the life of a bind is told by test_pool.py."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smpp.bind import Backoff

LATEST = 0.999999


def test_the_first_try_after_a_loss_comes_within_the_first_delay() -> None:
    backoff = Backoff(1.0, 60.0, lambda: LATEST)
    assert backoff.after_loss(3600.0) < 1.0


def test_failures_double_the_ceiling_up_to_the_longest() -> None:
    backoff = Backoff(1.0, 60.0, lambda: LATEST)
    assert [round(backoff.after_failure()) for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_jitter_is_full() -> None:
    backoff = Backoff(1.0, 60.0, lambda: 0.0)
    assert [backoff.after_failure() for _ in range(9)] == [0.0] * 9


def test_a_bind_that_lasted_starts_anew() -> None:
    backoff = Backoff(1.0, 60.0, lambda: LATEST)
    for _ in range(6):
        backoff.after_failure()
    assert backoff.after_loss(30.0) < 1.0
    assert round(backoff.after_failure()) == 2


def test_a_bind_that_never_settles_is_a_failure() -> None:
    backoff = Backoff(1.0, 60.0, lambda: LATEST)
    assert [round(backoff.after_loss(0.1)) for _ in range(4)] == [1, 2, 4, 8]


def test_a_lasting_refusal_waits_long_at_once() -> None:
    assert Backoff(1.0, 60.0, lambda: 0.0).after_lasting_refusal() == 30.0
    assert round(Backoff(1.0, 60.0, lambda: LATEST).after_lasting_refusal()) == 60


@given(draw=st.floats(min_value=0.0, max_value=LATEST), failures=st.integers(min_value=0, max_value=3000))
def test_no_delay_is_longer_than_the_longest(draw: float, failures: int) -> None:
    backoff = Backoff(1.0, 60.0, lambda: draw)
    for _ in range(failures):
        backoff.after_failure()
    assert 0.0 <= backoff.after_failure() <= 60.0
    assert 0.0 <= backoff.after_lasting_refusal() <= 60.0
