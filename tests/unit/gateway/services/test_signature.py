"""Signatures as the Standard Webhooks specification has them: its own example, and any secret."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.services.webhooks import key_of, sign, signatures

# Published with the scheme: the example of its verification libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_example_of_the_specification() -> None:
    assert sign(key_of(SECRET), EVENT_ID, TIMESTAMP, BODY) == SIGNATURE


def test_every_valid_key_signs_and_the_newest_comes_first() -> None:
    old = key_of(SECRET)
    value = signatures([b"newest", old], EVENT_ID, TIMESTAMP, BODY)
    assert value == f"{sign(b'newest', EVENT_ID, TIMESTAMP, BODY)} {SIGNATURE}"
    assert signatures([old], EVENT_ID, TIMESTAMP, BODY) == SIGNATURE


@given(st.binary(min_size=1), st.text(), st.integers(min_value=0), st.binary())
def test_any_secret_is_the_key_of_an_hmac(key: bytes, event_id: str, timestamp: int, body: bytes) -> None:
    secret = f"whsec_{base64.b64encode(key).decode()}"
    try:
        signed = event_id.encode() + b"." + str(timestamp).encode() + b"." + body
    except UnicodeEncodeError:
        return
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    assert sign(key_of(secret), event_id, timestamp, body) == "v1," + base64.b64encode(digest).decode()


@pytest.mark.parametrize("secret", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_***", "whsec_abc"])
def test_what_is_no_secret(secret: str) -> None:
    with pytest.raises(ValueError, match="webhook secret"):
        key_of(secret)
