"""Group commit: concurrent callers of the same verb share a transaction, on a few connections at a time.

A verb is a coroutine function `verb(database, calls, *extra)`: `calls` is a list of item lists, and one result per call
comes back. It runs inside a transaction and may run again from its start.

Rules:
 1. A call runs at once while fewer than `LANES` groups of its verb are under way. Else it gathers with others, and is
    told that the server is slow where those before it take too long. A group that asks what became of its commit is
    not counted: others are told meanwhile that the server is away.
 2. Groups of one verb may run side by side: what two of them touch is locked row by row, in the order of the keys.
 3. A transaction that met another one (deadlock, serialization, a race for a key) is run again whole; and once when
    its connection was cut, for a new one may be had.
 4. One that fails otherwise is rolled back and each call runs again alone: one bad call never fails its batch-mates.
    A store that is down fails them all at once.
 5. What is written in a process's name begins with `begin_as`: a process that was fenced writes nothing.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import asyncpg

from gateway.errors import Fenced, StoreUnavailable
from gateway.ports import Owner
from storage.batcher import MAX_BATCH_ITEMS, MAX_WAITING_CALLS, OnCommit
from storage.postgres.database import (
    FAULTS,
    Database,
    Pool,
    has_broken,
    is_retried,
    is_unclean,
    translate,
    was_cut,
)

Verb = Callable[..., Awaitable[Sequence[Any]]]
Result = TypeVar("Result")

LANES = 2
"""Groups of one verb that run side by side: one builds its statements while the other waits for its commit."""

MAX_TRIES = 12
"""How often a transaction runs that meets others. The last pauses are some 100 ms, and one of them wins each time."""

PAUSE_S = 0.001
"""The first pause before it runs again; it doubles, with jitter."""

ROLL_BACK_TIMEOUT_S = 2.0
"""Of a rollback: beyond it the connection is given up, and with it the transaction. Whoever is cancelled while the
server says nothing, as a probe is whose time is over, would wait as long as for a statement."""

OUTCOME_TIMEOUT_S = 30.0
"""How long, from its beginning, the outcome of a commit is asked for whose connection broke: a restart of the server,
or a fail-over."""


_SLOW = (
    "PostgreSQL took too long over what was asked of it before, and was not asked for this: check its load, its locks "
    "and the network to it"
)


class Raced(Exception):
    """Another transaction has written what this one did not see: run it again."""


class DaysMissing(Exception):
    """Messages of these days have no partition yet."""

    def __init__(self, days: Sequence[date]) -> None:
        super().__init__(days)
        self.days = days


@dataclass(slots=True)
class _Call:
    items: Sequence[Any]
    future: asyncio.Future[Any]
    until: float  #: on the loop's clock: so long it waits for others


@dataclass(slots=True)
class _Lane:
    """The calls of one verb (and the same `extra`, in the same name) that wait, and how many groups are under way."""

    key: tuple[Any, ...]
    verb: Verb
    extra: tuple[Any, ...]
    owner: Owner | None
    waiting: deque[_Call] = field(default_factory=deque)
    running: int = 0


class Groups:
    """All transactions of a store."""

    def __init__(
        self,
        pool: Pool,
        make_days: Callable[[Sequence[date]], Awaitable[object]],
        on_generation: Callable[[int], None],
        on_commit: OnCommit | None = None,
    ) -> None:
        """`on_generation` is told what a commit has moved the generation to, `on_commit(seconds, items)` of each."""
        self._pool = pool
        self._make_days = make_days
        self._on_generation = on_generation
        self._on_commit = on_commit
        self._lanes: dict[tuple[Any, ...], _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._under_way: set[asyncio.Future[None]] = set()

    async def close(self) -> None:
        """Wait for every call."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def call(self, verb: Verb, items: Sequence[Any], *extra: Any, owner: Owner | None = None) -> Any:
        """Run `verb` over `items` in a shared transaction, in the name of `owner`; returns when it is committed.

        Raises what the verb raised, `Fenced`, or `StoreUnavailable`; nothing of the call was kept then.
        """
        if self._waiting >= MAX_WAITING_CALLS:
            raise StoreUnavailable(f"{MAX_WAITING_CALLS} calls wait for PostgreSQL; try again later")
        key = (verb, owner, *extra)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(key, verb, extra, owner)
        loop = asyncio.get_running_loop()
        call = _Call(items, loop.create_future(), loop.time() + self._pool.wait_s)
        lane.waiting.append(call)
        self._waiting += 1
        self._begin(lane)
        return await call.future

    async def alone(self, act: Callable[[Database], Awaitable[Result]], owner: Owner | None = None) -> Result:
        """Something that joins nothing, in a transaction of its own."""
        return await self._with_retries(act, owner, 1, None, None)

    async def told(self) -> None:
        """Wait until every transaction that is under way now has ended, and its callers know how."""
        if self._under_way:
            await asyncio.wait(tuple(self._under_way))

    # --- a lane

    def _begin(self, lane: _Lane) -> None:
        """Take up what waits, if another group may run."""
        if lane.waiting and lane.running < LANES:
            lane.running += 1
            task = asyncio.create_task(self._run(lane), name="store-group")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, lane: _Lane) -> None:
        """Group after group, until nothing waits."""
        while lane.waiting:
            batch = self._gather(lane)
            if batch:
                await self._settle(lane, batch)
        lane.running -= 1
        if not lane.running and self._lanes.get(lane.key) is lane:
            del self._lanes[lane.key]

    def _gather(self, lane: _Lane) -> list[_Call]:
        batch: list[_Call] = []
        size = 0
        now = asyncio.get_running_loop().time()
        while lane.waiting and size < MAX_BATCH_ITEMS:
            call = lane.waiting.popleft()
            self._waiting -= 1
            if call.until < now:
                _fail(call, StoreUnavailable(_SLOW))
            elif not call.future.done():  # else its caller was cancelled
                batch.append(call)
                size += len(call.items)
        return batch

    async def _settle(self, lane: _Lane, batch: list[_Call]) -> None:
        error = await self._attempt(lane, batch)
        if error is None:
            return
        if isinstance(error, StoreUnavailable | Fenced) or len(batch) == 1:
            for call in batch:
                _fail(call, error)
            return
        for call in batch:
            alone = await self._attempt(lane, [call])
            if alone is not None:
                _fail(call, alone)

    async def _attempt(self, lane: _Lane, batch: list[_Call]) -> BaseException | None:
        """One group in one transaction; the error that ended it, if one did."""
        calls = [call.items for call in batch]

        async def act(database: Database) -> Sequence[Any]:
            return await lane.verb(database, calls, *lane.extra)

        try:
            results = await self._with_retries(act, lane.owner, sum(map(len, calls)), lane, batch[0].until)
        except Exception as error:  # noqa: BLE001 the top of a group: the calls raise it
            return error
        for call, result in zip(batch, results, strict=True):
            if not call.future.done():
                call.future.set_result(result)
        return None

    # --- a transaction

    async def _with_retries(
        self,
        act: Callable[[Database], Awaitable[Result]],
        owner: Owner | None,
        items: int,
        lane: _Lane | None,
        until: float | None,
    ) -> Result:
        ended = asyncio.get_running_loop().create_future()
        self._under_way.add(ended)
        try:
            return await self._until_done(act, owner, items, lane, until)
        finally:
            self._under_way.discard(ended)
            ended.set_result(None)

    async def _until_done(
        self,
        act: Callable[[Database], Awaitable[Result]],
        owner: Owner | None,
        items: int,
        lane: _Lane | None,
        until: float | None,
    ) -> Result:
        pause, clean, cut = PAUSE_S, False, False
        for _ in range(MAX_TRIES):
            try:
                return await self._transaction(act, owner, items, lane, until, clean=clean)
            except DaysMissing as missing:
                await self._make_days(missing.days)
                continue
            except Raced:
                pass
            except FAULTS as error:
                if is_unclean(error) and not clean:
                    clean = True
                    continue
                if was_cut(error) and not cut:  # before its commit: nothing was kept
                    cut = True
                    continue
                if not is_retried(error):
                    raise translate(error) from error
            await asyncio.sleep(random.uniform(pause / 2, pause))
            pause *= 2
        raise StoreUnavailable(
            f"{MAX_TRIES} times others wrote the same rows at the same moment; try again later"
        )

    async def _transaction(
        self,
        act: Callable[[Database], Awaitable[Result]],
        owner: Owner | None,
        items: int,
        lane: _Lane | None,
        until: float | None,
        *,
        clean: bool,
    ) -> Result:
        connection = await self._pool.take(until)
        database = Database(connection, clean=clean)
        try:
            await connection.execute("BEGIN")
            if owner is None:
                xid = (await database.one("transaction_id"))[0]
            else:
                xid = (await database.one("begin_as", owner.number, owner.token))[0]
                database.process = owner.number
            result = await act(database)
            started = time.perf_counter()
            cut = await _commit(connection)
        except BaseException as error:
            await _roll_back(connection, error)
            raise
        finally:
            self._pool.give(connection)
        if cut is not None and not await self._was_committed(xid, lane, started):
            raise cut
        if database.generation:
            self._on_generation(database.generation)
        if self._on_commit is not None:
            self._on_commit(time.perf_counter() - started, items)
        return result

    async def _was_committed(self, xid: str, lane: _Lane | None, started: float) -> bool:
        """Ask the server what became of a transaction: a claim that nobody knows of would be held until this process
        ends. Meanwhile its lane goes on without it, and tells its callers when the server is away."""
        until = started + OUTCOME_TIMEOUT_S
        if lane is None:
            return await self._outcome(xid, until)
        lane.running -= 1
        self._begin(lane)
        try:
            return await self._outcome(xid, until)
        finally:
            lane.running += 1

    async def _outcome(self, xid: str, until: float) -> bool:
        while time.perf_counter() < until:
            try:
                connection = await self._pool.take()
                try:
                    status = (await Database(connection).one("transaction_status", xid))[0]
                except FAULTS as error:
                    if has_broken(connection, error):
                        connection.terminate()
                    raise
                finally:
                    self._pool.give(connection)
            except asyncpg.InvalidParameterValueError:
                return False  # the server has restarted and never heard of it
            except (StoreUnavailable, *FAULTS):
                status = None
            if status in ("committed", "aborted"):
                return bool(status == "committed")
            await asyncio.sleep(0.05)
        raise StoreUnavailable(
            "PostgreSQL was lost during a commit and did not come back in time: whether it holds is not known"
        )


async def _commit(connection: Any) -> BaseException | None:
    """Commit. The error that broke the connection before the answer came, if one did: then only the server knows."""
    try:
        await connection.execute("COMMIT")
    except FAULTS as error:
        if not has_broken(connection, error):
            raise  # the server's word: it was rolled back
        connection.terminate()
        return error
    return None


async def _roll_back(connection: Any, error: BaseException) -> None:
    """Leave the connection outside of any transaction, or closed: a server that has said nothing for so long is not
    waited for a second time."""
    if isinstance(error, FAULTS) and has_broken(connection, error):
        connection.terminate()
    if connection.is_closed():
        return
    try:
        await connection.execute("ROLLBACK", timeout=ROLL_BACK_TIMEOUT_S)
    except FAULTS:
        connection.terminate()
    except asyncio.CancelledError:  # for the second time: nobody knows whether it is still inside
        connection.terminate()
        raise


def _fail(call: _Call, error: BaseException) -> None:
    if not call.future.done():
        call.future.set_exception(error)
