"""Times as the JSON dialects write and read them: RFC 3339, UTC, milliseconds and `Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def write_time(when: datetime) -> str:
    """`2026-04-18T10:00:00.000Z`, from an aware time in UTC."""
    return when.isoformat(timespec="milliseconds")[:-6] + "Z"


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
