"""A load of POSTs over keep-alive connections, each with its own Idempotency-Key, and what was answered to each.

One request is under way per connection, and nothing is ever sent twice by itself: a request whose connection ended
before its answer stays unanswered, for the test to look at and to repeat.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.acceptance.harness.api import SENDER

CONNECTIONS = 32


@dataclass(eq=False)
class Post:
    """One POST /v1/sms/send, and its answer once there is one."""

    number: int
    to: str
    text: str
    fields: dict[str, Any] = field(default_factory=dict)
    status: int = 0  #: 0: no answer
    answer: bytes = b""

    @property
    def key(self) -> str:
        """Its Idempotency-Key."""
        return f"load-{self.number:06}"

    @property
    def identity(self) -> str:
        """The id that its answer gives."""
        identity: str = json.loads(self.answer)["messageId"]
        return identity

    def again(self) -> Post:
        """The same request, not answered yet."""
        return Post(self.number, self.to, self.text, self.fields)

    def octets(self, api_key: str) -> bytes:
        """The whole request."""
        document = {"to": self.to, "from": SENDER, "body": self.text, **self.fields}
        body = json.dumps(document).encode()
        head = (
            f"POST /v1/sms/send HTTP/1.1\r\nHost: gateway\r\nX-Api-Key: {api_key}\r\n"
            f"Idempotency-Key: {self.key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Load:
    """Posts on their way through some connections. `cut` are those whose connection ended before the answer.

    Another load may go on with the same iterator of posts: nothing is taken from it before it is written.
    """

    def __init__(self, port: int, api_key: str, posts: Iterable[Post]) -> None:
        self.port = port
        self.api_key = api_key
        self.posts: Iterator[Post] = iter(posts)
        self.under_way: set[Post] = set()
        self.answered: list[Post] = []
        self.cut: list[Post] = []
        self.open = 0  #: connections
        self._idle = asyncio.Event()

    async def start(self, connections: int = CONNECTIONS) -> None:
        """Open the connections; each begins at once."""
        loop = asyncio.get_running_loop()
        self._idle.clear()
        for _ in range(connections):
            await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self.port)

    async def ended(self, timeout_s: float = 60.0) -> None:
        """Wait until all is answered, or all connections are gone."""
        async with asyncio.timeout(timeout_s):
            await self._idle.wait()

    def opened(self) -> None:
        """A connection is there."""
        self.open += 1

    def closed(self) -> None:
        """A connection is gone."""
        self.open -= 1
        if not self.open:
            self._idle.set()


class _Connection(asyncio.Protocol):
    def __init__(self, load: Load) -> None:
        self._load = load
        self._post: Post | None = None
        self._seen = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._load.opened()
        self._next()

    def _next(self) -> None:
        load = self._load
        post = self._post = next(load.posts, None)
        if post is None:
            self._transport.close()
            return
        load.under_way.add(post)
        self._transport.write(post.octets(load.api_key))

    def data_received(self, data: bytes) -> None:
        self._seen += data
        head, end, body = self._seen.partition(b"\r\n\r\n")
        if not end:
            return
        length = next(
            int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        if len(body) < length:
            return
        assert len(body) == length, "more than one answer"
        post, self._post, self._seen = self._post, None, b""
        assert post is not None, "an answer to nothing"
        post.status, post.answer = int(head.split(b" ", 2)[1]), body
        self._load.under_way.discard(post)
        self._load.answered.append(post)
        if b"\r\nconnection: close" in head.lower():
            self._transport.close()
        else:
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._post is not None:
            self._load.under_way.discard(self._post)
            self._load.cut.append(self._post)
            self._post = None
        self._load.closed()


async def answers(port: int, api_key: str, posts: Iterable[Post]) -> list[Post]:
    """Send all; each must be answered."""
    load = Load(port, api_key, posts)
    await load.start()
    await load.ended()
    assert not load.cut
    assert next(load.posts, None) is None, "the connections ended before the load did"
    return load.answered
