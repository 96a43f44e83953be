"""One SMPP session without socket or clock: bytes and the time in, bytes and events out.

The owner's duties:

- pass everything received to `receive`, and call `tick` at `next_deadline`;
- after any call, write what `data_to_send` returns; once for many calls is enough, and what it has
  returned counts as written from then on;
- call `connection_lost` when the connection ends; after `closed`, write what is left and end it.

Events are plain calls on the object given at construction, made inside the session's methods; they may
call the session back. Each request of ours ends in exactly one of `answered` and `lost`; `timed_out`
may come before, once. A question (`EsmeSession.ask`) ends in exactly one `replied`. `now` is a monotonic
float in seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from smpp import codec
from smpp.constants import MAX_SEQUENCE, RESPONSE_BIT, CommandId, Status
from smpp.errors import FrameError, PduError, WindowFullError
from smpp.events import SessionConfig, SessionCounters, SessionEvents
from smpp.pdu import PDU_CLASSES, EnquireLink, GenericNack, Pdu, Unbind
from smpp.states import BINDS, BOUND, ISSUED_BY, TRANSITIONS, Move, Role, State, may_arrive
from smpp.timers import Due, LinkTimers

# An enum's member costs as much to look up as a call of a small function: this is asked for with each PDU.
_CLOSED = State.CLOSED

_Handler: TypeAlias = Callable[[Any], None]
_Open: TypeAlias = tuple[object, float, int]
"""An unanswered request: its tag, when it was made, and the command_id that answers it."""


class Session:
    """What both roles share: framing, sequence numbers, the window, timers, enquire_link and unbind."""

    role: Role

    def __init__(
        self,
        events: SessionEvents,
        config: SessionConfig,
        now: float,
        counters: SessionCounters | None = None,
    ) -> None:
        self.state = State.OPEN
        self.window_used = 0
        """Unanswered requests of ours, the timed-out ones included."""
        self.counters = counters if counters is not None else SessionCounters()
        self._notify = events
        self._config = config
        self.shortest_timer_s = config.timers.shortest_s
        """What is begun from now on makes `next_deadline` no earlier than this."""
        self._window = config.window
        self._timers = LinkTimers(config.timers, now)
        self._reader = codec.FrameReader(config.max_pdu_bytes)
        self._peer = Role.SMSC if self.role is Role.ESME else Role.ESME
        self._sequence = 0
        self._wrapped = False
        self._now = now  # of the bytes being taken
        # Requests not yet given to the owner to write; written and waiting; timed out. By age.
        self._staged: dict[int, _Open] = {}
        self._waiting: dict[int, _Open] = {}
        self._late: dict[int, _Open] = {}
        self._control: dict[int, int] = {}  # our bind, unbind and enquire_link: sequence to expected answer
        # Written first: answers and questions, a bind's answer before what follows it. Then the staged
        # requests, and an unbind behind them; these are dropped when the session ends before they are written.
        self._out: list[bytes] = []
        self._frames: list[bytes] = []
        self._timeouts_in_a_row = 0
        self._handlers: dict[type[Pdu], _Handler] = {
            EnquireLink: self._on_enquire_link,
            Unbind: self._on_unbind,
            GenericNack: self._on_nack,
            PDU_CLASSES[CommandId.ENQUIRE_LINK_RESP]: self._on_control_answer,
            PDU_CLASSES[CommandId.UNBIND_RESP]: self._on_control_answer,
        }

    # What the owner asks.

    @property
    def bound(self) -> bool:
        """Whether requests may pass."""
        return self.state in BOUND

    @property
    def closed(self) -> bool:
        """Whether the session has ended."""
        return self.state is _CLOSED

    @property
    def window_free(self) -> int:
        """Requests that the window still takes; 0 when not bound."""
        return self._window - self.window_used if self.state in BOUND else 0

    def staged(self) -> list[Any]:
        """Tags of the requests that the next `data_to_send` hands over, in order."""
        return [entry[0] for entry in self._staged.values()]

    def data_to_send(self) -> bytes:
        """Everything to be written, once. Requests of ours that are in it count as written from here on."""
        if self._staged:
            self._waiting.update(self._staged)
            self._staged.clear()
        if self._frames:
            self._out += self._frames
            self._frames.clear()
        data = b"".join(self._out)
        self._out.clear()
        return data

    def next_deadline(self) -> float | None:
        """When `tick` has something to do if nothing happens before; None for never."""
        if self.closed:
            return None
        deadline = self._timers.deadline()
        response_s = self._config.timers.response_s
        if self._waiting and response_s > 0:
            answer_due = next(iter(self._waiting.values()))[1] + response_s
            return answer_due if deadline is None else min(answer_due, deadline)
        return deadline

    # What the owner does.

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes from the network. Nothing that a peer sends raises; what follows the end is dropped."""
        if self.state is _CLOSED or not data:
            return
        self._now = now
        self._timers.heard(now)
        self._reader.feed(data)
        decode, handlers, on_other = codec.decode_body, self._handlers, self._on_other
        try:
            for command_id, status, sequence, body in self._reader:
                try:
                    pdu = decode(command_id, status, sequence, body)
                except PduError as wrong:
                    self._on_unreadable(wrong, status)
                else:
                    handlers.get(type(pdu), on_other)(pdu)
                if self.state is _CLOSED:
                    return
        except FrameError as broken:
            self.counters.bad_pdus += 1
            self._out.append(codec.encode(GenericNack(status=broken.status, sequence=broken.sequence)))
            self._end(f"broken PDU from the peer: {broken}")

    def tick(self, now: float) -> None:
        """Do what the timers ask for at `now`."""
        self._expire(now)
        while self.state is not State.CLOSED and (due := self._timers.due(now)) is not None:
            if due is Due.ENQUIRE:
                self.enquire_link(now)
            elif due is Due.INACTIVE:
                self.unbind(now)
            else:
                self._end(due.value)

    def enquire_link(self, now: float) -> None:
        """Ask whether the peer is there; no answer within the response timer ends the session."""
        if self.state is State.CLOSED:
            return
        # Only the last question counts: a peer may talk on and never answer one.
        expected = CommandId.ENQUIRE_LINK_RESP
        self._control = {sequence: answer for sequence, answer in self._control.items() if answer != expected}
        self._out.append(self._control_frame(EnquireLink()))
        self._timers.asked(now)

    def unbind(self, now: float) -> None:
        """Ask to end the session: no further requests; the peer may answer open ones before it agrees."""
        if self._move(Move.UNBIND):
            self._frames.append(self._control_frame(Unbind()))
            self._timers.unbind_sent(now)

    def connection_lost(self, reason: str) -> None:
        """The connection has ended: hand back what is unanswered. Harmless after the session's end."""
        self._end(reason)

    # Requests and their answers.

    def _request(self, command_id: int, body: bytes, tag: object, now: float) -> int:
        if self.window_used >= self._window:
            raise WindowFullError(f"{self.window_used} requests are unanswered")
        self.window_used += 1
        sequence = self._sequence + 1
        if self._wrapped or sequence > MAX_SEQUENCE:
            sequence = self._next_sequence()
        else:  # the first time round nothing is in the way: no call for each part
            self._sequence = sequence
        self._staged[sequence] = (tag, now, command_id | RESPONSE_BIT)
        self._frames.append(codec.frame(command_id, 0, sequence, body))
        self._timers.used_at = now
        return sequence

    def _next_sequence(self) -> int:
        """1 to 0x7FFFFFFF and again from 1 (3.4, 5.1.4), past those that are still open."""
        sequence = self._sequence
        while True:
            if sequence < MAX_SEQUENCE:
                sequence += 1
            else:
                sequence, self._wrapped = 1, True
            if not self._wrapped or not self._is_open(sequence):
                self._sequence = sequence
                return sequence

    def _is_open(self, sequence: int) -> bool:
        return any(sequence in opened for opened in (self._staged, self._waiting, self._late, self._control))

    def _take(self, sequence: int, command_id: int) -> _Open | None:
        """The open request that this PDU answers, now answered; None (counted) when there is none such."""
        nacked = command_id == CommandId.GENERIC_NACK
        entry = self._waiting.get(sequence)
        if entry is not None and (nacked or entry[2] == command_id):
            del self._waiting[sequence]
            return entry
        entry = self._late.get(sequence)
        if entry is not None and (nacked or entry[2] == command_id):
            del self._late[sequence]
            self.counters.late_answers += 1
            return entry
        # Also an answer to what we have not written yet: the peer is guessing.
        self.counters.unknown_answers += 1
        return None

    def _settle(self, pdu: Pdu) -> None:
        """An answer to a request of ours; a generic_nack, and most answers but submit_sm_resp, name no message."""
        waiting, sequence = self._waiting, pdu.sequence
        entry = waiting.get(sequence)
        if entry is not None and entry[2] == pdu.command_id:  # an answer in time, as nearly all are
            del waiting[sequence]
        else:
            entry = self._take(sequence, pdu.command_id)
            if entry is None:
                return
        self.window_used -= 1
        self._timers.used_at = self._now
        self._timeouts_in_a_row = 0
        self.counters.answers += 1
        self._notify.answered(entry[0], pdu.status, getattr(pdu, "message_id", ""), pdu)

    def _expire(self, now: float) -> None:
        response_s = self._config.timers.response_s
        if response_s <= 0:
            return
        while self._waiting:
            sequence, entry = next(iter(self._waiting.items()))
            if entry[1] + response_s > now:
                return
            del self._waiting[sequence]
            self._late[sequence] = entry
            self.counters.timeouts += 1
            self._timeouts_in_a_row += 1
            self._notify.timed_out(entry[0])
            if self._timeouts_in_a_row >= self._config.timeouts_in_a_row:
                self._end(f"{self._timeouts_in_a_row} requests in a row were not answered")
            elif len(self._late) * 2 >= self._config.window:
                self._end(f"{len(self._late)} unanswered requests fill half of the window")

    def _control_frame(self, pdu: Pdu) -> bytes:
        pdu.sequence = self._next_sequence()
        self._control[pdu.sequence] = pdu.command_id | RESPONSE_BIT
        return codec.encode(pdu)

    # What the peer sends.

    def _on_unreadable(self, wrong: PduError, status: int) -> None:
        """A request is refused with the reason; of an answer the header still tells what became of ours."""
        self.counters.bad_pdus += 1
        refusal = codec.encode_refusal(wrong)
        if refusal is not None:
            self._out.append(refusal)
        elif (answer := PDU_CLASSES.get(wrong.command_id)) is not None:
            pdu = answer(status=status, sequence=wrong.sequence)
            self._handlers.get(answer, self._on_other)(pdu)

    def _on_enquire_link(self, pdu: EnquireLink) -> None:
        self._out.append(codec.encode_enquire_link_resp(pdu.sequence))

    def _on_unbind(self, pdu: Unbind) -> None:
        self._out.append(codec.frame(CommandId.UNBIND_RESP, 0, pdu.sequence))
        self._end("unbound by the peer")

    def _on_control_answer(self, pdu: Pdu) -> None:
        if self._control.get(pdu.sequence) != pdu.command_id:
            self.counters.unknown_answers += 1
            return
        del self._control[pdu.sequence]
        if pdu.command_id == CommandId.UNBIND_RESP:
            self._end("unbound")

    def _on_nack(self, pdu: GenericNack) -> None:
        awaited = self._control.pop(pdu.sequence, None)
        if awaited is None:
            self._settle(pdu)
        elif awaited == CommandId.UNBIND_RESP:
            self._end("unbound (with a generic_nack)")
        elif awaited != CommandId.ENQUIRE_LINK_RESP:
            self._bind_refused(pdu.status)

    def _bind_refused(self, status: int) -> None:
        """Only an ESME binds; see there."""

    def _on_other(self, pdu: Pdu) -> None:
        """What no handler takes in this role: an answer to our delivery, a notice, or a mistake."""
        if pdu.command_id & RESPONSE_BIT:
            self._settle(pdu)
        elif self._in_order(pdu):
            self.counters.ignored_requests += 1

    def _in_order(self, pdu: Pdu) -> bool:
        """Whether the peer may ask this now; if not, it is told so."""
        if may_arrive(self._peer, pdu.command_id, self.state):
            return True
        self._refuse(pdu)
        return False

    def _refuse(self, pdu: Pdu) -> None:
        self.counters.refused_requests += 1
        if pdu.command_id not in ISSUED_BY[self._peer]:
            # In no state is this the peer's to ask, so no response of ours belongs to it.
            self._out.append(codec.encode(GenericNack(status=Status.ESME_RINVCMDID, sequence=pdu.sequence)))
            return
        status = Status.ESME_RALYBND if pdu.command_id in BINDS else Status.ESME_RINVBNDSTS
        refusal = codec.encode_refusal(PduError(status, pdu.command_id, pdu.sequence, "not in this state"))
        if refusal is not None:
            self._out.append(refusal)

    # The state.

    def _move(self, move: Move) -> bool:
        """Make the move if the table has it; otherwise nothing happens but a count."""
        state = TRANSITIONS[self.state].get(move)
        if state is None:
            self.counters.illegal_moves += 1
            return False
        self.state = state
        return True

    def _end(self, reason: str) -> None:
        if self.state is State.CLOSED:
            return
        self._move(Move.END)
        self.counters.closings += 1
        written = [entry[0] for opened in (self._late, self._waiting) for entry in opened.values()]
        unwritten = self.staged()
        for opened in (self._late, self._waiting, self._staged):
            opened.clear()
        self.window_used = 0
        self._frames.clear()
        self._control.clear()
        if written or unwritten:
            self._notify.lost(written, unwritten)
        self._notify.closed(reason)
