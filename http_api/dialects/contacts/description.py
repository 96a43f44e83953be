"""What the OpenAPI document says about the contacts routes: operations, schemas, and every error by its code."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from apispec import APISpec

from gateway.domain.account import Scope
from gateway.domain.send import Why
from http_api import event_schema
from http_api.codes import Problem
from http_api.describing import (
    CURSOR,
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
)
from http_api.dialects.contacts import webhooks
from http_api.dialects.contacts.event_schema import ContactsInbound, ContactsMessage
from http_api.dialects.contacts.parse import DEFAULT_LIMIT, MAX_LIMIT, MAX_NUMBER_CHARS, QUEUE_PREFIX
from http_api.dialects.contacts.schema import (
    MessageEnqueueResultDto,
    QueueStatus,
    SmsContactsMessagePayload,
    SmsErrorAnswer,
    SmsMessageList,
    TermsPayload,
    TermsStatus,
)
from http_api.dialects.contacts.words import (
    DIALECT,
    NOT_CURRENT,
    OF_FAULT,
    OF_WHY,
    PHRASES,
    STATUS_OF_WORD,
    TERMS,
)
from http_api.errors import Fault

TAG: Final = "contacts"
ABOUT: Final = (
    "A back office that pastes local numbers: one text to many, queues to look up, and the terms of use."
)

_MODELS: Final = (
    SmsContactsMessagePayload,
    MessageEnqueueResultDto,
    QueueStatus,
    SmsMessageList,
    TermsPayload,
    TermsStatus,
    SmsErrorAnswer,
)


def describe(spec: APISpec) -> None:
    """Add this dialect's schemas, paths and webhooks."""
    for name, schema in schemas(*_MODELS).items():
        spec.components.schema(name, schema)
    spec.path("/api/messages/sms/contacts", operations={"post": _send()})
    spec.path("/api/messages/sms/queues/{queueId}", operations={"get": _queue()})
    spec.path("/api/messages/sms", operations={"get": _list()})
    spec.path("/api/terms", operations={"get": _terms(), "post": _accept_terms()})
    told = event_schema.of_dialect(DIALECT, ContactsMessage, ContactsInbound, None)
    event_schema.describe(spec, TAG, told, webhooks.render)


def _told(cause: Fault | Why) -> tuple[int, str]:
    return _of(OF_FAULT[cause] if isinstance(cause, Fault) else OF_WHY[cause])


def _of(problem: Problem) -> tuple[int, str]:
    return problem.status, f"`{problem.code}`: {PHRASES[problem.status]}"


_operation: Final = partial(operation, Dialect(TAG, _told, "SmsErrorAnswer"))


def _send() -> dict[str, Any]:
    return _operation(
        "sendSmsToContacts",
        "Send one text to many phone numbers",
        "Numbers are normalised, each is written to once, invalid and suppressed ones are skipped. The answer comes "
        "when all messages are durable. Who has not accepted the current terms is refused.",
        Scope.SEND_SMS,
        parameters=[IDEMPOTENCY_KEY],
        body="SmsContactsMessagePayload",
        answers={
            200: ("there was nobody to write to", "MessageEnqueueResultDto"),
            201: ("enqueued", "MessageEnqueueResultDto"),
        },
        problems=(*SENDING, *OF_WHY, _of(TERMS)),
    )


def _queue() -> dict[str, Any]:
    form = {"type": "string", "pattern": f"^{QUEUE_PREFIX}[0-9a-f]{{32}}$"}
    return _operation(
        "getSmsQueue",
        "One batch, as it stands",
        "Counts per status, and its messages by pages, newest first. Another account's batch is not found.",
        Scope.READ_MESSAGES,
        parameters=[path("queueId", form, "what `queueId` of the answer to the send said"), *_PAGE],
        answers={200: ("the batch", "QueueStatus")},
        answer_headers=LINK,
        problems=(Fault.INVALID, Fault.NOT_FOUND),
    )


def _list() -> dict[str, Any]:
    return _operation(
        "listSmsMessages",
        "Messages, newest first",
        f"Of every dialect. {PAGES}",
        Scope.READ_MESSAGES,
        parameters=[
            *_PAGE,
            query("recipient", _NUMBER, "only messages to this number, written as in a send"),
            query(
                "status",
                {"type": "array", "items": {"type": "string", "enum": list(STATUS_OF_WORD)}},
                "only these statuses; may be repeated",
            ),
            query("from", TIME, "only messages accepted at this time or later"),
            query("to", TIME, "only messages accepted before this time"),
        ],
        answers={200: ("a page of messages", "SmsMessageList")},
        answer_headers=LINK,
        problems=(Fault.INVALID,),
    )


_NUMBER: Final = {"type": "string", "minLength": 1, "maxLength": MAX_NUMBER_CHARS, "pattern": "^[^\\x00]*$"}


def _terms() -> dict[str, Any]:
    return _operation(
        "getTerms",
        "The current terms",
        "Which version holds, and whether the caller (the member of its key or token) has accepted it.",
        None,
        parameters=[],
        answers={200: ("the terms", "TermsStatus")},
        problems=(),
    )


def _accept_terms() -> dict[str, Any]:
    return _operation(
        "acceptTerms",
        "Accept the current terms",
        "Recorded with time and address, for both environments; the first time counts.",
        None,
        parameters=[],
        body="TermsPayload",
        answers={201: ("accepted", "TermsStatus")},
        problems=(*READING_A_BODY, _of(NOT_CURRENT)),
    )


_PAGE: Final = (
    query("cursor", CURSOR, "of the page before"),
    query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        "messages on a page",
    ),
)
