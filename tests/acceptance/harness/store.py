"""A world's store as the tests see it, behind the gateway's back: read, held, changed by hand, on either engine."""

from __future__ import annotations

import asyncio
import enum
import io
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from tests.engines import postgres, redis

LEASE_S = 3
"""Of a process that shares its store: what a killed one held is free after so long."""


class Engine(enum.StrEnum):
    """What a template's store is kept in."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"  #: and Redis beside it


class Store(Protocol):
    """The store of one world."""

    tables: dict[str, Any]  #: what a configuration says to come here

    async def count(self, numbers: str) -> int:
        """How many messages to recipients LIKE this it holds, in one transaction."""

    async def dump(self) -> str:
        """Every row of every table, as text."""

    async def change(self, statement: str) -> None:
        """Execute a statement and commit."""

    def held(self) -> AbstractAsyncContextManager[None]:
        """Nobody else can write while this lasts; readers go on."""


class File:
    """A store of SQLite."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.tables: dict[str, Any] = {"store": {"url": f"sqlite:///{path.name}"}}

    async def count(self, numbers: str) -> int:
        """See `Store`. In a thread, as another process would."""
        return await asyncio.to_thread(self._count, numbers)

    def _count(self, numbers: str) -> int:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as connection:
            query = "SELECT count(*) FROM messages WHERE recipient LIKE ?"
            ((count,),) = connection.execute(query, (numbers,))
            return int(count)

    async def dump(self) -> str:
        """See `Store`."""
        with closing(sqlite3.connect(self._path)) as connection:
            return "\n".join(connection.iterdump())

    async def change(self, statement: str) -> None:
        """See `Store`."""
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute(statement)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """See `Store`."""
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield


class Database:
    """A store of PostgreSQL, whose processes share a Redis."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.tables: dict[str, Any] = {
            "store": {"url": url},
            "redis": {"url": redis.shared().url, "prefix": url.rpartition("/")[2]},
            "process": {"lease_s": LEASE_S},
        }

    async def count(self, numbers: str) -> int:
        """See `Store`."""
        async with self._connection() as connection:
            query = "SELECT count(*) FROM messages WHERE recipient LIKE $1"
            return int(await connection.fetchval(query, numbers))

    async def dump(self) -> str:
        """See `Store`. What is readable in octets is shown so."""
        out = io.BytesIO()
        async with self._connection() as connection:
            await connection.execute("SET bytea_output = 'escape'")
            for table in await self._tables(connection):
                out.write(f"{table}\n".encode())
                await connection.copy_from_query(f"SELECT * FROM {table}", output=out)
        return out.getvalue().decode()

    async def change(self, statement: str) -> None:
        """See `Store`."""
        async with self._connection() as connection:
            await connection.execute(statement)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """See `Store`."""
        async with self._connection() as connection:
            tables = ", ".join(await self._tables(connection))
            await self._lock(connection, tables)
            yield

    async def _lock(self, connection: Any, tables: str) -> None:
        """One table after the other is locked, so the gateway may be in the way, and we in its: then once more."""
        while True:
            await connection.execute("BEGIN")
            try:
                await connection.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
            except asyncpg.DeadlockDetectedError:
                await connection.execute("ROLLBACK")
            else:
                return

    async def _tables(self, connection: Any) -> list[str]:
        """Those that hold rows of their own or have parts that do; parts come with them."""
        query = "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        rows = await connection.fetch(
            f"{query} AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY oid"
        )
        assert rows, "no table was found"
        return [row[0] for row in rows]

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        connection = await asyncpg.connect(self._url)
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def copied(url: str, folder: Path) -> AsyncIterator[Store]:
    """The store of a world in this folder, into which the files of a template were laid: `url` is the template's. A
    database is copied, and dropped in the end."""
    if url.startswith("sqlite:"):
        yield File(folder / url.rpartition("/")[2])
        return
    cluster = postgres.shared()
    copy = await cluster.empty(url.rpartition("/")[2])
    try:
        yield Database(copy)
    finally:
        await cluster.drop(copy)
