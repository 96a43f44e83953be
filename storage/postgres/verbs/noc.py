"""What those who run the gateway see and say, of the production store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.errors import StoreError
from gateway.ports import Command, Owner
from storage.postgres import lookups, processes, retention
from storage.postgres.verbs.session import Session, asked, written, written_as_owner


class NocVerbs(Session):
    """See `NocStore`."""

    post_command = written(processes.post_command)

    async def take_commands(self, owner: Owner, now: datetime) -> list[Command]:
        """See `NocStore.take_commands`."""
        return await self._groups.alone(lambda db: processes.take_commands(db, owner, now), owner)

    write_states = written_as_owner(processes.write_states)
    states = asked(processes.states)
    facts = asked(lookups.facts)
    probe = written(processes.probe)

    def hangs_s(self) -> float:
        """See `NocStore.hangs_s`: its statements have limits of their own."""
        return 0.0

    def turn_away(self, why: str | None) -> None:
        """See `NocStore.turn_away`: it never hangs."""

    async def purge(self, now: datetime, retention_days: int) -> int:
        """See `NocStore.purge`."""
        return await retention.purge(self._long, now, retention_days)

    async def backup(
        self,
        path: str,
        progress: Callable[[int, int], None] | None,  # noqa: ARG002 the port's
    ) -> None:
        """Refused: PostgreSQL has a better one."""
        raise StoreError(
            f"this store is PostgreSQL: back it up with `pg_dump --format=custom --file={path} DATABASE`, or with "
            "your server's continuous archiving"
        )
