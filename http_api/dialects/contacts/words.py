"""The contacts dialect's words for the core's closed sets, and its errors. A test walks every member of every table.

Errors have the shape of the framework that document 003 was written for (NestJS: `HttpException`, and `ValidationPipe`,
whose `message` is a list of sentences): `statusCode`, `message`, `error` (the status in words), and a `code` of ours.
"""

from __future__ import annotations

from typing import Final

from gateway.domain.message import Message
from gateway.domain.send import Why
from gateway.domain.words import Priority, Status
from http_api.codes import FAULTS, REFUSALS, Problem
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


INVALID: Final = Problem(400, "VALIDATION_FAILED")
TERMS: Final = Problem(403, "TERMS_NOT_ACCEPTED")
NOT_CURRENT: Final = Problem(409, "TERMS_NOT_CURRENT")

OF_FAULT: Final[dict[Fault, Problem]] = {
    **FAULTS,
    Fault.INVALID: INVALID,
    Fault.NOT_FOUND: Problem(404, "NOT_FOUND"),
}

OF_WHY: Final[dict[Why, Problem]] = {
    **REFUSALS,
    Why.INVALID: INVALID,
    Why.INVALID_RECIPIENT: Problem(400, "INVALID_RECIPIENT"),
    Why.INVALID_SENDER: Problem(422, "INVALID_SENDER"),
    Why.SENDER_MISSING: Problem(422, "SENDER_MISSING"),
    Why.BODY_EMPTY: INVALID,
    Why.BODY_TOO_LONG: INVALID,
    Why.CALLBACK_NOT_ALLOWED: INVALID,
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
