"""A request's body: read whole, within its route's limit and the deadline, or refused with what the limit is."""

from __future__ import annotations

import asyncio

from http_api.connection import Connection
from http_api.counters import Cut, HttpCounters
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request, Route
from http_api.headers import CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT
from http_api.incoming import BrokenBodyError, Incoming


def check_media_type(request: Request, route: Route) -> None:
    """Raise `RequestFault` unless the body is declared to be what the route reads: UTF-8, and not compressed."""
    declared = request.headers.get(CONTENT_TYPE, "")
    if declared not in route.media_types:
        media_type, _, parameters = declared.partition(";")
        charset = parameters.strip().lower()
        if media_type.strip().lower() not in route.media_types or charset not in _UTF_8:
            taken = " or ".join(filter(None, route.media_types))
            raise RequestFault(
                Fault.MEDIA_TYPE, f"Send the body as {taken}, in UTF-8, and say so in Content-Type."
            )
    encoding = request.headers.get(CONTENT_ENCODING)
    if encoding is not None and encoding.lower() != "identity":
        raise RequestFault(
            Fault.MEDIA_TYPE, "Compressed bodies are not taken: send it without Content-Encoding."
        )


_UTF_8 = frozenset({"", "charset=utf-8", 'charset="utf-8"', "charset=utf8"})


async def read_body(
    connection: Connection, incoming: Incoming, limit: int, timeout_s: float, counters: HttpCounters
) -> bytes:
    """All of the body. Raises `RequestFault` when it is larger than `limit` or takes longer than `timeout_s`, and
    `ConnectionResetError` when its sender leaves."""
    length = incoming.headers.get(CONTENT_LENGTH)  # the parser has seen that it is a number
    if length is not None and int(length) > limit:
        raise too_large(limit)
    _answer_expectation(connection, incoming)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(timeout_s):
            while chunk := await incoming.more():
                size += len(chunk)
                if size > limit:
                    raise too_large(limit)
                chunks.append(chunk)
    except TimeoutError:
        counters.cuts[Cut.SLOW_BODY] += 1
        raise RequestFault(
            Fault.BODY_TIMEOUT, f"The body did not arrive within {timeout_s:g} seconds."
        ) from None
    except BrokenBodyError:
        raise RequestFault(
            Fault.INVALID, "The body is not what its headers say: its transfer broke off."
        ) from None
    return b"".join(chunks)


def too_large(limit: int) -> RequestFault:
    """The fault of a body beyond its limit."""
    return RequestFault(Fault.TOO_LARGE, f"The body is larger than {limit} bytes.")


def _answer_expectation(connection: Connection, incoming: Incoming) -> None:
    """RFC 9110, 10.1.1: curl waits a second for this before it sends a large body."""
    expectation = incoming.headers.get(EXPECT)
    if expectation is None or incoming.minor == 0:
        return
    if expectation.lower() != "100-continue":
        raise RequestFault(Fault.EXPECTATION, "The only expectation that can be met is 100-continue.")
    if connection.transport is not None:
        connection.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
