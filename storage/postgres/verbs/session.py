"""What the verbs of an open store stand on: its connections, the groups that share them, and how a verb is handed
on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import date, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from gateway.ports import Owner
from storage.batcher import OnCommit
from storage.erased import Names
from storage.lifetimes import LEASE_S
from storage.matching import EquivalentRefs, no_equivalents
from storage.postgres import schema
from storage.postgres.database import (
    FAULTS,
    LONG_S,
    REQUEST_S,
    Database,
    Pool,
    has_broken,
    is_unclean,
    translate,
    was_cut,
)
from storage.postgres.erasure import Knowing
from storage.postgres.generation import Generation
from storage.postgres.groups import Groups
from storage.postgres.refs import Refs
from storage.verbs import Sharing, handed_on

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

POOL_SIZE = 8
"""Connections of one process for requests and for what is on its way to carriers and back. Besides there are the one
that listens, one for its lease and one for what takes long: neither waits behind requests, nor they behind it.
PostgreSQL's default allows 100 in all."""

TRIES_PER_LEASE = 3
"""A try to renew it has a third of it: one on a connection that has died unnoticed leaves time for another one."""

LEAST_TRY_S = 1.0
"""The least that it has, whatever the lease: a machine that is busy for a moment is no fault."""


class Session(Sharing):
    """The connections of a store. `_owner`: this process, once it serves. `_groups` are transactions as requests make
    them, `_long` those that may take longer."""

    _knowing: Knowing

    def __init__(
        self,
        url: str,
        *,
        on_commit: OnCommit | None = None,
        equivalent_refs: EquivalentRefs = no_equivalents,
        lease_s: float = LEASE_S,
        makes_schema: bool = True,
        pool_size: int = POOL_SIZE,
        request_s: float = REQUEST_S,
        long_s: float = LONG_S,
    ) -> None:
        """`on_commit`, `equivalent_refs`, `lease_s` and `makes_schema`: see `storage.open.open_store`. `request_s`,
        `long_s`: see `storage.postgres.database`."""
        self.url = url
        self._makes_schema = makes_schema
        self._lease = timedelta(seconds=lease_s)
        self._pool = Pool(url, pool_size, request_s)
        self._long_pool = Pool(url, 1, long_s)
        try_s = min(max(lease_s / TRIES_PER_LEASE, LEAST_TRY_S), request_s)
        self._lease_pool = Pool(url, 1, try_s)
        self._generation = Generation(self._pool)
        self._groups = Groups(self._pool, self._make_days, self._generation.moved, on_commit)
        self._long = Groups(self._long_pool, self._make_days, self._generation.moved, on_commit)
        self._refs = Refs(equivalent_refs)
        self._names = Names()
        self._knowing = Knowing(self._names, self._generation, self._refs)
        self._owner: Owner | None = None

    async def open(self) -> None:
        """Connect, and make the schema or bring it to what this release needs (`pre`). What an earlier one can't live
        with (`post`) waits for `migrate`. Raises `StoreUnavailable`, `SchemaTooNew`."""
        await schema.bring_up_to_date(self.url, phase="pre", makes_schema=self._makes_schema)
        await self._pool.open()
        await self._long_pool.open(at_once=False)
        await self._lease_pool.open(at_once=False)
        await self._generation.open()

    async def close(self) -> None:
        """Finish what was asked, then close."""
        await self._generation.close()
        for groups in (self._groups, self._long):
            await groups.close()
        # At once: a server that says nothing is waited for by each of them.
        await asyncio.gather(*(pool.close() for pool in (self._pool, self._long_pool, self._lease_pool)))

    async def _make_days(self, days: Sequence[date]) -> None:
        await self._groups.alone(lambda db: schema.make_missing_days(db, days))

    async def _write(self, verb: Callable[..., Any], items: Sequence[Any], *extra: Any) -> Any:
        """A verb over a list, in this process's name when it serves."""
        return await self._groups.call(verb, items, *extra, owner=self._owner)

    async def _ask(
        self,
        question: Callable[[Database], Awaitable[Result]],
        pool: Pool | None = None,
        *,
        clean: bool = False,
        again: bool = True,
    ) -> Result:
        """A question, straight to a connection."""
        pool = pool or self._pool
        connection = await pool.take()
        try:
            return await question(Database(connection, clean=clean))
        except FAULTS as error:
            if has_broken(connection, error):
                connection.terminate()
            clean = clean or is_unclean(error)
            if not again or not (clean or was_cut(error)):
                raise translate(error) from error
        finally:
            pool.give(connection)
        return await self._ask(question, pool, clean=clean, again=False)


Function = Callable[Concatenate[Database, Arguments], Awaitable[Result]]
Verb = Callable[Concatenate[Session, Arguments], Coroutine[Any, Any, Result]]


def asked(function: Function[Arguments, Result]) -> Verb[Arguments, Result]:
    """A question, straight to a connection."""
    method: Verb[Arguments, Result] = handed_on(function, Session._ask)
    return method


def asked_for_long(function: Function[Arguments, Result]) -> Verb[Arguments, Result]:
    """A question over many rows."""
    method: Verb[Arguments, Result] = handed_on(
        function, lambda session, act: session._ask(act, session._long_pool)
    )
    return method


def written(function: Function[Arguments, Result]) -> Verb[Arguments, Result]:
    """A change in a transaction of its own, whoever makes it: a command too."""
    method: Verb[Arguments, Result] = handed_on(function, lambda session, act: session._groups.alone(act))
    return method


def written_for_long(function: Function[Arguments, Result]) -> Verb[Arguments, Result]:
    """A change to many rows."""
    method: Verb[Arguments, Result] = handed_on(function, lambda session, act: session._long.alone(act))
    return method


def written_as_owner(function: Function[Arguments, Result]) -> Verb[Arguments, Result]:
    """The same in the name of this process: not once others have ended its lease."""
    method: Verb[Arguments, Result] = handed_on(
        function, lambda session, act: session._groups.alone(act, session._owner)
    )
    return method
