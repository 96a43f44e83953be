"""How many segments a text is, and where it is cut: the rule that tenants see and pay by.

140 octets hold 160 septets or 70 UTF-16 code units; a user data header takes its octets from them. A text that
GSM 03.38 can write takes 160 septets in one segment, or 153 in each of several; any other text is UCS-2, 70 or
67 code units: concatenation takes the six octets of a header with an 8-bit reference (3GPP TS 23.040,
9.2.3.24.1). Where national languages are allowed, their tables are a third way, with a longer header in every
segment; it is taken where it makes fewer segments. What an attempt writes on one carrier may be cut otherwise:
see `routing/payloads.py`, which cuts with the same function.

An escape pair and a surrogate pair are never cut. A grapheme (what a reader takes for one character: a letter
with its combining marks, a family of emoji) is kept whole where that costs no further segment.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from routing.alphabet import ESCAPE, GSM_0338, Alphabet, SevenBit, mend
from routing.national import Language, Shift, alphabet_of, shifts
from routing.udh import Element

OCTETS = 140  # the user data of one message, header included: 3GPP TS 23.040, 9.2.3.24
CONCAT_OCTETS = 5  # an element with an 8-bit reference: identifier, length, reference, total, part

SEPTETS_ALONE = 160
SEPTETS_OF_SEVERAL = 153
CODE_UNITS_ALONE = 70
CODE_UNITS_OF_SEVERAL = 67

NO_LANGUAGES: frozenset[Language] = frozenset()

_ZERO_WIDTH_JOINER = "\u200d"
_MARK_CATEGORIES = frozenset({"Mn", "Mc", "Me"})
# Signs that kill a vowel and join two consonants: Unicode Standard Annex 29, GB9c.
_VIRAMAS = frozenset("\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d")


@dataclass(frozen=True, slots=True)
class Segments:
    """A text as the tenant sees it.

    `parts` joined are the text (lone surrogates replaced, see `alphabet.mend`); `count` is their number, at
    least 1; `units` are septets (GSM7) or UTF-16 code units (UCS2) of the whole text, without headers, and
    `units_of_parts` of each part. `shift` are the national tables that GSM7 is written with, if any.
    """

    alphabet: Alphabet
    parts: tuple[str, ...]
    count: int
    units: int
    units_of_parts: tuple[int, ...]
    shift: Shift | None = None


@dataclass(slots=True)  # made for each message, and a named tuple takes longer to make
class Measure:
    """The alphabet that a text needs, its length in units, and the text itself without lone surrogates.

    `octets` is the text written in that alphabet: marked (`SevenBit.marked`) for GSM7, UTF-16-BE for UCS2.
    """

    alphabet: Alphabet
    units: int
    text: str
    octets: bytes
    shift: Shift | None = None

    @property
    def seven_bit(self) -> SevenBit:
        """The tables of GSM7."""
        return GSM_0338 if self.shift is None else alphabet_of(self.shift)

    @property
    def elements(self) -> tuple[Element, ...]:
        """What every part's header has to announce."""
        return () if self.shift is None else self.shift.elements

    @property
    def wire(self) -> bytes:
        """The text as it is written: unpacked septets, or UTF-16-BE."""
        return self.seven_bit.unmarked(self.octets) if self.alphabet is Alphabet.GSM7 else self.octets


class Cuts(NamedTuple):
    """Where each part ends: in characters of the text, and in units."""

    characters: Sequence[int]
    units: Sequence[int]


_marked, _septets_of = GSM_0338.marked, GSM_0338.septets_of
_GSM7, _UCS2 = Alphabet.GSM7, Alphabet.UCS2  # an enum's member costs as much to look up as a call


@lru_cache(maxsize=16)  # the gates count a text, and in the same turn its payloads are written
def measure(text: str) -> Measure:
    """Choose the alphabet of a text, without national languages, and count its units."""
    octets = _marked(text)
    if octets is not None:
        return Measure(_GSM7, _septets_of(octets), text, octets)
    return measure_ucs2(text)


@lru_cache(maxsize=16)
def measure_with(text: str, languages: frozenset[Language]) -> Measure:
    """Choose the alphabet that makes the fewest segments, the tables of these languages allowed.

    Of equals the one that more phones read: GSM 03.38, UCS-2, one national table, two.
    """
    best = measure(text)
    fewest = _count(best)
    for shift in shifts(languages):
        if fewest == 1:
            break
        alphabet = alphabet_of(shift)
        octets = alphabet.marked(text)
        if octets is not None:
            found = Measure(_GSM7, alphabet.septets_of(octets), text, octets, shift)
            count_of_found = _count(found)
            if count_of_found < fewest:
                best, fewest = found, count_of_found
    return best


def measure_ucs2(text: str) -> Measure:
    """Count a text in UCS-2, whether or not it would fit GSM 03.38."""
    try:
        octets = text.encode("utf-16-be")
    except UnicodeEncodeError:
        text = mend(text)
        octets = text.encode("utf-16-be")
    return Measure(_UCS2, len(octets) // 2, text, octets)


def room(alphabet: Alphabet, header_octets: int) -> int:
    """Return the units that fit beside a user data header of so many octets, its length octet included."""
    octets = OCTETS - header_octets
    return octets * 8 // 7 if alphabet is _GSM7 else octets // 2


def header_octets(elements: tuple[Element, ...], concat_octets: int = 0) -> int:
    """Return the octets of the header of these elements, and one for concatenation; none without any."""
    octets = concat_octets + sum(2 + len(element.data) for element in elements)
    return 1 + octets if octets else 0


def limits(alphabet: Alphabet, shift: Shift | None = None) -> tuple[int, int]:
    """Return the units that fit into a lone segment, and into each of several."""
    if shift is not None:
        elements = shift.elements
        return room(_GSM7, header_octets(elements)), room(_GSM7, header_octets(elements, CONCAT_OCTETS))
    if alphabet is _GSM7:
        return SEPTETS_ALONE, SEPTETS_OF_SEVERAL
    return CODE_UNITS_ALONE, CODE_UNITS_OF_SEVERAL


def split(text: str, languages: frozenset[Language] = NO_LANGUAGES) -> Segments:
    """Cut a text into its segments. An empty text is one empty segment."""
    measured = measure_with(text, languages) if languages else measure(text)
    alphabet, units, text, shift = measured.alphabet, measured.units, measured.text, measured.shift
    alone, of_several = limits(alphabet, shift)
    if units <= alone:
        return Segments(alphabet, (text,), 1, units, (units,), shift)
    characters, ends = cut(measured, of_several)
    lengths = tuple([end - start for start, end in zip((0, *ends), ends, strict=False)])
    return Segments(alphabet, slices(text, characters), len(ends), units, lengths, shift)


def count(text: str, languages: frozenset[Language] = NO_LANGUAGES) -> int:
    """Count the segments of a text without cutting it."""
    measured = measure_with(text, languages) if languages else measure(text)
    if measured.units <= CODE_UNITS_ALONE:  # the smallest limit: most messages end here
        return 1
    return _count(measured)


def _count(measured: Measure) -> int:
    alone, of_several = limits(measured.alphabet, measured.shift)
    if measured.units <= alone:
        return 1
    if measured.units == len(measured.text):
        return -(-measured.units // of_several)
    return _fewest(_Units(measured), 0, of_several)


def slices(text: str, ends: Sequence[int]) -> tuple[str, ...]:
    """Return the parts of a text that end there."""
    return tuple([text[start:end] for start, end in zip((0, *ends), ends, strict=False)])


class _Units:
    """A measured text by its units, to be cut: no cut goes through a pair of units that is one character."""

    __slots__ = ("_is_gsm7", "_wire", "total")

    def __init__(self, measured: Measure) -> None:
        self._is_gsm7 = measured.alphabet is _GSM7
        self._wire = measured.wire
        self.total = measured.units

    def furthest(self, start: int, limit: int) -> int:
        """Return where a part that begins at `start` ends at the latest."""
        at = start + limit
        if at >= self.total:
            return self.total
        return at - 1 if self._inside_pair(at) else at

    def before(self, at: int) -> int:
        """Return where the character that ends at `at` begins."""
        return at - 2 if self._inside_pair(at - 1) else at - 1

    def _inside_pair(self, at: int) -> bool:
        if self._is_gsm7:
            return at > 0 and self._wire[at - 1] == ESCAPE
        return self._wire[2 * at] & 0xFC == 0xDC  # the second half of a surrogate pair

    def characters(self, start: int, end: int) -> int:
        """Count the characters between two places."""
        if self._is_gsm7:
            return end - start - self._wire.count(ESCAPE, start, end)
        return len(self._wire[2 * start : 2 * end].decode("utf-16-be"))


def _fewest(units: _Units, start: int, limit: int) -> int:
    """Count the parts that the text from `start` on needs when nothing but the limit holds."""
    parts = 0
    while start < units.total:
        start = units.furthest(start, limit)
        parts += 1
    return parts


def cut(measured: Measure, limit: int) -> Cuts:
    """Cut a text into the fewest parts of at most `limit` units (at least 2) each.

    A part ends as late as it can, or at the end of the last whole grapheme before that where this makes no
    further part.
    """
    text = measured.text
    if measured.units == len(text):  # no pairs: where a part can end is known
        ends = [*range(limit, len(text), limit), len(text)]
        if not any(_joined(text, end) for end in ends[:-1]):
            return Cuts(ends, ends)
    units = _Units(measured)
    left = _fewest(units, 0, limit)
    at_ends: list[int] = []
    unit_ends: list[int] = []
    at = start = 0
    while left > 1:
        stop = units.furthest(start, limit)
        at_stop = at + units.characters(start, stop)
        left -= 1
        whole, at_whole = stop, at_stop
        while at_whole > at and _joined(text, at_whole):
            whole, at_whole = units.before(whole), at_whole - 1
        if at_whole > at and (whole == stop or _fewest(units, whole, limit) <= left):
            stop, at_stop = whole, at_whole
        at_ends.append(at_stop)
        unit_ends.append(stop)
        start, at = stop, at_stop
    return Cuts([*at_ends, len(text)], [*unit_ends, units.total])


def _joined(text: str, at: int) -> bool:
    """Tell whether a cut before `text[at]` would go through a grapheme.

    The cases of Unicode Standard Annex 29 that people write: CR LF, marks and variation selectors, zero width
    joiner, skin tones, tag sequences, flags (pairs of regional indicators), conjoining Hangul, conjuncts of
    Indian scripts.
    """
    before, after = text[at - 1], text[at]
    if after < "\u0300":
        return before == "\r" and after == "\n"
    if _ZERO_WIDTH_JOINER in (before, after) or unicodedata.category(after) in _MARK_CATEGORIES:
        return True
    if before in _VIRAMAS:
        return unicodedata.category(after) == "Lo"
    if "\u1160" <= after <= "\u11ff":
        return "\u1100" <= before <= "\u11ff"
    if _is_regional(after):
        return _regionals_before(text, at) % 2 == 1
    return "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f"


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _regionals_before(text: str, at: int) -> int:
    first = at
    while first > 0 and _is_regional(text[first - 1]):
        first -= 1
    return at - first
