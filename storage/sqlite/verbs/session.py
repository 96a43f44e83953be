"""What the verbs of an open store stand on: the writer with its batcher, the readers, and how a verb is handed on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from gateway.errors import StoreHangs
from storage.batcher import CLOSE_S, Batcher, OnCommit
from storage.erased import Names
from storage.matching import EquivalentRefs, no_equivalents
from storage.sqlite import files
from storage.sqlite.accept import Accepting
from storage.sqlite.accounts import Accounts
from storage.sqlite.alerts import Alerts
from storage.sqlite.connections import Generation, Readers, Writer
from storage.sqlite.database import READER_PRAGMAS, connect
from storage.sqlite.dispatch import Dispatching
from storage.sqlite.erasure import Erasures, Knowing
from storage.sqlite.exports import Days, Exports, snapshot
from storage.sqlite.inbound import Inbounds
from storage.sqlite.lookups import Lookups
from storage.sqlite.messages import Messages
from storage.sqlite.money import Ledger
from storage.sqlite.noc import Noc, Purge
from storage.sqlite.refs import Refs
from storage.sqlite.webhooks import Webhooks
from storage.verbs import Sharing, handed_on

Result = TypeVar("Result")
Part = TypeVar("Part")
Arguments = ParamSpec("Arguments")

GATHER_S = 0.002
"""How long a batch waits for company under load. Measured with single messages at random times, writer's CPU per
message: 1,500/s 109 us without and 75 us with it, 3,000/s 46 us and 38 us; at 300/s it hardly ever applies."""


class Session(Sharing):
    """The connections of a store, and the parts that do its work on the writer's."""

    _knowing: Knowing

    def __init__(
        self,
        path: Path | None,
        *,
        on_commit: OnCommit | None = None,
        equivalent_refs: EquivalentRefs = no_equivalents,
    ) -> None:
        """`path` None: in memory. `on_commit` and `equivalent_refs`: see `storage.open.open_store`."""
        self.path = path
        self._equivalent_refs = equivalent_refs
        self._batcher = Batcher(self._connect, gather_s=GATHER_S, on_commit=on_commit)
        self._lock = None if path is None else files.ServeLock(path)
        self._readers: Readers | None = None
        self._watcher: sqlite3.Connection | None = None
        self._names = Names()
        self._serves = False

    async def open(self) -> None:
        """Open the store, made or migrated when it is empty or old. Raises `StoreUnavailable`, `SchemaTooNew`."""
        try:
            await self._batcher.open()
        except BaseException:
            self._drop_lock()
            raise
        if self.path is not None:
            self._readers = Readers(self.path)
            self._watcher = connect(self.path, READER_PRAGMAS)
        self._generation = Generation(self._watcher or self._writer.connection, alone=self._watcher is None)

    async def close(self) -> None:
        """Finish what was asked, then close; the serving process's lock is freed last. Raises `StoreHangs`; then it is
        freed with the end of the process."""
        if self._readers is not None:
            try:
                async with asyncio.timeout(CLOSE_S):
                    await asyncio.to_thread(self._readers.close)
            except TimeoutError as error:
                raise StoreHangs(
                    "the store's disk hangs: something that was to be read does not come"
                ) from error
            self._readers = None
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
        await self._batcher.close()
        self._drop_lock()

    def _connect(self) -> Writer:
        """The batcher's engine with the parts on its connection; runs in the writer's thread."""
        self._writer = Writer(self.path)
        database = self._writer.database
        messages = Messages(database, self._writer.recent, self._writer.recipients)
        refs = Refs(database, messages, self._equivalent_refs)
        self._accounts = Accounts(database)
        self._accepting = Accepting(database, messages, self._writer.digests)
        self._dispatching = Dispatching(database, messages, refs)
        self._refs = refs
        self._webhooks = Webhooks(database)
        self._inbounds = Inbounds(database, messages, self._accounts)
        self._ledger = Ledger(database)
        self._noc = Noc(database)
        self._purge = Purge(database, self._writer.recent)
        self._days = Days(database, self._writer.recent)
        self._lookups = Lookups(database)
        self._alerts = Alerts(database, messages)
        self._erasures = Erasures(self._writer)
        self._knowing = Knowing(
            self._writer, self._names, self._accepting, self._dispatching, refs, self._inbounds
        )
        return self._writer

    def _drop_lock(self) -> None:
        if self._lock is not None:
            self._lock.drop()

    def _write(self, verb: Callable[..., Any], items: Sequence[Any], *extra: Any) -> Awaitable[Any]:
        """A verb over a list, with the calls of others."""
        return self._batcher.call(verb, items, *extra)

    async def _alone(self, act: Callable[[], Result]) -> Result:
        """Something that joins no other call of its kind, in a transaction that may be shared."""
        result: Result = await self._batcher.call(_each, [act])
        return result

    async def _ask(self, question: Callable[[Lookups], Result]) -> Result:
        """A question in one snapshot of the store, of a reader where there are any."""
        if self._readers is not None:
            return await self._readers.ask(question)
        return await self._alone(lambda: question(self._lookups))

    async def _export(self, question: Callable[[Exports], Result]) -> Result:
        """The same on a connection of its own: such a one takes longer."""
        if self._readers is not None:
            return await self._readers.with_connection(lambda connection: snapshot(connection, question))
        return await self._alone(lambda: question(Exports(self._writer.database)))


Verb = Callable[Concatenate[Session, Arguments], Coroutine[Any, Any, Result]]


def written(
    part: Callable[[Session], Part], verb: Callable[Concatenate[Part, Arguments], Result]
) -> Verb[Arguments, Result]:
    """A verb of a part of the writer's, which joins no other call of its kind."""
    method: Verb[Arguments, Result] = handed_on(
        verb, lambda session, act: session._alone(lambda: act(part(session)))
    )
    return method


def asked(
    part: Callable[[Lookups], Part], verb: Callable[Concatenate[Part, Arguments], Result]
) -> Verb[Arguments, Result]:
    """A question to a part of the look-ups."""
    method: Verb[Arguments, Result] = handed_on(
        verb, lambda session, act: session._ask(lambda lookups: act(part(lookups)))
    )
    return method


def looked_up(verb: Callable[Concatenate[Lookups, Arguments], Result]) -> Verb[Arguments, Result]:
    """A question to the look-ups themselves."""
    method: Verb[Arguments, Result] = handed_on(verb, Session._ask)
    return method


def exported(verb: Callable[Concatenate[Exports, Arguments], Result]) -> Verb[Arguments, Result]:
    """A question for an export."""
    method: Verb[Arguments, Result] = handed_on(verb, Session._export)
    return method


def _each(calls: list[Sequence[Callable[[], Any]]]) -> list[Any]:
    """A verb for calls that are one action each."""
    return [act() for call in calls for act in call]
