"""What those who run the gateway see and say, of the embedded store."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from gateway.errors import StoreError
from gateway.ports import Command, Owner
from storage.sqlite.backup import copy
from storage.sqlite.erasure import SETTLE
from storage.sqlite.lookups import Lookups
from storage.sqlite.noc import Noc
from storage.sqlite.verbs.session import Session, asked, looked_up, written


class NocVerbs(Session):
    """See `NocStore`."""

    post_command = written(lambda session: session._noc, Noc.post_command)

    async def take_commands(self, owner: Owner, now: datetime) -> list[Command]:
        """See `NocStore.take_commands`."""

        def verb() -> list[Command]:
            found = self._noc.take_commands(owner, now)
            self._knowing.look()
            if any(command.verb == SETTLE for command in found):
                self._erasures.settle()
            return [command for command in found if command.verb != SETTLE]

        return await self._alone(verb)

    write_states = written(lambda session: session._noc, Noc.write_states)
    states = asked(lambda lookups: lookups.noc, Noc.states)
    facts = looked_up(Lookups.facts)
    probe = written(lambda session: session._noc, Noc.probe)

    def hangs_s(self) -> float:
        """See `NocStore.hangs_s`."""
        return self._batcher.hangs_s(time.monotonic())

    def turn_away(self, why: str | None) -> None:
        """See `NocStore.turn_away`."""
        self._batcher.turn_away(why)

    async def purge(self, now: datetime, retention_days: int) -> int:
        """See `NocStore.purge`. Many short transactions, so that nobody waits for it."""
        cutoff = now - timedelta(days=retention_days)
        dropped, after = 0, b""
        while True:
            last = after
            count, after = await self._alone(lambda: self._purge.final_messages(last, cutoff))  # noqa: B023
            dropped += count
            if not count:
                break
        while count := await self._alone(lambda: self._purge.old_rows(now, cutoff)):
            dropped += count
        return dropped

    async def backup(self, path: str, progress: Callable[[int, int], None] | None) -> None:
        """See `NocStore.backup`. `progress` is called in another thread, which has ended when this returns or is
        cancelled."""
        if self._readers is None:
            raise StoreError("a store in memory has no backup: name a file in [store] url")
        stop = threading.Event()
        copying = asyncio.ensure_future(
            self._readers.with_connection(lambda source: copy(source, Path(path), progress, stop))
        )
        try:
            await asyncio.shield(copying)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.gather(copying, return_exceptions=True)
            raise
