"""Times as the JSON dialects write and read them: RFC 3339, UTC, milliseconds and `Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import orjson

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

_MILLISECONDS = [f".{millisecond:03d}Z" for millisecond in range(1000)]


class _Latest:
    """The second that was written last and its text, as one value: another thread sees both or neither."""

    second = (datetime.fromtimestamp(0, UTC), "1970-01-01T00:00:00")


def write_time(when: datetime) -> str:
    """`2026-04-18T10:00:00.000Z`, from an aware time in UTC. Digits below the millisecond are cut off."""
    second, text = _Latest.second
    past = when - second
    if past.seconds or past.days:  # another second than the one before
        second = when.replace(microsecond=0)
        # orjson takes a fifth of the time of `isoformat`: "2026-04-18T10:00:00+00:00" in quotes.
        text = orjson.dumps(second)[1:20].decode()
        _Latest.second = second, text
        past = when - second
    return text + _MILLISECONDS[past.microseconds // 1000]


def write_time_or_none(when: datetime | None) -> str | None:
    """The same for a time that may be absent."""
    return None if when is None else write_time(when)


def read_time(text: str) -> datetime | None:
    """A time from RFC 3339 text, in UTC; None when it is none, or before 1970 (when no message was sent)."""
    if _RFC_3339.fullmatch(text) is None:
        return None
    try:
        when = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if not 1970 <= when.year <= 9998:
        return None
    utc = when.astimezone(UTC)
    return utc if utc.year >= 1970 else None
