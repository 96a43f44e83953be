"""The batcher: grouping, isolation of failures, order, a clean end."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from gateway.errors import StoreHangs, StoreUnavailable
from storage import batcher as batcher_module
from storage.batcher import Batcher


class Ledger:
    """An engine whose data is a list: what is written counts from the commit on. The gate holds commits up."""

    def __init__(self) -> None:
        self.kept: list[Any] = []
        self.log: list[str] = []
        self.pending: list[Any] = []
        self.gate = threading.Event()
        self.gate.set()
        self.waiting = threading.Event()
        self.commit_error: Exception | None = None

    def begin(self) -> None:
        self.log.append("begin")
        self.pending = []

    def commit(self) -> None:
        self.waiting.set()
        assert self.gate.wait(10)
        if self.commit_error is not None:
            raise self.commit_error
        self.kept += self.pending
        self.log.append("commit")

    def rollback(self) -> None:
        self.pending = []
        self.log.append("rollback")

    def translate(self, error: Exception) -> Exception:
        return StoreUnavailable("the disk is full") if isinstance(error, OSError) else error

    def rest(self) -> None: ...

    def close(self) -> None:
        self.log.append("close")

    # --- verbs

    def add(self, calls: list[Sequence[int]], *extra: object) -> list[list[int]]:
        """Keeps the items; -1 is refused."""
        self.log.append(f"add {[list(call) for call in calls]}")
        for call in calls:
            if -1 in call:
                raise ZeroDivisionError
            self.pending += call
        return [[item * 10 for item in call] for call in calls]

    def subtract(self, calls: list[Sequence[int]]) -> list[int]:
        """Another verb."""
        self.log.append(f"subtract {[list(call) for call in calls]}")
        return [len(call) for call in calls]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
async def batcher(ledger: Ledger) -> AsyncIterator[Batcher]:
    opened = Batcher(lambda: ledger)
    await opened.open()
    yield opened
    ledger.gate.set()
    await opened.close()


async def held(ledger: Ledger, batcher: Batcher) -> asyncio.Task[Any]:
    """A first call that stands in its commit, so that the next ones gather."""
    ledger.gate.clear()
    ledger.waiting.clear()
    first = asyncio.create_task(batcher.call(ledger.add, [0]))
    await asyncio.to_thread(ledger.waiting.wait, 10)
    ledger.log.clear()
    return first


async def gathered(ledger: Ledger, batcher: Batcher, *calls: Any) -> list[Any]:
    """The results or errors of calls that came while a commit ran."""
    first = await held(ledger, batcher)
    tasks = [asyncio.create_task(call) for call in calls]
    await asyncio.sleep(0)  # each has put its call into the queue
    ledger.gate.set()
    await first
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_lone_call_is_committed_at_once(ledger: Ledger, batcher: Batcher) -> None:
    assert await batcher.call(ledger.add, [1, 2]) == [10, 20]
    assert ledger.kept == [1, 2]
    assert ledger.log == ["begin", "add [[1, 2]]", "commit"]


async def test_calls_of_one_verb_join_and_get_their_own_results(ledger: Ledger, batcher: Batcher) -> None:
    results = await gathered(ledger, batcher, batcher.call(ledger.add, [1]), batcher.call(ledger.add, [2, 3]))
    assert results == [[10], [20, 30]]
    assert ledger.log == ["commit", "begin", "add [[1], [2, 3]]", "commit"]


async def test_verbs_share_a_transaction_in_the_order_of_their_first_calls(
    ledger: Ledger, batcher: Batcher
) -> None:
    calls = (
        batcher.call(ledger.subtract, [7]),
        batcher.call(ledger.add, [1]),
        batcher.call(ledger.subtract, [8, 9]),
    )
    assert await gathered(ledger, batcher, *calls) == [1, [10], 2]
    assert ledger.log[1:] == ["begin", "subtract [[7], [8, 9]]", "add [[1]]", "commit"]


async def test_calls_with_different_extra_run_apart(ledger: Ledger, batcher: Batcher) -> None:
    def decide() -> None: ...

    def decide_otherwise() -> None: ...

    calls = (
        batcher.call(ledger.add, [1], decide),
        batcher.call(ledger.add, [2], decide_otherwise),
        batcher.call(ledger.add, [3], decide),
    )
    await gathered(ledger, batcher, *calls)
    assert ledger.log[1:] == ["begin", "add [[1], [3]]", "add [[2]]", "commit"]


async def test_a_failing_call_fails_alone(ledger: Ledger, batcher: Batcher) -> None:
    calls = [batcher.call(ledger.add, items) for items in ([1], [2, -1], [3])]
    one, two, three = await gathered(ledger, batcher, *calls)
    assert (one, three) == ([10], [30])
    assert isinstance(two, ZeroDivisionError)
    assert ledger.kept == [0, 1, 3]  # nothing of the bad call, nothing twice


async def test_a_lone_failing_call_is_not_tried_again(ledger: Ledger, batcher: Batcher) -> None:
    with pytest.raises(ZeroDivisionError):
        await batcher.call(ledger.add, [-1])
    assert ledger.log == ["begin", "add [[-1]]", "rollback"]
    assert await batcher.call(ledger.add, [1]) == [10]


async def test_a_store_that_is_down_fails_all_at_once_and_works_again(
    ledger: Ledger, batcher: Batcher
) -> None:
    first = await held(ledger, batcher)
    ledger.commit_error = OSError("no space left")
    tasks = [asyncio.create_task(batcher.call(ledger.add, [n])) for n in (1, 2)]
    await asyncio.sleep(0)
    ledger.gate.set()
    for call in (first, *tasks):
        with pytest.raises(StoreUnavailable, match="disk is full"):
            await call
    assert ledger.log.count("begin") == 1  # no one-by-one for the two
    ledger.commit_error = None
    assert await batcher.call(ledger.add, [5]) == [50]
    assert ledger.kept == [5]


async def test_closing_finishes_what_waits(ledger: Ledger, batcher: Batcher) -> None:
    first = await held(ledger, batcher)
    waiting = [asyncio.create_task(batcher.call(ledger.add, [n])) for n in range(1, 6)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(batcher.close())
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="closed"):
        await batcher.call(ledger.add, [99])
    ledger.gate.set()
    await closing
    assert await asyncio.gather(first, *waiting) == [[n * 10] for n in range(6)]
    assert ledger.kept == list(range(6))
    assert ledger.log[-1] == "close"


async def test_a_caller_that_was_cancelled_disturbs_nobody(ledger: Ledger, batcher: Batcher) -> None:
    first = await held(ledger, batcher)
    gone = asyncio.create_task(batcher.call(ledger.add, [1]))
    stays = asyncio.create_task(batcher.call(ledger.add, [2]))
    await asyncio.sleep(0)
    gone.cancel()
    ledger.gate.set()
    assert [await first, await stays] == [[0], [20]]


async def test_a_full_queue_refuses(
    ledger: Ledger, batcher: Batcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batcher_module, "MAX_WAITING_CALLS", 2)
    first = await held(ledger, batcher)
    tasks = [asyncio.create_task(batcher.call(ledger.add, [n])) for n in (1, 2)]
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="2 calls wait"):
        await batcher.call(ledger.add, [3])
    ledger.gate.set()
    await asyncio.gather(first, *tasks)


async def test_what_the_writer_does_not_come_back_from_has_an_age(ledger: Ledger, batcher: Batcher) -> None:
    assert [batcher.hangs_s(now) for now in (100.0, 200.0)] == [0, 0], "it has nothing to do"
    first = await held(ledger, batcher)
    assert [batcher.hangs_s(now) for now in (300.0, 301.0, 304.0)] == [0, 1, 4]
    ledger.gate.set()
    await first
    assert batcher.hangs_s(305.0) == 0
    second = await held(ledger, batcher)
    assert [batcher.hangs_s(now) for now in (306.0, 308.0)] == [0, 2], "another commit has an age of its own"
    assert [batcher.hangs_s(now) for now in (340.0, 342.0)] == [0, 2], (
        "nobody knows who stood still since 308"
    )
    ledger.gate.set()
    await second


async def test_calls_that_are_tried_alone_have_ages_of_their_own(
    ledger: Ledger, batcher: Batcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow disk they take long together, and none of them hangs."""
    ages: list[float] = []
    commit = ledger.commit

    def looked_at() -> None:
        ages.append(batcher.hangs_s(100.0 + len(ages)))
        commit()

    first = await held(ledger, batcher)
    calls = [asyncio.create_task(batcher.call(ledger.add, [item])) for item in (1, 2, -1, 3)]
    await asyncio.sleep(0)
    monkeypatch.setattr(ledger, "commit", looked_at)
    ledger.gate.set()
    await first
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(result, ZeroDivisionError) for result in results] == [False, False, True, False]
    assert ages == [0, 0, 0]


async def test_who_is_turned_away_while_the_writer_gathers_is_no_defect_of_it(ledger: Ledger) -> None:
    """Both take from one queue: what was there a moment ago may be gone."""
    calls = queue.SimpleQueue[Any]()

    class Taken:
        """The queue as the writer sees it when another was quicker."""

        get, put, qsize = calls.get, calls.put, calls.qsize

        def empty(self) -> bool:
            return False

        def get_nowait(self) -> Any:
            raise queue.Empty

    batcher = Batcher(lambda: ledger)
    batcher._queue = Taken()  # type: ignore[assignment]
    await batcher.open()
    assert await asyncio.gather(*(batcher.call(ledger.add, [item]) for item in (1, 2))) == [[10], [20]]
    await batcher.close()


async def test_what_comes_after_a_commit_may_hang_as_well(
    ledger: Ledger, batcher: Batcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer's share of a checkpoint: who calls meanwhile waits for it."""
    resting, rested = threading.Event(), threading.Event()

    def rest() -> None:
        resting.set()
        assert rested.wait(10)

    monkeypatch.setattr(ledger, "rest", rest)
    assert await batcher.call(ledger.add, [1]) == [10]
    await asyncio.to_thread(resting.wait, 10)
    assert [batcher.hangs_s(now) for now in (100.0, 109.0)] == [0, 0], "nobody waits"
    waits = asyncio.create_task(batcher.call(ledger.add, [2]))
    await asyncio.sleep(0)
    assert [batcher.hangs_s(now) for now in (110.0, 112.0)] == [1, 3]
    rested.set()
    assert await waits == [20]


async def test_who_waits_behind_a_hanging_commit_is_turned_away(ledger: Ledger, batcher: Batcher) -> None:
    """Nothing of theirs was begun, nor will it be; who is in that commit waits on, and has its result."""
    first = await held(ledger, batcher)
    behind = asyncio.create_task(batcher.call(ledger.add, [1]))
    await asyncio.sleep(0)
    batcher.turn_away("the disk hangs")
    late = asyncio.create_task(batcher.call(ledger.add, [2]))
    for refused in (behind, late):
        with pytest.raises(StoreUnavailable, match="the disk hangs"):
            await refused
    assert not first.done()
    ledger.gate.set()
    assert await first == [0]
    with pytest.raises(StoreUnavailable, match="the disk hangs"):
        await batcher.call(ledger.add, [3])
    batcher.turn_away(None)
    assert await batcher.call(ledger.add, [4]) == [40]
    assert ledger.kept == [0, 4]


async def test_closing_a_store_that_hangs_ends(
    ledger: Ledger, batcher: Batcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batcher_module, "CLOSE_S", 0.01)
    monkeypatch.setattr(batcher_module, "_CLOSE_LOOK_S", 0.01)
    first = await held(ledger, batcher)
    with pytest.raises(StoreHangs, match="kept or not"):
        await batcher.close()
    ledger.gate.set()
    assert await first == [0]


async def test_a_long_queue_is_split_into_transactions(
    ledger: Ledger, batcher: Batcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batcher_module, "MAX_BATCH_ITEMS", 4)
    await gathered(ledger, batcher, *(batcher.call(ledger.add, [n, n]) for n in range(1, 6)))
    assert ledger.log.count("begin") == 3
    assert ledger.kept == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


async def test_commits_are_told_with_their_size(ledger: Ledger) -> None:
    told: list[tuple[float, int]] = []
    batcher = Batcher(lambda: ledger, on_commit=lambda seconds, items: told.append((seconds, items)))
    await batcher.open()
    await batcher.call(ledger.add, [1, 2, 3])
    with pytest.raises(ZeroDivisionError):
        await batcher.call(ledger.add, [-1])
    await batcher.close()
    assert [items for _, items in told] == [3]
    assert told[0][0] >= 0


async def test_company_is_waited_for_after_a_full_batch(ledger: Ledger) -> None:
    batcher = Batcher(lambda: ledger, gather_s=0.001)
    await batcher.open()
    await gathered(ledger, batcher, *(batcher.call(ledger.add, [n]) for n in range(1, 6)))
    assert await batcher.call(ledger.add, [9]) == [90]
    await batcher.close()
    assert ledger.kept == [0, 1, 2, 3, 4, 5, 9]


async def test_a_fault_of_the_engine_itself_is_told_and_not_the_end(
    ledger: Ledger, batcher: Batcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise AssertionError("rollback must not raise")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "rollback", broken)
        with pytest.raises(AssertionError):
            await batcher.call(ledger.add, [-1])
    assert await batcher.call(ledger.add, [1]) == [10]


async def test_what_connecting_raises_is_raised_by_open() -> None:
    def connect() -> Ledger:
        raise StoreUnavailable("no such directory")

    batcher = Batcher(connect)
    with pytest.raises(StoreUnavailable, match="no such directory"):
        await batcher.open()
    await batcher.close()


class Broken(Ledger):
    """An engine that fails where nothing is under way."""

    def rest(self) -> None:
        raise RuntimeError("a defect")


async def test_a_writer_that_has_ended_keeps_nobody_waiting() -> None:
    """Neither who waited then nor who comes later: the process has to end, for nothing is written any more."""
    ledger = Broken()
    batcher = Batcher(lambda: ledger)
    await batcher.open()
    results = await gathered(ledger, batcher, batcher.call(ledger.add, [1]), batcher.call(ledger.add, [2]))
    results += await asyncio.gather(batcher.call(ledger.add, [3]), return_exceptions=True)
    assert [str(result) for result in results] == [
        "the store's writer has ended by a defect (RuntimeError('a defect')): start again, nothing accepted is lost"
    ] * 3
    assert not any(isinstance(result, StoreUnavailable) for result in results), "waiting would not help"
    assert ledger.kept == [0]
    await batcher.close()
