"""The generation: a number in the store that moves when accounts, keys, numbers, suppressions or commands change, known
here without asking.

Changes come by LISTEN on a connection of its own. Every `LOOK_S`, and while that connection is lost, the number is read
instead: a change is then known up to that much later.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from gateway.errors import StoreError
from storage.postgres.database import FAULTS, Database, Pool, connect, has_broken, leave, translate

log = structlog.get_logger()

CHANNEL = "trunkline_generation"

LOOK_S = 2.0
"""How often the number is read although nothing was heard: a connection can be dead without a sign."""

AGAIN_S = 0.5
"""The pause before the connection is made anew."""


class Generation:
    """Keeps the number known."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._value = 0
        self._connection: Any = None
        self._task: asyncio.Task[None] | None = None

    def __call__(self) -> int:
        """The generation, as far as it is known."""
        return self._value

    def moved(self, value: int) -> None:
        """This process has moved it."""
        self._value = max(self._value, value)

    async def open(self) -> None:
        """Listen; returns when the number is known. Raises `StoreUnavailable`."""
        await self._listen()
        self._task = asyncio.create_task(self._run(), name="store-generation")

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        await self._drop()

    async def _run(self) -> None:
        """Keep one connection that listens, until cancelled."""
        while True:
            if self._connection is None:
                await asyncio.sleep(AGAIN_S)
                await self._listen_or_look()
            elif await self._is_well(self._connection):
                await self._until_lost(self._connection)
            else:
                await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await leave(connection)

    async def _listen(self) -> None:
        connection = await connect(self._pool.url)
        try:
            await connection.add_listener(CHANNEL, self._heard)
            self.moved(await _read(connection))
        except FAULTS as error:
            await leave(connection)
            raise translate(error) from error
        except asyncio.CancelledError:
            connection.terminate()
            raise
        self._connection = connection

    async def _listen_or_look(self) -> None:
        try:
            await self._listen()
        except StoreError as error:
            log.warning("changes by other processes are looked for, not heard of", error=str(error))
            await self._look()

    async def _look(self) -> None:
        try:
            connection = await self._pool.take()
            try:
                self.moved(await _read(connection))
            except FAULTS as error:
                if has_broken(connection, error):
                    connection.terminate()
                raise
            finally:
                self._pool.give(connection)
        except (StoreError, *FAULTS):
            return  # the store is down: whoever uses it is told

    async def _is_well(self, connection: Any) -> bool:
        try:
            self.moved(await _read(connection))
        except FAULTS:
            return False
        return True

    async def _until_lost(self, connection: Any) -> None:
        """Wait for the next look, or until the connection is closed."""
        lost = asyncio.Event()

        def note(_connection: Any) -> None:
            lost.set()

        connection.add_termination_listener(note)
        try:
            await asyncio.wait_for(lost.wait(), LOOK_S)
        except TimeoutError:
            connection.remove_termination_listener(note)

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        self.moved(int(payload))


async def _read(connection: Any) -> int:
    return int((await Database(connection).one("generation"))[0])
