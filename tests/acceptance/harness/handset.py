"""A phone: puts texts together from the submit_sm that the carrier got. Its tables are those of the specification.

3GPP TS 23.038, 6.2.1 and 6.2.1.1 (alphabet and its extension), TS 23.040, 9.2.3.24.1 (concatenation).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
assert len(_BASIC) == 128


@dataclass(frozen=True)
class Segment:
    """One submit_sm as a phone sees it."""

    reference: int
    total: int
    number: int
    text: str
    octets: int  #: of user data, its header included


def read(submit: Event) -> Segment:
    """A submit event of the SMSC."""
    octets = bytes.fromhex(submit["short_message_hex"])
    reference, total, number, text = 0, 1, 1, octets
    if submit["esm_class"] & 0x40:
        length = octets[0]
        header, text = octets[1 : 1 + length], octets[1 + length :]
        assert header[:2] == b"\x00\x03", f"an element that is not 8-bit concatenation: {header.hex()}"
        reference, total, number = header[2:5]
    wide = submit["data_coding"] in (0x08, 0x18)
    return Segment(reference, total, number, _ucs2(text) if wide else _gsm7(text), len(octets))


def texts(submits: Iterable[Event]) -> list[str]:
    """The texts that arrive, in the order of their first parts. Raises AssertionError for one that is not whole."""
    found: dict[tuple[str, str, int, int], list[Segment]] = defaultdict(list)
    for at, submit in enumerate(submits):
        segment = read(submit)
        alone = at + 1 if segment.total == 1 else 0
        found[submit["from"], submit["to"], segment.reference, alone].append(segment)
    return [_joined(segments) for segments in found.values()]


def _joined(segments: list[Segment]) -> str:
    segments.sort(key=lambda segment: segment.number)
    assert [segment.number for segment in segments] == list(range(1, segments[0].total + 1)), segments
    return "".join(segment.text for segment in segments)


def _gsm7(octets: bytes) -> str:
    text, escaped = "", False
    for octet in octets:
        if escaped:
            text += _EXTENSION[octet]
            escaped = False
        elif octet == 0x1B:
            escaped = True
        else:
            text += _BASIC[octet]
    assert not escaped, "a part ends in half of an escape pair"
    return text


def _ucs2(octets: bytes) -> str:
    return octets.decode("utf-16-be")  # strict: half of a surrogate pair is an error
