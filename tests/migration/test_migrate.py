"""Migrations: in order, once, all or nothing, from many processes at once; a newer store is refused."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import SchemaTooNew, StoreError
from storage import migrate
from storage.migrate import Migration
from storage.open import open_store
from storage.sqlite.files import MIGRATIONS, bring_up_to_date

ONE = Migration(
    "0001_pre_one", "CREATE TABLE one (a);\n-- a; comment\nINSERT INTO one VALUES ('x;y');\n", "c1"
)
TWO = Migration("0002_post_two", "ALTER TABLE one ADD COLUMN b;\n", "c2")


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        yield opened


def applied(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT name, checksum FROM schema_migrations ORDER BY name").fetchall()


def test_all_are_applied_in_order_and_recorded(connection: sqlite3.Connection) -> None:
    assert bring_up_to_date(connection, [ONE, TWO]) == ["0001_pre_one", "0002_post_two"]
    assert applied(connection) == [("0001_pre_one", "c1"), ("0002_post_two", "c2")]
    assert connection.execute("SELECT a, b FROM one").fetchall() == [("x;y", None)]


def test_a_second_time_nothing_happens(connection: sqlite3.Connection) -> None:
    bring_up_to_date(connection, [ONE])
    assert bring_up_to_date(connection, [ONE]) == []
    assert bring_up_to_date(connection, [ONE, TWO]) == ["0002_post_two"]


def test_a_newer_store_is_refused_and_untouched(connection: sqlite3.Connection) -> None:
    bring_up_to_date(connection, [ONE, TWO])
    with pytest.raises(SchemaTooNew, match="0002_post_two"):
        bring_up_to_date(connection, [ONE])
    assert not connection.in_transaction
    assert len(applied(connection)) == 2


def test_a_file_that_was_changed_afterwards_is_refused(connection: sqlite3.Connection) -> None:
    bring_up_to_date(connection, [ONE])
    changed = Migration(ONE.name, ONE.text, "other")
    with pytest.raises(StoreError, match="0001_pre_one"):
        bring_up_to_date(connection, [changed])


def test_what_the_next_release_has_prepared_is_lived_with(connection: sqlite3.Connection) -> None:
    """The way back until its `post`: a process of this release that ends meanwhile must be able to start again."""
    prepared = Migration("0003_pre_three", "ALTER TABLE one ADD COLUMN c;\n", "c3")
    bring_up_to_date(connection, [ONE, prepared])
    assert bring_up_to_date(connection, [ONE]) == []
    assert bring_up_to_date(connection, [ONE, TWO]) == ["0002_post_two"]


@pytest.mark.parametrize(
    "broken", ["CREATE TABLE two (a);\nNONSENSE;\n", "CREATE TABLE two (a);\nCREATE TABLE x"]
)
def test_a_broken_one_leaves_nothing_of_any(connection: sqlite3.Connection, broken: str) -> None:
    with pytest.raises((sqlite3.Error, StoreError)):
        bring_up_to_date(connection, [ONE, Migration("0002_pre_two", broken, "c")])
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_files_are_named_by_number_and_kind(tmp_path: Path) -> None:
    (tmp_path / "0002_post_b.sql").write_text("SELECT 2;")
    (tmp_path / "0001_pre_a.sql").write_text("SELECT 1;")
    assert [m.name for m in migrate.load(tmp_path)] == ["0001_pre_a", "0002_post_b"]
    (tmp_path / "3_wrong.sql").write_text("")
    with pytest.raises(ValueError, match="3_wrong"):
        migrate.load(tmp_path)


def test_numbers_of_the_real_ones_are_unique_and_without_gaps() -> None:
    assert [int(m.name[:4]) for m in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


_OPEN = """
import asyncio, sys
from pathlib import Path
from storage.open import open_store

async def main():
    store = open_store("sqlite:///trunkline.db", Path(sys.argv[1]))
    await store.open()
    await store.probe()
    await store.close()

asyncio.run(main())
"""


def test_processes_that_start_at_the_same_moment_make_one_store(tmp_path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", _OPEN, str(tmp_path)], stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    connection = sqlite3.connect(tmp_path / "trunkline.db")
    assert len(applied(connection)) == len(MIGRATIONS)
    assert connection.execute("SELECT value FROM meta WHERE name = 'probe'").fetchone() == (4,)
    connection.close()


async def test_opening_a_store_of_a_newer_release_says_so(tmp_path: Path) -> None:
    store = open_store("sqlite:///trunkline.db", tmp_path)
    await store.open()
    await store.close()
    connection = sqlite3.connect(tmp_path / "trunkline.db", isolation_level=None)
    connection.execute("INSERT INTO schema_migrations (name, checksum) VALUES ('9999_post_later', 'x')")
    connection.close()
    newer = open_store("sqlite:///trunkline.db", tmp_path)
    with pytest.raises(SchemaTooNew, match="9999_post_later"):
        await newer.open()
    await asyncio.wait_for(newer.close(), 10)
