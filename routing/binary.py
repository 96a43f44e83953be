"""Messages that are no text: octets for an application of the phone, as the parts of one attempt.

A user data header says what they are for; where it takes its room, what is left is cut into parts (3GPP TS
23.040, 9.2.3.24). `routing/objects.py` makes such contents of a link, a business card or an appointment.
"""

from dataclasses import dataclass

from routing import udh
from routing.errors import PayloadError, UdhError
from routing.payloads import MAX_PAYLOAD_OCTETS, Payload, SplitStyle, assemble, check_settings
from routing.segments import CONCAT_OCTETS, OCTETS, header_octets

DATA_CODING_BINARY = 0x04  # 8-bit binary: SMPP 3.4, 5.2.19
_CLASS_BINARY = 0xF4  # 8-bit data with a message class: 3GPP TS 23.038, 4


@dataclass(frozen=True, slots=True)
class Binary:
    """Octets, and the elements of the user data header that says what they are for.

    A header that joins parts itself (a tenant who splits on its own) makes the content one part.
    """

    data: bytes
    elements: tuple[udh.Element, ...] = ()

    @property
    def segments(self) -> int:
        """How many segments it is: of 140 octets with the header, several with an 8-bit reference beside it."""
        return len(self._cut(SplitStyle.UDH8))

    def payloads(
        self, style: SplitStyle = SplitStyle.UDH8, message_class: int | None = None, reference: int = 0
    ) -> tuple[Payload, ...]:
        """Write it as the parts of one attempt, in order.

        With `SplitStyle.SAR` parts are joined by the carrier only where there is no header of ours, because the
        two cannot stand beside each other. Raises PayloadError for a message class or reference that cannot be,
        for more than 255 parts, for a message_payload of more than 65535 octets, and for a content that is
        longer than a part and joins parts itself.
        """
        check_settings(message_class, reference)
        coding = DATA_CODING_BINARY if message_class is None else _CLASS_BINARY | message_class
        if style is SplitStyle.MESSAGE_PAYLOAD and self._length() > OCTETS:
            return (self._whole(coding),)
        return assemble(self._cut(style), coding, style, reference, self.elements)

    def _length(self) -> int:
        return header_octets(self.elements) + len(self.data)

    def _whole(self, coding: int) -> Payload:
        header = udh.Udh(self.elements).encode() if self.elements else b""
        if len(header) + len(self.data) > MAX_PAYLOAD_OCTETS:
            raise PayloadError(
                f"The content makes {len(header) + len(self.data)} octets; a message_payload has at most "
                f"{MAX_PAYLOAD_OCTETS}"
            )
        return Payload(b"", coding, bool(header), None, header + self.data, 1, 1)

    def _cut(self, style: SplitStyle) -> list[bytes]:
        if self._length() <= OCTETS:
            return [self.data]
        if udh.Udh(self.elements).concat is not None:
            raise PayloadError(
                f"The content has {self._length()} octets with its header, which joins parts itself: a part has at "
                f"most {OCTETS}"
            )
        concat_octets = CONCAT_OCTETS + (style is SplitStyle.UDH16)
        room = OCTETS - header_octets(self.elements, concat_octets)
        if room <= 0:
            raise PayloadError(f"The header leaves no room in the {OCTETS} octets of a part")
        return [self.data[start : start + room] for start in range(0, len(self.data), room)]


def binary(data: bytes, header: bytes = b"") -> Binary:
    """Take octets and a written user data header, its length octet included, as tenants give them.

    Raises UdhError for a header that cannot be read or is followed by something.
    """
    if not header:
        return Binary(data)
    if udh.header_length(header) != len(header):
        raise UdhError(f"The UDH says {udh.header_length(header)} octets and has {len(header)}")
    return Binary(data, udh.parse(header).elements)
