"""The national languages of SMS: alphabets of 7 bits beside GSM 03.38, announced in the user data header.

3GPP TS 23.038, 6.2.1.2: a locking shift table takes the place of the basic alphabet, a single shift table that
of the extension table. 3GPP TS 23.040, 9.2.3.24.15 and 16: an element of three octets announces each, in every
part. A phone that does not know them shows wrong characters, so nothing is written with them unless the
configuration allows the language; what arrives with them is always read.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cache

from routing.alphabet import BASIC, EXTENSION, GSM_0338, SevenBit
from routing.national_tables import LOCKING, SINGLE
from routing.udh import NATIONAL_LOCKING, NATIONAL_SINGLE, Element, Udh


class Language(Enum):
    """The languages that have tables, by ISO 639-1."""

    TURKISH = "tr"
    SPANISH = "es"
    PORTUGUESE = "pt"
    BENGALI = "bn"
    GUJARATI = "gu"
    HINDI = "hi"
    KANNADA = "kn"
    MALAYALAM = "ml"
    ORIYA = "or"
    PUNJABI = "pa"
    TAMIL = "ta"
    TELUGU = "te"
    URDU = "ur"

    @property
    def identifier(self) -> int:
        """The national language identifier (3GPP TS 23.038, 6.2.1.2.4)."""
        return _IDENTIFIERS[self]


_IDENTIFIERS = {language: number for number, language in enumerate(Language, start=1)}
_LANGUAGES = {number: language for language, number in _IDENTIFIERS.items()}


@dataclass(frozen=True, slots=True)
class Shift:
    """The national tables that a text is written with; None is GSM 03.38's own."""

    locking: Language | None = None
    single: Language | None = None

    @property
    def elements(self) -> tuple[Element, ...]:
        """What announces them in a user data header."""
        chosen = ((NATIONAL_SINGLE, self.single), (NATIONAL_LOCKING, self.locking))
        return tuple(
            Element(identifier, bytes([language.identifier]))
            for identifier, language in chosen
            if language is not None
        )

    def __str__(self) -> str:
        tables = (("locking", self.locking), ("single", self.single))
        return ", ".join(
            f"{kind} shift {language.value}" for kind, language in tables if language is not None
        )


@cache
def alphabet_of(shift: Shift) -> SevenBit:
    """Return the alphabet of these tables."""
    basic = dict(enumerate(BASIC)) if shift.locking is None else codes_of(LOCKING[shift.locking.identifier])
    extension = EXTENSION if shift.single is None else codes_of(SINGLE[shift.single.identifier])
    return SevenBit(f"GSM 03.38 with {shift}", basic, extension)


@cache
def shifts(languages: frozenset[Language]) -> tuple[Shift, ...]:
    """Return the ways to write with these languages: one table before two, because each takes room, and never
    tables of two languages.
    """
    found: list[Shift] = []
    for language in sorted(languages, key=lambda each: each.identifier):
        found.append(Shift(single=language))
        if language.identifier in LOCKING:
            found += (Shift(locking=language), Shift(locking=language, single=language))
    return tuple(sorted(found, key=lambda shift: len(shift.elements)))


def announced(header: Udh) -> SevenBit:
    """Return the alphabet that a received header announces.

    An identifier that is reserved or has no such table is ignored (3GPP TS 23.038, 6.2.1.2.4).
    """
    locking, single = header.language(NATIONAL_LOCKING), header.language(NATIONAL_SINGLE)
    if locking is None and single is None:
        return GSM_0338
    return alphabet_of(
        Shift(
            _LANGUAGES.get(locking) if locking in LOCKING else None,
            _LANGUAGES.get(single) if single in SINGLE else None,
        )
    )


@cache
def languages_of(codes: frozenset[str]) -> frozenset[Language]:
    """Return the languages of ISO 639-1 codes. Raises ValueError for one that has no tables."""
    return frozenset(map(Language, codes))


_NAMES = {"SP": " ", "LF": "\n", "CR": "\r", "FF": "\f", "ESC": "\x1b"}


def codes_of(table: str) -> dict[int, str]:
    """Read a table of `national_tables`."""
    codes: dict[int, str] = {}
    for line in table.split("\n"):
        first, *cells = line.split() or ("0",)
        for code, cell in enumerate(cells, start=int(first, 16)):
            if cell != "--":
                codes[code] = _NAMES.get(cell) or (cell if len(cell) == 1 else chr(int(cell, 16)))
    return codes
