"""PDUs to octets and back.

Every decode has three outcomes: more octets are needed (FrameReader ends its iteration), a PDU, or PduError
with enough of the header to answer. Only a broken length, FrameError, costs the link.

The tables of smpp/pdu.py are walked by `write_fields` and `read_fields` (smpp/fields.py). The PDUs of the hot
path (submit_sm, deliver_sm and their answers) have hand-written twins here that take the well-formed case
alone and leave everything else to the tables; tests/unit/smpp/test_codec.py holds the two equal.
"""

import struct
from collections.abc import Callable, Iterator
from functools import partial
from struct import Struct
from typing import Any, TypeAlias

from smpp.constants import HEADER_OCTETS, RESPONSE_BIT, Status, is_response
from smpp.errors import EncodeError, FieldError, FrameError, PduError
from smpp.fields import COctet, layout, read_fields, read_tlvs, write_fields, write_tlvs
from smpp.pdu import (
    PDU_CLASSES,
    DeliverSm,
    DeliverSmResp,
    GenericNack,
    MessagePdu,
    Pdu,
    SubmitSm,
    SubmitSmResp,
)

DEFAULT_MAX_PDU_BYTES = 64 * 1024

Frame: TypeAlias = tuple[int, int, int, bytes]
"""command_id, command_status, sequence_number, body."""

_HEADER = Struct(">IIII")
_pack_header = _HEADER.pack
_unpack_header = _HEADER.unpack_from
_pack_deliver_resp = Struct(">IIIIx").pack
_unpack_length = Struct(">I").unpack_from
_unpack_tlv = Struct(">HH").unpack_from
_new = object.__new__
_LENGTH_OCTETS = 4


# Writing


def frame(command_id: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """The PDU of a body that is already written. Raises struct.error for a number outside 32 bits."""
    return _pack_header(HEADER_OCTETS + len(body), command_id, status, sequence) + body


def encode(pdu: Pdu) -> bytes:
    """The whole PDU with its header. Raises EncodeError for what the wire cannot hold."""
    body = encode_body(pdu)
    try:
        return _pack_header(HEADER_OCTETS + len(body), pdu.command_id, pdu.status, pdu.sequence) + body
    except struct.error:
        raise EncodeError("header", f"status {pdu.status}, sequence {pdu.sequence}: 32 bits each") from None


def encode_body(pdu: Pdu) -> bytes:
    """The body alone: mandatory fields, then TLVs. Raises EncodeError."""
    return _WRITERS.get(type(pdu), encode_body_by_table)(pdu)


def encode_body_by_table(pdu: Pdu) -> bytes:
    """What `encode_body` does, by the table of the PDU's class alone."""
    body = write_fields(pdu)
    if pdu.tlvs or pdu.more_tlvs:
        return body + write_tlvs([*pdu.tlvs.items(), *pdu.more_tlvs])
    if pdu.status and pdu.bare_on_error and not body.strip(b"\0"):
        return b""
    return body


def encode_submit_body(submit: SubmitSm) -> bytes:
    """The body of a submit_sm while its sequence number is not known; `frame` completes it.

    Raises EncodeError.
    """
    return _write_message(submit)


def encode_deliver_resp(sequence: int, status: int = 0) -> bytes:
    """A deliver_sm_resp with its empty message_id. SMPP 3.4, 4.6.2."""
    return _pack_deliver_resp(17, 0x80000005, status, sequence)


def encode_enquire_link(sequence: int) -> bytes:
    """An enquire_link. SMPP 3.4, 4.11.1."""
    return _pack_header(16, 0x00000015, 0, sequence)


def encode_enquire_link_resp(sequence: int) -> bytes:
    """An enquire_link_resp. SMPP 3.4, 4.11.2."""
    return _pack_header(16, 0x80000015, 0, sequence)


def encode_refusal(wrong: PduError) -> bytes | None:
    """The answer to a PDU that could not be read; None where it was an answer itself: those get none.

    A request that has a response gets that with the status, another command_id a generic_nack. 3.4, 4.3.
    """
    if is_response(wrong.command_id):
        return None
    answer = PDU_CLASSES.get(wrong.command_id | RESPONSE_BIT, GenericNack)
    return encode(answer(status=wrong.status, sequence=wrong.sequence))


def _write_message(pdu: MessagePdu) -> bytes:
    """submit_sm and deliver_sm: all mandatory fields in one formatting, made octets by Latin-1.

    What Latin-1 cannot hold, and a NUL in a text, goes to the table, whose EncodeError names the field.
    """
    service, source, destination = pdu.service_type, pdu.source_addr, pdu.destination_addr
    schedule, validity, message = pdu.schedule_delivery_time, pdu.validity_period, pdu.short_message
    if "\0" in source or "\0" in destination or "\0" in service or "\0" in schedule or "\0" in validity:
        return encode_body_by_table(pdu)
    try:
        head = (
            "%s\0%c%c%s\0%c%c%s\0%c%c%c%s\0%s\0%c%c%c%c%c"  # noqa: UP031 - a third of an f-string's time
            % (
                service,
                pdu.source_addr_ton,
                pdu.source_addr_npi,
                source,
                pdu.dest_addr_ton,
                pdu.dest_addr_npi,
                destination,
                pdu.esm_class,
                pdu.protocol_id,
                pdu.priority_flag,
                schedule,
                validity,
                pdu.registered_delivery,
                pdu.replace_if_present_flag,
                pdu.data_coding,
                pdu.sm_default_msg_id,
                len(message),
            )
        ).encode("latin-1")
    except (OverflowError, UnicodeEncodeError):
        return encode_body_by_table(pdu)
    if pdu.tlvs or pdu.more_tlvs:
        return head + message + write_tlvs([*pdu.tlvs.items(), *pdu.more_tlvs])
    return head + message


def _write_message_id(pdu: SubmitSmResp | DeliverSmResp) -> bytes:
    """submit_sm_resp and deliver_sm_resp with an ordinary id and no TLV."""
    text = pdu.message_id
    if text.isascii() and "\0" not in text and not (pdu.status or pdu.tlvs or pdu.more_tlvs):
        return text.encode() + b"\0"
    return encode_body_by_table(pdu)


_WRITERS: dict[type[Pdu], Callable[[Any], bytes]] = {
    SubmitSm: _write_message,
    DeliverSm: _write_message,
    SubmitSmResp: _write_message_id,
    DeliverSmResp: _write_message_id,
}


# Reading


def decode(data: bytes | bytearray | memoryview) -> Pdu:
    """One whole PDU. Raises FrameError when command_length is not the length of `data`, else PduError."""
    octets = bytes(data)
    if len(octets) < HEADER_OCTETS:
        raise FrameError(Status.ESME_RINVCMDLEN, 0, f"{len(octets)} octets are less than a header")
    length, command_id, status, sequence = _unpack_header(octets)
    if length != len(octets):
        raise FrameError(Status.ESME_RINVCMDLEN, 0, f"command_length {length} with {len(octets)} octets")
    return decode_body(command_id, status, sequence, octets[HEADER_OCTETS:])


def decode_body(command_id: int, status: int, sequence: int, body: bytes) -> Pdu:
    """The PDU of a frame.

    Raises PduError: ESME_RINVCMDID for an unknown command, else the status of what is wrong with the body.
    """
    reader = _READERS.get(command_id)
    if reader is not None:
        try:
            pdu = reader(status, sequence, body)
        except (ValueError, IndexError, struct.error):
            pdu = None
        if pdu is not None:
            return pdu
    return decode_body_by_table(command_id, status, sequence, body)


def decode_body_by_table(command_id: int, status: int, sequence: int, body: bytes) -> Pdu:
    """What `decode_body` does, by the table of the PDU's class alone.

    A response is read as far as it can be: nobody can be told that it is wrong, and to lose the carrier's
    answer over its trimmings would put a message in doubt.
    """
    cls = PDU_CLASSES.get(command_id)
    if cls is None:
        raise PduError(Status.ESME_RINVCMDID, command_id, sequence, "unknown command_id")
    answers = is_response(command_id)
    if answers and not body and (status or _all_text(cls)):
        return cls(status=status, sequence=sequence)
    try:
        values, at = read_fields(cls, body, 0)
        tlvs, more_tlvs = read_tlvs(body, at, drop_broken=answers)
    except FieldError as wrong:
        if answers and status:
            return cls(status=status, sequence=sequence)
        raise PduError(wrong.status, command_id, sequence, wrong.detail) from None
    return cls(status=status, sequence=sequence, tlvs=tlvs, more_tlvs=more_tlvs, **values)


def _all_text(cls: type[Pdu]) -> bool:
    """Whether an absent body can stand for empty strings; deliver_sm_resp is often sent so."""
    return all(isinstance(kind, COctet) for _, kind in layout(cls))


def _read_message(cls: type[MessagePdu], status: int, sequence: int, body: bytes) -> Pdu | None:
    """A submit_sm or deliver_sm. Fills an empty instance, field by field: half the time of a call with keywords."""
    pdu, find = _new(cls), body.index
    pdu.status = status
    pdu.sequence = sequence
    stop = find(0)
    pdu.service_type = body[:stop].decode("latin-1") if stop else ""
    pdu.source_addr_ton = body[stop + 1]
    pdu.source_addr_npi = body[stop + 2]
    at = stop + 3
    stop = find(0, at)
    pdu.source_addr = body[at:stop].decode("latin-1")
    pdu.dest_addr_ton = body[stop + 1]
    pdu.dest_addr_npi = body[stop + 2]
    at = stop + 3
    stop = find(0, at)
    pdu.destination_addr = body[at:stop].decode("latin-1")
    pdu.esm_class = body[stop + 1]
    pdu.protocol_id = body[stop + 2]
    pdu.priority_flag = body[stop + 3]
    at = stop + 4
    stop = find(0, at)
    pdu.schedule_delivery_time = body[at:stop].decode("latin-1") if stop > at else ""
    at = stop + 1
    stop = find(0, at)
    pdu.validity_period = body[at:stop].decode("latin-1") if stop > at else ""
    pdu.registered_delivery = body[stop + 1]
    pdu.replace_if_present_flag = body[stop + 2]
    pdu.data_coding = body[stop + 3]
    pdu.sm_default_msg_id = body[stop + 4]
    at = stop + 6
    stop = at + body[stop + 5]
    pdu.short_message = body[at:stop]
    pdu.tlvs = tlvs = {}
    pdu.more_tlvs = ()
    end = len(body)
    while stop < end:
        tag, length = _unpack_tlv(body, stop)
        if tag in tlvs:
            return None
        at = stop + 4
        stop = at + length
        tlvs[tag] = body[at:stop]
    return pdu if stop == end else None


def _read_submit_resp(status: int, sequence: int, body: bytes) -> Pdu | None:
    """A submit_sm_resp of one terminated string."""
    last = len(body) - 1
    if last < 0 or body.find(0) != last:
        return None
    pdu = _new(SubmitSmResp)
    pdu.status = status
    pdu.sequence = sequence
    pdu.tlvs = {}
    pdu.more_tlvs = ()
    pdu.message_id = body[:last].decode("latin-1")
    return pdu


def _read_deliver_resp(status: int, sequence: int, body: bytes) -> Pdu | None:
    """A deliver_sm_resp of one NUL, or without a body."""
    return DeliverSmResp(status=status, sequence=sequence) if body in (b"\0", b"") else None


# Each returns None, or lets its error through, for what is not exactly as specified.
_READERS: dict[int, Callable[[int, int, bytes], Pdu | None]] = {
    SubmitSm.command_id: partial(_read_message, SubmitSm),
    DeliverSm.command_id: partial(_read_message, DeliverSm),
    SubmitSmResp.command_id: _read_submit_resp,
    DeliverSmResp.command_id: _read_deliver_resp,
}


class FrameReader:
    """Cuts a stream into frames.

    `feed` takes what the socket gave; iterating yields every whole frame and ends when more are needed. The
    octets given are kept as they are (a body is one slice of them); only a PDU that is split over several
    reads is gathered, each of its octets copied a bounded number of times however small the reads.

        reader.feed(data)
        for command_id, status, sequence, body in reader:
            ...decode_body(command_id, status, sequence, body)

    Iterating raises FrameError on a command_length under 16 or over `max_pdu_bytes`, and does so again.
    """

    __slots__ = ("_at", "_buffer", "_partial", "_wanted", "max_pdu_bytes")

    def __init__(self, max_pdu_bytes: int = DEFAULT_MAX_PDU_BYTES) -> None:
        self.max_pdu_bytes = max_pdu_bytes
        self._buffer = b""
        self._at = 0
        self._partial = bytearray()  # the beginning of a PDU
        self._wanted = 0  # octets of it that let the reading go on

    @property
    def pending_octets(self) -> int:
        """Octets fed and not yet part of a frame that was yielded: at the end of a stream, a cut PDU."""
        return len(self._partial) + len(self._buffer) - self._at

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Adds received octets."""
        if self._partial:
            self._partial += data
            if len(self._partial) >= self._wanted:
                self._buffer = bytes(self._partial)
                self._partial.clear()
        elif self._at < len(self._buffer):
            self._buffer = self._buffer[self._at :] + data
            self._at = 0
        else:
            self._buffer = bytes(data)
            self._at = 0

    def __iter__(self) -> Iterator[Frame]:
        buffer, at = self._buffer, self._at
        end = len(buffer)
        while end - at >= HEADER_OCTETS:
            length, command_id, status, sequence = _unpack_header(buffer, at)
            if not HEADER_OCTETS <= length <= self.max_pdu_bytes:
                raise self._broken_length(length, sequence)
            body, at = at + HEADER_OCTETS, at + length
            if at > end:
                self._keep(length)
                return
            self._at = at
            yield command_id, status, sequence, buffer[body:at]
        if at < end:
            self._keep(self._wanted_of_header(buffer, at, end - at))

    def _wanted_of_header(self, buffer: bytes, at: int, left: int) -> int:
        """With less than a header: its length alone first, which may be wrong already."""
        if left < _LENGTH_OCTETS:
            return _LENGTH_OCTETS
        (length,) = _unpack_length(buffer, at)
        if length < HEADER_OCTETS:
            raise self._broken_length(length, 0)
        return HEADER_OCTETS

    def _broken_length(self, length: int, sequence: int) -> FrameError:
        if length < HEADER_OCTETS:
            return FrameError(Status.ESME_RINVCMDLEN, 0, f"command_length {length} is less than a header")
        detail = f"command_length {length} is over the limit of {self.max_pdu_bytes} octets"
        return FrameError(Status.ESME_RINVCMDLEN, sequence, detail)

    def _keep(self, wanted: int) -> None:
        """Puts the rest aside until `wanted` octets of it are there."""
        self._partial += self._buffer[self._at :]
        self._wanted = wanted
        self._buffer = b""
        self._at = 0
