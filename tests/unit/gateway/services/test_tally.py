"""A sum that is told at most once in a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.services.tally import Tally


def test_nothing_is_left_out_of_the_sum() -> None:
    now = datetime(2026, 4, 18, tzinfo=UTC)
    tally = Tally(lambda: now, every_s=5.0)
    assert tally.add(3) == 3, "the first one at once"
    assert tally.add(1) is None
    now += timedelta(seconds=4.9)
    assert tally.add(2) is None
    now += timedelta(seconds=0.1)
    assert tally.add(4) == 7
    now += timedelta(seconds=3600)
    assert tally.add(1) == 1
