"""query_sm, cancel_sm and replace_sm of an ESME: asked inside the window, answered or given up."""

from __future__ import annotations

import pytest

from smpp.constants import MAX_SEQUENCE, MessageState, Status
from smpp.errors import NotBoundError, WindowFullError
from smpp.esme import EsmeSession
from smpp.events import SessionConfig
from smpp.pdu import (
    AlertNotification,
    BindReceiver,
    BindTransceiver,
    CancelSm,
    CancelSmResp,
    EnquireLink,
    GenericNack,
    Pdu,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SubmitSm,
    SubmitSmResp,
)
from smpp.smsc import SmscSession
from tests.unit.smpp.recording import BODY, Recorder, esme, give, sent, smsc


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (QuerySm(message_id="id7", source_addr="1000"), QuerySmResp(message_id="id7", message_state=2)),
        (CancelSm(message_id="id7", source_addr="1000"), CancelSmResp(status=Status.ESME_RCANCELFAIL)),
        (ReplaceSm(message_id="id7", short_message=b"new"), ReplaceSmResp()),
        (QuerySm(message_id="id7"), GenericNack(status=Status.ESME_RINVCMDID)),
    ],
)
def test_a_question_is_answered(question: Pdu, answer: Pdu) -> None:
    session, told = esme()
    answer.sequence = session.ask(question, "tag", 1.0)
    assert sent(session) == [question]
    assert session.window_used == 1
    give(session, answer)
    assert told.take() == [("replied", "tag", answer)]
    assert session.window_used == 0
    assert session.counters.questions == 1


def test_what_an_smsc_hears_is_the_question() -> None:
    session, _ = esme()
    centre, told = smsc()
    session.ask(QuerySm(message_id="id7", source_addr="1000"), "tag", 1.0)
    centre.receive(session.data_to_send(), 1.0)
    ((name, heard),) = told.take()
    assert (name, heard.message_id, heard.source_addr) == ("requested", "id7", "1000")
    centre.answer(
        QuerySmResp(sequence=heard.sequence, message_id="id7", message_state=MessageState.DELIVERED), 1.0
    )
    session.receive(centre.data_to_send(), 1.0)
    assert session.window_used == 0


def test_a_question_takes_a_slot_of_the_window() -> None:
    session, _ = esme(window=2)
    session.submit(BODY, "a", 1.0)
    session.ask(QuerySm(message_id="id7"), "q", 1.0)
    assert session.window_free == 0
    with pytest.raises(WindowFullError):
        session.ask(QuerySm(message_id="id8"), "q", 1.0)
    with pytest.raises(WindowFullError):
        session.submit(BODY, "b", 1.0)


def test_a_question_is_no_part() -> None:
    """The flight journal notes what is staged, and what is lost is in doubt: neither is so for a question."""
    session, told = esme()
    session.ask(QuerySm(message_id="id7"), "q", 1.0)
    assert session.staged() == []
    session.data_to_send()
    session.connection_lost("cut")
    assert told.take() == [("replied", "q", None), ("closed", "cut")]
    assert session.window_used == 0


def test_an_unanswered_question_costs_its_slot_for_a_while_and_nothing_else() -> None:
    session, told = esme(timeouts_in_a_row=1)
    for _ in range(5):
        session.ask(QuerySm(message_id="id7"), "q", 5.0)
    sent(session)
    assert session.next_deadline() == 15.0
    session.tick(14.9)
    assert session.window_used == 5
    session.tick(15.0)
    assert told.take() == [("replied", "q", None)] * 5
    assert (session.window_used, session.bound) == (0, True)
    assert session.counters.unanswered_questions == 5


def test_a_late_reply_is_counted_and_harms_nobody() -> None:
    session, told = esme()
    sequence = session.ask(QuerySm(message_id="id7"), "q", 5.0)
    sent(session)
    session.tick(15.0)
    told.take()
    give(session, QuerySmResp(sequence=sequence, message_id="id7", message_state=2), now=16.0)
    assert told.take() == []
    assert session.counters.unknown_answers == 1


def test_an_answer_to_a_part_is_none_to_a_question() -> None:
    session, told = esme()
    question = session.ask(QuerySm(message_id="id7"), "q", 1.0)
    part = session.submit(BODY, "a", 1.0)
    sent(session)
    give(session, SubmitSmResp(sequence=question, message_id="x"), QuerySmResp(sequence=part))
    assert told.take() == []
    assert (session.window_used, session.counters.unknown_answers) == (2, 2)


def test_sequence_numbers_wrap_past_open_questions() -> None:
    session, _ = esme()
    question = session.ask(QuerySm(message_id="id7"), "q", 1.0)
    session._sequence = MAX_SEQUENCE
    numbers = [session.submit(BODY, "a", 1.0) for _ in range(3)]
    assert question not in numbers
    assert numbers == [1, 3, 4]


def test_who_may_not_ask() -> None:
    receiver = EsmeSession(Recorder(), SessionConfig(), 0.0)
    receiver.bind(BindReceiver(), 0.0)
    with pytest.raises(NotBoundError, match="QUERY_SM"):
        receiver.ask(QuerySm(message_id="id7"), "q", 1.0)
    session, _ = esme()
    with pytest.raises(NotBoundError, match="SUBMIT_SM"):
        session.ask(SubmitSm(), "q", 1.0)
    session.unbind(1.0)
    with pytest.raises(NotBoundError, match="UNBINDING"):
        session.ask(QuerySm(message_id="id7"), "q", 1.0)


def test_a_question_does_not_hide_the_other_deadlines() -> None:
    session, _ = esme()
    session.ask(QuerySm(message_id="id7"), "q", 25.0)
    assert session.next_deadline() == 30.0
    session.tick(30.0)
    assert any(isinstance(pdu, EnquireLink) for pdu in sent(session))


def test_an_smsc_says_what_nobody_answers_when_it_may() -> None:
    centre, _ = smsc()
    centre.notify(AlertNotification(source_addr="447700900123"), 1.0)
    (pdu,) = sent(centre)
    assert isinstance(pdu, AlertNotification)
    assert pdu.sequence == 1
    early = SmscSession(Recorder(), SessionConfig(), 0.0)
    with pytest.raises(NotBoundError, match="ALERT_NOTIFICATION"):
        early.notify(AlertNotification(), 1.0)
    transmitter, _ = smsc(BindTransceiver(sequence=1, system_id="esme"))
    transmitter.unbind(1.0)
    with pytest.raises(NotBoundError):
        transmitter.notify(AlertNotification(), 1.0)
