"""The other processes of a shared store: what they can reach, and what the dead have left.

An operator that is down here may be up elsewhere: routes go by all processes' health. A process whose lease has run out
is ended by whoever sees it first, which frees its binds; what it had in hand goes back to the queue or is in doubt, as
its flight journal says. One of the same machine that is seen to live no more is ended at once, whatever its lease.

One that means another carrier by the same operator's id is told of: it is in another deployment, or a change of the
configuration is going round. What either of them accepts may leave over the other's carrier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from gateway.domain.message import Step
from gateway.domain.words import Role
from gateway.errors import StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import Clock, Owner, Peer, Process, ProcessStore, Recovery
from gateway.services.dispatch import Dispatch
from gateway.services.lease import Lease
from routing.health import Status

log = structlog.get_logger("gateway.neighbours")

LOOK_S = 0.5

Flights = Mapping[tuple[bytes, int], list[tuple[int, int]]]


class Journals(Protocol):
    """The flight journals of processes."""

    def read(self, process: Process) -> Flights | None:
        """What it had written; None: its journal is not here, or tells nothing."""
        ...

    def is_elsewhere(self, process: Process) -> bool:
        """Whether some other process may read it: it is of this boot of this machine."""
        ...

    def is_gone(self, process: Process) -> bool:
        """Whether it lives no more, for certain; False where that can't be seen from here."""
        ...

    def drop(self, process: Process) -> None:
        """Nothing is left in its hands."""
        ...


class Heir(Protocol):
    """Who decides on what they had in hand."""

    def get_ready(self) -> None:
        """Right before a recovery."""
        ...

    def decide(self, recovery: Recovery) -> Step:
        """Back to the queue, or in doubt."""
        ...


class Neighbours:
    """A look around, again and again."""

    def __init__(
        self,
        store: ProcessStore,
        owner: Owner,
        lease: Lease,
        dispatch: Dispatch,
        journals: Journals,
        heir: Heir,
        clock: Clock,
        patience: int,
        metrics: Metrics,
        carriers: Callable[[], Mapping[str, str]],
        on_takers: Callable[[int], None] = lambda _others: None,
    ) -> None:
        """`patience`: looks for which one that may have the journal is waited for. `carriers`: the `carrier_digest` of
        each operator that this process has. `on_takers` is told how many other processes take messages in."""
        self._store = store
        self._owner = owner
        self._lease = lease
        self._dispatch = dispatch
        self._journals = journals
        self._heir = heir
        self._clock = clock
        self._patience = patience
        self._metrics = metrics
        self._carriers = carriers
        self._on_takers = on_takers
        # Operator, and the process that has another carrier by its id.
        self._conflicts: set[tuple[str, int]] = set()
        self._seen: dict[int, int] = {}  # dead process: in how many looks
        self._is_new = True

    async def run(self) -> None:
        """Look until cancelled. Raises `Fenced`."""
        while True:
            try:
                await self.turn()
            except StoreUnavailable as error:
                log.error("the other processes can't be looked after", error=str(error))
            await asyncio.sleep(LOOK_S)

    async def turn(self) -> None:
        """One look."""
        peers = await self._store.peers(self._owner)
        self._on_takers(sum(Role.API in peer.roles for peer in peers))
        self._hear([peer.says for peer in peers])
        self._compare(peers)
        gone = [peer.process for peer in peers if self._journals.is_gone(peer.process)]
        for process in gone:
            await self._store.leave(process.owner)
        if self._lease.is_steady():
            gone = await self._store.dead_owners()
        if gone:
            await self._inherit(gone)

    def _hear(self, said: Sequence[Mapping[str, str]]) -> None:
        """What the others say of operators."""
        up = {operator for says in said for operator, state in says.items() if state == "up"}
        paused = {operator for says in said for operator, state in says.items() if state == "paused"}
        if self._is_new:  # `pause` was said before this process was there to hear it
            self._is_new = False
            for operator in paused - up:
                self._dispatch.pause(operator, paused=True)
        known = dict.fromkeys(paused, Status.PAUSED) | dict.fromkeys(up, Status.UP)
        self._dispatch.heard(known)

    def _compare(self, peers: Sequence[Peer]) -> None:
        """Tell of who means other carriers by the same ids. One that does not say which it means is of a release that
        did not know how to."""
        carriers = self._carriers()
        conflicts = {
            (operator, peer.process.owner.number)
            for peer in peers
            for operator, theirs in peer.carriers.items()
            if theirs != carriers.get(operator, theirs)
        }
        for operator, process in sorted(conflicts - self._conflicts):
            log.warning(
                "another process of this store has another carrier by the same id: messages may leave by either",
                operator=operator,
                process=process,
            )
        for operator, process in sorted(self._conflicts - conflicts):
            log.info("no other carrier by the same id any more", operator=operator, process=process)
        self._conflicts = conflicts
        told = self._metrics.carrier_conflicts
        told.clear()
        for operator in carriers:
            told.set(sum(operator == other for other, _ in conflicts), operator)

    async def _inherit(self, dead: Sequence[Process]) -> None:
        self._seen = {each.owner.number: self._seen.get(each.owner.number, 0) + 1 for each in dead}
        for process in dead:
            number = process.owner.number
            journal = self._journals.read(process)
            if (
                journal is None
                and self._journals.is_elsewhere(process)
                and self._seen[number] < self._patience
            ):
                await self._store.fence(self._owner, [number])
                continue
            self._heir.get_ready()
            count = await self._store.recover(
                self._owner, journal, self._heir.decide, self._clock(), [number]
            )
            if count:
                log.warning(
                    "another process has ended with messages in its hands: they are back in the queue or in doubt",
                    process=number,
                    messages=count,
                    journal=JOURNAL_READ if journal is not None else JOURNAL_MISSING,
                )
                self._dispatch.recovered(count)
            self._journals.drop(process)


JOURNAL_READ = "read"
JOURNAL_MISSING = "can't tell: all of them are in doubt"
