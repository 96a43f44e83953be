"""The alphabets of SMS: GSM 03.38 (7 bit, with its extension table), UCS-2, Latin-1 and ASCII, to and from
octets.

GSM 03.38 stands here as data (3GPP TS 23.038, 6.2.1 and 6.2.1.1). A *septet* is one 7-bit unit; a character
of the extension table is two: the escape 0x1B and a code. "Unpacked" writes one septet per octet, as most
SMPP carriers want it; "packed" writes eight septets into seven octets, as the air interface does.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from routing.errors import AlphabetError

ESCAPE = 0x1B
CARRIAGE_RETURN = 0x0D
REPLACEMENT = "\ufffd"
DOUBTFUL = "backslashreplace"
"""What a carrier's octets become that mean nothing: `\\xff` tells what came, a replacement character would lose it."""

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


class SevenBit:
    """A 7-bit alphabet of two tables, ready to count, write and read: a basic one, whose characters take one
    septet, and an extension, whose characters take two.

    Both map codes (0 to 0x7F) to characters. Of several codes for one character the lowest of the basic table
    is written, else the lowest of the extension; the escape itself is never a character.

    A text is counted in its *marked* form, one octet per character, so that the C charmap codec does the work
    in one pass: basic characters keep their code, those of the extension get theirs with the top bit set. The
    codec's fast map takes 0 for "no such character" and always writes U+0000 as 0, so both codes 0 move: the
    basic one to 0x80, the extension's to the mark of the escape, which is free.
    """

    __slots__ = ("_extension", "_extension_marks", "_septets_of_mark", "_to_marked", "_to_text", "name")

    def __init__(self, name: str, basic: Mapping[int, str], extension: Mapping[int, str]) -> None:
        self.name = name
        slots = ["\ufffe"] * 256  # the codec's sign for an unused slot
        self._septets_of_mark = {bytes([_TOP_BIT]): b"\0"}
        for code in sorted(extension, reverse=True):
            mark = _TOP_BIT | (code or ESCAPE)
            slots[mark] = extension[code]
            self._septets_of_mark[bytes([mark])] = bytes([ESCAPE, code])
        self._extension_marks = bytes(_TOP_BIT | (code or ESCAPE) for code in extension)
        for code in sorted(basic, reverse=True):
            if code != ESCAPE:
                slots[code or _TOP_BIT] = basic[code]
        self._to_marked = codecs.charmap_build("\0" + _without_repeats(slots))
        self._extension = dict(extension)
        self._to_text = "".join(basic.get(code, "\ufffe") for code in range(_TOP_BIT))

    def marked(self, text: str) -> bytes | None:
        """Return one octet per character, or None when some character is in neither table.

        For this package: segments and payloads count with it without encoding twice.
        """
        try:
            octets = codecs.charmap_encode(text, "strict", self._to_marked)[0]
        except UnicodeEncodeError:
            return None
        return None if 0 in octets else octets

    def septets_of(self, octets: bytes) -> int:
        """Count the septets of a marked text."""
        length = len(octets)
        if octets.isascii():
            return length
        return 2 * length - len(octets.translate(None, self._extension_marks))

    def unmarked(self, octets: bytes) -> bytes:
        """Write a marked text, unpacked: one octet per septet. For this package: whoever has counted a text
        writes it without encoding it again.
        """
        if octets.isascii():
            return octets
        return _MARK.sub(lambda mark: self._septets_of_mark[mark[0]], octets)

    def encode(self, text: str) -> bytes:
        """Write a text, unpacked. Raises AlphabetError when a character is in neither table."""
        octets = self.marked(text)
        if octets is None:
            raise AlphabetError(self.name, text, next(self.foreign(text)))
        return self.unmarked(octets)

    def foreign(self, text: str) -> Iterator[int]:
        """Return the positions (code points, from 0) of the characters that are in neither table."""
        return (at for at, character in enumerate(text) if self.marked(character) is None)

    def decode(self, octets: bytes) -> str:
        """Read unpacked septets and never fail, for what comes from carriers.

        An octet above 0x7F or without meaning stands as its hexadecimal form, `\\x80`. After an escape, a code
        that the extension lacks shows the basic character; a second escape, or the end, shows a space (3GPP TS
        23.038, 6.2.1 notes 1 and 3, 6.2.1.1 note 1).
        """
        if ESCAPE not in octets:
            return self._plain(octets)
        pieces: list[str] = []
        at = 0
        for pair in _ESCAPED.finditer(octets):
            pieces += (self._plain(octets[at : pair.start()]), self._escaped(pair[1]))
            at = pair.end()
        return "".join((*pieces, self._plain(octets[at:])))

    def _plain(self, octets: bytes) -> str:
        return codecs.charmap_decode(octets, DOUBTFUL, self._to_text)[0]

    def _escaped(self, after: bytes) -> str:
        if after in (b"", b"\x1b"):
            return " "
        return self._extension.get(after[0]) or self._plain(after)


def _without_repeats(slots: Sequence[str]) -> str:
    """The slots from 1 on, each character in its first one only: the codec's map would take the last."""
    seen: set[str] = set()
    kept: list[str] = []
    for character in slots[1:]:
        kept.append("\ufffe" if character in seen else character)
        seen.add(character)
    return "".join(kept)


_TOP_BIT = 0x80
_MARK = re.compile(rb"[\x80-\xff]")
_ESCAPED = re.compile(rb"\x1b(.?)", re.DOTALL)

GSM_0338 = SevenBit("GSM 03.38", dict(enumerate(BASIC)), EXTENSION)

marked = GSM_0338.marked
septets_of = GSM_0338.septets_of
unmarked = GSM_0338.unmarked
encode_gsm7 = GSM_0338.encode
decode_gsm7 = GSM_0338.decode


def fits_gsm7(text: str) -> bool:
    """Tell whether GSM 03.38 with its extension table can write the text."""
    return marked(text) is not None


def septets(text: str) -> int:
    """Count the septets of a GSM 03.38 text; extension characters count two.

    Raises AlphabetError when a character is not in the alphabet.
    """
    return len(encode_gsm7(text))


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
    """Read UTF-16, big-endian, and never fail: a lone surrogate or an odd last octet stands in hexadecimal, `\\xd8`."""
    return octets.decode("utf-16-be", DOUBTFUL)


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
