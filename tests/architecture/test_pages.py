"""Each page of docs/: the tests that it names are there, and a page whose claims rest on tests names them."""

from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, missing_tests, named_tests, repository_files

PAGES = [path for path in repository_files() if path.parts[0] == "docs" and path.suffix == ".md"]

AT_LEAST = {
    "alerts.md": 25,
    "carriers.md": 50,
    "contacts.md": 55,
    "limits.md": 20,
    "money.md": 45,
    "outbox.md": 80,
    "routing.md": 20,
    "segments.md": 30,
    "webhooks.md": 20,
}
"""How many tests a page names at least: fewer, and it was changed or its way to name them was."""


def test_there_are_pages() -> None:
    assert {path.name for path in PAGES} >= AT_LEAST.keys()


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_each_test_that_is_named_exists(path: Path) -> None:
    page = (ROOT / path).read_text()
    assert missing_tests(page) == set()
    assert len(named_tests(page)) >= AT_LEAST.get(path.name, 0)


def test_a_test_that_is_not_there_is_missed() -> None:
    page = "Held by `test_there_are_pages` and `test_nobody_wrote`, see `TestNothing`."
    assert missing_tests(page) == {"test_nobody_wrote", "TestNothing"}
