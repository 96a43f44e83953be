"""What carriers tell us without being asked: receipts, and messages that phones sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.words import PartState, Reason


@dataclass(slots=True)
class Receipt:
    """A carrier's word on what became of a part.

    `sender` and `recipient` are those of the message (not swapped), in the core's form: E.164 with `+`
    where the carrier's number is one. `state` is None for an intermediate receipt, else DELIVERED,
    UNDELIVERABLE or FAILED. `user_reference` is our own reference, where the carrier's protocol brings it
    back.
    """

    operator: str
    ref: str
    sender: str
    recipient: str
    state: PartState | None
    reason: Reason | None
    error: str
    at: datetime
    user_reference: int | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message, or one part of a message, that a phone sent to one of our numbers.

    `fingerprint` is a digest of all fields of the PDU. A repetition is dropped only while the earlier copy
    is not known to have been answered (`Store.answered_inbound`): two real "YES" stay two (promise 3).
    """

    operator: str
    sender: str  #: the phone
    recipient: str  #: our number
    body: str
    at: datetime
    concat_ref: int | None = None
    concat_total: int = 1
    concat_part: int = 1
    data: bytes | None = None  #: the octets, where they are no text
    fingerprint: bytes = b""
