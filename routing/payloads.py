"""What one attempt writes on one carrier, and what a carrier's octets say.

Carriers differ in three ways that are settings here: how the parts of a long text are joined (`SplitStyle`),
what data_coding 0 means (`DefaultAlphabet`), and the message class. A text that GSM 03.38 can write goes out
as data_coding 0 where the carrier's default alphabet holds all its characters; every other text is UCS-2,
data_coding 8 (SMPP 3.4, 5.2.19). Parts are limited in septets whatever the default alphabet is, because the
carrier turns the text into GSM 03.38 for the air. The caller counts the reference that joins the parts.
"""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from routing import udh
from routing.alphabet import (
    Alphabet,
    decode_gsm7,
    encode_ascii,
    encode_gsm7,
    encode_latin1,
    encode_ucs2,
    pack7,
    unmarked,
    unpack7,
)
from routing.errors import AlphabetError, PayloadError, UdhError
from routing.segments import (
    CODE_UNITS_ALONE,
    CODE_UNITS_OF_SEVERAL,
    SEPTETS_ALONE,
    SEPTETS_OF_SEVERAL,
    Measure,
    cut,
    measure,
    measure_ucs2,
)

DATA_CODING_DEFAULT = 0x00
DATA_CODING_UCS2 = 0x08
# 3GPP TS 23.038, 4: general data coding with a message class, GSM 7 bit or UCS-2; class 0 is "flash".
_CLASS_GSM7 = 0x10
_CLASS_UCS2 = 0x18

MAX_SHORT_MESSAGE_OCTETS = 254  # SMPP 3.4, 5.2.21 (sm_length)
MAX_PAYLOAD_OCTETS = 0xFFFF  # the length field of an optional parameter: SMPP 3.4, 3.2.4.1
MAX_REFERENCE = 0xFFFF


class SplitStyle(Enum):
    """How a carrier wants the parts of a long text joined."""

    UDH8 = "udh8"
    """A user data header with an 8-bit reference: what most carriers and handsets expect."""
    UDH16 = "udh16"
    """A user data header with a 16-bit reference: one septet or code unit less in each part."""
    SAR = "sar"
    """The sar_* parameters; the carrier makes the header."""
    MESSAGE_PAYLOAD = "message_payload"
    """The whole text at once; the carrier splits it."""


class DefaultAlphabet(Enum):
    """What data_coding 0 means at a carrier."""

    GSM7_UNPACKED = "gsm7"
    GSM7_PACKED = "gsm7_packed"
    LATIN1 = "latin1"
    ASCII = "ascii"
    UTF8 = "utf8"


# An enum's member costs as much to look up as a call: these are asked for with every message.
_GSM7, _UNPACKED, _AS_PAYLOAD = Alphabet.GSM7, DefaultAlphabet.GSM7_UNPACKED, SplitStyle.MESSAGE_PAYLOAD


class Sar(NamedTuple):
    """Segmentation and reassembly: 16-bit reference, total, part from 1 (SMPP 3.4, 5.3.2.22 to 24)."""

    reference: int
    total: int
    part: int


class Payload(NamedTuple):
    """The body of one part, ready for the wire.

    `short_message` is empty where `message_payload` is used. `udhi` says that the octets begin with a user
    data header. `part` counts from 1 to `total`.
    """

    short_message: bytes
    data_coding: int
    udhi: bool
    sar: Sar | None
    message_payload: bytes | None
    part: int
    total: int


class Content(NamedTuple):
    """What a carrier's octets say.

    `text` is None for binary data; `octets` are what follows the header; `fault` tells why a header that was
    announced could not be read (then all octets are taken as text).
    """

    text: str | None
    octets: bytes
    udh: udh.Udh | None
    fault: str | None


class _Room(NamedTuple):
    """What fits into one part.

    `air_octets` bound packed septets, `wire_octets` whatever is written otherwise; `fill_bits` align packed
    septets after the header.
    """

    septets: int
    code_units: int
    air_octets: int
    wire_octets: int
    fill_bits: int


_ALONE = _Room(SEPTETS_ALONE, CODE_UNITS_ALONE, 140, MAX_SHORT_MESSAGE_OCTETS, 0)
_WHOLE = _Room(2 * MAX_PAYLOAD_OCTETS, MAX_PAYLOAD_OCTETS, MAX_PAYLOAD_OCTETS, MAX_PAYLOAD_OCTETS, 0)
_OF_SEVERAL = {
    SplitStyle.UDH8: _Room(SEPTETS_OF_SEVERAL, CODE_UNITS_OF_SEVERAL, 134, MAX_SHORT_MESSAGE_OCTETS - 6, 1),
    SplitStyle.UDH16: _Room(152, 66, 133, MAX_SHORT_MESSAGE_OCTETS - 7, 0),
    # The carrier makes the header, with 8 bits of reference as a rule: the same room on the air.
    SplitStyle.SAR: _Room(SEPTETS_OF_SEVERAL, CODE_UNITS_OF_SEVERAL, 134, MAX_SHORT_MESSAGE_OCTETS, 0),
}


def payloads(
    text: str,
    style: SplitStyle = SplitStyle.UDH8,
    default_alphabet: DefaultAlphabet = DefaultAlphabet.GSM7_UNPACKED,
    message_class: int | None = None,
    reference: int = 0,
) -> tuple[Payload, ...]:
    """Write a text as the parts of one attempt, in order.

    `message_class` 0 is flash, None leaves the class out; `reference` joins the parts (0 to 65535; an 8-bit
    header takes its low octet). Raises PayloadError for another class or reference, for more than 255 parts,
    and for a message_payload of more than 65535 octets.
    """
    if message_class is not None and not 0 <= message_class <= 3:
        raise PayloadError(f"Message class {message_class} is not between 0 and 3")
    if not 0 <= reference <= MAX_REFERENCE:
        raise PayloadError(f"Reference {reference} is not between 0 and {MAX_REFERENCE}")
    measured = measure(text)
    if (
        measured.alphabet is _GSM7
        and measured.units <= SEPTETS_ALONE
        and default_alphabet is _UNPACKED
        and style is not _AS_PAYLOAD
        and message_class is None
    ):
        # What nearly every message is: one part, written when it was measured.
        return (Payload(unmarked(measured.octets), DATA_CODING_DEFAULT, False, None, None, 1, 1),)
    bodies = None
    if measured.alphabet is Alphabet.GSM7:
        room = _room(measured, style)
        bodies = _in_default_alphabet(measured, room, default_alphabet)
        coding = DATA_CODING_DEFAULT if message_class is None else _CLASS_GSM7 | message_class
    if bodies is None:
        if measured.alphabet is not Alphabet.UCS2:
            measured = measure_ucs2(text)
        room = _room(measured, style)
        bodies = _in_ucs2(measured, room)
        coding = DATA_CODING_UCS2 if message_class is None else _CLASS_UCS2 | message_class
    if room is _WHOLE:
        return (_whole(bodies[0], coding),)
    if len(bodies) == 1:
        return (Payload(bodies[0], coding, False, None, None, 1, 1),)
    return _assemble(bodies, coding, style, reference)


def _room(measured: Measure, style: SplitStyle) -> _Room:
    alone = _ALONE.septets if measured.alphabet is Alphabet.GSM7 else _ALONE.code_units
    if measured.units <= alone:
        return _ALONE
    return _WHOLE if style is SplitStyle.MESSAGE_PAYLOAD else _OF_SEVERAL[style]


def _cut(measured: Measure, room: _Room) -> tuple[str, ...]:
    if room is _ALONE or room is _WHOLE:
        return (measured.text,)
    limit = room.septets if measured.alphabet is Alphabet.GSM7 else room.code_units
    parts = cut(measured.text, measured.alphabet, measured.units, limit)
    if len(parts) > udh.MAX_PARTS:
        raise PayloadError(f"The text makes {len(parts)} parts; a message has at most {udh.MAX_PARTS}")
    return parts


def _in_default_alphabet(
    measured: Measure, room: _Room, default_alphabet: DefaultAlphabet
) -> tuple[bytes, ...] | None:
    """Write a GSM 03.38 text as data_coding 0 means it at the carrier, or return None where that cannot hold
    it.

    None also for UTF-8 that outgrows short_message: a Greek capital is one septet but two octets.
    """
    if room is _ALONE and default_alphabet is DefaultAlphabet.GSM7_UNPACKED:
        return (unmarked(measured.octets),)  # what nearly every message is: written when it was measured
    parts = _cut(measured, room)
    if default_alphabet is DefaultAlphabet.GSM7_PACKED:
        # A full part that ends in CR gets no second one: the octet that pack7 adds has no room on the air.
        return tuple(pack7(encode_gsm7(part), room.fill_bits)[: room.air_octets] for part in parts)
    encode = _ENCODERS[default_alphabet]
    try:
        bodies = tuple([encode(part) for part in parts])
    except AlphabetError:
        return None
    if default_alphabet is DefaultAlphabet.UTF8 and max(map(len, bodies)) > room.wire_octets:
        return None
    return bodies


def _in_ucs2(measured: Measure, room: _Room) -> tuple[bytes, ...]:
    if room is _ALONE or room is _WHOLE:
        return (measured.octets,)
    return tuple([encode_ucs2(part) for part in _cut(measured, room)])


def _whole(body: bytes, coding: int) -> Payload:
    if len(body) > MAX_PAYLOAD_OCTETS:
        raise PayloadError(
            f"The text makes {len(body)} octets; a message_payload has at most {MAX_PAYLOAD_OCTETS}"
        )
    return Payload(b"", coding, False, None, body, 1, 1)


def _assemble(
    bodies: tuple[bytes, ...], coding: int, style: SplitStyle, reference: int
) -> tuple[Payload, ...]:
    total = len(bodies)
    if style is SplitStyle.SAR:
        return tuple(
            Payload(body, coding, False, Sar(reference, total, part), None, part, total)
            for part, body in enumerate(bodies, start=1)
        )
    header = udh.concat8 if style is SplitStyle.UDH8 else udh.concat16
    return tuple(
        Payload(header(reference, total, part) + body, coding, True, None, None, part, total)
        for part, body in enumerate(bodies, start=1)
    )


def _encode_utf8(text: str) -> bytes:
    return text.encode("utf-8")


_ENCODERS: dict[DefaultAlphabet, Callable[[str], bytes]] = {
    DefaultAlphabet.GSM7_UNPACKED: encode_gsm7,
    DefaultAlphabet.LATIN1: encode_latin1,
    DefaultAlphabet.ASCII: encode_ascii,
    DefaultAlphabet.UTF8: _encode_utf8,
}


def read(
    octets: bytes,
    data_coding: int,
    udhi: bool = False,
    default_alphabet: DefaultAlphabet = DefaultAlphabet.GSM7_UNPACKED,
) -> Content:
    """Read the octets of a message from a carrier; never fails, unknown octets become U+FFFD."""
    header: udh.Udh | None = None
    fault: str | None = None
    fill_bits = 0
    if udhi:
        try:
            header = udh.parse(octets)
            length = udh.header_length(octets)
            octets, fill_bits = octets[length:], -8 * length % 7
        except UdhError as error:
            fault = str(error)
    decode = _decoder(data_coding, default_alphabet)
    text = None if decode is None else decode(octets, fill_bits)
    return Content(text, octets, header, fault)


# Takes the octets after the header, and the fill bits that follow a header when septets are packed.
_Decoder = Callable[[bytes, int], str]


def _with(codec: str) -> _Decoder:
    return lambda octets, _fill_bits: octets.decode(codec, "replace")


_UTF16 = _with("utf-16-be")

_DECODERS_OF_DEFAULT: dict[DefaultAlphabet, _Decoder] = {
    DefaultAlphabet.GSM7_UNPACKED: lambda octets, _fill_bits: decode_gsm7(octets),
    DefaultAlphabet.GSM7_PACKED: lambda octets, fill_bits: decode_gsm7(unpack7(octets, fill_bits)),
    DefaultAlphabet.LATIN1: _with("latin-1"),
    DefaultAlphabet.ASCII: _with("ascii"),
    DefaultAlphabet.UTF8: _with("utf-8"),
}

# SMPP 3.4, 5.2.19; None is binary. What stands neither here nor in 3GPP TS 23.038 means the default alphabet.
_DECODERS: dict[int, _Decoder | None] = {
    1: _with("ascii"),
    2: None,
    3: _with("latin-1"),
    4: None,
    5: _with("iso2022_jp"),
    6: _with("iso8859_5"),
    7: _with("iso8859_8"),
    8: _UTF16,
    9: None,
    10: _with("iso2022_jp"),
    13: _with("euc_jp"),
    14: _with("euc_kr"),
}


def _decoder(data_coding: int, default_alphabet: DefaultAlphabet) -> _Decoder | None:
    """Choose how to read octets; None is binary.

    From 0x10 on the values are those of 3GPP TS 23.038, 4: in the general groups bits 3 and 2 are the
    alphabet and bit 5 is compression (which nobody reads); group 0xE0 is UCS-2; in group 0xF0 bit 2 is 8-bit
    data.
    """
    default = _DECODERS_OF_DEFAULT[default_alphabet]
    if data_coding < 0x10:
        return _DECODERS.get(data_coding, default)
    if data_coding < 0x80:
        compressed = data_coding & 0x20
        return None if compressed else (default, None, _UTF16, default)[data_coding >> 2 & 3]
    if data_coding & 0xF0 == 0xE0:
        return _UTF16
    return None if data_coding & 0xF4 == 0xF4 else default
