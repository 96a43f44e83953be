"""docs/outbox.md: its tables of columns and of errors are those of the code."""

from __future__ import annotations

import re

from http_api.dialects.outbox.export import COLUMNS
from http_api.dialects.outbox.words import OF_FAULT, OF_NOT_RESENT, OF_WHY
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "outbox.md").read_text()


def table(name: str) -> list[list[str]]:
    """The rows of a marked table, without its head."""
    part = PAGE.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- end: {name} -->")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines()[2:]]


def test_the_columns_of_the_export() -> None:
    assert table("columns") == [[f"`{column.name}`", column.meaning] for column in COLUMNS]


def test_every_error_has_its_row() -> None:
    told = {(row[0], code) for row in table("errors") for code in re.findall(r"`([A-Z_]+)`", row[1])}
    known = [*OF_FAULT.values(), *OF_WHY.values(), *OF_NOT_RESENT.values()]
    assert told == {(str(problem.status), problem.code) for problem in known}
