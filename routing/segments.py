"""How many segments a text is, and where it is cut: the rule that tenants see and pay by.

A text that GSM 03.38 can write takes 160 septets in one segment, or 153 in each of several; any other text is
UCS-2, 70 or 67 code units. 140 octets hold both; concatenation takes the six octets of a user data header
with an 8-bit reference from each segment (3GPP TS 23.040, 9.2.3.24.1). What an attempt writes on one carrier
may be cut otherwise: see `routing/payloads.py`, which cuts with the same function.

An escape pair and a surrogate pair are never cut. A grapheme (what a reader takes for one character: a letter
with its combining marks, a family of emoji) is kept whole where that costs no further segment.
"""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from routing.alphabet import EXTENSION_CHARACTERS, Alphabet, marked, mend, septets_of

SEPTETS_ALONE = 160
SEPTETS_OF_SEVERAL = 153
CODE_UNITS_ALONE = 70
CODE_UNITS_OF_SEVERAL = 67

_ZERO_WIDTH_JOINER = "\u200d"
_MARK_CATEGORIES = frozenset({"Mn", "Mc", "Me"})


@dataclass(frozen=True, slots=True)
class Segments:
    """A text as the tenant sees it.

    `parts` joined are the text (lone surrogates replaced, see `alphabet.mend`); `count` is their number, at
    least 1; `units` are septets (GSM7) or UTF-16 code units (UCS2) of the whole text, without headers.
    """

    alphabet: Alphabet
    parts: tuple[str, ...]
    count: int
    units: int


class Measure(NamedTuple):
    """The alphabet that a text needs, its length in units, and the text itself without lone surrogates.

    `octets` is the text written in that alphabet: marked (`alphabet.marked`) for GSM7, UTF-16-BE for UCS2.
    """

    alphabet: Alphabet
    units: int
    text: str
    octets: bytes


@lru_cache(maxsize=16)  # the gates count a text, and in the same turn its payloads are written
def measure(text: str) -> Measure:
    """Choose the alphabet of a text and count its units."""
    octets = marked(text)
    if octets is not None:
        return Measure(Alphabet.GSM7, septets_of(octets), text, octets)
    return measure_ucs2(text)


def measure_ucs2(text: str) -> Measure:
    """Count a text in UCS-2, whether or not it would fit GSM 03.38."""
    try:
        octets = text.encode("utf-16-be")
    except UnicodeEncodeError:
        text = mend(text)
        octets = text.encode("utf-16-be")
    return Measure(Alphabet.UCS2, len(octets) // 2, text, octets)


def limits(alphabet: Alphabet) -> tuple[int, int]:
    """Return the units that fit into a lone segment, and into each of several."""
    if alphabet is Alphabet.GSM7:
        return SEPTETS_ALONE, SEPTETS_OF_SEVERAL
    return CODE_UNITS_ALONE, CODE_UNITS_OF_SEVERAL


def split(text: str) -> Segments:
    """Cut a text into its segments. An empty text is one empty segment."""
    alphabet, units, text, _ = measure(text)
    alone, of_several = limits(alphabet)
    if units <= alone:
        return Segments(alphabet, (text,), 1, units)
    parts = cut(text, alphabet, units, of_several)
    return Segments(alphabet, parts, len(parts), units)


def count(text: str) -> int:
    """Count the segments of a text without cutting it."""
    alphabet, units, text, _ = measure(text)
    if units <= CODE_UNITS_ALONE:  # the smaller limit: most messages end here
        return 1
    alone, of_several = limits(alphabet)
    if units <= alone:
        return 1
    if units == len(text):
        return -(-units // of_several)
    return _fewest(_ends(text, alphabet), 0, of_several)


def cut(text: str, alphabet: Alphabet, units: int, limit: int) -> tuple[str, ...]:
    """Cut a text into the fewest parts of at most `limit` units (at least 2) each; `units` is its whole
    length.
    """
    if units == len(text):
        parts = tuple(text[start : start + limit] for start in range(0, units, limit))
        if alphabet is Alphabet.GSM7 or not any(_joined(text, at) for at in range(limit, units, limit)):
            return parts
    return _cut_between_graphemes(text, _ends(text, alphabet), limit)


def _ends(text: str, alphabet: Alphabet) -> list[int]:
    """Return, for each index from 0 to len(text), the units before it."""
    if alphabet is Alphabet.GSM7:
        return list(accumulate((1 + (c in EXTENSION_CHARACTERS) for c in text), initial=0))
    return list(accumulate((1 + (c > "\uffff") for c in text), initial=0))


def _furthest(ends: list[int], start: int, limit: int) -> int:
    """Return the last index at which a part that begins at `start` can end."""
    return bisect_right(ends, ends[start] + limit) - 1


def _fewest(ends: list[int], start: int, limit: int) -> int:
    """Count the parts that the text from `start` on needs when nothing but the limit holds."""
    parts = 0
    while start < len(ends) - 1:
        start = _furthest(ends, start, limit)
        parts += 1
    return parts


def _cut_between_graphemes(text: str, ends: list[int], limit: int) -> tuple[str, ...]:
    parts: list[str] = []
    start = 0
    left = _fewest(ends, 0, limit)
    while left > 1:
        furthest = _furthest(ends, start, limit)
        stop = furthest
        while stop > start and _joined(text, stop):
            stop -= 1
        left -= 1
        if stop == start or (stop < furthest and _fewest(ends, stop, limit) > left):
            stop = furthest
        parts.append(text[start:stop])
        start = stop
    parts.append(text[start:])
    return tuple(parts)


def _joined(text: str, at: int) -> bool:
    """Tell whether a cut before `text[at]` would go through a grapheme.

    The cases of Unicode Standard Annex 29 that people write: CR LF, marks and variation selectors, zero width
    joiner, skin tones, tag sequences, flags (pairs of regional indicators), conjoining Hangul.
    """
    before, after = text[at - 1], text[at]
    if after < "\u0300":
        return before == "\r" and after == "\n"
    if _ZERO_WIDTH_JOINER in (before, after) or unicodedata.category(after) in _MARK_CATEGORIES:
        return True
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
