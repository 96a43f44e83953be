"""The store's file: its locks and its schema."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.errors import StoreError, StoreInUse, StoreUnavailable
from storage import migrate

MIGRATIONS = migrate.load(Path(__file__).parent.parent / "migrations" / "sqlite")

_APPLIED_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID
"""


class ServeLock:
    """The lock of the one process that serves a store. The system frees it when the process ends, however it ends."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._path = _serve_lock(store)
        self._fd: int | None = None

    def take(self) -> None:
        """Raises `StoreInUse` when another process holds it. Taking it twice is fine."""
        if self._fd is not None:
            return
        fd = _open(self._path)
        try:
            with schema_lock(self._store):  # not while `is_served` has it in hand
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(fd)
            raise StoreInUse(
                f"another process (pid {holder}) serves this store: stop it first, or give this one a store of its own"
            ) from error
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd

    def drop(self) -> None:
        """Free the lock."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def is_served(store: Path) -> bool:
    """Whether a process serves the store. To be asked under its `schema_lock`."""
    fd = _open(_serve_lock(store))
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _serve_lock(store: Path) -> Path:
    return store.with_name(store.name + ".lock")


@contextmanager
def schema_lock(store: Path | None) -> Iterator[None]:
    """Held while a store is made or migrated: two processes may start at the same moment."""
    if store is None:
        yield
        return
    fd = _open(store.with_name(store.name + ".migrate"))
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnavailable(f"{path} can't be opened: {error.strerror or error}") from error


def bring_up_to_date(
    connection: sqlite3.Connection, migrations: list[migrate.Migration] = MIGRATIONS, *, served: bool = False
) -> list[str]:
    """Apply the migrations that the store needs, all or nothing; their names. While a process serves it those of
    `post` wait: it may be of the release before, and this one a command that somebody ran before the restart.

    Raises `SchemaTooNew` and `StoreError` as `storage.migrate.missing` does.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_APPLIED_TABLE)
        applied = dict(connection.execute("SELECT name, checksum FROM schema_migrations").fetchall())
        names = []
        for migration in migrate.missing(migrations, applied):
            if served and migration.phase == "post":
                continue
            for statement in _statements(migration):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_migrations (name, checksum) VALUES (?, ?)",
                (migration.name, migration.checksum),
            )
            names.append(migration.name)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return names


def _statements(migration: migrate.Migration) -> Iterator[str]:
    """The single statements of a file: `executescript` would commit before the first."""
    pending = ""
    for line in migration.text.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip() and not all(line.startswith("--") for line in pending.strip().splitlines()):
        raise StoreError(f"migration {migration.name} ends inside a statement: install the release again")
