"""The message centre's side of a session (SMSC): it is bound to, is submitted to, and delivers."""

from __future__ import annotations

from smpp import codec
from smpp.constants import INTERFACE_VERSION, RESPONSE_BIT, Status, Tag
from smpp.errors import NotBoundError
from smpp.events import SessionConfig, SessionCounters, SmscEvents
from smpp.pdu import (
    PDU_CLASSES,
    AlertNotification,
    BindPdu,
    BindRespPdu,
    DataSm,
    DeliverSm,
    Outbind,
    Pdu,
)
from smpp.session import Session
from smpp.states import BINDS, Move, Role, State, may_issue


class SmscSession(Session):
    """The message centre's side: is bound to, is submitted to, delivers."""

    role = Role.SMSC

    def __init__(
        self, events: SmscEvents, config: SessionConfig, now: float, counters: SessionCounters | None = None
    ) -> None:
        super().__init__(events, config, now, counters)
        self._events = events

    def answer_bind(self, pdu: BindPdu, status: int, system_id: str, now: float) -> bool:
        """Accept (status 0) or refuse the bind; refused, the peer may try again within session_init."""
        if self.state is not State.BINDING:
            return False
        resp = PDU_CLASSES[pdu.command_id | RESPONSE_BIT](sequence=pdu.sequence, status=status)
        assert isinstance(resp, BindRespPdu)
        resp.system_id = system_id
        # 3.3 peers know no optional parameters (3.4, 3.2.4 and 5.3.2.25).
        if status == Status.ESME_ROK and pdu.interface_version >= INTERFACE_VERSION:
            resp.tlvs[Tag.SC_INTERFACE_VERSION] = bytes([INTERFACE_VERSION])
        self._out.append(codec.encode(resp))
        if status != Status.ESME_ROK:
            return self._move(Move.REFUSED)
        self._timers.bound(now)
        return self._move(BINDS[pdu.command_id])

    def answer(self, pdu: Pdu, now: float) -> bool:
        """Send the answer to a request, any time before the session ends; False after that."""
        if self.state is State.CLOSED:
            return False
        self._out.append(codec.encode(pdu))
        self._timers.used_at = now
        return True

    def deliver(self, pdu: DeliverSm | DataSm, tag: object, now: float) -> int:
        """Put a delivery in line; returns its sequence number. Raises WindowFullError or NotBoundError."""
        if not may_issue(self.role, pdu.command_id, self.state):
            raise NotBoundError(
                f"{pdu.command_id.name} needs a bound receiver, this session is {self.state.name}"
            )
        return self._request(pdu.command_id, codec.encode_body(pdu), tag, now)

    def notify(self, pdu: Outbind | AlertNotification, now: float) -> None:
        """Say something that has no answer. Raises NotBoundError when it is not the time for it."""
        if not may_issue(self.role, pdu.command_id, self.state):
            raise NotBoundError(f"{pdu.command_id.name} can't be sent while {self.state.name}")
        pdu.sequence = self._next_sequence()
        self._out.append(codec.encode(pdu))
        self._timers.used_at = now

    def _on_other(self, pdu: Pdu) -> None:
        if pdu.command_id & RESPONSE_BIT:
            super()._on_other(pdu)
        elif self._in_order(pdu):
            self._timers.used_at = self._now
            if isinstance(pdu, BindPdu):
                self._move(Move.BIND)
                self._events.bind_requested(pdu)
            else:
                self._events.requested(pdu)
