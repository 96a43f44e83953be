"""The OpenAPI 3.1 document of the admin API: generated, committed as `openapi-admin.json`, served by `published`. It
stands apart from `openapi.json`, which is the tenants'."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Final

from apispec import APISpec

from gateway.domain.account import Scope
from http_api.admin_money import DEFAULT_LIMIT, MAX_LIMIT, NOT_REFUNDABLE
from http_api.admin_schema import (
    KIND_OF_WORD,
    BalanceAnswer,
    BookedAnswer,
    BookingRequest,
    LedgerPage,
    ProblemAnswer,
    RefundRequest,
)
from http_api.describing import (
    IDEMPOTENCY_KEY,
    READING_A_BODY,
    TIME,
    Dialect,
    operation,
    path,
    query,
    schemas,
    told_of,
)
from http_api.errors import Fault
from http_api.openapi import VERSION
from http_api.problem import PROBLEM_JSON

TAG: Final = "admin"


def document() -> dict[str, Any]:
    """The document, as plain data."""
    spec = APISpec(
        title="Trunkline administration",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": "Money by hand: what accounts have, have paid and are given back."},
        servers=[{"url": "/"}],
        tags=[{"name": TAG, "description": "On the admin listener, for keys with the scope `admin`."}],
    )
    bearer = {"type": "http", "scheme": "bearer", "description": "an API key; tokens are not taken"}
    spec.components.security_scheme("bearer", bearer)
    spec.components.security_scheme("apiKey", {"type": "apiKey", "in": "header", "name": "X-Api-Key"})
    models = (BookingRequest, RefundRequest, BookedAnswer, BalanceAnswer, LedgerPage, ProblemAnswer)
    for name, schema in schemas(*models).items():
        spec.components.schema(name, schema)
    account = "/admin/accounts/{account}"
    spec.path(f"{account}/top-ups", operations={"post": _booking("topUp", "Book what an account has paid")})
    spec.path(
        f"{account}/adjustments",
        operations={"post": _booking("adjust", "Correct a balance, by an amount with its sign")},
    )
    spec.path(f"{account}/balance", operations={"get": _balance()})
    spec.path(f"{account}/ledger", operations={"get": _entries()})
    spec.path("/admin/messages/{messageId}/refund", operations={"post": _refund()})
    return spec.to_dict()


def render() -> str:
    """The document as the committed file has it."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


_operation: Final = partial(operation, Dialect(TAG, told_of, "ProblemAnswer", PROBLEM_JSON))

_ACCOUNT: Final = path("account", {"type": "string"}, "its name")
_BOOKED: Final = {
    200: ("it was booked before, under this key: nothing was booked now", "BookedAnswer"),
    201: ("booked", "BookedAnswer"),
}


def _booking(operation_id: str, summary: str) -> dict[str, Any]:
    return _operation(
        operation_id,
        summary,
        "It counts for the next message. With a key, the header or the field, it is booked once, however often it is "
        "asked for.",
        Scope.ADMIN,
        parameters=[_ACCOUNT, IDEMPOTENCY_KEY],
        body="BookingRequest",
        answers=_BOOKED,
        problems=(*READING_A_BODY, Fault.NO_SUCH_PATH, Fault.KEY_CONFLICT),
    )


def _refund() -> dict[str, Any]:
    return _operation(
        "refund",
        "Give back the price of a message",
        "Of one that was sent, and once: what was given back already is answered with 200.",
        Scope.ADMIN,
        parameters=[path("messageId", {"type": "string", "format": "uuid"}, "of the message")],
        body="RefundRequest",
        body_optional=True,
        answers=_BOOKED,
        problems=(*READING_A_BODY, Fault.NOT_FOUND, told_of(NOT_REFUNDABLE)),
    )


def _balance() -> dict[str, Any]:
    return _operation(
        "getBalance",
        "What an account has",
        "In each environment and currency; a key of the test environment sees that one.",
        Scope.ADMIN,
        parameters=[_ACCOUNT],
        answers={200: ("its purses", "BalanceAnswer")},
        problems=(Fault.NO_SUCH_PATH,),
    )


def _entries() -> dict[str, Any]:
    word = {"type": "string", "enum": list(KIND_OF_WORD)}
    return _operation(
        "listEntries",
        "The ledger of an account",
        "The newest first. Every entry names its message, or is a booking of its own. A page of few kinds may be short "
        "or empty and lead on: go on until `nextCursor` is null.",
        Scope.ADMIN,
        parameters=[
            _ACCOUNT,
            query("env", {"type": "string", "enum": ["live", "test"]}, "left out: that of the key"),
            query("kind", {"type": "array", "items": word}, "only these kinds; may be repeated"),
            query("since", TIME, "only of messages and bookings made at this time or later"),
            query("until", TIME, "only of messages and bookings made before this time"),
            query(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
                "entries on a page",
            ),
            query(
                "cursor",
                {"type": "string", "pattern": "^[0-9a-f]{34}$"},
                "`nextCursor` of the page before, with the same filters",
            ),
        ],
        answers={200: ("a page of entries", "LedgerPage")},
        problems=(Fault.INVALID, Fault.NO_SUCH_PATH),
    )
