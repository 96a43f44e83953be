"""What the simulated carrier says of messages it has taken: query_sm, cancel_sm and replace_sm, without a socket."""

from __future__ import annotations

import pytest

from gateway.simulator import taken as module
from gateway.simulator.mailbox import Mailbox
from gateway.simulator.profile import FinalState, Outcome
from gateway.simulator.taken import Message, Taken
from smpp.constants import MessageState, Status
from smpp.pdu import CancelSm, DataSm, QuerySm, ReplaceSm, SubmitSm

SENDER, PHONE = "1000", "447700900123"


def a_message(
    message_id: str = "7", final_at: float = 10.0, outcome: Outcome | None = None, phone: str = PHONE
) -> Message:
    pdu = SubmitSm(source_addr=SENDER, destination_addr=phone, registered_delivery=1, short_message=b"first")
    return Message(7, message_id, pdu, Mailbox("esme"), outcome or Outcome(), final_at, wanted=True)


def holding(*messages: Message) -> Taken:
    taken = Taken()
    for message in messages:
        taken.add(message)
    return taken


def query(taken: Taken, now: float, message_id: str = "7", sender: str = SENDER) -> tuple[int, int, int]:
    answer = taken.query(QuerySm(sequence=3, message_id=message_id, source_addr=sender), now)
    assert answer.sequence == 3
    return answer.status, answer.message_state, answer.error_code


def test_a_message_is_on_its_way_until_its_time_has_come() -> None:
    taken = holding(a_message(outcome=Outcome(state=FinalState.UNDELIV, err="013")))
    assert query(taken, 9.9) == (0, MessageState.ENROUTE, 0)
    assert query(taken, 10.0) == (0, MessageState.UNDELIVERABLE, 13)
    ended = taken.query(QuerySm(message_id="7", source_addr=SENDER), 10.0)
    assert (len(ended.final_date), ended.final_date[-4:]) == (16, "000+")


@pytest.mark.parametrize(("message_id", "sender"), [("8", SENDER), ("7", "2000"), ("", SENDER)])
def test_it_tells_only_who_has_sent_it(message_id: str, sender: str) -> None:
    assert query(holding(a_message()), 1.0, message_id, sender)[0] == Status.ESME_RINVMSGID


def test_what_is_cancelled_is_deleted() -> None:
    message = a_message()
    taken = holding(message)
    answer, deleted = taken.cancel(CancelSm(sequence=4, message_id="7", source_addr=SENDER), 5.0)
    assert (answer.sequence, answer.status, deleted) == (4, 0, [message])
    assert query(taken, 5.0) == (0, MessageState.DELETED, 0)
    answer, deleted = taken.cancel(CancelSm(message_id="7", source_addr=SENDER), 6.0)
    assert (answer.status, deleted) == (Status.ESME_RCANCELFAIL, [])


def test_what_has_ended_is_not_cancelled() -> None:
    taken = holding(a_message())
    answer, deleted = taken.cancel(CancelSm(message_id="7", source_addr=SENDER), 10.0)
    assert (answer.status, deleted) == (Status.ESME_RCANCELFAIL, [])


def test_without_an_id_all_between_two_addresses_are_cancelled() -> None:
    one, two, other = a_message("1"), a_message("2"), a_message("3", phone="447700900999")
    taken = holding(one, two, other)
    _, deleted = taken.cancel(CancelSm(source_addr=SENDER, destination_addr=PHONE), 5.0)
    assert deleted == [one, two]


def test_a_replaced_message_has_another_text() -> None:
    message = a_message()
    taken = holding(message)
    replaced = ReplaceSm(sequence=5, message_id="7", source_addr=SENDER, short_message=b"second")
    answer = taken.replace(replaced, 5.0)
    assert (answer.sequence, answer.status) == (5, 0)
    assert isinstance(message.pdu, SubmitSm)
    assert (message.pdu.short_message, message.wanted) == (b"second", False)
    assert taken.replace(replaced, 10.0).status == Status.ESME_RREPLACEFAIL
    assert taken.replace(ReplaceSm(message_id="8"), 5.0).status == Status.ESME_RINVMSGID


def test_what_came_in_data_sm_is_not_replaced() -> None:
    message = Message(7, "7", DataSm(source_addr=SENDER), Mailbox("esme"), Outcome(), 10.0, wanted=True)
    answer = holding(message).replace(ReplaceSm(message_id="7", source_addr=SENDER), 5.0)
    assert answer.status == Status.ESME_RREPLACEFAIL


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    taken = holding(a_message("1"), a_message("2"), a_message("3"))
    assert [query(taken, 1.0, message_id)[0] for message_id in "123"] == [Status.ESME_RINVMSGID, 0, 0]
