"""The routing table: which operators a message may take, in which order.

The rules stand in order and the first that matches wins, however long its prefix is. Inside a rule stand
groups of operators, also in order: the second group is for when the first cannot. Inside a group the weights
share the traffic out among the operators that can take it, or the price puts them in order. Who is up but does
badly for the destination comes after all others, and is never left out: the last resort is better than none.

`Table.settled` is for every message: the decision that it shares with others like it, found once. `choose` is for
those whose text, time or own id decides: it looks rules up by what they distinguish and keeps what it found. `explain`
is for a person: it walks the rules one by one, says why, and must come to the same result.
"""

from collections.abc import Iterable
from enum import Enum
from hashlib import blake2b
from math import log
from typing import NamedTuple, TypeAlias

from routing.breaker import country_of
from routing.errors import TableError
from routing.health import Health, Status
from routing.matching import Compiled, compiled, conditions
from routing.price import NO_PRICES, Price, Prices, price_of
from routing.rules import By, Group, Query, Rule, Weighted, problems

__all__ = [
    "Candidate",
    "Decision",
    "Group",
    "Looked",
    "Outcome",
    "Query",
    "Rule",
    "Table",
    "Weighted",
    "choose",
    "explain",
]

# Keys that are kept: beyond that the memory is emptied and fills again.
MAX_KEPT = 65_536


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
    """An operator of the matching rule, whether it can be used now, and why (not).

    `group`: from 1; `share`: its part of the group's weights, where they decide; `price`: where there is one.
    """

    operator: str
    usable: bool
    why: str
    group: int = 1
    share: str = ""
    price: Price | None = None


class Looked(NamedTuple):
    """A rule that was looked at, and why it matched or did not."""

    rule_id: str
    matches: bool
    why: str


class Decision(NamedTuple):
    """The route of a message.

    `candidates` are all operators of the rule in the order in which they would be tried, those that cannot be
    used after their group's others, those that do badly for the destination last of all; `first` is the first that
    can. `rules` are those that were looked at, and `reasons` sentences for a person: from `explain` only.
    """

    rule_id: str | None
    candidates: tuple[Candidate, ...]
    first: str | None
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    rules: tuple[Looked, ...] = ()


class _Lot(NamedTuple):
    """An operator of a group: what its draws begin with, its weight, and the candidate that it is while it can."""

    seed: bytes
    weight: int
    candidate: Candidate


_Key: TypeAlias = tuple[str, str, str, str]
"""What rules distinguish: the beginning of the destination, the sender, the account, the class."""

_DRAWS = 2**64 + 1
_UP = Status.UP  # asked for with each message: an enum's member costs as much as a call
_NO_ROUTE = Decision(None, (), None, Outcome.NO_ROUTE)
_NOBODY: frozenset[str] = frozenset()


class Table:
    """The rules, checked and ready. It never changes but for what it remembers; a reload makes a new one.

    `operators` are the ids that exist, `prices` their price lists. Raises TableError with all problems of all rules.
    """

    def __init__(self, rules: Iterable[Rule], operators: Iterable[str], prices: Prices = NO_PRICES) -> None:
        self.rules = tuple(rules)
        self.operators = frozenset(operators)
        self.prices = prices
        found = tuple(problems(self.rules, self.operators))
        if found:
            raise TableError(found)
        self.by_id = {rule.id: rule for rule in self.rules}
        self.compiled = tuple(compiled(rule) for rule in self.rules)
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
        self.by_time = any(rule.hours or rule.by is By.COST for rule in self.rules)
        """Whether some rule asks what time it is."""
        self._kept: dict[_Key, tuple[Compiled, ...]] = {}
        self._settled: tuple[Health, dict[_Key, Decision | None]] = (Health(), {})
        self._lots = {
            rule.id: [_lots(group, n) for n, group in enumerate(rule.operators, 1)] for rule in self.rules
        }

    def settled(self, to: str, from_: str, account: str, priority: str, health: Health) -> Decision | None:
        """Return the decision of all messages that no rule tells from one of these words, see `Query`; None where
        something else decides too: a text, a time, the message's own id, or how well operators do.
        """
        kept_health, decisions = self._settled
        if kept_health is not health:
            decisions = {}
            self._settled = (health, decisions)
        key = self._key(to, from_, account, priority)
        try:
            return decisions[key]
        except KeyError:
            if len(decisions) >= MAX_KEPT:
                decisions.clear()
            decision = decisions[key] = self._settle(key, health)
            return decision

    def _settle(self, key: _Key, health: Health) -> Decision | None:
        possible = self._possible(key)
        if not possible:
            return _NO_ROUTE
        first = possible[0]
        if first.asks or not first.rule.fixed or health.ailing:
            return None
        return self.decide(first.rule, Query(""), health, _NOBODY)

    def match(self, query: Query) -> Rule | None:
        """Return the first rule that matches."""
        for each in self._possible(self._key(query.to, query.from_, query.account, query.priority)):
            if not each.asks or each.holds(query):
                return each.rule
        return None

    def _key(self, to: str, from_: str, account: str, priority: str) -> _Key:
        """What rules distinguish of these words."""
        return (
            to[: self._longest],
            from_ if self._by_sender else "",
            account if self._by_account else "",
            priority if self._by_priority else "",
        )

    def _possible(self, key: _Key) -> tuple[Compiled, ...]:
        """Return the rules whose kept conditions hold, up to the first that asks for nothing else."""
        possible = self._kept.get(key)
        if possible is None:
            possible = self._find(key)
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[key] = possible
        return possible

    def _find(self, key: _Key) -> tuple[Compiled, ...]:
        start, sender, account, priority = key
        sender = sender.casefold()
        indexes: set[int] = set()
        for length in self._lengths:
            if length <= len(start):
                indexes.update(self._by_prefix.get(start[:length], ()))
        found: list[Compiled] = []
        for index in sorted(indexes):
            each = self.compiled[index]
            if each.fits(sender, account, priority):
                found.append(each)
                if not each.asks:
                    break
        return tuple(found)

    def decide(self, rule: Rule, query: Query, health: Health, exclude: frozenset[str]) -> Decision:
        """Put the operators of a rule in order for a message, each with its reason."""
        country = country_of(query.to) if health.ailing else ""
        candidates: list[Candidate] = []
        last_resort: list[Candidate] = []
        for lots in self._lots[rule.id]:
            skipped: list[Candidate] = []
            for candidate in self._ordered(rule, lots, query):
                operator = candidate.operator
                state = health.of(operator)
                if operator in exclude:
                    skipped.append(candidate._replace(usable=False, why="tried before"))
                elif state.status is not _UP:
                    skipped.append(candidate._replace(usable=False, why=state.why))
                elif (ailing := health.ailing.get((operator, country))) is not None:
                    told = candidate._replace(why=f"up, but {ailing.why}")
                    (candidates if ailing.trial else last_resort).append(told)
                else:
                    candidates.append(candidate)
            candidates += skipped
        candidates += last_resort
        first = next((candidate.operator for candidate in candidates if candidate.usable), None)
        if first is not None:
            outcome = Outcome.CHOSEN
        else:
            spent = all(candidate.operator in exclude for candidate in candidates)
            outcome = Outcome.SPENT if spent else Outcome.WAIT
        return Decision(rule.id, tuple(candidates), first, outcome)

    def _ordered(self, rule: Rule, lots: list[_Lot], query: Query) -> list[Candidate]:
        """The operators of a group as price or weight puts them, each with what put it there."""
        if rule.by is By.COST:
            at_s = query.at.timestamp()
            priced = [
                lot.candidate._replace(
                    share="", price=price_of(self.prices, lot.candidate.operator, query.to, at_s)
                )
                for lot in lots
            ]
            # Sorting keeps the order of equal prices; who has no price for it comes last.
            return sorted(priced, key=lambda each: (0, each.price.amount) if each.price else (1, 0))
        if len(lots) == 1:
            return [lots[0].candidate]
        # Weighted rendezvous hashing: each operator draws for itself, an exponential variate of its weight, and the
        # lowest goes first. So who comes, goes or changes its weight moves only what it gains or loses.
        key = query.to.encode() if rule.sticky else query.key
        ranked = []
        for seed, weight, candidate in lots:
            draw = int.from_bytes(blake2b(seed + key, digest_size=8).digest(), "big")
            ranked.append((-log((draw + 1) / _DRAWS) / weight, candidate))
        ranked.sort()
        return [candidate for _, candidate in ranked]


def _lots(group: Group, number: int) -> list[_Lot]:
    total = sum(member.weight for member in group)
    return [
        _Lot(
            member.operator.encode() + b"\0",
            member.weight,
            Candidate(
                member.operator, True, "up", number, f"{member.weight}/{total}" if len(group) > 1 else ""
            ),
        )
        for member in group
    ]


def choose(table: Table, query: Query, health: Health, exclude: frozenset[str] = _NOBODY) -> Decision:
    """Choose the operators of a message. `exclude` are those that may not be used again for it."""
    rule = table.match(query)
    if rule is None:
        return _NO_ROUTE
    return table.decide(rule, query, health, exclude)


def explain(table: Table, query: Query, health: Health, exclude: frozenset[str] = _NOBODY) -> Decision:
    """Choose as `choose` does, and say why: each rule that was looked at, then each operator."""
    looked: list[Looked] = []
    for each in table.compiled:
        mismatch = each.mismatch(query)
        if mismatch is None:
            looked.append(Looked(each.rule.id, True, conditions(each.rule, query.to)))
            break
        looked.append(Looked(each.rule.id, False, mismatch))
    else:
        reasons = [_of_rule(rule) for rule in looked]
        reasons.append("no rule matches" if looked else "there are no rules")
        return _NO_ROUTE._replace(reasons=tuple(reasons), rules=tuple(looked))
    decision = table.decide(each.rule, query, health, exclude)
    reasons = [_of_rule(rule) for rule in looked]
    reasons += [_of_candidate(candidate, decision.first) for candidate in decision.candidates]
    if decision.outcome is Outcome.WAIT:
        reasons.append("no operator of the rule is up: the message waits")
    elif decision.outcome is Outcome.SPENT:
        reasons.append("every operator of the rule was tried: none is left")
    return decision._replace(reasons=tuple(reasons), rules=tuple(looked))


def _of_rule(looked: Looked) -> str:
    return f"rule {looked.rule_id!r} {'matches' if looked.matches else 'does not match'}: {looked.why}"


def _of_candidate(candidate: Candidate, first: str | None) -> str:
    operator = f"operator {candidate.operator!r}"
    if not candidate.usable:
        return f"{operator} is skipped: {candidate.why}"
    taken = "takes it" if candidate.operator == first else "is next"
    share = f" (weight {candidate.share.replace('/', ' of ')})" if candidate.share else ""
    price = candidate.price
    cost = f" ({price.amount} {price.currency} a part, by {price.prefix})" if price is not None else ""
    return f"{operator} {taken}{share}{cost}: {candidate.why}"
