"""Things at their time, on a real loop: never before, in their order, and only while it rings."""

import asyncio

from gateway.simulator.alarm import Alarm
from tests.unit.gateway.simulator.recording_esme import until


async def test_the_earliest_comes_first_whenever_it_was_set() -> None:
    alarm = Alarm()
    alarm.start()
    rung: list[str] = []
    alarm.after(0.02, lambda: rung.append("second"))
    alarm.after(0.0, lambda: rung.append("first"))
    await until(lambda: len(rung) == 2)
    assert (rung, len(alarm)) == (["first", "second"], 0)


async def test_nothing_comes_before_its_time() -> None:
    alarm = Alarm()
    alarm.start()
    due, rung = alarm.now() + 0.01, list[float]()
    alarm.at(due, lambda: rung.append(alarm.now()))
    await until(lambda: bool(rung))
    assert rung[0] >= due


async def test_what_is_set_outlives_a_stop() -> None:
    alarm = Alarm()
    alarm.start()
    rung: list[str] = []
    alarm.after(0.0, lambda: rung.append("late"))
    alarm.stop()
    for _ in range(5):
        await asyncio.sleep(0.002)
    assert (rung, len(alarm)) == ([], 1)
    alarm.start()
    await until(lambda: rung == ["late"])
