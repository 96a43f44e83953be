"""A copy of a store in use: complete under its name, or nothing at all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Final

from gateway import folders
from gateway.errors import StoreError
from storage.sqlite.database import BUSY_TIMEOUT_MS, make_private

Progress = Callable[[int, int], None]
"""Told how many pages are done, of how many in all."""

STEP_PAGES: Final = 500
"""Pages of one step; between two of them a copy can be stopped."""

_WRITING: Final = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}
_READING: Final = {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ}
"""What SQLite says of the copy's disk, but for what it says of the store's: that one is only read."""


class _Stopped(Exception):
    """Nobody wants the copy any more."""


def copy(source: sqlite3.Connection, path: Path, progress: Progress | None, stop: Event) -> None:
    """Make the copy. Nothing of it is left when it fails, or when `stop` is set before it is done. Raises `StoreError`
    when `path` exists or can't be written.

    The snapshot is held for the whole copy: SQLite begins a backup anew whenever its source has changed, so one of a
    busy store would never end.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        if path.exists():
            raise StoreError(f"{path} exists: name a file that does not")
        _remove(partial)  # of one that was killed
        make_private(partial)
    except OSError as error:
        raise _unwritable(path, source, error) from error
    try:
        _fill(source, partial, progress, stop)
        _synchronise(partial)
        if not stop.is_set():
            _publish(partial, path)
    except _Stopped:
        return
    except sqlite3.Error as error:
        if error.sqlite_errorcode in _READING or error.sqlite_errorcode & 0xFF not in _WRITING:
            raise
        raise _unwritable(path, source, error) from error
    except OSError as error:
        raise _unwritable(path, source, error) from error
    finally:
        _remove(partial)


def _unwritable(path: Path, source: sqlite3.Connection, error: OSError | sqlite3.Error) -> StoreError:
    """For who asked: what to do."""
    why = error.strerror if isinstance(error, OSError) else error
    (pages,), (size,) = (source.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return StoreError(
        f"{path} can't be written ({why}), and nothing of it is left: name a file where you may write, on a disk with "
        f"{pages * size / 1e6:,.1f} MB free"
    )


def _fill(source: sqlite3.Connection, partial: Path, progress: Progress | None, stop: Event) -> None:
    def step(_status: int, left: int, total: int) -> None:
        if stop.is_set():
            raise _Stopped
        if progress is not None:
            progress(total - left, total)

    with closing(sqlite3.connect(partial, timeout=BUSY_TIMEOUT_MS / 1000)) as target:
        try:
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM meta").fetchone()
            source.backup(target, pages=STEP_PAGES, progress=step)
        finally:
            if source.in_transaction:
                source.execute("ROLLBACK")


def _synchronise(partial: Path) -> None:
    fd = os.open(partial, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _publish(partial: Path, path: Path) -> None:
    """Give it its name, to stay: a copy that is told of is there after a power cut too."""
    partial.rename(path)
    try:
        folders.sync(path.parent)
    except OSError:
        path.unlink()
        raise


def _remove(partial: Path) -> None:
    """What is left of a copy that has not become one, with what SQLite keeps beside it."""
    for name in (partial.name, partial.name + "-journal"):
        partial.with_name(name).unlink(missing_ok=True)
