"""Contents with a meaning that phones know by the port they come to: a link, a business card, an appointment.

A link is WAP push, Service Indication (WAP-167-ServiceInd-20010731-a) as WBXML 1.2, in a push of connectionless
WSP (WAP-230-WSP, 8.2.4.1) to port 2948. A vCard goes to port 9204, a vCalendar to 9205, as they are written
(WAP-259-WDP, appendix A).
"""

import re
from datetime import UTC, datetime
from enum import Enum

from routing.binary import Binary
from routing.errors import PayloadError
from routing.udh import ports16

PORT_WAP_PUSH = 2948
PORT_WSP = 9200
PORT_VCARD = 9204
PORT_VCALENDAR = 9205

# A phone takes what it can hold; these bounds keep a content within what a phone of that time puts together.
MAX_PARTS = 10
MAX_URL_OCTETS = 1024
MAX_TITLE_CHARACTERS = 255


class Signal(Enum):
    """How the phone tells of a link: the `action` of a Service Indication, by its token."""

    NONE = 0x05
    LOW = 0x06
    MEDIUM = 0x07
    HIGH = 0x08
    DELETE = 0x09


# WSP: a transaction id (any: nothing is answered), push, one octet of headers: application/vnd.wap.sic.
_WSP_PUSH = bytes((0xDC, 0x06, 0x01, 0xAE))
# WBXML 1.2, public id SI 1.0, UTF-8, no string table; then <si> with content, <indication> with attributes and
# content (WAP-167, 8.3.1).
_DOCUMENT = bytes((0x02, 0x05, 0x6A, 0x00, 0x45, 0xC6))
_END, _STRING, _OPAQUE = b"\x01", b"\x03", b"\xc3"
_CREATED, _EXPIRES = b"\x0a", b"\x10"
_HREF = b"\x0b"
# The attribute starts that hold the beginning of a URL, longest first (WAP-167, 8.3.2), and the values that hold
# the end of a host's name (8.3.3).
_HREF_STARTS = (
    ("https://www.", b"\x0f"),
    ("https://", b"\x0e"),
    ("http://www.", b"\x0d"),
    ("http://", b"\x0c"),
)
_HREF_ENDS = ((".com/", b"\x85"), (".edu/", b"\x86"), (".net/", b"\x87"), (".org/", b"\x88"))


_LINE_END = re.compile("\r\n|\r|\n")


def wap_push(
    url: str,
    title: str,
    created: datetime | None = None,
    expires: datetime | None = None,
    signal: Signal | None = None,
) -> Binary:
    """Make a link with a title: the phone shows the title and opens the link when asked to.

    Times are aware; `expires` is when the phone drops it; without a `signal` phones take the medium one. Raises
    PayloadError for a URL or a title that is empty, too long or has a NUL, and for a time without a zone.
    """
    _check_text("URL", url, len(url.encode("utf-8", "replace")), MAX_URL_OCTETS)
    _check_text("title", title, len(title), MAX_TITLE_CHARACTERS)
    document = bytearray(_WSP_PUSH + _DOCUMENT)
    document += _href(url)
    if created is not None:
        document += _CREATED + _time(created)
    if expires is not None:
        document += _EXPIRES + _time(expires)
    if signal is not None:
        document.append(signal.value)
    document += _END + _inline(title) + _END + _END
    return _to_port(PORT_WAP_PUSH, PORT_WSP, bytes(document))


def vcard(text: str) -> Binary:
    """Take a business card as it is written. Raises PayloadError for a text that is no vCard."""
    return _to_port(PORT_VCARD, 0, _object(text, "VCARD"))


def vcalendar(text: str) -> Binary:
    """Take an appointment as it is written. Raises PayloadError for a text that is no vCalendar."""
    return _to_port(PORT_VCALENDAR, 0, _object(text, "VCALENDAR"))


def _to_port(destination: int, source: int, data: bytes) -> Binary:
    content = Binary(data, (ports16(destination, source),))
    if content.segments > MAX_PARTS:
        raise PayloadError(
            f"The content makes {content.segments} parts; phones put at most {MAX_PARTS} together"
        )
    return content


def _check_text(name: str, text: str, length: int, most: int) -> None:
    if not text or "\0" in text:
        raise PayloadError(f"The {name} is empty or has a NUL character")
    if length > most:
        raise PayloadError(f"The {name} has {length} characters or octets; at most {most} are allowed")


def _href(url: str) -> bytes:
    """Write the address: its start and, once, a host's common ending as tokens."""
    rest, written = url, bytearray(_HREF)
    for start, token in _HREF_STARTS:
        if url.startswith(start):
            rest, written = url[len(start) :], bytearray(token)
            break
    for end, token in _HREF_ENDS:
        host, found, path = rest.partition(end)
        if found and "/" not in host:
            written += _inline(host) + token
            return bytes(written + _inline(path)) if path else bytes(written)
    return bytes(written + _inline(rest))


def _inline(text: str) -> bytes:
    """A string that ends with NUL; nothing for none."""
    return _STRING + text.encode("utf-8", "replace") + b"\0" if text else b""


def _time(moment: datetime) -> bytes:
    """A time as decimal digits, two to an octet, without the zeros at its end (WAP-167, 8.2.2)."""
    if moment.tzinfo is None:
        raise PayloadError("A time needs a zone")
    digits = bytes.fromhex(moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")).rstrip(b"\0")
    return _OPAQUE + bytes((len(digits),)) + digits


def _object(text: str, kind: str) -> bytes:
    """Write a vCard or vCalendar: lines end with CR LF."""
    lines = _LINE_END.split(text.strip())
    if (
        len(lines) < 3
        or lines[0].strip().upper() != f"BEGIN:{kind}"
        or lines[-1].strip().upper() != f"END:{kind}"
    ):
        raise PayloadError(
            f"The text must begin with BEGIN:{kind} and end with END:{kind}, each on its own line"
        )
    if "\0" in text:
        raise PayloadError(f"The {kind} has a NUL character")
    return "\r\n".join((*lines, "")).encode("utf-8", "replace")
