"""Sessions without sockets for the tests: what they are given, what they tell, and what they want written."""

from __future__ import annotations

from typing import Any

from smpp import codec
from smpp.esme import EsmeSession
from smpp.events import SessionConfig
from smpp.pdu import (
    AlertNotification,
    BindPdu,
    BindRespPdu,
    BindTransceiver,
    BindTransceiverResp,
    DataSm,
    DeliverSm,
    Outbind,
    Pdu,
    SubmitSm,
)
from smpp.session import Session
from smpp.smsc import SmscSession
from smpp.timers import TimerLimits

BODY = codec.encode_submit_body(
    SubmitSm(source_addr="1000", destination_addr="447700900123", short_message=b"hi")
)
LIMITS = TimerLimits(session_init_s=5.0, enquire_link_s=30.0, response_s=10.0, inactivity_s=0.0)


class Recorder:
    """Writes down every event as a tuple, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def take(self) -> list[tuple[Any, ...]]:
        taken, self.events = self.events, []
        return taken

    def bound(self, resp: BindRespPdu) -> None:
        self.events.append(("bound", resp.system_id))

    def bind_refused(self, status: int) -> None:
        self.events.append(("bind_refused", status))

    def answered(self, tag: Any, status: int, message_id: str, pdu: Pdu) -> None:
        self.events.append(("answered", tag, status, message_id))

    def timed_out(self, tag: Any) -> None:
        self.events.append(("timed_out", tag))

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        self.events.append(("lost", written, unwritten))

    def closed(self, reason: str) -> None:
        self.events.append(("closed", reason))

    def delivered(self, pdu: DeliverSm | DataSm) -> None:
        self.events.append(("delivered", pdu))

    def replied(self, tag: Any, pdu: Pdu | None) -> None:
        self.events.append(("replied", tag, pdu))

    def alerted(self, pdu: AlertNotification) -> None:
        self.events.append(("alerted", pdu.source_addr))

    def outbound(self, pdu: Outbind) -> None:
        self.events.append(("outbound", pdu.system_id))

    def bind_requested(self, pdu: BindPdu) -> None:
        self.events.append(("bind_requested", pdu.system_id))

    def requested(self, pdu: Pdu) -> None:
        self.events.append(("requested", pdu))


def sent(session: Session) -> list[Pdu]:
    """What the session wants written, read by the codec."""
    reader = codec.FrameReader()
    reader.feed(session.data_to_send())
    return [codec.decode_body(*frame) for frame in reader]


def give(session: Session, *pdus: Pdu, now: float = 1.0) -> None:
    """The peer sends these, in one piece."""
    session.receive(b"".join(codec.encode(pdu) for pdu in pdus), now)


def esme(
    window: int = 10, limits: TimerLimits = LIMITS, timeouts_in_a_row: int = 5
) -> tuple[EsmeSession, Recorder]:
    """An ESME bound as transceiver at time 0."""
    told = Recorder()
    config = SessionConfig(window=window, timers=limits, timeouts_in_a_row=timeouts_in_a_row)
    session = EsmeSession(told, config, 0.0)
    session.bind(BindTransceiver(system_id="esme"), 0.0)
    (bind,) = sent(session)
    give(session, BindTransceiverResp(sequence=bind.sequence, system_id="smsc"), now=0.0)
    assert told.take() == [("bound", "smsc")]
    return session, told


def smsc(bind: BindPdu | None = None) -> tuple[SmscSession, Recorder]:
    """An SMSC that has accepted a bind at time 0."""
    told = Recorder()
    session = SmscSession(told, SessionConfig(timers=LIMITS), 0.0)
    request = bind or BindTransceiver(sequence=1, system_id="esme")
    give(session, request, now=0.0)
    assert told.take() == [("bind_requested", "esme")]
    assert session.answer_bind(request, 0, "smsc", 0.0)
    sent(session)
    return session, told
