"""The disk is asked to keep a folder's names, with the call that does it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gateway import folders


def test_a_folder_itself_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[int, bool]] = []

    def fsync(descriptor: int) -> None:
        found = os.fstat(descriptor)
        synced.append((found.st_ino, stat.S_ISDIR(found.st_mode)))

    monkeypatch.setattr(os, "fsync", fsync)
    folders.sync(tmp_path)
    assert synced == [(tmp_path.stat().st_ino, True)]


def test_nothing_is_left_open(tmp_path: Path) -> None:
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for _ in range(3):
        folders.sync(tmp_path)
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


def test_what_is_no_folder_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(NotADirectoryError):
        folders.sync(file)
