"""What one attempt writes on one carrier, and what a carrier's octets say.

Carriers differ in four ways that are settings here: how the parts of a long text are joined (`SplitStyle`),
what data_coding 0 means (`DefaultAlphabet`), the message class, and the national languages that may be used. A
text that GSM 03.38 can write goes out as data_coding 0 where the carrier's default alphabet holds all its
characters; every other text is UCS-2, data_coding 8 (SMPP 3.4, 5.2.19). Parts are limited in septets whatever
the default alphabet is, because the carrier turns the text into GSM 03.38 for the air. The caller counts the
reference that joins the parts. What is no text is in `routing/binary.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import NamedTuple

from routing import udh
from routing.alphabet import (
    DOUBTFUL,
    GSM_0338,
    Alphabet,
    SevenBit,
    encode_ascii,
    encode_latin1,
    pack7,
    unmarked,
    unpack7,
)
from routing.errors import AlphabetError, PayloadError, UdhError
from routing.national import Language, announced
from routing.segments import (
    CODE_UNITS_ALONE,
    CODE_UNITS_OF_SEVERAL,
    CONCAT_OCTETS,
    NO_LANGUAGES,
    OCTETS,
    SEPTETS_ALONE,
    SEPTETS_OF_SEVERAL,
    Cuts,
    Measure,
    cut,
    header_octets,
    limits,
    measure,
    measure_ucs2,
    measure_with,
    room,
    slices,
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


@dataclass(slots=True)  # made for each message, and a named tuple takes longer to make
class Payload:
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


@cache
def _beside(header: int) -> _Room:
    """The room beside a header of so many octets."""
    return _Room(
        room(Alphabet.GSM7, header),
        room(Alphabet.UCS2, header),
        OCTETS - header,
        MAX_SHORT_MESSAGE_OCTETS - header,
        -8 * header % 7,
    )


_WHOLE = _Room(2 * MAX_PAYLOAD_OCTETS, MAX_PAYLOAD_OCTETS, MAX_PAYLOAD_OCTETS, MAX_PAYLOAD_OCTETS, 0)
# The carrier makes the header, with 8 bits of reference as a rule: the same room on the air.
_BESIDE_SAR = _Room(SEPTETS_OF_SEVERAL, CODE_UNITS_OF_SEVERAL, 134, MAX_SHORT_MESSAGE_OCTETS, 0)
_CONCAT_OCTETS = {SplitStyle.UDH8: CONCAT_OCTETS, SplitStyle.UDH16: CONCAT_OCTETS + 1}
GSM7_DEFAULTS = (DefaultAlphabet.GSM7_UNPACKED, DefaultAlphabet.GSM7_PACKED)


def payloads(
    text: str,
    style: SplitStyle = SplitStyle.UDH8,
    default_alphabet: DefaultAlphabet = DefaultAlphabet.GSM7_UNPACKED,
    message_class: int | None = None,
    reference: int = 0,
    languages: frozenset[Language] = NO_LANGUAGES,
) -> tuple[Payload, ...]:
    """Write a text as the parts of one attempt, in order.

    `message_class` 0 is flash, None leaves the class out; `reference` joins the parts (0 to 65535; an 8-bit
    header takes its low octet); `languages` are those whose national tables may be used: only with a header of
    our own, and where data_coding 0 is GSM 03.38. Raises PayloadError for another class or reference, for more
    than 255 parts, and for a message_payload of more than 65535 octets.
    """
    check_settings(message_class, reference)
    if languages and style in _CONCAT_OCTETS and default_alphabet in GSM7_DEFAULTS:
        measured = measure_with(text, languages)
    else:
        measured = measure(text)
    if (
        measured.alphabet is _GSM7
        and measured.shift is None
        and measured.units <= SEPTETS_ALONE
        and default_alphabet is _UNPACKED
        and style is not _AS_PAYLOAD
        and message_class is None
    ):
        # What nearly every message is: one part, written when it was measured.
        return (Payload(unmarked(measured.octets), DATA_CODING_DEFAULT, False, None, None, 1, 1),)
    bodies = None
    if measured.alphabet is _GSM7:
        fits = _room(measured, style)
        bodies = _in_default_alphabet(measured, fits, default_alphabet)
        coding = DATA_CODING_DEFAULT if message_class is None else _CLASS_GSM7 | message_class
    if bodies is None:
        if measured.alphabet is _GSM7:
            measured = measure_ucs2(text)
        coding = DATA_CODING_UCS2 if message_class is None else _CLASS_UCS2 | message_class
        if measured.units <= CODE_UNITS_ALONE:
            return (Payload(measured.octets, coding, False, None, None, 1, 1),)
        fits = _room(measured, style)
        bodies = _slices(measured.wire, _cut(measured, fits).units, octets_of_unit=2)
    if fits is _WHOLE:
        return (_whole(bodies[0], coding),)
    return assemble(bodies, coding, style, reference, measured.elements)


def check_settings(message_class: int | None, reference: int) -> None:
    """Raises PayloadError for a message class beyond 0 to 3 or a reference beyond 16 bits."""
    if message_class is not None and not 0 <= message_class <= 3:
        raise PayloadError(f"Message class {message_class} is not between 0 and 3")
    if not 0 <= reference <= MAX_REFERENCE:
        raise PayloadError(f"Reference {reference} is not between 0 and {MAX_REFERENCE}")


def _room(measured: Measure, style: SplitStyle) -> _Room:
    if measured.units <= limits(measured.alphabet, measured.shift)[0]:
        return _beside(header_octets(measured.elements))
    if style is SplitStyle.MESSAGE_PAYLOAD:
        return _WHOLE
    if style is SplitStyle.SAR:
        return _BESIDE_SAR
    return _beside(header_octets(measured.elements, _CONCAT_OCTETS[style]))


def _cut(measured: Measure, fits: _Room) -> Cuts:
    return cut(measured, fits.septets if measured.alphabet is _GSM7 else fits.code_units)


def _slices(octets: bytes, ends: Sequence[int], octets_of_unit: int = 1) -> list[bytes]:
    return [
        octets[octets_of_unit * start : octets_of_unit * end]
        for start, end in zip((0, *ends), ends, strict=False)
    ]


def _in_default_alphabet(
    measured: Measure, fits: _Room, default_alphabet: DefaultAlphabet
) -> list[bytes] | None:
    """Write a GSM 03.38 text as data_coding 0 means it at the carrier, or return None where that cannot hold
    it.

    None also for UTF-8 that outgrows short_message: a Greek capital is one septet but two octets.
    """
    cuts = _cut(measured, fits)
    if default_alphabet in GSM7_DEFAULTS:
        septets = _slices(measured.wire, cuts.units)
        if default_alphabet is _UNPACKED:
            return septets
        # A full part that ends in CR gets no second one: the octet that pack7 adds has no room on the air.
        return [pack7(part, fits.fill_bits)[: fits.air_octets] for part in septets]
    encode = _ENCODERS[default_alphabet]
    try:
        bodies = [encode(part) for part in slices(measured.text, cuts.characters)]
    except AlphabetError:
        return None
    if default_alphabet is DefaultAlphabet.UTF8 and max(map(len, bodies)) > fits.wire_octets:
        return None
    return bodies


def _whole(body: bytes, coding: int) -> Payload:
    if len(body) > MAX_PAYLOAD_OCTETS:
        raise PayloadError(
            f"The text makes {len(body)} octets; a message_payload has at most {MAX_PAYLOAD_OCTETS}"
        )
    return Payload(b"", coding, False, None, body, 1, 1)


def assemble(
    bodies: Sequence[bytes],
    coding: int,
    style: SplitStyle,
    reference: int,
    elements: tuple[udh.Element, ...] = (),
) -> tuple[Payload, ...]:
    """Make the parts of bodies that fit: with `elements` in the header of each, and joined where they are
    several. Raises PayloadError beyond 255 parts.
    """
    total = len(bodies)
    if total > udh.MAX_PARTS:
        raise PayloadError(f"The text makes {total} parts; a message has at most {udh.MAX_PARTS}")
    if total == 1:
        header = udh.Udh(elements).encode() if elements else b""
        return (Payload(header + bodies[0], coding, bool(elements), None, None, 1, 1),)
    if style is SplitStyle.SAR and not elements:
        return tuple(
            Payload(body, coding, False, Sar(reference, total, part), None, part, total)
            for part, body in enumerate(bodies, start=1)
        )
    concat = udh.concat16 if style is SplitStyle.UDH16 else udh.concat8
    return tuple(
        Payload(
            udh.with_elements(concat(reference, total, part), elements) + body,
            coding,
            True,
            None,
            None,
            part,
            total,
        )
        for part, body in enumerate(bodies, start=1)
    )


def _encode_utf8(text: str) -> bytes:
    return text.encode("utf-8")


_ENCODERS: dict[DefaultAlphabet, Callable[[str], bytes]] = {
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
    """Read the octets of a message from a carrier; never fails, unknown octets stand in hexadecimal."""
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
    seven_bit = GSM_0338 if header is None else announced(header)
    text = None if decode is None else decode(octets, fill_bits, seven_bit)
    return Content(text, octets, header, fault)


# Takes the octets after the header, the fill bits that follow a header when septets are packed, and the tables
# that the header announces.
_Decoder = Callable[[bytes, int, SevenBit], str]


def _with(codec: str) -> _Decoder:
    return lambda octets, _fill_bits, _seven_bit: octets.decode(codec, DOUBTFUL)


_UTF16 = _with("utf-16-be")

_DECODERS_OF_DEFAULT: dict[DefaultAlphabet, _Decoder] = {
    DefaultAlphabet.GSM7_UNPACKED: lambda octets, _fill_bits, seven_bit: seven_bit.decode(octets),
    DefaultAlphabet.GSM7_PACKED: lambda octets, fill_bits, seven_bit: seven_bit.decode(
        unpack7(octets, fill_bits)
    ),
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
