"""How texts are counted and cut: known cases, and properties of any text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.alphabet import Alphabet, fits_gsm7, mend, septets
from routing.segments import count, split

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
PIECES = (
    *("a", "b ", "@", "é", "Δ", "\r\n", "€", "[", "{}", "x" * 70, "y" * 150),
    *("ж", "\u4e2d", "e\u0301", "😀", "👍🏽", FAMILY, "🇬🇧", "❤\ufe0f", "각", "क्षि", "z\u0301\u0302\u0303"),
)
gsm_texts = st.lists(st.sampled_from(PIECES[:11]), max_size=60).map("".join)
mixed_texts = st.lists(st.sampled_from(PIECES), max_size=120).map("".join)
wild_texts = st.text(st.characters(exclude_categories=()), max_size=300)
texts = st.one_of(gsm_texts, mixed_texts, wild_texts)


def units(alphabet: Alphabet, text: str) -> int:
    return septets(text) if alphabet is Alphabet.GSM7 else len(text.encode("utf-16-be")) // 2


@pytest.mark.parametrize(
    ("text", "alphabet", "counted", "segments"),
    [
        ("", Alphabet.GSM7, 0, 1),
        ("Your code is 123456", Alphabet.GSM7, 19, 1),
        ("a" * 160, Alphabet.GSM7, 160, 1),
        ("a" * 161, Alphabet.GSM7, 161, 2),
        ("a" * 306, Alphabet.GSM7, 306, 2),
        ("a" * 307, Alphabet.GSM7, 307, 3),
        ("a" * 1600, Alphabet.GSM7, 1600, 11),
        ("a" * 158 + "€", Alphabet.GSM7, 160, 1),
        ("a" * 159 + "€", Alphabet.GSM7, 161, 2),
        ("€" * 80, Alphabet.GSM7, 160, 1),
        ("€" * 81, Alphabet.GSM7, 162, 2),
        ("€" * 153, Alphabet.GSM7, 306, 3),  # 76 fit into 153 septets: one is left over in each
        ("a" * 305 + "€", Alphabet.GSM7, 307, 3),
        ("ж" * 70, Alphabet.UCS2, 70, 1),
        ("ж" * 71, Alphabet.UCS2, 71, 2),
        ("ж" * 134, Alphabet.UCS2, 134, 2),
        ("ж" * 135, Alphabet.UCS2, 135, 3),
        ("ж" * 68 + "😀", Alphabet.UCS2, 70, 1),
        ("ж" * 69 + "😀", Alphabet.UCS2, 71, 2),
        ("😀" * 35, Alphabet.UCS2, 70, 1),
        ("😀" * 67, Alphabet.UCS2, 134, 3),  # 33 fit into 67 code units
        ("a" * 159 + "`", Alphabet.UCS2, 160, 3),
        ("\0", Alphabet.UCS2, 1, 1),
    ],
)
def test_known_counts(text: str, alphabet: Alphabet, counted: int, segments: int) -> None:
    result = split(text)
    assert (result.alphabet, result.units, result.count) == (alphabet, counted, segments)
    assert count(text) == segments


@given(texts)
def test_parts_joined_are_the_text(text: str) -> None:
    result = split(text)
    assert "".join(result.parts) == mend(text)
    assert result.count == len(result.parts) == count(text)
    assert result.alphabet is (Alphabet.GSM7 if fits_gsm7(text) else Alphabet.UCS2)
    assert result.units == units(result.alphabet, mend(text))


@given(texts)
def test_each_part_fits_and_stands_for_itself(text: str) -> None:
    result = split(text)
    alone, of_several = (160, 153) if result.alphabet is Alphabet.GSM7 else (70, 67)
    for part in result.parts:
        # Each part is encoded by itself: a cut pair would fail or count otherwise.
        assert units(result.alphabet, part) <= (alone if result.count == 1 else of_several)
        assert part or text == ""
    assert sum(units(result.alphabet, part) for part in result.parts) == result.units


@given(texts)
def test_no_text_takes_more_segments_than_it_must(text: str) -> None:
    result = split(text)
    alone, of_several = (160, 153) if result.alphabet is Alphabet.GSM7 else (70, 67)
    if result.units <= alone:
        assert result.count == 1
    else:
        # A character of two units leaves at most one unit of a part empty.
        assert (
            math.ceil(result.units / of_several) <= result.count <= math.ceil(result.units / (of_several - 1))
        )


@pytest.mark.parametrize("before", range(60, 68))
@pytest.mark.parametrize("grapheme", ["👍🏽", FAMILY, "🇬🇧", "❤\ufe0f", "e\u0301\u0302", "\u1112\u1161\u11ab"])
def test_a_grapheme_stays_whole_where_it_costs_nothing(before: int, grapheme: str) -> None:
    result = split("ж" * before + grapheme + "ж" * 20)
    assert result.count == 2
    assert any(grapheme in part for part in result.parts)


def test_a_grapheme_is_cut_where_keeping_it_would_cost_a_segment() -> None:
    text = "ж" * 66 + "e\u0301" + "ж" * 66
    result = split(text)
    assert (result.units, result.count) == (134, 2)
    assert result.parts[0] == "ж" * 66 + "e"


def test_an_endless_grapheme_is_cut() -> None:
    text = "e" + "\u0301" * 200
    assert [len(part) for part in split(text).parts] == [67, 67, 67]


def test_flags_are_cut_between_pairs() -> None:
    # 67 code units hold 16 flags of four and three more: the cut stays on a whole flag.
    assert split("🇬🇧" * 20).parts == ("🇬🇧" * 16, "🇬🇧" * 4)


def test_a_line_end_stays_whole() -> None:
    assert split("ж" * 66 + "\r\n" + "ж" * 10).parts == ("ж" * 66, "\r\n" + "ж" * 10)


def test_an_escape_pair_stays_whole() -> None:
    assert split("a" * 152 + "€" + "a" * 20).parts == ("a" * 152, "€" + "a" * 20)


def test_a_lone_surrogate_is_replaced_and_counts_one() -> None:
    result = split("ok \ud83d")
    assert (result.parts, result.units) == (("ok \ufffd",), 4)
