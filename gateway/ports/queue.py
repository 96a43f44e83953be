"""Messages on their way to a carrier: accepted, waiting, claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.message import Message, PartRow
from gateway.domain.send import Acceptance, AcceptResult, IdempotencyKey
from gateway.domain.words import Priority
from gateway.ports.processes import Owner


@dataclass(slots=True)
class Claimed:
    """A message claimed from the queue, `attempts` and `tries` already counted up, with its parts so far."""

    message: Message
    rows: list[PartRow]
    suppressed: bool  #: its recipient is on the suppression list now


@dataclass(slots=True)
class ClaimBatch:
    """`exhausted`: nothing more is due now; `next_at`: when the next one will be, if any."""

    claimed: list[Claimed]
    exhausted: bool
    next_at: datetime | None


class QueueStore(Protocol):
    """Accepting messages, and taking them up in their order."""

    async def accept(self, acceptances: Sequence[Acceptance]) -> list[AcceptResult]:
        """Idempotency first (a replay wins), then suppression per message, then money for those that have a charge
        (the acceptance's `allowance`), then all rows in one commit, reservations among them.

        A message whose `owner` is set is claimed by this very commit (attempts and tries are already 1).
        """
        ...

    async def find_key(self, key: IdempotencyKey, now: datetime) -> AcceptResult | None:
        """What the key stands for, if anything: for a request that a later gate refuses."""
        ...

    async def claim(
        self,
        operator: str | None,
        limit: int,
        owner: Owner,
        now: datetime,
        classes: Sequence[Priority] = tuple(Priority),
    ) -> ClaimBatch:
        """Take due messages that wait for `operator` (None: to be routed), by class, then time; only of these classes,
        which is what `exhausted` and `next_at` tell of too. A scheduled message whose time has come is moved to queued
        (`advance`)."""
        ...

    async def waiting(self, operator: str | None, after: bytes, limit: int) -> list[Message]:
        """A look at what waits for an operator, by id, without taking it."""
        ...

    async def waiting_operators(self) -> list[tuple[str | None, int]]:
        """For whom messages wait, and how many."""
        ...

    async def reassign(self, moves: Sequence[tuple[bytes, str | None, str | None, str | None]]) -> int:
        """(message id, from operator, to operator, route) for messages that still wait for the first."""
        ...
