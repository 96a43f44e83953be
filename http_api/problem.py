"""Errors as `application/problem+json` (RFC 9457) with the fields of the orchestrator's document.

Two tables give every fault and every refusal its HTTP status, code and title. What all dialects answer alike they take
from `codes`; the rest, and the titles, are the document's own, or follow its style.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import quote

import orjson

from gateway.domain.send import FieldError, Refusal, Why
from http_api.codes import FAULTS, REFUSALS
from http_api.errors import Fault, RequestFault, retry_after
from http_api.exchange import Refuse, Request, Response

PROBLEM_JSON: Final = "application/problem+json"


class Problem(NamedTuple):
    """How one kind of error reads here: as in `codes`, and its title."""

    status: int
    code: str
    title: str


INVALID_PAYLOAD: Final = Problem(400, "INVALID_PAYLOAD", "Invalid payload")

_FAULT_TITLES: Final[dict[Fault, str]] = {
    Fault.UNAUTHENTICATED: "Authentication required",
    Fault.WRONG_TENANT: "Tenant does not match the credentials",
    Fault.SCOPE_MISSING: "The credentials do not allow this",
    Fault.NO_SUCH_PATH: "No such resource",
    Fault.METHOD_NOT_ALLOWED: "Method not allowed",
    Fault.BODY_TIMEOUT: "The request took too long to arrive",
    Fault.KEY_CONFLICT: "Idempotency key was used for another request",
    Fault.TOO_LARGE: "Request body too large",
    Fault.MEDIA_TYPE: "Unsupported media type",
    Fault.EXPECTATION: "Expectation can not be met",
    Fault.RATE_LIMITED: "Too many requests",
    Fault.INTERNAL: "Internal error",
    Fault.OVERLOADED: "The gateway is overloaded",
    Fault.UNAVAILABLE: "A dependency is not available",
}
OF_FAULT: Final[dict[Fault, Problem]] = {
    **{fault: Problem(*FAULTS[fault], title) for fault, title in _FAULT_TITLES.items()},
    Fault.INVALID: INVALID_PAYLOAD,
    Fault.NOT_FOUND: Problem(404, "MESSAGE_NOT_FOUND", "Message not found"),
}

_REFUSAL_TITLES: Final[dict[Why, str]] = {
    Why.SENDER_NOT_ALLOWED: "Sender not allowed",
    Why.SUPPRESSED: "Recipient is on the suppression list",
    Why.COUNTRY_NOT_ALLOWED: "Country not allowed",
    Why.TOO_MANY_SEGMENTS: "Message has too many segments",
    Why.TOO_MANY_TO_RECIPIENT: "Too many messages to this number",
    Why.TOO_MANY_TO_PREFIX: "Too many messages to this range of numbers",
    Why.NUMBERS_IN_A_ROW: "Too many adjacent numbers",
    Why.NOT_PRICED: "The destination has no price",
    Why.SPENDING_CAP: "The cap on spending of a day is reached",
    Why.INSUFFICIENT_BALANCE: "Insufficient balance",
}
OF_WHY: Final[dict[Why, Problem]] = {
    **{why: Problem(*REFUSALS[why], title) for why, title in _REFUSAL_TITLES.items()},
    Why.INVALID: INVALID_PAYLOAD,
    Why.INVALID_RECIPIENT: Problem(400, "INVALID_DESTINATION", "Invalid destination phone number"),
    Why.INVALID_SENDER: INVALID_PAYLOAD,
    Why.SENDER_MISSING: INVALID_PAYLOAD,
    Why.BODY_EMPTY: INVALID_PAYLOAD,
    Why.BODY_TOO_LONG: Problem(400, "SMS_BODY_TOO_LONG", "Message body too long"),
    Why.CALLBACK_NOT_ALLOWED: INVALID_PAYLOAD,
}


def field_errors(fields: Iterable[FieldError]) -> list[dict[str, str]]:
    """Bad fields as an answer lists them: a place in the body is a JSON pointer, any other a parameter or header."""
    return [
        {"pointer" if field.pointer[:1] in ("", "/") else "parameter": field.pointer, "detail": field.detail}
        for field in fields
    ]


class ProblemWriter:
    """Writes problems; `type_base` is what their `type` begins with."""

    def __init__(self, type_base: str) -> None:
        self._type_base = type_base

    def fault(self, request: Request, fault: RequestFault) -> Response:
        """The answer to a fault."""
        return self._write(request, OF_FAULT[fault.fault], fault.detail, fault.fields, fault.headers)

    def refusal(self, request: Request, refusal: Refusal) -> Response:
        """The answer to a send that was refused."""
        headers = retry_after(refusal.retry_after_s)
        return self._write(request, OF_WHY[refusal.why], refusal.detail, refusal.fields, headers)

    def told(self, request: Request, problem: Problem, detail: str) -> Response:
        """The answer to what only one route can run into."""
        return self._write(request, problem, detail, (), ())

    def _write(
        self,
        request: Request,
        problem: Problem,
        detail: str,
        fields: tuple[FieldError, ...],
        headers: tuple[tuple[str, str], ...],
    ) -> Response:
        document: dict[str, object] = {
            "type": self._type_base + problem.code,
            "title": problem.title,
            "status": problem.status,
            "code": problem.code,
            "detail": detail,
            "instance": instance(request.path),
            "requestId": request.request_id,
        }
        if fields:
            document["errors"] = field_errors(fields)
        return Response(problem.status, orjson.dumps(document), PROBLEM_JSON, headers, problem.code)


def instance(path: str) -> str:
    """A path as a URI reference: the parser lets quotes and brackets pass, and its length is the caller's to choose."""
    return quote(path[:1000], safe="/%:@!$&'()*+,;=-._~")


def plain_refusal(type_base: str) -> Refuse:
    """The words for faults where no dialect's route is known."""
    return ProblemWriter(type_base).fault
