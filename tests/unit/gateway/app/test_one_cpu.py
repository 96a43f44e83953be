"""On which CPU a process stays, and that its threads go along."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.app import one_cpu
from gateway.app.one_cpu import Load, choose, put_on, read_load, stay_together
from tests.unit.gateway.simulator.recording_esme import until

BEFORE = Load(100.0, 5.0, {0: 50.0, 1: 60.0, 2: 70.0})


def after(own: float, *busy: float) -> Load:
    """A second later: what the process and each CPU have done since."""
    return Load(101.0, 5.0 + own, {cpu: BEFORE.busy[cpu] + busy[cpu] for cpu in BEFORE.busy})


@pytest.mark.parametrize(
    ("present", "own", "busy", "allowed", "wanted"),
    [
        (None, 0.4, (0.9, 0.2, 0.5), {0, 1, 2}, 1),  # the one with the least to do
        (None, 0.4, (0.9, 0.2, 0.5), {0, 2}, 2),  # of those that it may use
        (0, 0.9, (1.0, 0.3, 0.3), {0, 1, 2}, 0),  # what it does itself is no reason to go
        (0, 0.5, (1.0, 0.3, 0.3), {0, 1, 2}, 0),  # another is a little better: not worth it
        (0, 0.3, (1.0, 0.9, 0.1), {0, 1, 2}, 2),
        (0, 0.3, (1.0, 1.0, 1.0), {0, 1, 2}, 0),  # all are wanted alike
        (0, 0.3, (1.0, 0.9, 0.1), {1, 2}, 2),  # the present one was taken away
        (0, 2.0, (1.0, 0.9, 0.1), {0, 2}, 0),  # clocks of different grain: never less than nothing
    ],
)
def test_the_choice(
    present: int | None, own: float, busy: tuple[float, ...], allowed: set[int], wanted: int
) -> None:
    assert choose(present, BEFORE, after(own, *busy), allowed) == wanted


def test_cpus_that_nobody_counts() -> None:
    with pytest.raises(ValueError, match="/proc/stat"):
        choose(None, BEFORE, after(0.1, 0.1, 0.1, 0.1), {7})


def test_the_machines_own_counters() -> None:
    first = read_load()
    assert set(os.sched_getaffinity(0)) <= set(first.busy)
    while read_load().own == first.own:
        sum(range(10_000))
    second = read_load()
    assert second.at > first.at
    assert all(second.busy[cpu] >= first.busy[cpu] for cpu in first.busy)


@pytest.fixture
def thread() -> Iterator[threading.Thread]:
    """Another thread, which waits; all CPUs are given back at the end."""
    allowed = os.sched_getaffinity(0)
    go = threading.Event()
    other = threading.Thread(target=go.wait)
    other.start()
    yield other
    go.set()
    other.join()
    put_on(allowed)


def test_every_thread_is_moved(thread: threading.Thread) -> None:
    wanted = {max(os.sched_getaffinity(0))}
    put_on(wanted)
    assert thread.native_id is not None
    assert os.sched_getaffinity(thread.native_id) == wanted == os.sched_getaffinity(0)


async def test_together_until_it_is_cancelled(
    thread: threading.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_cpu, "LOOK_EVERY_S", 0.01)
    allowed = os.sched_getaffinity(0)
    assert len(allowed) > 1, "this test wants a machine of two CPUs"
    assert thread.native_id is not None
    task = asyncio.create_task(stay_together())
    await until(lambda: len(os.sched_getaffinity(thread.native_id or 0)) == 1)
    assert os.sched_getaffinity(0) == os.sched_getaffinity(thread.native_id)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert os.sched_getaffinity(thread.native_id) == allowed


async def test_without_counters_the_scheduler_decides(
    thread: threading.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_cpu, "_STAT", Path("/nowhere/stat"))
    async with asyncio.timeout(20):
        await stay_together()
    assert len(os.sched_getaffinity(0)) > 1
