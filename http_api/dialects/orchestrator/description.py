"""What the OpenAPI document says about the orchestrator's routes: operations, schemas, and every error by its code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from apispec import APISpec
from pydantic.json_schema import models_json_schema

from gateway.domain.account import Scope
from gateway.domain.send import Why
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
from http_api.dialects.orchestrator.words import WORD_OF_STATUS
from http_api.errors import Fault
from http_api.problem import OF_FAULT, OF_WHY, PROBLEM_JSON, Problem

TAG: Final = "orchestrator"
ABOUT: Final = "Back-end services behind an API gateway: send, bulk, and look-ups, with idempotency."

_ANYWHERE: Final = (Fault.METHOD_NOT_ALLOWED, Fault.INTERNAL)
_AUTHENTICATED: Final = (Fault.UNAUTHENTICATED, Fault.WRONG_TENANT, Fault.SCOPE_MISSING, Fault.UNAVAILABLE)
_READING_A_BODY: Final = (
    Fault.INVALID,
    Fault.BODY_TIMEOUT,
    Fault.TOO_LARGE,
    Fault.MEDIA_TYPE,
    Fault.EXPECTATION,
)
_WITH_BODY: Final = (*_READING_A_BODY, Fault.KEY_CONFLICT, Fault.RATE_LIMITED, Fault.OVERLOADED)
_HEADERS: Final[Mapping[int, tuple[str, str]]] = {
    401: ("WWW-Authenticate", "how to authenticate (RFC 6750)"),
    403: ("WWW-Authenticate", "the scope that is missing, when that is the reason"),
    405: ("Allow", "the methods that are possible here"),
    429: ("Retry-After", "seconds after which to try again"),
    503: ("Retry-After", "seconds after which to try again"),
}


def describe(spec: APISpec) -> None:
    """Add this dialect's schemas and paths."""
    for name, schema in _schemas().items():
        spec.components.schema(name, schema)
    spec.path("/v1/sms/send", operations={"post": _send()})
    spec.path("/v1/sms/bulk", operations={"post": _bulk()})
    spec.path("/v1/sms/preview", operations={"post": _preview()})
    spec.path("/v1/sms/{messageId}", operations={"get": _message()})
    spec.path("/v1/sms", operations={"get": _list()})


def _send() -> dict[str, Any]:
    return _operation(
        "sendSms",
        "Send one message",
        "The answer comes when the message is durable. With an `Idempotency-Key`, the same body brings the same "
        "answer again for 48 hours.",
        Scope.SEND_SMS,
        parameters=[_IDEMPOTENCY_KEY],
        body="SendRequest",
        answers={202: ("accepted", "AcceptedAnswer")},
        problems=(*_WITH_BODY, *OF_WHY),
    )


def _bulk() -> dict[str, Any]:
    return _operation(
        "sendBulk",
        "Send up to 500 messages",
        "Messages are taken or refused one by one, those taken in one commit: also a bulk of which nothing was taken "
        "is answered 202.",
        Scope.SEND_SMS,
        parameters=[_IDEMPOTENCY_KEY],
        body="BulkRequest",
        answers={202: ("what became of each message", "BulkAnswer")},
        problems=_WITH_BODY,
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
        problems=(*_READING_A_BODY, Why.BODY_TOO_LONG),
    )


def _message() -> dict[str, Any]:
    message_id = {
        "name": "messageId",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
        "description": "what `messageId` of the answer to the send said",
    }
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
    link = {"Link": _header('the next page: `<...>; rel="next"` (RFC 8288); absent on the last one')}
    return _operation(
        "listSms",
        "Messages, newest first",
        "Pages are joined by an opaque cursor, which also holds the filters.",
        Scope.READ_MESSAGES,
        parameters=_LIST_PARAMETERS,
        answers={200: ("a page of messages", "MessageList")},
        answer_headers=link,
        problems=(Fault.INVALID,),
    )


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


_TIME: Final = {"type": "string", "format": "date-time"}
_LIST_PARAMETERS: Final = [
    _query("cursor", {"type": "string", "maxLength": 2048}, "of the page before"),
    _query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        "messages on a page",
    ),
    _query(
        "status",
        {"type": "array", "items": {"type": "string", "enum": list(WORD_OF_STATUS.values())}},
        "only these statuses; may be repeated",
    ),
    _query("to", {"type": "string"}, "only messages to this number, in E.164"),
    _query("created_after", _TIME, "only messages accepted at this time or later"),
    _query("created_before", _TIME, "only messages accepted before this time"),
]
_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
    "description": "the caller's own key for this request; recommended",
}
_COMMON_HEADERS: Final = (
    ("X-Request-Id", "taken as the request's id when it is 1 to 128 printable characters; else one is made"),
    ("traceparent", "W3C Trace Context; kept with the message when valid"),
    ("X-Tenant-Id", "must name the tenant of the credentials"),
)


def _operation(
    operation_id: str,
    summary: str,
    about: str,
    scope: Scope,
    *,
    answers: Mapping[int, tuple[str, str]],
    problems: Iterable[Fault | Why],
    parameters: list[dict[str, Any]],
    body: str | None = None,
    answer_headers: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    headers = {"X-Request-Id": _header("the request's id"), **(answer_headers or {})}
    responses: dict[str, Any] = {
        str(status): {"description": text, "headers": headers, "content": _json(schema)}
        for status, (text, schema) in answers.items()
    }
    responses.update(_problems((*problems, *_AUTHENTICATED, *_ANYWHERE)))
    common = [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": text}
        for name, text in _COMMON_HEADERS
    ]
    operation: dict[str, Any] = {
        "operationId": operation_id,
        "tags": [TAG],
        "summary": summary,
        "description": f"{about} Needs the scope `{scope.value}`.",
        "security": [{"bearer": []}, {"apiKey": []}],
        "parameters": [*parameters, *common],
        "responses": dict(sorted(responses.items())),
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    return operation


def _problems(causes: Iterable[Fault | Why]) -> dict[str, Any]:
    """One response per status, with the codes that it may carry."""
    by_status: dict[int, list[Problem]] = {}
    for cause in causes:
        problem = OF_FAULT[cause] if isinstance(cause, Fault) else OF_WHY[cause]
        known = by_status.setdefault(problem.status, [])
        if problem not in known:
            known.append(problem)
    responses: dict[str, Any] = {}
    for status, problems in by_status.items():
        headers = {"X-Request-Id": _header("the request's id")}
        if status in _HEADERS:
            name, text = _HEADERS[status]
            headers[name] = _header(text)
        responses[str(status)] = {
            "description": "; ".join(f"`{problem.code}`: {problem.title}" for problem in problems),
            "headers": headers,
            "content": _json("ProblemAnswer", PROBLEM_JSON),
        }
    return responses


def _header(description: str) -> dict[str, Any]:
    return {"schema": {"type": "string"}, "description": description}


def _json(schema: str, media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _schemas() -> dict[str, Any]:
    models = (
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
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    return {name: _tidy(schema) for name, schema in sorted(definitions["$defs"].items())}


def _tidy(schema: Any) -> Any:
    """Without the titles that pydantic makes of field names, and without defaults that mean "left out"."""
    if isinstance(schema, list):
        return [_tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {}
    for name, value in schema.items():
        if name == "title" and isinstance(value, str):
            continue
        if name == "default" and value in ("", [], {}, None):
            continue
        tidied[name] = _tidy(value)
    return tidied
