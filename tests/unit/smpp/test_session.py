"""One session at a time against scripted bytes; two sessions joined are in test_session_pairs.py."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp import codec
from smpp.constants import MAX_SEQUENCE, CommandId, Status, Tag
from smpp.errors import NotBoundError, WindowFullError
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
    CancelSm,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Pdu,
    QuerySm,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smpp.session import EsmeSession, Session, SmscSession
from smpp.states import State
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
    assert (told.take(), sent(session)) == ([], [])
    early = EsmeSession(told, SessionConfig(), 0.0)
    give(early, Outbind(sequence=1, system_id="smsc"))
    assert (told.take(), sent(early)) == ([], [])
    assert session.counters.ignored_requests == early.counters.ignored_requests == 1


# The peer's mistakes.


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


# The SMSC's side.


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
