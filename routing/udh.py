"""User data headers: the elements before the text of a message (3GPP TS 23.040, 9.2.3.24).

A header is its length in one octet, then elements: identifier, length, data. Elements that nobody here knows
are kept as they are.
"""

from dataclasses import dataclass
from typing import NamedTuple

from routing.errors import UdhError

# 3GPP TS 23.040, 9.2.3.24: identifiers that this module reads.
CONCAT_8BIT = 0x00
PORTS_8BIT = 0x04
PORTS_16BIT = 0x05
CONCAT_16BIT = 0x08
NATIONAL_SINGLE = 0x24
NATIONAL_LOCKING = 0x25

MAX_PARTS = 255


class Element(NamedTuple):
    """One information element: its identifier and its data, without the length octet."""

    identifier: int
    data: bytes


class Concat(NamedTuple):
    """Which part of which message this is; `part` counts from 1, `reference_bits` are 8 or 16."""

    reference: int
    total: int
    part: int
    reference_bits: int


class Ports(NamedTuple):
    """Application ports."""

    destination: int
    source: int


@dataclass(frozen=True, slots=True)
class Udh:
    """A user data header as its elements, in order."""

    elements: tuple[Element, ...]

    @property
    def concat(self) -> Concat | None:
        """The concatenation, or None where there is none or it contradicts itself.

        Total or part zero, or a part beyond the total: the element is ignored (9.2.3.24.1). Of several the
        last holds (9.2.3.24).
        """
        for identifier, data in reversed(self.elements):
            if identifier == CONCAT_8BIT and len(data) == 3:
                found = Concat(data[0], data[1], data[2], 8)
            elif identifier == CONCAT_16BIT and len(data) == 4:
                found = Concat(data[0] << 8 | data[1], data[2], data[3], 16)
            else:
                continue
            if 1 <= found.part <= found.total:
                return found
        return None

    @property
    def ports(self) -> Ports | None:
        """The application ports, or None; of several the last holds."""
        for identifier, data in reversed(self.elements):
            if identifier == PORTS_16BIT and len(data) == 4:
                return Ports(data[0] << 8 | data[1], data[2] << 8 | data[3])
            if identifier == PORTS_8BIT and len(data) == 2:
                return Ports(data[0], data[1])
        return None

    def language(self, identifier: int) -> int | None:
        """The national language identifier that NATIONAL_SINGLE or NATIONAL_LOCKING announces, or None; of
        several the last holds.
        """
        for each, data in reversed(self.elements):
            if each == identifier and len(data) == 1:
                return data[0]
        return None

    def encode(self) -> bytes:
        """Write the header with its length octet. Raises UdhError beyond 255 octets."""
        body = bytearray()
        for identifier, data in self.elements:
            if not 0 <= identifier <= 0xFF or len(data) > 0xFF:
                raise UdhError(
                    f"UDH element {identifier:#x} with {len(data)} octets does not fit one octet each"
                )
            body += bytes((identifier, len(data))) + data
        if len(body) > 0xFF:
            raise UdhError(f"UDH of {len(body)} octets is longer than 255")
        return bytes((len(body),)) + body


def concat8(reference: int, total: int, part: int) -> bytes:
    """Write the header of one part of several, six octets, with the low 8 bits of the reference."""
    _check_part(total, part)
    return bytes((5, CONCAT_8BIT, 3, reference & 0xFF, total, part))


def concat16(reference: int, total: int, part: int) -> bytes:
    """Write the header of one part of several, seven octets, with the low 16 bits of the reference."""
    _check_part(total, part)
    return bytes((6, CONCAT_16BIT, 4, reference >> 8 & 0xFF, reference & 0xFF, total, part))


def with_elements(header: bytes, elements: tuple[Element, ...]) -> bytes:
    """Add elements to a written header."""
    if not elements:
        return header
    return Udh((*parse(header).elements, *elements)).encode()


def ports16(destination: int, source: int) -> Element:
    """Make the element that addresses application ports, 0 to 65535 each."""
    for port in (destination, source):
        if not 0 <= port <= 0xFFFF:
            raise UdhError(f"Port {port} is not between 0 and 65535")
    return Element(PORTS_16BIT, destination.to_bytes(2, "big") + source.to_bytes(2, "big"))


def _check_part(total: int, part: int) -> None:
    if not 1 <= part <= total <= MAX_PARTS:
        raise UdhError(f"Part {part} of {total} cannot be written: parts count from 1, at most {MAX_PARTS}")


def header_length(user_data: bytes) -> int:
    """Return how many octets of the user data are the header, its length octet included.

    Raises UdhError when the data ends before the header does.
    """
    if not user_data:
        raise UdhError("A UDH is announced but the user data is empty")
    length = 1 + user_data[0]
    if length > len(user_data):
        raise UdhError(f"The UDH says {length} octets, the user data has {len(user_data)}")
    return length


def parse(user_data: bytes) -> Udh:
    """Read the header at the start of the user data; what follows it is not looked at.

    Raises UdhError when the header or one of its elements is cut short. A single octet that is left over
    after the last element is ignored: some phones pad with it.
    """
    end = header_length(user_data)
    elements: list[Element] = []
    at = 1
    while at + 2 <= end:
        identifier, length = user_data[at], user_data[at + 1]
        at += 2
        if at + length > end:
            raise UdhError(f"UDH element {identifier:#04x} says {length} octets, {end - at} are left")
        elements.append(Element(identifier, user_data[at : at + length]))
        at += length
    return Udh(tuple(elements))
