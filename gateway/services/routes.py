"""Which operator a message goes to, now: the routing table against the operators' health.

A test message has one route, to the simulated operator; no rule is asked (promise 6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.domain.account import Env
from gateway.domain.message import Message
from gateway.ports import Operator
from routing.table import Query, Table, choose

TEST_ROUTE = "test"


@dataclass(slots=True)
class Choice:
    """`operator` None: no rule matches. Not `usable`: it is down, as all its alternatives are."""

    operator: str | None
    route: str | None
    usable: bool


class Routes:
    """The table, and who may be used at this moment."""

    def __init__(
        self,
        table: Table,
        operators: Mapping[str, Operator],
        usable: Callable[[str], bool],
        simulated: str,
        failover_on_undelivered: frozenset[str] = frozenset(),
    ) -> None:
        self._table = table
        self._operators = operators
        self._usable = usable
        self._simulated = simulated
        self._failover_on_undelivered = failover_on_undelivered
