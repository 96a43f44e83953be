"""Starts and steers the SMSCs that are not ours from a test: smsc.js on npm `smpp`, twisted_smsc.py on `smpp.twisted3`.

async with smsc(receipt_delay_ms=20) as carrier:
    ... connect to carrier.port ...
    await carrier.until(lambda: carrier.named("submit"))
    await carrier.order("drop")
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.peers.node import node_command

SCRIPT = Path(__file__).with_name("smsc.js")
TWISTED_SCRIPT = Path(__file__).with_name("twisted_smsc.py")
TWISTED = Path(sys.prefix) / "twisted"  #: where the Makefile puts it
PATIENCE_S = 30.0
# A line tells all of a submit_sm: 64 KiB of message_payload in hexadecimal, and the rest.
_LONGEST_LINE = 1 << 18

Event = dict[str, Any]
Smsc = TypeVar("Smsc", bound="ForeignSmsc")


class ForeignSmsc:
    """A running SMSC. Its events are in `events`, in order; smsc.js says what they and the orders are."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.events: list[Event] = []
        self.port = 0
        self._process = process
        self._news = asyncio.Event()
        self._orders = 0

    def named(self, event: str) -> list[Event]:
        """The events of this name so far."""
        return [told for told in self.events if told["event"] == event]

    async def until(self, condition: Callable[[], Any]) -> None:
        """Return when the condition holds; it is looked at after each event. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def order(self, do: str, **fields: Any) -> None:
        """Have it done; returns when it is. Raises ValueError with the SMSC's words when it is refused."""
        await self._say({"do": do, **fields})

    async def set(self, **settings: Any) -> None:
        """Change settings."""
        await self._say({"set": settings})

    async def stats(self) -> Event:
        """Its counts at this moment."""
        await self.order("stats")
        return self.named("stats")[-1]

    async def _say(self, line: Event) -> None:
        self._orders += 1
        tag = self._orders
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**line, "tag": tag}).encode() + b"\n")
        await self.until(lambda: any(told.get("tag") == tag for told in self.events))
        (answer,) = [told for told in self.events if told.get("tag") == tag]
        if answer["event"] == "error":
            raise ValueError(answer["message"])

    async def read(self) -> None:
        """Take its events until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told: Event = json.loads(line)
            if told["event"] == "listening":
                self.port = told["port"]
            self.events.append(told)
            self._news.set()


class NodeSmsc(ForeignSmsc):
    """That on npm `smpp`."""


@asynccontextmanager
async def smsc(*arguments: str, port: int = 0, **settings: Any) -> AsyncIterator[NodeSmsc]:
    """A listening SMSC with these settings, and further command line arguments as smsc.js takes them."""
    words = [f"--set={name}={json.dumps(value)}" for name, value in settings.items()]
    command = [*node_command(), str(SCRIPT), f"--port={port}", *arguments, *words]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LONGEST_LINE
    )
    async with _listening(NodeSmsc(process), process) as carrier:
        yield carrier


@asynccontextmanager
async def twisted_smsc() -> AsyncIterator[ForeignSmsc]:
    """A listening SMSC on `smpp.twisted3`, with that package and not ours in its path."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(TWISTED_SCRIPT)),
        env={**os.environ, "PYTHONPATH": str(TWISTED)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    async with _listening(ForeignSmsc(process), process) as carrier:
        yield carrier


@asynccontextmanager
async def _listening(carrier: Smsc, process: asyncio.subprocess.Process) -> AsyncIterator[Smsc]:
    """It from the moment that it listens; the end of its input ends it."""
    reading = asyncio.create_task(carrier.read())
    try:
        await carrier.until(lambda: carrier.port or reading.done())
        yield carrier
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await reading
