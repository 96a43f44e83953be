"""The contacts dialect's words for the core's closed sets, and its errors. A test walks every member of every table.

Errors have the shape of the framework that document 003 was written for (NestJS: `HttpException`, and `ValidationPipe`,
whose `message` is a list of sentences): `statusCode`, `message`, `error` (the status in words), and a `code` of ours.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from gateway.domain.message import Message
from gateway.domain.send import Why
from gateway.domain.words import Priority, Status
from http_api.errors import Fault

DIALECT: Final = "contacts"
CHANNEL: Final = "sms"

# CONTRACTS.md "Statuses", column "contacts"
WORD_OF_STATUS: Final[dict[Status, str]] = {
    Status.SCHEDULED: "scheduled",
    Status.QUEUED: "queued",
    Status.SENT: "sent",
    Status.DELIVERED: "delivered",
    Status.UNDELIVERABLE: "undelivered",
    Status.FAILED: "failed",
    Status.CANCELED: "canceled",
}
STATUS_OF_WORD: Final = {word: status for status, word in WORD_OF_STATUS.items()}

# Document 003 prints SMS and OTP of `MessageType`; the rest is one word per class of waiting, and what others call it.
PRIORITY_OF_TYPE: Final[dict[str, Priority]] = {
    "SMS": Priority.TRANSACTIONAL,
    "OTP": Priority.OTP,
    "MARKETING": Priority.MARKETING,
    "TRANSACTIONAL": Priority.TRANSACTIONAL,
    "PROMOTIONAL": Priority.MARKETING,
}
DEFAULT_TYPE: Final = "SMS"
WORD_OF_PRIORITY: Final[dict[Priority, str]] = {
    Priority.TRANSACTIONAL: "SMS",
    Priority.OTP: "OTP",
    Priority.MARKETING: "MARKETING",
}


def message_type(message: Message) -> str:
    """The `type` of a message of any dialect."""
    return WORD_OF_PRIORITY[message.priority]


class Problem(NamedTuple):
    """How one kind of error reads."""

    status: int
    code: str


INVALID: Final = Problem(400, "VALIDATION_FAILED")
TERMS: Final = Problem(403, "TERMS_NOT_ACCEPTED")
NOT_CURRENT: Final = Problem(409, "TERMS_NOT_CURRENT")

OF_FAULT: Final[dict[Fault, Problem]] = {
    Fault.INVALID: INVALID,
    Fault.UNAUTHENTICATED: Problem(401, "UNAUTHENTICATED"),
    Fault.WRONG_TENANT: Problem(403, "TENANT_MISMATCH"),
    Fault.SCOPE_MISSING: Problem(403, "INSUFFICIENT_SCOPE"),
    Fault.NO_SUCH_PATH: Problem(404, "NOT_FOUND"),
    Fault.NOT_FOUND: Problem(404, "NOT_FOUND"),
    Fault.METHOD_NOT_ALLOWED: Problem(405, "METHOD_NOT_ALLOWED"),
    Fault.BODY_TIMEOUT: Problem(408, "REQUEST_TIMEOUT"),
    Fault.KEY_CONFLICT: Problem(409, "IDEMPOTENCY_CONFLICT"),
    Fault.TOO_LARGE: Problem(413, "REQUEST_TOO_LARGE"),
    Fault.MEDIA_TYPE: Problem(415, "UNSUPPORTED_MEDIA_TYPE"),
    Fault.EXPECTATION: Problem(417, "EXPECTATION_FAILED"),
    Fault.RATE_LIMITED: Problem(429, "RATE_LIMITED"),
    Fault.INTERNAL: Problem(500, "INTERNAL_ERROR"),
    Fault.OVERLOADED: Problem(503, "OVERLOADED"),
    Fault.UNAVAILABLE: Problem(503, "DEPENDENCY_UNAVAILABLE"),
}

OF_WHY: Final[dict[Why, Problem]] = {
    Why.INVALID: INVALID,
    Why.INVALID_RECIPIENT: Problem(400, "INVALID_RECIPIENT"),
    Why.INVALID_SENDER: Problem(422, "INVALID_SENDER"),
    Why.SENDER_MISSING: Problem(422, "SENDER_MISSING"),
    Why.SENDER_NOT_ALLOWED: Problem(422, "SENDER_NOT_ALLOWED"),
    Why.BODY_EMPTY: INVALID,
    Why.BODY_TOO_LONG: INVALID,
    Why.CALLBACK_NOT_ALLOWED: INVALID,
    Why.SUPPRESSED: Problem(422, "RECIPIENT_SUPPRESSED"),
    Why.COUNTRY_NOT_ALLOWED: Problem(422, "COUNTRY_NOT_ALLOWED"),
    Why.TOO_MANY_SEGMENTS: Problem(422, "TOO_MANY_SEGMENTS"),
    Why.TOO_MANY_TO_RECIPIENT: Problem(429, "TOO_MANY_TO_RECIPIENT"),
    Why.TOO_MANY_TO_PREFIX: Problem(429, "TOO_MANY_TO_PREFIX"),
    Why.NUMBERS_IN_A_ROW: Problem(422, "NUMBERS_IN_A_ROW"),
    Why.NOT_PRICED: Problem(422, "DESTINATION_NOT_PRICED"),
    Why.SPENDING_CAP: Problem(402, "SPENDING_CAP_REACHED"),
    Why.INSUFFICIENT_BALANCE: Problem(402, "INSUFFICIENT_BALANCE"),
}

# As the framework words them; Python's own words for 413 and 422 differ from release to release.
PHRASES: Final[dict[int, str]] = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    413: "Payload Too Large",
    415: "Unsupported Media Type",
    417: "Expectation Failed",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
