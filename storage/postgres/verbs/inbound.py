"""Messages from phones, of the production store."""

from __future__ import annotations

from collections.abc import Sequence

from storage import verbs
from storage.postgres import inbound
from storage.postgres.verbs.session import Session, written_as_owner


class InboundVerbs(verbs.InboundVerbs, Session):
    """See `InboundStore`."""

    async def answered_inbound(self, answered: Sequence[tuple[str, bytes]]) -> None:
        """See `InboundStore.answered_inbound`."""
        if answered:
            await self._write(inbound.answered, answered)

    flush_inbound = written_as_owner(inbound.flush)
