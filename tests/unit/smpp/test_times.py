"""Times as the specification's own examples write them (SMPP 3.4, 7.1.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp.times import MAX_RELATIVE_S, absolute, relative


def test_an_absolute_time_is_written_in_utc() -> None:
    zone = timezone(timedelta(hours=2))
    assert absolute(datetime(2026, 11, 21, 14, 5, 9, 730_000, zone)) == "261121120509700+"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (72 * 3600, "000003000000000R"),
        (5 * 60, "000000000500000R"),
        (90_061, "000001010101000R"),
        (0.2, "000000000001000R"),
        (-5, "000000000001000R"),
        (10 * MAX_RELATIVE_S, "000031000000000R"),
    ],
)
def test_a_relative_time_counts_from_when_the_smsc_takes_it(seconds: float, written: str) -> None:
    assert relative(seconds) == written


@given(st.integers(1, MAX_RELATIVE_S), st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_every_time_has_sixteen_characters_and_says_what_it_was(seconds: int, at: datetime) -> None:
    written = relative(seconds)
    days, hours, minutes, rest = (int(written[i : i + 2]) for i in (4, 6, 8, 10))
    assert len(written) == len(absolute(at.replace(tzinfo=UTC))) == 16
    assert ((days * 24 + hours) * 60 + minutes) * 60 + rest == seconds
