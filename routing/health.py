"""Which operators can take messages now: a snapshot that the router reads.

A snapshot never changes; a change makes a new one. So a decision can be kept for as long as its snapshot
lives.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple


class Status(Enum):
    """What an operator can do."""

    UP = "up"
    """At least one bind takes messages."""
    DOWN = "down"
    """No bind does; it comes back by itself."""
    PAUSED = "paused"
    """A person has stopped it."""


class OperatorState(NamedTuple):
    """The status of one operator, and why, as a phrase for a person ("connection refused")."""

    status: Status
    reason: str = ""

    @property
    def why(self) -> str:
        """Status and reason in one phrase."""
        return f"{self.status.value}: {self.reason}" if self.reason else self.status.value


UNKNOWN = OperatorState(Status.DOWN, "it has not reported yet")


class Ailing(NamedTuple):
    """An operator that is up and does badly for one destination: the others go before it, it is the last resort.

    `trial`: it is tried with some messages, in its usual place.
    """

    why: str
    trial: bool = False


Place = tuple[str, str]
"""An operator and a country code ("44")."""

_NOBODY: Mapping[Place, Ailing] = MappingProxyType({})


@dataclass(frozen=True, eq=False, slots=True)
class Health:
    """The state of each operator at one moment; an operator that has not reported is down. `ailing`: who does badly
    where."""

    states: Mapping[str, OperatorState] = field(default_factory=dict)
    ailing: Mapping[Place, Ailing] = field(default_factory=lambda: _NOBODY)

    def of(self, operator: str) -> OperatorState:
        """Return the state of an operator."""
        return self.states.get(operator, UNKNOWN)

    def changed(self, operator: str, status: Status, reason: str = "") -> "Health":
        """Return a snapshot in which one operator's state is new."""
        states = MappingProxyType({**self.states, operator: OperatorState(status, reason)})
        return Health(states, self.ailing)

    def with_ailing(self, ailing: Mapping[Place, Ailing]) -> "Health":
        """Return a snapshot in which it is new who does badly where."""
        return Health(self.states, MappingProxyType(dict(ailing)))

    @classmethod
    def all_up(cls, operators: Iterable[str]) -> "Health":
        """Return a snapshot in which each of these operators is up."""
        return cls(MappingProxyType({operator: OperatorState(Status.UP) for operator in operators}))
