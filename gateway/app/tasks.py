"""The tasks of a process: each is watched at its top; an error that gets there is counted, told, and ends the process.

A task that holds answers or receipts in memory can't just begin anew: ending loudly and starting again is what the
promises are built for. An operator's connection can: its task lives on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from gateway.errors import Fenced
from gateway.metrics import Metrics

log = structlog.get_logger("gateway.tasks")

RESTART_PAUSE_S = 5.0

Run = Callable[[], Awaitable[None]]


class Tasks:
    """Named tasks. `failed` is set when one of them ended with an error; `fenced` is that error when this process has
    been given up by the others, as all of them notice sooner or later."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.failed = asyncio.Event()
        self.fenced: Fenced | None = None

    def start(self, name: str, run: Run) -> None:
        """Run something that goes on until it is cancelled; its error ends the process."""
        self._metrics.task_failures.of(name)
        self._tasks[name] = asyncio.create_task(self._once(name, run), name=name)

    def keep(self, name: str, run: Run) -> None:
        """Run something that begins anew after an error."""
        self._metrics.task_failures.of(name)
        self._tasks[name] = asyncio.create_task(self._again(name, run), name=name)

    async def _once(self, name: str, run: Run) -> None:
        try:
            await run()
        except Exception as error:  # noqa: BLE001 the top of the task
            fence = _fence_in(error)
            if fence is None:
                self._tell(name, error)
            self.fenced = self.fenced or fence
            self.failed.set()

    async def _again(self, name: str, run: Run) -> None:
        while True:
            try:
                await run()
            except Exception as error:  # noqa: BLE001 the top of the task
                self._tell(name, error)
            await asyncio.sleep(RESTART_PAUSE_S)

    def _tell(self, name: str, error: Exception) -> None:
        self._metrics.task_failures.add(name)
        log.error("a task failed", task=name, exc_info=error)

    async def stop(self, name: str) -> None:
        """Cancel one and wait for its end."""
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def stop_all(self) -> None:
        """Cancel all, the last started first."""
        for name in reversed(list(self._tasks)):
            await self.stop(name)


def _fence_in(error: BaseException) -> Fenced | None:
    """The word that others have taken over, also where it comes out of a group of tasks."""
    if isinstance(error, BaseExceptionGroup):
        found = (_fence_in(inner) for inner in error.exceptions)
        return next((fence for fence in found if fence is not None), None)
    return error if isinstance(error, Fenced) else None
