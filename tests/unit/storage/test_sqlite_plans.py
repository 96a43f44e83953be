"""Pages of messages are found by an index that fits, however many messages there are: SQLite chooses without counts."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from storage.sqlite.database import QUERIES
from storage.sqlite.files import MIGRATIONS

VALUES = ("acme", "live", b"\xff" * 16, bytes(16), 0, 2**60, None, None, 20, "+447700900123")


@pytest.mark.parametrize(
    ("query", "how"),
    [
        (
            "messages_page",
            "SEARCH messages USING INDEX messages_by_account (account=? AND env=? AND id>? AND id<?)",
        ),
        ("messages_page_to", "SEARCH messages USING INTEGER PRIMARY KEY (rowid=?)"),
        (
            "messages_page_ended",
            "SEARCH messages USING INDEX messages_ended (account=? AND env=? AND status=? AND id>? AND id<?)",
        ),
        ("messages_page_open", "SCAN messages USING INDEX messages_open"),  # it holds the open ones alone
    ],
)
def test_a_page_is_found_by_the_index_that_fits(query: str, how: str) -> None:
    text = QUERIES[query].text
    with closing(sqlite3.connect(":memory:")) as connection:
        for migration in MIGRATIONS:
            connection.executescript(migration.text)
        values = VALUES if "?10" in text else VALUES[:9]
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    assert plan[0] == how
    assert not [step for step in plan if step == "SCAN messages"]
