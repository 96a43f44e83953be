"""What the store says this process holds and nobody has: given back; what somebody has is left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.domain.account import Env, Policy
from gateway.domain.message import Step
from gateway.domain.outcome import Accepted
from gateway.domain.words import Status
from gateway.ports import Held, Owner, Recovery
from gateway.services.recovery import decide_recovery
from gateway.services.strays import Strays
from tests.unit.gateway.services.rig import EVERYTHING, URL, Rig, a_rig


class Heir:
    """The gateway's own decision."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig

    def get_ready(self) -> None:
        return

    def decide(self, recovery: Recovery) -> Step:
        return decide_recovery(recovery, {}, lambda _: 1, self.rig.announcer, self.rig.now)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with a_rig() as built:
        yield built


def strays_of(rig: Rig) -> Strays:
    return Strays(rig.store, rig.owner, rig.dispatch, rig.webhooks, Heir(rig), rig.clock)


async def a_stray(rig: Rig) -> bytes:
    """A message that was claimed by a commit whose answer nobody got."""
    rig.operators["alpha"].up = rig.operators["beta"].up = False
    rig.dispatch.changed()
    lost = await rig.send()
    rig.operators["alpha"].up = rig.operators["beta"].up = True
    batch = await rig.store.claim("alpha", 10, rig.owner, rig.now)
    assert [each.message.id for each in batch.claimed] == [lost]
    rig.dispatch.changed()
    return lost


async def test_a_claim_that_nobody_has_goes_back_and_is_sent(rig: Rig) -> None:
    lost = await a_stray(rig)
    strays = strays_of(rig)
    await strays.turn()
    assert (await rig.message(lost)).owner == rig.owner.number, "one look is not enough"
    await strays.turn()
    given = await rig.message(lost)
    assert (given.owner, given.attempts, given.tries, given.status) == (None, 0, 0, Status.QUEUED)
    await rig.claim()
    assert [part.message_id for part in rig.operators["alpha"].written] == [lost]
    rig.operators["alpha"].answer(Accepted("ref"))
    await rig.quiet()
    assert (await rig.message(lost)).status is Status.SENT
    assert await rig.store.held(rig.owner) == Held(set(), {})


async def test_what_is_in_hand_is_left_alone_wherever_it_is(rig: Rig) -> None:
    strays = strays_of(rig)
    alpha = rig.operators["alpha"]
    written = await rig.send("written")
    alpha.slots = 0
    ready = await rig.send("ready")
    assert [part.message_id for part in alpha.unanswered] == [written]
    for _ in range(3):
        await strays.turn()
    for each in (written, ready):
        message = await rig.message(each)
        assert (message.owner, message.attempts) == (rig.owner.number, 1)
    alpha.slots = None
    rig.dispatch.on_room("alpha")
    assert [part.message_id for part in alpha.written] == [written, ready]


async def test_an_answer_on_its_way_into_the_store_keeps_its_message() -> None:
    async with a_rig(running=False) as rig:
        sent = await rig.send()
        rig.operators["alpha"].answer(Accepted("ref"))
        strays = strays_of(rig)
        for _ in range(3):
            await strays.turn()
        assert (await rig.message(sent)).owner == rig.owner.number
        rig.start(rig.recorder.run)
        await rig.quiet()
        assert (await rig.message(sent)).status is Status.SENT
        rig.operators["alpha"].written.clear()
        assert rig.dispatch.in_hand() == set()


async def test_what_another_process_holds_is_its_own(rig: Rig) -> None:
    lost = await a_stray(rig)
    strays = strays_of(rig)
    strays._owner = Owner(rig.owner.number + 1, rig.owner.token + 1)
    for _ in range(3):
        await strays.turn()
    assert (await rig.message(lost)).owner == rig.owner.number


async def test_an_event_that_nobody_has_goes_back_and_is_delivered(rig: Rig) -> None:
    rig.policies["acme", Env.LIVE] = Policy(webhook_url=URL, webhook_events=EVERYTHING)
    rig.webhooks._draining = True  # leaves events in the store
    await rig.send()
    rig.operators["alpha"].answer(Accepted("ref"))
    await rig.quiet()
    rig.webhooks._draining = False
    (lost,), _ = await rig.store.due_webhooks(rig.now, rig.owner, lambda _: 10, 10)
    strays = strays_of(rig)
    await strays.turn()
    assert await rig.store.held(rig.owner) == Held(set(), {lost.id: 0})
    await strays.turn()
    rig.start(rig.webhooks.run)

    async def delivered() -> bool:
        held = await rig.store.held(rig.owner)
        return rig.client.posted == [(URL, b"sent")] and not held.events and not rig.webhooks.in_hand()

    await rig.until(delivered)
