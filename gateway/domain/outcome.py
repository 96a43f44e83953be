"""What an operator is given and what it answers: parts, and the outcome of writing each.

An operator translates its carrier's words into these; nothing above it sees a command_status. Every outcome
keeps the carrier's own words in `error` for people to read; no decision is taken from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.domain.words import Reason


@dataclass(slots=True)
class Accepted:
    """The carrier took the part and names it `ref`. `receipt`: it was asked to tell what becomes of it."""

    ref: str
    receipt: bool = True


@dataclass(frozen=True, slots=True)
class Throttled:
    """The carrier asks to slow down. Same carrier again after `after_s`; counts as no attempt."""

    after_s: float
    error: str


@dataclass(frozen=True, slots=True)
class Retry:
    """A passing fault: the same carrier again, later, then the next one.

    `after_s` None: the operator's steps; `at_most`: tries before the next operator, None: as many as there
    are steps.
    """

    reason: Reason
    error: str
    after_s: float | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class NextRoute:
    """This carrier can't take this message (its configuration or ours is wrong): the next one at once."""

    reason: Reason
    error: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Final: no carrier would take it."""

    reason: Reason
    error: str


@dataclass(frozen=True, slots=True)
class SessionFault:
    """Nothing is wrong with the part; the link is not there. It was not written, or it was refused for the
    link's sake.
    """

    error: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Written, and no answer recorded: the carrier may have it or not."""

    error: str


Outcome = Accepted | Throttled | Retry | NextRoute | Refused | SessionFault | Doubt


@dataclass(slots=True)
class Part:
    """What one attempt on one operator writes: the operator's own encoding, opaque to everybody else.

    The first three fields are the part's name in the flight journal and in the store.
    """

    message_id: bytes
    attempt: int
    part: int  #: from 1
    total: int
    payload: object
    receipt: bool = True  #: the carrier is asked for one
    flight: Any = None  #: the dispatcher's own; an operator leaves it alone
    written_at: float = 0.0  #: the operator's own: when it wrote the part, in seconds of its clock
    pace: Any = None  #: the operator's own: what its rates count the part by, until it is counted
