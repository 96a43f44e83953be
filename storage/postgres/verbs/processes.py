"""The processes of a production store: their leases, the binds that they share, and what dead ones had in hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from gateway.domain.words import Role
from gateway.ports import BindShare, DecideRecovery, Held, Owner
from storage.pages import ID_BYTES
from storage.postgres import binds as sharing
from storage.postgres import dispatch, processes, schema, webhooks
from storage.postgres.verbs.session import Session, asked
from storage.verbs import RECOVER_ROWS


class ProcessVerbs(Session):
    """See `ProcessStore`."""

    async def register(self, now: datetime, boot_id: str, roles: Collection[Role] = tuple(Role)) -> Owner:
        """See `ProcessStore.register`."""
        former = self._owner
        self._owner = await self._groups.alone(
            lambda db: processes.register(db, boot_id, now, self._lease, roles, former)
        )
        await self._long.alone(lambda db: schema.make_days_ahead(db, now))
        return self._owner

    async def renew(self, owner: Owner) -> float:
        """See `ProcessStore.renew`."""
        await self._ask(lambda db: processes.renew(db, owner, self._lease), self._lease_pool)
        return self._lease.total_seconds()

    async def leave(self, owner: Owner) -> None:
        """See `ProcessStore.leave`."""
        await self._groups.alone(lambda db: processes.end(db, [owner.number], whatever_its_lease=True))

    peers = asked(sharing.peers)

    async def share_binds(
        self,
        owner: Owner,
        binds: Mapping[str, int],
        given_back: Collection[tuple[str, int]],
    ) -> Mapping[str, BindShare]:
        """See `ProcessStore.share_binds`."""
        return await self._groups.alone(lambda db: sharing.share_out(db, owner, binds, given_back), owner)

    dead_owners = asked(processes.dead)

    async def fence(self, owner: Owner, of: Sequence[int]) -> None:
        """See `ProcessStore.fence`."""
        found = {process.owner.number for process in await self.dead_owners()}
        await self._groups.alone(lambda db: processes.end(db, found & set(of)), owner)

    async def recover(
        self,
        owner: Owner,
        journal: Mapping[tuple[bytes, int], list[tuple[int, int]]] | None,
        decide: DecideRecovery,
        now: datetime,
        of: Sequence[int] | None = None,
    ) -> int:
        """See `ProcessStore.recover`. A crash in the middle leaves the rest to the next call."""
        found = {process.owner.number for process in await self.dead_owners()}
        wanted = (found if of is None else found & set(of)) - {owner.number}
        dead = await self._groups.alone(lambda db: processes.end(db, wanted), owner)
        if not dead:
            return 0
        await self._groups.alone(lambda db: webhooks.free(db, dead, now), owner)
        count, last = 0, bytes(ID_BYTES)
        while held := await self._ask(lambda db: dispatch.held_by(db, dead, last, RECOVER_ROWS)):  # noqa: B023
            count += await self._groups.alone(
                lambda db: dispatch.recover(db, held, dead, journal, decide),
                owner,
            )
            last = held[-1]
        await self._groups.alone(lambda db: processes.recovered(db, dead), owner)
        return count

    async def held(self, owner: Owner) -> Held:
        """See `ProcessStore.held`."""
        found = await self._ask(lambda db: dispatch.held(db, owner))
        await self._groups.told()
        return found
