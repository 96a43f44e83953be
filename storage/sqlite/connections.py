"""The connections of one store: the writer's in its thread, readers in theirs, one of the event loop's for the
generation."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from gateway.errors import StoreError
from storage.sqlite import late
from storage.sqlite.checkpoints import Checkpoints
from storage.sqlite.database import READER_PRAGMAS, WRITER_PRAGMAS, Database, connect, translate
from storage.sqlite.files import bring_up_to_date, is_served, schema_lock
from storage.sqlite.lookups import Lookups
from storage.sqlite.recent import Recent

Result = TypeVar("Result")

READERS = 2
"""Threads for look-ups: more would only take the interpreter's lock from each other."""


class Writer:
    """The writer's connection and its transactions: the batcher's engine."""

    def __init__(self, path: Path | None) -> None:
        with schema_lock(path):
            self.connection = connect(path, WRITER_PRAGMAS)
            try:
                bring_up_to_date(self.connection, served=path is not None and is_served(path))
            except sqlite3.Error as error:
                self.connection.close()
                raise translate(error) from error
            except StoreError:
                self.connection.close()
                raise
        self._checkpoints = None if path is None else Checkpoints(path)
        self._execute = self.connection.execute
        self._version = 0
        self.recent = Recent()
        for statement in late.SCHEMA:
            self._execute(statement)
        self.database = Database(self.connection)
        self.recipients = late.LateIndex(self.database, "recipients", ("", "", 0))
        self.digests = late.LateIndex(self.database, "digests", (b"", 0))

    def begin(self) -> None:
        """Take the write lock at once: a transaction that reads first could be refused it later."""
        self._execute("BEGIN IMMEDIATE")
        version = self._execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:  # another process has written
            self._version = version
            self.recent.clear()

    def gather_late_indexes(self) -> None:
        """Once, when a process begins to serve: no request shall wait for it."""
        self.recipients.catch_up()
        self.digests.catch_up()

    def commit(self) -> None:
        """Durable when it returns."""
        if self.database.owed is not None:
            self.database.owed.write()
        self.recipients.before_commit()
        self.digests.before_commit()
        self._execute("COMMIT")
        self.recipients.after_commit()
        self.digests.after_commit()

    def rollback(self) -> None:
        """SQLite has rolled back by itself after some errors."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
        if self.database.owed is not None:
            self.database.owed.forget()
        self.recent.clear()
        self.recipients.after_rollback()
        self.digests.after_rollback()

    def translate(self, error: Exception) -> Exception:
        """See `storage.sqlite.database.translate`."""
        return translate(error)

    def rest(self) -> None:
        """Upkeep of the log."""
        if self._checkpoints is not None:
            self._checkpoints.after_commit(self.connection)

    def close(self) -> None:
        """The last one to close moves the rest of the log and removes it."""
        if self._checkpoints is not None:
            self._checkpoints.close()
        self.connection.close()


class Readers:
    """A few threads, each with a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._own = threading.local()
        self._connections: list[sqlite3.Connection] = []

    async def ask(self, question: Callable[[Lookups], Result]) -> Result:
        """Run a question in one snapshot of the store."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, question)

    async def with_connection(self, use: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run something longer on a connection of its own."""
        return await asyncio.to_thread(self._with_connection, use)

    def close(self) -> None:
        """Wait for running questions and close."""
        self._pool.shutdown(wait=True)
        for connection in self._connections:
            connection.close()

    def _ask(self, question: Callable[[Lookups], Result]) -> Result:
        try:
            connection, lookups = self._mine()
            connection.execute("BEGIN")
            try:
                return question(lookups)
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise translate(error) from error

    def _mine(self) -> tuple[sqlite3.Connection, Lookups]:
        mine: tuple[sqlite3.Connection, Lookups] | None = getattr(self._own, "mine", None)
        if mine is None:
            connection = connect(self._path, READER_PRAGMAS)
            self._connections.append(connection)
            mine = self._own.mine = (connection, Lookups(Database(connection)))
        return mine

    def _with_connection(self, use: Callable[[sqlite3.Connection], Result]) -> Result:
        try:
            connection = connect(self._path, READER_PRAGMAS)
            try:
                return use(connection)
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise translate(error) from error


class Generation:
    """The number that moves when a command has changed something; for the event loop's thread.

    `PRAGMA data_version` moves with any commit of another connection, so the row is read only then.
    """

    def __init__(self, connection: sqlite3.Connection, *, alone: bool) -> None:
        """`alone`: the connection is the writer's own (a store in memory), whose version never moves."""
        self._cursor = connection.cursor()
        self._alone = alone
        self._version = -1
        self._value = 0

    def __call__(self) -> int:
        """The generation now."""
        try:
            version = self._cursor.execute("PRAGMA data_version").fetchone()[0]
            if version != self._version or self._alone:
                query = "SELECT value FROM meta WHERE name = 'generation'"
                self._value = self._cursor.execute(query).fetchone()[0]
                self._version = version
        except sqlite3.Error as error:
            raise translate(error) from error
        return self._value
