"""Moves the write-ahead log into the database file, beside the writer.

The writer never waits for it: a thread with a connection of its own copies the bulk (`PASSIVE` blocks nobody), then
the writer copies the few pages that came meanwhile, between two transactions, so that the log starts from its
beginning again instead of growing for as long as the load lasts.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from pathlib import Path

import structlog

from gateway.errors import StoreError
from storage.sqlite.database import READER_PRAGMAS, connect

LOG_FRAMES = 8_192
"""Pages in the log (32 MiB) at which a checkpoint starts. A page that is written many times meanwhile is copied once;
a larger log would make the first start after a crash slower."""

_LOOK_EVERY = 16
"""Commits between two looks at the log's length."""

_MAX_FRAME_AT = 16
"""Where the index of the log keeps its number of frames (sqlite.org/walformat.html, 2.1), in the machine's order."""

_log = structlog.get_logger(__name__)


class Checkpoints:
    """The checkpoint thread of one store."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._index = os.open(store.with_name(store.name + "-shm"), os.O_RDONLY | os.O_CLOEXEC)
        self._wanted = threading.Event()
        self._bulk_done = threading.Event()
        self._ending = False
        self._commits = 0
        self._thread = threading.Thread(target=self._run, name="store-checkpoint", daemon=True)
        self._thread.start()

    def after_commit(self, writer: sqlite3.Connection) -> None:
        """Called in the writer's thread between transactions."""
        if self._bulk_done.is_set():
            self._bulk_done.clear()
            self._copy(writer, 1)
            return
        self._commits += 1
        if self._commits >= _LOOK_EVERY and not self._wanted.is_set():
            self._commits = 0
            if self.frames() >= LOG_FRAMES:
                self._wanted.set()

    def frames(self) -> int:
        """Pages in the log."""
        return int.from_bytes(os.pread(self._index, 4, _MAX_FRAME_AT), sys.byteorder)

    def close(self) -> None:
        """End the thread."""
        self._ending = True
        self._wanted.set()
        self._thread.join()
        os.close(self._index)

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        while self._wanted.wait() and not self._ending:
            if connection is None:
                connection = self._connect()
            if connection is not None:
                self._copy(connection, 2)  # the second round is short, and leaves little for the writer
            self._wanted.clear()
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
