"""A gateway within a program that does more than that: the demo, and tests in their own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.app.app import App
from gateway.config import load
from gateway.errors import Refused

START_WITHIN_S = 30.0
END_SLACK_S = 20.0  #: beyond `drain_timeout_s`, for what comes after the drain


@asynccontextmanager
async def serving(config_path: Path) -> AsyncIterator[App]:
    """A gateway that is ready, as `trunkline serve` runs it; it drains at the end.

    Raises what it failed with, at its start or later, `Refused` when it is not ready in time, and `TimeoutError` when
    it does not end.
    """
    app, ready = App(load(config_path), config_path), asyncio.Event()
    running = asyncio.create_task(app.run(ready.set), name="gateway")
    waiting = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait((running, waiting), timeout=START_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        if not ready.is_set():
            raise Refused(f"the gateway was not ready within {START_WITHIN_S:g} s")
        yield app
    finally:
        waiting.cancel()
        app.request_stop()
        async with asyncio.timeout(app.config.limits.drain_timeout_s + END_SLACK_S):
            await asyncio.wait((running,))
    await running
