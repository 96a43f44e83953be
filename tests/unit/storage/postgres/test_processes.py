"""Leases and fences: who was given up writes nothing more, whatever it was doing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.domain.event import Settled
from gateway.domain.message import Message, Step, Wait, settle
from gateway.domain.words import Status
from gateway.errors import Fenced, StoreUnavailable
from gateway.ports import OperatorState, Owner, Recovery, Store
from storage.open import open_store
from storage.postgres.store import PostgresStore
from tests.contract.made import (
    NOW,
    acceptance,
    after,
    answer,
    changing,
    claimed,
    decide_answers,
    decide_receipt,
    event,
    message,
    new_id,
    receipt,
)
from tests.contract.test_store import found, kept
from tests.contract.test_store_webhooks import written
from tests.unit.storage.postgres.conftest import OpenStore, come_true, waiting_for_locks


async def expire(beside: Any, owner: Owner) -> None:
    """Let the process's lease end now."""
    await beside.execute(
        "UPDATE processes SET lease_until = clock_timestamp() - interval '1 ms' WHERE number = $1",
        owner.number,
    )


async def expire_by(store: Store, owner: Owner) -> None:
    """The same by a connection of a store: the other one is in use."""
    connection = await store._pool.take()  # type: ignore[attr-defined]
    try:
        await expire(connection, owner)
    finally:
        store._pool.give(connection)  # type: ignore[attr-defined]


def handed_back(recovery: Recovery) -> Step:
    """A decision that puts everything back into the queue."""
    step = Step(recovery.message)
    settle(step, {}, Wait("alpha", after(10)), after(9))
    return step


@dataclass
class Late:
    """A process that does not know of its end, and a message that it held."""

    store: Store
    owner: Owner
    message: Message


WRITES: dict[str, Callable[[Late], Awaitable[object]]] = {
    "accept": lambda late: late.store.accept([acceptance(claimed(late.owner))]),
    "claim": lambda late: late.store.claim("alpha", 10, late.owner, after(60)),
    "reassign": lambda late: late.store.reassign([(late.message.id, "alpha", "beta", None)]),
    "record_answers": lambda late: late.store.record_answers([answer(late.message, "r1")], decide_answers),
    "apply_receipts": lambda late: late.store.apply_receipts([receipt(late.message, "r1")], decide_receipt),
    "change": lambda late: late.store.change([late.message.id], changing(lambda m: setattr(m, "route", "x"))),
    "match_doubt": lambda late: late.store.match_doubt(decide_receipt, NOW),
    "due_webhooks": lambda late: late.store.due_webhooks(after(60), late.owner, lambda _: 9, 9),
    "settle_webhooks": lambda late: late.store.settle_webhooks(
        [Settled(new_id(), True, False, NOW, None, 1, None, None)]
    ),
    "take_commands": lambda late: late.store.take_commands(late.owner, NOW),
    "write_states": lambda late: late.store.write_states(
        [OperatorState("alpha", late.owner.number, NOW, "up", [], 0, 0)]
    ),
    "recover": lambda late: late.store.recover(late.owner, None, handed_back, NOW),
    "renew": lambda late: late.store.renew(late.owner),
}


@pytest.mark.parametrize("verb", WRITES)
async def test_a_fenced_process_writes_nothing_and_is_told(
    verb: str, store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    m = claimed(owner)
    await kept(store, m)
    heir_store = await opened()
    heir = await heir_store.register(after(1), "boot-2")
    await expire(beside, owner)
    if verb == "recover":  # it would wait for a dead one of its own
        await expire(beside, await (await opened()).register(after(1), "boot-3"))
    await processes_ended(heir_store, heir, owner)
    before = await heir_store.message(m.id)
    with pytest.raises(Fenced, match="register again"):
        await WRITES[verb](Late(store, owner, m))
    assert await heir_store.message(m.id) == before
    assert (await heir_store.facts(after(60))).waiting == 1


async def processes_ended(store: Store, heir: Owner, dead: Owner) -> None:
    """The heir takes over one message."""
    assert await store.recover(heir, None, handed_back, after(9), [dead.number]) == 1


async def test_many_processes_serve_at_once(store: Store, owner: Owner, opened: OpenStore) -> None:
    second = await opened()
    other = await second.register(NOW, "boot-1")
    assert (other.number, other.token) > (owner.number, owner.token)
    await kept(store, *(message() for _ in range(4)))
    mine = (await store.claim("alpha", 2, owner, NOW)).claimed
    theirs = (await second.claim("alpha", 2, other, NOW)).claimed
    assert len({c.message.id for c in mine + theirs}) == 4
    assert await second.recover(other, None, handed_back, after(9)) == 0


async def test_only_what_ended_is_recovered(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    dead_store, second = await opened(), await opened()
    dead = await dead_store.register(NOW, "boot-2")
    heir = await second.register(NOW, "boot-3")
    alive, lost = claimed(owner), claimed(dead)
    await kept(store, alive)
    await kept(dead_store, lost)
    await expire(beside, dead)
    assert [process.owner for process in await second.dead_owners()] == [dead]
    assert await second.recover(heir, None, handed_back, after(9), [owner.number]) == 0
    assert await second.recover(heir, None, handed_back, after(9)) == 1
    assert (await found(store, alive)).owner == owner.number
    assert (await found(store, lost)).owner is None


async def test_who_is_late_and_was_not_missed_goes_on(store: Store, owner: Owner, beside: Any) -> None:
    await expire(beside, owner)
    m = claimed(owner)
    await kept(store, m)
    assert len(await store.dead_owners()) == 1
    assert await store.renew(owner) > 0
    assert await store.dead_owners() == []


async def test_a_lease_is_renewed_while_requests_have_all_connections(url: str, beside: Any) -> None:
    """PostgreSQL would answer, so a process that lives must not look dead."""
    store = PostgresStore(url, pool_size=2)
    await store.open()
    owner = await store.register(NOW, "boot-1")
    await beside.execute("BEGIN")
    await beside.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
    requests = [asyncio.create_task(store.message(new_id())) for _ in range(20)]
    await waiting_for_locks(beside, 2)
    assert await store.renew(owner) > 0
    assert not any(request.done() for request in requests)
    await beside.execute("ROLLBACK")
    assert await asyncio.gather(*requests) == [None] * 20
    await store.close()


async def test_a_lease_ends_by_itself(url: str, opened: OpenStore) -> None:
    short = open_store(url, lease_s=0.1)
    await short.open()
    owner = await short.register(NOW, "boot-1")
    store = await opened()
    await come_true(store.dead_owners)
    assert await short.renew(owner) == pytest.approx(0.1)
    await short.close()


async def test_a_fenced_process_may_register_again(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    m = claimed(owner)
    await kept(store, m)
    second = await opened()
    heir = await second.register(NOW, "boot-2")
    await expire(beside, owner)
    await processes_ended(second, heir, owner)
    again = await store.register(after(20), "boot-1")
    ((mine,)) = (await store.claim("alpha", 10, again, after(20))).claimed
    assert mine.message.id == m.id


async def test_who_stands_still_inside_a_transaction_holds_up_nobody_and_keeps_nothing(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    """As a process that was paused between its statements and its commit."""
    m = claimed(owner)
    await kept(store, m)
    second = await opened()
    heir = await second.register(NOW, "boot-2")
    await expire(beside, owner)
    await beside.execute("SET idle_in_transaction_session_timeout = '200ms'")
    await beside.execute("BEGIN")
    await beside.execute("SELECT begin_as($1, $2)", owner.number, owner.token)
    await beside.execute("UPDATE messages SET status = 'sent' WHERE status = 'queued'")
    assert await second.recover(heir, None, handed_back, after(9)) == 1
    assert (await found(second, m)).status is Status.QUEUED


async def test_the_end_of_a_process_waits_for_its_last_commit(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    second = await opened()
    heir = await second.register(NOW, "boot-2")
    await expire(beside, owner)
    transaction = beside.transaction()
    await transaction.start()
    await beside.execute("LOCK TABLE messages IN SHARE MODE")
    m = claimed(owner)
    accepting = asyncio.create_task(store.accept([acceptance(m)]))
    watch = await opened()
    looking = watch._pool  # type: ignore[attr-defined] # a connection of its own, to look with
    eye = await looking.take()
    await waiting_for_locks(eye, 1)
    recovering = asyncio.create_task(second.recover(heir, None, handed_back, after(9)))
    await waiting_for_locks(eye, 2)
    looking.give(eye)
    await transaction.rollback()
    await accepting
    assert await recovering == 1
    assert (await found(store, m)).owner is None


@pytest.mark.parametrize("in_the_middle", [False, True])
async def test_a_process_that_stands_still_inside_a_transaction_is_not_waited_for(
    store: Store, owner: Owner, opened: OpenStore, beside: Any, in_the_middle: bool
) -> None:
    """Held, or cut off; also between the messages of one statement, when no time limit of the server runs."""
    await beside.execute("BEGIN")
    await beside.execute("SET idle_in_transaction_session_timeout = 0")
    await beside.fetch("SELECT begin_as($1, $2)", owner.number, owner.token)
    if in_the_middle:
        cursor = beside.cursor("SELECT generate_series(1, 1000)")
        await (await cursor).fetch(1)
    second = await opened()
    heir = await second.register(NOW, "boot-2")
    await store.renew(owner)
    await second.fence(heir, [owner.number])
    assert not beside.is_closed(), "its lease holds"
    async with asyncio.timeout(20):
        await expire_by(second, owner)
        await second.fence(heir, [owner.number])
    with pytest.raises((Fenced, StoreUnavailable)):
        await store.renew(owner)
    assert [process.owner for process in await second.dead_owners()] == [owner]


async def test_every_process_takes_a_command_once(store: Store, owner: Owner, opened: OpenStore) -> None:
    second = await opened()
    other = await second.register(NOW, "boot-2")
    await store.post_command("pause", "alpha", NOW)
    assert [c.target for c in await store.take_commands(owner, NOW)] == ["alpha"]
    assert [c.target for c in await second.take_commands(other, NOW)] == ["alpha"]
    assert await store.take_commands(owner, NOW) == await second.take_commands(other, NOW) == []
    third = await opened()
    late = await third.register(NOW, "boot-3")
    assert await third.take_commands(late, NOW) == []


async def test_states_of_the_living_stay_beside_each_other(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    state = OperatorState("alpha", owner.number, NOW, "up", [], 0, 0)
    await store.write_states([state])
    second = await opened()
    other = await second.register(NOW, "boot-2")
    theirs = OperatorState("alpha", other.number, NOW, "down", [], 0, 0)
    await second.write_states([theirs])
    assert await store.states() == [state, theirs]


async def test_events_are_given_back_with_the_messages(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    await written(store, event(new_id(), owner=owner.number))
    second = await opened()
    heir = await second.register(NOW, "boot-2")
    await expire(beside, owner)
    await second.recover(heir, None, handed_back, after(9))
    events, _ = await second.due_webhooks(after(9), heir, lambda _: 9, 9)
    assert len(events) == 1


def test_the_fence_has_its_own_lock() -> None:
    """The function in the schema and the statement here speak of the same one."""
    from storage.postgres.database import QUERIES
    from storage.postgres.schema import MIGRATIONS

    key = QUERIES["wait_for_processes"].text.partition("pg_advisory_xact_lock(")[2].partition(",")[0]
    assert f"pg_advisory_xact_lock_shared({key}," in MIGRATIONS[0].text
