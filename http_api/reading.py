"""The requests in a connection's bytes: heads and bodies by llhttp, in their order, within their limits. No I/O here.

What is taken: HTTP/1.0 and 1.1, persistent and pipelined, bodies by length or in chunks. What is not: Upgrade (it is
ignored, RFC 9110, 7.8), trailers (read and dropped), a request that could be framed in two ways (RFC 9112, 6.3).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from http_api.incoming import Incoming

PIPELINED: Final = 32
"""Requests of one connection that may wait for their turn; reading stops until some are answered."""

MAX_HEADERS: Final = 100
_HEAD_LIMITS: Final = 8  #: a whole head may be so many times as long as a single line of it
_SLICE: Final = 16 * 1024  #: what is parsed at a time, so that the limits above hold within one read

_ONCE: Final = frozenset({"host", "content-length", "content-type", "authorization"})
"""Headers that two parties could read differently when they come twice (RFC 9110, 5.3; RFC 9112, 3.2)."""

_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})

_USUAL: Final = (
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "idempotency-key",
    "user-agent",
    "x-api-key",
    "x-request-id",
)
_KEYS: Final = {spelled.encode(): name for name in _USUAL for spelled in (name, name.title())}
"""Names of headers as most clients write them, and as they are kept: found for half of what it costs to make them."""


class _TooLongError(Exception):
    """A request line, a header or the whole head is beyond its limit."""


class _MalformedError(Exception):
    """Well-formed for the parser, and no request all the same."""


# The parser's own message quotes what the peer sent, so it is not given back.
_NO_HTTP: Final = (HTTPStatus.BAD_REQUEST, "This is not an HTTP request that can be read.")
_TOO_LONG: Final = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "The request line or a header is too long, or there are too many headers.",
)


class RequestReader:
    """Makes requests of what a connection reads."""

    __slots__ = (
        "_body_left_out",
        "_head_bytes",
        "_headers",
        "_in_head",
        "_limit",
        "_make_room",
        "_now",
        "_parser",
        "_receiving",
        "_target",
        "broken",
        "queue",
        "waiting_since",
    )

    def __init__(self, limit: int, now: Callable[[], float], make_room: Callable[[], None]) -> None:
        """`limit`: bytes of the longest line of a head. `make_room()` is called when buffered bytes of a body were
        taken."""
        self._limit = limit
        self._now = now
        self._make_room = make_room
        self._parser = HttpRequestParser(self)
        self._headers: dict[str, str] = {}
        self._target = b""
        self._in_head = False
        self._body_left_out = False  #: by the parser, see `_parser_of_body`
        self._head_bytes = 0  #: of a head that has come in pieces
        self._receiving: Incoming | None = None  #: its body is on its way
        self.queue: deque[Incoming] = deque()  #: whose turn has not come
        self.broken: tuple[HTTPStatus, str] | None = None  #: nothing more can be read: why
        self.waiting_since: float | None = None  #: a head is on its way since then, by `now`

    # --- from the connection

    def feed(self, data: bytes) -> bytes | None:
        """Parse what was read. Returns what is left of it once enough waits: then no more is to be read for now."""
        at, end = 0, len(data)
        rest: bytes | None = None
        while at < end and self.broken is None:
            piece = data if end <= _SLICE else data[at : at + _SLICE]
            try:
                self._parser.feed_data(piece)
                at += len(piece)
            except HttpParserUpgrade as upgrade:
                # Declined: what comes behind this head is its body and the next request (RFC 9110, 7.8).
                at += upgrade.args[0]
                data, at, end = data[at:], 0, end - at
                self._parser = self._parser_of_body()
            except HttpParserError as error:
                self._give_up(_TOO_LONG if isinstance(error.__context__, _TooLongError) else _NO_HTTP)
            if self._in_head:
                self._count_head(len(piece))
            if len(self.queue) >= PIPELINED or (self._receiving is not None and self._receiving.full):
                rest = data[at:]
                break
        return rest

    def end(self) -> bool:
        """The peer sends no more. Returns whether a request that waited for its turn is taken back: what is not
        finished is none (RFC 9112, 8)."""
        self._in_head = False
        self.waiting_since = None
        unfinished = self._receiving
        if unfinished is None or unfinished.broken:
            return False
        unfinished.end_badly(broken=False)
        if self.queue and self.queue[-1] is unfinished:
            self.queue.pop()
            return True
        return False

    def lose(self) -> None:
        """The peer is gone, and a body that was on its way will never be whole."""
        if self._receiving is not None:
            self._receiving.end_badly(broken=False)

    # --- inside

    def _parser_of_body(self) -> HttpRequestParser:
        """A new parser for what follows a request that asked for an upgrade: llhttp leaves even its body to the other
        protocol. A head with the same framing brings the new one to where that body begins; Java's HttpClient posts so.
        """
        parser = HttpRequestParser(self)
        if self._body_left_out and self._receiving is not None:
            framing = [
                f"{name}: {value}\r\n" for name, value in self._receiving.headers.items() if name in _FRAMING
            ]
            parser.feed_data(f"POST / HTTP/1.1\r\n{''.join(framing)}\r\n".encode("latin-1"))
        return parser

    def _count_head(self, size: int) -> None:
        """A head comes in pieces: watch its time and its length, from the piece after that in which it began, for other
        requests may stand before it there."""
        if self.waiting_since is None:
            self.waiting_since = self._now()
            return
        self._head_bytes += size
        if self._head_bytes > _HEAD_LIMITS * self._limit:
            self._give_up(_TOO_LONG)

    def _give_up(self, why: tuple[HTTPStatus, str]) -> None:
        """Nothing more can be read from here: what was asked before is answered, then this."""
        self._in_head = False
        self.broken = why
        if self._receiving is not None:
            self._receiving.end_badly(broken=True)

    # --- from the parser

    def on_message_begin(self) -> None:
        if self._body_left_out:
            return  # `_parser_of_body`: a head that is known
        self._in_head = True
        self._headers = {}
        self._target = b""

    def on_url(self, url: bytes) -> None:
        if not self._in_head:
            return
        self._target += url
        if len(self._target) > self._limit:
            raise _TooLongError

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # a trailer, or a head that is known
        headers = self._headers
        if len(name) + len(value) > self._limit or len(headers) == MAX_HEADERS:
            raise _TooLongError
        key = _KEYS.get(name) or name.lower().decode("ascii")
        text = value.decode("utf-8", "surrogateescape")
        if key not in headers:
            headers[key] = text
        elif key in _ONCE:
            raise _MalformedError(f"{key} stands twice")
        else:
            headers[key] = f"{headers[key]}, {text}"  # RFC 9110, 5.2

    def on_headers_complete(self) -> None:
        if not self._in_head:
            self._body_left_out = False
            return
        self._in_head = False
        self._head_bytes = 0
        self.waiting_since = None
        parser, headers = self._parser, self._headers
        version = parser.get_http_version()
        coding = headers.get("transfer-encoding")
        if version == "1.1":
            minor = 1
            well_formed = "host" in headers and (
                coding is None or coding.lower() == "chunked"
            )  # RFC 9112, 3.2, 6.1
        else:
            minor, well_formed = 0, version == "1.0" and coding is None
        if not well_formed or not self._target.isascii():
            raise _MalformedError
        self._receiving = Incoming(
            parser.get_method().decode("ascii"),
            self._target.decode("ascii"),
            headers,
            minor,
            parser.should_keep_alive(),
            self._make_room,
        )
        self.queue.append(self._receiving)
        self._body_left_out = parser.should_upgrade() and not _FRAMING.isdisjoint(headers)

    def on_body(self, body: bytes) -> None:
        if self._receiving is not None:
            self._receiving.feed(body)

    def on_message_complete(self) -> None:
        if self._receiving is not None and not self._body_left_out:
            self._receiving.end()
            self._receiving = None
