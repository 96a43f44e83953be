"""Messages from phones, of the production store."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.domain.receipt import Inbound
from gateway.ports import DecideInbound, InboundStep
from storage.postgres import inbound
from storage.postgres.verbs.session import Session, written_as_owner


class InboundVerbs(Session):
    """See `InboundStore`."""

    async def record_inbound(
        self, inbounds: Sequence[Inbound], decide: DecideInbound
    ) -> list[InboundStep | None]:
        """See `InboundStore.record_inbound`."""
        steps: list[InboundStep | None] = await self._write(self._knowing.record_inbound, inbounds, decide)
        return steps

    async def answered_inbound(self, answered: Sequence[tuple[str, bytes]]) -> None:
        """See `InboundStore.answered_inbound`."""
        if answered:
            await self._write(inbound.answered, answered)

    flush_inbound = written_as_owner(inbound.flush)
