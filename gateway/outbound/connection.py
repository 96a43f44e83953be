"""One keep-alive HTTP/1.1 connection: writes a request, reads its answer, and says when it is free again.

Rule 1: one request at a time; bytes that nobody asked for end the connection.
Rule 2: once the head of an answer is there, its status is the answer, even if the body is cut off or
never ends.
Rule 3: the connection owns no timer: its pool looks at `deadline` now and then (`Pool.expire`).
Rule 4: bytes that were a whole answer once are the same answer again, and need no parser: a receiver under
load answers all events of a second alike, to its `Date`.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from gateway.outbound.target import Target
from gateway.ports import WebhookAnswer

EXCERPT_BYTES = 512
MAX_ANSWER_BYTES = 65_536
"""A longer answer is not read to its end: its connection is closed."""
MAX_KNOWN_BYTES = 2_048
"""A longer answer is not kept to know it again."""

_WANTED = frozenset({b"location", b"retry-after"})

OnAnswer = Callable[[WebhookAnswer], None]


class Exchange:
    """One request on its way, and whom to tell how it ended."""

    __slots__ = ("body", "deadline", "lines", "on_answer", "redirects", "target")

    def __init__(
        self, target: Target, lines: str, body: bytes, on_answer: OnAnswer, redirects: int = 0
    ) -> None:
        self.target = target
        self.lines = lines  #: the caller's headers, each ended by CR LF
        self.body = body
        self.on_answer = on_answer
        self.redirects = redirects
        self.deadline = 0.0  #: while it waits for a connection

    def request(self) -> bytes:
        """The bytes of the request."""
        head = f"{self.target.head}{self.lines}content-length: {len(self.body)}\r\n\r\n"
        return head.encode("latin-1") + self.body

    def fail(self, error: str) -> None:
        """It ended without an answer."""
        self.on_answer(WebhookAnswer(0, "", error))


class Owner(Protocol):
    """Who holds the connection: told once per exchange, and once at its end."""

    def answered(self, connection: Connection, exchange: Exchange, answer: WebhookAnswer) -> None:
        """The answer is here. `connection.location` is its redirect; the connection may be used again if
        `connection.open` says so."""

    def lost(self, connection: Connection, unanswered: Exchange | None, error: str) -> None:
        """The connection is gone, with or without an exchange that got no answer."""


class Connection(asyncio.Protocol):
    """One connection to one checked address."""

    __slots__ = (
        "_complete",
        "_excerpt",
        "_exchange",
        "_headers",
        "_keep_alive",
        "_known",
        "_known_answer",
        "_owner",
        "_parser",
        "_received",
        "_status",
        "_transport",
        "_why",
        "deadline",
        "open",
        "served",
    )

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._parser = HttpResponseParser(self)
        self._exchange: Exchange | None = None
        self._headers: dict[bytes, bytes] = {}
        self._why = ""  # we closed it
        self._excerpt = b""
        self._received = 0
        self._status = 0
        self._complete = False
        self._keep_alive = False
        self._known = b""
        self._known_answer = WebhookAnswer(0, "", None)
        self.open = False
        self.served = 0
        self.deadline = float("inf")

    @property
    def location(self) -> str | None:
        """Where the latest answer redirects to."""
        value = self._headers.get(b"location")
        return value.decode("latin-1") if value is not None else None

    def start(self, exchange: Exchange, deadline: float) -> None:
        """Write a request; the connection must be open and free."""
        assert self._transport is not None
        self._exchange = exchange
        self._received = 0
        self._status = 0
        self._complete = False
        self.deadline = deadline
        self._transport.write(exchange.request())

    def close(self, why: str) -> None:
        """End the connection now. What it carried is told by `lost`, in a later turn of the loop."""
        self.open = False
        self._why = self._why or why
        if self._transport is not None:
            self._transport.abort()

    # --- from the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses
        self.open = True
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        exchange = self._exchange
        if exchange is None:
            self.close("it sent bytes that nobody asked for")
            return
        if data == self._known and not self._received and self.open:
            self._exchange = None
            self.served += 1
            self._owner.answered(self, exchange, self._known_answer)
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.close("it wants to switch protocols")
        except HttpParserError as error:
            self.close(f"its answer is not HTTP: {error}")
        if self._complete:
            self._finish(data)
        elif self._received > MAX_ANSWER_BYTES:
            self.close(f"its answer is longer than {MAX_ANSWER_BYTES} bytes")

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        exchange, self._exchange = self._exchange, None
        if exchange is not None and self._status >= 200:
            self._owner.answered(self, exchange, self._answer())
            exchange = None
        broke = f"the connection broke: {exc}" if exc else "the connection was closed before the answer"
        self._owner.lost(self, exchange, self._why or broke)

    # --- from the parser, inside `feed_data`

    def on_message_begin(self) -> None:
        if self._complete:
            self._keep_alive = False  # a second answer to one request: who knows what the next one belongs to
            return
        self._headers.clear()
        self._excerpt = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        lower = name.lower()
        if lower in _WANTED and not self._complete:
            self._headers[lower] = value

    def on_headers_complete(self) -> None:
        if not self._complete:
            self._status = self._parser.get_status_code()
            self._keep_alive = self._parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        if len(self._excerpt) < EXCERPT_BYTES and not self._complete:
            self._excerpt += body[: EXCERPT_BYTES - len(self._excerpt)]

    def on_message_complete(self) -> None:
        if self._status >= 200:  # 1xx announce an answer (RFC 9110, 15.2)
            self._complete = True

    # --- inside

    def _finish(self, last: bytes) -> None:
        """The answer is whole with these bytes."""
        exchange, self._exchange = self._exchange, None
        assert exchange is not None
        self.served += 1
        answer = self._answer()
        if not self._keep_alive or self._why:
            self.close("it was not to be used again")
        elif (
            200 <= answer.status < 300
            and not self._headers
            and self._received == len(last) <= MAX_KNOWN_BYTES
        ):
            self._known, self._known_answer = last, answer
        self._owner.answered(self, exchange, answer)

    def _answer(self) -> WebhookAnswer:
        retry_after = self._headers.get(b"retry-after")
        return WebhookAnswer(
            self._status,
            self._excerpt.decode("utf-8", "replace"),
            None,
            _seconds(retry_after) if retry_after is not None else None,
        )

    @property
    def stale(self) -> bool:
        """Whether it ended as an idle connection does that the other side had given up: used before, and
        not one byte of this answer."""
        return self.served > 0 and self._received == 0 and not self._why


def _seconds(value: bytes) -> float | None:
    """Retry-After as seconds from now (RFC 9110, 10.2.3): a number or a date; None for anything else."""
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
