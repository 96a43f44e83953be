"""PostgreSQL connections that speak in named queries, and the map from the driver's errors to the gateway's.

The values on the wire are those of `storage.rows`: ids are 16 bytes and times are microseconds since 1970, so
that both engines share one way from objects to rows and back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from gateway.errors import Conflict, Fenced, StoreError, StoreUnavailable
from storage.queries import load

Row = Sequence[Any]

QUERIES = load(Path(__file__).parent)

EPOCH_2000_US = 946_684_800_000_000
"""PostgreSQL counts microseconds from here."""

CONNECT_TIMEOUT_S = 5.0

REQUEST_S = 10.0
"""A statement of a request takes milliseconds: one that takes this long waits for something that does not come."""

LONG_S = 60.0
"""The same for what goes over many rows: purges, exports, proofs of the ledger."""

SERVERS_SHARE = 0.8
"""Of such a time: after so much of it the server itself ends a statement, if it can, and its word comes in time."""

WAIT_SHARE = 0.5
"""Of such a time: so long others are waited for, before the server is asked for anything. None of the connections
becomes free when each waits for a server that says nothing. Who came later would have to wait for all who came before,
a group of the pool's size after the other."""

LOCK_TIMEOUT_S = 10.0
IDLE_TIMEOUT_S = 5.0
"""How long a process may stand still inside a transaction before the server ends it, and with it its locks: one that
was paused must not hold up those who take over."""

SETTINGS = {
    "application_name": "trunkline",
    "TimeZone": "UTC",
    "default_transaction_isolation": "read committed",
    "lock_timeout": f"{LOCK_TIMEOUT_S:.0f}s",
    "idle_in_transaction_session_timeout": f"{IDLE_TIMEOUT_S:.0f}s",
    # Every statement looks up by an index, whatever the tables' sizes were when it was planned, and is planned once.
    # The planner prices a look-up by id at one probe per partition, for it can't know that only one is made.
    "plan_cache_mode": "force_generic_plan",
    "random_page_cost": "1.1",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
    "enable_memoize": "off",
    "jit": "off",
}

FENCED = "TL001"
"""SQLSTATE of `begin_as` for a process that has been ended."""

RETRIED = frozenset({"40001", "40P01"})
"""Serialization failure, deadlock: the whole transaction again."""

_UNAVAILABLE_CLASSES = frozenset({"08", "28", "3D", "53", "57", "58", "XX"})
"""Connection, authorization, no such database, resources, operator's intervention, system, internal."""

_UNAVAILABLE = frozenset({"25006", "25P03", "25P04", "55P03", "42501"})
"""Read-only, ended while idle in a transaction, lock not available, no privilege."""

_NOT_OURS = frozenset({"42P01", "42883"})
"""No such table, no such function: a stand-in without its data took the address over. What is asked for waits until the
right one is back."""


class Database:
    """Named queries on one connection."""

    __slots__ = ("_clean", "connection", "generation", "process")

    def __init__(self, connection: Any, *, clean: bool = False) -> None:
        """`clean`: texts may hold U+0000, which PostgreSQL does not take: U+FFFD stands for it then."""
        self.connection = connection
        self.generation = 0  #: what this transaction has moved it to, if it has
        self.process = 0  #: in whose name it writes; 0: in nobody's
        self._clean = clean

    async def all(self, name: str, *values: Any) -> list[Any]:
        """Every row of a query."""
        if self._clean:
            values = tuple(map(_cleaned, values))
        rows: list[Any] = await self.connection.fetch(QUERIES[name].text, *values)
        return rows

    async def one(self, name: str, *values: Any) -> Any:
        """The first row, or None."""
        if self._clean:
            values = tuple(map(_cleaned, values))
        return await self.connection.fetchrow(QUERIES[name].text, *values)

    async def run(self, name: str, *values: Any) -> int:
        """Execute a statement; how many rows it changed."""
        if self._clean:
            values = tuple(map(_cleaned, values))
        status: str = await self.connection.execute(QUERIES[name].text, *values)
        return int(status.rpartition(" ")[2])

    async def many(self, name: str, table: Iterable[Row], *values: Any) -> list[Any]:
        """A statement over rows, each column one array; `values` follow the arrays. No statement without a row."""
        columns = list(zip(*table, strict=True))
        return await self.all(name, *columns, *values) if columns else []


def _cleaned(value: Any) -> Any:
    """A value, or an array of them, without U+0000."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    return [_cleaned(each) for each in value] if isinstance(value, list | tuple) else value


class Pool:
    """Connections, made as they are needed and kept, at most `size`. For one event loop. A statement may take up
    to `limit_s`; `wait_s` is how long others are waited for."""

    def __init__(self, url: str, size: int, limit_s: float = REQUEST_S) -> None:
        self.url = url
        self._size = size
        self._limit_s = limit_s
        self.wait_s = limit_s * WAIT_SHARE
        self._made = 0
        self._idle: list[Any] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed = True

    async def open(self, *, at_once: bool = True) -> None:
        """Make the first connection; unless `at_once`, when it is asked for. Raises `StoreUnavailable`."""
        self._closed = False
        if at_once:
            self.give(await self.take())

    async def close(self) -> None:
        """Close the connections; those in use are closed when they are given back."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*map(leave, idle))

    async def take(self, until: float | None = None) -> Any:
        """A connection, which `give` takes back. `until`, on the loop's clock: how long others are waited for, where
        that has begun before. Raises `StoreUnavailable` when none can be had, or not in time: the server was asked for
        nothing then."""
        if until is None:
            until = asyncio.get_running_loop().time() + self.wait_s
        while True:
            if self._closed:
                raise StoreUnavailable("the store is closed")
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
                self._made -= 1
            if self._made < self._size:
                return await self._make()
            try:
                async with asyncio.timeout_at(until):
                    await self._wait()
            except TimeoutError:
                raise StoreUnavailable(
                    f"all {self._size} connections to PostgreSQL were busy for {self.wait_s:g} s: check its load and "
                    "the network to it"
                ) from None

    def give(self, connection: Any) -> None:
        """Take it back, outside of any transaction; a broken one is forgotten."""
        if self._closed:
            connection.terminate()
        if connection.is_closed():
            self._made -= 1
            self._forget_idle()
        else:
            self._idle.append(connection)
        self._wake()

    def _forget_idle(self) -> None:
        """One has broken: the others may be as dead, and each would cost somebody the whole limit to find out."""
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.terminate()
        self._made -= len(idle)

    async def _make(self) -> Any:
        self._made += 1
        try:
            return await connect(self.url, self._limit_s)
        except BaseException:
            self._made -= 1
            self._wake()
            raise

    async def _wait(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._wake()  # it was this one's turn
            raise

    def _wake(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return


_OPTIONS: dict[str, Any] = {
    "statement_cache_size": 500,
    "max_cached_statement_lifetime": 0,
    "max_cacheable_statement_size": 0,
}

FAULTS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server's last word came at the same moment as our next statement
    OSError,
    TimeoutError,
)
"""What the driver raises."""


async def connect(url: str, limit_s: float | None = REQUEST_S) -> Any:
    """A connection beside the pool, on which a statement may take up to `limit_s`; None: as long as it takes. Raises
    `StoreUnavailable`, whatever the server has against it: nothing was asked of it yet."""
    servers_ms = 0 if limit_s is None else round(limit_s * SERVERS_SHARE * 1000)  # 0: no limit
    try:
        connection = await asyncpg.connect(
            url,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=limit_s,
            server_settings={**SETTINGS, "statement_timeout": f"{servers_ms}ms"},
            **_OPTIONS,
        )
        try:
            await prepare(connection)
        except BaseException:  # cancelled too: nobody else has it
            connection.terminate()
            raise
    except FAULTS as error:
        translated = translate(error)
        if not isinstance(translated, StoreUnavailable):
            translated = StoreUnavailable(
                f"PostgreSQL takes no connection ({error}): check the server, its log and [store] url"
            )
        raise translated from error
    return connection


async def leave(connection: Any) -> None:
    """Close a connection, politely if the server is there."""
    try:
        await connection.close(timeout=CONNECT_TIMEOUT_S)
    except FAULTS:
        connection.terminate()


async def prepare(connection: Any) -> None:
    """Teach a new connection our values, and that a commit is durable, whatever the server's default says."""
    await connection.set_type_codec(
        "uuid", schema="pg_catalog", format="binary", encoder=bytes, decoder=bytes
    )
    await connection.set_type_codec(
        "timestamptz", schema="pg_catalog", format="tuple", encoder=_time_to_wire, decoder=_time_of_wire
    )
    await connection.execute(QUERIES["durable_commits"].text)


def _time_to_wire(at_us: int) -> tuple[int]:
    return (at_us - EPOCH_2000_US,)


def _time_of_wire(value: tuple[int]) -> int:
    return value[0] + EPOCH_2000_US


def has_broken(connection: Any, error: BaseException) -> bool:
    """Whether the connection is of no more use after this error: the server has said nothing, or its last word."""
    if connection.is_closed() or not isinstance(error, asyncpg.PostgresError):
        return True
    return str(error.sqlstate).startswith("57P")  # shut down by an operator or a crash


def was_cut(error: BaseException) -> bool:
    """Whether the connection went, and not the server's answer: a new connection may do at once what this one could
    not. After a restart of the server each of the old ones fails like this."""
    if isinstance(error, TimeoutError):
        return False
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate)[:3] in ("57P", "25P") or str(error.sqlstate)[:2] == "08"
    return not isinstance(error, ValueError)


def is_retried(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again at once."""
    if isinstance(
        error, asyncpg.InvalidCachedStatementError
    ):  # a newer release has migrated the schema meanwhile
        return True
    return isinstance(error, asyncpg.PostgresError) and error.sqlstate in RETRIED


def is_unclean(error: BaseException) -> bool:
    """Whether a text held U+0000: it is rare, so nobody looks for it before."""
    return isinstance(error, asyncpg.CharacterNotInRepertoireError)


def translate(error: BaseException) -> BaseException:
    """The gateway's error for one of the driver; any other stays as it is."""
    translated = _translated(error)
    if translated is None:
        return error
    translated.__cause__ = error
    return translated


def _translated(error: BaseException) -> StoreError | Conflict | None:
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        if state == FENCED:
            return Fenced(
                "this process's lease was ended by another one: register again, and let go of what it held"
            )
        if state in _UNAVAILABLE or state[:2] in _UNAVAILABLE_CLASSES:
            return StoreUnavailable(
                f"PostgreSQL can't be used now ({error}): check the server, its log and [store] url"
            )
        if state in _NOT_OURS:
            return StoreUnavailable(
                f"the database is not the gateway's any more ({error}): another server answers where [store] url "
                "leads, or a newer release has been put in place with `trunkline migrate`"
            )
        if state[:2] == "23":
            return Conflict(f"the store holds something that contradicts this: {error}")
        return StoreError(f"the store refused a statement: {error}")
    if isinstance(error, ValueError):  # the driver could not send a value
        return StoreError(f"the store refused a value: {error}")
    if isinstance(error, TimeoutError):
        return StoreUnavailable("PostgreSQL does not answer in time: check its load and the network to it")
    if isinstance(error, OSError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return StoreUnavailable(
            f"PostgreSQL can't be reached ({error}): check that it runs, and host and port in [store] url"
        )
    return None
