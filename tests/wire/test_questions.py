"""query_sm and outbind between us and SMPP that is not ours: npm `smpp` as the SMSC, PyPI `smpplib` as the ESME."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import smpplib.client
import smpplib.consts

from gateway.simulator import FinalState
from smpp.constants import MessageState, Status
from smpp.events import SessionConfig, SessionCounters
from smpp.outbind import OutbindConfig, OutbindListener
from smpp.pdu import BindReceiver, Pdu, QuerySm, QuerySmResp
from tests.peers.smsc import NodeSmsc, smsc
from tests.unit.gateway.simulator.recording_esme import bound, quick, until
from tests.unit.smpp.scripted import PoolOwner
from tests.unit.smpp.test_outbind import Owner
from tests.wire.test_peers import TEXT, Binds, parts_of


@pytest.fixture
async def theirs() -> AsyncIterator[NodeSmsc]:
    async with smsc(receipts=False) as listening:
        yield listening


@pytest.mark.parametrize(
    ("state", "status"), [(MessageState.DELIVERED, Status.ESME_ROK), (0, Status.ESME_RINVCMDID)]
)
async def test_node_smsc_is_asked_for_a_part(theirs: NodeSmsc, state: int, status: Status) -> None:
    await theirs.set(query_state=int(state))
    owner = PoolOwner()
    replies: list[Pdu | None] = []
    async with Binds(theirs, owner) as pool:
        pool.submit(parts_of(TEXT))
        await owner.until(lambda: owner.named("answered"))
        ref = owner.named("answered")[0][2]
        assert pool.ask(QuerySm(message_id=ref, source_addr_ton=5, source_addr="Trunkline"), replies.append)
        await until(lambda: bool(replies))
        (reply,) = replies
        assert isinstance(reply, QuerySmResp)
        assert (reply.status, reply.message_state) == (status, state)
        assert reply.message_id == (ref if state else "")


async def test_node_smsc_calls_and_is_bound_to(theirs: NodeSmsc) -> None:
    owner = Owner()
    listener = OutbindListener(
        OutbindConfig("127.0.0.1", 0, "node", "theirs"),
        lambda: BindReceiver(system_id="trunkline", password="secret"),
        SessionConfig(),
        owner,
        lambda _tags: None,
        SessionCounters(),
    )
    running = asyncio.create_task(listener.run())
    await until(lambda: bool(listener.port))
    await theirs.order("inbound", **{"from": "447700900123", "to": "60777", "text": "STOP"})
    await theirs.order("outbind", host="127.0.0.1", port=listener.port, system_id="node", password="theirs")
    await owner.until(lambda: owner.deliveries)
    (delivery,) = owner.deliveries
    assert delivery.acknowledge(0)
    await theirs.until(lambda: theirs.named("answered"))
    (told,) = theirs.named("bind")
    assert (told["mode"], told["system_id"], told["status"]) == ("receiver", "trunkline", 0)
    running.cancel()
    await asyncio.wait([running])


async def test_smpplib_asks_the_simulated_carrier() -> None:
    share = {"state": FinalState.UNDELIV, "err": "013", "percent": 100}
    async with bound(quick(receipts=False, outcomes=[share])) as (simulator, esme):
        esme.submit()
        await until(lambda: bool(esme.answers))

        def ask() -> tuple[str, int, int]:
            client = smpplib.client.Client(
                "127.0.0.1", simulator.port, timeout=10, allow_unknown_opt_params=True
            )
            client.connect()
            client.bind_transceiver(system_id="smpplib", password="")
            client.query_message(message_id="1000", source_addr="447700900999")
            answer = client.read_pdu()
            client.unbind()
            client.disconnect()
            return answer.message_id.decode(), answer.message_state, answer.error_code

        assert await asyncio.to_thread(ask) == ("1000", smpplib.consts.SMPP_MESSAGE_STATE_UNDELIVERABLE, 13)
