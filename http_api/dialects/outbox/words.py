"""The outbox's words for the core's closed sets. A test walks every member through every table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gateway.domain import ids
from gateway.domain.send import Why
from gateway.domain.words import Status
from gateway.services.outbox import NotResent
from http_api.codes import FAULTS, REFUSALS, Problem
from http_api.errors import Fault

DIALECT: Final = "outbox"

PENDING: Final = "pending"
SENT: Final = "sent"
FAILED: Final = "failed"
WORDS: Final = (PENDING, SENT, FAILED)

CANCELED: Final = "canceled: it was canceled before it was sent"
"""Why a canceled message failed."""

WORD_OF_STATUS: Final[dict[Status, str]] = {
    Status.SCHEDULED: PENDING,
    Status.QUEUED: PENDING,
    Status.SENT: PENDING,  # `sent` is a promise of delivery here: see `word_of`
    Status.DELIVERED: SENT,
    Status.UNDELIVERABLE: FAILED,
    Status.FAILED: FAILED,
    Status.CANCELED: FAILED,
}


def word_of(status: Status, *, over: bool) -> str:
    """A status in this dialect: what a carrier has taken that is asked for no receipts is over, and sent."""
    if status is Status.SENT and over:
        return SENT
    return WORD_OF_STATUS[status]


def statuses_of(words: Iterable[str]) -> frozenset[Status]:
    """The core's statuses that may have one of these words."""
    asked = set(words)
    found = {status for status, word in WORD_OF_STATUS.items() if word in asked}
    return frozenset(found | {Status.SENT} if SENT in asked else found)


def words_of(statuses: frozenset[Status]) -> frozenset[str]:
    """The words that `statuses_of` was asked for."""
    return frozenset(WORD_OF_STATUS[status] for status in statuses if status is not Status.SENT)


PREFIX: Final = "obx_"


def outbox_id(first: bytes) -> str:
    """An entry's id: that of its first message."""
    return PREFIX + first.hex()


def read_outbox_id(text: str) -> bytes | None:
    """The first message of the entry that has this id; None when it is no id as we give them."""
    found = ids.parse(text.removeprefix(PREFIX)) if text.startswith(PREFIX) else None
    return found if found is not None and outbox_id(found) == text else None


INVALID_REQUEST: Final = Problem(400, "INVALID_REQUEST")

OF_FAULT: Final[dict[Fault, Problem]] = {
    **FAULTS,
    Fault.INVALID: INVALID_REQUEST,
    Fault.NOT_FOUND: Problem(404, "OUTBOX_ENTRY_NOT_FOUND"),
}

OF_WHY: Final[dict[Why, Problem]] = {
    **REFUSALS,
    Why.INVALID: INVALID_REQUEST,
    Why.INVALID_RECIPIENT: Problem(400, "INVALID_RECIPIENT"),
    Why.INVALID_SENDER: Problem(400, "INVALID_SENDER"),
    Why.SENDER_MISSING: Problem(400, "SENDER_REQUIRED"),
    Why.BODY_EMPTY: Problem(400, "MESSAGE_EMPTY"),
    Why.BODY_TOO_LONG: Problem(400, "MESSAGE_TOO_LONG"),
    Why.CALLBACK_NOT_ALLOWED: INVALID_REQUEST,  # this dialect has no such field
}

OF_NOT_RESENT: Final[dict[NotResent, Problem]] = {
    NotResent.NOT_FOUND: OF_FAULT[Fault.NOT_FOUND],
    NotResent.NOT_FAILED: Problem(409, "NOT_FAILED"),
    NotResent.LIMIT_REACHED: Problem(409, "RETRY_LIMIT_REACHED"),
    NotResent.ERASED: Problem(409, "RECIPIENT_ERASED"),
}

DETAIL_OF_NOT_RESENT: Final[dict[NotResent, str]] = {
    NotResent.NOT_FOUND: "There is no outbox entry with this id.",
    NotResent.NOT_FAILED: "Only a failed entry can be sent again; this one is pending or sent.",
    NotResent.LIMIT_REACHED: "It was sent again as often as the account allows (resend_limit).",
    NotResent.ERASED: "Its recipient was erased: neither the number nor the text is kept, so send a new message.",
}

FIELD_OF_WHY: Final[dict[Why, str]] = {
    Why.INVALID: "",
    Why.INVALID_RECIPIENT: "recipientPhoneNumber",
    Why.INVALID_SENDER: "senderId",
    Why.SENDER_MISSING: "senderId",
    Why.SENDER_NOT_ALLOWED: "senderId",
    Why.BODY_EMPTY: "message",
    Why.BODY_TOO_LONG: "message",
    Why.CALLBACK_NOT_ALLOWED: "",
    Why.SUPPRESSED: "recipientPhoneNumber",
    Why.COUNTRY_NOT_ALLOWED: "recipientPhoneNumber",
    Why.TOO_MANY_SEGMENTS: "message",
    Why.TOO_MANY_TO_RECIPIENT: "recipientPhoneNumber",
    Why.TOO_MANY_TO_PREFIX: "recipientPhoneNumber",
    Why.NUMBERS_IN_A_ROW: "recipientPhoneNumber",
    Why.NOT_PRICED: "recipientPhoneNumber",
    Why.INSUFFICIENT_BALANCE: "",
    Why.SPENDING_CAP: "",
}
"""The field that a refusal of the core is about; "": the whole message."""
