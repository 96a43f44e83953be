"""docs/simulator.md: its tables are the code's, its examples load, and the tests that it names are there."""

import re
from pathlib import Path

import pytest

from gateway.simulator import load_profile
from tests.architecture.simulator_page import PAGE, SECTIONS, written
from tests.architecture.sources import ROOT

TEXT = PAGE.read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


def test_the_tables_are_the_codes_own() -> None:
    assert written(TEXT) == TEXT, "run: python -m tests.architecture.simulator_page"


@pytest.mark.parametrize("section", SECTIONS)
def test_a_page_without_its_marks_is_refused(section: str) -> None:
    with pytest.raises(ValueError, match=f"lacks <!-- generated: {section} -->"):
        written(TEXT.replace(f"<!-- end: {section} -->", ""))


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_a_profile(example: str, tmp_path: Path) -> None:
    path = tmp_path / "carrier.toml"
    path.write_text(example)
    load_profile(path)


def test_there_are_examples_and_named_tests() -> None:
    assert len(EXAMPLES) == 2
    named = set(re.findall(r"`(tests/\S+\.py)`", TEXT))
    assert len(named) >= 5
    assert {name for name in named if not (ROOT / name).exists()} == set()
