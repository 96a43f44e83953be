"""How the tasks of a process end: with it, for it, or because others have taken it for dead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.app import tasks as module
from gateway.app.tasks import Tasks
from gateway.errors import Fenced, StoreUnavailable
from gateway.metrics import Metrics


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    made = Tasks(Metrics())
    yield made
    await made.stop_all()


async def failed(tasks: Tasks) -> None:
    async with asyncio.timeout(20):
        await tasks.failed.wait()


async def for_ever() -> None:
    await asyncio.Event().wait()


async def broken() -> None:
    raise StoreUnavailable("nobody has caught it")


async def fenced() -> None:
    raise Fenced("taken for dead")


async def grouped() -> None:
    """As a service of several tasks hears of it."""
    async with asyncio.TaskGroup() as group:
        group.create_task(for_ever())
        group.create_task(fenced())


async def test_an_error_ends_the_process_and_is_counted(tasks: Tasks) -> None:
    tasks.start("other", for_ever)
    tasks.start("claims", broken)
    await failed(tasks)
    assert tasks.fenced is None
    assert tasks._metrics.task_failures.value("claims") == 1


@pytest.mark.parametrize("run", [fenced, grouped])
async def test_taken_for_dead_is_no_defect(tasks: Tasks, run: module.Run) -> None:
    tasks.start("webhooks", run)
    await failed(tasks)
    assert isinstance(tasks.fenced, Fenced)
    assert tasks._metrics.task_failures.value("webhooks") == 0


async def test_one_that_is_kept_begins_anew(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESTART_PAUSE_S", 0.001)
    runs = 0
    again = asyncio.Event()

    async def breaks_once() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise OSError("once")
        again.set()
        await for_ever()

    tasks.keep("operator alpha", breaks_once)
    async with asyncio.timeout(20):
        await again.wait()
    assert not tasks.failed.is_set()
