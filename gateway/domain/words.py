"""The core's closed sets: statuses, reasons, priorities, the states of a part.

Each dialect and each operator owns a table from or to these words; a test walks every member through every
table.
"""

from __future__ import annotations

import enum


class Status(enum.StrEnum):
    """Where a message stands. DESIGN.md and the README draw the moves between them from `TRANSITIONS`."""

    SCHEDULED = "scheduled"  #: for a later time
    QUEUED = "queued"  #: accepted and durable
    SENT = "sent"  #: the carrier took every part; final where it was asked for no receipts (`Message.over`)
    DELIVERED = "delivered"  #: final
    UNDELIVERABLE = "undeliverable"  #: final, with a reason: the recipient can't or may not be reached
    FAILED = "failed"  #: final, with a reason: everything else
    CANCELED = "canceled"  #: final: by the tenant, before it left


class Reason(enum.StrEnum):
    """Why a message ended without being delivered: a closed set; the carrier's own error is kept beside it."""

    INVALID_NUMBER = "invalid_number"
    BLOCKED = "blocked"
    OPTED_OUT = "opted_out"
    EXPIRED = "expired"
    ABSENT = "absent"
    BUSY = "busy"
    PORTABILITY = "portability"
    SPAM = "spam"
    ILLEGAL_MESSAGE = "illegal_message"
    AGE_RESTRICTED = "age_restricted"
    PREPAID_FUNDS = "prepaid_funds"
    REGULATION = "regulation"
    NO_ROUTE = "no_route"
    REJECTED_BY_CARRIER = "rejected_by_carrier"
    CARRIER_ERROR = "carrier_error"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    UNCONFIRMED = "unconfirmed"
    UNKNOWN = "unknown"


UNDELIVERABLE_REASONS = frozenset({Reason.INVALID_NUMBER, Reason.BLOCKED, Reason.OPTED_OUT, Reason.EXPIRED})
"""Reasons that say that the recipient can't or may not be reached; the others end a message as failed."""


class Priority(enum.IntEnum):
    """Classes of waiting: a lower one is sent first."""

    OTP = 0
    TRANSACTIONAL = 1
    MARKETING = 2


class PartState(enum.IntEnum):
    """Where a part of one attempt stands."""

    RETURNED = 0  #: not with the carrier: to be written again, by a later attempt
    DOUBT = 1  #: written, no answer recorded
    ACCEPTED = 2  #: the carrier took it
    DELIVERED = 3
    UNDELIVERABLE = 4
    FAILED = 5
    REFUSED = 6  #: the carrier refused it for good
    SILENT = 7  #: the carrier took it and was asked for no receipt: another part speaks for it, or none


RECEIPTED = frozenset({PartState.DELIVERED, PartState.UNDELIVERABLE, PartState.FAILED})
"""States that a final receipt has set; a later receipt changes nothing."""

OVER = RECEIPTED | {PartState.SILENT}
"""States of a part for which no receipt is expected any more."""

WITH_CARRIER = RECEIPTED | {PartState.ACCEPTED, PartState.SILENT}
"""States of a part that the carrier has answered ESME_ROK for: it is never written again by itself."""

MAY_HAVE = WITH_CARRIER | {PartState.DOUBT}
"""States of a part that the carrier has, or may have."""


class ReceiptEffect(enum.StrEnum):
    """What a receipt did; the words of the metric."""

    APPLIED = "applied"
    INTERMEDIATE = "intermediate"
    REPEATED = "repeated"  #: the part had its final receipt already
    PARKED = "parked"  #: nothing known by that ref yet
    MATCHED = "matched"  #: taken for a part in doubt


class Role(enum.StrEnum):
    """What a process of the gateway can do."""

    API = "api"
    SENDER = "sender"
    WEBHOOKS = "webhooks"
