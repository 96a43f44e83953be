"""The messages that the simulated carrier has taken, for those who ask about them: query_sm, cancel_sm, replace_sm.

A message is on its way until its time has come; until then it can be cancelled and replaced. The latest
`REMEMBERED` are known, as a real message centre forgets them after some days. Pure: the time is given.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator

from gateway.simulator.mailbox import Mailbox
from gateway.simulator.profile import FinalState, Outcome
from smpp.constants import MessageState, RegisteredDelivery, Status
from smpp.pdu import (
    CancelSm,
    CancelSmResp,
    DataSm,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SubmitSm,
)

REMEMBERED = 10_000

STATE_OF: dict[str, MessageState] = {
    FinalState.DELIVRD: MessageState.DELIVERED,
    FinalState.UNDELIV: MessageState.UNDELIVERABLE,
    FinalState.EXPIRED: MessageState.EXPIRED,
    FinalState.REJECTD: MessageState.REJECTED,
    FinalState.DELETED: MessageState.DELETED,
    FinalState.UNKNOWN: MessageState.UNKNOWN,
    "ACCEPTD": MessageState.ACCEPTED,
}
"""message_state of the words of a receipt; FAILED has none."""

_DELETED = Outcome(state=FinalState.DELETED)
_RECEIPT_MASK = int(RegisteredDelivery.RECEIPT_MASK)


class Message:
    """One message. `final_at` is when it ends, in seconds of the event loop."""

    __slots__ = ("final_at", "finished", "mailbox", "message_id", "number", "outcome", "pdu", "wanted")

    def __init__(
        self,
        number: int,
        message_id: str,
        pdu: SubmitSm | DataSm,
        mailbox: Mailbox,
        outcome: Outcome,
        final_at: float,
        wanted: bool,
    ) -> None:
        self.number = number
        self.message_id = message_id
        self.pdu = pdu
        self.mailbox = mailbox
        self.outcome = outcome
        self.final_at = final_at
        self.wanted = wanted
        """Whether a receipt is to be sent."""
        self.finished = False
        """Whether what happens at its end has happened."""

    def on_its_way(self, now: float) -> bool:
        """Whether it has not ended yet."""
        return not self.finished and now < self.final_at


class Taken:
    """The latest messages by their id."""

    def __init__(self) -> None:
        self._messages: OrderedDict[str, Message] = OrderedDict()

    def add(self, message: Message) -> None:
        """One more; the oldest is forgotten."""
        self._messages[message.message_id] = message
        if len(self._messages) > REMEMBERED:
            self._messages.popitem(last=False)

    def query(self, pdu: QuerySm, now: float) -> QuerySmResp:
        """The answer to a query_sm. SMPP 3.4, 4.8.2."""
        message = self._messages.get(pdu.message_id)
        if message is None or message.pdu.source_addr != pdu.source_addr:
            return QuerySmResp(sequence=pdu.sequence, status=Status.ESME_RINVMSGID)
        answer = QuerySmResp(
            sequence=pdu.sequence, message_id=pdu.message_id, message_state=MessageState.ENROUTE
        )
        if not message.on_its_way(now):
            ended = time.gmtime(time.time() - (now - message.final_at))
            answer.final_date = time.strftime("%y%m%d%H%M%S000+", ended)
            answer.message_state = STATE_OF.get(message.outcome.state, MessageState.UNKNOWN)
            answer.error_code = int(message.outcome.err) & 0xFF if message.outcome.err.isdecimal() else 0
        return answer

    def cancel(self, pdu: CancelSm, now: float) -> tuple[CancelSmResp, list[Message]]:
        """The answer to a cancel_sm, and the messages that are deleted now: that of its id, without one all between the
        two addresses. SMPP 3.4, 4.9.1."""
        found = [message for message in self._meant(pdu) if message.on_its_way(now)]
        for message in found:
            message.outcome = _DELETED
            message.final_at = now
        status = Status.ESME_ROK if found else Status.ESME_RCANCELFAIL
        return CancelSmResp(sequence=pdu.sequence, status=status), found

    def _meant(self, pdu: CancelSm) -> Iterator[Message]:
        if pdu.message_id:
            message = self._messages.get(pdu.message_id)
            if message is not None and message.pdu.source_addr == pdu.source_addr:
                yield message
            return
        for message in self._messages.values():
            between = (message.pdu.source_addr, message.pdu.destination_addr)
            if between == (pdu.source_addr, pdu.destination_addr):
                yield message

    def replace(self, pdu: ReplaceSm, now: float) -> ReplaceSmResp:
        """The answer to a replace_sm; the message has another text from here on. SMPP 3.4, 4.10.1."""
        message = self._messages.get(pdu.message_id)
        if message is None or message.pdu.source_addr != pdu.source_addr:
            return ReplaceSmResp(sequence=pdu.sequence, status=Status.ESME_RINVMSGID)
        if not isinstance(message.pdu, SubmitSm) or not message.on_its_way(now):
            return ReplaceSmResp(sequence=pdu.sequence, status=Status.ESME_RREPLACEFAIL)
        message.pdu.short_message = pdu.short_message
        message.pdu.registered_delivery = pdu.registered_delivery
        message.wanted = bool(pdu.registered_delivery & _RECEIPT_MASK)
        return ReplaceSmResp(sequence=pdu.sequence)
