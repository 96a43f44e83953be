"""What happens to a submit: the profile's rules as one decision, pure with time and seeded where chance decides."""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from gateway.simulator.magic import MAGIC
from gateway.simulator.profile import Outcome, Profile, Rule
from smpp.constants import Status

# Destinations whose submits are counted for the rules that hold for the first ones; the oldest are forgotten.
_COUNTED_DESTINATIONS = 100_000


class Verdict(NamedTuple):
    """What to do with a submit. `outcome` None: no receipt tells how it ends, `unsaid`. `drop`: cut the connection
    instead of an answer."""

    status: int
    outcome: Outcome | None
    answer: bool = True
    drop: bool = False
    reply: str = ""
    unsaid: Outcome = Outcome()


_DELIVERED = Verdict(0, Outcome())
_THROTTLED = Verdict(Status.ESME_RTHROTTLED, None)


class Judge:
    """Decides for one submit after the other."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        rules = (*profile.rules, *(MAGIC if profile.magic else ()))
        self._by_end = _by_end(rules)
        self._for_any = [(rule, _verdict(rule)) for rule in rules if not rule.to]
        self._matches: dict[Rule, int] = {}
        self._tries: OrderedDict[tuple[Rule, str], int] = OrderedDict()
        self._chance = random.Random(profile.seed)
        self._second = 0
        self._in_second = 0
        self._submits = 0
        self._limited = bool(profile.max_per_s or profile.throttle_every)
        self._never = Verdict(0, Outcome(), answer=False)

    def decide(self, destination: str, now: float) -> Verdict:
        """The verdict for a submit to this number at `now` (monotonic seconds)."""
        self._submits += 1
        if self._limited and self._over_limit(now):
            return _THROTTLED
        for length, rules in self._by_end:
            found = rules.get(destination[-length:])
            if found is not None:
                for rule, verdict in found:
                    if self._holds(rule, destination):
                        return verdict
        for rule, verdict in self._for_any:
            if self._holds(rule, destination):
                return verdict
        every = self._profile.never_answer_every
        if every and self._submits % every == 0:
            return self._never
        return self._by_share() if self._profile.outcomes else _DELIVERED

    def _over_limit(self, now: float) -> bool:
        """Counted in whole seconds, as carriers do."""
        every = self._profile.throttle_every
        if every and self._submits % every == 0:
            return True
        second = int(now)
        if second != self._second:
            self._second, self._in_second = second, 0
        self._in_second += 1
        return 0 < self._profile.max_per_s < self._in_second

    def _holds(self, rule: Rule, destination: str) -> bool:
        if rule.every:
            matches = self._matches[rule] = self._matches.get(rule, 0) + 1
            if matches % rule.every:
                return False
        if rule.first:
            key = (rule, destination)
            tries = self._tries[key] = self._tries.get(key, 0) + 1
            if len(self._tries) > _COUNTED_DESTINATIONS:
                self._tries.popitem(last=False)
            return tries <= rule.first
        return True

    def _by_share(self) -> Verdict:
        point = self._chance.random() * 100
        for share in self._profile.outcomes:
            point -= share.percent
            if point < 0:
                return Verdict(0, share)
        return _DELIVERED


_Judged = tuple[Rule, Verdict]


def _by_end(rules: Sequence[Rule]) -> list[tuple[int, dict[str, list[_Judged]]]]:
    """The rules for destinations by the length of the end that they look at, the longest first."""
    lengths: dict[int, dict[str, list[_Judged]]] = {}
    for rule in rules:
        if rule.to:
            lengths.setdefault(len(rule.to), {}).setdefault(rule.to, []).append((rule, _verdict(rule)))
    return sorted(lengths.items(), reverse=True)


def _verdict(rule: Rule) -> Verdict:
    taken = rule.status == 0
    ends = Outcome(state=rule.state, err=rule.err)
    outcome = ends if taken and rule.receipt else None
    return Verdict(rule.status, outcome, rule.answer, rule.drop, rule.reply if taken else "", ends)
