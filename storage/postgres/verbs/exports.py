"""Exports, and the end of a day's messages, of the production store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from gateway.domain import cdr
from storage.postgres import exports, retention
from storage.postgres.verbs.session import Session, asked_for_long


class ExportVerbs(Session):
    """See `ExportStore`."""

    messages_by_id = asked_for_long(exports.messages_by_id)
    statuses_by_id = asked_for_long(exports.statuses_by_id)
    inbound_by_id = asked_for_long(exports.inbound_by_id)
    webhooks_by_id = asked_for_long(exports.webhooks_by_id)

    async def drop_day(self, day: date, on_dropped: Callable[[int], None]) -> int:
        """See `ExportStore.drop_day`."""
        dropped = await self._long.alone(lambda db: exports.drop_day(db, day))
        if dropped:
            on_dropped(dropped)
        await retention.drop_labels(self._long, *cdr.bounds(day))
        return dropped
