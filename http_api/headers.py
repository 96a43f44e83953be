"""The names of the request headers that are asked for: in lower case, as a connection keeps them."""

from __future__ import annotations

from typing import Final

AUTHORIZATION: Final = "authorization"
CONTENT_ENCODING: Final = "content-encoding"
CONTENT_LENGTH: Final = "content-length"
CONTENT_TYPE: Final = "content-type"
EXPECT: Final = "expect"
IDEMPOTENCY_KEY: Final = "idempotency-key"
TRACEPARENT: Final = "traceparent"
X_API_KEY: Final = "x-api-key"
X_API_KEY_ID: Final = "x-api-key-id"
X_FORWARDED_FOR: Final = "x-forwarded-for"
X_REQUEST_ID: Final = "x-request-id"
X_TENANT_ID: Final = "x-tenant-id"
