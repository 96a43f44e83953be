"""Who is told that something waits, and who looks when told: dispatch and webhooks as listeners."""

from __future__ import annotations

from collections import Counter

from gateway.domain.words import Priority
from gateway.services import dispatch as module
from gateway.services.hints import WEBHOOKS, Listener, NoHints, topic_of
from tests.unit.gateway.services.rig import Rig, a_rig
from tests.unit.gateway.services.test_dispatch_claims import down, up

ALPHA = topic_of("alpha", Priority.TRANSACTIONAL)


class Wire:
    """What goes to other processes, and whether it comes through."""

    def __init__(self) -> None:
        self.well = True
        self.published: Counter[str] = Counter()

    def publish(self, topic: str, count: int) -> None:
        """Counts it."""
        self.published[topic] += count

    def subscribe(self, listener: Listener) -> None:
        """The test tells them itself."""


def wired(rig: Rig) -> Wire:
    """In the place of `NoHints`."""
    wire = Wire()
    rig.dispatch._hints = wire
    return wire


def test_without_hints_nobody_hears() -> None:
    hints = NoHints()
    hints.publish(ALPHA, 1)
    assert not hints.well


async def test_what_can_not_be_sent_here_is_told_of() -> None:
    async with a_rig() as rig:
        wire = wired(rig)
        await rig.send("sent from here")
        assert not wire.published
        down(rig, "beta")
        down(rig, "alpha")
        await rig.send("waits")
        await rig.send("waits too")
        assert wire.published == {ALPHA: 2}


async def test_what_a_full_lane_leaves_is_told_of() -> None:
    async with a_rig() as rig:
        wire = wired(rig)
        lane = rig.dispatch.lanes["alpha"]
        for number in range(lane.limit):
            await rig.send(f"m{number}")
        assert not wire.published
        await rig.send("one too many")
        assert wire.published == {ALPHA: 1}


async def test_only_what_there_is_room_for_is_wanted() -> None:
    async with a_rig() as rig:
        await rig.claim()
        lane = rig.dispatch.lanes["alpha"]
        assert rig.dispatch.wanted()[ALPHA] == lane.limit
        await rig.send("one")
        assert rig.dispatch.wanted()[ALPHA] == lane.limit - 1
        down(rig, "alpha")
        assert ALPHA not in rig.dispatch.wanted()


async def test_who_is_told_looks() -> None:
    async with a_rig() as rig:
        await rig.claim()
        rig.dispatch.told(ALPHA, 3)
        assert Priority.TRANSACTIONAL in rig.dispatch.lanes["alpha"].backlog
        assert ALPHA not in rig.dispatch.wanted()  # it is looked for already: others may hear of the rest
        await rig.claim()
        assert ALPHA in rig.dispatch.wanted()
        rig.dispatch.told("dispatch:gone:otp", 1)  # of an operator that a reload has taken away
        rig.dispatch.lost()
        assert all(lane.curious for lane in rig.dispatch.lanes.values())


async def test_lanes_look_less_often_while_hints_come_through() -> None:
    async with a_rig() as rig:
        wire = wired(rig)
        rig.dispatch._look_again_s = 0.5
        assert rig.dispatch._look_again_at() == module.LOOK_AGAIN_S
        wire.well = False
        assert rig.dispatch._look_again_at() == 0.5


async def test_what_moves_to_an_operator_of_others_is_told_of() -> None:
    async with a_rig() as rig:
        wire = wired(rig)
        down(rig, "alpha")
        await rig.send("to beta")
        down(rig, "beta")
        wire.published.clear()
        rig.dispatch.look_for({"beta"}, 4)
        assert wire.published == {topic_of("beta", priority): 4 for priority in Priority}
        up(rig, "beta")


async def test_events_that_wait_are_told_of() -> None:
    async with a_rig() as rig:
        wire = Wire()
        rig.webhooks._hints = wire
        assert rig.webhooks.wanted()[WEBHOOKS] > 0
        rig.webhooks._wake.clear()
        rig.webhooks.told(WEBHOOKS, 1)
        assert rig.webhooks._wake.is_set()
        rig.webhooks._wake.clear()
        rig.webhooks.lost()
        assert rig.webhooks._wake.is_set()


async def test_what_nobody_told_of_is_fetched_to_its_end() -> None:
    """A look finds more than fits: the rest must not wait for the next look."""
    async with a_rig() as rig:
        await rig.claim()
        lane = rig.dispatch.lanes["alpha"]
        down(rig, "beta")
        down(rig, "alpha")
        for number in range(3 * lane.limit):
            await rig.send(f"m{number}")
        lane.backlog.clear()  # as if another process had left them there, and the hints were lost
        lane.curious = set()
        rig.operators["alpha"].up = True
        rig.dispatch.look_again()
        await rig.claim()
        assert lane.load == lane.limit
        assert lane.curious
