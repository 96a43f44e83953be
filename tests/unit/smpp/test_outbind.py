"""An SMSC that calls: the listener over loopback, against our own server in the SMSC's role."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from smpp import outbind as module
from smpp.client import Client
from smpp.constants import Status
from smpp.events import SessionConfig, SessionCounters
from smpp.outbind import OutbindConfig, OutbindListener
from smpp.pdu import AlertNotification, BindReceiver, DataSm, DeliverSm, Outbind
from smpp.timers import TimerLimits
from tests.unit.smpp.scripted import Carrier, Delivery, Told

SAID = Outbind(system_id="smsc", password="theirs")


class Owner(Told):
    """Takes down what a listener tells."""

    def __init__(self) -> None:
        super().__init__()
        self.deliveries: list[Delivery] = []
        self.alerts: list[str] = []
        self.calls: list[tuple[str, bool]] = []

    def delivered(self, pdu: DeliverSm | DataSm, client: Client) -> None:
        self.deliveries.append(Delivery(pdu, client))
        self.tell()

    def alerted(self, pdu: AlertNotification) -> None:
        self.alerts.append(pdu.source_addr)
        self.tell()

    def called(self, peer: str, *, welcome: bool) -> None:
        self.calls.append((peer, welcome))
        self.tell()


@pytest.fixture
def owner() -> Owner:
    return Owner()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - of either side
            await asyncio.sleep(0.002)


@asynccontextmanager
async def listening(
    owner: Owner, session_init_s: float = 30.0, port: int = 0
) -> AsyncIterator[OutbindListener]:
    """A listener that runs."""
    listener = OutbindListener(
        OutbindConfig("127.0.0.1", port, "smsc", "theirs"),
        lambda: BindReceiver(system_id="esme", password="ours"),
        SessionConfig(timers=TimerLimits(session_init_s=session_init_s)),
        owner,
        lambda _tags: None,
        SessionCounters(),
    )
    running = asyncio.create_task(listener.run())
    try:
        yield listener
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_we_bind_as_receiver_on_its_connection_and_take_what_it_has(
    smsc: Carrier, owner: Owner
) -> None:
    async with listening(owner) as listener:
        await until(lambda: listener.port)
        connection = await smsc.server.outbind("127.0.0.1", listener.port, SAID)
        await smsc.until(lambda: smsc.binds)
        (bind,) = smsc.binds
        assert isinstance(bind, BindReceiver)
        assert (bind.system_id, bind.password) == ("esme", "ours")
        await until(lambda: listener.bound == 1)
        connection.deliver(DeliverSm(short_message=b"waited for you"), "d")
        connection.notify(AlertNotification(source_addr="447700900123"))
        await owner.until(lambda: owner.deliveries and owner.alerts)
        (delivery,) = owner.deliveries
        assert delivery.acknowledge(0)
        await smsc.until(lambda: smsc.acknowledged == [("d", 0)])
        assert owner.calls == [("127.0.0.1", True)]
        connection.unbind()
        await until(lambda: not listener.callers)
        assert (listener.open, listener.welcomed, listener.refused) == (True, 1, 0)


@pytest.mark.parametrize(
    "said", [Outbind(system_id="smsc"), Outbind(system_id="other", password="theirs"), Outbind()]
)
async def test_somebody_else_is_refused_and_counted(smsc: Carrier, owner: Owner, said: Outbind) -> None:
    async with listening(owner) as listener:
        await until(lambda: listener.port)
        connection = await smsc.server.outbind("127.0.0.1", listener.port, said)
        await connection.wait_closed()
        assert (listener.refused, listener.welcomed, owner.calls) == (1, 0, [("127.0.0.1", False)])
        assert smsc.binds == []
        await until(lambda: not listener.callers)


async def test_one_that_says_nothing_is_dropped_in_time(owner: Owner) -> None:
    async with listening(owner, session_init_s=0.05) as listener:
        await until(lambda: listener.port)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        assert await reader.read() == b""
        writer.close()
        assert owner.calls == []


async def test_a_bind_that_the_smsc_then_refuses_ends_the_connection(smsc: Carrier, owner: Owner) -> None:
    smsc.script.bind_status = Status.ESME_RINVPASWD
    async with listening(owner) as listener:
        await until(lambda: listener.port)
        connection = await smsc.server.outbind("127.0.0.1", listener.port, SAID)
        await connection.wait_closed()
        await until(lambda: not listener.callers)


async def test_too_many_callers_are_turned_away(
    smsc: Carrier, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CALLERS", 1)
    async with listening(owner) as listener:
        await until(lambda: listener.port)
        await smsc.server.outbind("127.0.0.1", listener.port, SAID)
        await until(lambda: listener.bound == 1)
        second = await smsc.server.outbind("127.0.0.1", listener.port, SAID)
        await second.wait_closed()
        assert (listener.bound, len(owner.calls)) == (1, 1)


async def test_what_is_not_held_does_not_listen(smsc: Carrier, owner: Owner) -> None:
    async with listening(owner) as listener:
        await until(lambda: listener.port)
        await smsc.server.outbind("127.0.0.1", listener.port, SAID)
        await until(lambda: listener.bound == 1)
        listener.hold(False)
        assert (listener.port, listener.open) == (0, True)
        await until(lambda: not listener.open)
        await smsc.until(lambda: smsc.closings == ["unbound by the peer"])
        listener.hold(True)
        await until(lambda: listener.port)
        listener.abort("the lease has run out")
        await until(lambda: not listener.open)


async def test_a_port_that_is_taken_is_tried_again(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RETRY_S", 0.02)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with listening(owner, port=port) as listener:
            await until(lambda: "can't listen on 127.0.0.1" in listener.last_error)
            taken.close()
            await until(lambda: listener.port == port)
            assert listener.last_error == ""


async def test_the_end_unbinds_whoever_has_called(smsc: Carrier, owner: Owner) -> None:
    async with listening(owner) as listener:
        await until(lambda: listener.port)
        await smsc.server.outbind("127.0.0.1", listener.port, SAID)
        await until(lambda: listener.bound == 1)
    assert not listener.open
    await smsc.until(lambda: smsc.closings == ["unbound by the peer"])
