"""Smart replacement: what reads the same, and only where it saves a segment."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.alphabet import fits_gsm7
from routing.national import Language
from routing.replacement import REPLACEMENTS, Change, changes, cheaper, replaced
from routing.segments import count

texts = st.lists(
    st.sampled_from((*REPLACEMENTS, *"ab é€ж😀", "e\u0301", "x" * 50, "q\u0301", "\u200d", "²", "½")),
    max_size=120,
).map("".join)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("It\u2019s \u201chere\u201d \u2013 now\u2026", 'It\'s "here" - now...'),
        ("a\u00a0b\u202fc\u3000d\te", "a b c d e"),
        ("con\u00ad\u200bfirm", "confirm"),
        ("of\ufb01ce \ufb04", "office ffl"),
        ("\uff21\uff22\uff11\uff01", "AB1!"),
        ("cafe\u0301 n\u0303", "caf\u00e9 \u00f1"),
        ("one\u2028two", "one\ntwo"),
    ],
)
def test_what_reads_the_same(text: str, instead: str) -> None:
    assert replaced(text) == instead
    assert fits_gsm7(instead)


@pytest.mark.parametrize(
    "text",
    [
        "pass`word",
        "10²",
        "½",
        "привет",
        "😀",
        "❤\ufe0f",
        "क्\u200dष",
        "م\u200cم",
        "™",
        "•",
        "«a»",
        "ﷺ",
        "q\u0301",
        "œ",
    ],
)
def test_what_would_change_the_meaning_stays(text: str) -> None:
    assert replaced(text) == text
    assert not list(changes(text))


@pytest.mark.parametrize(("character", "instead"), list(REPLACEMENTS.items()))
def test_each_replacement_gets_a_character_into_the_alphabet(character: str, instead: str) -> None:
    assert not fits_gsm7(character)
    assert fits_gsm7(instead)
    assert character not in string.printable or character == "\t"
    assert not unicodedata.category(character).startswith("M")


def test_only_where_it_saves_a_segment() -> None:
    quote = "\u2019"
    assert cheaper(quote + "a" * 69) == quote + "a" * 69
    assert cheaper(quote + "a" * 70) == "'" + "a" * 70
    assert cheaper(quote + "ж" * 70) == quote + "ж" * 70
    assert cheaper("\u2026" * 71) == "\u2026" * 71  # 213 septets, two segments, as many as UCS-2 takes
    assert cheaper("a" * 500) == "a" * 500
    turkish = "ğ" * 71 + "\u2019"
    assert cheaper(turkish) == turkish
    assert cheaper(turkish, frozenset({Language.TURKISH})) == "ğ" * 71 + "'"


@given(texts)
def test_it_is_never_dearer_and_changes_only_what_it_tells(text: str) -> None:
    instead = cheaper(text)
    assert instead == text or count(instead) < count(text)
    built, at = [], 0
    for position, original, replacement in changes(text):
        assert text.startswith(original, position)
        built += [text[at:position], replacement]
        at = position + len(original)
    assert "".join((*built, text[at:])) == replaced(text)
    assert replaced(replaced(text)) == replaced(text)


def test_changes_have_their_places() -> None:
    assert list(changes("a\u2019b e\u0301")) == [Change(1, "\u2019", "'"), Change(4, "e\u0301", "\u00e9")]
