"""The OpenAPI 3.1 document of all routes: generated, committed as `openapi.json`, served by `published`.

Each dialect describes its own operations and webhooks; here they are put together. A test fails when the committed
file drifts.
"""

from __future__ import annotations

import json
from typing import Any, Final

from apispec import APISpec

from http_api import event_schema
from http_api.dialects.contacts import description as contacts
from http_api.dialects.orchestrator import description as orchestrator
from http_api.dialects.outbox import description as outbox

_DIALECTS: Final = (orchestrator, outbox, contacts)

VERSION: Final = "1.0.0"
"""Of the API, not of the product: it grows with the contract."""


def document() -> dict[str, Any]:
    """The document, as plain data."""
    spec = APISpec(
        title="Trunkline",
        version=VERSION,
        openapi_version="3.1.0",
        info={
            "description": "SMS gateway: messages in over HTTP, out over SMPP, receipts back by webhook.",
        },
        servers=[{"url": "/"}],
        tags=[
            *({"name": each.TAG, "description": each.ABOUT} for each in _DIALECTS),
            {"name": event_schema.ALERTS_TAG, "description": event_schema.ALERTS_ABOUT},
        ],
    )
    spec.components.security_scheme(
        "bearer",
        {
            "type": "http",
            "scheme": "bearer",
            "description": "an API key (`sok_live_...`, `sok_test_...`) or a JSON Web Token",
        },
    )
    spec.components.security_scheme(
        "apiKey", {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "an API key"}
    )
    for each in _DIALECTS:
        each.describe(spec)
    event_schema.describe_alerts(spec)
    event_schema.describe_headers_and_answers(spec)
    found = spec.to_dict()
    found["webhooks"] = found.pop("webhooks")  # to be read after what is asked of us
    return found


def render() -> str:
    """The document as the committed file has it."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
