"""Hours: days, midnight, zones, and the nights in which clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import HoursError
from routing.hours import DAYS, Hours, parse_hours

LONDON = ZoneInfo("Europe/London")


def hours(*texts: str) -> Hours:
    return parse_hours(texts, LONDON, "Europe/London")


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """A time in UTC; the 2nd of March 2026 is a Monday, and London is at UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "when", "holds"),
    [
        ("mon-fri 08:00-20:00", at(2, 8), True),
        ("mon-fri 08:00-20:00", at(2, 7, 59), False),
        ("mon-fri 08:00-20:00", at(6, 19, 59), True),
        ("mon-fri 08:00-20:00", at(6, 20), False),
        ("mon-fri 08:00-20:00", at(7, 12), False),
        ("sat,sun 10:00-14:00", at(7, 10), True),
        ("sat, sun 10:00-14:00", at(8, 13), True),
        ("fri-mon 10:00-14:00", at(2, 10), True),
        ("fri-mon 10:00-14:00", at(3, 10), False),
        ("0:00-24:00", at(3, 23, 59), True),
        ("22:00-06:00", at(3, 22), True),
        ("22:00-06:00", at(3, 5, 59), True),
        ("22:00-06:00", at(3, 6), False),
        ("22:00-06:00", at(3, 12), False),
        ("fri 22:00-06:00", at(7, 5), True),  # Saturday morning is Friday's night
        ("fri 22:00-06:00", at(6, 5), False),
        ("sun 22:00-06:00", at(2, 1), True),  # the week goes round
        ("FRI 20:00-24:00", at(6, 23, 59), True),
    ],
)
def test_when_it_holds(text: str, when: datetime, holds: bool) -> None:
    assert hours(text).hold(when) is holds


def test_some_span_is_enough() -> None:
    both = hours("mon 08:00-12:00", "mon 13:00-17:00")
    assert [both.hold(at(2, hour)) for hour in (11, 12, 13)] == [True, False, True]


def test_the_clock_is_the_zone_s() -> None:
    """In July London is an hour ahead of UTC."""
    assert not hours("08:00-20:00").hold(at(1, 6, 59, month=7))
    assert hours("08:00-20:00").hold(at(1, 7, month=7))
    assert not hours("08:00-20:00").hold(at(1, 19, month=7))


def test_the_hour_that_comes_twice_counts_twice() -> None:
    """25 October 2026: 02:00 summer time becomes 01:00."""
    night = [at(25, 0, 30, month=10) + timedelta(hours=hour) for hour in range(3)]
    assert [hours("01:00-02:00").hold(when) for when in night] == [True, True, False]


def test_the_hour_that_is_left_out_never_comes() -> None:
    """29 March 2026: 01:00 becomes 02:00."""
    night = [at(29, 0, minute) for minute in (0, 30, 59)] + [at(29, 1, minute) for minute in (0, 30, 59)]
    assert not any(hours("01:00-02:00").hold(when) for when in night)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no span of time"),
        ("8-20", "is no span of time"),
        ("mon-fri", "is no span of time"),
        ("25:00-26:00", "no clock shows"),
        ("08:60-09:00", "no clock shows"),
        ("24:00-06:00", "write 00:00"),
        ("08:00-08:00", "the whole day is 00:00-24:00"),
        ("noday 08:00-09:00", "a day that is none of mon"),
        ("mon- 08:00-09:00", "a day that is none of mon"),
        ("mon,,tue 08:00-09:00", "a day that is none of mon"),
    ],
)
def test_what_is_no_span(text: str, said: str) -> None:
    with pytest.raises(HoursError, match=said):
        hours(text)


@given(
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.integers(0, 10079),
)
def test_a_span_and_what_it_leaves_out_share_the_week(
    days: set[str], start: int, end: int, minute: int
) -> None:
    if start == end:
        return
    listed = ",".join(sorted(days))
    span = parse_hours(
        [f"{listed} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"], UTC, "UTC"
    )
    when = at(2, 0) + timedelta(minutes=minute)
    length = (end - start) % 1440
    begins = [at(2, 0) + timedelta(days=day, minutes=start) for day in range(-1, 7) if DAYS[day % 7] in days]
    assert span.hold(when) == any(begin <= when < begin + timedelta(minutes=length) for begin in begins)
