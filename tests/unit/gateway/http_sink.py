"""A small HTTP/1.1 server that keeps what it is sent and answers as it is told: well, or with a fault of
a name."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

HEADERS = (("content-type", "application/json"), ("webhook-id", "m1"))
"""For tests to which the headers do not matter."""


@dataclass(frozen=True)
class Received:
    """One request, and the number of the connection that it came on, from 1."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


class Answering(Protocol):
    """How a request is answered. Returns whether the connection stays."""

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool: ...


@dataclass
class Status:
    """A proper answer."""

    code: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    close: bool = False

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        extra = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        if self.close:
            extra += "connection: close\r\n"
        head = f"HTTP/1.1 {self.code} Word\r\n{extra}content-length: {len(self.body)}\r\n\r\n"
        writer.write(head.encode() + self.body)
        return not self.close


@dataclass
class Bytes:
    """Exactly these bytes."""

    content: bytes
    close: bool = False

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        writer.write(self.content)
        return not self.close


class RedirectsTo(Status):
    """Another place, by name."""

    def __init__(self, location: str, code: int = 307) -> None:
        super().__init__(code, b"", {"location": location})


class ClosesAfterRequest:
    """Reads the request and closes without a byte."""

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        return False


class GivesUpIdleConnections:
    """Answers the first request of a connection and closes at the second, as a server does whose idle
    time is over just when a request is on its way."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        if request.connection in self._seen:
            return False
        self._seen.add(request.connection)
        return await Status()(request, writer)


class Silent:
    """Never answers."""

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        await asyncio.Event().wait()
        return False


class SlowHeaders:
    """Begins a head and never ends it."""

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\nserver: slo")
        return await Silent()(request, writer)


class SlowBody:
    """Promises a body and never ends it."""

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbegun")
        return await Silent()(request, writer)


class HugeAnswer:
    """A body without an end, in chunks."""

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
            await writer.drain()
        return False


class HugeHeaders:
    """A head without an end."""

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"x-filler: " + b"x" * 1000 + b"\r\n")
            await writer.drain()
        return False


class Held:
    """Answers when it is told to."""

    def __init__(self, then: Answering | None = None) -> None:
        self.go = asyncio.Event()
        self._then = then or Status()

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        await self.go.wait()
        return await self._then(request, writer)


class Sink:
    """The server. `answer` is what it does with every request; `of_path` goes before it."""

    def __init__(self, answer: Answering | None = None) -> None:
        self.answer: Answering = answer or Status()
        self.of_path: dict[str, Answering] = {}
        self.received: list[Received] = []
        self.connections = 0
        self.open = 0
        self.port = 0
        self.scheme = "http"
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        """Where `path` is."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that the server sees makes the condition true."""
        async with asyncio.timeout(20):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    @asynccontextmanager
    async def serving(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[Sink]:
        """Listen on a free port of loopback."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=tls)
        self.scheme = "http" if tls is None else "https"
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        try:
            await self._serve(reader, writer, self.connections)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            writer.transport.abort()
        finally:
            writer.close()
            self._tasks.discard(task)
            self.open -= 1
            self._changed.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        stays = True
        while stays:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ")
            headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            request = Received(method, path, headers, body, number)
            self.received.append(request)
            self._changed.set()
            stays = await self.of_path.get(path.partition("?")[0], self.answer)(request, writer)
            await writer.drain()


class RefusesConnections:
    """A port at which nobody listens, kept from everybody else while this is open."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/hook"

    def __enter__(self) -> RefusesConnections:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
