"""A lease by its holder's own clock: when it holds, when others may be taken for dead, what happens at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import pytest

from gateway.errors import Fenced, StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import Owner, Store
from gateway.services.lease import Lease, seconds_since_boot

HELD_S = 9.0


class Leases:
    """A store's `renew`, with the time that it takes and the error that it ends with."""

    def __init__(self, held_s: float = HELD_S) -> None:
        self.held_s = held_s
        self.now = 1000.0
        self.takes_s = 0.0
        self.error: Exception | None = None
        self.renewed = asyncio.Event()
        self.ends = 0

    async def renew(self, owner: Owner) -> float:
        self.now += self.takes_s
        self.renewed.set()
        if self.error is not None:
            raise self.error
        return self.held_s

    def lease(self, clock: Callable[[], float] | None = None) -> Lease:
        return Lease(cast(Store, self), Owner(1, 1), Metrics(), self._end, clock or (lambda: self.now))

    def _end(self) -> None:
        self.ends += 1


async def test_it_is_counted_from_before_the_call() -> None:
    leases = Leases()
    lease = leases.lease()
    assert not lease.holds(), "not before the first renewal"
    leases.takes_s = 2.0
    await lease.renew()
    leases.now = 1000.0 + HELD_S - 0.001
    assert lease.holds()
    leases.now = 1000.0 + HELD_S
    assert not lease.holds()


async def test_a_renewal_that_fails_changes_nothing() -> None:
    leases = Leases()
    lease = leases.lease()
    await lease.renew()
    leases.now += 5
    leases.error = StoreUnavailable("away")
    with pytest.raises(StoreUnavailable):
        await lease.renew()
    assert lease.holds()
    leases.now += HELD_S - 5
    assert not lease.holds()


async def test_others_are_dead_only_after_a_lease_in_touch_with_the_store() -> None:
    """After an outage all of them look dead, for none could renew."""
    leases = Leases()
    lease = leases.lease()
    await lease.renew()
    assert not lease.is_steady()
    leases.now += HELD_S - 1
    await lease.renew()
    assert not lease.is_steady()
    leases.now += 1
    assert lease.is_steady()
    leases.error = StoreUnavailable("away")
    with pytest.raises(StoreUnavailable):
        await lease.renew()
    assert not lease.is_steady()
    leases.error = None
    await lease.renew()
    leases.now += HELD_S - 1
    assert not lease.is_steady()
    await lease.renew()
    leases.now += 1
    assert lease.is_steady()


async def test_a_renewal_that_took_long_counts_as_an_outage() -> None:
    leases = Leases()
    lease = leases.lease()
    await lease.renew()
    leases.now += HELD_S
    leases.takes_s = HELD_S / 2
    await lease.renew()
    assert lease.is_steady()
    leases.takes_s = HELD_S / 2 + 0.1
    await lease.renew()
    assert lease.holds()
    assert not lease.is_steady()


async def test_fenced_gets_out() -> None:
    leases = Leases(held_s=0.003)
    lease = leases.lease(seconds_since_boot)
    await lease.renew()
    leases.error = Fenced("taken for dead")
    with pytest.raises(Fenced):
        await lease.run()


async def test_it_is_renewed_again_and_again_also_after_failures() -> None:
    leases = Leases(held_s=0.03)
    lease = leases.lease(seconds_since_boot)
    await lease.renew()
    running = asyncio.create_task(lease.run())
    for error in (None, StoreUnavailable("away"), None, None):
        leases.error = error
        leases.renewed.clear()
        async with asyncio.timeout(20):
            await leases.renewed.wait()
    running.cancel()
    await asyncio.wait([running])


async def test_its_end_is_told_once_and_again_after_it_has_held_anew() -> None:
    leases = Leases(held_s=0.01)
    lease = leases.lease(seconds_since_boot)
    await lease.renew()
    watching = asyncio.create_task(lease.watch())
    for ends in (1, 2):
        async with asyncio.timeout(20):
            while leases.ends < ends:  # noqa: ASYNC110 it ends by itself
                await asyncio.sleep(0.001)
        assert leases.ends == ends
        await lease.renew()
    watching.cancel()
    await asyncio.wait([watching])


async def test_one_that_never_ends_needs_nobody() -> None:
    leases = Leases(held_s=float("inf"))
    lease = leases.lease()
    await lease.renew()
    async with asyncio.timeout(20):
        await lease.run()
        await lease.watch()
    assert lease.holds()
