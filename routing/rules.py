"""The rules of a routing table as they are written: conditions, groups of operators, how to choose, when to go on.

Plain values, and all that can be wrong with them; `routing/matching.py` tests the conditions, `routing/table.py`
chooses.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from routing.errors import PatternError, Problem
from routing.hours import Hours
from routing.patterns import check_pattern, check_script

_PREFIX = re.compile(r"\+[0-9]{0,15}").fullmatch


class Weighted(NamedTuple):
    """An operator and its share of its group's traffic."""

    operator: str
    weight: int = 1


Group = tuple[Weighted, ...]


class By(Enum):
    """What orders the operators of a group."""

    WEIGHT = "weight"
    """Shares of the traffic."""
    COST = "cost"
    """The lowest price for the destination first."""


class FailoverOn(Enum):
    """After what a message goes to the next operator. When one is down it always does."""

    REJECTED = "rejected"
    """The carrier does not take it: a permanent fault of the carrier, or passing ones too often."""
    UNDELIVERABLE = "undeliverable"
    """The carrier took it, and its receipt says that it was not delivered."""


_NO_METADATA: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: conditions, all of which must hold, and groups of operators in order.

    `to`: prefixes of the destination, "+" matches all. `from_`: a number stands for all senders that begin with it,
    anything else for that sender, without case. `accounts`, `priorities`: exact. `regex`: found somewhere in the
    destination; `text`: found somewhere in the text (both RE2's syntax). `scripts`: some letter of the text is of one
    of these scripts (Unicode's names: Cyrillic, Arabic, Han). `hours`: when. `metadata`: for each key one of these
    values. An empty condition always holds, except `to`, which is never empty.

    `sticky`: a recipient keeps its operator of a group, for as long as that one is well. `within_s`: how long after
    the acceptance a message still fails over because of a receipt.
    """

    id: str
    operators: tuple[Group, ...]
    to: tuple[str, ...] = ("+",)
    from_: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    regex: str | None = None
    text: str | None = None
    scripts: tuple[str, ...] = ()
    hours: Hours | None = None
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_METADATA)
    by: By = By.WEIGHT
    sticky: bool = False
    failover_on: frozenset[FailoverOn] = frozenset({FailoverOn.REJECTED})
    within_s: float = 300.0

    @property
    def fixed(self) -> bool:
        """Whether it leaves nothing to choose: one operator after the other, whatever the message."""
        return self.by is not By.COST and all(len(group) == 1 for group in self.operators)


@dataclass(slots=True)  # made for each message, and a named tuple takes longer to make
class Query:
    """What a route is chosen by.

    `to`: E.164; `priority`: the class; `metadata`: a JSON object as text; `at`: now, or the time for which the message
    is scheduled (aware); `key`: the message's own bytes, by which weights share the traffic out: the same key makes
    the same choice.
    """

    to: str
    from_: str = ""
    account: str = ""
    priority: str = ""
    text: str = ""
    metadata: str | None = None
    at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    key: bytes = b""


def problems(rules: tuple[Rule, ...], operators: frozenset[str]) -> Iterator[Problem]:
    """Every mistake of every rule; `operators` are the ids that exist."""
    seen: set[str] = set()
    for rule in rules:
        if not rule.id:
            yield Problem(rule.id, "it has no id", "give each rule an id")
        elif rule.id in seen:
            yield Problem(rule.id, "the id is used twice", "give each rule an id of its own")
        seen.add(rule.id)
        yield from _of_conditions(rule)
        yield from _of_operators(rule, operators)


def _of_conditions(rule: Rule) -> Iterator[Problem]:
    if not rule.to:
        yield Problem(rule.id, "`to` has no prefixes", 'write to = ["+"] to match every destination')
    for prefix in rule.to:
        if not _PREFIX(prefix):
            digits = re.sub(r"[^0-9]", "", prefix) or "44"
            yield Problem(
                rule.id, f"`to` prefix {prefix!r} is none", f"write '+' and digits, as in '+{digits}'"
            )
    for name, values in (("from", rule.from_), ("account", rule.accounts), ("class", rule.priorities)):
        if "" in values:
            yield Problem(rule.id, f"`{name}` has an empty entry", f"leave `{name}` out to match all")
    for name, pattern in (("regex", rule.regex), ("text", rule.text)):
        try:
            check_pattern(pattern or "")
        except PatternError as error:
            yield Problem(rule.id, f"`{name}` {pattern!r} is wrong: {error}", error.hint)
    for script in rule.scripts:
        try:
            check_script(script)
        except PatternError as error:
            yield Problem(rule.id, f"`script` {script!r} is wrong: {error}", error.hint)


def _of_operators(rule: Rule, operators: frozenset[str]) -> Iterator[Problem]:
    if not rule.operators or not all(rule.operators):
        yield Problem(rule.id, "a group of operators is empty", "name at least one operator in each group")
    seen: set[str] = set()
    for member in (member for group in rule.operators for member in group):
        if member.operator not in operators:
            close = difflib.get_close_matches(member.operator, operators, n=1)
            hint = (
                f"did you mean {close[0]!r}?"
                if close
                else f"known are: {', '.join(sorted(operators)) or 'none'}"
            )
            yield Problem(rule.id, f"operator {member.operator!r} does not exist", hint)
        if member.operator in seen:
            yield Problem(rule.id, f"operator {member.operator!r} stands twice", "name it once")
        seen.add(member.operator)
        if member.weight < 1:
            what = f"operator {member.operator!r} has the weight {member.weight}"
            yield Problem(rule.id, what, "weights are whole numbers from 1; for a reserve use a later group")
