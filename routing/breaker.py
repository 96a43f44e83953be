"""How well an operator does for a destination, told from answers and receipts: a breaker for each pair.

    WELL ──bad share above `*_out_above`──> OUT ──`retry_after_s`──> TRIAL ──bad share up to `in_below`──> WELL
                                             ^────longer each time─────┘ more bad ones than that

Counts fade, so that the last minutes decide. It needs `min_*` outcomes to go out and `probes` to come back, and
coming back asks for a better share than staying in (hysteresis): so it does not flap. Answers and receipts are counted
apart: a carrier may take everything and deliver nothing. Time is a float of seconds on any clock, passed in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import phonenumbers

from routing.health import Ailing, Place

_COUNTRY_CODES = frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))


@lru_cache(maxsize=4096)
def _country_of(start: str) -> str:
    for length in (2, 3, 4):
        if start[1:length] in _COUNTRY_CODES:
            return start[1:length]
    return start[1:4]


def country_of(to: str) -> str:
    """The country code (ITU-T E.164, 6.2.1: one to three digits) that a number begins with."""
    return _country_of(to[:4])


@dataclass(frozen=True, slots=True)
class Limits:
    """When an operator goes out and comes back. Shares are between 0 and 1, times in seconds."""

    answers_out_above: float = 0.5
    min_answers: int = 20
    receipts_out_above: float = 0.8
    min_receipts: int = 30
    in_below: float = 0.2
    probes: int = 5
    retry_after_s: float = 30.0
    retry_max_s: float = 600.0
    half_life_s: float = 120.0


class Kind(Enum):
    """What was counted."""

    ANSWERS = "answers"
    RECEIPTS = "receipts"


class Standing(Enum):
    """Where a breaker stands."""

    WELL = "well"
    OUT = "out"
    TRIAL = "trial"


# An enum's member costs as much to look up as a call: these are asked for with each outcome.
_ANSWERS, _WELL = Kind.ANSWERS, Standing.WELL


class _Count:
    """Good and bad outcomes that fade with time."""

    __slots__ = ("at", "bad", "good")

    def __init__(self) -> None:
        self.good = self.bad = self.at = 0.0

    def add(self, good: bool, now: float, half_life_s: float) -> None:
        # A step of half a second at least: the power costs more than the rest.
        if now - self.at > 0.5:
            kept = 0.5 ** ((now - self.at) / half_life_s)
            self.good *= kept
            self.bad *= kept
            self.at = now
        elif now < self.at:  # the clock was set back
            self.at = now
        if good:
            self.good += 1
        else:
            self.bad += 1

    @property
    def total(self) -> float:
        return self.good + self.bad

    @property
    def bad_share(self) -> float:
        return self.bad / self.total if self.total else 0.0


class Breaker:
    """One operator's standing for one destination."""

    __slots__ = (
        "_answers",
        "_limits",
        "_probes",
        "_receipts",
        "_since",
        "_trial",
        "_wait_s",
        "kind",
        "standing",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._answers = _Count()
        self._receipts = _Count()
        self._trial = _Count()
        self._since = 0.0
        self._wait_s = limits.retry_after_s
        self._probes = 0
        self.standing = Standing.WELL
        self.kind = Kind.ANSWERS  #: what has taken it out

    def note(self, kind: Kind, good: bool, now: float) -> bool:
        """Count one outcome; whether it has changed the standing."""
        limits = self._limits
        if self.standing is _WELL:
            answers = kind is _ANSWERS
            count = self._answers if answers else self._receipts
            count.add(good, now, limits.half_life_s)
            if good:
                return False
            above = limits.answers_out_above if answers else limits.receipts_out_above
            least = limits.min_answers if answers else limits.min_receipts
            # Faded counts: half of one is forgiven, or the twentieth would never be there.
            if count.total < least - 0.5 or count.bad_share <= above:
                return False
            self.kind = kind
            self._out(now)
            return True
        if self.standing is Standing.OUT or kind is not self.kind:
            return False  # it tells of what was sent before
        self._trial.add(good, now, float("inf"))
        return self._judge(now)

    def _judge(self, now: float) -> bool:
        probes, bad_at_most = self._limits.probes, self._limits.in_below * self._limits.probes
        if self._trial.bad > bad_at_most:
            self._wait_s = min(2 * self._wait_s, self._limits.retry_max_s)
            self._out(now)
            return True
        if self._trial.total < probes:
            return False
        self.standing = Standing.WELL
        self._answers, self._receipts = _Count(), _Count()
        self._wait_s = self._limits.retry_after_s
        return True

    def _out(self, now: float) -> None:
        self.standing = Standing.OUT
        self._since = now

    def tick(self, now: float) -> bool:
        """Let time pass; whether it has changed the standing."""
        over = not 0 <= now - self._since < self._wait_s  # also when the clock was set back
        if self.standing is Standing.OUT and over:
            self.standing = Standing.TRIAL
            self._trial = _Count()
        elif self.standing is not Standing.TRIAL or self._probes or not over:
            return False
        self._since = now
        self._probes = self._limits.probes
        return True

    def probed(self) -> bool:
        """A message was given to it on trial; whether that was the last one for now."""
        if not self._probes:
            return False  # it got it as the last resort
        self._probes -= 1
        return not self._probes

    def ailing(self) -> Ailing | None:
        """What routing should know of it; None: it is well."""
        if self.standing is Standing.WELL:
            return None
        count = self._answers if self.kind is Kind.ANSWERS else self._receipts
        said = f"{count.bad_share:.0%} of its {self.kind.value} were bad"
        if self.standing is Standing.OUT:
            return Ailing(f"{said}; it is tried again in {self._wait_s:.0f} s or sooner")
        if self._probes:
            return Ailing(f"{said}; it is on trial", trial=True)
        return Ailing(f"{said}; it is on trial, its {self.kind.value} are awaited")


class Breakers:
    """All breakers of a process: as many as operators and country codes meet, some hundred for each operator."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._all: dict[Place, Breaker] = {}
        self._ailing: dict[Place, Breaker] = {}

    def note(self, operator: str, to: str, kind: Kind, good: bool, now: float) -> bool:
        """Count one outcome; whether it has changed the standing of the operator there."""
        place = (operator, _country_of(to[:4]))
        breaker = self._all.get(place)
        if breaker is None:
            breaker = self._all[place] = Breaker(self.limits)
        if not breaker.note(kind, good, now):
            return False
        if breaker.standing is Standing.WELL:
            self._ailing.pop(place, None)
        else:
            self._ailing[place] = breaker
        return True

    def tick(self, now: float) -> bool:
        """Let time pass; whether some standing has changed. Quick while all are well."""
        changed = False
        for breaker in self._ailing.values():
            changed = breaker.tick(now) or changed
        return changed

    def probed(self, operator: str, to: str) -> bool:
        """A message was given to an operator; whether it was the last one of a trial for now."""
        breaker = self._ailing.get((operator, country_of(to)))
        return breaker is not None and breaker.standing is Standing.TRIAL and breaker.probed()

    def standing(self, place: Place) -> Standing:
        """Where the breaker of a place stands."""
        breaker = self._all.get(place)
        return breaker.standing if breaker is not None else Standing.WELL

    def ailing(self) -> Mapping[Place, Ailing]:
        """Who does badly where, for `Health`."""
        found = ((place, breaker.ailing()) for place, breaker in self._ailing.items())
        return {place: ailing for place, ailing in found if ailing is not None}

    def keep(self, operators: Iterable[str]) -> None:
        """Forget operators that are configured no more."""
        known = frozenset(operators)
        self._all = {place: breaker for place, breaker in self._all.items() if place[0] in known}
        self._ailing = {place: breaker for place, breaker in self._ailing.items() if place[0] in known}
