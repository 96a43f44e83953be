"""A request as it comes in: its head is in hand, its body perhaps still on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

BUFFERED_BYTES: Final = 256 * 1024
"""What is kept of a body before somebody asks for it; reading stops until then."""


class BrokenBodyError(Exception):
    """The bytes of a body are not what its headers announced."""


class Incoming:
    """One request. The connection feeds it; the server takes its body, or lets it be dropped."""

    __slots__ = (
        "_chunks",
        "_dropping",
        "_make_room",
        "_size",
        "_waiter",
        "asked_at",
        "broken",
        "complete",
        "gone",
        "headers",
        "keep_alive",
        "method",
        "minor",
        "target",
    )

    def __init__(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        minor: int,
        keep_alive: bool,
        make_room: Callable[[], None],
    ) -> None:
        """`make_room()` is called when buffered bytes were taken."""
        self.method = method
        self.target = target  #: as it stands in the request line: ASCII
        self.headers = headers  #: by lower-case name; a repeated header's values are joined by ", "
        self.minor = minor  #: of HTTP/1.x
        self.keep_alive = keep_alive  #: the caller wants the connection to stay
        self.asked_at: float | None = None  #: it is being answered since then, by the server's clock
        self.complete = False  #: its body has ended
        self.broken = False  #: its body will never end: bad framing
        self.gone = False  #: its body will never end: the caller has left
        self._chunks: list[bytes] = []
        self._size = 0
        self._dropping = False
        self._waiter: asyncio.Future[None] | None = None
        self._make_room = make_room

    # --- for the server

    def take(self) -> bytes:
        """All of the body that is here and was not taken yet."""
        chunks = self._chunks
        if not chunks:
            return b""
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self._chunks = []
        self._size = 0
        if not self.complete:
            self._make_room()
        return data

    async def more(self) -> bytes:
        """The next bytes of the body; nothing at its end. Raises `BrokenBodyError`, and `ConnectionResetError` when the
        caller has left."""
        while not self._chunks and not self.complete:
            await self._wait()
        return self.take()

    async def drop(self) -> None:
        """Until the rest of the body has come, which nobody wants."""
        self._dropping = True
        self._chunks = []
        self._size = 0
        self._make_room()
        while not self.complete:
            await self._wait()

    async def _wait(self) -> None:
        if self.broken:
            raise BrokenBodyError
        if self.gone:
            raise ConnectionResetError("the caller has left")
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    # --- for the connection

    @property
    def full(self) -> bool:
        """Enough is buffered: the connection reads no more for now."""
        return self._size > BUFFERED_BYTES

    def feed(self, data: bytes) -> None:
        """Some bytes of the body."""
        if self._dropping:
            return
        self._chunks.append(data)
        self._size += len(data)
        if self._waiter is not None:
            self._wake()

    def end(self) -> None:
        """The body is whole."""
        self.complete = True
        if self._waiter is not None:
            self._wake()

    def end_badly(self, *, broken: bool) -> None:
        """The body will never be whole."""
        self.broken, self.gone = broken, not broken
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
