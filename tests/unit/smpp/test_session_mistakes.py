"""What a session does with a peer that does not keep to the specification."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp import codec
from smpp.constants import CommandId, Status
from smpp.esme import EsmeSession
from smpp.events import SessionConfig
from smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    CancelSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smpp.smsc import SmscSession
from smpp.states import State
from tests.unit.smpp.recording import BODY, Recorder, esme, give, sent, smsc


def test_enquire_link_is_answered_in_any_state() -> None:
    session = EsmeSession(Recorder(), SessionConfig(), 0.0)
    give(session, EnquireLink(sequence=4))
    assert sent(session) == [EnquireLinkResp(sequence=4)]


def test_an_unknown_command_is_nacked_and_passed_over() -> None:
    session, told = esme()
    session.receive(codec.frame(0x0000_0999, 0, 12, b"whatever"), 1.0)
    assert sent(session) == [GenericNack(sequence=12, status=Status.ESME_RINVCMDID)]
    assert told.take() == []
    assert session.bound


def test_an_unknown_answer_is_never_answered() -> None:
    session, _ = esme()
    session.receive(codec.frame(0x8000_0999, 0, 12, b"whatever"), 1.0)
    assert sent(session) == []
    assert session.counters.bad_pdus == 1


def test_a_broken_body_is_refused_and_passed_over() -> None:
    session, told = esme()
    session.receive(codec.frame(CommandId.DELIVER_SM, 0, 8, b"\0\1"), 1.0)
    (refusal,) = sent(session)
    assert isinstance(refusal, DeliverSmResp)
    assert refusal.sequence == 8
    assert refusal.status != 0
    assert told.take() == []
    assert session.counters.bad_pdus == 1


@pytest.mark.parametrize("length", [0, 15, 0x7FFF_FFFF])
def test_a_broken_length_ends_the_session(length: int) -> None:
    session, told = esme()
    session.submit(BODY, "written", 1.0)
    session.data_to_send()
    session.submit(BODY, "not written", 1.0)
    session.receive(length.to_bytes(4, "big") + codec.encode(EnquireLink(sequence=2))[4:], 1.0)
    lost, closed = told.take()
    assert lost == ("lost", ["written"], ["not written"])
    assert closed[0] == "closed"
    (nack,) = sent(session)
    assert isinstance(nack, GenericNack)
    assert nack.status == Status.ESME_RINVCMDLEN


def test_what_is_not_the_peers_to_ask_is_nacked() -> None:
    session, told = esme()
    give(session, SubmitSm(sequence=3))
    assert sent(session) == [GenericNack(sequence=3, status=Status.ESME_RINVCMDID)]
    assert told.take() == []


def test_a_second_bind_is_refused() -> None:
    session, told = smsc()
    give(session, BindTransceiver(sequence=2, system_id="esme"))
    assert sent(session) == [BindTransceiverResp(sequence=2, status=Status.ESME_RALYBND)]
    assert told.take() == []
    assert session.state is State.BOUND_TRX


def test_a_submit_before_the_bind_is_refused() -> None:
    told = Recorder()
    session = SmscSession(told, SessionConfig(), 0.0)
    give(session, SubmitSm(sequence=1), CancelSm(sequence=2))
    assert [(pdu.sequence, pdu.status) for pdu in sent(session)] == [(1, 4), (2, 4)]
    assert told.take() == []
    assert session.counters.refused_requests == 2


def test_bytes_one_at_a_time() -> None:
    session, told = esme()
    sequence = session.submit(BODY, "a", 1.0)
    sent(session)
    for octet in codec.encode(SubmitSmResp(sequence=sequence, message_id="slow")):
        session.receive(bytes([octet]), 1.0)
    assert told.take() == [("answered", "a", 0, "slow")]


def test_what_follows_the_end_is_dropped() -> None:
    session, told = esme()
    sequence = session.submit(BODY, "a", 1.0)
    sent(session)
    give(session, Unbind(sequence=9), SubmitSmResp(sequence=sequence, message_id="too late"))
    assert told.take() == [("lost", ["a"], []), ("closed", "unbound by the peer")]
    give(session, EnquireLink(sequence=10))
    assert sent(session) == [UnbindResp(sequence=9)]


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_octets_raise(pieces: list[bytes]) -> None:
    for session in (esme()[0], smsc()[0]):
        for data in pieces:
            session.receive(data, 1.0)
            session.data_to_send()
        assert session.window_used == 0


@given(
    st.sampled_from([*CommandId, 0x999, 0x8000_0999]),
    st.integers(0, 5),
    st.integers(0, 3),
    st.binary(max_size=80),
)
def test_no_pdu_raises(command_id: int, status: int, sequence: int, content: bytes) -> None:
    for session, told in (esme(), smsc()):
        open_tags = []
        if isinstance(session, EsmeSession):
            session.submit(BODY, "open", 1.0)
            open_tags.append("open")
            session.data_to_send()
        session.receive(codec.frame(command_id, status, sequence, content), 1.0)
        session.connection_lost("over")
        ended = [tag for event in told.events if event[0] == "lost" for tag in event[1]]
        ended += [event[1] for event in told.events if event[0] == "answered"]
        assert ended == open_tags


def test_an_answer_that_cannot_be_read_and_was_not_asked_for_is_counted() -> None:
    session, told = esme()
    session.receive(codec.frame(CommandId.QUERY_SM_RESP, 0, 9, b"id\0"), 1.0)
    assert (told.take(), sent(session)) == ([], [])
    assert (session.counters.bad_pdus, session.counters.unknown_answers) == (1, 1)
