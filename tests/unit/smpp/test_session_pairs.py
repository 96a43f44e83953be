"""An ESME and an SMSC joined by a fake link, under any interleaving of what can happen.

Held at every step: the window is never exceeded and nothing raises. Held at the end: every tag of either side
ends in exactly one of `answered` and `lost`, and a time-out comes before, once; each question in one `replied`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smpp import codec
from smpp.constants import Status
from smpp.esme import EsmeSession
from smpp.events import SessionConfig
from smpp.pdu import (
    AlertNotification,
    BindPdu,
    BindRespPdu,
    BindTransceiver,
    DataSm,
    DeliverSm,
    GenericNack,
    Outbind,
    Pdu,
    QuerySm,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
)
from smpp.session import Session
from smpp.smsc import SmscSession
from smpp.timers import TimerLimits

WINDOW = 6
BODY = codec.encode_submit_body(SubmitSm(destination_addr="447700900123", short_message=b"hi"))
CONFIG = SessionConfig(
    window=WINDOW,
    timers=TimerLimits(session_init_s=20.0, enquire_link_s=15.0, response_s=10.0, inactivity_s=40.0),
    timeouts_in_a_row=3,
)
index = st.integers(min_value=0, max_value=1000)


class Side:
    """The events of either role: what became of each tag, and what waits for an answer of ours."""

    def __init__(self) -> None:
        self.tags: list[int] = []
        self.ended: Counter[int] = Counter()
        self.overdue: Counter[int] = Counter()
        self.unwritten: set[int] = set()
        self.closings: list[str] = []
        self.refused: list[int] = []
        self.to_answer: list[Pdu] = []

    def answered(self, tag: Any, status: int, message_id: str, pdu: Pdu) -> None:
        self.ended[tag] += 1

    def timed_out(self, tag: Any) -> None:
        assert not self.ended[tag], "timed out after its end"
        self.overdue[tag] += 1

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        self.ended.update(written)
        self.ended.update(unwritten)
        self.unwritten.update(unwritten)

    def closed(self, reason: str) -> None:
        self.closings.append(reason)

    def bound(self, resp: BindRespPdu) -> None:
        self.to_answer.clear()

    def bind_refused(self, status: int) -> None:
        self.refused.append(status)

    def delivered(self, pdu: DeliverSm | DataSm) -> None:
        self.to_answer.append(pdu)

    def replied(self, tag: Any, pdu: Pdu | None) -> None:
        self.ended[tag] += 1

    def alerted(self, pdu: AlertNotification) -> None:
        raise AssertionError("nobody has sent one")

    def outbound(self, pdu: Outbind) -> None:
        raise AssertionError("nobody has sent one")

    def bind_requested(self, pdu: BindPdu) -> None:
        self.to_answer.append(pdu)

    def requested(self, pdu: Pdu) -> None:
        self.to_answer.append(pdu)

    def next_tag(self) -> int:
        self.tags.append(len(self.tags))
        return self.tags[-1]


class Link(RuleBasedStateMachine):
    """Both sessions, the octets on their way in either direction, and the time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.client, self.centre = Side(), Side()
        self.esme = EsmeSession(self.client, CONFIG, self.now)
        self.smsc = SmscSession(self.centre, CONFIG, self.now)
        self.to_smsc = self.to_esme = b""
        self.esme.bind(BindTransceiver(system_id="esme"), self.now)

    @initialize(bound=st.sampled_from([True, True, True, False]))
    def begin(self, bound: bool) -> None:
        if bound:
            self.exchange()
            self.centre_answers(0, 0, False)
            self.exchange()
            assert self.esme.bound
            assert self.smsc.bound

    # What the owners do.

    @precondition(lambda self: self.esme.window_free > 0)
    @rule(count=st.integers(min_value=1, max_value=WINDOW))
    def submit(self, count: int) -> None:
        for _ in range(min(count, self.esme.window_free)):
            self.esme.submit(BODY, self.client.next_tag(), self.now)

    @precondition(lambda self: self.esme.window_free > 0)
    @rule()
    def ask(self) -> None:
        self.esme.ask(QuerySm(message_id="id"), self.client.next_tag(), self.now)

    @precondition(lambda self: self.smsc.window_free > 0)
    @rule()
    def deliver(self) -> None:
        self.smsc.deliver(DeliverSm(short_message=b"receipt"), self.centre.next_tag(), self.now)

    @precondition(lambda self: self.centre.to_answer)
    @rule(which=index, status=st.sampled_from([0, 0, 0, Status.ESME_RTHROTTLED]), nack=st.booleans())
    def centre_answers(self, which: int, status: int, nack: bool) -> None:
        request = self.centre.to_answer.pop(which % len(self.centre.to_answer))
        if isinstance(request, BindPdu):
            self.smsc.answer_bind(request, status, "smsc", self.now)
        elif nack and status:
            self.smsc.answer(GenericNack(sequence=request.sequence, status=status), self.now)
        elif isinstance(request, QuerySm):
            self.smsc.answer(QuerySmResp(sequence=request.sequence, status=status, message_id="id"), self.now)
        else:
            self.smsc.answer(SubmitSmResp(sequence=request.sequence, status=status, message_id=""), self.now)

    @precondition(lambda self: self.client.to_answer)
    @rule(which=index)
    def client_acknowledges(self, which: int) -> None:
        pdu = self.client.to_answer.pop(which % len(self.client.to_answer))
        assert isinstance(pdu, DeliverSm | DataSm)
        self.esme.acknowledge(pdu, 0, self.now)

    @rule(guess=st.integers(min_value=0, max_value=20))
    def centre_answers_what_it_guesses(self, guess: int) -> None:
        self.smsc.answer(SubmitSmResp(sequence=guess, message_id="guess"), self.now)

    @precondition(lambda self: len(self.client.tags) > 8)
    @rule(side=st.sampled_from(["esme", "smsc"]))
    def unbind(self, side: str) -> None:
        self.session(side).unbind(self.now)

    # What the network and the clock do.

    @rule()
    def flush(self) -> None:
        self.to_smsc += self.esme.data_to_send()
        self.to_esme += self.smsc.data_to_send()

    @rule()
    def exchange(self) -> None:
        self.flush()
        self.carry_to_smsc(len(self.to_smsc))
        self.carry_to_esme(len(self.to_esme))

    @rule(octets=st.integers(min_value=1, max_value=4000))
    def carry_to_smsc(self, octets: int) -> None:
        data, self.to_smsc = self.to_smsc[:octets], self.to_smsc[octets:]
        self.smsc.receive(data, self.now)

    @rule(octets=st.integers(min_value=1, max_value=4000))
    def carry_to_esme(self, octets: int) -> None:
        data, self.to_esme = self.to_esme[:octets], self.to_esme[octets:]
        self.esme.receive(data, self.now)

    @rule(seconds=st.sampled_from([0.0, 0.5, 3.0, 11.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for session in (self.esme, self.smsc):
            session.tick(self.now)
            deadline = session.next_deadline()
            assert deadline is None or deadline > self.now, "a tick leaves nothing due"

    @precondition(lambda self: len(self.client.tags) > 8)
    @rule(garbage=st.binary(min_size=1, max_size=40))
    def garble_to_esme(self, garbage: bytes) -> None:
        self.to_esme = garbage

    @precondition(lambda self: len(self.client.tags) > 8)
    @rule()
    def cut(self) -> None:
        for session in (self.esme, self.smsc):
            session.connection_lost("cut")

    def session(self, side: str) -> Session:
        return self.esme if side == "esme" else self.smsc

    # What always holds.

    @invariant()
    def windows_hold(self) -> None:
        assert self.esme.window_used <= WINDOW
        assert self.smsc.window_used <= WINDOW

    @invariant()
    def each_end_comes_once(self) -> None:
        for side, session in ((self.client, self.esme), (self.centre, self.smsc)):
            assert all(count == 1 for count in side.ended.values())
            assert all(count == 1 for count in side.overdue.values())
            assert len(side.tags) == len(side.ended) + session.window_used
            assert len(side.closings) == int(session.closed)
            opened = (session._staged, session._waiting, session._late)
            asked = len(session._questions) if isinstance(session, EsmeSession) else 0
            assert session.window_used == sum(len(requests) for requests in opened) + asked

    def teardown(self) -> None:
        self.to_esme += self.smsc.data_to_send()
        self.esme.receive(self.to_esme, self.now)
        for session in (self.esme, self.smsc):
            session.connection_lost("the test is over")
        for side in (self.client, self.centre):
            assert set(side.ended) == set(side.tags)
            assert len(side.closings) == 1


Link.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestLink = Link.TestCase
