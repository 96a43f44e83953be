"""A TCP proxy before a server, which loses what it is told to lose: cables, switches and fail-overs in small."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType


class Proxy:
    """Forwards to a port of this machine. `port` is its own."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.StreamWriter] = set()
        self._cut_at: bytes | None = None
        self._forward_it = False
        self._times = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.delay_s = 0.0  #: before each answer of the server is passed on
        self.refuses = False  #: whether new connections are ended as soon as they come
        self._for_good = False

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._link, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    def cut(self) -> None:
        """End every connection now, on both sides."""
        for writer in self._links:
            writer.transport.abort()

    def cut_at(self, words: bytes, *, after_forwarding: bool, times: int = 1, for_good: bool = False) -> None:
        """End the next connections whose clients say these words: the server hears them or not. `for_good`: no new
        ones come through from then on, until `refuses` is taken back."""
        self._cut_at, self._forward_it, self._times = words, after_forwarding, times
        self._for_good = for_good

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.refuses:
            writer.transport.abort()
            return
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.transport.abort()  # as near to a refusal as one can come once it is accepted
            return
        self._links |= {writer, server_writer}
        back = asyncio.create_task(self._pump(server_reader, writer))
        self._tasks.add(back)
        back.add_done_callback(self._tasks.discard)
        try:
            await self._forward(reader, server_writer, writer, back)
        finally:
            for each in (writer, server_writer):
                each.transport.abort()
                self._links.discard(each)

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        server: asyncio.StreamWriter,
        client: asyncio.StreamWriter,
        back: asyncio.Task[None],
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                if self._times and self._cut_at is not None and self._cut_at in data:
                    self._times -= 1
                    self.refuses = self.refuses or self._for_good
                    back.cancel()
                    client.transport.abort()
                    if self._forward_it:
                        server.write(data)
                        await server.drain()
                    return
                server.write(data)
                await server.drain()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
