"""A store's URL."""

from __future__ import annotations

import asyncio
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import StoreError, StoreUnavailable
from storage.open import open_store
from storage.sqlite.store import SqliteStore


def path_of(url: str, relative_to: Path | None = None) -> Path | None:
    store = open_store(url, relative_to)
    assert isinstance(store, SqliteStore)
    return store.path


def test_four_slashes_are_absolute_and_three_relative(tmp_path: Path) -> None:
    assert path_of("sqlite:////var/lib/trunkline/trunkline.db") == Path("/var/lib/trunkline/trunkline.db")
    assert path_of("sqlite:///data/trunkline.db", tmp_path) == tmp_path / "data" / "trunkline.db"
    assert path_of("sqlite:///trunkline.db") == Path.cwd() / "trunkline.db"
    assert path_of("sqlite://") is None


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("postgresql://localhost", "with the database's name"),
        ("postgresql://localhost/", "with the database's name"),
        ("postgresql://localhost:x/trunkline", "with the database's name"),
        ("mysql://x", "sqlite:////absolute"),
        ("trunkline.db", "sqlite:////absolute"),
        ("sqlite:trunkline.db", "sqlite:////absolute"),
        ("sqlite://trunkline.db", "four slashes"),
        ("sqlite:///", "four slashes"),
        ("sqlite:////", "four slashes"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(url: str, hint: str) -> None:
    with pytest.raises(StoreError, match=hint):
        open_store(url)


async def test_a_folder_that_is_missing_is_made_and_one_that_cannot_be_is_told(tmp_path: Path) -> None:
    store = open_store("sqlite:///a/b/trunkline.db", tmp_path)
    await store.open()
    await store.close()
    assert (tmp_path / "a" / "b" / "trunkline.db").exists()
    (tmp_path / "file").write_text("")
    impossible = open_store("sqlite:///file/trunkline.db", tmp_path)
    with pytest.raises(StoreUnavailable, match=r"can't be opened"):
        await impossible.open()


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "trunkline.db").write_text("this is a text, and a long one at that" * 100)
    store = open_store("sqlite:///trunkline.db", tmp_path)
    with pytest.raises(StoreUnavailable, match="check its disk and file"):
        await store.open()


async def test_a_store_and_its_copies_are_their_owners_alone(tmp_path: Path) -> None:
    """They hold what tenants write, whatever the umask says."""
    before = os.umask(0o022)
    try:
        store = open_store("sqlite:///t.db", tmp_path)
        await store.open()
        await store.post_command("pause", "alpha", datetime(2026, 4, 18, tzinfo=UTC))
        await store.backup(str(tmp_path / "copy.db"), None)
        modes = await asyncio.to_thread(_modes, tmp_path)
        await store.close()
    finally:
        os.umask(before)
    assert {"t.db", "t.db-wal", "copy.db"} <= set(modes)
    assert set(modes.values()) == {0o600}


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
