"""The processes of a store: their leases, the binds that they share, and what dead ones had in hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.domain.message import Message, PartRow, Step
from gateway.domain.words import Role


@dataclass(frozen=True, slots=True)
class Owner:
    """This process in the store: the number of its row in `processes` and its fencing token."""

    number: int
    token: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process that is no more, as far as the store can tell, and what it said of itself."""

    owner: Owner
    boot_id: str
    pid: int


@dataclass(frozen=True, slots=True)
class Peer:
    """Another process of the same store, whose lease holds. `says`: its word (`OperatorState.state`) on operators;
    `carriers`: the `carrier_digest` of each that it has."""

    process: Process
    roles: frozenset[Role]
    says: Mapping[str, str]
    carriers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BindShare:
    """An operator's binds that are this process's, and how many should be: what is above it is wanted by others."""

    held: frozenset[int]
    share: int


@dataclass(slots=True)
class Recovery:
    """One message that a dead process had in its hands. `written`: (part, total) of its last attempt that the flight
    journal says were written; None when the journal can't tell (another boot): then all may have been."""

    message: Message
    rows: list[PartRow]
    written: list[tuple[int, int]] | None


@dataclass(slots=True)
class Held:
    """What the store says a process has claimed: ids of messages, and of webhook events with their tries so far."""

    messages: set[bytes]
    events: dict[bytes, int]


DecideRecovery = Callable[[Recovery], Step]


class ProcessStore(Protocol):
    """Who serves the store, and who holds what."""

    async def register(self, now: datetime, boot_id: str, roles: Collection[Role] = tuple(Role)) -> Owner:
        """A row for this process, with a lease; its peers are told of `roles`. An embedded store takes its lock for a
        serving process (`StoreInUse`); one that many processes share gives each its own. What is written in a process's
        name (claims and all that follows from them, webhooks, commands, states) raises `Fenced` once another process
        has ended its lease. A second registration ends the first one of the same `Store`."""
        ...

    async def renew(self, owner: Owner) -> float:
        """Let the lease begin anew; for how many seconds it holds, counted from before the call. To be called several
        times in that time; when it has run out, nothing may be written to a carrier. Raises `Fenced`."""
        ...

    async def leave(self, owner: Owner) -> None:
        """End a lease: the own one, for this process has let go of everything, or that of a process of which this one
        knows for certain that it lives no more. What it still holds is for the others to recover. Nothing is written
        in its name from here on."""
        ...

    async def peers(self, owner: Owner) -> list[Peer]:
        """The other processes whose lease holds, by the store's own clock."""
        ...

    async def share_binds(
        self, owner: Owner, binds: Mapping[str, int], given_back: Collection[tuple[str, int]]
    ) -> Mapping[str, BindShare]:
        """Give back the binds (operator, index) that this process has closed, and take free ones up to its share of
        each operator's (`gateway.domain.shares`). A bind is free when nobody has it or its owner was ended; it is its
        owner's until then, however the shares change. `binds`: how many there are, by operator; who names none has no
        part in the sharing any more. Raises `Fenced`."""
        ...

    async def dead_owners(self) -> list[Process]:
        """Processes whose lease has ended, by the store's own clock, and that `recover` has not been through."""
        ...

    async def fence(self, owner: Owner, of: Sequence[int]) -> None:
        """End the leases of dead processes, and no more: nothing is written in their names from here on, and their
        binds are free. `recover` comes later, from one that has their journals."""
        ...

    async def recover(
        self,
        owner: Owner,
        journal: Mapping[tuple[bytes, int], list[tuple[int, int]]] | None,
        decide: DecideRecovery,
        now: datetime,
        of: Sequence[int] | None = None,
    ) -> int:
        """End the leases of dead processes and give back what they had in hand: messages and webhook events. `of`: the
        numbers of those whose journal it is; None: all of `dead_owners`. `journal` maps (message id, attempt) to its
        written (part, total); None: it can't tell. Returns how many messages. In an embedded store all other processes
        are dead."""
        ...

    async def held(self, owner: Owner) -> Held:
        """What a process has claimed and not settled. Every commit of this `Store` that it shows has been told to its
        caller when this returns: what nobody has in hand then is a claim whose answer was lost."""
        ...
