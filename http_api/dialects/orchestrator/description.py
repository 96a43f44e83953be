"""What the OpenAPI document says about the orchestrator's routes: operations, schemas, and every error by its code."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from apispec import APISpec

from gateway.domain.account import Scope
from gateway.domain.send import Why
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
    operation,
    path,
    query,
    schemas,
    told_of,
)
from http_api.dialects.orchestrator import webhooks
from http_api.dialects.orchestrator.event_schema import OrchestratorInbound, OrchestratorMessage
from http_api.dialects.orchestrator.parse import DEFAULT_LIMIT, MAX_LIMIT
from http_api.dialects.orchestrator.preview import PreviewAnswer, PreviewRequest
from http_api.dialects.orchestrator.schema import (
    AcceptedAnswer,
    BulkAnswer,
    BulkRequest,
    MessageList,
    MessageWithAttempts,
    ProblemAnswer,
    SendRequest,
)
from http_api.dialects.orchestrator.words import DIALECT, WORD_OF_STATUS
from http_api.errors import Fault
from http_api.problem import OF_WHY, PROBLEM_JSON

TAG: Final = "orchestrator"
ABOUT: Final = "Back-end services behind an API gateway: send, bulk, and look-ups, with idempotency."


_operation: Final = partial(operation, Dialect(TAG, told_of, "ProblemAnswer", PROBLEM_JSON))


def describe(spec: APISpec) -> None:
    """Add this dialect's schemas, paths and webhooks."""
    for name, schema in schemas(*_MODELS).items():
        spec.components.schema(name, schema)
    spec.path("/v1/sms/send", operations={"post": _send()})
    spec.path("/v1/sms/bulk", operations={"post": _bulk()})
    spec.path("/v1/sms/preview", operations={"post": _preview()})
    spec.path("/v1/sms/{messageId}", operations={"get": _message()})
    spec.path("/v1/sms", operations={"get": _list()})
    told = event_schema.of_dialect(
        DIALECT, OrchestratorMessage, OrchestratorInbound, '{"campaignId":"camp-001"}'
    )
    event_schema.describe(spec, TAG, told, webhooks.render)


def _send() -> dict[str, Any]:
    return _operation(
        "sendSms",
        "Send one message",
        "The answer comes when the message is durable. With an `Idempotency-Key`, the same body brings the same "
        "answer again for 48 hours.",
        Scope.SEND_SMS,
        parameters=[IDEMPOTENCY_KEY],
        body="SendRequest",
        answers={202: ("accepted", "AcceptedAnswer")},
        problems=(*SENDING, *OF_WHY),
    )


def _bulk() -> dict[str, Any]:
    return _operation(
        "sendBulk",
        "Send up to 500 messages",
        "Messages are taken or refused one by one, those taken in one commit: also a bulk of which nothing was taken "
        "is answered 202.",
        Scope.SEND_SMS,
        parameters=[IDEMPOTENCY_KEY],
        body="BulkRequest",
        answers={202: ("what became of each message", "BulkAnswer")},
        problems=SENDING,
    )


def _preview() -> dict[str, Any]:
    return _operation(
        "previewSms",
        "What a text would be",
        "Its alphabet, its segments, the characters that GSM 7 bit lacks, and what smart replacement would save, by "
        "the account's own settings. Nothing is kept, sent or charged.",
        Scope.SEND_SMS,
        parameters=[],
        body="PreviewRequest",
        answers={200: ("the preview", "PreviewAnswer")},
        problems=(*READING_A_BODY, Why.BODY_TOO_LONG),
    )


def _message() -> dict[str, Any]:
    message_id = path(
        "messageId",
        {"type": "string", "format": "uuid"},
        "what `messageId` of the answer to the send said",
    )
    return _operation(
        "getSms",
        "One message, as it stands",
        "With every attempt to bring it to an operator. Another account's message is not found.",
        Scope.READ_MESSAGES,
        parameters=[message_id],
        answers={200: ("the message", "MessageWithAttempts")},
        problems=(Fault.NOT_FOUND,),
    )


def _list() -> dict[str, Any]:
    return _operation(
        "listSms",
        "Messages, newest first",
        PAGES,
        Scope.READ_MESSAGES,
        parameters=_LIST_PARAMETERS,
        answers={200: ("a page of messages", "MessageList")},
        answer_headers=LINK,
        problems=(Fault.INVALID,),
    )


_LIST_PARAMETERS: Final = [
    query("cursor", CURSOR, "of the page before"),
    query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        "messages on a page",
    ),
    query(
        "status",
        {"type": "array", "items": {"type": "string", "enum": list(WORD_OF_STATUS.values())}},
        "only these statuses; may be repeated",
    ),
    query("to", E164, "only messages to this number"),
    query("created_after", TIME, "only messages accepted at this time or later"),
    query("created_before", TIME, "only messages accepted at this time or earlier"),
]
_MODELS: Final = (
    SendRequest,
    BulkRequest,
    AcceptedAnswer,
    BulkAnswer,
    MessageWithAttempts,
    MessageList,
    PreviewRequest,
    PreviewAnswer,
    ProblemAnswer,
)
