"""docs/routing.md: each test that it names is there, and its picture is that of the test."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "routing.md").read_text()


def test_each_test_that_is_named_exists() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+|Test\w+)`", PAGE))
    assert len(named) > 20
    assert {name for name in named if not re.search(rf"\b(def|class) {name}\b", sources)} == set()


def test_the_picture_is_what_is_printed() -> None:
    shown = re.findall(r"^    (?!trunkline)(.+)$", PAGE.split("Nothing is sent.")[0], flags=re.MULTILINE)
    tried = (ROOT / "tests" / "unit" / "gateway" / "cli" / "test_routes.py").read_text()
    assert len(shown) > 12
    assert [line for line in shown if line not in tried.splitlines()] == []
