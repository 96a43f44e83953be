"""What a text would be, before it is sent: its alphabet and segments, what made it dear, what could be saved.

For a person who writes a text and for the program that counts it: the same functions as for a message.
"""

import unicodedata
from dataclasses import dataclass

from routing.alphabet import GSM_0338
from routing.national import Language
from routing.replacement import REPLACEMENTS, Change, changes, cheaper
from routing.segments import NO_LANGUAGES, Segments, split


@dataclass(frozen=True, slots=True)
class Foreign:
    """A character that GSM 03.38 lacks.

    `positions` are code points from 0; `name` is Unicode's, None for a control character; `replacement` is what
    smart replacement has for it, "" to leave it out, None where it has nothing.
    """

    character: str
    name: str | None
    positions: tuple[int, ...]
    replacement: str | None


@dataclass(frozen=True, slots=True)
class Replacement:
    """What smart replacement makes of a text: applied where the account wants it and it saves a segment.

    `text` is what would be sent with it; `changes` are empty where it would save nothing.
    """

    wanted: bool
    text: str
    changes: tuple[Change, ...]
    segments_saved: int

    @property
    def applied(self) -> bool:
        """It is what would be sent."""
        return self.wanted and self.segments_saved > 0


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as it would be sent. `foreign` tells of the text as it was given, in order of first appearance."""

    segments: Segments
    foreign: tuple[Foreign, ...]
    replacement: Replacement


def preview(
    text: str, languages: frozenset[Language] = NO_LANGUAGES, smart_replacement: bool = False
) -> Preview:
    """Tell what a text would be with these languages allowed, and smart replacement wanted or not."""
    as_given = split(text, languages)
    instead = cheaper(text, languages)
    saved = as_given if instead == text else split(instead, languages)
    replacement = Replacement(
        smart_replacement,
        instead,
        () if instead == text else tuple(changes(text)),
        as_given.count - saved.count,
    )
    return Preview(saved if replacement.applied else as_given, foreign(text), replacement)


def foreign(text: str) -> tuple[Foreign, ...]:
    """Return the characters that GSM 03.38 lacks: any of them makes the text UCS-2, or needs national tables."""
    positions: dict[str, list[int]] = {}
    if GSM_0338.marked(text) is None:
        for at in GSM_0338.foreign(text):
            positions.setdefault(text[at], []).append(at)
    return tuple(
        Foreign(character, unicodedata.name(character, None), tuple(places), REPLACEMENTS.get(character))
        for character, places in positions.items()
    )
