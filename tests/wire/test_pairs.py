"""`bind = "transmitter+receiver"` against npm `smpp`: a carrier that is not ours keeps the two ways apart."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from smpp.bind import BindPhase, BindRole
from smpp.pool import Pool
from tests.peers.smsc import NodeSmsc, smsc
from tests.unit.smpp.scripted import PoolOwner
from tests.wire.test_peers import LONG, TEXT, Binds, parts_of, receipts_of

PAIR = "transmitter+receiver"


@pytest.fixture
async def theirs() -> AsyncIterator[NodeSmsc]:
    async with smsc(receipt_delay_ms=5) as listening:
        yield listening


@pytest.fixture
async def owner() -> PoolOwner:
    return PoolOwner()


def phase(pool: Pool, role: BindRole) -> set[BindPhase]:
    return {state.phase for state in pool.states() if state.role is role}


async def all_bound(owner: PoolOwner, pool: Pool) -> None:
    await owner.until(lambda: {state.phase for state in pool.states()} == {BindPhase.BOUND})


async def test_node_smsc_takes_parts_of_transmitters_and_sends_receipts_to_receivers(
    theirs: NodeSmsc, owner: PoolOwner
) -> None:
    async with Binds(theirs, owner, bind=PAIR, binds=2) as pool:
        await all_bound(owner, pool)
        await theirs.until(lambda: len(theirs.named("bind")) == 4)
        modes = {told["session"]: told["mode"] for told in theirs.named("bind")}
        assert sorted(modes.values()) == ["receiver", "receiver", "transmitter", "transmitter"]
        pool.submit(parts_of(LONG))
        await owner.until(lambda: len(owner.named("answered")) == 2)
        await theirs.until(lambda: len(theirs.named("submit")) == 2)
        assert {modes[submit["session"]] for submit in theirs.named("submit")} == {"transmitter"}
        ids = [message_id for _, _, message_id in owner.named("answered")]
        assert await receipts_of(owner, 2) == ids
        await pool.drain(20.0)
        await theirs.until(lambda: len(theirs.named("unbound")) == 4)


async def test_node_smsc_cuts_the_transmitter_and_the_receipt_of_the_doubt_comes(
    theirs: NodeSmsc, owner: PoolOwner
) -> None:
    await theirs.set(answer="never")
    async with Binds(theirs, owner, bind=PAIR) as pool:
        await all_bound(owner, pool)
        pool.submit(parts_of(TEXT))
        await theirs.until(lambda: theirs.named("submit"))
        await theirs.order("drop", mode="transmitter")
        await owner.until(lambda: owner.named("lost"))
        assert owner.named("lost") == [(["part 1"], [])]
        assert phase(pool, BindRole.RECEIVER) == {BindPhase.BOUND}
        assert await receipts_of(owner, 1) == [theirs.named("submit")[0]["id"]]
        await all_bound(owner, pool)


async def test_node_smsc_cuts_the_receiver_and_the_receipt_waits_for_it(
    theirs: NodeSmsc, owner: PoolOwner
) -> None:
    async with Binds(theirs, owner, bind=PAIR) as pool:
        await all_bound(owner, pool)
        await theirs.order("drop", mode="receiver")
        pool.submit(parts_of(TEXT))
        await owner.until(lambda: owner.named("answered"))
        assert await receipts_of(owner, 1) == [owner.named("answered")[0][2]]
        await theirs.until(lambda: len(theirs.named("bind")) == 3)
        assert [told["mode"] for told in theirs.named("bind")].count("transmitter") == 1
