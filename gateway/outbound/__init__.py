"""The way out over HTTP: webhooks to tenants by a pooled client of our own, and documents that the
operator names.

Tenants choose where webhooks go, so every address is resolved here, checked, and connected to as checked.
The client is small because it does one thing (POST, read the status) and is the hot path's: aiohttp's
costs 120 us a request.
"""

from gateway.outbound.client import PooledClient, lines_of
from gateway.outbound.errors import BadUrl, FetchFailed, OutboundError, PrivateAddress, Unresolved
from gateway.outbound.fetch import fetch_json
from gateway.outbound.pool import Limits
from gateway.outbound.resolver import Resolver

__all__ = [
    "BadUrl",
    "FetchFailed",
    "Limits",
    "OutboundError",
    "PooledClient",
    "PrivateAddress",
    "Resolver",
    "Unresolved",
    "fetch_json",
    "lines_of",
]
