"""Smart replacement: characters that GSM 03.38 lacks, for those that read the same, where that saves a segment.

One curly quote makes a text of 160 characters three segments instead of one. Word processors and phones put
such characters in by themselves. What is replaced here is type, not meaning: quotes, dashes and spaces of other
widths, the ellipsis, ligatures, full-width forms, letters with a combining accent that exist in one piece.
Never replaced: a visible character of ASCII (a password or a code stays what it is), letters of another
alphabet, digits that are raised or in a fraction ("10²" is not "102"), symbols, emoji, and the joiners and marks
that change how letters are shaped.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from routing.national import Language
from routing.segments import CODE_UNITS_ALONE, NO_LANGUAGES, count

_SPACES = "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_LINE_ENDS = "\u0085\u2028\u2029"
_INVISIBLE = "\u00ad\u200b\u2060\ufeff"  # soft hyphen, zero width space, word joiner, byte order mark
_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u2032\u2035\u02b9\u02bb\u02bc\u02bd\u00b4"
_DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u2036\u02ba\u02ee\u301d\u301e\u301f"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"
_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb06": "st",
}
_OTHERS = {"\u2024": ".", "\u2025": "..", "\u2026": "...", "\u2044": "/", "\u2215": "/"}
# Full-width forms of "!" to "~"; the grave accent among them is not in GSM 03.38 either.
_FULL_WIDTH = {chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F) if code != 0x60}

REPLACEMENTS: dict[str, str] = {
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_LINE_ENDS, "\n"),
    **dict.fromkeys(_INVISIBLE, ""),
    **dict.fromkeys(_SINGLE_QUOTES, "'"),
    **dict.fromkeys(_DOUBLE_QUOTES, '"'),
    **dict.fromkeys(_DASHES, "-"),
    **_LIGATURES,
    **_OTHERS,
    **_FULL_WIDTH,
}
_FOUND = re.compile(f"[A-Za-z][\u0300-\u036f]+|[{re.escape(''.join(REPLACEMENTS))}]")


class Change(NamedTuple):
    """What is replaced at a position (code points of the original text, from 0), and by what."""

    position: int
    original: str
    replacement: str


def changes(text: str) -> Iterator[Change]:
    """Return all that could be replaced in a text, in order."""
    for found in _FOUND.finditer(text):
        replacement = _for(found)
        if replacement != found[0]:
            yield Change(found.start(), found[0], replacement)


def replaced(text: str) -> str:
    """Return the text with all of them replaced."""
    return _FOUND.sub(_for, text)


def cheaper(text: str, languages: frozenset[Language] = NO_LANGUAGES) -> str:
    """Return the text with all of them replaced where that makes fewer segments; else as it is."""
    if len(text) <= CODE_UNITS_ALONE // 2:  # one segment in any alphabet
        return text
    now = count(text, languages)
    if now == 1:
        return text
    instead = replaced(text)
    return instead if instead != text and count(instead, languages) < now else text


def _for(found: re.Match[str]) -> str:
    original = found[0]
    if len(original) == 1:
        return REPLACEMENTS[original]
    composed = unicodedata.normalize("NFC", original)
    return composed if len(composed) == 1 else original
