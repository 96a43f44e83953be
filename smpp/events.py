"""What a session is given and what it tells: its limits, its counters, and the events of either role.

The events are plain calls on one object, without a future or a task per request: they are the hot path.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from smpp.pdu import AlertNotification, BindPdu, BindRespPdu, DataSm, DeliverSm, Outbind, Pdu
from smpp.timers import TimerLimits


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """Limits of one session. `window` counts unanswered requests of ours, the timed-out ones included."""

    window: int = 10
    timers: TimerLimits = field(default_factory=TimerLimits)
    timeouts_in_a_row: int = 5
    max_pdu_bytes: int = 65536

    def __post_init__(self) -> None:
        if self.window < 1 or self.timeouts_in_a_row < 1:
            raise ValueError("window and timeouts_in_a_row must be at least 1")


@dataclass(slots=True)
class SessionCounters:
    """What a session has seen, for the metrics. One object may serve several sessions."""

    answers: int = 0
    timeouts: int = 0
    late_answers: int = 0
    unknown_answers: int = 0
    bad_pdus: int = 0
    refused_requests: int = 0
    ignored_requests: int = 0
    alerts: int = 0
    questions: int = 0
    unanswered_questions: int = 0
    illegal_moves: int = 0
    closings: int = 0


class SessionEvents(Protocol):
    """What either side is told."""

    def answered(self, tag: Any, status: int, message_id: str, pdu: Pdu) -> None:
        """The request of this tag was answered; `message_id` is empty when the answer has none."""

    def timed_out(self, tag: Any) -> None:
        """No answer within the response timer. The slot stays taken: the answer may still come."""

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        """The session has ended with these tags unanswered: in doubt, and never handed to the socket."""

    def closed(self, reason: str) -> None:
        """The session has ended. Write what is left in `data_to_send`, then close the connection."""


class EsmeEvents(SessionEvents, Protocol):
    """What an ESME is told."""

    def bound(self, resp: BindRespPdu) -> None:
        """Our bind was accepted."""

    def bind_refused(self, status: int) -> None:
        """Our bind was refused; the connection is still open, and of no use."""

    def delivered(self, pdu: DeliverSm | DataSm) -> None:
        """A receipt or an inbound message. It must be acknowledged, later and in any order."""

    def replied(self, tag: Any, pdu: Pdu | None) -> None:
        """What became of a question (`ask`): its answer, a generic_nack, or None when none has come in time."""

    def alerted(self, pdu: AlertNotification) -> None:
        """A phone that a message waits for is there again; nobody answers that. SMPP 3.4, 4.12."""

    def outbound(self, pdu: Outbind) -> None:
        """The SMSC has something for us and wants us to bind on this connection. SMPP 3.4, 4.1.7."""


class SmscEvents(SessionEvents, Protocol):
    """What an SMSC is told."""

    def bind_requested(self, pdu: BindPdu) -> None:
        """A peer wants to bind: answer with `answer_bind`, now or later."""

    def requested(self, pdu: Pdu) -> None:
        """A submit_sm, query_sm and so on: answer with `answer`, now or later."""
