"""Webhook events from the store's commit to a real server and back into the store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.domain import ids
from gateway.domain.event import Settled
from gateway.errors import StoreUnavailable
from gateway.services import webhooks as module
from gateway.services.destinations import FAILING_AFTER
from gateway.services.events import destination_of
from gateway.services.webhooks import sign
from tests.unit.gateway.http_sink import Answering, ClosesAfterRequest, Held, RefusesConnections, Sink, Status
from tests.unit.gateway.services.webhook_rig import KEYS, NOW, Rig, ids_of, open_rig


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink().serving() as listening:
        yield listening


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    monkeypatch.setattr(module, "STORE_PAUSE_S", 0.01)
    monkeypatch.setattr(module, "POLL_S", 1e6)  # whatever a test waits for comes without the poll
    async with open_rig() as made:
        yield made


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
    assert rig.metrics.webhook_answers.value(f"{code // 100}xx") == 1


async def test_faults_of_the_network_are_told(rig: Rig, sink: Sink) -> None:
    with RefusesConnections() as nobody:
        await rig.commit(rig.event(nobody.url))
        await rig.until_settled(1)
    sink.answer = ClosesAfterRequest()
    await rig.commit(rig.event(sink.url()))
    await rig.until_settled(2)
    refused, closed = rig.store.settled
    assert (refused.error or "").startswith("no connection to http://127.0.0.1:")
    assert closed.error == "the connection was closed before the answer"
    assert {settled.next_at for settled in rig.store.settled} == {NOW + timedelta(seconds=5)}
    assert rig.metrics.webhook_answers.value("none") == 2


async def test_the_last_failure_is_death(rig: Rig, sink: Sink) -> None:
    sink.answer = Status(500, b"x" * 600)
    event = rig.event(sink.url(), at=NOW - timedelta(hours=24))
    await rig.commit(event)
    (settled,) = await rig.until_settled(1)
    assert (settled.dead, settled.next_at, settled.attempts) == (True, None, 1)
    assert settled.error == "500: " + "x" * 507
    assert (await rig.facts()).webhooks_dead == 1
    ((dead, kept),) = (await rig.store.dead_webhooks("acme", None, 10)).items
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
        f"it can't be signed: {module.UNSIGNED}",
        "it can't be rendered",
    ]
    assert not any(settled.dead for settled in rig.store.settled)
    assert sink.received == []
    assert rig.metrics.task_failures.value("webhook-render") == 1


async def test_the_end_of_a_pause_is_noticed(rig: Rig, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without being woken: the service sleeps until then by itself."""
    monkeypatch.setattr(module, "LOOK_S", 1e6)
    sink.answer = Status(429, b"", {"retry-after": "60"})
    await rig.commit(rig.event(sink.url()))
    await rig.until_settled(1)
    sink.answer = Status()
    (waiting,) = await rig.commit(rig.event(sink.url()))
    assert waiting.owner is None
    rig.at(59.95)
    looks = rig.store.looks
    await rig.store.until(lambda: rig.store.looks > looks)  # 50 ms are left, and it sleeps for so long
    assert len(sink.received) == 1
    rig.now = NOW + timedelta(seconds=60)
    assert (await rig.until_settled(2))[1].delivered


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
async def test_events_of_one_subject_in_hand_go_one_by_one(rig: Rig, sink: Sink, code: int) -> None:
    """Whatever the store hands out: two of one subject are never in flight together."""
    held = sink.of_path["/first"] = Held(Status(code))
    subject = ids.new_id(NOW)
    events = [rig.event(sink.url(path), subject, seq) for seq, path in ((1, "/first"), (2, "/x"), (3, "/x"))]
    for event in events:
        event.owner = rig.owner.number
    await rig.keep(*events)
    rig.webhooks.hand_over(events)
    (other,) = await rig.commit(rig.event(sink.url("/other")))
    await sink.until(lambda: len(sink.received) == 2)
    assert set(ids_of(sink.received)) == {ids.text(events[0].id), ids.text(other.id)}
    held.go.set()
    await rig.until_settled(4)
    by_id = {settled.event_id: settled for settled in rig.store.settled}
    first, *later = (by_id[event.id] for event in events)
    if code == 500:  # back to the store with it, untried
        assert [(each.delivered, each.attempts, each.next_at) for each in later] == [
            (False, 0, first.next_at)
        ] * 2
        assert len(sink.received) == 2
    else:  # delivered or dead: the next one goes
        assert (first.delivered, first.dead) == (code == 200, code == 410)
        assert [each.delivered for each in later] == [True, True]
        assert ids_of(sink.received)[2:] == [ids.text(event.id) for event in events[1:]]


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


@pytest.mark.parametrize(("answering", "pauses"), [(Status(404), 0), (Status(408), 1), (Status(429), 1)])
async def test_a_no_about_one_url_does_not_pause_the_host(
    rig: Rig, sink: Sink, answering: Answering, pauses: int
) -> None:
    sink.of_path["/gone"] = answering
    await rig.commit(*(rig.event(sink.url("/gone")) for _ in range(30)))
    await rig.until_settled(30)
    assert f"trunkline_webhook_destinations_paused {pauses}".encode() in rig.metrics.render()
    (event,) = await rig.commit(rig.event(sink.url("/well")))
    assert (event.owner is None) is bool(pauses)


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
    destination = rig.webhooks._destination(destination_of("acme", sink.url()))
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


async def test_what_was_refused_a_place_is_not_overtaken(
    rig: Rig, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.services.destinations.MAX_IN_HAND", 2)
    monkeypatch.setattr(module, "LOOK_S", 1e6)
    held = sink.answer = Held()
    await rig.commit(*(rig.event(sink.url()) for _ in range(2)))
    (third,) = await rig.commit(rig.event(sink.url()))
    held.go.set()
    await rig.until_settled(2)
    (fourth,) = await rig.commit(rig.event(sink.url()))
    assert (third.owner, fourth.owner) == (None, None)
    await rig.until_settled(4)
    assert set(ids_of(sink.received)[2:]) == {ids.text(third.id), ids.text(fourth.id)}


async def test_a_batch_after_the_other_is_claimed(
    rig: Rig, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLAIM_BATCH", 3)
    monkeypatch.setattr(module, "LOOK_S", 1e6)
    await rig.keep(*(rig.event(sink.url()) for _ in range(10)))
    rig.webhooks.wake()
    await rig.until_settled(10)
    assert len(sink.received) == 10


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
    assert (await rig.until_settled(1))[0].delivered


async def test_outcomes_gather_while_a_settlement_is_under_way(rig: Rig, sink: Sink) -> None:
    await rig.commit(*(rig.event(sink.url()) for _ in range(200)))
    await rig.until_settled(200)
    assert rig.store.calls < 200


async def test_drain_gives_back_what_has_not_begun(rig: Rig, sink: Sink) -> None:
    await rig.commit(rig.event(sink.url("/before")))
    await rig.until_settled(1)
    sink.received.clear()
    rig.store.settled.clear()
    held = sink.answer = Held()
    subject = ids.new_id(NOW)
    await rig.commit(*(rig.event(sink.url()) for _ in range(20)), rig.event(sink.url(), subject, 1))
    await sink.until(lambda: len(sink.received) == 8)
    draining = asyncio.create_task(rig.webhooks.drain(10.0))
    await rig.until_settled(13)
    assert rig.webhooks.claim(destination_of("acme", sink.url())) is None
    assert not draining.done()
    held.go.set()
    await draining
    assert len(sink.received) == 8
    assert sum(settled.delivered for settled in rig.store.settled) == 8
    facts = await rig.facts()
    assert facts.webhooks_waiting == 13
    due, _ = await rig.store.due_webhooks(rig.now, rig.owner, lambda _: 100, 100)
    assert len(due) == 13


async def test_drain_gives_back_what_waits_for_order(rig: Rig, sink: Sink) -> None:
    held = sink.answer = Held()
    subject = ids.new_id(NOW)
    events = [rig.event(sink.url(), subject, seq) for seq in (1, 2)]
    for event in events:
        event.owner = rig.owner.number
    await rig.keep(*events)
    rig.webhooks.hand_over(events)
    await sink.until(lambda: len(sink.received) == 1)
    draining = asyncio.create_task(rig.webhooks.drain(10.0))
    await asyncio.sleep(0)
    held.go.set()
    await draining
    assert len(sink.received) == 1
    assert [(each.delivered, each.attempts) for each in rig.store.settled] == [(True, 1), (False, 0)]


async def test_drain_ends_in_time(rig: Rig, sink: Sink) -> None:
    await rig.commit(rig.event(sink.url()))
    await rig.until_settled(1)
    sink.received.clear()
    rig.store.settled.clear()
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
