"""How an operation is described in the OpenAPI document: parameters, answers, and every error by its code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway.domain.account import Scope
from gateway.domain.send import Why
from http_api.errors import Fault
from http_api.exchange import JSON
from http_api.problem import OF_FAULT, OF_WHY, Problem

Schema = dict[str, Any]

ANYWHERE: Final = (Fault.METHOD_NOT_ALLOWED, Fault.INTERNAL)
AUTHENTICATED: Final = (Fault.UNAUTHENTICATED, Fault.WRONG_TENANT, Fault.SCOPE_MISSING, Fault.UNAVAILABLE)
READING_A_BODY: Final = (
    Fault.INVALID,
    Fault.BODY_TIMEOUT,
    Fault.TOO_LARGE,
    Fault.MEDIA_TYPE,
    Fault.EXPECTATION,
)
SENDING: Final = (*READING_A_BODY, Fault.KEY_CONFLICT, Fault.RATE_LIMITED, Fault.OVERLOADED)

IDEMPOTENCY_KEY: Final[Schema] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
    "description": "the caller's own key for this request; recommended",
}
CURSOR: Final[Schema] = {"type": "string", "maxLength": 2048, "pattern": "^[A-Za-z0-9_-]+$"}
E164: Final[Schema] = {"type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$"}
TIME: Final[Schema] = {"type": "string", "format": "date-time"}

_HEADERS: Final[Mapping[int, tuple[str, str]]] = {
    401: ("WWW-Authenticate", "how to authenticate (RFC 6750)"),
    403: ("WWW-Authenticate", "the scope that is missing, when that is the reason"),
    405: ("Allow", "the methods that are possible here"),
    429: ("Retry-After", "seconds after which to try again"),
    503: ("Retry-After", "seconds after which to try again"),
}
_COMMON_HEADERS: Final = (
    ("X-Request-Id", "taken as the request's id when it is 1 to 128 printable characters; else one is made"),
    ("traceparent", "W3C Trace Context; kept with the message when valid"),
    ("X-Tenant-Id", "must name the tenant of the credentials"),
)


class Dialect(NamedTuple):
    """What is the same for all operations of a dialect."""

    tag: str
    problem: Callable[
        [Fault | Why], tuple[int, str]
    ]  #: the HTTP status of an error, and how its code is told
    error: str  #: the schema of an error
    media_type: str = JSON  #: of an error


def operation(
    dialect: Dialect,
    operation_id: str,
    summary: str,
    about: str,
    scope: Scope | None,
    *,
    answers: Mapping[int, tuple[str, str | Schema]],
    problems: Iterable[Fault | Why | tuple[int, str]],
    parameters: list[Schema],
    body: str | None = None,
    body_optional: bool = False,
    answer_headers: Mapping[str, Schema] | None = None,
) -> Schema:
    """One operation. `scope` None: any credentials do. `answers`: by status what it means, and the name of its schema
    or its whole content. `problems`: beyond those of every operation; (status, how it is told) for one that is the
    dialect's own."""
    headers = {"X-Request-Id": header("the request's id"), **(answer_headers or {})}
    responses: Schema = {
        str(status): {
            "description": text,
            "headers": headers,
            "content": json_of(content) if isinstance(content, str) else content,
        }
        for status, (text, content) in answers.items()
    }
    responses.update(_problems(dialect, (*problems, *AUTHENTICATED, *ANYWHERE)))
    common = [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": text}
        for name, text in _COMMON_HEADERS
    ]
    described: Schema = {
        "operationId": operation_id,
        "tags": [dialect.tag],
        "summary": summary,
        "description": about if scope is None else f"{about} Needs the scope `{scope.value}`.",
        "security": [{"bearer": []}, {"apiKey": []}],
        "parameters": [*parameters, *common],
        "responses": dict(sorted(responses.items())),
    }
    if body is not None:
        described["requestBody"] = {"required": not body_optional, "content": json_of(body)}
    return described


def _problems(dialect: Dialect, causes: Iterable[Fault | Why | tuple[int, str]]) -> Schema:
    """One response per status, with the codes that it may carry."""
    by_status: dict[int, list[str]] = {}
    for cause in causes:
        status, told = cause if isinstance(cause, tuple) else dialect.problem(cause)
        known = by_status.setdefault(status, [])
        if told not in known:
            known.append(told)
    responses: Schema = {}
    for status, codes in by_status.items():
        headers = {"X-Request-Id": header("the request's id")}
        if status in _HEADERS:
            name, text = _HEADERS[status]
            headers[name] = header(text)
        responses[str(status)] = {
            "description": "; ".join(codes),
            "headers": headers,
            "content": json_of(dialect.error, dialect.media_type),
        }
    return responses


def told_of(cause: Fault | Why | Problem) -> tuple[int, str]:
    """An error of `http_api.problem`, as `operation` wants it."""
    if not isinstance(cause, Problem):
        cause = OF_FAULT[cause] if isinstance(cause, Fault) else OF_WHY[cause]
    return cause.status, f"`{cause.code}`: {cause.title}"


def query(name: str, schema: Schema, description: str) -> Schema:
    """An optional parameter of the query string."""
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def path(name: str, schema: Schema, description: str) -> Schema:
    """A part of the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": description}


def header(description: str) -> Schema:
    """A header of an answer."""
    return {"schema": {"type": "string"}, "description": description}


def json_of(schema: str, media_type: str = JSON) -> Schema:
    """A body of one of the document's schemas."""
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def schemas(*models: type[BaseModel]) -> Schema:
    """The schemas of these models and of all that they are made of, by name."""
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


LINK: Final[Mapping[str, Schema]] = {
    "Link": header('the next page: `<...>; rel="next"` (RFC 8288); absent on the last one')
}
"""The header of an answer that is a page."""

PAGES: Final = (
    "Pages are joined by an opaque cursor, which also holds the filters. One may be short, or empty, and lead on all "
    "the same: no request goes through more than a bounded number of messages."
)
"""How a list of messages is read, in every dialect."""
