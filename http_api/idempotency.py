"""The `Idempotency-Key` header, for every dialect that has it: what a key and its request are stored under."""

from __future__ import annotations

import hashlib
import re
from typing import Final

import orjson

from gateway.domain.account import Caller
from gateway.domain.send import FieldError, IdempotencyKey
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request
from http_api.headers import IDEMPOTENCY_KEY

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


def idempotency_key(request: Request, document: object) -> IdempotencyKey | None:
    """The request's key; None when it brings none. `document` is its body, decoded.

    Raises `RequestFault` unless the key is 1 to 255 visible ASCII characters.
    """
    value = request.headers.get(IDEMPOTENCY_KEY)
    if value is None:
        return None
    if _KEY.fullmatch(value) is None:
        detail = "A key has 1 to 255 visible ASCII characters."
        name = "Idempotency-Key"
        raise RequestFault(Fault.INVALID, f"{name}: {detail}", fields=(FieldError(name, detail),))
    return IdempotencyKey(
        key_digest(request.authenticated, value),
        request.method,
        request.path,
        body_digest(document, request.body),
    )


def key_digest(caller: Caller, key: str) -> bytes:
    """Document 000, 4: `sha256(accountId || ":" || idempotencyKey)`; each environment and sub-tenant has its own."""
    of_account = hashlib.sha256(f"{caller.account}:{key}".encode()).digest()
    return hashlib.sha256(f"{caller.env}\0{caller.sub_tenant or ''}\0".encode() + of_account).digest()


def body_digest(document: object, body: bytes) -> bytes:
    """SHA-256 of the body as canonical JSON: neither white space nor the order of names makes it another body."""
    try:
        canonical = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # half of a surrogate pair: JSON can spell it, UTF-8 can't
        canonical = body
    return hashlib.sha256(canonical).digest()
