"""docs/routing.md: its picture is that of the test."""

import re

from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "routing.md").read_text()


def test_the_picture_is_what_is_printed() -> None:
    shown = re.findall(r"^    (?!trunkline)(.+)$", PAGE.split("Nothing is sent.")[0], flags=re.MULTILINE)
    tried = (ROOT / "tests" / "unit" / "gateway" / "cli" / "test_routes.py").read_text()
    assert len(shown) > 12
    assert [line for line in shown if line not in tried.splitlines()] == []
