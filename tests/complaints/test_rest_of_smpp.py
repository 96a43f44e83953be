"""Pairs of binds, query_sm, data_sm, outbind and the end of the sequence numbers, each through a whole gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.bench.child import free_port
from gateway.domain.words import Status
from gateway.operators.smpp import SmppOperator
from gateway.simulator import FinalState, Rule, with_quirks
from smpp.constants import MAX_SEQUENCE
from smpp.states import State
from tests.complaints.scene import OURS, PHONE, QUICK, Scene, scene

PAIR = "transmitter+receiver"
LONG = "A long text, " * 30  # three parts


def cut(play: Scene, state: State) -> None:
    """Drop the carrier's connections that are bound so."""
    for connection in list(play.carrier.simulator._server.connections):
        if connection.session.state is state:
            connection.abort("cut by the test")


async def delivered(play: Scene, ids: list[bytes]) -> None:
    for message_id in ids:
        await play.reach(message_id)


@pytest.mark.parametrize("version", ["3.3", "3.4", "5.0"])
async def test_a_pair_sends_by_one_connection_and_hears_by_the_other(tmp_path: Path, version: str) -> None:
    async with scene(tmp_path, bind=PAIR, interface_version=version) as play:
        await play.own()
        await delivered(play, await play.send_all([LONG, "short"]))
        play.carrier.simulator.inject(PHONE, OURS, "Hello")
        (inbound,) = await play.inbound()
        assert inbound.body == "Hello"
        assert play.carrier.simulator.connections == 2


@pytest.mark.parametrize("state", [State.BOUND_TX, State.BOUND_RX])
async def test_a_pair_loses_nothing_when_one_of_its_connections_is_cut(tmp_path: Path, state: State) -> None:
    slow = QUICK.model_copy(update={"answer_delay_s": 0.01})
    async with scene(
        tmp_path, slow, bind=PAIR, binds=2, window=4, reconnect_max_s=1, on_doubt_wait_s=1
    ) as play:
        ids = await play.send_all([f"number {n}" for n in range(60)])
        for count in (15, 30, 45):
            await play.until(lambda count=count: len(play.carrier.submits) >= count)  # type: ignore[misc]
            cut(play, state)
        await delivered(play, ids)
        await play.until(lambda: play.carrier.simulator.counters.binds > 4)


async def test_a_receipt_that_is_lost_is_asked_for(tmp_path: Path) -> None:
    """No receipt ever comes; without the question these would wait for the end of their validity."""
    missed = Rule(to="99", state=FinalState.EXPIRED)
    profile = with_quirks(QUICK, ["no-receipts"]).model_copy(update={"rules": (missed,)})
    async with scene(tmp_path, profile, query_after_s=0.1) as play:
        good, bad = await play.send(LONG), await play.send(recipient="+447700900199")
        await play.reach(good)
        await play.reach(bad, Status.UNDELIVERABLE)
        assert play.carrier.simulator.counters.questions >= 4


async def test_a_receipt_in_data_sm_is_a_receipt(tmp_path: Path) -> None:
    """jookies/jasmin#139."""
    async with scene(tmp_path, with_quirks(QUICK, ["data-sm"])) as play:
        await play.own()
        await delivered(play, await play.send_all([LONG, "short"]))
        play.carrier.simulator.inject(PHONE, OURS, "Hello")
        (inbound,) = await play.inbound()
        assert inbound.body == "Hello"
        await play.until(lambda: play.carrier.simulator.counters.inbound_acknowledged == 1)


async def test_a_carrier_calls_when_it_has_something(tmp_path: Path) -> None:
    port = free_port()
    settings = {"outbind_listen": f"127.0.0.1:{port}", "outbind_system_id": "simulator"}
    refusing = QUICK.model_copy(update={"refuse_binds": 1})
    async with scene(tmp_path, refusing, reconnect_max_s=3600, **settings) as play:
        await play.own()
        simulator = play.carrier.simulator
        await play.until(lambda: simulator.counters.binds_refused == 1)
        simulator.inject(PHONE, OURS, "Hello")
        await simulator.outbind("127.0.0.1", port)
        (inbound,) = await play.inbound()
        assert inbound.body == "Hello"
        await play.until(lambda: simulator.counters.inbound_acknowledged == 1)


async def test_16_sequence_numbers_begin_anew_after_the_last(tmp_path: Path) -> None:
    """JamaaSMPP#50: 0x7FFFFFFF, then 1, past those that are still unanswered."""
    async with scene(tmp_path, window=4) as play:
        operator = play.core.operators["alpha"]
        assert isinstance(operator, SmppOperator)
        await play.until(lambda: operator.up)
        client = operator._pool._binds[0]._client
        assert client is not None
        client.session._sequence = MAX_SEQUENCE - 5
        await delivered(play, await play.send_all([f"number {n}" for n in range(20)]))
        numbers = [submit.pdu.sequence for submit in play.carrier.submits]
        assert numbers == [*range(MAX_SEQUENCE - 4, MAX_SEQUENCE + 1), *range(1, 16)]
