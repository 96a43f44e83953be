"""The one process that serves an embedded store, and what earlier ones have left."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from gateway.domain.words import Role
from gateway.ports import BindShare, DecideRecovery, Held, Owner, Peer
from storage.sqlite.noc import Noc
from storage.sqlite.verbs.session import Session, asked
from storage.verbs import RECOVER_ROWS


class ProcessVerbs(Session):
    """See `ProcessStore`."""

    async def register(
        self,
        now: datetime,
        boot_id: str,
        roles: Collection[Role] = tuple(Role),  # noqa: ARG002 it has no peers to tell
    ) -> Owner:
        """See `ProcessStore.register`."""
        if self._lock is not None:
            self._lock.take()
        owner = await self._alone(lambda: self._noc.register(boot_id, now))
        await self._alone(self._writer.gather_late_indexes)
        await self._alone(self._knowing.look)
        self._serves = True
        return owner

    async def renew(self, owner: Owner) -> float:  # noqa: ARG002 the port's
        """See `ProcessStore.renew`. Nobody else serves this store while the lock is held: the lease never ends."""
        return math.inf

    async def leave(self, owner: Owner) -> None:
        """See `ProcessStore.leave`. The next one that serves looks at what every earlier one has left."""

    async def peers(self, owner: Owner) -> list[Peer]:  # noqa: ARG002 the port's
        """See `ProcessStore.peers`: nobody else serves."""
        return []

    async def share_binds(
        self,
        owner: Owner,  # noqa: ARG002 the port's
        binds: Mapping[str, int],
        given_back: Collection[tuple[str, int]],  # noqa: ARG002 the port's
    ) -> Mapping[str, BindShare]:
        """See `ProcessStore.share_binds`: the one that serves has all."""
        return {name: BindShare(frozenset(range(count)), count) for name, count in binds.items()}

    dead_owners = asked(lambda lookups: lookups.noc, Noc.earlier_processes)
    """See `ProcessStore.dead_owners`: all but the one that serves."""

    async def fence(self, owner: Owner, of: Sequence[int]) -> None:
        """See `ProcessStore.fence`: who does not hold the lock writes nothing."""

    async def recover(
        self,
        owner: Owner,
        journal: Mapping[tuple[bytes, int], list[tuple[int, int]]] | None,
        decide: DecideRecovery,
        now: datetime,
        of: Sequence[int] | None = None,  # noqa: ARG002 all of them are dead
    ) -> int:
        """See `ProcessStore.recover`."""

        def verb(calls: list[Sequence[bytes]]) -> list[int]:
            return self._dispatching.recover(calls, owner, journal, decide)

        await self._alone(lambda: self._webhooks.free(owner, now))
        held = await self._ask(lambda lookups: lookups.held_by_others(owner.number))
        counts = [
            await self._batcher.call(verb, held[start : start + RECOVER_ROWS])
            for start in range(0, len(held), RECOVER_ROWS)
        ]
        await self._alone(lambda: self._noc.forget_others(owner))
        return sum(counts)

    async def held(self, owner: Owner) -> Held:
        """See `ProcessStore.held`. Calls are told in their order: the probe's turn is after all that it shows."""
        found = await self._ask(lambda lookups: lookups.held(owner))
        await self._alone(self._noc.probe)
        return found
