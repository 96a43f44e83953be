"""A simulated message centre: real SMPP over TCP on the product's own session, with a carrier's habits from a profile.

Its state outlives connections, as that of a carrier does: receipts wait while nobody is bound, and those that were
sent and not acknowledged come again by the next connection. One wheel times all answers and receipts; everything
due in a turn of the event loop is one write.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from gateway.simulator.alarm import Alarm
from gateway.simulator.esme import Esme
from gateway.simulator.judge import Judge, Verdict
from gateway.simulator.mailbox import Delivery, Mailbox
from gateway.simulator.profile import FinalState, InboundSchedule, Outcome, Profile
from gateway.simulator.receipts import ReceiptWriter, as_data_sm, inbound, single
from gateway.simulator.record import SimulatorCounters, Submit
from gateway.simulator.script import Script
from gateway.simulator.steps import Step
from gateway.simulator.taken import Message, Taken
from gateway.simulator.wheel import TICK_S
from smpp.capture import Capture
from smpp.constants import RegisteredDelivery, Status
from smpp.events import SessionConfig
from smpp.pdu import (
    AlertNotification,
    BindPdu,
    CancelSm,
    DataSm,
    DeliverSm,
    DistributionList,
    Outbind,
    Pdu,
    QuerySm,
    ReplaceSm,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    UnsuccessSme,
)
from smpp.server import Connection, Server, ServerConfig
from smpp.timers import TimerLimits

_ALWAYS = int(RegisteredDelivery.RECEIPT)
_ON_FAILURE = int(RegisteredDelivery.RECEIPT_ON_FAILURE)
_MASK = int(RegisteredDelivery.RECEIPT_MASK)
_REPLY_AFTER_S = 0.05


class Simulator:
    """An SMSC. `on_submit` is called with everything that is submitted, in order, before it is answered; `on_step`
    with each step of the profile's script, before it is played."""

    def __init__(
        self,
        profile: Profile | None = None,
        on_submit: Callable[[Submit], None] | None = None,
        capture: Capture | None = None,
        on_step: Callable[[Step], None] | None = None,
    ) -> None:
        self.profile = profile if profile is not None else Profile()
        self.counters = SimulatorCounters()
        self._on_submit = on_submit
        self._on_step = on_step
        self._capture = capture
        self._judge = Judge(self.profile)
        self._script = Script(self.profile.script, self)
        self._calls = set[asyncio.Task[None]]()
        self._writer = ReceiptWriter(self.profile)
        self._taken = Taken()
        self._alarm = Alarm()
        # A receipt that comes first is in this write, so its answer has to be in a later one.
        self._answer_delay_s = max(self.profile.answer_delay_s, TICK_S if self.profile.receipt_first else 0.0)
        self._chance = random.Random(self.profile.seed)
        self._number = self.profile.first_id or time.time_ns() // 1_000_000
        self._reference = 0  # of inbound messages of several parts
        self._mailboxes: dict[str, Mailbox] = {}
        self._unclaimed = Mailbox("")  # injected before anybody was bound
        self._pump_due: set[Mailbox] = set()
        # Kept, because asking for the running loop is a system call.
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server = Server(self._esme, self._server_config())

    # What the owner does.

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 lets the system choose one. Raises OSError. After `stop` it goes on where it was."""
        self._loop = asyncio.get_running_loop()
        self._alarm.start()
        await self._server.start(host, port)
        for schedule in self.profile.inbound:
            self.later(schedule.every_s, partial(self._scheduled, schedule, 1))
        self._script.start()

    async def stop(self) -> None:
        """Stop listening and drop every connection; what is not delivered is kept."""
        self._alarm.stop()
        for call in self._calls:
            call.cancel()
        await self._server.stop()

    @property
    def port(self) -> int:
        """The port that it listens on. Raises RuntimeError before `start`."""
        return self._server.port

    @property
    def connections(self) -> int:
        """Connections that are open, bound or not."""
        return len(self._server.connections)

    @property
    def undelivered(self) -> int:
        """Receipts and inbound messages that wait for a connection or a free window."""
        return len(self._unclaimed.waiting) + sum(len(box.waiting) for box in self._mailboxes.values())

    @property
    def pending(self) -> int:
        """Answers, receipts and inbound messages whose time has not come."""
        return len(self._alarm)

    def drop_connections(self, reason: str = "dropped on request") -> int:
        """Cut every connection without an unbind; returns how many."""
        connections = list(self._server.connections)
        for connection in connections:
            connection.abort(reason)
        return len(connections)

    def inject(self, sender: str, recipient: str, text: str, system_id: str = "") -> int:
        """Deliver a message of a person; returns its number of parts.

        It goes to the ESME of `system_id`, without one to any that can receive; while nobody can, it waits for
        the first to bind. Raises PayloadError for a text of more than 255 parts.
        """
        self._reference = self._reference % 255 + 1
        parts = inbound(sender, recipient, text, self._reference)
        mailbox = self._mailbox(system_id) if system_id else self._any_mailbox()
        for part in parts:
            self._post(mailbox, part, receipt=False)
        self.counters.inbound += len(parts)
        self._pump_soon(mailbox)
        return len(parts)

    async def outbind(self, host: str, port: int) -> None:
        """Connect to an ESME that listens and have it bind there, for what waits for it. Raises OSError."""
        said = Outbind(system_id=self.profile.name, password=self.profile.outbind_password)
        await self._server.outbind(host, port, said)
        self.counters.outbinds += 1

    # What its script calls; see `gateway.simulator.script`.

    @property
    def links(self) -> Iterable[Connection]:
        """The connections that are open, bound or not."""
        return self._server.connections

    def later(self, after_s: float, action: Callable[[], Any]) -> None:
        """Do this when so many seconds have passed, never before."""
        self._alarm.after(after_s, action)

    def outbind_soon(self, host: str, port: int) -> None:
        """Begin an outbind; one that nobody takes is counted."""
        assert self._loop is not None
        call = self._loop.create_task(self._outbind(host, port))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    def step_played(self, step: Step) -> None:
        """Count it, and tell of it."""
        self.counters.steps += 1
        if self._on_step is not None:
            self._on_step(step)

    async def _outbind(self, host: str, port: int) -> None:
        try:
            await self.outbind(host, port)
        except OSError:
            self.counters.outbinds_failed += 1

    # What connections call; see `gateway.simulator.esme`.

    def bound(self, esme: Esme) -> Mailbox:
        """The mailbox of an ESME that has just bound."""
        mailbox = self._mailbox(esme.system_id)
        if esme.receives:
            mailbox.attach(esme.connection)
            mailbox.waiting.extend(self._unclaimed.waiting)
            self._unclaimed.waiting.clear()
            self._pump_soon(mailbox)
        return mailbox

    def submitted(self, esme: Esme, pdu: SubmitSm | DataSm, drop: bool) -> None:
        """Decide on a submit, answer it, and put its receipt on the wheel."""
        counters = self.counters
        counters.submits += 1
        verdict = self._decide(pdu.destination_addr)
        if verdict.status:
            counters.refused[verdict.status] += 1
            self._tell(esme, pdu, "", verdict.status)
            self._answer(esme, pdu, "", verdict, drop)
            self._script.submitted(counters.submits)
            return
        counters.taken += 1
        number = self._number
        self._number += 1
        message_id = self._writer.answer_id(number)
        self._tell(esme, pdu, message_id, 0)
        self._take(esme, number, message_id, pdu, verdict)
        self._answer(esme, pdu, message_id, verdict, drop)
        self._script.submitted(counters.submits)

    def submitted_to_many(self, esme: Esme, pdu: SubmitMulti) -> None:
        """A submit_multi: each destination is judged by itself; those that are not reached stand in its answer."""
        message_id = ""
        missed: list[UnsuccessSme] = []
        for to in pdu.dest_addresses:
            if isinstance(to, DistributionList):
                missed.append(_missed(to.dl_name, Status.ESME_RINVDLNAME))
                continue
            one = single(pdu, to)
            self.counters.submits += 1
            verdict = self._decide(to.destination_addr)
            if verdict.status:
                self.counters.refused[verdict.status] += 1
                self._tell(esme, one, "", verdict.status)
                missed.append(
                    _missed(to.destination_addr, verdict.status, to.dest_addr_ton, to.dest_addr_npi)
                )
                continue
            if not message_id:  # one for all of them. SMPP 3.4, 4.5.2
                number = self._number
                self._number += 1
                message_id = self._writer.answer_id(number)
            self.counters.taken += 1
            self._tell(esme, one, message_id, 0)
            self._take(esme, number, message_id, one, verdict)
        answer = SubmitMultiResp(sequence=pdu.sequence, message_id=message_id, unsuccess_smes=tuple(missed))
        esme.connection.answer(answer)
        self._script.submitted(self.counters.submits)

    def asked(self, pdu: QuerySm | CancelSm | ReplaceSm) -> Pdu:
        """The answer to a question about a message."""
        self.counters.questions += 1
        now = self._alarm.now()
        if isinstance(pdu, QuerySm):
            return self._taken.query(pdu, now)
        if isinstance(pdu, ReplaceSm):
            return self._taken.replace(pdu, now)
        answer, deleted = self._taken.cancel(pdu, now)
        for message in deleted:
            self._finish(message, "")
        return answer

    def alert(self, mailbox: Mailbox, phone: str) -> None:
        """Tell an ESME that a phone is there again. SMPP 3.4, 4.12."""
        for receiver in mailbox.receivers[:1]:
            receiver.notify(AlertNotification(source_addr_ton=1, source_addr_npi=1, source_addr=phone))
            self.counters.alerts += 1

    def answered(self, mailbox: Mailbox, delivery: Delivery, status: int) -> None:
        """A delivery was answered: done, or to be sent again later."""
        counters = self.counters
        if status:
            counters.receipts_refused += delivery.receipt
            self.later(self.profile.redeliver_s, partial(self._again, mailbox, delivery))
        elif delivery.receipt:
            counters.receipts_acknowledged += 1
        else:
            counters.inbound_acknowledged += 1
        if mailbox.waiting:
            self._pump_soon(mailbox)

    # Within.

    def _esme(self, connection: Connection) -> Esme:
        if self._script.deaf:
            connection.hear(False)
        return Esme(self, connection)

    def _server_config(self) -> ServerConfig:
        profile = self.profile
        timers = TimerLimits(enquire_link_s=profile.enquire_link_s, response_s=profile.response_s)
        return ServerConfig(
            profile.name, SessionConfig(window=profile.window, timers=timers), capture=self._capture
        )

    def refuse_bind(self, pdu: BindPdu) -> int:
        """The command_status against this bind; 0 when it is welcome."""
        status = self._bind_status(pdu)
        if status:
            self.counters.binds_refused += 1
        else:
            self.counters.binds += 1
        return status

    def _bind_status(self, pdu: BindPdu) -> int:
        if self._script.refuse_status:
            return self._script.refuse_status
        if self.counters.binds_refused < self.profile.refuse_binds:
            return self.profile.bind_status
        if self.profile.system_id and pdu.system_id != self.profile.system_id:
            return Status.ESME_RINVSYSID
        if self.profile.password and pdu.password != self.profile.password:
            return Status.ESME_RINVPASWD
        return Status.ESME_ROK

    def _decide(self, destination: str) -> Verdict:
        throttled = self._script.throttle_status
        if throttled:
            return Verdict(throttled, None)
        return self._judge.decide(destination, self._alarm.now())

    def _tell(self, esme: Esme, pdu: SubmitSm | DataSm, message_id: str, status: int) -> None:
        if self._on_submit is not None:
            self._on_submit(Submit(datetime.now(UTC), esme.system_id, message_id, status, pdu))

    def _answer(
        self, esme: Esme, pdu: SubmitSm | DataSm, message_id: str, verdict: Verdict, drop: bool
    ) -> None:
        if drop or verdict.drop:
            esme.connection.abort("dropped by the profile")
        elif not verdict.answer:
            return
        elif delay_s := self._delay_s():
            self.later(delay_s, partial(esme.answer, pdu, message_id, verdict.status))
        else:
            esme.answer(pdu, message_id, verdict.status)

    def _delay_s(self) -> float:
        """Seconds between a submit and its answer."""
        return max(self._answer_delay_s, self._script.answer_delay_s)

    def _wants_receipt(self, pdu: SubmitSm | DataSm, outcome: Outcome) -> bool:
        """Whether the ESME asked for this one. SMPP 3.4, 5.2.17."""
        if not self.profile.receipts:
            return False
        asked = pdu.registered_delivery & _MASK
        return asked == _ALWAYS or (asked == _ON_FAILURE and outcome.state is not FinalState.DELIVRD)

    def _receipt_delay(self, matters: bool) -> float:
        """Of a message that nobody hears of again the shortest: chance is kept for those that matter."""
        shortest, longest = self.profile.receipt_delay_min_s, self.profile.receipt_delay_max_s
        return self._chance.uniform(shortest, longest) if matters and longest > shortest else shortest

    def _take(
        self, esme: Esme, number: int, message_id: str, pdu: SubmitSm | DataSm, verdict: Verdict
    ) -> None:
        """Remember a message that was taken, and put its end on the wheel."""
        mailbox, outcome = esme.mailbox, verdict.outcome
        assert mailbox is not None
        wanted = outcome is not None and self._wants_receipt(pdu, outcome)
        first = wanted and self.profile.receipt_first
        after_s = 0.0 if first else self._delay_s() + self._receipt_delay(wanted or bool(verdict.reply))
        final_at = self._alarm.now() + after_s
        message = Message(number, message_id, pdu, mailbox, outcome or verdict.unsaid, final_at, wanted)
        self._taken.add(message)
        if first:
            self._finish(message, verdict.reply)
            mailbox.pump()
        elif wanted or verdict.reply:
            self._alarm.at(final_at, partial(self._finish, message, verdict.reply))

    def _finish(self, message: Message, reply: str) -> None:
        """The message has reached its end: its receipt, and what its recipient says to it."""
        if message.finished:
            return  # cancelled
        if self._script.held is not None:
            self._script.held.append(partial(self._finish, message, reply))
            return
        message.finished = True
        pdu, mailbox = message.pdu, message.mailbox
        at = time.time()
        if message.wanted:
            if self.profile.intermediate:
                self._post(mailbox, self._writer.intermediate(message.number, pdu, at), receipt=True)
                self.counters.receipts += 1
            receipt = self._writer.final(message.number, pdu, message.outcome, at)
            for _ in range(self.profile.receipt_copies):
                self._post(mailbox, receipt, receipt=True)
            self.counters.receipts += self.profile.receipt_copies
            self._pump_soon(mailbox)
        if reply:
            said = partial(self.inject, pdu.destination_addr, pdu.source_addr, reply, mailbox.system_id)
            self.later(_REPLY_AFTER_S, said)

    def _post(self, mailbox: Mailbox, pdu: DeliverSm, *, receipt: bool) -> None:
        mailbox.add(Delivery(as_data_sm(pdu) if self.profile.data_sm else pdu, receipt))

    def _again(self, mailbox: Mailbox, delivery: Delivery) -> None:
        mailbox.add(delivery)
        self._pump_soon(mailbox)

    def _scheduled(self, schedule: InboundSchedule, count: int) -> None:
        if any(mailbox.receivers for mailbox in self._mailboxes.values()):
            self.inject(schedule.sender, schedule.recipient, schedule.text)
            count += 1
        if not schedule.times or count <= schedule.times:
            self.later(schedule.every_s, partial(self._scheduled, schedule, count))

    def _mailbox(self, system_id: str) -> Mailbox:
        mailbox = self._mailboxes.get(system_id)
        if mailbox is None:
            mailbox = self._mailboxes[system_id] = Mailbox(system_id)
        return mailbox

    def _any_mailbox(self) -> Mailbox:
        receiving = (mailbox for mailbox in self._mailboxes.values() if mailbox.receivers)
        return next(receiving, self._unclaimed)

    def _pump_soon(self, mailbox: Mailbox) -> None:
        """Send what its windows allow, once in this turn of the loop."""
        if self._loop is None:
            return  # nobody is bound before the start
        if not self._pump_due:
            self._loop.call_soon(self._pump)
        self._pump_due.add(mailbox)

    def _pump(self) -> None:
        due = list(self._pump_due)
        self._pump_due.clear()
        for mailbox in due:
            mailbox.pump()


def _missed(address: str, status: int, ton: int = 0, npi: int = 0) -> UnsuccessSme:
    """A destination that a submit_multi has not reached."""
    return UnsuccessSme(
        dest_addr_ton=ton, dest_addr_npi=npi, destination_addr=address, error_status_code=status
    )
