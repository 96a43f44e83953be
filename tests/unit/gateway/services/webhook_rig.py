"""The webhooks service on a real store and a real client, at a time that the test sets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.event import Event, EventKind, Settled
from gateway.domain.message import Message, PartRow, Step
from gateway.domain.send import Acceptance
from gateway.domain.words import Priority
from gateway.errors import StoreUnavailable
from gateway.metrics import Metrics
from gateway.outbound import PooledClient
from gateway.ports import Owner, StoreFacts
from gateway.services.events import destination_of
from gateway.services.webhooks import Webhooks, WebhookSettings, key_of
from storage.sqlite.store import SqliteStore
from tests.unit.gateway.http_sink import Received

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEYS = [key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]


class WatchedStore(SqliteStore):
    """The real store; tells what was settled, and can be taken down."""

    def __init__(self) -> None:
        super().__init__(None)
        self.settled: list[Settled] = []
        self.calls = 0  #: to settle
        self.looks = 0  #: for what is due
        self.down = False
        self._changed = asyncio.Event()

    async def settle_webhooks(self, settled: Sequence[Settled]) -> None:
        self.calls += 1
        if self.down:
            self._changed.set()
            raise StoreUnavailable("taken down by the test")
        await super().settle_webhooks(settled)
        self.settled += settled
        self._changed.set()

    async def due_webhooks(
        self, now: datetime, owner: Owner, room: Callable[[str], int], limit: int
    ) -> tuple[list[Event], datetime | None]:
        found = await super().due_webhooks(now, owner, room, limit)
        self.looks += 1
        self._changed.set()
        return found

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a call of the service makes the condition true."""
        async with asyncio.timeout(20):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


class Rig:
    """The service with what it needs; the tests commit events and look at what was settled."""

    def __init__(self, store: WatchedStore, owner: Owner, client: PooledClient, message: Message) -> None:
        self.now = NOW
        self.store = store
        self.owner = owner
        self.client = client
        self.metrics = Metrics()
        self.keys: list[bytes] = KEYS
        self.rendered = 0
        self._message = message
        self.webhooks = Webhooks(
            store,
            client,
            {"orchestrator": self._render},
            self._keys_of,
            lambda: self.now,
            owner,
            WebhookSettings(),
            self.metrics,
        )

    def _keys_of(self, account: str) -> list[bytes]:
        return self.keys if account == "acme" else []

    def _render(self, event: Event) -> bytes:
        self.rendered += 1
        return json.dumps(event.data | {"rendered": self.rendered}).encode()

    def event(self, url: str, subject: bytes | None = None, seq: int = 1, **fields: object) -> Event:
        """An event of a subject of its own, at the present time."""
        event = Event(
            id=ids.new_id(self.now),
            subject=subject or ids.new_id(self.now),
            seq=seq,
            account="acme",
            env=Env.LIVE,
            dialect="orchestrator",
            kind=EventKind.DELIVERED,
            at=self.now,
            url=url,
            destination=destination_of("acme", url),
            data={"n": seq},
        )
        for name, value in fields.items():
            setattr(event, name, value)
        return event

    async def keep(self, *events: Event) -> None:
        """Events written, and nobody told."""

        def decide(message: Message, rows: list[PartRow]) -> Step:
            return Step(message, events=list(events))

        await self.store.change([self._message.id], decide)

    async def commit(self, *events: Event) -> list[Event]:
        """Events written as a decision does it: claimed or not, and handed over after the commit."""

        def decide(message: Message, rows: list[PartRow]) -> Step:
            for event in events:
                event.owner = self.webhooks.claim(event.destination) if event.seq == 1 else None
            return Step(message, events=list(events))

        await self.store.change([self._message.id], decide)
        self.webhooks.hand_over(events)
        return list(events)

    def at(self, seconds: float) -> None:
        """It is now that many seconds after the beginning."""
        self.now = NOW + timedelta(seconds=seconds)
        self.webhooks.wake()

    async def until_settled(self, count: int) -> list[Settled]:
        """Wait for that many outcomes since the beginning."""
        await self.store.until(lambda: len(self.store.settled) >= count)
        return self.store.settled

    async def facts(self) -> StoreFacts:
        return await self.store.facts(self.now)

    def count(self, outcome: str) -> float:
        return self.metrics.webhooks.value(outcome)


def ids_of(received: Sequence[Received]) -> list[str]:
    return [request.headers["webhook-id"] for request in received]


def _message() -> Message:
    return Message(
        id=ids.new_id(NOW),
        account="acme",
        env=Env.LIVE,
        dialect="orchestrator",
        sender="+14155550100",
        recipient="+447700900123",
        body="hello",
        segment_count=1,
        priority=Priority.TRANSACTIONAL,
        accepted_at=NOW,
        expires_at=NOW + timedelta(hours=72),
        operator="alpha",
        next_at=NOW,
    )


@asynccontextmanager
async def open_rig() -> AsyncIterator[Rig]:
    """A running rig on an empty store."""
    store = WatchedStore()
    await store.open()
    owner = await store.register(NOW, "boot")
    message = _message()
    await store.accept([Acceptance([message], None, NOW)])
    client = PooledClient(allow_private_addresses=True)
    rig = Rig(store, owner, client, message)
    running = asyncio.create_task(rig.webhooks.run())
    try:
        yield rig
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await client.close()
        await store.close()
