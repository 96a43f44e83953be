"""Messages from phones, of the embedded store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.ports import DecideInbound, InboundStep
from storage import verbs
from storage.sqlite.verbs.session import Session


class InboundVerbs(verbs.InboundVerbs, Session):
    """See `InboundStore`."""

    async def answered_inbound(self, answered: Sequence[tuple[str, bytes]]) -> None:
        """See `InboundStore.answered_inbound`."""
        if answered:
            await self._batcher.call(self._inbounds.answered, answered)

    async def flush_inbound(self, before: datetime, decide: DecideInbound) -> list[InboundStep]:
        """See `InboundStore.flush_inbound`."""
        steps: list[InboundStep] = await self._batcher.call(self._inbounds.flush, [before], decide)
        return steps
