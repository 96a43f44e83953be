"""What waits for a rate of its sender or its destination: it keeps its place, and others pass."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from gateway.domain.outcome import Accepted as Took
from gateway.domain.outcome import Throttled
from gateway.domain.pacing import Hold, Level
from gateway.domain.words import Priority, Status
from gateway.services.dispatch import LONGEST_BOOKED_S
from gateway.services.lanes import Lane
from tests.unit.gateway.services.rig import NOW, Rig, a_rig, a_send
from tests.unit.gateway.services.test_lanes import a_flight, a_lane

SLOW = "+447700900001"
FAST = "+447700900002"


def held(seconds: float, per_s: float = 1.0) -> Hold:
    """Until so many seconds from now."""
    return Hold(asyncio.get_running_loop().time() + seconds, Level.SENDER, SLOW, per_s)


def free(rig: Rig) -> None:
    """The slow sender may send again."""
    rig.operators["alpha"].holds.clear()
    for lane in rig.dispatch.lanes.values():
        lane.bring_back(float("inf"))
    rig.room("alpha")


class TestOthersPass:
    """One slow sender is nobody else's matter."""

    async def test_while_it_waits(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            alpha.holds[SLOW] = held(3600)
            await rig.accept(a_send("s1", sender=SLOW), a_send("f1", sender=FAST))
            await rig.accept(a_send("s2", sender=SLOW), a_send("f2", sender=FAST))
            assert alpha.texts == ["f1", "f2"]
            free(rig)
            assert alpha.texts == ["f1", "f2", "s1", "s2"]

    async def test_it_goes_on_by_itself_when_its_time_comes(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            alpha.holds[SLOW] = held(0.01)
            await rig.send("s1", sender=SLOW)
            assert alpha.texts == []
            alpha.holds.clear()

            async def written() -> bool:
                await asyncio.sleep(0)
                return alpha.texts == ["s1"]

            await rig.until(written)

    async def test_a_throttled_part_comes_before_those_behind_it(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            await rig.send("a", sender=SLOW)
            alpha.holds[SLOW] = held(3600)
            await rig.send("b", sender=SLOW)
            alpha.answer(Throttled(1.0, "ESME_RTHROTTLED"))
            rig.room("alpha")
            assert alpha.texts == ["a"]
            free(rig)
            assert alpha.texts == ["a", "a", "b"]

    async def test_the_operator_is_not_filled_with_what_must_wait(self) -> None:
        """Beyond a window of such parts they wait in the store, each for its own turn."""
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            alpha.window = 2
            alpha.holds[SLOW] = held(10)
            ids = [await rig.send(f"s{n}", sender=SLOW) for n in range(5)]
            await rig.quiet()
            waits = [(await rig.message(id_)).next_at for id_ in ids]
            assert waits[:2] == [None, None], "in hand"
            seconds = [(at - NOW).total_seconds() for at in waits[2:] if at is not None]
            assert [round(each) for each in seconds] == [12, 13, 14]
            assert [(await rig.message(id_)).attempts for id_ in ids] == [1, 1, 0, 0, 0]
            await rig.send("f", sender=FAST)
            assert alpha.texts == ["f"]
            alpha.holds.clear()
            free(rig)
            rig.later(20)
            for _ in range(4):
                alpha.answer(Took("r"))
                await rig.claim()
                rig.room("alpha")
            assert alpha.texts == ["f", "s0", "s1", "s2", "s3", "s4"]

    async def test_a_turn_that_is_far_away_is_asked_for_again(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            alpha.window = 1
            alpha.holds[SLOW] = held(0.0, per_s=0.0001)
            await rig.send("s1", sender=SLOW)
            late = await rig.send("s2", sender=SLOW)
            await rig.quiet()
            at = (await rig.message(late)).next_at
            assert at is not None
            assert at - NOW == timedelta(seconds=LONGEST_BOOKED_S)


class TestItsEnd:
    """What waits so is in the lane like everything else."""

    async def test_a_drain_gives_it_back(self) -> None:
        async with a_rig() as rig:
            rig.operators["alpha"].holds[SLOW] = held(3600)
            id_ = await rig.send("s1", sender=SLOW)
            rig.dispatch.drain()
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.owner, message.attempts, message.next_at) == (None, 0, NOW)
            assert rig.dispatch.lanes["alpha"].load == 0

    async def test_its_validity_ends_while_it_waits(self) -> None:
        async with a_rig() as rig:
            rig.operators["alpha"].holds[SLOW] = held(3600)
            id_ = await rig.send("s1", sender=SLOW, validity_s=60)
            rig.later(61)
            free(rig)
            await rig.quiet()
            assert (await rig.message(id_)).status is Status.UNDELIVERABLE
            assert rig.operators["alpha"].texts == []


class TestLane:
    """The order of those that wait for the same."""

    def test_by_class_then_by_age(self) -> None:
        lane = a_lane()
        hold = Hold(5.0, Level.SENDER, SLOW, 1.0)
        flights = [
            a_flight(lane, "m", Priority.MARKETING),
            a_flight(lane, "t1"),
            a_flight(lane, "t2"),
            a_flight(lane, "o", Priority.OTP),
        ]
        for flight in flights:
            lane.push(flight)
        while (popped := lane.pop()) is not None:
            lane.put_aside(popped, hold)
        assert (lane.waiting, lane.aside, lane.back_at) == (4, 4, 5.0)
        lane.bring_back(4.9)
        assert lane.pop() is None
        assert written(lane) == ["o", "t1", "t2", "m"]
        assert (lane.aside, lane.back_at) == (0, None)

    def test_each_rate_has_its_own_time(self) -> None:
        lane = a_lane()
        for name, until in [("a", 5.0), ("b", 3.0)]:
            lane.put_aside(a_flight(lane, name), Hold(until, Level.PREFIX, f"+{name}", 1.0))
        assert lane.back_at == 3.0
        lane.bring_back(3.0)
        popped = lane.pop()
        assert popped is not None
        assert popped.message.body == "b"
        assert lane.back_at == 5.0

    def test_in_flight_does_not_count_it(self) -> None:
        lane = a_lane()
        lane.load = 5
        lane.put_aside(a_flight(lane, "a", parts=3), Hold(5.0, Level.SENDER, SLOW, 1.0))
        assert lane.in_flight == 2


def written(lane: Lane) -> list[str]:
    """All that comes back, each bringing the next one."""
    lane.bring_back(5.0)
    bodies = []
    while (flight := lane.pop()) is not None:
        lane.admitted(flight)
        bodies.append(flight.message.body)
    return bodies
