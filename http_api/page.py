"""Cursors of lists: opaque, signed, and bound to who asked and what for.

A cursor is `base64url(version, HMAC, payload)`. The payload holds the filters as well as the place, so that a cursor
alone finds the next page; the signature covers whose list it is. Forged, cut, or somebody else's: `CursorError`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from gateway.domain.account import Caller
from gateway.domain.words import Status
from gateway.ports import ListQuery

_VERSION: Final = b"\x01"
_SIGNATURE_BYTES: Final = 16
_LONGEST: Final = 4096


class CursorError(Exception):
    """A cursor that this gateway did not make for this caller."""


class Cursors:
    """Makes and reads cursors of a list. `secret` is kept across restarts, or every cursor dies with the process."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("the cursor secret needs at least 16 bytes")
        self._key = hashlib.sha256(b"trunkline cursor\x00" + secret).digest()
        self._list = ""

    def of(self, name: str) -> Cursors:
        """The cursors of the list of that name: those of another one would bring its filters along, unseen."""
        named = copy(self)
        named._list = name
        return named

    def write(self, caller: Caller, query: ListQuery, before: bytes) -> str:
        """A cursor to the page that follows the message `before`."""
        payload = orjson.dumps(
            {
                "b": before.hex(),
                "s": sorted(status.value for status in query.status) if query.status is not None else None,
                "r": query.recipient,
                "f": _micros(query.created_after),
                "t": _micros(query.created_before),
                "l": query.labels,
                "n": query.sender,
                "k": query.key_id,
                "o": self._list,
            }
        )
        sealed = _VERSION + self._sign(caller, payload) + payload
        return _encode(sealed)

    def following(self, caller: Caller, query: ListQuery, before: bytes | None) -> str | None:
        """A cursor to the page that follows one of `query`, which ended at `before`; None: it was the last one."""
        return None if before is None else self.write(caller, query, before)

    def read(self, caller: Caller, cursor: str, limit: int) -> ListQuery:
        """The query that a cursor continues. Raises `CursorError`."""
        sealed = _decode(cursor)
        signature, payload = sealed[1 : 1 + _SIGNATURE_BYTES], sealed[1 + _SIGNATURE_BYTES :]
        if sealed[:1] != _VERSION or not hmac.compare_digest(signature, self._sign(caller, payload)):
            raise CursorError(
                "The cursor is not one of yours: take it from the Link header of the page before."
            )
        data: dict[str, Any] = orjson.loads(payload)  # signed, so it is what `write` wrote
        if data.get("o", self._list) != self._list:
            raise CursorError("The cursor belongs to another list.")
        statuses = data["s"]
        return ListQuery(
            caller.account,
            caller.env,
            limit,
            before=bytes.fromhex(data["b"]),
            status=None if statuses is None else frozenset(Status(status) for status in statuses),
            recipient=data["r"],
            created_after=_time(data["f"]),
            created_before=_time(data["t"]),
            sub_tenant=caller.sub_tenant,
            labels=tuple(data.get("l", ())),  # a cursor of an older release has none of these
            sender=data.get("n"),
            key_id=data.get("k"),
        )

    def _sign(self, caller: Caller, payload: bytes) -> bytes:
        whose = orjson.dumps([caller.account, caller.env.value, caller.sub_tenant])
        return hmac.digest(self._key, _VERSION + whose + b"\x00" + payload, "sha256")[:_SIGNATURE_BYTES]


def same_filters(one: ListQuery, other: ListQuery) -> bool:
    """Whether two queries ask for the same list, wherever they stand in it."""
    return replace(one, before=None, limit=0) == replace(other, before=None, limit=0)


def next_link(path: str, parameters: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """The `Link` header to the next page (RFC 8288)."""
    return ("Link", f'<{path}?{urlencode(list(parameters))}>; rel="next"')


def _encode(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _decode(cursor: str) -> bytes:
    if len(cursor) <= _LONGEST and cursor.isascii():
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except binascii.Error:
            sealed = b""
        if sealed and _encode(sealed) == cursor:  # one cursor has one spelling
            return sealed
    raise CursorError("The cursor can not be read: take it from the Link header of the page before.")


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def _micros(when: datetime | None) -> int | None:
    # Not `timestamp()`: a float rounds the last microseconds of a far second up to the next one.
    return None if when is None else (when - _EPOCH) // _MICROSECOND


def _time(micros: int | None) -> datetime | None:
    if micros is None:
        return None
    return _EPOCH + micros * _MICROSECOND
