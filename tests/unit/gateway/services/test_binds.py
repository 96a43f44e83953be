"""What the store gives is opened; what others have a right to is closed first and given back then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

import pytest

from gateway.metrics import Metrics
from gateway.ports import BindShare, Operator, Owner, Store
from gateway.services.binds import Binds
from gateway.services.lease import Lease
from tests.unit.gateway.services.rig import HandOperator

OWNER = Owner(1, 1)


class Shares:
    """A store's `share_binds`, whose answers the test chooses."""

    def __init__(self) -> None:
        self.shares: dict[str, BindShare] = {}
        self.asked: list[tuple[dict[str, int], list[tuple[str, int]]]] = []

    async def share_binds(
        self, owner: Owner, binds: Mapping[str, int], given_back: Collection[tuple[str, int]]
    ) -> Mapping[str, BindShare]:
        assert owner == OWNER
        self.asked.append((dict(binds), list(given_back)))
        return {name: share for name, share in self.shares.items() if name in binds}

    async def renew(self, owner: Owner) -> float:
        return 1.0


class SlowOperator(HandOperator):
    """Its binds are open until the test closes them."""

    def __init__(self, binds: int) -> None:
        super().__init__("alpha")
        self.binds = binds
        self.open: set[int] = set()
        self.held = frozenset()

    def hold(self, indices: Collection[int]) -> None:
        self.held = frozenset(indices)
        self.open |= self.held

    def holding(self) -> frozenset[int]:
        return frozenset(self.open)

    def close(self) -> None:
        """Those that are not held any more are closed now."""
        self.open &= self.held


class Scene:
    """Binds over one operator, and a lease whose time the test sets."""

    def __init__(self) -> None:
        self.store = Shares()
        self.now = 0.0
        store = cast(Store, self.store)
        self.lease = Lease(store, OWNER, Metrics(), self._end, lambda: self.now)
        self.alpha = SlowOperator(4)
        self.operators: dict[str, Operator] = {"alpha": self.alpha}
        self.binds = Binds(store, OWNER, self.lease, lambda: self.operators)

    def _end(self) -> None:
        self.binds.abort()

    async def turn(self, *ours: int, share: int) -> list[tuple[str, int]]:
        """A turn after which the store says that these are ours; what it was given back."""
        self.store.shares = {"alpha": BindShare(frozenset(ours), share)}
        await self.binds.turn()
        return self.store.asked[-1][1]


@pytest.fixture
async def at() -> Scene:
    scene = Scene()
    await scene.lease.renew()
    return scene


async def test_what_is_ours_is_held(at: Scene) -> None:
    await at.turn(0, 2, share=2)
    assert at.alpha.held == {0, 2}
    assert at.store.asked == [({"alpha": 4}, [])]


async def test_what_is_above_the_share_is_closed_and_then_given_back(at: Scene) -> None:
    await at.turn(0, 1, 2, 3, share=4)
    assert await at.turn(0, 1, 2, 3, share=2) == []
    assert at.alpha.held == {0, 1}
    assert await at.turn(0, 1, 2, 3, share=2) == [], "their links are still open"
    at.alpha.close()
    assert sorted(await at.turn(0, 1, share=2)) == [("alpha", 2), ("alpha", 3)]
    assert await at.turn(0, 1, share=2) == []


async def test_an_answer_that_comes_after_the_lease_has_run_out_opens_nothing(at: Scene) -> None:
    at.now = 1.0
    await at.turn(0, 1, share=2)
    assert at.alpha.held == frozenset()


async def test_the_end_of_the_lease_drops_all_until_it_holds_again(at: Scene) -> None:
    await at.turn(0, 1, share=2)
    at.binds.abort()
    assert len(at.alpha.aborted) == 1
    at.alpha.open.clear()
    await at.turn(0, 1, share=2)
    assert at.alpha.held == {0, 1}


async def test_an_exchanged_operator_opens_when_the_former_is_closed(at: Scene) -> None:
    await at.turn(0, 1, share=2)
    former, at.alpha = at.alpha, SlowOperator(4)
    at.operators = {"alpha": at.alpha}
    await at.turn(0, 1, share=2)
    assert at.alpha.held == frozenset()
    former.open.clear()
    await at.turn(0, 1, share=2)
    assert at.alpha.held == {0, 1}


async def test_during_an_exchange_nothing_is_given_back(at: Scene) -> None:
    await at.turn(0, 1, share=2)
    with at.binds.left_as_they_are():
        at.operators = {}
        at.alpha.open.clear()
        await at.binds.turn()
    assert len(at.store.asked) == 1


async def test_an_operator_that_is_configured_no_more_gives_all_back(at: Scene) -> None:
    await at.turn(0, 1, share=2)
    at.operators = {}
    await at.binds.turn()
    at.alpha.open.clear()
    await at.binds.turn()
    binds, given_back = at.store.asked[-1]
    assert (binds, sorted(given_back)) == ({}, [("alpha", 0), ("alpha", 1)])
    await at.binds.turn()
    assert at.store.asked[-1] == ({}, [])


async def test_a_drained_process_wants_none_and_keeps_none(at: Scene) -> None:
    await at.turn(0, 1, share=2)
    await at.binds.give_back()
    binds, given_back = at.store.asked[-1]
    assert (binds, sorted(given_back)) == ({}, [("alpha", 0), ("alpha", 1)])


async def test_fewer_binds_than_before(at: Scene) -> None:
    await at.turn(0, 1, 2, share=3)
    at.alpha.binds = 2
    await at.turn(0, 1, 2, share=2)
    assert at.alpha.held == {0, 1}
