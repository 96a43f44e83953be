"""The names of the request headers that are asked for with every request.

An `istr` is folded once, here; a plain text is folded at each look-up, and that is most of what one costs.
"""

from __future__ import annotations

from typing import Final

from multidict import istr

AUTHORIZATION: Final = istr("Authorization")
CONTENT_ENCODING: Final = istr("Content-Encoding")
CONTENT_TYPE: Final = istr("Content-Type")
IDEMPOTENCY_KEY: Final = istr("Idempotency-Key")
TRACEPARENT: Final = istr("traceparent")
X_API_KEY: Final = istr("X-Api-Key")
X_FORWARDED_FOR: Final = istr("X-Forwarded-For")
X_REQUEST_ID: Final = istr("X-Request-Id")
X_TENANT_ID: Final = istr("X-Tenant-Id")
