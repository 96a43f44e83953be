"""Times as the JSON dialects write and read them: RFC 3339, UTC, milliseconds and `Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import orjson

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def write_time(when: datetime) -> str:
    """`2026-04-18T10:00:00.000Z`, from an aware time in UTC. Digits below the millisecond are cut off."""
    # orjson writes a time in a fifth of what `isoformat` takes: "2026-04-18T10:00:00.000000+00:00" in quotes, and
    # without a fraction when it is zero.
    written = orjson.dumps(when)
    return (written[1:24] if len(written) == 34 else written[1:20] + b".000").decode() + "Z"


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
