"""The signature on webhooks, as the Standard Webhooks specification has it: HMAC-SHA256 over id, time and
body."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

SECRET_PREFIX = "whsec_"


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
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()


def signatures(keys: Sequence[bytes], event_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one for every valid key, so that a secret can be rotated without
    a gap."""
    if len(keys) == 1:
        return sign(keys[0], event_id, timestamp, body)
    return " ".join(sign(key, event_id, timestamp, body) for key in keys)
