"""Which URLs name a Redis."""

from __future__ import annotations

import pytest

from gateway.errors import StoreError
from storage.redis.address import check_url


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:6379/0",
        "redis://:secret@redis.example.net:6379/0",
        "rediss://user:secret@redis.example.net:6380/2?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/redis/redis.sock?db=1",
    ],
)
def test_good_ones(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:6379",
        "127.0.0.1:6379",
        "redis:127.0.0.1",
        "redis://:s3cret@host:port/0",
        "redis://",
        "unix://",
        "redis://:s3cret@host:6379/0?socket_timeout=soon",
    ],
)
def test_bad_ones_are_told_without_their_password(url: str) -> None:
    with pytest.raises(StoreError, match=r"^\[redis\] url.*redis://:password@host:6379/0") as caught:
        check_url(url)
    assert "s3cret" not in str(caught.value)
