"""A capture of PDUs that Wireshark opens: a pcap file of the sessions' octets, with what is private masked.

The octets stand as they were written and read, in TCP segments made for them, so what is odd in them is still there.
Unless bodies are asked for, texts and the middle of numbers are `*`, of the same length; a receipt keeps its text up to
the words of the message. Passwords are masked in any case.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from io import BufferedIOBase
from pathlib import Path
from struct import Struct, pack

from smpp.codec import FrameReader
from smpp.constants import CommandId, EsmClass, Tag
from smpp.errors import FrameError

MAX_BYTES = 256 * 1024 * 1024
"""Of a file: a capture that was forgotten must not fill the disk."""

_FILE_HEADER = pack(
    "<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0x40000, 101
)  # LINKTYPE_RAW: the packet begins with IP
_RECORD = Struct("<IIII")
_TCP = Struct(">HHIIBBHHH")
_IPV4 = Struct(">BBHHHBBH4s4s")
_IPV6 = Struct(">IHBB16s16s")
_SYN, _ACK, _PUSH, _FIN = 0x02, 0x10, 0x08, 0x01
_MAX_SEGMENT = 60_000

_HEADER = 16
_BINDS = frozenset({CommandId.BIND_TRANSMITTER, CommandId.BIND_RECEIVER, CommandId.BIND_TRANSCEIVER})
_MESSAGES = frozenset({CommandId.SUBMIT_SM, CommandId.DELIVER_SM})
_WITHOUT_TEXT = frozenset(
    {
        CommandId.ENQUIRE_LINK,
        CommandId.ENQUIRE_LINK_RESP,
        CommandId.UNBIND,
        CommandId.UNBIND_RESP,
        CommandId.GENERIC_NACK,
        CommandId.SUBMIT_SM_RESP,
        CommandId.DELIVER_SM_RESP,
        CommandId.DATA_SM_RESP,
        CommandId.BIND_TRANSMITTER_RESP,
        CommandId.BIND_RECEIVER_RESP,
        CommandId.BIND_TRANSCEIVER_RESP,
        CommandId.QUERY_SM_RESP,
        CommandId.CANCEL_SM_RESP,
        CommandId.REPLACE_SM_RESP,
    }
)
_KEPT_DIGITS = (5, 3)
"""Of a number, in front and at its end; one that has no more than these is a short code."""

Address = tuple[str, int]


class Capture:
    """One file. `streams` write into it from one thread. Every write is at once in the file, for whoever follows it."""

    def __init__(
        self,
        file: BufferedIOBase,
        *,
        bodies: bool = False,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.bodies = bodies
        self.full = False
        """The file has its size: nothing more is written."""
        self._file = file
        self._left = max_bytes - len(_FILE_HEADER)
        self._clock = clock
        file.write(_FILE_HEADER)
        file.flush()

    @classmethod
    def to(cls, path: Path, *, bodies: bool = False) -> Capture:
        """Begin a file, readable by its owner alone; one that is there is written anew. Raises OSError."""
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        return cls(path.open("wb"), bodies=bodies)

    def stream(self, local: Address, peer: Address) -> Stream:
        """The two directions of one connection."""
        return Stream(self, local, peer)

    def write(self, packet: bytes) -> None:
        """A packet, at this moment. A disk that is full ends the capture, not the session."""
        if self.full:
            return
        size = _RECORD.size + len(packet)
        if size > self._left:
            self.full = True
            return
        self._left -= size
        seconds, fraction = divmod(self._clock(), 1)
        record = _RECORD.pack(int(seconds), int(fraction * 1_000_000), len(packet), len(packet))
        try:
            self._file.write(record + packet)
            self._file.flush()
        except OSError:
            self.full = True

    def close(self) -> None:
        """Nothing more comes."""
        self.full = True
        self._file.close()


class Stream:
    """One connection in the capture."""

    def __init__(self, capture: Capture, local: Address, peer: Address) -> None:
        self._capture = capture
        self._there = _Way(local, peer)
        self._back = _Way(peer, local)
        self._there.other, self._back.other = self._back, self._there
        for way, flags in ((self._there, _SYN), (self._back, _SYN | _ACK), (self._there, _ACK)):
            capture.write(way.segment(b"", flags))

    def sent(self, data: bytes) -> None:
        """Octets that were written to the socket."""
        self._pass(self._there, data)

    def received(self, data: bytes) -> None:
        """Octets that came."""
        self._pass(self._back, data)

    def closed(self) -> None:
        """The connection has ended."""
        for way in (self._there, self._back):
            self._capture.write(way.segment(way.rest(), _FIN | _ACK))

    def _pass(self, way: _Way, data: bytes) -> None:
        for frame, is_pdu in way.frames(data):
            shown = self._shown(frame, is_pdu)
            for at in range(0, len(shown), _MAX_SEGMENT):
                self._capture.write(way.segment(shown[at : at + _MAX_SEGMENT], _PUSH | _ACK))

    def _shown(self, frame: bytes, is_pdu: bool) -> bytes:
        bodies = self._capture.bodies
        if not is_pdu:
            return frame if bodies else b"*" * len(frame)
        return frame if bodies and not _is_bind(frame) else masked(frame, bodies)


class _Way:
    """One direction: its frames, and its place in TCP's numbering."""

    other: _Way

    def __init__(self, source: Address, destination: Address) -> None:
        self._source, self._destination = source, destination
        self._next = 1
        self._reader: FrameReader | None = FrameReader()

    def frames(self, data: bytes) -> list[tuple[bytes, bool]]:
        """The whole frames that are there now, and whether they are PDUs: what is none is passed on as it came, and so
        is all that follows."""
        if self._reader is None:
            return [(data, False)]
        self._reader.feed(data)
        found = []
        try:
            for command_id, status, sequence, body in self._reader:
                found.append((pack(">IIII", _HEADER + len(body), command_id, status, sequence) + body, True))
        except FrameError:
            self._reader = None
            found.append((data, False))
        return found

    def rest(self) -> bytes:
        """A PDU that was cut, masked: nobody knows what stands in it."""
        return b"*" * self._reader.pending_octets if self._reader is not None else b""

    def segment(self, data: bytes, flags: int) -> bytes:
        """An IP packet with these octets."""
        sequence = self._next
        self._next = (self._next + len(data) + (1 if flags & (_SYN | _FIN) else 0)) & 0xFFFF_FFFF
        acknowledged = self.other._next if flags & _ACK else 0
        header = _TCP.pack(
            self._source[1], self._destination[1], sequence, acknowledged, 5 << 4, flags, 0xFFFF, 0, 0
        )
        return _ip(self._source[0], self._destination[0], header + data)


def _ip(source: str, destination: str, segment: bytes) -> bytes:
    """Around a TCP segment. Checksums are left out: Wireshark takes 0 as not computed, as with offloading."""
    one, other = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    if one.version == 4:
        total = 20 + len(segment)
        return _IPV4.pack(0x45, 0, total, 0, 0x4000, 64, 6, 0, one.packed, other.packed) + segment
    return _IPV6.pack(6 << 28, len(segment), 6, 64, one.packed, other.packed) + segment


# --- what is masked


def _is_bind(frame: bytes) -> bool:
    return int.from_bytes(frame[4:8], "big") in _BINDS


def masked(frame: bytes, bodies: bool = False) -> bytes:
    """The same PDU with `*` for what is private. `bodies`: passwords alone.

    One that can't be walked through is masked whole, but for its header.
    """
    command_id = int.from_bytes(frame[4:8], "big")
    out = bytearray(frame)
    try:
        if command_id in _BINDS:
            start, stop = _c_octets(out, 1, _HEADER)[-1][1] + 1, 0
            stop = out.index(0, start)
            _star(out, start, stop)
        elif command_id in _MESSAGES and not bodies:
            _mask_message(out)
        elif command_id not in _WITHOUT_TEXT and not bodies:
            _star(out, _HEADER, len(out))
    except (ValueError, IndexError):
        _star(out, _HEADER, len(out))
    return bytes(out)


def _mask_message(out: bytearray) -> None:
    """submit_sm and deliver_sm (SMPP 3.4, 4.4.1 and 4.6.1): addresses, short_message, message_payload."""
    service_end = out.index(0, _HEADER)
    source = (service_end + 3, out.index(0, service_end + 3))
    destination = (source[1] + 3, out.index(0, source[1] + 3))
    for start, stop in (source, destination):
        _mask_number(out, start, stop)
    esm_class = out[destination[1] + 1]
    schedule_end = out.index(0, destination[1] + 4)
    validity_end = out.index(0, schedule_end + 1)
    length_at = validity_end + 5
    start, stop = length_at + 1, length_at + 1 + out[length_at]
    is_receipt = bool(esm_class & (EsmClass.DELIVERY_RECEIPT | EsmClass.INTERMEDIATE))
    _mask_text(out, start, stop, esm_class, is_receipt)
    at = stop
    while at + 4 <= len(out):
        tag, length = int.from_bytes(out[at : at + 2], "big"), int.from_bytes(out[at + 2 : at + 4], "big")
        if tag == Tag.MESSAGE_PAYLOAD:
            _mask_text(out, at + 4, min(at + 4 + length, len(out)), esm_class, is_receipt)
        at += 4 + length


def _mask_text(out: bytearray, start: int, stop: int, esm_class: int, is_receipt: bool) -> None:
    if stop > len(out):
        raise IndexError("the length points past the end")
    if is_receipt:
        words = bytes(out[start:stop]).lower().rfind(b"text:")
        start = stop if words < 0 else start + words + len(b"text:")
    elif esm_class & EsmClass.UDHI and stop > start:
        start = min(start + 1 + out[start], stop)  # its header says how parts are joined
    _star(out, start, stop)


def _mask_number(out: bytearray, start: int, stop: int) -> None:
    """Of a number the middle; names and short codes stay as they are."""
    digits = bytes(out[start:stop]).removeprefix(b"+")
    if digits.isdigit() and len(digits) > sum(_KEPT_DIGITS):
        _star(out, start + _KEPT_DIGITS[0], stop - _KEPT_DIGITS[1])


def _c_octets(out: bytearray, count: int, at: int) -> list[tuple[int, int]]:
    """Where so many C-octet strings stand, each from its start to its NUL."""
    found = []
    for _ in range(count):
        stop = out.index(0, at)
        found.append((at, stop))
        at = stop + 1
    return found


def _star(out: bytearray, start: int, stop: int) -> None:
    out[start:stop] = b"*" * max(stop - start, 0)
