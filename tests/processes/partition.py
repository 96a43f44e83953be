"""A way to the store that can be lost: refused, as by a server that is down, or silent, as by a cable that is cut."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Way:
    """A TCP proxy to a port of this machine; `port` is its own."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._open = asyncio.Event()
        self._open.set()
        self._refused = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def refuse(self) -> None:
        """End what is connected, and whatever connects."""
        self._refused = True
        for writer in self._writers:
            writer.transport.abort()

    def fall_silent(self) -> None:
        """Keep the connections, and let nothing through in either direction."""
        self._open.clear()

    def heal(self) -> None:
        """Let everything through again; what was held is delivered, as TCP does."""
        self._refused = False
        self._open.set()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._refused:
            writer.transport.abort()
            return
        back, there = await asyncio.open_connection("127.0.0.1", self._to_port)
        self._writers |= {writer, there}
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, there))
                both.create_task(self._pump(back, writer))
        finally:
            for each in (writer, there):
                each.transport.abort()
                self._writers.discard(each)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()

    async def close(self) -> None:
        """End all of it."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


@asynccontextmanager
async def way(to_port: int) -> AsyncIterator[Way]:
    """A way that is open."""
    proxy = Way(to_port)
    server = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
        await server.wait_closed()
