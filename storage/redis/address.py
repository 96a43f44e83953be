"""Where a Redis is: its URL, checked before anybody connects."""

from __future__ import annotations

from redis.asyncio.connection import parse_url

from gateway.errors import StoreError

SCHEMES = ("redis://", "rediss://", "unix://")


def check_url(url: str) -> None:
    """Raises `StoreError` when it names no Redis. Its password is not repeated."""
    hint = "write redis://:password@host:6379/0, rediss:// for TLS, or unix:///path/redis.sock?db=0"
    if not url.startswith(SCHEMES):
        raise StoreError(f"[redis] url: {hint}")
    try:
        named = parse_url(url)
    except ValueError as error:
        raise StoreError(f"[redis] url: {hint}") from error
    if not named.get("host") and not named.get("path"):
        raise StoreError(f"[redis] url names no host and no socket: {hint}")
