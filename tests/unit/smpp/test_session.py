"""The ESME's side of a session against scripted bytes; two sessions joined are in test_session_pairs.py."""

from __future__ import annotations

import pytest

from smpp import codec
from smpp.constants import MAX_SEQUENCE, CommandId, Status, Tag
from smpp.errors import NotBoundError, WindowFullError
from smpp.esme import EsmeSession
from smpp.events import SessionConfig
from smpp.pdu import (
    AlertNotification,
    BindPdu,
    BindReceiver,
    BindReceiverResp,
    BindRespPdu,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Pdu,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smpp.smsc import SmscSession
from smpp.states import State
from smpp.timers import TimerLimits
from tests.unit.smpp.recording import BODY, LIMITS, Recorder, esme, give, sent

# The bind.


@pytest.mark.parametrize(
    ("bind", "resp", "state"),
    [
        (BindTransceiver(system_id="u"), BindTransceiverResp(sequence=1), State.BOUND_TRX),
        (BindReceiver(system_id="u"), BindReceiverResp(sequence=1), State.BOUND_RX),
    ],
)
def test_bind(bind: BindPdu, resp: BindRespPdu, state: State) -> None:
    session = EsmeSession(Recorder(), SessionConfig(), 0.0)
    session.bind(bind, 0.0)
    assert session.state is State.BINDING
    (written,) = sent(session)
    assert type(written) is type(bind)
    assert written.sequence == 1
    give(session, resp)
    assert session.state is state
    assert session.bound


def test_bind_refused() -> None:
    told = Recorder()
    session = EsmeSession(told, SessionConfig(), 0.0)
    session.bind(BindTransceiver(), 0.0)
    give(session, BindTransceiverResp(sequence=1, status=Status.ESME_RINVPASWD))
    assert told.take() == [("bind_refused", Status.ESME_RINVPASWD)]
    assert not session.bound


def test_bind_refused_with_a_generic_nack() -> None:
    told = Recorder()
    session = EsmeSession(told, SessionConfig(), 0.0)
    session.bind(BindTransceiver(), 0.0)
    give(session, GenericNack(sequence=1, status=Status.ESME_RINVCMDID))
    assert told.take() == [("bind_refused", Status.ESME_RINVCMDID)]


def test_a_bind_answer_of_another_kind_or_number_binds_nothing() -> None:
    session = EsmeSession(Recorder(), SessionConfig(), 0.0)
    session.bind(BindTransceiver(), 0.0)
    give(session, BindReceiverResp(sequence=1), BindTransceiverResp(sequence=2))
    assert session.state is State.BINDING
    assert session.counters.unknown_answers == 2


def test_a_session_binds_once() -> None:
    session, _ = esme()
    with pytest.raises(NotBoundError, match="BOUND_TRX"):
        session.bind(BindTransceiver(), 1.0)
    assert session.state is State.BOUND_TRX
    assert session.counters.illegal_moves == 1


def test_a_bind_must_be_answered_in_time() -> None:
    told = Recorder()
    session = EsmeSession(told, SessionConfig(timers=TimerLimits(session_init_s=60.0, response_s=10.0)), 0.0)
    session.bind(BindTransceiver(), 0.0)
    assert session.next_deadline() == 10.0
    session.tick(10.0)
    assert told.take() == [("closed", "bind not answered")]


def test_a_peer_must_bind_in_time() -> None:
    told = Recorder()
    session = SmscSession(told, SessionConfig(timers=LIMITS), 0.0)
    session.tick(4.9)
    assert told.take() == []
    session.tick(5.0)
    assert told.take() == [("closed", "not bound in time")]


# Submitting.


def test_submit_and_answer() -> None:
    session, told = esme()
    sequence = session.submit(BODY, "part 1", 1.0)
    (submit,) = sent(session)
    assert isinstance(submit, SubmitSm)
    assert (submit.sequence, submit.destination_addr) == (sequence, "447700900123")
    give(session, SubmitSmResp(sequence=sequence, message_id="abc"))
    assert told.take() == [("answered", "part 1", 0, "abc")]
    assert session.window_used == 0


def test_answers_in_any_order() -> None:
    session, told = esme()
    first, second = session.submit(BODY, "a", 1.0), session.submit(BODY, "b", 1.0)
    sent(session)
    give(session, SubmitSmResp(sequence=second, message_id="2"), SubmitSmResp(sequence=first, message_id="1"))
    assert [event[1] for event in told.take()] == ["b", "a"]


def test_a_refusal_is_an_answer() -> None:
    session, told = esme()
    sequence = session.submit(BODY, "a", 1.0)
    sent(session)
    give(session, SubmitSmResp(sequence=sequence, status=Status.ESME_RTHROTTLED))
    assert told.take() == [("answered", "a", Status.ESME_RTHROTTLED, "")]


def test_a_generic_nack_is_an_answer() -> None:
    session, told = esme()
    sequence = session.submit(BODY, "a", 1.0)
    sent(session)
    give(session, GenericNack(sequence=sequence, status=Status.ESME_RINVCMDLEN))
    assert told.take() == [("answered", "a", Status.ESME_RINVCMDLEN, "")]


def test_an_answer_with_a_broken_body_still_answers() -> None:
    session, told = esme()
    sequence = session.submit(BODY, "a", 1.0)
    sent(session)
    broken = codec.frame(CommandId.SUBMIT_SM_RESP, 0, sequence, b"id\0\x04\x24\xff\xffx")
    session.receive(broken, 1.0)
    assert [event[:3] for event in told.take()] == [("answered", "a", 0)]


def test_the_window_is_never_exceeded() -> None:
    session, _ = esme(window=2)
    session.submit(BODY, "a", 1.0)
    session.submit(BODY, "b", 1.0)
    assert session.window_free == 0
    with pytest.raises(WindowFullError, match="2 requests"):
        session.submit(BODY, "c", 1.0)
    assert len(sent(session)) == 2


def test_submitting_needs_a_bound_transmitter() -> None:
    session = EsmeSession(Recorder(), SessionConfig(), 0.0)
    with pytest.raises(NotBoundError, match="OPEN"):
        session.submit(BODY, "a", 0.0)
    session.bind(BindReceiver(), 0.0)
    give(session, BindReceiverResp(sequence=1))
    with pytest.raises(NotBoundError, match="BOUND_RX"):
        session.submit(BODY, "a", 0.0)


def test_an_answer_that_nobody_waits_for_is_counted() -> None:
    session, told = esme()
    give(
        session,
        SubmitSmResp(sequence=77, message_id="x"),
        GenericNack(sequence=78),
        EnquireLinkResp(sequence=79),
    )
    assert told.take() == []
    assert session.counters.unknown_answers == 3
    assert session.bound


def test_an_answer_before_the_request_was_written_is_a_guess() -> None:
    session, told = esme()
    sequence = session.submit(BODY, "a", 1.0)
    give(session, SubmitSmResp(sequence=sequence, message_id="guessed"))
    assert told.take() == []
    assert session.staged() == ["a"]
    assert session.counters.unknown_answers == 1


def test_an_answer_of_another_kind_leaves_the_request_open() -> None:
    session, told = esme()
    sequence = session.submit(BODY, "a", 1.0)
    sent(session)
    give(session, QuerySmResp(sequence=sequence), DeliverSmResp(sequence=sequence))
    assert told.take() == []
    assert session.window_used == 1


def test_sequence_numbers_wrap_past_open_ones() -> None:
    session, _ = esme()
    first = session.submit(BODY, "old", 1.0)
    sent(session)
    assert first == 2
    session._sequence = MAX_SEQUENCE - 1  # two thousand million submits would take too long
    numbers = [session.submit(BODY, n, 1.0) for n in range(3)]
    assert numbers == [MAX_SEQUENCE, 1, 3]


def test_requests_are_written_once_and_before_an_unbind() -> None:
    session, _ = esme()
    give(session, EnquireLink(sequence=9))
    session.submit(BODY, "a", 1.0)
    session.unbind(1.0)
    assert [type(pdu) for pdu in sent(session)] == [EnquireLinkResp, SubmitSm, Unbind]
    assert session.data_to_send() == b""


# Time.


def test_a_late_answer_still_answers() -> None:
    session, told = esme()
    sequence = session.submit(BODY, "a", 1.0)
    sent(session)
    assert session.next_deadline() == 11.0
    session.tick(10.9)
    assert told.take() == []
    session.tick(11.0)
    assert told.take() == [("timed_out", "a")]
    assert session.window_used == 1
    give(session, SubmitSmResp(sequence=sequence, message_id="late"), now=25.0)
    assert told.take() == [("answered", "a", 0, "late")]
    assert session.window_used == 0
    assert session.counters.late_answers == 1


def test_timeouts_in_a_row_end_the_session() -> None:
    session, told = esme(window=100, timeouts_in_a_row=3)
    for n in range(4):
        session.submit(BODY, n, 1.0 + n)
    sent(session)
    session.tick(13.0)
    assert told.take() == [
        ("timed_out", 0),
        ("timed_out", 1),
        ("timed_out", 2),
        ("lost", [0, 1, 2, 3], []),
        ("closed", "3 requests in a row were not answered"),
    ]


def test_an_answer_between_starts_the_count_again() -> None:
    session, told = esme(window=100, timeouts_in_a_row=2)
    session.submit(BODY, "a", 1.0)
    answered = session.submit(BODY, "b", 5.0)
    session.submit(BODY, "c", 5.0)
    sent(session)
    session.tick(11.0)
    give(session, SubmitSmResp(sequence=answered), now=12.0)
    session.tick(15.0)
    assert [event[0] for event in told.take()] == ["timed_out", "answered", "timed_out"]
    assert session.bound


def test_unanswered_requests_that_fill_half_of_the_window_end_the_session() -> None:
    session, told = esme(window=4, timeouts_in_a_row=100)
    session.submit(BODY, "a", 1.0)
    session.submit(BODY, "b", 1.0)
    sent(session)
    session.tick(11.0)
    assert told.take()[-1] == ("closed", "2 unanswered requests fill half of the window")


def test_no_response_timer_means_no_timeouts() -> None:
    session, told = esme(limits=TimerLimits(0.0, 0.0, 0.0, 0.0))
    session.submit(BODY, "a", 1.0)
    sent(session)
    assert session.next_deadline() is None
    session.tick(1e6)
    assert told.take() == []


def test_a_silent_peer_is_asked_and_then_given_up() -> None:
    session, told = esme()
    assert session.next_deadline() == 30.0
    session.tick(30.0)
    assert [type(pdu) for pdu in sent(session)] == [EnquireLink]
    session.tick(39.0)
    assert told.take() == []
    session.tick(40.0)
    assert told.take() == [("closed", "enquire_link not answered")]


def test_an_answered_question_keeps_the_session() -> None:
    session, told = esme()
    session.tick(30.0)
    (question,) = sent(session)
    give(session, EnquireLinkResp(sequence=question.sequence), now=31.0)
    session.tick(45.0)
    assert told.take() == []
    assert session.next_deadline() == 61.0


def test_a_peer_that_talks_on_without_answering_lives() -> None:
    session, told = esme()
    for minute in range(1, 20):
        session.tick(minute * 60.0)
        give(session, EnquireLink(sequence=minute), now=minute * 60.0 + 5.0)
    assert told.take() == []
    assert len(session._control) == 1  # nothing else shows that questions do not pile up


def test_inactivity_unbinds() -> None:
    session, told = esme(limits=TimerLimits(enquire_link_s=0.0, response_s=10.0, inactivity_s=60.0))
    session.tick(60.0)
    (unbind,) = sent(session)
    assert isinstance(unbind, Unbind)
    give(session, UnbindResp(sequence=unbind.sequence), now=61.0)
    assert told.take() == [("closed", "unbound")]


# Deliveries.


def test_deliveries_are_acknowledged_in_any_order() -> None:
    session, told = esme()
    give(
        session,
        DeliverSm(sequence=5, short_message=b"one"),
        DataSm(sequence=6, tlvs={Tag.MESSAGE_PAYLOAD: b"two"}),
    )
    (_, first), (_, second) = told.take()
    assert session.data_to_send() == b""
    assert session.acknowledge(second, 0, 2.0)
    assert session.acknowledge(first, Status.ESME_RX_T_APPN, 2.0)
    assert sent(session) == [DataSmResp(sequence=6), DeliverSmResp(sequence=5, status=Status.ESME_RX_T_APPN)]


def test_a_delivery_of_a_dead_session_cannot_be_acknowledged() -> None:
    session, told = esme()
    give(session, DeliverSm(sequence=5))
    ((_, pdu),) = told.take()
    session.connection_lost("cut")
    assert not session.acknowledge(pdu, 0, 2.0)
    assert session.data_to_send() == b""


def test_a_delivery_under_way_when_we_unbind_is_taken() -> None:
    session, told = esme()
    session.unbind(1.0)
    give(session, DeliverSm(sequence=5))
    ((_, pdu),) = told.take()
    assert session.acknowledge(pdu, 0, 2.0)


def test_a_transmitter_takes_no_deliveries() -> None:
    told = Recorder()
    session = EsmeSession(told, SessionConfig(), 0.0)
    session.bind(BindTransmitter(), 0.0)
    sent(session)
    session.receive(codec.frame(CommandId.BIND_TRANSMITTER_RESP, 0, 1, b"smsc\0"), 0.0)
    told.take()
    give(session, DeliverSm(sequence=5))
    assert told.take() == []
    assert sent(session) == [DeliverSmResp(sequence=5, status=Status.ESME_RINVBNDSTS)]


def test_notices_are_taken_without_an_answer() -> None:
    session, told = esme()
    give(session, AlertNotification(sequence=3, source_addr="1"))
    assert (told.take(), sent(session)) == ([("alerted", "1")], [])
    assert session.counters.alerts == 1
    early = EsmeSession(told, SessionConfig(), 0.0)
    give(early, Outbind(sequence=1, system_id="smsc"))
    assert (told.take(), sent(early)) == ([("outbound", "smsc")], [])


def test_notices_out_of_place_are_refused() -> None:
    session, told = esme()
    give(session, Outbind(sequence=1, system_id="smsc"))
    early = EsmeSession(told, SessionConfig(), 0.0)
    give(early, AlertNotification(sequence=3, source_addr="1"))
    assert told.take() == []
    for refused, sequence in ((session, 1), (early, 3)):
        assert sent(refused) == [GenericNack(sequence=sequence, status=Status.ESME_RINVBNDSTS)]
        assert refused.counters.refused_requests == 1


# The end.


def test_unbind_waits_for_its_answer() -> None:
    session, told = esme()
    first = session.submit(BODY, "a", 1.0)
    session.submit(BODY, "b", 1.0)
    session.unbind(1.0)
    *_, unbind = sent(session)
    with pytest.raises(NotBoundError, match="UNBINDING"):
        session.submit(BODY, "c", 1.0)
    give(session, SubmitSmResp(sequence=first, message_id="1"))
    assert told.take() == [("answered", "a", 0, "1")]
    give(session, UnbindResp(sequence=unbind.sequence))
    assert told.take() == [("lost", ["b"], []), ("closed", "unbound")]


@pytest.mark.parametrize("answer", [UnbindResp, GenericNack])
def test_an_unbind_is_answered_one_way_or_another(answer: type[Pdu]) -> None:
    session, told = esme()
    session.unbind(1.0)
    (unbind,) = sent(session)
    give(session, answer(sequence=unbind.sequence))
    assert [event[0] for event in told.take()] == ["closed"]


def test_an_unanswered_unbind_ends_too() -> None:
    session, told = esme()
    session.unbind(1.0)
    sent(session)
    session.tick(11.0)
    assert told.take() == [("closed", "unbind not answered")]


def test_unbind_of_what_is_not_bound_does_nothing() -> None:
    session = EsmeSession(Recorder(), SessionConfig(), 0.0)
    session.unbind(0.0)
    assert session.data_to_send() == b""
    assert session.counters.illegal_moves == 1


def test_a_lost_connection_hands_back_everything_once() -> None:
    session, told = esme(window=10)
    session.submit(BODY, "late", 1.0)
    session.data_to_send()
    session.tick(11.0)
    session.submit(BODY, "waiting", 11.0)
    session.data_to_send()
    session.submit(BODY, "staged", 11.0)
    session.connection_lost("reset by peer")
    session.connection_lost("again")
    assert told.take() == [
        ("timed_out", "late"),
        ("lost", ["late", "waiting"], ["staged"]),
        ("closed", "reset by peer"),
    ]
    assert session.data_to_send() == b""
    assert session.window_used == 0
    assert session.next_deadline() is None
    session.tick(1e6)
    session.enquire_link(1e6)
    assert session.data_to_send() == b""
