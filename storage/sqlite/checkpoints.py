"""Moves the write-ahead log into the database file, beside the writer.

The writer never waits for it: a thread with a connection of its own copies the bulk (`PASSIVE` blocks nobody), then
the writer copies the few pages that came meanwhile, between two transactions, so that the log starts from its
beginning again instead of growing for as long as the load lasts.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import structlog

from gateway.errors import StoreError
from storage.sqlite.database import READER_PRAGMAS, connect

LOG_PAGES = 8_192
"""Pages in the log (32 MiB), about, at which a checkpoint starts. A page that is written many times meanwhile is copied
once; a longer log would make the first start after a crash slower."""

PAGES_PER_COMMIT, ROWS_PER_PAGE = 8, 8
"""How the log grows, as measured: 13 pages by a commit of one message's rows, 56 by one of 40 messages'. Estimated
from the rows changed, which are counted without asking anybody: the log's own length stands in its index, which must
not be opened beside SQLite, for closing it again would drop this process's locks on it
(https://www.sqlite.org/howtocorrupt.html, 2.2)."""

_log = structlog.get_logger(__name__)


class Checkpoints:
    """The checkpoint thread of one store."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._wanted = threading.Event()
        self._bulk_done = threading.Event()
        self._ending = False
        self._pages = 0
        self._rows = 0
        self._thread = threading.Thread(target=self._run, name="store-checkpoint", daemon=True)
        self._thread.start()

    def after_commit(self, writer: sqlite3.Connection) -> None:
        """Called in the writer's thread between transactions."""
        if self._bulk_done.is_set():
            self._bulk_done.clear()
            self._copy(writer, 1)
        rows = writer.total_changes - self._rows
        self._rows += rows
        self._pages += PAGES_PER_COMMIT + rows // ROWS_PER_PAGE if rows else 0
        if self._pages >= LOG_PAGES and not self._wanted.is_set():
            self._pages = 0
            self._wanted.set()

    def close(self) -> None:
        """End the thread."""
        self._ending = True
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        while True:
            self._wanted.wait()
            self._wanted.clear()  # before the work: what is asked meanwhile, the end above all, must not be lost
            if self._ending:
                break
            if connection is None:
                connection = self._connect()
            if connection is not None:
                self._copy(connection, 2)  # the second round is short, and leaves little for the writer
            self._bulk_done.set()
        if connection is not None:
            connection.close()

    def _connect(self) -> sqlite3.Connection | None:
        try:
            return connect(self._store, READER_PRAGMAS[:1])
        except StoreError as error:
            _log.warning("store.checkpoint_failed", error=str(error))
            return None

    def _copy(self, connection: sqlite3.Connection, rounds: int) -> None:
        """Failing is no disaster: the log stays whole and grows, and the writer's own commits tell the gateway of a
        full disk."""
        try:
            for _ in range(rounds):
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            _log.warning("store.checkpoint_failed", error=str(error))
