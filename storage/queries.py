"""SQL with names: queries live in .sql files as `-- name --` and the lines below it.

A group in brackets that is followed by `...` stands once per row: `VALUES (?, ?)...` for three rows becomes
`VALUES (?, ?), (?, ?), (?, ?)`, and `IN (?...)` becomes `IN (?, ?, ?)`. Few, long statements are what makes the
writer thread cheap: each costs a hand-over of the interpreter's lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"^-- (\w+) --$", re.MULTILINE)
_REPEATED = re.compile(r"(\([?, ]+\)|\?)\.\.\.")

EXACT_ROWS = 32
"""Up to here a statement stands for any number of rows: a second one for the rest costs more than it takes to keep the
texts and the prepared statements of all these sizes, some 3 MB for the hot ones."""

MAX_ROWS = 96
"""Rows of one statement: longer ones save nothing more and fill the cache of prepared statements."""


class Query:
    """One named statement, as text for any number of rows."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._of: dict[int, str] = {}

    def rows(self, count: int) -> str:
        """The statement for `count` rows."""
        text = self._of.get(count)
        if text is None:
            text = self._of[count] = _REPEATED.sub(lambda m: ", ".join([m.group(1)] * count), self.text)
        return text


def chunks(total: int) -> Iterator[tuple[int, int]]:
    """Split `total` rows into (from, to) of few different sizes, so that few statements need preparing: exact up to
    `EXACT_ROWS`, multiples of 16 above."""
    start = 0
    while (left := total - start) > 0:
        size = left if left <= EXACT_ROWS else min(left - left % 16, MAX_ROWS)
        yield start, start + size
        start += size


def load(folder: Path) -> dict[str, Query]:
    """All queries of the .sql files of a folder. Raises ValueError for a name that stands twice."""
    queries: dict[str, Query] = {}
    for path in sorted(folder.glob("*.sql")):
        pieces = _NAME.split(path.read_text(encoding="utf-8"))
        for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
            if name in queries:
                raise ValueError(f"{path}: the query {name} stands twice")
            queries[name] = Query(text.strip())
    return queries
