"""This process's way to Redis: commands are put down and carried, and nobody waits for them.

What is put down in one turn of the event loop goes in one pipeline. After a failure nothing is put down any more until
Redis has answered again: who asks meanwhile is told at once to do without. Nothing here may stand between a request and
its commit.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

import redis.asyncio
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from gateway.metrics import Metrics

log = structlog.get_logger("storage.redis")

CONNECT_S = 1.0
COMMAND_S = 0.25
LOOK_S = 1.0  #: an idle link is tried this often
FIRST_PAUSE_S = 0.1  #: between tries while it is away, doubling, each anywhere up to it
LONGEST_PAUSE_S = 5.0
MAX_PENDING = 10_000  #: commands that wait for the exchange under way

FAULTS = (RedisError, OSError, TimeoutError)
"""What an exchange with Redis may raise."""

Word = str | bytes | int | float
OnAnswer = Callable[[Any], None]


def connect(url: str) -> Any:
    """A client that tries once: what to do about a failure is decided here. Answers are the plain ones of RESP2.

    It waits for ever: whoever asks sets the time. (With a `socket_timeout` it writes through `asyncio.wait_for`, which
    loses a cancellation now and then until Python 3.12.)
    """
    return redis.asyncio.Redis.from_url(
        url,
        protocol=2,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=None,
        retry=Retry(NoBackoff(), 0),
        client_name="trunkline",
    )


class Link:
    """One connection for all commands that do not block. Runs in the event loop's thread."""

    def __init__(self, url: str, prefix: str, metrics: Metrics) -> None:
        self.url = url
        self._prefix = prefix
        self._metrics = metrics
        self._client = connect(url)
        self._told = ""  #: why it is away, as the log has it
        self._pending: list[tuple[Sequence[Word], OnAnswer | None]] = []
        self._wake = asyncio.Event()
        self._well = asyncio.Event()
        self.on_change: list[Callable[[bool], None]] = []  #: told when it comes and goes

    @property
    def up(self) -> bool:
        """Whether Redis answered last."""
        return self._well.is_set()

    def key(self, *words: str) -> str:
        """A key of ours: others may live in the same Redis."""
        return ":".join((self._prefix, *words))

    def send(self, *command: Word, on_answer: OnAnswer | None = None) -> bool:
        """Put a command down; False: Redis is away, and nothing happens.

        `on_answer` gets the answer later, or None when there was none: then it may have been carried out, or not.
        """
        if not self.up:
            return False
        if len(self._pending) >= MAX_PENDING:
            self._metrics.redis_failures.add("overflow")
            return False
        self._pending.append((command, on_answer))
        self._wake.set()
        return True

    def doubt(self) -> None:
        """Somebody has seen a fault: try whether it is still there."""
        self._wake.set()

    async def until_up(self) -> None:
        """Wait until it is there."""
        await self._well.wait()

    async def run(self) -> None:
        """Carry commands, and look for Redis while it is away; until cancelled."""
        try:
            while True:
                await self._find()
                self._turn(up=True)
                error = await self._carry()
                self._turn(up=False, error=error)
        finally:
            self._well.clear()
            self._metrics.redis_up.set(0)
            await self._client.aclose()

    async def _find(self) -> None:
        pause_s = FIRST_PAUSE_S
        while (fault := await self._fault()) is not None:
            self._tell(fault)
            await asyncio.sleep(random.uniform(0, pause_s))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _fault(self) -> Exception | None:
        """Why it takes no write; None when it does, and in time once it is connected: one that is too slow is away,
        too."""
        for timeout_s in (CONNECT_S + COMMAND_S, COMMAND_S):
            fault = await self._exchange([], timeout_s)
            if fault is not None:
                return fault
        return None

    async def _carry(self) -> Exception:
        """Until there is an error."""
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()
            except TimeoutError:
                pass  # silence is a reason to look, too
            self._wake.clear()
            pending, self._pending = self._pending, []
            error = await self._exchange(pending, COMMAND_S)
            if error is not None:
                return error

    async def _exchange(
        self, commands: list[tuple[Sequence[Word], OnAnswer | None]], timeout_s: float
    ) -> Exception | None:
        """One pipeline; without commands something small is written, as a full or read-only Redis answers to reads."""
        words = [command for command, _ in commands]
        words = words or [("SET", self.key("probe"), 1, "PX", 60_000)]
        try:
            async with asyncio.timeout(timeout_s):
                answers = await self._pipeline(words)
        except FAULTS as error:
            self._metrics.redis_failures.add(_kind(error))
            await self._client.connection_pool.disconnect()
            answers = [None] * len(words)
            fault: Exception | None = error
        else:
            fault = next((answer for answer in answers if isinstance(answer, RedisError)), None)
            if fault is not None:
                self._metrics.redis_failures.add("refused")
        for (_, on_answer), answer in zip(commands, answers, strict=False):
            if on_answer is not None:
                on_answer(None if isinstance(answer, RedisError) else answer)
        return fault

    async def _pipeline(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        async with self._client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            answers: list[Any] = await pipeline.execute(raise_on_error=False)
            return answers

    def _turn(self, *, up: bool, error: Exception | None = None) -> None:
        """It has come or gone."""
        self._metrics.redis_up.set(up)
        if up:
            self._well.set()
            self._told = ""
            log.info("Redis is there")
        else:
            self._well.clear()
            if error is not None:
                self._tell(error)
        pending, self._pending = self._pending, []
        for _, on_answer in pending:
            if on_answer is not None:
                on_answer(None)
        for tell in self.on_change:
            tell(up)

    def _tell(self, error: Exception) -> None:
        """Once for each reason: one that is never there from the start on is told of, too."""
        words = "it does not answer in time" if _kind(error) == "timeout" else str(error) or repr(error)
        if words == self._told:
            return
        self._told = words
        log.warning(
            "Redis is away: processes look into the store instead, and share limits evenly",
            error=words,
            hint="check that it runs and has room, and host, port and password in [redis] url",
        )


def _kind(error: Exception) -> str:
    return "timeout" if isinstance(error, TimeoutError | RedisTimeout) else "connection"
