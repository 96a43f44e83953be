"""Joins concurrent callers into one transaction, in one writer thread, so that a commit is shared.

The batcher knows no database: an `Engine` begins, commits and rolls back, and says what an error means. A verb is a
function that runs in the writer thread inside the transaction. It gets the item lists of all the calls that joined
and returns one result per call, in order.

Rules:
 1. All calls that wait run in one transaction; calls of the same verb (and the same `extra`) run together, verbs in
    the order of their first call. Callers that need an order among themselves await the first before the second.
 2. When nothing waits a call commits at once. While a commit runs callers gather, so groups form by themselves.
 3. A transaction that fails is rolled back and each call runs again alone: one bad call never fails its batch-mates.
    A store that is down (`StoreUnavailable`) fails them all at once, for trying each would only take longer.
 4. A disk can hang: what is in the writer's hand then comes back when the disk does, or never. Whoever watches
    (`hangs_s`) has all others refused meanwhile (`turn_away`): nothing of theirs was begun.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.errors import StoreError, StoreHangs, StoreUnavailable

Verb = Callable[..., Sequence[Any]]
"""`verb(calls, *extra)`: `calls` is a list of item lists; one result per call comes back."""

OnCommit = Callable[[float, int], None]
"""Told after each commit, in the writer thread: its seconds and how many items it held. Must not raise."""

MAX_WAITING_CALLS = 20_000
"""Calls that may wait. More than this is minutes of work for a disk that stands still: better refused."""

MAX_BATCH_ITEMS = 2_000
"""Items of one transaction, so that the first caller does not wait for the last of a long queue."""

CLOSE_S = 10.0
"""How long the end of a commit is waited for when the store is closed."""
LAST_S = 60.0
"""And when every call has its answer: how long the log's rest may take to be moved."""
_CLOSE_LOOK_S = 0.5
_LOOKS_S = 5.0  #: between two looks at the writer's hand, at the most

COMPANY_CALLS = 4
"""Calls of a batch that tell of load: the next one waits for company then."""


class Engine(Protocol):
    """One connection's transactions, used in the writer thread alone."""

    def begin(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None:
        """Forget the transaction, also when none is open any more; never raises."""
        ...

    def translate(self, error: Exception) -> Exception:
        """The gateway's error for a driver's one; others as they are."""
        ...

    def rest(self) -> None:
        """Called between transactions when callers have their answers: upkeep that needs the writer; never raises."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True)
class _Call:
    verb: Verb
    items: Sequence[Any]
    extra: tuple[Any, ...]
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None


class Batcher:
    """One writer thread and the calls that wait for it. Use it from one event loop."""

    def __init__(
        self, connect: Callable[[], Engine], *, gather_s: float = 0.0, on_commit: OnCommit | None = None
    ):
        """`connect` runs in the writer thread. `gather_s`: how long a batch waits for company after one of
        `COMPANY_CALLS` or more; 0: not at all."""
        self.on_commit = on_commit
        self._connect = connect
        self._gather_s = gather_s
        self._queue: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False
        self._refuses: str | None = None  # whoever calls, and why
        # What was in the writer's hand, when it was first seen there, and when it was looked for last.
        self._looked_at: list[_Call] | None = None
        self._looked_since = self._looked_last = 0.0
        self._hand: list[_Call] = []  # of the writer: taken from the queue, and not yet given back
        self._ended_by: StoreError | None = None

    async def open(self) -> None:
        """Start the writer thread; returns when its engine is connected, raises what connecting raised."""
        self._loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="store-writer", daemon=True)
        self._thread.start()
        await ready

    async def close(self) -> None:
        """Finish every call that waits, then end the thread. Later calls are refused. Raises `StoreHangs` when the
        writer does not come back from one step."""
        thread = self._thread
        if thread is None or self._closing:
            return
        self._closing = True
        self._refuses = "the store is closed"
        self._queue.put(None)
        while True:
            await asyncio.to_thread(thread.join, _CLOSE_LOOK_S)
            if not thread.is_alive():
                return
            if self.hangs_s(time.monotonic()) >= (CLOSE_S if self._hand else LAST_S):
                raise StoreHangs(
                    "the store's disk hangs: what it was writing may be kept or not, the next start tells"
                )

    def hangs_s(self, now: float) -> float:
        """For how long the writer has not come back from what it has in hand, by looks like this one, one a second or
        more: after a pause the whole process may have stood still, and it is counted anew. `now`: monotonic.

        The writer takes another list for each batch, so nothing is noted for the sake of this.
        """
        hand = self._hand
        late, self._looked_last = now - self._looked_last > _LOOKS_S, now
        if late or hand is not self._looked_at or not (hand or self._closing or not self._queue.empty()):
            self._looked_at, self._looked_since = hand, now
        return now - self._looked_since

    def turn_away(self, why: str | None) -> None:
        """Refuse who waits for the writer, and who comes, until this is called with None. What the writer has in hand
        stays there, and its callers go on waiting."""
        if self._closing:
            return
        self._refuses = why
        refused: list[_Call] = []
        while why is not None and not self._queue.empty():
            try:
                call = self._queue.get_nowait()
            except queue.Empty:  # the writer was quicker: it is back
                break
            if call is not None:
                call.error = StoreUnavailable(why)
                refused.append(call)
        _resolve(refused)

    async def call(self, verb: Verb, items: Sequence[Any], *extra: Any) -> Any:
        """Run `verb` over `items` in a shared transaction; returns when it is committed.

        Raises what the verb raised, or `StoreUnavailable`; nothing of the call was kept then. Raises `StoreError` when
        a defect has ended the writer: the process must begin anew, for nothing is written any more.
        """
        loop = self._loop
        if loop is None or self._refuses is not None:
            raise StoreUnavailable(self._refuses or "the store is closed")
        if self._queue.qsize() >= MAX_WAITING_CALLS:
            raise StoreUnavailable(f"{MAX_WAITING_CALLS} calls wait for the store's disk; try again later")
        call = _Call(verb, items, extra, loop.create_future())
        self._queue.put(call)
        # Asked after the put: who came before the end finds it, or is found by it.
        if self._ended_by is not None:
            raise self._ended_by
        return await call.future

    # --- the writer thread

    def _run(self, ready: asyncio.Future[None]) -> None:
        assert self._loop is not None
        try:
            engine = self._connect()
        except Exception as error:  # noqa: BLE001 the top of the thread: `open` raises it
            self._loop.call_soon_threadsafe(_fail, ready, error)
            return
        self._loop.call_soon_threadsafe(_succeed, ready)
        try:
            self._serve(engine, self._loop)
        except Exception as error:  # noqa: BLE001 the top of the thread: nobody shall wait for one that is no more
            self._give_up(error, self._loop)

    def _give_up(self, error: Exception, loop: asyncio.AbstractEventLoop) -> None:
        """A defect of the writer itself: tell all who wait, and all who will."""
        self._ended_by = StoreError(
            f"the store's writer has ended by a defect ({error!r}): start again, nothing accepted is lost"
        )
        left, self._hand = self._hand, []  # no disk hangs
        while True:
            try:
                call = self._queue.get_nowait()
            except queue.Empty:
                break
            if call is not None:
                left.append(call)
        for call in left:
            call.error = call.error or self._ended_by
        loop.call_soon_threadsafe(_resolve, left)

    def _serve(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        company = False
        while (batch := self._gather(company)) is not None:
            company = len(batch) >= COMPANY_CALLS
            try:
                self._settle(engine, batch)
            except Exception as error:  # noqa: BLE001 a fault of ours; nobody shall wait for ever
                for call in batch:
                    call.error = call.error or error
            self._hand = []  # before they hear of it: it is seen with empty hands by then
            loop.call_soon_threadsafe(_resolve, batch)
            engine.rest()
        engine.close()

    def _gather(self, company: bool) -> list[_Call] | None:
        first = self._queue.get()
        if first is None:
            return None
        self._hand = batch = [first]
        if company and self._gather_s:
            time.sleep(self._gather_s)
        size = len(first.items)
        while size < MAX_BATCH_ITEMS:
            try:
                call = self._queue.get_nowait()
            except queue.Empty:  # `turn_away` takes from it too, so to ask before would not do
                break
            if call is None:
                self._queue.put(None)  # nothing comes after it: `call` refuses once it is there
                break
            batch.append(call)
            size += len(call.items)
        return batch

    def _settle(self, engine: Engine, batch: list[_Call]) -> None:
        error = self._attempt(engine, batch)
        if error is None:
            return
        if isinstance(error, StoreUnavailable) or len(batch) == 1:
            for call in batch:
                call.error = error
            return
        for call in batch:
            self._hand = list(batch)  # another step: each has an age of its own
            call.error = self._attempt(engine, [call])

    def _attempt(self, engine: Engine, batch: list[_Call]) -> Exception | None:
        """One transaction; the error that ended it, if one did."""
        groups: dict[tuple[Any, ...], list[_Call]] = {}
        for call in batch:
            groups.setdefault((call.verb, *call.extra), []).append(call)
        try:
            engine.begin()
            for (verb, *extra), calls in groups.items():
                results = verb([call.items for call in calls], *extra)
                for call, result in zip(calls, results, strict=True):
                    call.result = result
            started = time.perf_counter()
            engine.commit()
        except Exception as error:  # noqa: BLE001 the top of the thread: the calls raise it
            engine.rollback()
            return engine.translate(error)
        if self.on_commit is not None:
            self.on_commit(time.perf_counter() - started, sum(len(call.items) for call in batch))
        return None


def _resolve(batch: list[_Call]) -> None:
    for call in batch:
        if call.future.done():
            continue  # its caller was cancelled
        if call.error is None:
            call.future.set_result(call.result)
        else:
            call.future.set_exception(call.error)


def _succeed(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _fail(future: asyncio.Future[None], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
