"""Mutated frames for the decoder and for sessions of both roles; what must hold for each is checked here.

    fuzz(frames=100_000, seed=1)        raises AssertionError with all that is needed to see it again

A session lives for some hundred frames, in whatever state it begins; its owner submits, asks, delivers and answers as
it goes. Held after each piece of octets:

- nothing was raised, but PduError and FrameError by the decoder and EncodeError by the encoder, for what the wire can't
  hold;
- whatever the session wants written is framed as the specification says, as read by a reader of its own, not ours;
- an answer answers something: nothing is said to an answer, and a broken length gets one generic_nack and the end;
- the window is kept, and each tag has ended at most once, exactly once when the session has.
"""

from __future__ import annotations

import random
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from smpp import codec, receipt
from smpp.constants import MAX_SEQUENCE, RESPONSE_BIT, CommandId, Status, Tag
from smpp.errors import EncodeError, FrameError, PduError, SessionError
from smpp.esme import EsmeSession
from smpp.events import SessionConfig
from smpp.fields import COctet, Integer, Listed, Octets, layout
from smpp.pdu import (
    PDU_CLASSES,
    AlertNotification,
    BindPdu,
    BindReceiver,
    BindRespPdu,
    BindTransceiver,
    BindTransmitter,
    DataSm,
    DeliverSm,
    GenericNack,
    Outbind,
    Pdu,
    QuerySm,
    SubmitSm,
    SubmitSmResp,
)
from smpp.smsc import SmscSession
from smpp.states import BOUND, Role, State
from smpp.timers import TimerLimits

MAX_PDU_BYTES = 4096
WINDOW = 8
FRAMES_A_LIFE = 300
CONFIG = SessionConfig(WINDOW, TimerLimits(20.0, 15.0, 10.0, 60.0), 3, MAX_PDU_BYTES)
BODY = codec.encode_submit_body(SubmitSm(destination_addr="447700900123", short_message=b"hi"))
COMMANDS = sorted(CommandId)
TAGS = [*Tag, 0x1400, 0xFFFF]
USUAL = {
    Role.ESME: [
        *(CommandId.DELIVER_SM, CommandId.DELIVER_SM, CommandId.DATA_SM, CommandId.ALERT_NOTIFICATION),
        *(
            CommandId.SUBMIT_SM_RESP,
            CommandId.QUERY_SM_RESP,
            CommandId.ENQUIRE_LINK,
            CommandId.ENQUIRE_LINK_RESP,
        ),
    ],
    Role.SMSC: [
        *(
            CommandId.SUBMIT_SM,
            CommandId.SUBMIT_SM,
            CommandId.DATA_SM,
            CommandId.SUBMIT_MULTI,
            CommandId.QUERY_SM,
        ),
        *(CommandId.CANCEL_SM, CommandId.REPLACE_SM, CommandId.DELIVER_SM_RESP, CommandId.ENQUIRE_LINK),
    ],
}
"""What a session of a role is sent by a peer that knows it."""
RECEIPT = (
    b"id:7 sub:001 dlvrd:001 submit date:2611210800 done date:2611210801 stat:DELIVRD err:000 text:hello"
)


class Frames:
    """Frames as peers send them, and then not quite so."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._mutations: list[Callable[[bytearray], object]] = [
            self._length,
            self._command,
            self._status,
            self._without_nul,
            self._tlv_length,
            self._cut,
            self._octets,
            self._doubled,
            len,  # or in none
        ]

    def next(self, sequence: int, role: Role) -> bytes:
        """One more, for a session of this role; its sequence number is this one, more often than not."""
        chance = self._chance
        cls = PDU_CLASSES[chance.choice(COMMANDS if chance.random() < 0.3 else USUAL[role])]
        pdu = cls(**{name: self._value(kind) for name, kind in layout(cls)})
        pdu.sequence = (
            sequence if chance.random() < 0.7 else chance.choice((0, 1, 2, 0x7FFF_FFFF, 0xFFFF_FFFF))
        )
        pdu.status = chance.choice((0, 0, 0, 0x58, 0xFFFF_FFFF))
        if isinstance(pdu, DeliverSm) and chance.random() < 0.5:
            pdu.short_message = RECEIPT
        for _ in range(chance.choice((0, 0, 1, 3))):
            pdu.tlvs[chance.choice(TAGS)] = chance.randbytes(chance.choice((0, 1, 2, 4, 20)))
        try:
            frame = bytearray(codec.encode(pdu))
        except EncodeError:
            frame = bytearray(codec.frame(pdu.command_id, 0, sequence, chance.randbytes(30)))
        for _ in range(chance.choice((0, 1, 1, 2))):
            chance.choice(self._mutations)(frame)
        if chance.random() < 0.98 and len(frame) >= 16:
            frame[:4] = struct.pack(
                ">I", len(frame)
            )  # so that the stream goes on, and what follows is looked at
        return bytes(frame)

    def _value(self, kind: object) -> Any:
        chance = self._chance
        if isinstance(kind, Integer):
            return (
                chance.choice((0, 1, 4, 8, 0x40, 255))
                if kind.size == 1
                else chance.getrandbits(8 * kind.size)
            )
        if isinstance(kind, COctet):
            return chance.choice(("", "7", "447700900123", "x" * chance.randrange(kind.max_octets + 2)))
        if isinstance(kind, Octets):
            return chance.choice((b"", b"hi", RECEIPT, chance.randbytes(chance.randrange(250))))
        assert isinstance(kind, Listed)
        chosen = [chance.choice(list(kind.items.values())) for _ in range(chance.choice((0, 1, 3)))]
        return tuple(cls(**{name: self._value(each) for name, each in layout(cls)}) for cls in chosen)

    # Each spoils a frame in one way.

    def _length(self, frame: bytearray) -> None:
        wrong = self._chance.choice(
            (0, 1, 15, 16, len(frame) - 1, len(frame) + 1, MAX_PDU_BYTES + 1, 0xFFFF_FFFF)
        )
        frame[:4] = struct.pack(">I", wrong & 0xFFFF_FFFF)

    def _command(self, frame: bytearray) -> None:
        known = self._chance.choice(COMMANDS)
        frame[4:8] = struct.pack(">I", self._chance.choice((known, known ^ RESPONSE_BIT, 0x999, 0xFFFF_FFFF)))

    def _status(self, frame: bytearray) -> None:
        frame[8:12] = struct.pack(">I", self._chance.choice((*Status, 0x432)))

    def _without_nul(self, frame: bytearray) -> None:
        nuls = [at for at in range(16, len(frame)) if frame[at] == 0]
        for at in self._chance.sample(nuls, min(len(nuls), self._chance.choice((1, 2, 99)))):
            frame[at] = 0x41

    def _tlv_length(self, frame: bytearray) -> None:
        said = self._chance.choice((0, 1, 2, 5, 300, 0xFFFF))
        frame += struct.pack(">HH", self._chance.choice(TAGS), said) + self._chance.randbytes(2)

    def _cut(self, frame: bytearray) -> None:
        del frame[self._chance.randrange(len(frame) + 1) :]

    def _octets(self, frame: bytearray) -> None:
        for _ in range(self._chance.choice((1, 2, 8))):
            if frame:
                frame[self._chance.randrange(len(frame))] = self._chance.getrandbits(8)

    def _doubled(self, frame: bytearray) -> None:
        at = self._chance.randrange(len(frame) + 1)
        frame[at:at] = frame[at : at + self._chance.randrange(40)]


class Owner:
    """The events of either role; answers what wants an answer, now and then."""

    def __init__(self, chance: random.Random) -> None:
        self.ended: Counter[int] = Counter()
        self.tags = 0
        self.closings = 0
        self.to_answer: list[Pdu] = []
        self._chance = chance

    def next_tag(self) -> int:
        self.tags += 1
        return self.tags

    def end(self, tag: int) -> None:
        self.ended[tag] += 1
        assert self.ended[tag] == 1, f"tag {tag} has ended twice"

    def answered(self, tag: Any, status: int, message_id: str, pdu: Pdu) -> None:
        self.end(tag)

    def replied(self, tag: Any, pdu: Pdu | None) -> None:
        self.end(tag)

    def timed_out(self, tag: Any) -> None:
        assert not self.ended[tag], f"tag {tag} was late after its end"

    def lost(self, written: list[Any], unwritten: list[Any]) -> None:
        for tag in (*written, *unwritten):
            self.end(tag)

    def closed(self, reason: str) -> None:
        self.closings += 1

    def bound(self, resp: BindRespPdu) -> None: ...

    def bind_refused(self, status: int) -> None: ...

    def alerted(self, pdu: AlertNotification) -> None: ...

    def outbound(self, pdu: Outbind) -> None: ...

    def delivered(self, pdu: DeliverSm | DataSm) -> None:
        receipt.parse(pdu)
        self.to_answer.append(pdu)

    def bind_requested(self, pdu: BindPdu) -> None:
        self.to_answer.append(pdu)

    def requested(self, pdu: Pdu) -> None:
        self.to_answer.append(pdu)


class Life:
    """One session, from a state of chance to its end or `FRAMES_A_LIFE`."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.now = 0.0
        self.owner = Owner(chance)
        self.session: EsmeSession | SmscSession
        if chance.random() < 0.6:
            self.session = EsmeSession(self.owner, CONFIG, self.now)
            self._begin_as_esme(self.session)
        else:
            self.session = SmscSession(self.owner, CONFIG, self.now)
            self._begin_as_smsc(self.session)
        if chance.random() < 0.1:
            self.session._sequence = MAX_SEQUENCE - 3
        self.octets = b""  # of a frame that is not whole

    def _bind(self) -> BindPdu:
        return self._chance.choice((BindTransmitter, BindReceiver, BindTransceiver))(system_id="esme")

    def _begin_as_esme(self, session: EsmeSession) -> None:
        if self._chance.random() < 0.1:
            return
        bind = self._bind()
        session.bind(bind, self.now)
        session.data_to_send()
        if self._chance.random() < 0.9:
            answer = PDU_CLASSES[bind.command_id | RESPONSE_BIT](sequence=bind.sequence)
            session.receive(codec.encode(answer), self.now)

    def _begin_as_smsc(self, session: SmscSession) -> None:
        if self._chance.random() < 0.1:
            return
        bind = self._bind()
        bind.sequence = 1
        session.receive(codec.encode(bind), self.now)
        self.owner.to_answer.clear()
        session.answer_bind(bind, 0, "smsc", self.now)
        session.data_to_send()

    def act(self) -> None:
        """What an owner does between two reads."""
        chance, session, owner = self._chance, self.session, self.owner
        if chance.random() < 0.02:
            self.now += chance.choice((0.5, 6.0, 20.0))
            session.tick(self.now)
        deadline = session.next_deadline()
        assert deadline is None or deadline > self.now, "a tick leaves nothing due"
        try:
            for _ in range(chance.choice((0, 0, 1, 3))):
                if session.window_used < WINDOW:
                    self._request()
        except SessionError:
            owner.tags -= 1  # nothing was put in line
        while owner.to_answer and chance.random() < 0.8:
            self._answer(owner.to_answer.pop())
        if isinstance(session, SmscSession) and session.state is State.BOUND_RX and chance.random() < 0.05:
            session.notify(AlertNotification(source_addr="447700900123"), self.now)
        if chance.random() < 0.002:
            session.unbind(self.now)

    def _request(self) -> None:
        session, tag = self.session, self.owner.next_tag()
        if isinstance(session, SmscSession):
            session.deliver(DeliverSm(short_message=RECEIPT), tag, self.now)
        elif self._chance.random() < 0.3:
            session.ask(QuerySm(message_id="7"), tag, self.now)
        else:
            session.submit(BODY, tag, self.now)

    def _answer(self, pdu: Pdu) -> None:
        session = self.session
        if isinstance(session, EsmeSession):
            assert isinstance(pdu, DeliverSm | DataSm)
            session.acknowledge(pdu, self._chance.choice((0, 0x64)), self.now)
        elif isinstance(pdu, BindPdu):
            session.answer_bind(pdu, self._chance.choice((0, 0x0D)), "smsc", self.now)
        elif isinstance(pdu, SubmitSm):
            session.answer(SubmitSmResp(sequence=pdu.sequence, message_id="7"), self.now)
        elif pdu.command_id | RESPONSE_BIT in PDU_CLASSES:
            session.answer(PDU_CLASSES[pdu.command_id | RESPONSE_BIT](sequence=pdu.sequence), self.now)

    def feed(self, octets: bytes) -> None:
        """Give the session these, check what it has to say."""
        asked = {} if self.session.closed else self._asked_by(octets)
        self.session.receive(octets, self.now)
        self.check(asked)

    def _asked_by(self, octets: bytes) -> dict[int, int]:
        """How many frames of each sequence number, of those that are no answers, can be read out of these and what
        waits of those before; 0 stands for a broken length."""
        stream = self.octets + octets
        asked: Counter[int] = Counter()
        at = 0
        while len(stream) - at >= 4:
            (length,) = struct.unpack_from(">I", stream, at)
            if length < 16 or (len(stream) - at >= 16 and length > MAX_PDU_BYTES):
                sequence = struct.unpack_from(">I", stream, at + 12)[0] if length >= 16 else 0
                asked[sequence] += 1
                at = len(stream)
                break
            if length > len(stream) - at:
                break
            command_id, _, sequence = struct.unpack_from(">III", stream, at + 4)
            asked[sequence] += not command_id & RESPONSE_BIT
            at += length
        self.octets = stream[at:]
        return asked

    def check(self, asked: dict[int, int]) -> None:
        """What the session has written right after it was fed: refusals, and answers to enquire_link and unbind."""
        session, owner = self.session, self.owner
        answers: Counter[int] = Counter()
        for command_id, _, sequence, _ in written(session.data_to_send()):
            if command_id & RESPONSE_BIT:
                answers[sequence] += 1
        for sequence, count in answers.items():
            assert count <= asked.get(sequence, 0), (
                f"{count} answers to {asked.get(sequence, 0)} of number {sequence}"
            )
        assert 0 <= session.window_used <= WINDOW
        assert owner.closings == session.closed
        if session.closed:
            assert sum(owner.ended.values()) == owner.tags, "a tag has not ended"
        elif session.state in BOUND:
            assert len(owner.ended) + session.window_used == owner.tags

    def over(self) -> None:
        """The connection ends."""
        self.session.connection_lost("cut")
        assert sum(self.owner.ended.values()) == self.owner.tags, "a tag has not ended"


def written(octets: bytes) -> list[tuple[int, int, int, Pdu]]:
    """What a session wants written as whole PDUs, by a reader that forgives nothing."""
    found, at = [], 0
    while at < len(octets):
        assert len(octets) - at >= 16, f"{len(octets) - at} octets after the last frame"
        length, command_id, status, sequence = struct.unpack_from(">IIII", octets, at)
        assert 16 <= length <= len(octets) - at, f"command_length {length} with {len(octets) - at} octets"
        assert command_id in PDU_CLASSES, f"command_id {command_id:#x}"
        frame = octets[at : at + length]
        pdu = codec.decode_body_by_table(command_id, status, sequence, frame[16:])
        assert codec.encode_body_by_table(pdu) == frame[16:] or pdu.bare_on_error, (
            f"not as written: {frame.hex()}"
        )
        found.append((command_id, status, sequence, pdu))
        at += length
    return found


def decode(frame: bytes) -> None:
    """The decoder alone: its quick readers agree with the tables, and what was read can be written again."""
    try:
        pdu = codec.decode(frame)
    except FrameError:
        return
    except PduError as wrong:
        refused(wrong)
        return
    command_id, status, sequence = struct.unpack_from(">III", frame, 4)
    assert same(pdu, codec.decode_body_by_table(command_id, status, sequence, frame[16:]))
    try:
        again = codec.encode(pdu)
    except EncodeError:
        return
    if not isinstance(pdu, GenericNack):
        assert same(codec.decode(again), pdu)


def refused(wrong: PduError) -> None:
    """The answer to what can't be read: the right one, and none to an answer."""
    refusal = codec.encode_refusal(wrong)
    assert (refusal is None) == bool(wrong.command_id & RESPONSE_BIT)
    if refusal is not None:
        ((command_id, status, sequence, _),) = written(refusal)
        assert (status, sequence) == (wrong.status, wrong.sequence)
        assert command_id in (wrong.command_id | RESPONSE_BIT, CommandId.GENERIC_NACK)


def same(one: Pdu, other: Pdu) -> bool:
    """Whether two PDUs are equal in each field."""
    return type(one) is type(other) and all(
        getattr(one, each.name) == getattr(other, each.name) for each in fields(one)
    )


def fuzz(frames: int, seed: int, progress: Callable[[int], None] = lambda _done: None) -> None:
    """Feed this many frames. Raises AssertionError (or whatever was raised inside) with the seed and the octets."""
    chance = random.Random(seed)
    made = Frames(chance)
    done = 0
    while done < frames:
        life = Life(chance)
        octets = b""
        progress(done)
        try:
            for _ in range(FRAMES_A_LIFE):
                open_now = max(1, life.session._sequence)
                octets = made.next(chance.randrange(max(1, open_now - 5), open_now + 2), life.session.role)
                decode(octets)
                life.act()
                written(life.session.data_to_send())
                cut = chance.randrange(len(octets) + 1) if chance.random() < 0.2 else len(octets)
                for piece in (octets[:cut], octets[cut:]):
                    if piece:
                        life.feed(piece)
                done += 1
                if life.session.closed:
                    break
            life.over()
        except Exception as error:
            error.add_note(f"seed {seed}, frame {done}, {type(life.session).__name__}: {octets.hex()}")
            raise
