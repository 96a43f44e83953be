"""The store's contract: a second process on the same store, a command beside the gateway, leases and their end."""

from __future__ import annotations

import pytest

from gateway.domain.account import Account, Env
from gateway.domain.event import Settled
from gateway.domain.message import Message, Step, Wait, settle
from gateway.domain.suppression import Suppression
from gateway.domain.words import Role
from gateway.ports import BindShare, Held, Owner, Recovery, Store
from tests.contract.conftest import OpenStore, until
from tests.contract.made import (
    NOW,
    PHONE,
    acceptance,
    after,
    answer,
    changing,
    claimed,
    decide_answers,
    event,
    message,
    new_id,
)
from tests.contract.test_store import found, kept
from tests.contract.test_store_webhooks import written

ACCOUNT = Account("acme", NOW)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """Engines whose stores two processes share."""
    return str(request.param)


async def test_what_a_command_changes_holds_for_the_next_request(store: Store, opened: OpenStore) -> None:
    command = await opened()
    generation = store.generation()
    await command.save_account(ACCOUNT)
    await until(lambda: store.generation() > generation)
    assert await store.accounts() == [ACCOUNT]
    await command.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
    (result,) = await store.accept([acceptance(message())])
    assert "SUPPRESSED" in repr(result)


async def test_a_command_works_while_the_gateway_writes(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    command = await opened()
    for n in range(20):
        await store.accept([acceptance(message())])
        await command.post_command("pause", f"alpha-{n}", NOW)
    assert len(await store.take_commands(owner, NOW)) == 20


async def test_a_change_by_another_process_is_seen_by_the_next_decision(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    m = claimed(owner, part_count=2)
    await store.accept([acceptance(m)])
    await store.record_answers([answer(m, "a", 1, 2)], decide_answers)
    command = await opened()
    await command.change([m.id], changing(lambda m: setattr(m, "route", "by hand")))
    seen = []
    await store.change([m.id], changing(lambda m: seen.append(m.route)))
    assert seen == ["by hand"]


# --- leases


def handed_back(recovery: Recovery) -> Step:
    """A decision that puts everything back into the queue."""
    step = Step(recovery.message)
    settle(step, {}, Wait("alpha", after(10)), after(9))
    return step


async def test_a_lease_is_renewed_for_a_time_that_is_told(store: Store, owner: Owner) -> None:
    assert await store.renew(owner) > 0
    assert await store.dead_owners() == []


async def test_a_process_that_registers_anew_is_the_heir_of_its_former_self(
    store: Store, owner: Owner
) -> None:
    m = claimed(owner)
    await kept(store, m)
    heir = await store.register(after(5), "boot-2", [Role.SENDER])
    assert heir.token > owner.token
    (dead,) = await store.dead_owners()
    assert (dead.owner, dead.boot_id) == (owner, "boot-1")
    assert await store.recover(heir, None, handed_back, after(9), [dead.owner.number]) == 1
    assert (await found(store, m)).owner is None
    assert await store.dead_owners() == []


async def test_what_a_process_still_holds_at_its_end_is_recovered_once(store: Store, owner: Owner) -> None:
    messages: list[Message] = [claimed(owner) for _ in range(3)]
    await kept(store, *messages)
    heir = await store.register(after(5), "boot-2")
    assert await store.recover(heir, {}, handed_back, after(9)) == 3
    assert await store.recover(heir, {}, handed_back, after(9)) == 0
    assert len((await store.claim("alpha", 10, heir, after(10))).claimed) == 3
    assert await store.recover(heir, {}, handed_back, after(11)) == 0


async def test_what_a_process_holds_is_told_until_it_is_settled(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    taken, waits, done = claimed(owner), message(), claimed(owner)
    await kept(store, taken, waits, done, message(next_at=after(60)))
    mine, theirs = event(new_id(), owner=owner.number), event(new_id())
    await written(store, mine, theirs)  # by a message that waits
    assert await store.held(owner) == Held({taken.id, done.id}, {mine.id: 0})
    (_, other) = (await store.claim("alpha", 10, owner, after(1))).claimed
    await store.due_webhooks(after(1), owner, lambda _: 10, 10)
    held = await store.held(owner)
    assert held == Held({taken.id, done.id, waits.id, other.message.id}, {mine.id: 0, theirs.id: 0})
    await store.record_answers([answer(done, "a")], decide_answers)
    await store.settle_webhooks([Settled(theirs.id, False, False, after(2), after(9), 1, None, "500")])
    assert await store.held(owner) == Held(held.messages - {done.id}, {mine.id: 0})
    command = await opened()
    assert await command.held(Owner(owner.number + 1, owner.token + 1)) == Held(set(), {})


# --- binds


async def test_a_process_alone_has_all_binds(store: Store, owner: Owner) -> None:
    shares = await store.share_binds(owner, {"alpha": 3, "beta": 1}, [])
    assert shares == {"alpha": BindShare(frozenset({0, 1, 2}), 3), "beta": BindShare(frozenset({0}), 1)}
    assert await store.peers(owner) == []


async def test_who_leaves_is_taken_over_at_once(store: Store, owner: Owner, opened: OpenStore) -> None:
    m = claimed(owner)
    await kept(store, m)
    await store.share_binds(owner, {"alpha": 2}, [])
    await store.leave(owner)
    await store.close()
    next_store = await opened()
    heir = await next_store.register(after(5), "boot-1")
    assert [dead.owner for dead in await next_store.dead_owners()] == [owner]
    assert await next_store.recover(heir, {}, handed_back, after(9)) == 1
    shares = await next_store.share_binds(heir, {"alpha": 2}, [])
    assert shares["alpha"] == BindShare(frozenset({0, 1}), 2)
