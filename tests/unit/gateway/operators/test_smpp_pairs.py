"""An SMPP operator of several connections, over TCP against the simulated carrier: pairs, receipts on any bind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.domain.outcome import Accepted, Doubt
from gateway.operators.smpp import SmppOperator
from gateway.simulator import Simulator
from smpp.server import Connection
from smpp.states import State
from tests.unit.gateway.operators.test_smpp import Gateway, a_config, a_message, an_operator
from tests.unit.gateway.operators.test_smpp import running as operating
from tests.unit.gateway.simulator.recording_esme import quick
from tests.unit.smpp.scripted import carrier, receipt_of

PAIR = "transmitter+receiver"


@asynccontextmanager
async def working(
    gateway: Gateway, profile: dict[str, Any], **fields: Any
) -> AsyncIterator[tuple[Simulator, SmppOperator]]:
    """A simulated carrier and an operator whose binds are all there."""
    simulator = Simulator(quick(**profile))
    await simulator.start()
    operator = an_operator(port=simulator.port, reconnect_max_s=1.0, **fields)
    task = asyncio.create_task(operator.run(gateway))
    try:
        await until(lambda: whole(operator))
        yield simulator, operator
    finally:
        task.cancel()
        await asyncio.wait([task])
        await simulator.stop()


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - of either side
            await asyncio.sleep(0.005)


def sessions(operator: SmppOperator) -> list[str]:
    """The states of its connections."""
    found: list[str] = []
    for bind in operator.states():
        found.append(str(bind["state"]))
        if isinstance(receiver := bind.get("receiver"), dict):
            found.append(receiver["state"])
    return found


def whole(operator: SmppOperator) -> bool:
    return set(sessions(operator)) == {"bound"}


def bound_as(simulator: Simulator, state: State) -> list[Connection]:
    return [each for each in simulator._server.connections if each.session.state is state]


async def test_a_message_goes_by_one_way_and_its_receipt_comes_by_the_other() -> None:
    gateway = Gateway()
    async with working(gateway, {}, bind=PAIR) as (simulator, operator):
        assert len(bound_as(simulator, State.BOUND_TX)) == len(bound_as(simulator, State.BOUND_RX)) == 1
        (facts,) = operator.states()
        assert (facts["bind"], facts["state"], sorted(operator.holding())) == (0, "bound", [0])
        (part,) = operator.parts(a_message())
        operator.submit([part], gateway.outcome)
        await gateway.until(lambda: gateway.receipts)
        assert gateway.outcomes == [(part, Accepted("1000"))]
        assert gateway.receipts[0].ref == "1000"
        assert gateway.acknowledges[0](True)
        await until(lambda: simulator.counters.receipts_acknowledged == 1)


async def test_it_is_up_by_its_transmitter_and_tells_of_a_missing_receiver() -> None:
    gateway = Gateway()
    async with working(gateway, {}, bind=PAIR) as (simulator, operator):
        bound_as(simulator, State.BOUND_RX)[0].abort("cut")
        await until(lambda: sessions(operator)[1] != "bound")
        assert operator.up
        assert operator.states()[0]["receiver"]["last_error"] == "closed by the peer"  # type: ignore[index]
        operator.submit(operator.parts(a_message()), gateway.outcome)
        await until(lambda: whole(operator))
        await gateway.until(lambda: gateway.receipts)
        assert operator._metrics.bind_losses.of("alpha", "closed_by_peer").total == 1


async def test_it_is_down_without_its_transmitter_though_receipts_come() -> None:
    gateway = Gateway()
    slow = {"rules": [{"to": "", "answer": False}], "receipt_delay_min_s": 0.3, "receipt_delay_max_s": 0.3}
    async with working(gateway, slow, bind=PAIR) as (simulator, operator):
        operator.submit(operator.parts(a_message()), gateway.outcome)
        await until(lambda: simulator.counters.taken == 1)
        bound_as(simulator, State.BOUND_TX)[0].abort("cut")
        await gateway.until(lambda: gateway.outcomes and not operator.up)
        assert isinstance(gateway.outcomes[0][1], Doubt)
        assert sessions(operator)[1] == "bound"
        await gateway.until(lambda: gateway.receipts)


@pytest.mark.parametrize("bind", ["transceiver", PAIR])
async def test_a_receipt_may_come_by_any_bind_of_the_pool(bind: str) -> None:
    """jasmin#599, node-smpp#175: a carrier does not care by which connection a part has come."""
    gateway = Gateway()
    async with carrier() as smsc, operating(smsc, gateway, bind=bind, binds=2) as operator:
        await until(lambda: whole(operator))
        operator.submit(operator.parts(a_message()), gateway.outcome)
        await gateway.until(lambda: gateway.outcomes)
        ((came_by, submit),) = smsc.submits
        receiving = (State.BOUND_RX, State.BOUND_TRX)
        others = [
            each for each in smsc.connections if each is not came_by and each.session.state in receiving
        ]
        assert len(others) == (1 if bind == "transceiver" else 2)
        for number, other in enumerate(others):
            other.deliver(receipt_of(submit, "id0"), number)
        await gateway.until(lambda: len(gateway.receipts) == len(others))
        assert {receipt.ref for receipt in gateway.receipts} == {"id0"}
        assert all(acknowledge(True) for acknowledge in gateway.acknowledges)
        await smsc.until(lambda: len(smsc.acknowledged) == len(others))
        assert {status for _, status in smsc.acknowledged} == {0}


async def test_hold_and_abort_mean_both_connections() -> None:
    gateway = Gateway()
    async with working(gateway, {}, bind=PAIR, binds=2) as (simulator, operator):
        operator.hold({1})
        await until(lambda: operator.holding() == {1} and simulator.connections == 2)
        assert operator.window == operator.config.window
        operator.abort("the lease has run out")
        await until(lambda: not operator.holding() and simulator.connections == 0)


async def test_drain_ends_both() -> None:
    gateway = Gateway()
    async with working(gateway, {}, bind=PAIR) as (simulator, operator):
        operator.submit(operator.parts(a_message()), gateway.outcome)
        await operator.drain(20.0)
        assert [type(outcome) for _, outcome in gateway.outcomes] == [Accepted]
        await until(lambda: simulator.connections == 0)


def test_smpp_33_wants_the_pair() -> None:
    config = a_config(interface_version="3.3", bind=PAIR)
    assert (config.bind, config.interface_version.octet) == (PAIR, 0x33)
