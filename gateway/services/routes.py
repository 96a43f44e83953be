"""Which operator a message goes to, now: the routing table against the operators' health.

A test message has one route, to the simulated operator; no rule is asked (promise 6). The choice inside a
group of weights is made by the message's own id, so that asking twice gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from gateway.domain.account import Env
from gateway.domain.message import Message
from gateway.domain.outcome import Outcome as PartOutcome
from gateway.domain.words import UNDELIVERABLE_REASONS, Priority, Reason
from gateway.ports import Clock
from gateway.services.standings import Standings
from routing.health import Health, OperatorState, Status
from routing.rules import FailoverOn
from routing.table import Decision, Outcome, Query, Table, choose, explain

TEST_ROUTE = "test"

CLASS_OF_PRIORITY = {
    Priority.OTP: "otp",
    Priority.TRANSACTIONAL: "transactional",
    Priority.MARKETING: "marketing",
}
"""The words of `class` in a rule."""

# By the class's number: an enum's member takes as long to find in a dictionary as a call.
_CLASSES = tuple(CLASS_OF_PRIORITY[priority] for priority in Priority)
_NOBODY: frozenset[str] = frozenset()
_TEST = Env.TEST  # asked for with each message: an enum's member costs as much as a call

_ELSEWHERE_IN_VAIN = UNDELIVERABLE_REASONS - {Reason.EXPIRED}
"""Reasons that are the recipient's: no other operator would deliver it, nor may."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`operator` None: no rule matches, or nobody is left of its operators. Not `usable`: it is down or paused, as are
    all its alternatives, and the message waits for it."""

    operator: str | None
    route: str | None
    usable: bool


@lru_cache(maxsize=1024)  # of as many as rules and their operators make; asked for with each message
def _taken(operator: str, route: str | None) -> Choice:
    return Choice(operator, route, True)


class Routes:
    """The table in force and who may be used at this moment."""

    def __init__(
        self, table: Table, simulated: str, clock: Clock, standings: Standings | None = None
    ) -> None:
        """`standings`: how well operators do; None: nobody counts."""
        self.table = table
        self._simulated = simulated
        self._clock = clock
        self._standings = standings or Standings(lambda: clock().timestamp())
        self.health = Health()
        self._ailing = self.health.ailing

    def take_over(self, before: Routes) -> None:
        """Go on with what the routes of an earlier configuration knew of operators."""
        self.health, self._ailing = before.health, before._ailing

    def report(self, operator: str, status: Status, reason: str = "") -> None:
        """Note an operator's state."""
        if self.health.of(operator) != OperatorState(status, reason):
            self.health = self.health.changed(operator, status, reason)

    def answered(self, operator: str, message: Message, outcome: PartOutcome) -> None:
        """Note what an operator answered to a part."""
        if message.env is not _TEST:
            self._standings.answered(operator, message.recipient, outcome)

    def first(self, message: Message) -> Choice:
        """The operator that shall have the message, or for which it shall wait."""
        if message.env is _TEST:
            return Choice(self._simulated, TEST_ROUTE, self.health.of(self._simulated).status is Status.UP)
        if self._standings.ailing or self._ailing:  # while all do well there is nothing to look at
            self._look()
        decision = self._decide(message, frozenset(message.tried) if message.tried else _NOBODY)
        if decision.first is None and decision.outcome is Outcome.SPENT:
            decision = self._decide(message, _NOBODY)
        if decision.first is not None:
            if self._ailing:
                self._standings.tried(decision.first, message.recipient)
            return _taken(decision.first, decision.rule_id)
        if decision.candidates:
            names = [candidate.operator for candidate in decision.candidates]
            waits_for = next((name for name in names if name not in message.tried), names[0])
            return Choice(waits_for, decision.rule_id, False)
        return Choice(None, None, False)

    def _look(self) -> None:
        """Take what is new of the operators' standings."""
        self._standings.look()
        if self._standings.ailing is not self._ailing:
            self._ailing = self._standings.ailing
            self.health = self.health.with_ailing(self._ailing)

    def next_operator(self, message: Message, exclude: frozenset[str], or_down: bool = False) -> str | None:
        """The first usable operator besides those excluded, else (`or_down`, asked after a rejection) the first one to
        wait for; None: nobody is left, or the rule does not want it."""
        if message.env is _TEST or (or_down and not self._wants(message, FailoverOn.REJECTED)):
            return None
        return self._next(message, exclude, or_down)

    def _next(self, message: Message, exclude: frozenset[str], or_down: bool) -> str | None:
        decision = self._decide(message, exclude)
        if decision.first is not None or not or_down:
            return decision.first
        return next((c.operator for c in decision.candidates if c.operator not in exclude), None)

    def _wants(self, message: Message, failover_on: FailoverOn) -> bool:
        """Whether the message's rule wants it to go on after this; a rule that is no more wants what all do."""
        rule = self.table.by_id.get(message.route or "")
        return failover_on is FailoverOn.REJECTED if rule is None else failover_on in rule.failover_on

    def after_undelivered(self, message: Message) -> str | None:
        """The next operator for a message that one reported undelivered, where its rule wants that, while there is
        time, and where another one could do better. Called in the store's thread."""
        rule = self.table.by_id.get(message.route or "")
        if rule is None or FailoverOn.UNDELIVERABLE not in rule.failover_on or message.env is _TEST:
            return None
        if message.operator is None or (
            message.error is not None and message.error.code in _ELSEWHERE_IN_VAIN
        ):
            return None
        now = self._clock()
        since = message.scheduled_at or message.accepted_at
        if now >= min(message.expires_at, since + timedelta(seconds=rule.within_s)):
            return None
        return self._next(message, frozenset((*message.tried, message.operator)), or_down=True)

    def explain(self, recipient: str, sender: str, account: str, priority: Priority) -> Decision:
        """The decision with its reasons, for people."""
        query = Query(recipient, sender, account, CLASS_OF_PRIORITY[priority], at=self._clock())
        return explain(self.table, query, self.health)

    def said(self, operator: str) -> list[dict[str, object]]:
        """For people: where an operator does badly."""
        return self._standings.said(operator)

    def _decide(self, message: Message, exclude: frozenset[str]) -> Decision:
        to, sender, account = message.recipient, message.sender, message.account
        priority = _CLASSES[message.priority]
        if not exclude:
            decision = self.table.settled(to, sender, account, priority, self.health)
            if decision is not None:
                return decision
        query = Query(
            to,
            sender,
            account,
            priority,
            message.body,
            message.metadata,
            self._time_of(message) if self.table.by_time else message.accepted_at,
            message.id,
        )
        return choose(self.table, query, self.health, exclude)

    def _time_of(self, message: Message) -> datetime:
        """The time at which it is sent: now, or when it is scheduled for."""
        now = self._clock()
        scheduled = message.scheduled_at
        return now if scheduled is None or scheduled < now else scheduled
