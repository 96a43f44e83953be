"""What only an embedded store does: one serving process at a time, and backups of its own."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gateway.errors import StoreError, StoreInUse
from storage.open import open_store
from tests.contract.made import NOW, acceptance, message


async def test_a_second_serving_process_is_refused(tmp_path: Path) -> None:
    store, second = (open_store("sqlite:///trunkline.db", tmp_path) for _ in range(2))
    await store.open()
    await second.open()
    owner = await store.register(NOW, "boot-1")
    with pytest.raises(StoreInUse, match=r"serves this store"):
        await second.register(NOW, "boot-1")
    await store.close()
    assert (await second.register(NOW, "boot-1")).token > owner.token
    await second.close()


async def test_a_backup_is_whole_and_leaves_the_store_working(tmp_path: Path) -> None:
    store = open_store("sqlite:///trunkline.db", tmp_path)
    await store.open()
    await store.register(NOW, "boot-1")
    messages = [message(body="x" * 1_000) for _ in range(2_000)]
    await store.accept([acceptance(*messages)])
    seen: list[tuple[int, int]] = []
    target = tmp_path / "copy.db"
    await store.backup(str(target), lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] > 500
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    copy = sqlite3.connect(target)
    assert copy.execute("SELECT count(*) FROM messages").fetchone() == (2_000,)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()
    with pytest.raises(StoreError, match="exists"):
        await store.backup(str(target), None)
    await store.probe()
    await store.close()
