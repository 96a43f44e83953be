"""Where a command stands on a store that another process serves: that one knows of numbers what is not written yet."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from gateway.errors import StoreUnavailable
from storage.sqlite import erasure
from storage.sqlite.verbs.session import Session


class Elsewhere(Session):
    """Asks the process that serves."""

    async def _settle_elsewhere(self, now: datetime) -> None:
        """Where another process serves this store: have it write down what it remembers of numbers, and look again
        for names. Raises `StoreUnavailable` when it lives and does not."""
        if self._serves or not await self._is_served(now):
            return
        command = await self._alone(lambda: self._erasures.ask(now))
        for look in range(round(erasure.SETTLE_WITHIN_S / erasure.SETTLE_LOOK_S)):
            if await self._alone(lambda: self._erasures.is_answered(command)):
                return
            if not await self._is_served(now + timedelta(seconds=look * erasure.SETTLE_LOOK_S)):
                return  # it has ended
            await asyncio.sleep(erasure.SETTLE_LOOK_S)
        raise StoreUnavailable(
            "the gateway that serves this store does not heed commands: look at its log, then try again"
        )

    async def _is_served(self, now: datetime) -> bool:
        since = now - timedelta(seconds=erasure.SERVED_S)
        states = await self._ask(lambda lookups: lookups.noc.states())
        return any(state.at >= since for state in states)
