"""Named queries: found in files, repeated per row, split into few sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.queries import EXACT_ROWS, MAX_ROWS, Query, chunks, load


def test_a_group_is_repeated_once_per_row() -> None:
    assert Query("VALUES (?, ?)...").rows(3) == "VALUES (?, ?), (?, ?), (?, ?)"
    assert Query("IN (?...) AND x = ?").rows(2) == "IN (?, ?) AND x = ?"
    assert Query("SELECT max(?, 1)").rows(2) == "SELECT max(?, 1)"


def test_queries_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- one --\n-- why\nSELECT 1\n\n-- two --\nSELECT 2\n")
    found = load(tmp_path)
    assert {name: query.text for name, query in found.items()} == {
        "one": "-- why\nSELECT 1",
        "two": "SELECT 2",
    }


def test_a_name_stands_once(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- one --\nSELECT 1\n")
    (tmp_path / "b.sql").write_text("-- one --\nSELECT 1\n")
    with pytest.raises(ValueError, match="one stands twice"):
        load(tmp_path)


@given(st.integers(0, 2_000))
def test_chunks_cover_all_rows_with_few_sizes(total: int) -> None:
    pieces = list(chunks(total))
    assert [n for start, end in pieces for n in range(start, end)] == list(range(total))
    sizes = {end - start for start, end in pieces}
    assert all(size <= EXACT_ROWS or (size % 16 == 0 and size <= MAX_ROWS) for size in sizes)
    assert len(pieces) <= 1 or total > EXACT_ROWS
