"""One SQLite connection that speaks in named queries, and the map from the driver's errors to the gateway's."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from gateway.errors import Conflict, StoreError, StoreUnavailable
from storage.queries import EXACT_ROWS, chunks, load

Row = tuple[Any, ...]

QUERIES = load(Path(__file__).parent)

_SEES_STATES = frozenset(name for name, query in QUERIES.items() if "messages" in query.text) - {
    "insert_messages",
    "write_open",
    "write_ended",
}
"""Queries that must not run while states of messages are owed; those that only look at their other columns too, for
they are rare."""

BUSY_TIMEOUT_MS = 5_000
"""How long a write waits for another process (a command's short transaction) before the store counts as locked."""

CACHE_KIB = 32 * 1024
"""Pages that the writer keeps: the ends of the tables and the inner pages of the indexes."""

WRITER_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an fsync before each answer: promise 1
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA temp_store = MEMORY",
    f"PRAGMA cache_size = -{CACHE_KIB}",
    "PRAGMA wal_autocheckpoint = 0",  # storage/sqlite/checkpoints.py does it beside the writer
    "PRAGMA foreign_keys = OFF",  # messages, parts and refs are dropped apart, by age
)

READER_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA query_only = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 0",
)

# sqlite3 binds numbers and text as they are, but asks every bytes and None for `__adapt__` and `__conform__` first,
# which takes three times as long as to bind it. Named adapters come before that: two in C that return what they get.
_NONE: dict[None, None] = {}
sqlite3.register_adapter(bytes, bytes.__bytes__)
sqlite3.register_adapter(type(None), _NONE.get)

_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_NOTADB,
    }
)
"""Faults of the disk, the file or another process: trying again later may help."""


def connect(path: Path | None, pragmas: Sequence[str]) -> sqlite3.Connection:
    """A connection whose transactions are begun and ended by hand, usable from any one thread at a time.

    Raises `StoreUnavailable` for a file that can't be opened or is no store.
    """
    try:
        if path is not None:
            make_private(path)
        connection = sqlite3.connect(
            ":memory:" if path is None else path,
            timeout=BUSY_TIMEOUT_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=1_000,
        )
    except (sqlite3.Error, OSError) as error:
        raise translate(error) from error
    try:
        for pragma in pragmas:
            connection.execute(pragma).fetchall()
    except sqlite3.Error as error:
        connection.close()
        raise translate(error) from error
    return connection


def make_private(path: Path) -> None:
    """Make the file for its owner alone before SQLite makes it for everybody: it holds what tenants write. The log and
    its index get the same rights from SQLite.

    A file that exists is never opened here: to close it again would drop the locks that this process's other
    connections hold on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return


def translate(error: Exception) -> Exception:
    """The gateway's error for one of the driver; any other stays as it is."""
    if isinstance(error, OSError):
        return StoreUnavailable(f"the store can't be opened ({error.strerror}): check its path and rights")
    if not isinstance(error, sqlite3.Error):
        return error
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # extended codes in the upper bits
    translated: StoreError | Conflict
    if code == sqlite3.SQLITE_CONSTRAINT:
        translated = Conflict(f"the store holds something that contradicts this: {error}")
    elif code in _UNAVAILABLE:
        translated = StoreUnavailable(
            f"the store can't be read or written now ({error}): check its disk and file"
        )
    else:  # a fault in our own SQL or parameters
        translated = StoreError(f"the store refused a statement: {error}")
    translated.__cause__ = error
    return translated


class Owed(Protocol):
    """States of messages that a transaction has put off (storage/sqlite/unwritten.py)."""

    def write(self) -> None:
        """Owe nothing any more."""
        ...

    def forget(self) -> None:
        """The transaction is undone."""
        ...


class Database:
    """Named queries on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._execute = connection.execute
        self.owed: Owed | None = None

    def all(self, name: str, *values: Any) -> list[Row]:
        """Every row of a query."""
        if self.owed is not None and name in _SEES_STATES:
            self.owed.write()
        return self._execute(QUERIES[name].text, values).fetchall()

    def one(self, name: str, *values: Any) -> Row | None:
        """The first row, or None."""
        if self.owed is not None and name in _SEES_STATES:
            self.owed.write()
        row: Row | None = self._execute(QUERIES[name].text, values).fetchone()
        return row

    def run(self, name: str, *values: Any) -> int:
        """Execute a statement; how many rows it changed."""
        if self.owed is not None and name in _SEES_STATES:
            self.owed.write()
        return self._execute(QUERIES[name].text, values).rowcount

    def insert(self, name: str, flat: Sequence[Any], width: int) -> int:
        """`many` for new rows of an AUTOINCREMENT table: the last one's number. The others have those just before."""
        query = QUERIES[name]
        last = 0
        for start, end in chunks(len(flat) // width):
            last = self._execute(query.rows(end - start), flat[start * width : end * width]).lastrowid or 0
        return last

    def many(self, name: str, flat: Sequence[Any], width: int = 1, head: Sequence[Any] = ()) -> list[Row]:
        """A statement with a repeated group of `width` values per row, `flat` holding those of all rows, `head` those
        that stand before."""
        if not flat:
            return []
        if self.owed is not None and name in _SEES_STATES:
            self.owed.write()
        query = QUERIES[name]
        total = len(flat) // width
        if total <= EXACT_ROWS:  # the common case, without slicing
            return self._execute(query.rows(total), [*head, *flat] if head else flat).fetchall()
        found: list[Row] = []
        for start, end in chunks(total):
            values = [*head, *flat[start * width : end * width]]
            found += self._execute(query.rows(end - start), values).fetchall()
        return found
