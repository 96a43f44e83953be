"""The alphabets of SMS: GSM 03.38 (7 bit, with its extension table), UCS-2, Latin-1 and ASCII, to and from
octets.

GSM 03.38 stands here as data (3GPP TS 23.038, 6.2.1 and 6.2.1.1). A *septet* is one 7-bit unit; a character
of the extension table is two: the escape 0x1B and a code. "Unpacked" writes one septet per octet, as most
SMPP carriers want it; "packed" writes eight septets into seven octets, as the air interface does.
"""

import codecs
import re
from enum import Enum

from routing.errors import AlphabetError

ESCAPE = 0x1B
CARRIAGE_RETURN = 0x0D
REPLACEMENT = "\ufffd"

# 3GPP TS 23.038, 6.2.1: the code of a character is its index. 0x09 is the capital C with cedilla.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)

# 3GPP TS 23.038, 6.2.1.1: the codes that follow an escape.
EXTENSION = {
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
EXTENSION_CHARACTERS = frozenset(EXTENSION.values())


class Alphabet(Enum):
    """The two alphabets that a tenant's text is counted in."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


# The marked form: one octet per character, so that the C charmap codec does the work in one pass. Basic
# characters keep their code, extension characters get theirs with the top bit set, and "@" (code 0) moves to
# 0x80, because the codec's fast map takes 0 for "no such character" and always writes U+0000 as 0.
_TOP_BIT = 0x80
_MARKED_AT = bytes([_TOP_BIT])
_EXTENSION_MARKS = bytes(_TOP_BIT | code for code in EXTENSION)


def _marked_table() -> str:
    slots = ["\ufffe"] * 256  # the codec's sign for an unused slot
    slots[: len(BASIC)] = BASIC
    slots[0], slots[_TOP_BIT] = "\0", BASIC[0]
    slots[ESCAPE] = "\ufffe"
    for code, character in EXTENSION.items():
        slots[_TOP_BIT | code] = character
    return "".join(slots)


_TO_MARKED = codecs.charmap_build(_marked_table())
_MARK = re.compile(rb"[\x80-\xff]")
_SEPTETS_OF_MARK = {bytes([_TOP_BIT | code]): bytes([ESCAPE, code]) for code in EXTENSION} | {
    _MARKED_AT: b"\0"
}
_EXTENSION_BY_BASIC = {BASIC[code]: character for code, character in EXTENSION.items()}
_ESCAPED = re.compile("\x1b(.?)", re.DOTALL)


def marked(text: str) -> bytes | None:
    """Return one octet per character of a GSM 03.38 text, or None when some character is not in the alphabet.

    An octet below 0x80 is a septet as it is; 0x80 is "@"; any other one is an extension character, two
    septets. For this package: segments and payloads count with it without encoding twice.
    """
    try:
        octets = codecs.charmap_encode(text, "strict", _TO_MARKED)[0]
    except UnicodeEncodeError:
        return None
    return None if 0 in octets else octets


def septets_of(octets: bytes) -> int:
    """Count the septets of a marked text."""
    length = len(octets)
    if octets.isascii():
        return length
    return 2 * length - len(octets.translate(None, _EXTENSION_MARKS))


def fits_gsm7(text: str) -> bool:
    """Tell whether GSM 03.38 with its extension table can write the text."""
    return marked(text) is not None


def septets(text: str) -> int:
    """Count the septets of a GSM 03.38 text; extension characters count two.

    Raises AlphabetError when a character is not in the alphabet.
    """
    octets = marked(text)
    if octets is None:
        raise _not_gsm7(text)
    return septets_of(octets)


def encode_gsm7(text: str) -> bytes:
    """Write a text in GSM 03.38, unpacked: one octet per septet.

    Raises AlphabetError when a character is not in the alphabet.
    """
    octets = marked(text)
    if octets is None:
        raise _not_gsm7(text)
    return unmarked(octets)


def unmarked(octets: bytes) -> bytes:
    """Write a marked text in GSM 03.38, unpacked. For this package: whoever has counted a text writes it without
    encoding it again.
    """
    if octets.isascii():
        return octets
    return _MARK.sub(lambda mark: _SEPTETS_OF_MARK[mark[0]], octets)


def decode_gsm7(octets: bytes) -> str:
    """Read unpacked GSM 03.38 and never fail, for what comes from carriers.

    An octet above 0x7F becomes U+FFFD. After an escape, a code that the extension table lacks shows the basic
    character, a second escape or the end shows a space (3GPP TS 23.038, 6.2.1 notes 1 and 3, 6.2.1.1 note 1).
    """
    text = codecs.charmap_decode(octets, "replace", BASIC)[0]
    if "\x1b" not in text:
        return text
    return _ESCAPED.sub(_unescape, text)


def _unescape(pair: re.Match[str]) -> str:
    after = pair[1]
    if after in ("", "\x1b"):
        return " "
    return _EXTENSION_BY_BASIC.get(after, after)


def _not_gsm7(text: str) -> AlphabetError:
    position = next(index for index, character in enumerate(text) if marked(character) is None)
    return AlphabetError("GSM 03.38", text, position)


def pack7(unpacked: bytes, fill_bits: int = 0) -> bytes:
    """Pack septets (one per octet) into octets, least significant bit first (3GPP TS 23.038, 6.1.2.1).

    `fill_bits` (0 to 6) zero bits come first, to start on a septet boundary after a user data header. SMPP
    counts octets, not septets, so a receiver cannot tell seven spare bits from an "@": they hold a CR, and a
    text that ends in CR on an octet boundary gets a second one (6.1.2.3.1).
    """
    bits = fill_bits + 7 * len(unpacked)
    spare = -bits % 8
    if spare == 7 or (spare == 0 and unpacked[-1:] == b"\r"):
        unpacked += b"\r"
        bits += 7
    packed = 0
    for septet in reversed(unpacked):
        packed = packed << 7 | septet & 0x7F
    return (packed << fill_bits).to_bytes((bits + 7) // 8, "little")


def unpack7(octets: bytes, fill_bits: int = 0, count: int | None = None) -> bytes:
    """Unpack octets into septets, one per octet; the opposite of `pack7`.

    `count` is the number of septets where the sender told it (TP-UDL); without it all whole septets are read,
    and a CR that ends on the last octet's boundary is taken for padding.
    """
    available = max(0, 8 * len(octets) - fill_bits) // 7
    wanted = available if count is None else min(count, available)
    packed = int.from_bytes(octets, "little") >> fill_bits
    unpacked = bytes(packed >> shift & 0x7F for shift in range(0, 7 * wanted, 7))
    on_boundary = fill_bits + 7 * available == 8 * len(octets)
    if count is None and on_boundary and unpacked[-1:] == b"\r":
        return unpacked[:-1]
    return unpacked


def mend(text: str) -> str:
    """Return the text without lone surrogates: halves that stand together are joined, others become U+FFFD.

    JSON can spell half a character ("\\ud83d"), which no carrier can show. An API should refuse it; what
    reaches this package all the same is replaced, unit for unit, so that a message never fails after it was
    accepted.
    """
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def encode_ucs2(text: str) -> bytes:
    """Write a text as UTF-16, big-endian, without a mark: what carriers call UCS-2. Lone surrogates become
    U+FFFD.
    """
    try:
        return text.encode("utf-16-be")
    except UnicodeEncodeError:
        return mend(text).encode("utf-16-be")


def decode_ucs2(octets: bytes) -> str:
    """Read UTF-16, big-endian, and never fail: a lone surrogate or an odd last octet becomes U+FFFD."""
    return octets.decode("utf-16-be", "replace")


def encode_latin1(text: str) -> bytes:
    """Write a text in ISO 8859-1. Raises AlphabetError when a character is not in it."""
    return _encode_with("latin-1", "Latin-1", text)


def encode_ascii(text: str) -> bytes:
    """Write a text in ASCII. Raises AlphabetError when a character is not in it."""
    return _encode_with("ascii", "ASCII", text)


def _encode_with(codec: str, alphabet: str, text: str) -> bytes:
    try:
        return text.encode(codec)
    except UnicodeEncodeError as error:
        raise AlphabetError(alphabet, text, error.start) from None
