"""Binds over processes that share a store: each is one process's, until that gives it back or is ended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.words import Role
from gateway.errors import Fenced
from gateway.ports import BindShare, OperatorState, Owner, Store
from tests.contract.made import NOW, after, claimed
from tests.contract.test_store import found, kept
from tests.unit.storage.postgres.conftest import OpenStore
from tests.unit.storage.postgres.test_processes import expire, handed_back


async def held(store: Store, owner: Owner, binds: int, *given_back: int) -> BindShare:
    """What a process has of operator alpha's binds after it has given these back."""
    shares = await store.share_binds(owner, {"alpha": binds}, [("alpha", bind) for bind in given_back])
    return shares["alpha"]


async def joined(opened: OpenStore) -> tuple[Store, Owner]:
    """Another process."""
    store = await opened()
    return store, await store.register(NOW, "boot-2")


async def test_a_newcomer_gets_its_share_when_it_is_given_up(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    assert (await held(store, owner, 4)).held == {0, 1, 2, 3}
    second, other = await joined(opened)
    assert await held(second, other, 4) == BindShare(frozenset(), 2)
    assert await held(store, owner, 4) == BindShare(frozenset({0, 1, 2, 3}), 2), "nobody takes them away"
    assert (await held(store, owner, 4, 3)).held == {0, 1, 2}
    assert (await held(second, other, 4)).held == {3}
    assert (await held(store, owner, 4, 2)).held == {0, 1}
    assert (await held(second, other, 4)).held == {2, 3}


async def test_a_bind_that_is_not_ours_is_not_given_back(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    await held(store, owner, 2)
    second, other = await joined(opened)
    assert (await held(second, other, 2, 0, 1)).held == frozenset()
    assert (await held(store, owner, 2)).held == {0, 1}


async def test_who_wants_none_has_no_part_in_it(store: Store, owner: Owner, opened: OpenStore) -> None:
    second, other = await joined(opened)
    assert await held(store, owner, 2) == BindShare(frozenset({0, 1}), 2), "it has not asked"
    assert await held(second, other, 2) == BindShare(frozenset(), 1)
    assert (await held(store, owner, 2, 1)).share == 1
    assert (await held(second, other, 2)).held == {1}
    assert await second.share_binds(other, {}, [("alpha", 1)]) == {}
    assert await held(store, owner, 2) == BindShare(frozenset({0, 1}), 2)


def said(owner: Owner, minute: int, *operators: str) -> list[OperatorState]:
    """What a process says of its operators: that they are up."""
    return [OperatorState(operator, owner.number, after(minute), "up", [], 0, 0) for operator in operators]


async def test_who_has_not_the_operator_has_no_part_in_it(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    """Each process has a carrier that the other one has not, and both have to be bound."""
    second, other = await joined(opened)
    await second.share_binds(other, {"beta": 2, "gamma": 1}, [])
    assert (await held(store, owner, 2)).share == 1, "it has not said what it has"
    await second.write_states(said(other, 1, "beta", "gamma"))
    await store.write_states(said(owner, 1, "alpha"))
    assert await held(store, owner, 2) == BindShare(frozenset({0, 1}), 2)
    shares = await second.share_binds(other, {"beta": 2, "gamma": 1}, [])
    assert shares == {"beta": BindShare(frozenset({0, 1}), 2), "gamma": BindShare(frozenset({0}), 1)}


async def test_a_reload_that_brings_an_operator_has_its_part_at_once(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    second, other = await joined(opened)
    await second.share_binds(other, {"beta": 1}, [])
    await second.write_states(said(other, 1, "beta"))
    assert (await held(second, other, 2)).held == {0, 1}


async def test_what_a_reload_has_taken_out_is_said_no_more(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    """Its last word would be "up" for as long as the process lives, and the others would wait for it."""
    second, other = await joined(opened)
    await store.write_states(said(owner, 2, "alpha", "beta"))
    await second.write_states(said(other, 2, "alpha", "beta"))
    await second.write_states(said(other, 1, "beta"))  # its clock was put back
    (peer,) = await store.peers(owner)
    assert peer.says == {"alpha": "removed", "beta": "up"}
    (peer,) = await second.peers(other)
    assert peer.says == {"alpha": "up", "beta": "up"}
    await second.share_binds(other, {"beta": 1}, [])
    assert await held(store, owner, 2) == BindShare(frozenset({0, 1}), 2)
    await second.write_states(said(other, 3, "alpha", "beta"))
    assert (await held(store, owner, 2)).share == 1


async def test_binds_of_the_dead_are_free_once_it_is_ended(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    await held(store, owner, 2)
    second, other = await joined(opened)
    await expire(beside, owner)
    assert (await held(second, other, 2)).held == frozenset(), "it could still renew its lease"
    await second.recover(other, None, handed_back, after(1))
    assert await held(second, other, 2) == BindShare(frozenset({0, 1}), 2)
    with pytest.raises(Fenced):
        await held(store, owner, 2)


async def test_a_fenced_process_has_lost_its_binds_and_nothing_else(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    m = claimed(owner)
    await kept(store, m)
    await held(store, owner, 2)
    second, other = await joined(opened)
    await second.fence(other, [owner.number])
    assert (await held(second, other, 2)).held == frozenset(), "its lease holds"
    await expire(beside, owner)
    await second.fence(other, [owner.number])
    assert (await held(second, other, 2)).held == {0, 1}
    with pytest.raises(Fenced):
        await store.renew(owner)
    assert [dead.owner for dead in await second.dead_owners()] == [owner], "somebody may know more of it"
    assert (await found(store, m)).owner == owner.number
    assert await second.recover(other, {}, handed_back, after(1), [owner.number]) == 1


async def test_all_take_at_once_and_none_is_held_twice(store: Store, owner: Owner, opened: OpenStore) -> None:
    rivals = [(store, owner), *[await joined(opened) for _ in range(3)]]
    for each, who in rivals:
        await each.share_binds(who, {"beta": 1}, [])  # from now on all are known to want some
    for _ in range(2):
        shares = await asyncio.gather(*(held(each, who, 6) for each, who in rivals))
    binds = [bind for each in shares for bind in each.held]
    assert sorted(binds) == [0, 1, 2, 3, 4, 5]
    assert all(len(each.held) == each.share for each in shares)


async def test_binds_that_are_configured_no_more_are_only_given_back(
    store: Store, owner: Owner, opened: OpenStore
) -> None:
    await held(store, owner, 3)
    assert await held(store, owner, 1) == BindShare(frozenset({0, 1, 2}), 1)
    assert await held(store, owner, 1, 1, 2) == BindShare(frozenset({0}), 1)


async def test_peers_are_those_whose_lease_holds(
    store: Store, owner: Owner, opened: OpenStore, beside: Any
) -> None:
    second, other = await joined(opened)
    assert [peer.process.owner.number for peer in await store.peers(owner)] == [other.number]
    assert [(peer.says, peer.carriers) for peer in await store.peers(owner)] == [({}, {})]
    alpha = OperatorState("alpha", other.number, NOW, "up", [], 0, 0, [], "a1")
    beta, gamma = replace(alpha, operator="beta", carrier_digest=""), replace(alpha, operator="gamma")
    await second.write_states([alpha, beta, gamma])
    await second.write_states([alpha, beta])
    (peer,) = await store.peers(owner)
    assert peer.roles == set(Role)
    assert peer.says == {"alpha": "up", "beta": "up", "gamma": "removed"}
    assert peer.carriers == {"alpha": "a1"}, "beta's process does not tell, gamma was taken out"
    await expire(beside, other)
    assert await store.peers(owner) == []


async def test_peers_tell_their_roles(store: Store, owner: Owner, opened: OpenStore, beside: Any) -> None:
    second = await opened()
    other = await second.register(NOW, "boot-2", [Role.SENDER, Role.API])
    assert [peer.roles for peer in await store.peers(owner)] == [{Role.API, Role.SENDER}]
    await beside.execute("UPDATE processes SET roles = '{api,janitor}' WHERE number = $1", other.number)
    assert [peer.roles for peer in await store.peers(owner)] == [{Role.API}], "of a later release"
    await beside.execute("UPDATE processes SET roles = DEFAULT WHERE number = $1", other.number)
    assert [peer.roles for peer in await store.peers(owner)] == [set(Role)], "of an earlier one"
