"""A carrier that calls an operator of ours, over TCP with the simulated one: what waits there comes that way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from pydantic import ValidationError
from structlog.testing import LogCapture, capture_logs

from gateway.bench.child import free_port
from gateway.operators.smpp import SmppOperator
from gateway.simulator import Simulator
from tests.unit.gateway.operators.test_smpp import Gateway, a_config, an_operator
from tests.unit.gateway.operators.test_smpp_pairs import until
from tests.unit.gateway.services.rig import OURS, PHONE
from tests.unit.gateway.simulator.recording_esme import quick


@asynccontextmanager
async def waiting(gateway: Gateway, **profile: Any) -> AsyncIterator[tuple[Simulator, SmppOperator, int]]:
    """A carrier whose own port refuses us, an operator that waits to be called by it, and the port for that."""
    port = free_port()
    simulator = Simulator(quick(name="smsc", outbind_password="theirs", **profile))
    await simulator.start()
    operator = an_operator(
        port=free_port(),
        outbind_listen=f"127.0.0.1:{port}",
        outbind_system_id="smsc",
        outbind_password="theirs",
    )
    task = asyncio.create_task(operator.run(gateway))
    try:
        await until(lambda: outbind(operator)["state"] == "listening")
        yield simulator, operator, port
    finally:
        task.cancel()
        await asyncio.wait([task])
        await simulator.stop()


def outbind(operator: SmppOperator) -> dict[str, object]:
    facts = operator.states()[0]["outbind"]
    assert isinstance(facts, dict)
    return facts


async def test_what_waits_for_us_comes_when_the_carrier_calls() -> None:
    gateway = Gateway()
    async with waiting(gateway) as (simulator, operator, port):
        simulator.inject(PHONE, OURS, "STOP")
        await simulator.outbind("127.0.0.1", port)
        await gateway.until(lambda: gateway.inbounds)
        (inbound,) = gateway.inbounds
        assert (inbound.sender, inbound.recipient, inbound.body) == (PHONE, OURS, "STOP")
        assert gateway.acknowledges[0](True)
        await until(lambda: simulator.counters.inbound_acknowledged == 1)
        assert (outbind(operator)["sessions"], operator.up) == (1, False), "parts go by our own binds"
        assert outbind(operator)["peers"] == ["127.0.0.1"]


async def test_a_caller_that_is_not_the_carrier_is_counted() -> None:
    gateway = Gateway()
    async with waiting(gateway) as (_, operator, port):
        stranger = Simulator(quick(name="smsc", outbind_password="guessed"))
        await stranger.start()
        with capture_logs() as logs:
            await stranger.outbind("127.0.0.1", port)
            await until(lambda: outbind(operator)["refused"] == 1)
        await stranger.stop()
        # Its own binds may find nobody at this moment.
        told = [line for line in logs if line["event"] != "bind"]
        assert [(line["event"], line["peer"]) for line in told] == [("outbind refused", "127.0.0.1")]
        assert outbind(operator)["peers"] == []
        assert operator._metrics.bad_input.of("smpp", "refused_outbind").total == 1
        assert gateway.inbounds == []


async def test_who_does_not_hold_the_first_bind_does_not_listen() -> None:
    gateway = Gateway()
    async with waiting(gateway) as (simulator, operator, port):
        await simulator.outbind("127.0.0.1", port)
        await until(lambda: outbind(operator)["sessions"] == 1)
        operator.hold(())
        assert 0 in operator.holding()
        await until(lambda: not operator.holding())
        assert outbind(operator)["peers"] == []
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await simulator.outbind("127.0.0.1", port)
        operator.hold({0})
        await until(lambda: outbind(operator)["state"] == "listening")
        await simulator.outbind("127.0.0.1", port)
        await until(lambda: outbind(operator)["sessions"] == 1)
        operator.abort("the lease has run out")
        await until(lambda: not operator.holding())


async def test_a_drain_leaves_the_port_to_the_next() -> None:
    """A reload makes a new operator when the old one has drained."""
    gateway = Gateway()
    async with waiting(gateway) as (simulator, operator, port):
        await simulator.outbind("127.0.0.1", port)
        await until(lambda: outbind(operator)["sessions"] == 1)
        await operator.drain(1.0)
        listener = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", port)
        listener.close()
        await listener.wait_closed()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"outbind_listen": "2776", "outbind_system_id": "smsc"}, "write host:port"),
        ({"outbind_listen": "localhost:smpp", "outbind_system_id": "smsc"}, "write host:port"),
        ({"outbind_listen": "0.0.0.0:2776"}, "needs outbind_system_id"),
        ({"outbind_system_id": "smsc"}, "mean nothing without outbind_listen"),
    ],
)
def test_what_can_not_work(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        a_config(**fields)


@pytest.mark.parametrize(
    ("listen", "address"), [("[::1]:2776", ("::1", 2776)), ("smpp.example:2776", ("smpp.example", 2776))]
)
def test_where_to_listen(listen: str, address: tuple[str, int]) -> None:
    assert a_config(outbind_listen=listen, outbind_system_id="smsc").outbind_address() == address


async def test_an_alert_is_told_without_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway, told = Gateway(), LogCapture()
    # Of its own: what a process has set up for its log, a test before this one perhaps, leaves out debug.
    everything = structlog.make_filtering_bound_logger(logging.DEBUG)
    own = structlog.wrap_logger(None, processors=[told], wrapper_class=everything)
    monkeypatch.setattr("gateway.operators.smpp_inward.log", own)
    logs = told.entries
    async with waiting(gateway, alert_every=1) as (simulator, operator, port):
        await simulator.outbind("127.0.0.1", port)
        await until(lambda: outbind(operator)["sessions"] == 1)
        (mailbox,) = simulator._mailboxes.values()
        simulator.alert(mailbox, PHONE[1:])
        await until(lambda: any(line["event"] == "alert_notification" for line in logs))
    assert operator._metrics.alerts.of("alpha").total == 1
    (alert,) = [line for line in logs if line["event"] == "alert_notification"]
    assert alert["log_level"] == "debug"
    assert PHONE[1:] not in str(alert)
