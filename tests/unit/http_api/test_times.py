"""Times are written and read as RFC 3339."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from http_api.times import read_time, write_time, write_time_or_none

EARLIEST, LATEST = datetime(1970, 1, 2), datetime(9000, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
SECOND = datetime(2026, 4, 18, 10, tzinfo=UTC)
NEIGHBOURS = [SECOND + timedelta(microseconds=step) for step in (-1_000_000, -1, 0, 1, 999_999, 1_000_000)]


@given(st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)))
def test_what_is_written_is_read_to_the_millisecond(when: datetime) -> None:
    text = write_time(when)
    assert len(text) == 24
    assert read_time(text) == when.replace(microsecond=when.microsecond // 1000 * 1000)


@given(st.lists(st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)) | st.sampled_from(NEIGHBOURS)))
def test_what_was_written_before_makes_no_difference(times: list[datetime]) -> None:
    for when in times:
        assert write_time(when) == when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_the_documents_form() -> None:
    assert write_time(datetime(2026, 4, 18, 10, tzinfo=UTC)) == "2026-04-18T10:00:00.000Z"
    assert write_time(datetime(2026, 4, 18, 10, 0, 0, 999_999, UTC)) == "2026-04-18T10:00:00.999Z"
    assert write_time_or_none(None) is None
    assert write_time_or_none(datetime(2026, 4, 18, 10, tzinfo=UTC)) == "2026-04-18T10:00:00.000Z"


def test_other_zones_are_brought_to_utc() -> None:
    assert read_time("2026-04-18T12:00:00+02:00") == datetime(2026, 4, 18, 10, tzinfo=UTC)
    read = read_time("2026-04-18t12:00:00.5z")
    assert read is not None
    assert read.tzinfo == UTC
    assert read == datetime(2026, 4, 18, 12, 0, 0, 500_000, timezone(timedelta(0)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-04-18",
        "2026-04-18T10:00:00",
        "2026-04-18 10:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-04-18T10:00:00+99:99",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+01:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "20260418T100000Z",
    ],
)
def test_what_is_no_time_of_a_message(text: str) -> None:
    assert read_time(text) is None


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_none(text: str) -> None:
    read = read_time(text)
    assert read is None or read.tzinfo is UTC
