"""The client's side of a session (ESME): it binds, submits, asks, and is delivered to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from smpp import codec
from smpp.constants import RESPONSE_BIT, CommandId, Status
from smpp.errors import NotBoundError, WindowFullError
from smpp.events import EsmeEvents, SessionConfig, SessionCounters
from smpp.pdu import (
    PDU_CLASSES,
    AlertNotification,
    BindPdu,
    BindRespPdu,
    DataSm,
    DataSmResp,
    DeliverSm,
    GenericNack,
    Outbind,
    Pdu,
    SubmitSmResp,
)
from smpp.questions import QUESTIONS, Questions
from smpp.session import Session
from smpp.states import BINDS, Move, Role, State, may_issue

# An enum's member costs as much to look up as a call of a small function: these are asked for with each PDU.
_SUBMIT_SM = int(CommandId.SUBMIT_SM)
_BOUND_TX, _BOUND_TRX, _CLOSED = State.BOUND_TX, State.BOUND_TRX, State.CLOSED


class EsmeSession(Session):
    """The client's side: binds, submits, is delivered to."""

    role = Role.ESME

    def __init__(
        self, events: EsmeEvents, config: SessionConfig, now: float, counters: SessionCounters | None = None
    ) -> None:
        super().__init__(events, config, now, counters)
        self._events = events
        self._questions = Questions()
        self._handlers |= {
            SubmitSmResp: self._settle,
            DeliverSm: self._on_delivery,
            DataSm: self._on_delivery,
            AlertNotification: self._on_alert,
            Outbind: self._on_outbind,
            **{PDU_CLASSES[command_id | RESPONSE_BIT]: self._on_reply for command_id in QUESTIONS},
            **{PDU_CLASSES[command_id | RESPONSE_BIT]: self._on_bind_resp for command_id in BINDS},
        }

    def bind(self, pdu: BindPdu, now: float) -> None:
        """Send the bind. Raises NotBoundError when the session is past that."""
        if not self._move(Move.BIND):
            raise NotBoundError(f"a session binds once, this one is {self.state.name}")
        self._out.append(self._control_frame(pdu))
        self._timers.bind_sent(now)

    def submit(self, body: bytes, tag: object, now: float) -> int:
        """Put a submit_sm of this body (`codec.encode_submit_body`) in line; returns its sequence number.

        The tag comes back with its answer. Raises WindowFullError, or NotBoundError when this session
        may not submit.
        """
        if self.state is not _BOUND_TRX and self.state is not _BOUND_TX:
            raise NotBoundError(f"submit_sm needs a bound transmitter, this session is {self.state.name}")
        return self._request(_SUBMIT_SM, body, tag, now)

    def ask(self, pdu: Pdu, tag: object, now: float) -> int:
        """Put a question in line: query_sm, cancel_sm or replace_sm; returns its sequence number.

        It takes a slot of the window until `replied`. Raises WindowFullError, EncodeError, or NotBoundError when this
        session may not ask it.
        """
        if pdu.command_id not in QUESTIONS or not may_issue(self.role, pdu.command_id, self.state):
            raise NotBoundError(f"{pdu.command_id.name} can't be asked while {self.state.name}")
        if self.window_used >= self._window:
            raise WindowFullError(f"{self.window_used} requests are unanswered")
        pdu.sequence = self._next_sequence()
        self._frames.append(codec.encode(pdu))
        self._questions.add(pdu, tag, now)
        self.window_used += 1
        self._timers.used_at = now
        self.counters.questions += 1
        return pdu.sequence

    def next_deadline(self) -> float | None:
        """As of any session, and when the oldest question is overdue."""
        deadline = super().next_deadline()
        response_s = self._config.timers.response_s
        if self._questions and response_s > 0:
            overdue = self._questions.deadline(response_s)
            return overdue if deadline is None else min(deadline, overdue)
        return deadline

    def acknowledge(self, pdu: DeliverSm | DataSm, status: int, now: float) -> bool:
        """Answer a delivery. False when the session has ended: the peer will deliver again."""
        if self.state is _CLOSED:
            return False
        if type(pdu) is DeliverSm:
            self._out.append(codec.encode_deliver_resp(pdu.sequence, status))
        else:
            self._out.append(codec.encode(DataSmResp(sequence=pdu.sequence, status=status)))
        self._timers.used_at = now
        return True

    def _on_delivery(self, pdu: DeliverSm | DataSm) -> None:
        if self.state is _BOUND_TRX or self._in_order(pdu):
            self._timers.used_at = self._now
            self._events.delivered(pdu)

    def _on_alert(self, pdu: AlertNotification) -> None:
        if self._in_order(pdu):
            self.counters.alerts += 1
            self._events.alerted(pdu)

    def _on_outbind(self, pdu: Outbind) -> None:
        if self._in_order(pdu):
            self._events.outbound(pdu)

    def _on_reply(self, pdu: Pdu) -> None:
        asked = self._questions.take(pdu)
        if asked is None:
            self.counters.unknown_answers += 1
        else:
            self._timers.used_at = self._now
            self._reply(asked, pdu)

    def _on_nack(self, pdu: GenericNack) -> None:
        if pdu.sequence in self._questions:
            self._on_reply(pdu)
        else:
            super()._on_nack(pdu)

    def _reply(self, asked: Iterable[Any], pdu: Pdu | None) -> None:
        for tag in asked:
            self.window_used -= 1
            self.counters.unanswered_questions += pdu is None
            self._events.replied(tag, pdu)

    def _expire(self, now: float) -> None:
        response_s = self._config.timers.response_s
        if self._questions and response_s > 0:
            self._reply(self._questions.overdue(response_s, now), None)
        super()._expire(now)

    def _is_open(self, sequence: int) -> bool:
        return sequence in self._questions or super()._is_open(sequence)

    def _end(self, reason: str) -> None:
        self._reply(self._questions.clear(), None)
        super()._end(reason)

    def _on_bind_resp(self, pdu: BindRespPdu) -> None:
        if self._control.get(pdu.sequence) != pdu.command_id:
            self.counters.unknown_answers += 1
            return
        del self._control[pdu.sequence]
        if pdu.status != Status.ESME_ROK:
            self._bind_refused(pdu.status)
        elif self._move(BINDS[pdu.command_id & ~RESPONSE_BIT]):
            self._timers.bound(self._now)
            self._events.bound(pdu)

    def _bind_refused(self, status: int) -> None:
        if self._move(Move.REFUSED):
            self._events.bind_refused(status)
