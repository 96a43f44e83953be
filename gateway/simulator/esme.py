"""One connection of an ESME to the simulated carrier: what it asks, and the mischief that the profile wants."""

from __future__ import annotations

from typing import Any, Protocol

from gateway.simulator.mailbox import Delivery, Mailbox
from gateway.simulator.profile import Profile
from gateway.simulator.record import SimulatorCounters
from smpp.codec import frame
from smpp.constants import RESPONSE_BIT, CommandId, Status
from smpp.pdu import (
    PDU_CLASSES,
    BindPdu,
    BindTransmitter,
    CancelSm,
    DataSm,
    DataSmResp,
    Pdu,
    QuerySm,
    ReplaceSm,
    SubmitMulti,
    SubmitSm,
)
from smpp.server import Connection

# A command_length of 4 GiB: no PDU begins so, and what follows cannot be found.
GARBAGE = bytes(range(255, 191, -1))
# A command_id that no version of SMPP has, then an answer to a sequence number that is not in use.
ODD_PDUS = frame(0x0000_0FFF, 0, 0x7FFF_FFF0, b"?") + frame(
    CommandId.SUBMIT_SM_RESP, 0, 0x7FFF_FFF1, b"odd\0"
)


class Centre(Protocol):
    """The message centre that a connection belongs to."""

    profile: Profile
    counters: SimulatorCounters

    def refuse_bind(self, pdu: BindPdu) -> int: ...

    def bound(self, esme: Esme) -> Mailbox: ...

    def submitted(self, esme: Esme, pdu: SubmitSm | DataSm, drop: bool) -> None: ...

    def submitted_to_many(self, esme: Esme, pdu: SubmitMulti) -> None: ...

    def asked(self, pdu: QuerySm | CancelSm | ReplaceSm) -> Pdu: ...

    def alert(self, mailbox: Mailbox, phone: str) -> None: ...

    def answered(self, mailbox: Mailbox, delivery: Delivery, status: int) -> None: ...


class Esme:
    """A `ServerHandler`: see `smpp.server`."""

    def __init__(self, centre: Centre, connection: Connection) -> None:
        self.connection = connection
        self.system_id = ""
        self.receives = False
        self.mailbox: Mailbox | None = None
        self._centre = centre
        self._submits = 0
        profile = centre.profile
        self._drop_after = profile.drop_after
        self._mischief = bool(
            profile.unbind_after or profile.garbage_every or profile.odd_pdus_every or profile.alert_every
        )

    def answer(self, pdu: SubmitSm | DataSm, message_id: str, status: int) -> None:
        """Answer a submit; after the connection's end nothing happens."""
        if isinstance(pdu, SubmitSm):
            self.connection.answer_submit(pdu.sequence, message_id, status)
        else:
            self.connection.answer(DataSmResp(sequence=pdu.sequence, message_id=message_id, status=status))

    # What the server calls.

    def bind(self, pdu: BindPdu) -> int:
        """Let it in, or say why not."""
        status = self._centre.refuse_bind(pdu)
        if status == Status.ESME_ROK:
            self.system_id = pdu.system_id
            self.receives = not isinstance(pdu, BindTransmitter)
            # Deliveries go out at the end of this turn of the loop, and by then the session is bound.
            self.mailbox = self._centre.bound(self)
        return status

    def requested(self, pdu: Pdu) -> None:
        """A request of a bound ESME."""
        if isinstance(pdu, (SubmitSm, DataSm)):
            self._submits += 1
            self._centre.submitted(self, pdu, self._submits == self._drop_after)
            if self._mischief:
                self._make_mischief(pdu)
        elif isinstance(pdu, SubmitMulti):
            self._centre.submitted_to_many(self, pdu)
        elif isinstance(pdu, (QuerySm, CancelSm, ReplaceSm)) and self._centre.profile.questions:
            self.connection.answer(self._centre.asked(pdu))
        else:
            answer = PDU_CLASSES[pdu.command_id | RESPONSE_BIT]
            self.connection.answer(answer(sequence=pdu.sequence, status=Status.ESME_RINVCMDID))

    def answered(self, tag: Any, status: int, message_id: str, pdu: Pdu) -> None:  # noqa: ARG002
        """A delivery was answered."""
        assert self.mailbox is not None
        self._centre.answered(self.mailbox, tag, status)

    def timed_out(self, tag: Any) -> None:
        """The answer may still come; if the connection ends first, the delivery is given back."""

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        """The connection ended with these deliveries unanswered: they come again."""
        assert self.mailbox is not None
        self.mailbox.give_back([*written, *unwritten])

    def closed(self, reason: str) -> None:  # noqa: ARG002
        """The session has ended."""
        self._centre.counters.connections_lost += 1
        if self.mailbox is not None:
            self.mailbox.detach(self.connection)

    def _make_mischief(self, pdu: SubmitSm | DataSm) -> None:
        profile = self._centre.profile
        if profile.alert_every and self._submits % profile.alert_every == 0 and self.mailbox is not None:
            self._centre.alert(self.mailbox, pdu.destination_addr)
        if profile.odd_pdus_every and self._submits % profile.odd_pdus_every == 0:
            self.connection.send_raw(ODD_PDUS)
        if profile.garbage_every and self._submits % profile.garbage_every == 0:
            self.connection.send_raw(GARBAGE)
        if self._submits == profile.unbind_after:
            self.connection.unbind()
