"""Exports, and the end of a day's messages, of the embedded store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from storage.sqlite.exports import Exports
from storage.sqlite.verbs.elsewhere import Elsewhere
from storage.sqlite.verbs.session import exported


class ExportVerbs(Elsewhere):
    """See `ExportStore`."""

    messages_by_id = exported(Exports.messages)
    statuses_by_id = exported(Exports.statuses)
    inbound_by_id = exported(Exports.inbound)
    webhooks_by_id = exported(Exports.webhooks)

    async def drop_day(self, day: date, on_dropped: Callable[[int], None]) -> int:
        """See `ExportStore.drop_day`. Many short transactions, so that nobody waits for it."""
        await self._alone(lambda: self._days.check_final(day))
        await self._alone(self._erasures.settle)
        await self._settle_elsewhere(datetime.now(UTC))
        dropped = 0
        while count := await self._alone(lambda: self._days.drop(day)):
            dropped += count
            on_dropped(dropped)
        return dropped
