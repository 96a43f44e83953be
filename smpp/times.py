"""Times as SMPP writes them: sixteen characters, absolute or from now on (SMPP 3.4, 7.1.1)."""

from __future__ import annotations

import math
from datetime import UTC, datetime

MAX_RELATIVE_S = 31 * 86_400
"""What the field of days holds. Months and years have no length in seconds, so none are written."""


def absolute(at: datetime) -> str:
    """`YYMMDDhhmmsstnn+`: the time in UTC, tenths of a second, no quarters of an hour away from it."""
    at = at.astimezone(UTC)
    return f"{at:%y%m%d%H%M%S}{at.microsecond // 100_000}00+"


def relative(seconds: float) -> str:
    """`YYMMDDhhmmss000R`: so long from the moment at which the SMSC takes it. Rounded up to whole seconds; at least
    one, at most `MAX_RELATIVE_S`."""
    whole = min(max(math.ceil(seconds), 1), MAX_RELATIVE_S)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"0000{day:02}{hour:02}{minute:02}{second:02}000R"
