"""The SMSC's side of a session against scripted bytes."""

from __future__ import annotations

import pytest

from smpp.constants import Status, Tag
from smpp.errors import NotBoundError
from smpp.events import SessionConfig
from smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    DeliverSm,
    DeliverSmResp,
    QuerySm,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
)
from smpp.smsc import SmscSession
from smpp.states import State
from tests.unit.smpp.recording import Recorder, give, sent, smsc


def test_an_smsc_answers_when_it_likes() -> None:
    session, told = smsc()
    give(session, SubmitSm(sequence=2, short_message=b"x"), QuerySm(sequence=3, message_id="m"))
    assert [type(event[1]) for event in told.take()] == [SubmitSm, QuerySm]
    assert session.answer(QuerySmResp(sequence=3, message_id="m", message_state=2), 1.0)
    assert session.answer(SubmitSmResp(sequence=2, message_id="m"), 1.0)
    assert [pdu.sequence for pdu in sent(session)] == [3, 2]
    session.connection_lost("gone")
    assert not session.answer(SubmitSmResp(sequence=2, message_id="m"), 1.0)


def test_an_smsc_delivers_and_hears_the_answer() -> None:
    session, told = smsc()
    sequence = session.deliver(DeliverSm(short_message=b"receipt"), "r1", 1.0)
    (delivery,) = sent(session)
    assert isinstance(delivery, DeliverSm)
    assert delivery.sequence == sequence
    give(session, DeliverSmResp(sequence=sequence, status=Status.ESME_RX_T_APPN))
    assert told.take() == [("answered", "r1", Status.ESME_RX_T_APPN, "")]


def test_an_smsc_delivers_only_to_receivers() -> None:
    session, _ = smsc(BindTransmitter(sequence=1, system_id="esme"))
    with pytest.raises(NotBoundError, match="BOUND_TX"):
        session.deliver(DeliverSm(), "r", 1.0)


@pytest.mark.parametrize(("version", "tells"), [(0x33, False), (0x34, True), (0x50, True)])
def test_the_interface_version_is_told_to_those_who_know_tlvs(version: int, tells: bool) -> None:
    session = SmscSession(Recorder(), SessionConfig(), 0.0)
    bind = BindTransceiver(sequence=1, interface_version=version)
    give(session, bind)
    session.answer_bind(bind, 0, "smsc", 0.0)
    (resp,) = sent(session)
    assert (Tag.SC_INTERFACE_VERSION in resp.tlvs) is tells


def test_a_refused_peer_may_try_again() -> None:
    told = Recorder()
    session = SmscSession(told, SessionConfig(), 0.0)
    first = BindTransceiver(sequence=1, system_id="a")
    give(session, first)
    assert session.answer_bind(first, Status.ESME_RINVPASWD, "smsc", 0.0)
    second = BindTransceiver(sequence=2, system_id="a")
    give(session, second)
    assert session.answer_bind(second, 0, "smsc", 0.0)
    assert session.state is State.BOUND_TRX
    assert [pdu.status for pdu in sent(session)] == [Status.ESME_RINVPASWD, 0]


def test_a_delivery_comes_after_the_answer_to_the_bind() -> None:
    session = SmscSession(Recorder(), SessionConfig(), 0.0)
    bind = BindTransceiver(sequence=1)
    give(session, bind)
    session.answer_bind(bind, 0, "smsc", 0.0)
    session.deliver(DeliverSm(), "waited", 0.0)
    assert [type(pdu) for pdu in sent(session)] == [BindTransceiverResp, DeliverSm]


def test_a_bind_is_answered_once() -> None:
    session, _ = smsc()
    assert not session.answer_bind(BindTransceiver(sequence=1), 0, "smsc", 0.0)
    assert session.data_to_send() == b""


@pytest.mark.parametrize(("window", "timeouts"), [(0, 5), (10, 0)])
def test_limits_that_make_no_sense_are_refused(window: int, timeouts: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        SessionConfig(window=window, timeouts_in_a_row=timeouts)
