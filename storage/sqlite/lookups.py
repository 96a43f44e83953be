"""Reads that change nothing: a message, a page of messages or inbound ones, and the numbers for metrics."""

from __future__ import annotations

from datetime import datetime

from gateway.domain.event import Event, Settled
from gateway.domain.message import Message
from gateway.domain.suppression import StoredInbound
from gateway.domain.words import Priority
from gateway.ports import (
    LOOKS,
    Held,
    ListQuery,
    MessageView,
    Owner,
    Page,
    Queue,
    StoredEvent,
    StoreFacts,
)
from storage import pages, rows
from storage.sqlite.accounts import Accounts
from storage.sqlite.alerts import Alerts
from storage.sqlite.database import Database
from storage.sqlite.failures import Failures
from storage.sqlite.labels import Labels
from storage.sqlite.late import LateIndex
from storage.sqlite.messages import Messages
from storage.sqlite.money import Ledger
from storage.sqlite.noc import Noc
from storage.sqlite.recent import Recent
from storage.sqlite.webhooks import Webhooks


class Lookups:
    """Questions, on any connection."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._messages = Messages(database, Recent(), LateIndex(database, "recipients", ("", "", 0)))
        self.accounts = Accounts(database)
        self.ledger = Ledger(database)
        self.noc = Noc(database)
        self.labels = Labels(database)
        self.alerts = Alerts(database, self._messages)
        self.failures = Failures(database)

    def message(self, message_id: bytes) -> MessageView | None:
        """One message with every attempt's parts."""
        entry = self._messages.load([message_id]).get(message_id)
        if entry is None:
            return None
        return MessageView(entry.message, sorted(entry.parts, key=lambda row: (row.attempt, row.part)))

    def messages(self, query: ListQuery) -> Page[Message, bytes]:
        """See `Store.messages`."""
        found: list[Message] = []
        horizons: list[bytes | None] = []
        for way in pages.ways(query, crowded=self._crowded(query)):
            horizon = self._horizon(query, way)
            values = pages.page_values(query, way, horizon, rows.json_text)
            found += [rows.message(row)[0] for row in self._db.all(way.page, *values)]
            horizons.append(horizon)
        return pages.page_of(found, horizons, query.limit)

    def _horizon(self, query: ListQuery, way: pages.Way) -> bytes | None:
        if not way.passes_over:
            return None
        row = self._db.one(way.horizon, *pages.horizon_values(query, way))
        return None if row is None else row[0]

    def _crowded(self, query: ListQuery) -> bool:
        """See `pages.crowd_of`."""
        crowd = pages.crowd_of(query)
        if crowd is pages.Along.RECIPIENT:
            return self._db.one("messages_crowd_to", query.recipient, query.looks) is not None
        return crowd is not None and self._db.one("messages_crowd_open", query.looks) is not None

    def waiting(self, operator: str | None, after: bytes, limit: int) -> list[Message]:
        """What waits for an operator, by id."""
        return [rows.message(row)[0] for row in self._db.all("waiting_after", operator, after, limit)]

    def waiting_operators(self) -> list[tuple[str | None, int]]:
        """For whom messages wait, and how many."""
        return [(row[0], row[1]) for row in self._db.all("waiting_operators")]

    def overdue(self, now: datetime, limit: int) -> list[bytes]:
        """Ids past their validity that are not final and in nobody's hands."""
        return [row[0] for row in self._db.all("overdue", rows.micros(now), limit)]

    def held(self, owner: Owner) -> Held:
        """All that a process has claimed; see `Store.held`."""
        messages = {row[0] for row in self._db.all("held_messages", owner.number)}
        return Held(messages, {row[0]: row[1] for row in self._db.all("held_events", owner.number)})

    def held_by_others(self, owner: int) -> list[bytes]:
        """Ids that other processes had claimed."""
        return [row[0] for row in self._db.all("held_by_others", owner)]

    def inbound(self, account: str | None, limit: int) -> list[StoredInbound]:
        """The newest inbound messages."""
        found = (
            self._db.all("inbound_page", limit)
            if account is None
            else self._db.all("inbound_page_of", account, limit)
        )
        return [rows.stored_inbound(row) for row in found]

    def dead_webhooks(
        self, account: str | None, before: bytes | None, limit: int, looks: int = LOOKS
    ) -> Page[tuple[Event, Settled], bytes]:
        """See `Store.dead_webhooks`."""
        return Webhooks(self._db).dead(account, before, limit, looks)

    def message_webhooks(self, view: MessageView) -> list[StoredEvent]:
        """See `Store.message_webhooks`."""
        return Webhooks(self._db).of_message(view)

    def facts(self, now: datetime) -> StoreFacts:
        """Numbers for metrics. `oldest_waiting_at`: since when the longest-waiting due message has been due."""
        queues = [
            Queue(operator, Priority(priority), waiting, rows.moment(due))
            for operator, priority, waiting, due in self._db.all("queues")
        ]
        oldest = min((queue.oldest_at for queue in queues), default=None)
        return StoreFacts(
            queues=queues,
            waiting=sum(queue.waiting for queue in queues),
            oldest_waiting_at=oldest if oldest is not None and oldest <= now else None,
            webhooks_waiting=self._count("count_webhooks_pending") or 0,
            webhooks_dead=self._count("count_webhooks_dead") or 0,
            parked_receipts=self._count("count_parked") or 0,
            in_doubt=self._count("count_in_doubt") or 0,
        )

    def _count(self, name: str) -> int | None:
        row = self._db.one(name)
        return None if row is None else row[0]
