"""One exchange as the dialects see it: a request, a response, and the route between them. No web framework here.

A route declares what is checked before its handler runs (who may call, how large the body may be, which media type),
so that a handler is three lines: parse, call the service, render.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.domain.account import Caller
from gateway.domain.send import Origin
from http_api.errors import RequestFault
from http_api.headers import TRACEPARENT, X_REQUEST_ID
from http_api.request_id import new_request_id

JSON: Final = "application/json"

# Printable ASCII without the characters that would break a log line or a quoted header.
_REQUEST_ID = re.compile(r"[A-Za-z0-9!#$%&'*+,./:;=?@^_`|~()\[\]{}-]{1,128}")

# W3C Trace Context, 3.2: version 00 has exactly four fields; a later one may add more; ff is no version.
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Request:
    """A request whose headers are in hand. `body` and `caller` are set when its route asks for them."""

    __slots__ = (
        "body",
        "caller",
        "headers",
        "method",
        "path",
        "query",
        "remote",
        "request_id",
        "tail",
        "traceparent",
    )

    def __init__(
        self, method: str, path: str, query: str, headers: Mapping[str, str], remote: str, tail: str = ""
    ) -> None:
        self.method = method
        self.path = path  #: as sent, without the query; the parser takes ASCII alone
        self.query = query  #: what stands behind the question mark, still encoded
        self.headers = headers  #: by lower-case name
        self.remote = remote  #: the address of whoever holds the connection, "" when unknown
        self.tail = tail  #: the last segment of the path, where the route has a place for it
        self.body = b""
        self.caller: Caller | None = None
        given = headers.get(X_REQUEST_ID)
        valid = given is not None and _REQUEST_ID.fullmatch(given)
        self.request_id: str = given if given is not None and valid else new_request_id()
        self.traceparent: str | None = None
        trace = headers.get(TRACEPARENT)
        if trace is not None and is_traceparent(trace):
            self.traceparent = trace

    @property
    def origin(self) -> Origin:
        """What is kept of this request with its messages."""
        return Origin(self.request_id, self.traceparent)

    @property
    def authenticated(self) -> Caller:
        """The caller of a route that has `authenticate`."""
        assert self.caller is not None, f"the route of {self.path} does not authenticate"
        return self.caller


def is_traceparent(value: str) -> bool:
    """Whether a `traceparent` header is one (W3C Trace Context): an invalid one is ignored, not answered."""
    match = _TRACEPARENT.match(value)
    if match is None or len(value) > 512:
        return False
    rest = value[match.end() :]
    return not rest or (
        not value.startswith("00") and rest.startswith("-") and rest.isascii() and rest.isprintable()
    )


@dataclass(slots=True)
class Response:
    """What goes back. The server adds length, date, request id and the connection's fate."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    code: str = ""  #: the dialect's error code, for the metrics; "" when all is well


Handler = Callable[[Request], Awaitable[Response]]
Authenticate = Callable[[Request], Awaitable[Caller]]
Refuse = Callable[[Request, RequestFault], Response]
"""A dialect's way to put a fault into its own shape: pure."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path. A path may end in a `{name}`, which stands for any one segment.

    Without `authenticate` it is open to everybody. `max_body_bytes` 0: whatever body comes is not read. "" among
    `media_types`: nothing need be said of the body, for there need be none.
    """

    method: str
    path: str
    handler: Handler
    refuse: Refuse
    authenticate: Authenticate | None = None
    max_body_bytes: int = 0
    media_types: tuple[str, ...] = (JSON,)
