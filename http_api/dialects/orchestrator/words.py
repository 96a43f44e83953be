"""The orchestrator's words for the core's closed sets. A test walks every member through every table."""

from __future__ import annotations

from typing import Final

from gateway.domain.message import Message
from gateway.domain.send import Why
from gateway.domain.words import PartState, Priority, Status

DIALECT: Final = "orchestrator"

WORD_OF_STATUS: Final[dict[Status, str]] = {
    Status.SCHEDULED: "SCHEDULED",
    Status.QUEUED: "QUEUED",
    Status.SENT: "SENT",
    Status.DELIVERED: "DELIVERED",
    Status.UNDELIVERABLE: "UNDELIVERABLE",
    Status.FAILED: "FAILED",
    Status.CANCELED: "CANCELED",
}
STATUS_OF_WORD: Final = {word: status for status, word in WORD_OF_STATUS.items()}

WORD_OF_PART_STATE: Final[dict[PartState, str]] = {
    PartState.RETURNED: "RETURNED",
    PartState.DOUBT: "IN_DOUBT",
    PartState.ACCEPTED: "ACCEPTED",
    PartState.DELIVERED: "DELIVERED",
    PartState.UNDELIVERABLE: "UNDELIVERABLE",
    PartState.FAILED: "FAILED",
    PartState.REFUSED: "REFUSED",
    PartState.SILENT: "ACCEPTED",  # the same to a tenant: the message's own status tells the rest
}

# Contract "orchestrator": `messageType` says in which class a message waits, and how the handset shows it.
CLASSES_OF_TYPE: Final[dict[str, tuple[Priority, int | None]]] = {
    "SMS": (Priority.TRANSACTIONAL, None),
    "OTP": (Priority.OTP, None),
    "MARKETING": (Priority.MARKETING, None),
    "FLASH": (Priority.TRANSACTIONAL, 0),  # message class 0: shown at once (3GPP TS 23.038, 4)
}
_TYPE_OF_CLASSES: Final = {classes: word for word, classes in CLASSES_OF_TYPE.items()}


def message_type(message: Message) -> str:
    """The `messageType` that a message was sent with; another dialect's mixture is told by its priority."""
    known = _TYPE_OF_CLASSES.get((message.priority, message.message_class))
    return known or _TYPE_OF_CLASSES[message.priority, None]


POINTER_OF_WHY: Final[dict[Why, str]] = {
    Why.INVALID: "",
    Why.INVALID_RECIPIENT: "/to",
    Why.INVALID_SENDER: "/from",
    Why.SENDER_MISSING: "/from",
    Why.SENDER_NOT_ALLOWED: "/from",
    Why.BODY_EMPTY: "/body",
    Why.BODY_TOO_LONG: "/body",
    Why.CALLBACK_NOT_ALLOWED: "/callbackUrl",
    Why.SUPPRESSED: "/to",
    Why.COUNTRY_NOT_ALLOWED: "/to",
    Why.TOO_MANY_SEGMENTS: "/body",
    Why.TOO_MANY_TO_RECIPIENT: "/to",
    Why.TOO_MANY_TO_PREFIX: "/to",
    Why.NUMBERS_IN_A_ROW: "/to",
    Why.NOT_PRICED: "/to",
    Why.INSUFFICIENT_BALANCE: "",
    Why.SPENDING_CAP: "",
}
"""The field that a refusal of the core is about; "": the whole message."""
