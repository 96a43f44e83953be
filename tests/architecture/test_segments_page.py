"""docs/segments.md: its tables are what the code counts."""

import re

import pytest

from routing.alphabet import Alphabet
from routing.national import Language, Shift
from routing.segments import limits, split
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "segments.md").read_text()
ALPHABETS = {"GSM7": Alphabet.GSM7, "UCS2": Alphabet.UCS2}
SHIFTS = {
    "-": None,
    "one": Shift(locking=Language.TURKISH),
    "two": Shift(Language.TURKISH, Language.TURKISH),
}
SIZES = re.findall(r"^\| (GSM7|UCS2) \| (-|one|two) \| [a-z ]+ \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
COSTS = re.findall(r"^\| `(.)` \S (\d+) \| (GSM7|UCS2) \| (\d+) \| (\d+) \| .*\|$", PAGE, re.MULTILINE)


def test_the_tables_are_found() -> None:
    assert (len(SIZES), len(COSTS)) == (4, 9)


@pytest.mark.parametrize(("alphabet", "tables", "alone", "of_several"), SIZES)
def test_the_table_of_sizes_is_what_is_counted(
    alphabet: str, tables: str, alone: str, of_several: str
) -> None:
    assert limits(ALPHABETS[alphabet], SHIFTS[tables]) == (int(alone), int(of_several))


@pytest.mark.parametrize(("character", "times", "alphabet", "units", "segments"), COSTS)
def test_the_table_of_costs_is_what_is_counted(
    character: str, times: str, alphabet: str, units: str, segments: str
) -> None:
    found = split(character * int(times))
    assert (found.alphabet, found.units, found.count) == (ALPHABETS[alphabet], int(units), int(segments))


def test_every_language_is_named() -> None:
    assert set(re.findall(r"\(([a-z]{2})\)", PAGE)) == {language.value for language in Language}
