"""What those who run the gateway see of it and say to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.domain.words import Priority
from gateway.ports.processes import Owner


@dataclass(frozen=True, slots=True)
class Command:
    """A word from the NOC to a running process: a row that it polls."""

    number: int
    verb: str  #: pause | resume | rebind | requeue
    target: str  #: an operator's id, a message's id
    at: datetime


@dataclass(slots=True)
class OperatorState:
    """What a running process says of an operator: shown by `trunkline operator list`."""

    operator: str
    process: int
    at: datetime
    state: str  #: up | down | paused | removed
    binds: list[dict[str, object]]
    waiting: int
    in_flight: int
    ailing: list[dict[str, object]] = field(default_factory=list)  #: where it does badly: country, trial, why
    carrier_digest: str = ""  #: which carrier it means by the name: `OperatorSettings.carrier_digest`


@dataclass(frozen=True, slots=True)
class Queue:
    """Messages that wait in the store for one operator (None: to be routed) in one class; `oldest_at`: since when the
    longest-waiting one has been due, or when the first of them will be."""

    operator: str | None
    priority: Priority
    waiting: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """Numbers for metrics and `/health/ready`."""

    queues: list[Queue]
    waiting: int
    oldest_waiting_at: datetime | None
    webhooks_waiting: int
    webhooks_dead: int
    parked_receipts: int
    in_doubt: int


class NocStore(Protocol):
    """Commands beside a running gateway, states of operators, figures and upkeep."""

    async def post_command(self, verb: str, target: str, now: datetime) -> None: ...
    async def take_commands(self, owner: Owner, now: datetime) -> list[Command]: ...
    async def write_states(self, states: Sequence[OperatorState]) -> None:
        """What a process says of all its operators: one of which it says no more is `removed`."""
        ...

    async def states(self) -> list[OperatorState]: ...
    async def facts(self, now: datetime) -> StoreFacts: ...
    async def probe(self) -> None:
        """Commit something small: raises `StoreUnavailable` when commits do not work."""
        ...

    def hangs_s(self) -> float:
        """For how many seconds the store has not come back from what it does, by looks like this one, which are to be
        made every second. 0.0 where each call has a limit of its own."""
        ...

    def turn_away(self, why: str | None) -> None:
        """While it hangs: who waits and who comes is refused with `StoreUnavailable`, until this is called with None.
        Who waits for what it does at present goes on waiting: that may be kept yet."""
        ...

    async def purge(self, now: datetime, retention_days: int) -> int:
        """Drop what is past its time: final messages, settled webhooks, parked receipts, keys after 48 h."""
        ...

    async def backup(self, path: str, progress: Callable[[int, int], None] | None) -> None:
        """A consistent copy of a store in use (SQLite's own backup). Nothing of it is left when it fails, or when it is
        cancelled. Raises `StoreError` when `path` exists or can't be written, and when the engine has other means."""
        ...
