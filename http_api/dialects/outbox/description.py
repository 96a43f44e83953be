"""What the OpenAPI document says about the outbox's routes: operations, schemas, and every error by its code."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from apispec import APISpec

from gateway.domain.account import Scope
from gateway.domain.send import Why
from gateway.services.outbox import NotResent
from http_api import event_schema
from http_api.describing import (
    CURSOR,
    E164,
    IDEMPOTENCY_KEY,
    LINK,
    PAGES,
    READING_A_BODY,
    SENDING,
    TIME,
    Dialect,
    header,
    operation,
    path,
    query,
    schemas,
)
from http_api.dialects.outbox import webhooks
from http_api.dialects.outbox.event_schema import OutboxInbound, OutboxMessage
from http_api.dialects.outbox.export import HEAD
from http_api.dialects.outbox.parse import (
    DEFAULT_EXPORT_ROWS,
    DEFAULT_LIMIT,
    MAX_EXPORT_ROWS,
    MAX_LIMIT,
    MAX_TAG_FILTERS,
)
from http_api.dialects.outbox.schema import (
    MAX_TAG_CHARS,
    AlertSettings,
    OutboxAlert,
    OutboxAlertList,
    OutboxEntryAnswer,
    OutboxEntryWithAttempts,
    OutboxError,
    OutboxList,
    OutboxSend,
    ResendMany,
    ResendOne,
    ResendResults,
)
from http_api.dialects.outbox.words import (
    DETAIL_OF_NOT_RESENT,
    DIALECT,
    OF_FAULT,
    OF_NOT_RESENT,
    OF_WHY,
    PREFIX,
    WORDS,
)
from http_api.errors import Fault

TAG: Final = "outbox"
ABOUT: Final = "Apps that reconcile units and cost: send, list, resend what failed, export."


def _told(cause: Fault | Why) -> tuple[int, str]:
    problem = OF_FAULT[cause] if isinstance(cause, Fault) else OF_WHY[cause]
    return problem.status, f"`{problem.code}`"


_operation: Final = partial(operation, Dialect(TAG, _told, "OutboxError"))
_NOT_RESENT: Final = [
    (OF_NOT_RESENT[why].status, f"`{OF_NOT_RESENT[why].code}`: {DETAIL_OF_NOT_RESENT[why]}")
    for why in NotResent
    if why is not NotResent.NOT_FOUND
]


def describe(spec: APISpec) -> None:
    """Add this dialect's schemas, paths and webhooks."""
    models = (
        OutboxSend,
        ResendOne,
        ResendMany,
        OutboxEntryAnswer,
        OutboxEntryWithAttempts,
        OutboxList,
        ResendResults,
        OutboxError,
    )
    found = schemas(*models, OutboxAlertList, AlertSettings)
    found[OutboxAlert.__name__] = event_schema.any_alert()
    for name, schema in found.items():
        spec.components.schema(name, schema)
    one_or_many = [{"$ref": f"#/components/schemas/{name}"} for name in ("ResendOne", "ResendMany")]
    spec.components.schema("ResendRequest", {"oneOf": one_or_many})
    spec.path("/api/sms/send", operations={"post": _send()})
    spec.path("/api/sms/outbox", operations={"get": _list()})
    spec.path("/api/sms/outbox/export", operations={"get": _export()})
    spec.path("/api/sms/outbox/resend", operations={"post": _resend()})
    spec.path("/api/sms/outbox/{outboxId}", operations={"get": _entry()})
    spec.path("/api/sms/alerts", operations={"get": _alerts()})
    spec.path("/api/sms/alerts/settings", operations={"get": _settings(), "put": _set()})
    told = event_schema.of_dialect(DIALECT, OutboxMessage, OutboxInbound, '{"campaign":{"id":7}}')
    event_schema.describe(spec, TAG, told, webhooks.render)


def _send() -> dict[str, Any]:
    return _operation(
        "sendOutbox",
        "Send a single SMS",
        "The answer is the entry of the outbox, when it is durable. With an `Idempotency-Key`, the same body brings "
        "the same answer again for 48 hours.",
        Scope.SEND_SMS,
        parameters=[IDEMPOTENCY_KEY],
        body="OutboxSend",
        answers={201: ("the entry", "OutboxEntryAnswer")},
        problems=(*SENDING, *OF_WHY),
    )


def _resend() -> dict[str, Any]:
    return _operation(
        "resendOutbox",
        "Send failed entries again",
        "Each is a new message, charged again. Only failed entries, and each as often as the account's `resend_limit` "
        "allows. A list is answered 200, and tells of each entry for itself.",
        Scope.SEND_SMS,
        parameters=[],
        body="ResendRequest",
        answers={
            200: ("for a list: what became of each entry", "ResendResults"),
            201: ("for one: the entry with its new message", "OutboxEntryAnswer"),
        },
        problems=(
            *READING_A_BODY,
            Fault.NOT_FOUND,
            Fault.RATE_LIMITED,
            Fault.OVERLOADED,
            *OF_WHY,
            *_NOT_RESENT,
        ),
    )


def _entry() -> dict[str, Any]:
    outbox_id = path(
        "outboxId",
        {"type": "string", "pattern": f"^{PREFIX}[0-9a-f]{{32}}$"},
        "what `outboxId` of the answer to the send said",
    )
    return _operation(
        "getOutboxEntry",
        "One entry, as it stands",
        "With each message that was made for it. Another account's entry is not found.",
        Scope.READ_MESSAGES,
        parameters=[outbox_id],
        answers={200: ("the entry", "OutboxEntryWithAttempts")},
        problems=(Fault.NOT_FOUND,),
    )


def _list() -> dict[str, Any]:
    return _operation(
        "listOutbox",
        "Entries, newest first",
        f"An entry stands where its newest message does, and filters speak of that one. {PAGES}",
        Scope.READ_MESSAGES,
        parameters=[*_PARAMETERS, _limit(MAX_LIMIT, DEFAULT_LIMIT, "entries on a page")],
        answers={200: ("a page of entries", "OutboxList")},
        answer_headers=LINK,
        problems=(Fault.INVALID,),
    )


def _export() -> dict[str, Any]:
    return _operation(
        "exportOutbox",
        "Messages with their money, as CSV",
        "One row per message, newest first, also of those that were sent again, so that the sums over a period are the "
        f"ledger's. A part without a head goes on where the one before ended. Columns: {', '.join(HEAD)}.",
        Scope.READ_MESSAGES,
        parameters=[*_PARAMETERS, _limit(MAX_EXPORT_ROWS, DEFAULT_EXPORT_ROWS, "rows in this part")],
        answers={200: ("a part of the export (RFC 4180)", {"text/csv": {"schema": {"type": "string"}}})},
        answer_headers={**LINK, "Content-Disposition": header("a name for the file")},
        problems=(Fault.INVALID,),
    )


def _alerts() -> dict[str, Any]:
    return _operation(
        "listAlerts",
        "Alerts, newest first",
        "What the account was told of its balance, its failed messages and its limits.",
        Scope.READ_MESSAGES,
        parameters=[_CURSOR, _limit(MAX_LIMIT, DEFAULT_LIMIT, "alerts on a page")],
        answers={200: ("a page of alerts", "OutboxAlertList")},
        answer_headers=LINK,
        problems=(Fault.INVALID,),
    )


def _settings() -> dict[str, Any]:
    return _operation(
        "getAlertSettings",
        "By what the account is told",
        "The thresholds of alerts, where they go, and how often an entry may be sent again.",
        Scope.READ_MESSAGES,
        parameters=[],
        answers={200: ("the settings", "AlertSettings")},
        problems=(),
    )


def _set() -> dict[str, Any]:
    return _operation(
        "setAlertSettings",
        "Change by what the account is told",
        "What is left out stays as it is; null is none.",
        Scope.MANAGE_ACCOUNT,
        parameters=[],
        body="AlertSettings",
        answers={200: ("the settings as they are now", "AlertSettings")},
        problems=READING_A_BODY,
    )


def _limit(most: int, default: int, about: str) -> dict[str, Any]:
    return query("limit", {"type": "integer", "minimum": 1, "maximum": most, "default": default}, about)


_ADDRESS: Final = {"type": "string", "minLength": 1, "maxLength": 32, "pattern": "^[^\\x00]*$"}
_CURSOR: Final = query("cursor", {**CURSOR, "maxLength": 4096}, "of the page before")
_PARAMETERS: Final = [
    _CURSOR,
    query(
        "status",
        {"type": "array", "items": {"type": "string", "enum": list(WORDS)}},
        "only these statuses; may be repeated",
    ),
    query(
        "tag",
        {
            "type": "array",
            "maxItems": MAX_TAG_FILTERS,
            "items": {"type": "string", "minLength": 1, "maxLength": MAX_TAG_CHARS, "pattern": "^[^\\x00]*$"},
        },
        "only those that have all of these tags; may be repeated",
    ),
    query("sender", _ADDRESS, "only those from this sender"),
    query("recipient", E164, "only those to this number"),
    query("user", {**_ADDRESS, "maxLength": 195}, "only those of this `userId`"),
    query("from", TIME, "only messages accepted at this time or later"),
    query("to", TIME, "only messages accepted before this time"),
]
