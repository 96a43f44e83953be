"""The routing table: which operators a message may take, in which order.

The rules stand in order and the first that matches wins, however long its prefix is. Inside a rule stand
groups of operators, also in order: the second group is for when the first cannot. Inside a group the weights
share the traffic out among the operators that can take it.

`choose` is for every message: it looks rules up by what they distinguish and keeps what it found. `explain`
is for a person: it walks the rules one by one, says why, and must come to the same result.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from routing.errors import Problem, TableError
from routing.health import Health, Status

_PREFIX = re.compile(r"\+[0-9]{0,15}").fullmatch
_SHOWN_PREFIXES = 5
_BELOW_ONE = 1 - 2**-53

# Pairs of (what rules distinguish) that are kept: beyond that the memory is emptied and fills again.
MAX_KEPT = 65_536


class Weighted(NamedTuple):
    """An operator and its share of its group's traffic."""

    operator: str
    weight: int = 1


Group = tuple[Weighted, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: conditions, all of which must hold, and groups of operators in order.

    `to`: prefixes of the destination, "+" matches all. `from_`: a number stands for all senders that begin
    with it, anything else for that sender, without case. `accounts`, `priorities`: exact. `regex`: found
    somewhere in the destination. An empty condition always holds, except `to`, which is never empty.
    """

    id: str
    operators: tuple[Group, ...]
    to: tuple[str, ...] = ("+",)
    from_: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    regex: str | None = None


class Query(NamedTuple):
    """What a route is chosen by: destination (E.164), sender, account, priority class."""

    to: str
    from_: str = ""
    account: str = ""
    priority: str = ""


class Outcome(Enum):
    """What a decision comes to."""

    CHOSEN = "chosen"
    """There is an operator."""
    WAIT = "wait"
    """A rule matches, its operators that are left are down or paused."""
    SPENT = "spent"
    """A rule matches, every operator of it was excluded."""
    NO_ROUTE = "no_route"
    """No rule matches."""


class Candidate(NamedTuple):
    """An operator of the matching rule, whether it can be used now, and why (not)."""

    operator: str
    usable: bool
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The route of a message.

    `candidates` are all operators of the rule in the order in which they would be tried, those that cannot be
    used after their group's others; `first` is the first that can. `reasons` are sentences for a person, from
    `explain` only.
    """

    rule_id: str | None
    candidates: tuple[Candidate, ...]
    first: str | None
    outcome: Outcome
    reasons: tuple[str, ...] = ()


_NO_ROUTE = Decision(None, (), None, Outcome.NO_ROUTE)


class _Compiled(NamedTuple):
    """The conditions of a rule in a form that is quick to test; None always holds."""

    rule: Rule
    sender_prefixes: tuple[str, ...]
    sender_names: frozenset[str]
    accounts: frozenset[str] | None
    priorities: frozenset[str] | None
    regex: re.Pattern[str] | None

    def holds(self, sender: str, account: str, priority: str) -> bool:
        """Test all conditions but those on the destination; the sender is without case."""
        if self.accounts is not None and account not in self.accounts:
            return False
        if self.priorities is not None and priority not in self.priorities:
            return False
        if self.rule.from_:
            return sender in self.sender_names or sender.startswith(self.sender_prefixes)
        return True


def _compiled(rule: Rule) -> _Compiled:
    return _Compiled(
        rule=rule,
        sender_prefixes=tuple(sender for sender in rule.from_ if sender.startswith("+")),
        sender_names=frozenset(sender.casefold() for sender in rule.from_ if not sender.startswith("+")),
        accounts=frozenset(rule.accounts) if rule.accounts else None,
        priorities=frozenset(rule.priorities) if rule.priorities else None,
        regex=None if rule.regex is None else re.compile(rule.regex),
    )


class Table:
    """The rules, checked and ready. It never changes but for what it remembers; a reload makes a new one.

    `operators` are the ids that exist. Raises TableError with all problems of all rules.
    """

    def __init__(self, rules: Iterable[Rule], operators: Iterable[str]) -> None:
        self.rules = tuple(rules)
        self.operators = frozenset(operators)
        problems = tuple(_problems(self.rules, self.operators))
        if problems:
            raise TableError(problems)
        self._compiled = tuple(_compiled(rule) for rule in self.rules)
        by_prefix: dict[str, list[int]] = {}
        for index, rule in enumerate(self.rules):
            for prefix in set(rule.to):
                by_prefix.setdefault(prefix, []).append(index)
        self._by_prefix = by_prefix
        self._lengths = sorted({len(prefix) for prefix in by_prefix})
        # Only what some rule distinguishes goes into the key: the fewer keys, the more is found again.
        self._longest = self._lengths[-1] if self._lengths else 0
        self._by_sender = any(rule.from_ for rule in self.rules)
        self._by_account = any(rule.accounts for rule in self.rules)
        self._by_priority = any(rule.priorities for rule in self.rules)
        self._kept: dict[tuple[str, str, str, str], tuple[_Compiled, ...]] = {}
        self._fixed: tuple[Health, dict[str, Decision]] = (Health(), {})

    def match(self, query: Query) -> Rule | None:
        """Return the first rule that matches."""
        to, sender, account, priority = query
        key = (
            to[: self._longest],
            sender if self._by_sender else "",
            account if self._by_account else "",
            priority if self._by_priority else "",
        )
        possible = self._kept.get(key)
        if possible is None:
            possible = self._possible(key)
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[key] = possible
        for compiled in possible:
            if compiled.regex is None or compiled.regex.search(to):
                return compiled.rule
        return None

    def _possible(self, key: tuple[str, str, str, str]) -> tuple[_Compiled, ...]:
        """Return the rules whose conditions hold but for a regex, up to the first without one."""
        start, sender, account, priority = key
        sender = sender.casefold()
        indexes: set[int] = set()
        for length in self._lengths:
            if length <= len(start):
                indexes.update(self._by_prefix.get(start[:length], ()))
        found: list[_Compiled] = []
        for index in sorted(indexes):
            compiled = self._compiled[index]
            if compiled.holds(sender, account, priority):
                found.append(compiled)
                if compiled.regex is None:
                    break
        return tuple(found)

    def fixed(self, rule: Rule, health: Health) -> Decision | None:
        """Return the decision for a rule without weights, the same for every message; None where a draw
        decides.
        """
        kept_health, decisions = self._fixed
        if kept_health is not health:
            decisions = {}
            self._fixed = (health, decisions)
        decision = decisions.get(rule.id)
        if decision is None and all(len(group) == 1 for group in rule.operators):
            decision = decisions[rule.id] = _decide(rule, health, 0.0, frozenset())
        return decision


def choose(
    table: Table, query: Query, health: Health, draw: float, exclude: frozenset[str] = frozenset()
) -> Decision:
    """Choose the operators of a message.

    `draw` is a random number in [0, 1): the same draw makes the same choice. `exclude` are operators that may
    not be used again for this message.
    """
    rule = table.match(query)
    if rule is None:
        return _NO_ROUTE
    if not exclude:
        decision = table.fixed(rule, health)
        if decision is not None:
            return decision
    return _decide(rule, health, draw, exclude)


def _decide(rule: Rule, health: Health, draw: float, exclude: frozenset[str]) -> Decision:
    candidates: list[Candidate] = []
    first: str | None = None
    for group in rule.operators:
        usable: list[Weighted] = []
        skipped: list[Candidate] = []
        for member in group:
            state = health.of(member.operator)
            if member.operator in exclude:
                skipped.append(Candidate(member.operator, False, "tried before"))
            elif state.status is Status.UP:
                usable.append(member)
            else:
                skipped.append(Candidate(member.operator, False, state.why))
        ordered, draw = _drawn(usable, draw)
        candidates += [Candidate(operator, True, "up") for operator in ordered]
        candidates += skipped
        if first is None and ordered:
            first = ordered[0]
    if first is not None:
        outcome = Outcome.CHOSEN
    else:
        spent = all(candidate.operator in exclude for candidate in candidates)
        outcome = Outcome.SPENT if spent else Outcome.WAIT
    return Decision(rule.id, tuple(candidates), first, outcome)


def _drawn(members: list[Weighted], draw: float) -> tuple[list[str], float]:
    """Order operators by one draw: each next one with its weight's share of what is left.

    The place of the draw inside the share that it fell into is a fresh draw, independent of the choice: it
    serves for the next one, and what remains of it is returned.
    """
    left = list(members)
    total = sum(member.weight for member in left)
    ordered: list[str] = []
    while len(left) > 1:
        point = draw * total
        chosen = 0
        while chosen < len(left) - 1 and point >= left[chosen].weight:
            point -= left[chosen].weight
            chosen += 1
        member = left.pop(chosen)
        ordered.append(member.operator)
        draw = min(point / member.weight, _BELOW_ONE)
        total -= member.weight
    ordered += [member.operator for member in left]
    return ordered, draw


def explain(
    table: Table, query: Query, health: Health, draw: float, exclude: frozenset[str] = frozenset()
) -> Decision:
    """Choose as `choose` does, and say why in `reasons`: each rule before the matching one, then each
    operator.
    """
    reasons: list[str] = []
    for rule in table.rules:
        mismatch = _mismatch(rule, query)
        if mismatch is None:
            break
        reasons.append(f"rule {rule.id!r} does not match: {mismatch}")
    else:
        reasons.append("no rule matches" if table.rules else "there are no rules")
        return replace(_NO_ROUTE, reasons=tuple(reasons))
    prefix = max((prefix for prefix in rule.to if query.to.startswith(prefix)), key=len)
    begins = "any destination" if prefix == "+" else f"the destination begins with {prefix}"
    reasons.append(f"rule {rule.id!r} matches: {begins}{_further_conditions(rule)}")
    decision = _decide(rule, health, draw, exclude)
    weights = {member.operator: (member.weight, group) for group in rule.operators for member in group}
    for candidate in decision.candidates:
        weight, group = weights[candidate.operator]
        share = f" (weight {weight} of {sum(member.weight for member in group)})" if len(group) > 1 else ""
        if not candidate.usable:
            reasons.append(f"operator {candidate.operator!r} is skipped: {candidate.why}")
        elif candidate.operator == decision.first:
            reasons.append(f"operator {candidate.operator!r} takes it{share}: {candidate.why}")
        else:
            reasons.append(f"operator {candidate.operator!r} is next{share}: {candidate.why}")
    if decision.outcome is Outcome.WAIT:
        reasons.append("no operator of the rule is up: the message waits")
    elif decision.outcome is Outcome.SPENT:
        reasons.append("every operator of the rule was tried: none is left")
    return replace(decision, reasons=tuple(reasons))


def _mismatch(rule: Rule, query: Query) -> str | None:
    """Return the first condition that does not hold, as a phrase for a person; None when all hold."""
    if not query.to.startswith(rule.to):
        return f"{query.to!r} begins with none of {_listed(rule.to)}"
    if rule.accounts and query.account not in rule.accounts:
        return f"account {query.account!r} is not {_listed(rule.accounts)}"
    if rule.priorities and query.priority not in rule.priorities:
        return f"class {query.priority!r} is not {_listed(rule.priorities)}"
    if rule.from_ and not any(_is_sender(query.from_, wanted) for wanted in rule.from_):
        return f"sender {query.from_!r} is not {_listed(rule.from_)}"
    if rule.regex is not None and not re.search(rule.regex, query.to):
        return f"{query.to!r} does not match the regex {rule.regex!r}"
    return None


def _is_sender(sender: str, wanted: str) -> bool:
    return sender.startswith(wanted) if wanted.startswith("+") else sender.casefold() == wanted.casefold()


def _further_conditions(rule: Rule) -> str:
    named = (("account", rule.accounts), ("class", rule.priorities), ("sender", rule.from_))
    phrases = [f", {name} is {_listed(values)}" for name, values in named if values]
    return "".join(phrases) + ("" if rule.regex is None else f", the regex {rule.regex!r} matches")


def _listed(values: tuple[str, ...]) -> str:
    shown = ", ".join(values[:_SHOWN_PREFIXES])
    more = len(values) - _SHOWN_PREFIXES
    return f"{shown} and {more} more" if more > 0 else shown


def _problems(rules: tuple[Rule, ...], operators: frozenset[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for rule in rules:
        if not rule.id:
            yield Problem(rule.id, "it has no id", "give each rule an id")
        elif rule.id in seen:
            yield Problem(rule.id, "the id is used twice", "give each rule an id of its own")
        seen.add(rule.id)
        yield from _problems_of_conditions(rule)
        yield from _problems_of_operators(rule, operators)


def _problems_of_conditions(rule: Rule) -> Iterator[Problem]:
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
    if rule.regex is not None:
        try:
            re.compile(rule.regex)
        except re.error as error:
            yield Problem(rule.id, f"the regex {rule.regex!r} is wrong: {error}", "use Python's regex syntax")


def _problems_of_operators(rule: Rule, operators: frozenset[str]) -> Iterator[Problem]:
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
