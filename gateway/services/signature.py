"""The signature on webhooks, as the Standard Webhooks specification has it: HMAC-SHA256 over id, time and
body."""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

SECRET_PREFIX = "whsec_"
_BLOCK_BYTES = 64  # of SHA-256


def key_of(secret: str) -> bytes:
    """The key inside a secret `whsec_<base64>`. Raises `ValueError` when it is no such secret."""
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError(f"a webhook secret begins with {SECRET_PREFIX}")
    try:
        return b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(f"a webhook secret is {SECRET_PREFIX} and base64: {error}") from error


def sign(key: bytes, event_id: str, timestamp: int, body: bytes) -> str:
    """The signature of one try: `v1,<base64>`. `timestamp` in seconds, the one that `webhook-timestamp`
    tells."""
    begun, outer = _begun(key)
    inner = begun.copy()
    inner.update(f"{event_id}.{timestamp}.".encode())
    inner.update(body)
    end = outer.copy()
    end.update(inner.digest())
    return "v1," + binascii.b2a_base64(end.digest(), newline=False).decode()


@lru_cache(maxsize=1_000)
def _begun(key: bytes) -> tuple[_Hash, _Hash]:
    """The two hashes of an HMAC (RFC 2104) with the key already in them.

    `hmac.digest` would begin anew for each body and give up the interpreter's lock for it, which under load the
    store's thread takes and keeps for longer than the hash takes.
    """
    if len(key) > _BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    padded = key.ljust(_BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(bytes(octet ^ 0x36 for octet in padded))
    return inner, hashlib.sha256(bytes(octet ^ 0x5C for octet in padded))


def signatures(keys: Sequence[bytes], event_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one for every valid key, so that a secret can be rotated without
    a gap."""
    if len(keys) == 1:
        return sign(keys[0], event_id, timestamp, body)
    return " ".join(sign(key, event_id, timestamp, body) for key in keys)
