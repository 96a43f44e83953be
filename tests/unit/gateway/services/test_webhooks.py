"""Webhook events from the store's commit to a real server and back into the store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.event import Event, EventKind, Settled
from gateway.domain.message import Message, PartRow, Step
from gateway.domain.send import Acceptance
from gateway.domain.words import Priority
from gateway.errors import StoreUnavailable
from gateway.metrics import Metrics
from gateway.outbound import Limits, PooledClient
from gateway.ports import Owner, StoreFacts
from gateway.services import webhooks as module
from gateway.services.destinations import FAILING_AFTER
from gateway.services.events import destination_of
from gateway.services.webhooks import Webhooks, WebhookSettings, key_of, sign
from storage.sqlite.store import SqliteStore
from tests.unit.gateway.http_sink import (
    ClosesAfterRequest,
    Held,
    Received,
    RefusesConnections,
    Silent,
    Sink,
    Status,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEYS = [key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]


class WatchedStore(SqliteStore):
    """The real store; tells what was settled, and can be taken down."""

    def __init__(self) -> None:
        super().__init__(None)
        self.settled: list[Settled] = []
        self.calls = 0
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

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a settlement makes the condition true."""
        async with asyncio.timeout(20):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


class Rig:
    """The service on a real store and a real client, at a time that the test sets."""

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
            destination=destination_of(url),
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
                event.owner = self.webhooks.claim(event.url) if event.seq == 1 else None
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


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink().serving() as listening:
        yield listening


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    monkeypatch.setattr(module, "STORE_PAUSE_S", 0.01)
    store = WatchedStore()
    await store.open()
    owner = await store.register(NOW, "boot")
    message = _message()
    await store.accept([Acceptance([message], None, NOW)])
    client = PooledClient(allow_private_addresses=True, limits=Limits(answer_timeout_s=0.2))
    made = Rig(store, owner, client, message)
    running = asyncio.create_task(made.webhooks.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await client.close()
    await store.close()


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


def ids_of(received: Sequence[Received]) -> list[str]:
    return [request.headers["webhook-id"] for request in received]


# --- a delivery


async def test_an_event_goes_from_hand_to_hand(rig: Rig, sink: Sink) -> None:
    (event,) = await rig.commit(rig.event(sink.url("/hook?x=y")))
    assert event.owner == rig.owner.number
    (settled,) = await rig.until_settled(1)
    assert settled == Settled(event.id, True, False, NOW, None, 1, None, None)
    (request,) = sink.received
    assert (request.method, request.path) == ("POST", "/hook?x=y")
    assert json.loads(request.body) == {"n": 1, "rendered": 1}
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("Trunkline/")
    assert (await rig.facts()).webhooks_waiting == 0
    assert rig.count("delivered") == 1
    assert rig.metrics.webhook_lag.count() == 1


async def test_the_signature_verifies(rig: Rig, sink: Sink) -> None:
    rig.keys = [b"newest", *KEYS]
    (event,) = await rig.commit(rig.event(sink.url()))
    await rig.until_settled(1)
    headers, body = sink.received[0].headers, sink.received[0].body
    assert headers["webhook-id"] == ids.text(event.id)
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    expected = [sign(key, ids.text(event.id), int(NOW.timestamp()), body) for key in rig.keys]
    assert headers["webhook-signature"].split(" ") == expected


async def test_an_event_of_the_store_is_claimed(rig: Rig, sink: Sink) -> None:
    event = rig.event(sink.url())
    await rig.keep(event)
    rig.webhooks.wake()
    (settled,) = await rig.until_settled(1)
    assert (settled.event_id, settled.delivered) == (event.id, True)


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
async def test_any_2xx_is_success(rig: Rig, sink: Sink, code: int) -> None:
    sink.answer = Status(code, b"")
    await rig.commit(rig.event(sink.url()))
    assert (await rig.until_settled(1))[0].delivered


# --- tries and their ends


async def test_a_failed_try_is_repeated_with_the_same_bytes(rig: Rig, sink: Sink) -> None:
    sink.answer = Status(500, b"oh no")
    (event,) = await rig.commit(rig.event(sink.url()))
    (failed,) = await rig.until_settled(1)
    assert failed == Settled(
        event.id, False, False, NOW, NOW + timedelta(seconds=5), 1, event.body, "500: oh no"
    )
    sink.answer = Status()
    rig.at(5)
    assert (await rig.until_settled(2))[1].attempts == 2
    first, second = sink.received
    assert first.body == second.body
    assert rig.rendered == 1
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) == int(NOW.timestamp()) + 5
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert (rig.count("retry"), rig.count("delivered")) == (1, 1)


@pytest.mark.parametrize("code", [301, 303, 400, 401, 404, 429, 500, 503])
async def test_everything_else_is_tried_again(rig: Rig, sink: Sink, code: int) -> None:
    sink.answer = Status(code, b"")
    await rig.commit(rig.event(sink.url()))
    (settled,) = await rig.until_settled(1)
    assert (settled.delivered, settled.dead, settled.error) == (False, False, f"{code}: ")


async def test_faults_of_the_network_are_told(rig: Rig, sink: Sink) -> None:
    with RefusesConnections() as nobody:
        await rig.commit(rig.event(nobody.url))
        await rig.until_settled(1)
    sink.answer = ClosesAfterRequest()
    await rig.commit(rig.event(sink.url()))
    await rig.until_settled(2)
    sink.answer = Silent()
    await rig.commit(rig.event(sink.url()))
    await rig.until_settled(3)
    errors = [settled.error or "" for settled in rig.store.settled]
    assert errors[0].startswith("no connection to http://127.0.0.1:")
    assert errors[1:] == ["the connection was closed before the answer", "no answer within 0.2 s"]


def test_the_schedule_ends_with_the_day() -> None:
    settings = WebhookSettings()
    event = Rig.event.__get__(_Still())("https://a.example/")
    now, tries = NOW, 0
    waits = []
    while True:
        tries += 1
        at = settings.next_try(event, tries, now)
        if at is None:
            break
        waits.append((at - now).total_seconds())
        now = at
    assert waits[:6] == [5, 30, 120, 300, 600, 1800]
    assert all(3240 <= wait <= 3960 for wait in waits[6:-1])
    assert now == NOW + timedelta(hours=24)  # the last try
    assert 25 <= tries <= 33


class _Still:
    """As much of a rig as making an event takes."""

    now = NOW


async def test_the_last_failure_is_death(rig: Rig, sink: Sink) -> None:
    sink.answer = Status(500, b"x" * 600)
    event = rig.event(sink.url(), at=NOW - timedelta(hours=24))
    await rig.commit(event)
    (settled,) = await rig.until_settled(1)
    assert (settled.dead, settled.next_at, settled.attempts) == (True, None, 1)
    assert settled.error == "500: " + "x" * 507
    assert (await rig.facts()).webhooks_dead == 1
    ((dead, kept),) = await rig.store.dead_webhooks("acme", 10)
    assert (dead.id, dead.body, kept.error) == (event.id, event.body, settled.error)
    assert rig.count("dead") == 1


async def test_a_dead_event_can_be_replayed(rig: Rig, sink: Sink) -> None:
    sink.answer = Status(410)
    (event,) = await rig.commit(rig.event(sink.url()))
    assert (await rig.until_settled(1))[0].dead, "410 Gone is final"
    sink.answer = Status()
    assert await rig.store.replay_webhooks([event.id], rig.now) == 1
    rig.webhooks.wake()
    assert (await rig.until_settled(2))[1].delivered
    assert sink.received[0].body == sink.received[1].body


@pytest.mark.parametrize(("code", "waits_s"), [(429, 90), (503, 90), (500, 5)])
async def test_retry_after_is_honoured(rig: Rig, sink: Sink, code: int, waits_s: int) -> None:
    sink.answer = Status(code, b"", {"retry-after": "90"})
    await rig.commit(rig.event(sink.url()))
    (settled,) = await rig.until_settled(1)
    assert settled.next_at == NOW + timedelta(seconds=waits_s)
    # Whoever asks for quiet gets it for its other events, too.
    later = await rig.commit(rig.event(sink.url()))
    assert (later[0].owner is None) is (code != 500)


async def test_retry_after_is_bounded(rig: Rig, sink: Sink) -> None:
    sink.answer = Status(429, b"", {"retry-after": "999999999"})
    await rig.commit(rig.event(sink.url()))
    assert (await rig.until_settled(1))[0].next_at == NOW + timedelta(hours=1)


async def test_what_can_not_be_signed_or_rendered_waits(rig: Rig, sink: Sink) -> None:
    rig.keys = []
    await rig.commit(rig.event(sink.url()))
    await rig.until_settled(1)
    rig.keys = KEYS
    await rig.commit(rig.event(sink.url(), dialect="klingon"))
    await rig.until_settled(2)
    errors = [settled.error for settled in rig.store.settled]
    assert errors == [
        "it can't be signed: the account has no webhook secret, rotate it",
        "it can't be rendered",
    ]
    assert not any(settled.dead for settled in rig.store.settled)
    assert sink.received == []
    assert rig.metrics.task_failures.value("webhook-render") == 1


# --- order


async def test_events_of_a_subject_go_one_after_the_other(rig: Rig, sink: Sink) -> None:
    held = sink.answer = Held()
    subject = ids.new_id(NOW)
    events = await rig.commit(*(rig.event(sink.url(), subject, seq) for seq in (1, 2, 3)))
    await sink.until(lambda: len(sink.received) == 1)
    held.go.set()
    await rig.until_settled(3)
    assert ids_of(sink.received) == [ids.text(event.id) for event in events]


async def test_a_later_event_waits_for_a_failed_one(rig: Rig, sink: Sink) -> None:
    sink.answer = Status(500)
    subject = ids.new_id(NOW)
    first, second = await rig.commit(*(rig.event(sink.url(), subject, seq) for seq in (1, 2)))
    await rig.until_settled(1)
    sink.answer = Status()
    rig.at(4)
    await rig.commit(rig.event(sink.url()))  # proof that the service has looked
    await rig.until_settled(2)
    assert ids_of(sink.received).count(ids.text(second.id)) == 0
    rig.at(5)
    await rig.until_settled(4)
    order = [name for name in ids_of(sink.received) if name in (ids.text(first.id), ids.text(second.id))]
    assert order == [ids.text(first.id), ids.text(first.id), ids.text(second.id)]


@pytest.mark.parametrize("code", [200, 410, 500])
async def test_events_of_one_subject_in_hand_keep_their_order(rig: Rig, sink: Sink, code: int) -> None:
    """Whatever the store hands out: two of one subject are never in flight together."""
    held = sink.of_path["/first"] = Held()
    subject = ids.new_id(NOW)
    events = [rig.event(sink.url(path), subject, seq) for seq, path in ((1, "/first"), (2, "/x"), (3, "/x"))]
    for event in events:
        event.owner = rig.owner.number
    await rig.keep(*events)
    rig.webhooks.hand_over(events)
    other = await rig.commit(rig.event(sink.url("/x")))
    await sink.until(lambda: len(sink.received) == 2)
    assert set(ids_of(sink.received)) == {ids.text(events[0].id), ids.text(other[0].id)}
    if code != 200:
        sink.of_path["/first"] = Status(code)
        async with asyncio.timeout(20):  # the client gives the held answer up, the next try has the code
            await rig.until_settled(2)
        rig.at(5)
    held.go.set()
    if code == 500:
        await rig.store.until(lambda: sum(not settled.delivered for settled in rig.store.settled) >= 4)
        assert [r.path for r in sink.received].count("/x") == 1
        return
    await rig.store.until(
        lambda: sum(settled.delivered or settled.dead for settled in rig.store.settled) == 4
    )
    assert ids_of([r for r in sink.received if r.path == "/x"])[1:] == [ids.text(e.id) for e in events[1:]]


# --- nobody in another's way


async def test_a_destination_gets_so_many_at_once(rig: Rig, sink: Sink) -> None:
    held = sink.answer = Held()
    await rig.commit(*(rig.event(sink.url()) for _ in range(20)))
    await sink.until(lambda: len(sink.received) == 8)
    async with Sink().serving() as other:
        await rig.commit(rig.event(other.url()))
        await other.until(lambda: len(other.received) == 1)
    assert len(sink.received) == 8
    assert b"trunkline_webhooks_in_hand 2" in rig.metrics.render()
    held.go.set()
    await rig.until_settled(21)
    assert rig.count("delivered") == 21


async def test_a_dead_destination_is_left_alone(rig: Rig, sink: Sink) -> None:
    sink.answer = Status(500)
    events = await rig.commit(*(rig.event(sink.url()) for _ in range(50)))
    await rig.until_settled(50)
    tried = [settled for settled in rig.store.settled if settled.attempts]
    assert FAILING_AFTER <= len(tried) == len(sink.received) <= FAILING_AFTER + 8
    left = [settled for settled in rig.store.settled if not settled.attempts]
    assert {settled.next_at for settled in left} == {NOW + timedelta(seconds=5)}
    assert b"trunkline_webhook_destinations_paused 1" in rig.metrics.render()

    rig.at(5)  # the pause is over: one event goes, fails, and the others wait again without a try
    await rig.until_settled(100)
    assert len(sink.received) == len(tried) + 1

    async with Sink().serving() as other:
        await rig.commit(rig.event(other.url()))
        await other.until(lambda: len(other.received) == 1)

    sink.answer = Status()
    rig.at(15)  # the next one goes through, and all the others at once
    await rig.store.until(lambda: rig.count("delivered") == 50)
    rig.at(35)  # the one that was tried twice comes at its own time
    await rig.store.until(lambda: rig.count("delivered") == 51)
    assert set(ids_of(sink.received)) == {ids.text(event.id) for event in events}
    assert (await rig.facts()).webhooks_waiting == 0


async def test_old_events_of_a_dead_destination_die_without_a_try(rig: Rig, sink: Sink) -> None:
    sink.answer = Status(500)
    await rig.commit(*(rig.event(sink.url()) for _ in range(30)))
    await rig.until_settled(30)
    tried = len(sink.received)
    rig.at(86_400)
    await rig.store.until(lambda: sum(settled.dead for settled in rig.store.settled) == 30)
    assert len(sink.received) == tried
    assert (await rig.facts()).webhooks_dead == 30
    assert {settled.error for settled in rig.store.settled if settled.dead} == {"given up: 500: ok"}


async def test_new_events_do_not_overtake_the_stores(rig: Rig, sink: Sink) -> None:
    held = sink.answer = Held()
    destination = rig.webhooks._destination(destination_of(sink.url()))
    destination.backlog = True
    events = [*await rig.commit(rig.event(sink.url())), *await rig.commit(rig.event(sink.url()))]
    assert [event.owner for event in events] == [None, None]
    await sink.until(lambda: len(sink.received) == 2)
    assert ids_of(sink.received) == [ids.text(event.id) for event in events]
    held.go.set()
    await rig.until_settled(2)
    (direct,) = await rig.commit(rig.event(sink.url()))
    assert direct.owner == rig.owner.number
    await rig.until_settled(3)


async def test_a_full_destination_leaves_the_rest_in_the_store(
    rig: Rig, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.services.destinations.MAX_IN_HAND", 10)
    held = sink.answer = Held()
    for _ in range(4):
        await rig.commit(*(rig.event(sink.url()) for _ in range(10)))
    await sink.until(lambda: len(sink.received) == 8)
    assert rig.webhooks._in_hand <= 20
    held.go.set()
    await rig.until_settled(40)
    assert len(set(ids_of(sink.received))) == len(sink.received) == 40


async def test_all_requests_together_are_bounded(
    rig: Rig, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_IN_FLIGHT", 4)
    held = sink.answer = Held()
    async with Sink().serving() as other:
        await rig.commit(*(rig.event(sink.url()) for _ in range(10)))
        await rig.commit(*(rig.event(other.url()) for _ in range(10)))
        await sink.until(lambda: len(sink.received) == 4)
        assert other.received == []
        held.go.set()
        await rig.until_settled(20)
        assert (len(sink.received), len(other.received)) == (10, 10)


async def test_invented_destinations_are_forgotten(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_DESTINATIONS", 3)
    rig.webhooks._sweep_at = 3
    busy = rig.webhooks._destination("http://busy")
    busy.in_hand = 1
    for n in range(50):
        rig.webhooks._destination(f"http://{n}")
    assert len(rig.webhooks._destinations) <= 4
    assert rig.webhooks._destination("http://busy") is busy
    busy.in_hand = 0


# --- the store


async def test_outcomes_survive_a_store_that_is_down(rig: Rig, sink: Sink) -> None:
    rig.store.down = True
    await rig.commit(*(rig.event(sink.url()) for _ in range(5)))
    await rig.store.until(lambda: rig.store.calls >= 3)
    assert rig.store.settled == []
    rig.store.down = False
    assert all(settled.delivered for settled in await rig.until_settled(5))
    assert len(sink.received) == 5


async def test_claiming_survives_a_store_that_is_down(
    rig: Rig, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def down(*_: object) -> None:
        asked.set()
        raise StoreUnavailable("taken down by the test")

    with monkeypatch.context() as patched:
        patched.setattr(rig.store, "due_webhooks", down)
        event = rig.event(sink.url())
        await rig.keep(event)
        rig.webhooks.wake()
        await asked.wait()
    rig.webhooks.wake()
    assert (await rig.until_settled(1))[0].delivered


async def test_outcomes_gather_while_a_settlement_is_under_way(rig: Rig, sink: Sink) -> None:
    await rig.commit(*(rig.event(sink.url()) for _ in range(200)))
    await rig.until_settled(200)
    assert rig.store.calls < 200


async def test_drain_gives_back_what_has_not_begun(rig: Rig, sink: Sink) -> None:
    held = sink.answer = Held()
    subject = ids.new_id(NOW)
    await rig.commit(*(rig.event(sink.url()) for _ in range(20)), rig.event(sink.url(), subject, 1))
    await sink.until(lambda: len(sink.received) == 8)
    draining = asyncio.create_task(rig.webhooks.drain(10.0))
    await rig.until_settled(13)
    assert rig.webhooks.claim(sink.url()) is None
    assert not draining.done()
    held.go.set()
    await draining
    assert len(sink.received) == 8
    assert sum(settled.delivered for settled in rig.store.settled) == 8
    facts = await rig.facts()
    assert facts.webhooks_waiting == 13
    due, _ = await rig.store.due_webhooks(rig.now, rig.owner, lambda _: 100, 100)
    assert len(due) == 13


async def test_drain_ends_in_time(rig: Rig, sink: Sink) -> None:
    sink.answer = Held()
    await rig.commit(rig.event(sink.url()))
    await sink.until(lambda: len(sink.received) == 1)
    await rig.webhooks.drain(0.01)
    assert rig.store.settled == []


async def test_drain_with_nothing_in_hand(rig: Rig, sink: Sink) -> None:
    await rig.commit(rig.event(sink.url()))
    await rig.until_settled(1)
    await rig.webhooks.drain(10.0)
    later = await rig.commit(rig.event(sink.url()))
    assert later[0].owner is None
    assert len(sink.received) == 1


# --- settings


def test_settings_are_described_and_checked() -> None:
    for name, field in WebhookSettings.model_fields.items():
        assert field.description, name
    assert WebhookSettings().give_up_after_s == 86_400
    for wrong in ({"concurrency_per_destination": 0}, {"answer_timeout_s": -1}, {"unknown": 1}):
        with pytest.raises(ValidationError):
            WebhookSettings.model_validate(wrong)
