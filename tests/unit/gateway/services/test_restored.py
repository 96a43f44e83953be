"""What a restored store would send again is held; what it would not is left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.domain.message import Message, Step, Wait, settle
from gateway.domain.outcome import Doubt
from gateway.domain.words import Status
from gateway.errors import Conflict
from gateway.ports import Owner, Peer, Process, Recovery, Store
from gateway.services.restored import Restored
from storage.open import open_store
from tests.contract.made import NOW, acceptance, after, answer, claimed, decide_answers, message

LATER = after(3600)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store("sqlite:///trunkline.db", tmp_path)
    await opened.open()
    yield opened
    await opened.close()


def back_to_the_queue(recovery: Recovery) -> Step:
    step = Step(recovery.message)
    settle(step, {}, Wait("alpha", LATER), LATER)
    return step


async def no_sleep(_seconds: float) -> None:
    """Time stands still."""


async def held(store: Store, page_rows: int = 2) -> set[bytes]:
    restored = Restored(store, back_to_the_queue, lambda: LATER, no_sleep, page_rows)
    return {each.id async for page in restored.hold("boot-2", 10) for each in page}


async def keep(store: Store, *messages: Message) -> set[bytes]:
    await store.accept([acceptance(*messages)])
    return {each.id for each in messages}


async def test_what_waits_is_held_until_its_validity_ends(store: Store, owner: Owner) -> None:
    due = await keep(store, *(message() for _ in range(5)), message(operator=None), message(operator="beta"))
    assert await held(store) == due
    for each in due:
        view = await store.message(each)
        assert view is not None
        assert (view.message.status, view.message.next_at) == (Status.QUEUED, view.message.expires_at)
    assert (await store.claim("alpha", 10, owner, LATER)).claimed == []
    assert await held(store) == set(), "it is safe to repeat"


async def test_what_was_in_hand_is_held(store: Store, owner: Owner) -> None:
    mine = await keep(store, claimed(owner))
    assert await held(store) == mine


async def test_what_was_put_off_to_a_time_to_come_was_not_sent(store: Store) -> None:
    await keep(store, message(next_at=after(3601)))
    for_later = message(status=Status.SCHEDULED, scheduled_at=after(7200), next_at=after(7200))
    due = message(status=Status.SCHEDULED, scheduled_at=after(60), next_at=after(60))
    await keep(store, for_later, due)
    assert await held(store) == {due.id}


async def test_what_is_in_doubt_is_held_whenever_it_would_be_sent(store: Store, owner: Owner) -> None:
    doubtful = claimed(owner)
    await keep(store, doubtful)
    unanswered = answer(doubtful, Doubt("the link was lost"), then=Wait("alpha", after(7200)))
    await store.record_answers([unanswered], decide_answers)
    assert await held(store) == {doubtful.id}


class Served:
    """A store that another process serves: only what is asked before anything is touched."""

    async def register(self, *_: object) -> Owner:
        return Owner(2, 2)

    async def peers(self, _owner: Owner) -> list[Peer]:
        return [Peer(Process(Owner(1, 1), "boot", 1), frozenset(), {})]

    async def renew(self, _owner: Owner) -> float:
        return 10.0

    async def leave(self, owner: Owner) -> None:
        self.left = owner


async def test_nothing_is_touched_while_a_gateway_serves() -> None:
    store = Served()
    clock = iter(after(seconds) for seconds in range(100))
    restored = Restored(store, back_to_the_queue, lambda: next(clock), no_sleep)  # type: ignore[arg-type]  # a part
    with pytest.raises(Conflict, match="stop every gateway first"):
        _ = [page async for page in restored.hold("boot-2", 10)]
    assert store.left == Owner(2, 2)


@pytest.fixture
async def owner(store: Store) -> Owner:
    return await store.register(NOW, "boot-1")
