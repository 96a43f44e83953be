"""Times of day and of the week at which a rule holds, as people write them: "mon-fri 08:00-20:00".

They are told by the clock on the wall of their zone: in the night in which clocks go back, the hour that comes twice
counts twice; in the one in which they go forward, the hour that is left out never comes. A span over midnight belongs
to the day on which it begins.
"""

import re
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import NamedTuple

from routing.errors import HoursError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SPAN = re.compile(r"(?:([a-z ,-]+) )?([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})").fullmatch
_DAY_MINUTES = 24 * 60


class Span(NamedTuple):
    """Days (0 is Monday) and minutes since midnight: from `start`, up to but without `end`; an end that is not after
    the start is on the next day."""

    days: frozenset[int]
    start: int
    end: int

    def holds(self, weekday: int, minute: int) -> bool:
        """Whether a time falls into it."""
        if self.start < self.end:
            return weekday in self.days and self.start <= minute < self.end
        return (minute >= self.start and weekday in self.days) or (
            minute < self.end and (weekday - 1) % 7 in self.days
        )


class Hours(NamedTuple):
    """Spans in a zone, and how they were written."""

    spans: tuple[Span, ...]
    zone: tzinfo
    text: str

    def hold(self, at: datetime) -> bool:
        """Whether some span has this time (aware)."""
        local = at.astimezone(self.zone)
        weekday, minute = local.weekday(), local.hour * 60 + local.minute
        return any(span.holds(weekday, minute) for span in self.spans)


def parse_hours(texts: Iterable[str], zone: tzinfo, zone_name: str) -> Hours:
    """Read spans such as "mon-fri 08:00-20:00", "sat,sun 10:00-14:00" or "22:00-06:00" (every day).

    `zone_name` is for people. Raises HoursError with what is wrong with the first one that can't be read.
    """
    listed = tuple(texts)
    return Hours(tuple(_span(text) for text in listed), zone, f"{', '.join(listed)} ({zone_name})")


def _span(text: str) -> Span:
    found = _SPAN(text.strip().lower())
    if found is None:
        raise HoursError(f"{text!r} is no span of time: write it as 'mon-fri 08:00-20:00' or '22:00-06:00'")
    days, *clock = found.groups()
    start, end = _minute(text, clock[0], clock[1]), _minute(text, clock[2], clock[3])
    if start == _DAY_MINUTES:
        raise HoursError(f"{text!r} begins at 24:00: write 00:00")
    if start == end:
        raise HoursError(f"{text!r} is no time at all: the whole day is 00:00-24:00")
    return Span(_days(text, days) if days else frozenset(range(7)), start, end)


def _minute(text: str, hour: str, minute: str) -> int:
    found = int(hour) * 60 + int(minute)
    if int(minute) > 59 or found > _DAY_MINUTES:
        raise HoursError(f"{text!r} has a time that no clock shows: 00:00 to 24:00")
    return found


def _days(text: str, listed: str) -> frozenset[int]:
    found: set[int] = set()
    for entry in listed.replace(" ", "").split(","):
        first, dash, last = entry.partition("-")
        last = last if dash else first
        if first not in DAYS or last not in DAYS:
            raise HoursError(f"{text!r} has a day that is none of {', '.join(DAYS)}")
        day, end = DAYS.index(first), DAYS.index(last)
        found.add(day)
        while day != end:  # fri-mon goes over the weekend
            day = (day + 1) % 7
            found.add(day)
    return frozenset(found)
