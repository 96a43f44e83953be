"""`bind = "transmitter+receiver"`: each bind of the pool is two connections, over loopback against our own server."""

from __future__ import annotations

import asyncio

import pytest

from smpp.bind import BindPhase, BindRole
from smpp.constants import Status
from smpp.pdu import (
    AlertNotification,
    BindReceiver,
    BindTransmitter,
    DeliverSm,
    Pdu,
    QuerySm,
    QuerySmResp,
)
from smpp.pool import Pool
from smpp.server import Connection
from smpp.states import State
from tests.unit.smpp.scripted import Carrier, PoolOwner, parts, pool
from tests.unit.smpp.test_pool import Tokens

PAIR = "transmitter+receiver"


def connections(smsc: Carrier, state: State) -> list[Connection]:
    """The carrier's connections that are bound so."""
    return [connection for connection in smsc.server.connections if connection.session.state is state]


def phases(binds: Pool) -> dict[tuple[int, BindRole], BindPhase]:
    return {(state.index, state.role): state.phase for state in binds.states()}


def all_bound(binds: Pool) -> bool:
    return set(phases(binds).values()) == {BindPhase.BOUND}


async def test_a_pair_is_a_transmitter_and_a_receiver(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner, bind=PAIR, binds=2, window=3) as binds:
        assert len(connections(smsc, State.BOUND_TX)) == len(connections(smsc, State.BOUND_RX)) == 2
        assert list(phases(binds)) == [
            (0, BindRole.TRANSMITTER),
            (0, BindRole.RECEIVER),
            (1, BindRole.TRANSMITTER),
            (1, BindRole.RECEIVER),
        ]
        assert binds.holding() == {0, 1}
        assert binds.room() == 3, "the window is that of a transmitter"


async def test_parts_go_by_transmitters_and_receipts_come_by_receivers(
    smsc: Carrier, owner: PoolOwner
) -> None:
    async with pool(smsc, owner, bind=PAIR, binds=2) as binds:
        binds.submit(parts("1", "2"))
        binds.submit(parts("3"))
        await owner.until(lambda: len(owner.named("answered")) == 3)
        assert {connection.session.state for connection, _ in smsc.submits} == {State.BOUND_TX}
        for number, receiver in enumerate(connections(smsc, State.BOUND_RX)):
            receiver.deliver(DeliverSm(short_message=b"receipt"), number)
        await owner.until(lambda: len(owner.deliveries) == 2)
        for delivery in owner.deliveries:
            assert delivery.acknowledge(0)
        await smsc.until(lambda: len(smsc.acknowledged) == 2)


async def test_a_receiver_that_is_cut_comes_again_while_its_transmitter_goes_on(
    smsc: Carrier, owner: PoolOwner
) -> None:
    async with pool(smsc, owner, bind=PAIR) as binds:
        transmitter = connections(smsc, State.BOUND_TX)
        connections(smsc, State.BOUND_RX)[0].abort("cut")
        await owner.until(lambda: phases(binds)[0, BindRole.RECEIVER] is not BindPhase.BOUND)
        assert phases(binds)[0, BindRole.TRANSMITTER] is BindPhase.BOUND
        binds.submit(parts("1"))
        await owner.until(lambda: owner.named("answered"))
        await owner.until(lambda: all_bound(binds))
        assert connections(smsc, State.BOUND_TX) == transmitter
        assert owner.named("lost") == []


async def test_a_transmitter_that_is_cut_comes_again_while_its_receiver_goes_on(
    smsc: Carrier, owner: PoolOwner
) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner, bind=PAIR) as binds:
        (receiver,) = connections(smsc, State.BOUND_RX)
        binds.submit(parts("1"))
        await smsc.until(lambda: smsc.submits)
        smsc.script.bind_statuses = [Status.ESME_RSYSERR]
        connections(smsc, State.BOUND_TX)[0].abort("cut")
        await owner.until(lambda: owner.named("lost"))
        assert owner.named("lost") == [(["1"], [])]
        assert binds.room() == 0
        receiver.deliver(DeliverSm(short_message=b"receipt of what is in doubt"), "r")
        await owner.until(lambda: owner.deliveries)
        assert owner.deliveries[0].acknowledge(0)
        await owner.until(lambda: all_bound(binds))
        assert connections(smsc, State.BOUND_RX) == [receiver]


async def test_a_transmitter_alone_takes_parts(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.refused = (BindReceiver,)
    async with pool(smsc, owner, bind=PAIR) as binds:
        await owner.until(lambda: binds.room() > 0 and "ESME_RBINDFAIL" in binds.states()[1].last_error)
        binds.submit(parts("1"))
        await owner.until(lambda: owner.named("answered"))
        smsc.script.refused = ()
        await owner.until(lambda: all_bound(binds))


async def test_a_receiver_alone_takes_none(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.refused = (BindTransmitter,)
    async with pool(smsc, owner, bind=PAIR) as binds:
        await owner.until(lambda: phases(binds)[0, BindRole.RECEIVER] is BindPhase.BOUND)
        assert binds.room() == 0
        binds.submit(parts("1"))
        await owner.until(lambda: owner.named("lost"))
        assert owner.named("lost") == [([], ["1"])]


async def test_letting_go_of_an_index_closes_both(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner, bind=PAIR, binds=2) as binds:
        binds.hold({1})
        await owner.until(lambda: binds.holding() == {1})
        assert (
            phases(binds)[0, BindRole.TRANSMITTER] is phases(binds)[0, BindRole.RECEIVER] is BindPhase.STOPPED
        )
        assert (
            phases(binds)[1, BindRole.TRANSMITTER] is phases(binds)[1, BindRole.RECEIVER] is BindPhase.BOUND
        )
        binds.hold({0, 1})
        await owner.until(lambda: all_bound(binds))


async def test_an_index_is_held_until_both_are_gone(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner, bind=PAIR) as binds:
        binds.submit(parts("1"))
        await smsc.until(lambda: smsc.submits)
        binds.hold(())
        await owner.until(lambda: phases(binds)[0, BindRole.RECEIVER] is BindPhase.STOPPED)
        assert binds.holding() == {0}, "the transmitter waits for its answer"
        smsc.answer_all()
        await owner.until(lambda: not binds.holding())
        assert owner.named("lost") == []


async def test_rebind_and_abort_mean_both(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner, bind=PAIR) as binds:
        binds.rebind(0)
        await smsc.until(lambda: len(smsc.binds) == 4)
        assert smsc.closings == ["unbound by the peer"] * 2
        await owner.until(lambda: all_bound(binds))
        binds.abort("the lease has run out")
        await owner.until(lambda: not binds.holding())
        await smsc.until(lambda: not smsc.server.connections)


async def test_a_drain_takes_receipts_until_the_last_answer_has_come(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner, bind=PAIR) as binds:
        binds.submit(parts("1"))
        await smsc.until(lambda: smsc.submits)
        draining = asyncio.create_task(binds.drain(60.0))
        await asyncio.sleep(0)
        connections(smsc, State.BOUND_RX)[0].deliver(DeliverSm(short_message=b"receipt"), "r")
        await owner.until(lambda: owner.deliveries)
        assert owner.deliveries[0].acknowledge(0)
        await smsc.until(lambda: smsc.acknowledged)
        smsc.answer_all()
        await draining
        await smsc.until(lambda: not smsc.server.connections)
        assert smsc.closings == ["unbound by the peer"] * 2


# Questions, and what nobody answers.


class Asked:
    """Takes down replies."""

    def __init__(self, owner: PoolOwner) -> None:
        self.replies: list[Pdu | None] = []
        self._owner = owner

    def __call__(self, pdu: Pdu | None) -> None:
        self.replies.append(pdu)
        self._owner.tell()


@pytest.mark.parametrize("bind", ["transceiver", PAIR])
async def test_a_question_goes_where_parts_go(smsc: Carrier, owner: PoolOwner, bind: str) -> None:
    smsc.script.reply = QuerySmResp(message_id="id7", message_state=2)
    asked = Asked(owner)
    async with pool(smsc, owner, bind=bind) as binds:
        assert binds.ask(QuerySm(message_id="id7"), asked)
        await owner.until(lambda: asked.replies)
        (reply,) = asked.replies
        assert isinstance(reply, QuerySmResp)
        assert (reply.message_id, reply.message_state) == ("id7", 2)
        assert owner.named("before_write") == [], "the journal is for parts"


async def test_a_question_waits_for_nothing(smsc: Carrier, owner: PoolOwner) -> None:
    asked = Asked(owner)
    smsc.script.answers = False
    async with pool(smsc, owner, window=1, pace=Tokens(1)) as binds:
        assert binds.ask(QuerySm(message_id="id7"), asked)
        assert not binds.ask(QuerySm(message_id="id8"), asked), "the window is full"
        smsc.cut()
        await owner.until(lambda: asked.replies)
        assert asked.replies == [None]
        assert not binds.ask(QuerySm(message_id="id7"), asked), "there is no bind"
        await owner.until(lambda: binds.states()[0].phase is BindPhase.BOUND)
        assert not binds.ask(QuerySm(message_id="id8"), asked), "the rate has given all it had"


async def test_an_alert_is_passed_on(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner, bind=PAIR) as binds:
        connections(smsc, State.BOUND_RX)[0].notify(AlertNotification(source_addr="447700900123"))
        await owner.until(lambda: owner.named("alerted"))
        assert owner.named("alerted") == [("447700900123",)]
        assert binds.counters.alerts == 1
