"""One bind over loopback against our own server; against others in tests/wire/test_peers.py."""

from __future__ import annotations

import asyncio
import errno
import gc
import socket
from typing import Any

import pytest

from smpp import client as client_module
from smpp.client import Client, Endpoint, connect
from smpp.constants import Status, Tag
from smpp.errors import BindRefusedError, ConnectionLostError
from smpp.events import SessionConfig
from smpp.pdu import BindTransceiver, DeliverSm
from smpp.timers import TimerLimits
from tests.unit.smpp.scripted import Carrier, ClientOwner, body, mute

CONFIG = SessionConfig(window=100)


async def bound(to: Carrier, owner: ClientOwner, config: SessionConfig = CONFIG) -> Client:
    request = BindTransceiver(system_id="esme", password="secret")
    return await connect(Endpoint("127.0.0.1", to.server.port), request, config, owner, owner.before_write)


async def test_connect_binds(smsc: Carrier) -> None:
    owner = ClientOwner()
    client = await bound(smsc, owner)
    assert client.session.bound
    assert (smsc.binds[0].system_id, smsc.binds[0].password) == ("esme", "secret")
    assert owner.named("connected") == [()]
    client.close("the test is over")
    await client.wait_closed()


async def test_a_refused_bind_says_why_and_closes(smsc: Carrier) -> None:
    owner = ClientOwner()
    smsc.script.bind_status = Status.ESME_RINVPASWD
    with pytest.raises(BindRefusedError, match="ESME_RINVPASWD") as refused:
        await bound(smsc, owner)
    assert refused.value.status == Status.ESME_RINVPASWD
    await smsc.until(lambda: not smsc.server.connections)
    assert owner.events == []


async def test_nobody_listens() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        endpoint = Endpoint("127.0.0.1", unheard.getsockname()[1])
        owner = ClientOwner()
        with pytest.raises(ConnectionRefusedError):
            await connect(endpoint, BindTransceiver(), CONFIG, owner, owner.before_write)


async def test_a_carrier_that_does_not_answer_the_bind() -> None:
    owner = ClientOwner()
    config = SessionConfig(timers=TimerLimits(response_s=0.05))
    async with mute() as smsc:
        endpoint = Endpoint("127.0.0.1", smsc.port)
        with pytest.raises(ConnectionLostError, match="bind not answered"):
            await connect(endpoint, BindTransceiver(), config, owner, owner.before_write)
    assert owner.events == []


async def test_a_carrier_that_hangs_up_on_the_bind() -> None:
    owner = ClientOwner()
    async with mute(hangs_up=True) as smsc:
        endpoint = Endpoint("127.0.0.1", smsc.port)
        with pytest.raises(ConnectionLostError, match="closed by the peer"):
            await connect(endpoint, BindTransceiver(), CONFIG, owner, owner.before_write)


async def test_a_cancelled_connect_leaves_no_socket() -> None:
    owner = ClientOwner()
    async with mute() as smsc:
        endpoint = Endpoint("127.0.0.1", smsc.port)
        connecting = asyncio.create_task(
            connect(endpoint, BindTransceiver(), CONFIG, owner, owner.before_write)
        )
        await smsc.until(lambda: smsc.peers and smsc.peers[0].heard)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        await smsc.until(lambda: smsc.peers[0].gone)


async def test_a_connection_that_ends_before_its_bind_is_awaited_is_no_error_of_the_loop(
    smsc: Carrier,
) -> None:
    """A process that ends, or a reload, cancels the connecting between its last step and the bind."""
    told: list[dict[str, Any]] = []
    loop, owner = asyncio.get_running_loop(), ClientOwner()
    loop.set_exception_handler(lambda _loop, context: told.append(context))
    _, client = await loop.create_connection(
        lambda: Client(owner, CONFIG, owner.before_write), "127.0.0.1", smsc.server.port
    )
    client.abort("connecting was cancelled")
    await client.wait_closed()
    del client, _
    gc.collect()
    assert told == []


async def test_submit_answer_deliver_acknowledge(smsc: Carrier) -> None:
    owner = ClientOwner()
    client = await bound(smsc, owner)
    client.submit([(body(), "a")])
    await owner.until(lambda: owner.named("answered"))
    assert owner.named("answered") == [("a", 0, "id0")]
    smsc.latest.deliver(DeliverSm(short_message=b"receipt"), "r")
    await owner.until(lambda: owner.deliveries)
    assert owner.deliveries[0].acknowledge(Status.ESME_RX_T_APPN)
    await smsc.until(lambda: smsc.acknowledged)
    assert smsc.acknowledged == [("r", Status.ESME_RX_T_APPN)]
    client.close("the test is over")
    await client.wait_closed()


async def test_one_turn_is_one_write_and_one_journal_entry(smsc: Carrier) -> None:
    owner = ClientOwner()
    client = await bound(smsc, owner)
    for tag in range(50):
        client.submit([(body(str(tag)), tag)])
    assert owner.journal == []
    await owner.until(lambda: len(owner.named("answered")) == 50)
    assert owner.journal == [list(range(50))]
    assert smsc.texts == [str(tag) for tag in range(50)]
    client.close("the test is over")
    await client.wait_closed()


async def test_a_journal_that_cannot_be_written_stops_the_bind(smsc: Carrier) -> None:
    owner = ClientOwner()
    client = await bound(smsc, owner)
    client.submit([(body("first"), "first")])
    await owner.until(lambda: owner.named("answered"))
    owner.journal_error = OSError(errno.ENOSPC, "No space left on device")
    client.submit([(body("second"), "second")])
    await client.wait_closed()
    await smsc.until(lambda: smsc.closings)
    assert smsc.texts == ["first"]
    assert owner.named("lost") == [([], ["second"])]
    assert "No space left" in owner.named("closed")[0][0]


async def test_a_cut_line_tells_written_from_unwritten(smsc: Carrier) -> None:
    owner = ClientOwner()
    smsc.script.answers = False
    client = await bound(smsc, owner)
    client.submit([(body("written"), "written")])
    await smsc.until(lambda: smsc.submits)
    client.submit([(body("unwritten"), "unwritten")])
    client.abort("cut")
    assert owner.named("lost") == [(["written"], ["unwritten"])]
    await client.wait_closed()
    assert smsc.texts == ["written"]


async def test_the_carriers_unbind_is_answered(smsc: Carrier) -> None:
    owner = ClientOwner()
    client = await bound(smsc, owner)
    smsc.latest.unbind()
    await client.wait_closed()
    assert owner.named("closed") == [("unbound by the peer",)]
    await smsc.until(lambda: smsc.closings)
    assert smsc.closings == ["unbound"]


async def test_our_unbind_ends_the_connection(smsc: Carrier) -> None:
    owner = ClientOwner()
    client = await bound(smsc, owner)
    client.unbind()
    await client.wait_closed()
    assert owner.named("closed") == [("unbound",)]
    assert smsc.closings == ["unbound by the peer"]


async def test_garbage_ends_only_the_connection(smsc: Carrier) -> None:
    owner = ClientOwner()
    client = await bound(smsc, owner)
    smsc.latest.send_raw(b"\0\0\0\1garbage garbage garbage")
    await client.wait_closed()
    assert "less than a header" in owner.named("closed")[0][0]


async def test_a_dead_peer_is_noticed(smsc: Carrier) -> None:
    owner = ClientOwner()
    silent = SessionConfig(timers=TimerLimits(enquire_link_s=0.05, response_s=0.05))
    client = await bound(smsc, owner, silent)
    smsc.go_deaf()
    await client.wait_closed()
    assert owner.named("closed") == [("enquire_link not answered",)]


async def test_a_deadline_that_has_come_is_met_at_once(smsc: Carrier) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    owner = ClientOwner()
    client = await bound(smsc, owner, SessionConfig(timers=TimerLimits(enquire_link_s=1e-9)))
    client.submit([(body(), "a")])
    await owner.until(lambda: owner.named("answered"))
    client.flush_soon()
    client.close("the test is over")
    await client.wait_closed()
    assert complaints == []


async def test_a_timeout_comes_before_the_late_answer(smsc: Carrier) -> None:
    owner = ClientOwner()
    smsc.script.answers = False
    client = await bound(smsc, owner, SessionConfig(window=100, timers=TimerLimits(response_s=0.05)))
    client.submit([(body(), "slow")])
    await owner.until(lambda: owner.named("timed_out"))
    smsc.answer_all()
    await owner.until(lambda: owner.named("answered"))
    assert owner.named("answered") == [("slow", 0, "id0")]
    client.close("the test is over")
    await client.wait_closed()


async def test_a_socket_that_takes_no_more_takes_no_submits(smsc: Carrier) -> None:
    owner = ClientOwner()
    client = await bound(smsc, owner)
    client.pause_writing()
    assert client.window_free == 0
    client.resume_writing()
    assert client.window_free == 100
    assert owner.rooms == 1
    client.close("the test is over")
    await client.wait_closed()


async def test_unacknowledged_deliveries_stop_the_reading(
    smsc: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MAX_UNACKNOWLEDGED", 10)
    owner = ClientOwner()
    client = await bound(smsc, owner)
    for n in range(10):
        smsc.latest.deliver(DeliverSm(short_message=b"%d" % n), n)
    await owner.until(lambda: len(owner.deliveries) == 10)
    assert client._transport is not None
    assert not client._transport.is_reading()
    smsc.latest.deliver(DeliverSm(short_message=b"10"), 10)
    for delivery in owner.deliveries[:5]:
        delivery.acknowledge(0)
    await owner.until(lambda: len(owner.deliveries) == 11)
    assert client._transport.is_reading()
    client.close("the test is over")
    await client.wait_closed()


async def test_close_hands_back_what_is_open(smsc: Carrier) -> None:
    owner = ClientOwner()
    smsc.script.answers = False
    client = await bound(smsc, owner)
    client.submit([(body(), "open")])
    await smsc.until(lambda: smsc.submits)
    client.close("stopped")
    await client.wait_closed()
    assert owner.named("lost") == [(["open"], [])]
    assert owner.named("closed") == [("stopped",)]
    await smsc.until(lambda: smsc.closings)
    assert smsc.closings == ["unbound by the peer"]


async def test_how_full_the_carrier_says_it_is(smsc: Carrier) -> None:
    owner = ClientOwner()
    smsc.script.tlvs = {Tag.CONGESTION_STATE: b"\x5a"}
    client = await bound(smsc, owner)
    client.submit([(body(), "a")])
    await owner.until(lambda: owner.named("answered"))
    assert owner.named("congested") == [(90,)]
    client.close("the test is over")
    await client.wait_closed()
