"""Processes that a measurement starts and ends: only those, by their own ids."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from gateway.bench.errors import BenchError

START_S = 30.0
STOP_S = 15.0
_POLL_S = 0.05


class Child:
    """A process with a log file for what it says wrong, and a conversation by lines with those of our own."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @classmethod
    async def start(cls, name: str, command: Sequence[str], directory: Path, talks: bool = True) -> Child:
        """Start it; without `talks` its output goes into the log too. Raises OSError."""
        log = directory / f"{name}.log"
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE if talks else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if talks else errors,
                stderr=errors,
                # Ctrl-C is for the one who measures; the children are ended in order.
                start_new_session=True,
                limit=1 << 24,
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it is no longer there."""
        return self._process.returncode is not None

    async def line(self, timeout_s: float | None = START_S) -> str:
        """The next line that it says. Raises BenchError when it has ended, or says nothing in time."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(timeout_s):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise BenchError(f"{self.name} says nothing; see {self.log}") from None
        if not line:
            raise BenchError(f"{self.name} has ended: {self.last_words()}")
        return line.decode().strip()

    async def ask(self, question: str) -> Any:
        """Send it a line; its answer, which is JSON."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{question}\n".encode())
        return json.loads(await self.line())

    async def stop(self, number: int = signal.SIGTERM) -> None:
        """End it, in the end by force."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self.ended:
            return
        self._process.send_signal(number)
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.communicate()
        except TimeoutError:
            self._process.kill()
            await self._process.communicate()

    def last_words(self) -> str:
        """The end of its log."""
        words = self.log.read_text(errors="replace").strip()[-2000:]
        return words or f"its log {self.log} is empty"


async def output_of(command: Sequence[str]) -> str:
    """What a command prints. Raises BenchError with its complaint when it fails."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    printed, complaint = await process.communicate()
    if process.returncode:
        raise BenchError(f"{' '.join(command[-4:])}: {complaint.decode(errors='replace').strip()}")
    return printed.decode()


async def until(
    ready: Callable[[], Awaitable[bool]], child: Child, what: str, timeout_s: float = START_S
) -> None:
    """Poll until `ready`. Raises BenchError when the child ends, or the time is over."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while not await ready():
        if child.ended:
            raise BenchError(f"{child.name} has ended: {child.last_words()}")
        if asyncio.get_running_loop().time() > deadline:
            raise BenchError(f"{child.name}: {what} did not come within {timeout_s:g} s; see {child.log}")
        await asyncio.sleep(_POLL_S)


async def listens(port: int) -> bool:
    """Whether somebody takes connections on this port of the loopback."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


# Below the ports that the system gives to outgoing connections (Linux: from 32,768 on): one of those may be taken
# between the look and the use. In turn, so that no two calls of a process are given the same one.
_PORTS = itertools.cycle(range(15_000, 32_000))
for _ in range(random.randrange(17_000)):
    next(_PORTS)


def free_port(in_a_row: int = 1) -> int:
    """A port of the loopback that nobody has now; the first, of so many in a row."""
    free: list[int] = []
    for port in _PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        free = [*free, port] if free and port == free[-1] + 1 else [port]
        if len(free) == in_a_row:
            return free[0]
    raise AssertionError("the ports begin anew")
