"""Which operator a message goes to, now: the routing table against the operators' health.

A test message has one route, to the simulated operator; no rule is asked (promise 6). The choice inside a
group of weights is drawn from the message's own id, so that asking twice gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.account import Env
from gateway.domain.message import Message
from gateway.domain.words import Priority
from routing.health import Health, OperatorState, Status
from routing.table import Decision, Outcome, Query, Table, choose, explain

TEST_ROUTE = "test"

CLASS_OF_PRIORITY = {
    Priority.OTP: "otp",
    Priority.TRANSACTIONAL: "transactional",
    Priority.MARKETING: "marketing",
}
"""The words of `class` in a rule."""

_NOBODY: frozenset[str] = frozenset()
_TEST = Env.TEST  # asked for with each message: an enum's member costs as much as a call


@dataclass(slots=True)
class Choice:
    """`operator` None: no rule matches, or nobody is left of its operators. Not `usable`: it is down or paused, as are
    all its alternatives, and the message waits for it."""

    operator: str | None
    route: str | None
    usable: bool


class Routes:
    """The table in force and who may be used at this moment.

    `failover` names the rules whose messages go to the next operator when a receipt says undelivered.
    """

    def __init__(self, table: Table, simulated: str, failover: frozenset[str] = frozenset()) -> None:
        self.table = table
        self._simulated = simulated
        self._failover = failover
        self.health = Health()

    def report(self, operator: str, status: Status, reason: str = "") -> None:
        """Note an operator's state."""
        if self.health.of(operator) != OperatorState(status, reason):
            self.health = self.health.changed(operator, status, reason)

    def first(self, message: Message) -> Choice:
        """The operator that shall have the message, or for which it shall wait."""
        if message.env is _TEST:
            return Choice(self._simulated, TEST_ROUTE, self.health.of(self._simulated).status is Status.UP)
        decision = self._decide(message, frozenset(message.tried) if message.tried else _NOBODY)
        if decision.first is None and decision.outcome is Outcome.SPENT:
            decision = self._decide(message, _NOBODY)
        if decision.first is not None:
            return Choice(decision.first, decision.rule_id, True)
        if decision.candidates:
            names = [candidate.operator for candidate in decision.candidates]
            waits_for = next((name for name in names if name not in message.tried), names[0])
            return Choice(waits_for, decision.rule_id, False)
        return Choice(None, None, False)

    def next_operator(self, message: Message, exclude: frozenset[str], or_down: bool = False) -> str | None:
        """The first usable operator besides those excluded, else (`or_down`) the first one to wait for; None: nobody
        is left."""
        if message.env is _TEST:
            return None
        decision = self._decide(message, exclude)
        if decision.first is not None or not or_down:
            return decision.first
        return next((c.operator for c in decision.candidates if c.operator not in exclude), None)

    def after_undelivered(self, message: Message) -> str | None:
        """The next operator for a message that one reported undelivered, where its rule wants that."""
        if message.route not in self._failover or message.operator is None:
            return None
        return self.next_operator(message, frozenset((*message.tried, message.operator)), or_down=True)

    def explain(self, recipient: str, sender: str, account: str, priority: Priority) -> Decision:
        """The decision with its reasons, for people."""
        query = Query(recipient, sender, account, CLASS_OF_PRIORITY[priority])
        return explain(self.table, query, self.health, 0.0)

    def _decide(self, message: Message, exclude: frozenset[str]) -> Decision:
        query = Query(message.recipient, message.sender, message.account, CLASS_OF_PRIORITY[message.priority])
        return choose(self.table, query, self.health, message.id[14] / 256, exclude)
