"""The binds of one operator as one, over loopback against our own server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from smpp import bind
from smpp.bind import BindPhase
from smpp.constants import Status, Tag
from smpp.pace import Unpaced
from smpp.pdu import DataSm, DeliverSm
from smpp.pool import Pool, PoolConfig
from tests.unit.smpp.scripted import Carrier, PoolOwner, mute, parts, pool

# The way of a part.


async def test_submit_and_answer(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner) as binds:
        binds.submit(parts("a"))
        await owner.until(lambda: owner.named("answered"))
        assert owner.named("answered") == [("a", 0, "id0")]
        assert owner.named("before_write") == [(["a"],)]


async def test_the_bind_carries_what_the_config_says(smsc: Carrier, owner: PoolOwner) -> None:
    said: dict[str, Any] = {
        "password": "secret",
        "system_type": "VMA",
        "addr_ton": 1,
        "addr_npi": 1,
        "address_range": "^44",
    }
    async with pool(smsc, owner, interface_version=0x33, **said):
        request = smsc.binds[0]
    assert {name: getattr(request, name) for name in said} == said
    assert request.interface_version == 0x33


async def test_parts_of_a_message_stay_in_order_on_one_bind(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner, binds=3, window=4) as binds:
        binds.submit(parts("1", "2", "3"))
        await owner.until(lambda: len(owner.named("answered")) == 3)
        assert smsc.texts == ["1", "2", "3"]
        assert len({id(connection) for connection, _ in smsc.submits}) == 1


async def test_messages_go_to_the_bind_with_the_most_room(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner, binds=2, window=10) as binds:
        binds.submit(parts("1", "2", "3"))
        binds.submit(parts("4"))
        binds.submit(parts("5"))
        await smsc.until(lambda: len(smsc.submits) == 5)
        used = sorted(state.window_used for state in binds.states())
        assert used == [2, 3]
        assert binds.room() == 8


async def test_what_the_window_does_not_take_waits_in_order(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner, window=2) as binds:
        binds.submit(parts("1", "2", "3", "4", "5"))
        assert binds.room() == 0
        await smsc.until(lambda: len(smsc.submits) == 2)
        smsc.script.answers = True
        smsc.answer_all()
        await owner.until(lambda: len(owner.named("answered")) == 5)
        assert smsc.texts == ["1", "2", "3", "4", "5"]


async def test_without_a_bind_parts_come_back_unwritten(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.bind_status = Status.ESME_RBINDFAIL
    async with pool(smsc, owner) as binds:
        assert binds.room() == 0
        binds.submit(parts("1", "2"))
        assert owner.named("lost") == []
        await owner.until(lambda: owner.named("lost"))
        assert owner.named("lost") == [([], ["1", "2"])]


async def test_room_is_reported_when_answers_come(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner, window=2) as binds:
        await owner.until(lambda: owner.rooms > 0)
        binds.submit(parts("1", "2"))
        assert binds.room() == 0
        seen = owner.rooms
        await owner.until(lambda: owner.rooms > seen and binds.room() == 2)


# Who may write, and how fast.


async def test_may_write_holds_everything(smsc: Carrier, owner: PoolOwner) -> None:
    allowed = False
    async with pool(smsc, owner, may_write=lambda: allowed) as binds:
        assert binds.room() == 0
        binds.submit(parts("1"))
        await asyncio.sleep(0)
        assert smsc.submits == []
        allowed = True
        binds.kick()
        assert binds.room() == 99
        await owner.until(lambda: owner.named("answered"))


class Tokens(Unpaced):
    """A pace by hand: so many parts may be written, and none whose tag stands in `held`."""

    def __init__(self, free: int, by_part: bool = False) -> None:
        self.left = free
        self.by_part = by_part
        self.held: set[str] = set()
        self.told: list[int | str] = []

    def free(self, bind: int, now: float) -> int:
        return self.left

    def ready_at(self, bind: int, now: float) -> float:
        return now + 3600

    def take(self, bind: int, wanted: int, now: float) -> int:
        taken = min(wanted, self.left)
        self.left -= taken
        return taken

    def take_part(self, bind: int, tag: Any, now: float) -> float:
        if tag in self.held:
            return now + 3600
        self.left -= 1
        return 0.0

    def slow_down(self, now: float) -> None:
        self.told.append("slow_down")

    def congested(self, state: int, now: float) -> None:
        self.told.append(state)


async def test_the_pace_is_that_of_all_binds(smsc: Carrier, owner: PoolOwner) -> None:
    pace = Tokens(5)
    async with pool(smsc, owner, pace=pace, binds=2) as binds:
        assert binds.room() == 5
        binds.submit(parts("1", "2", "3", "4"))
        assert binds.room() == 1
        binds.submit(parts("5", "6", "7"))
        assert binds.room() == 0
        await owner.until(lambda: len(owner.named("answered")) == 5)
        assert sorted(smsc.texts) == ["1", "2", "3", "4", "5"]
        pace.left = 3
        assert binds.room() == 1, "two wait already"
        binds.kick()
        await owner.until(lambda: len(owner.named("answered")) == 7)


async def test_it_wakes_when_the_pace_says(smsc: Carrier, owner: PoolOwner) -> None:
    class Soon(Tokens):
        def ready_at(self, bind: int, now: float) -> float:
            self.left = 1
            return now + 0.01

    async with pool(smsc, owner, pace=Soon(1)) as binds:
        binds.submit(parts("1", "2", "3"))
        await owner.until(lambda: len(owner.named("answered")) == 3)
        assert smsc.texts == ["1", "2", "3"]


async def test_what_waits_for_a_rate_of_its_own_lets_others_pass(smsc: Carrier, owner: PoolOwner) -> None:
    pace = Tokens(100, by_part=True)
    pace.held = {"a2", "a3"}
    async with pool(smsc, owner, pace=pace, window=3) as binds:
        binds.submit(parts("a1", "a2", "a3"))
        await owner.until(lambda: len(owner.named("answered")) == 1)
        assert binds.room() == 3, "nobody's place in the window is held"
        binds.submit(parts("b1", "b2"))
        await owner.until(lambda: len(owner.named("answered")) == 3)
        pace.held = set()
        binds.kick()
        await owner.until(lambda: len(owner.named("answered")) == 5)
        assert smsc.texts == ["a1", "b1", "b2", "a2", "a3"]


async def test_what_waited_aside_comes_back_when_its_bind_dies(smsc: Carrier, owner: PoolOwner) -> None:
    pace = Tokens(100, by_part=True)
    pace.held = {"a2"}
    smsc.script.answers = False
    async with pool(smsc, owner, pace=pace) as binds:
        binds.submit(parts("a1", "a2"))
        await smsc.until(lambda: smsc.submits)
        smsc.cut()
        await owner.until(lambda: owner.named("lost"))
        assert owner.named("lost") == [(["a1"], ["a2"])]


async def test_the_pace_hears_what_the_carrier_says(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.tlvs = {Tag.CONGESTION_STATE: b"\x5f"}
    pace = Tokens(100)
    async with pool(smsc, owner, pace=pace) as binds:
        binds.submit(parts("1"))
        await owner.until(lambda: owner.named("answered"))
        binds.slow_down()
        assert pace.told == [95, "slow_down"]


# When binds die.


async def test_a_dead_bind_hands_back_and_comes_again(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner, window=2) as binds:
        binds.submit(parts("1", "2", "3"))
        await smsc.until(lambda: len(smsc.submits) == 2)
        smsc.cut()
        await owner.until(lambda: owner.named("lost"))
        assert owner.named("lost") == [(["1", "2"], ["3"])]
        await owner.until(lambda: binds.room() == 2)
        assert owner.phases() == [
            BindPhase.CONNECTING,
            BindPhase.BOUND,
            BindPhase.CLOSING,
            BindPhase.WAITING,
            BindPhase.CONNECTING,
            BindPhase.BOUND,
        ]
        assert binds.states()[0].last_error == "closed by the peer"


async def test_parts_that_only_waited_come_back_too(smsc: Carrier, owner: PoolOwner) -> None:
    allowed = False
    async with pool(smsc, owner, may_write=lambda: allowed) as binds:
        binds.submit(parts("1"))
        smsc.cut()
        await owner.until(lambda: owner.named("lost"))
        assert owner.named("lost") == [([], ["1"])]


async def test_the_other_binds_go_on(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner, binds=2) as binds:
        smsc.connections[0].abort("cut")
        await owner.until(lambda: BindPhase.CLOSING in owner.phases(0) + owner.phases(1))
        binds.submit(parts("1"))
        await owner.until(lambda: owner.named("answered"))


async def test_the_old_socket_is_closed_before_a_new_one(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner):
        for _ in range(5):
            binds = len(smsc.binds)
            smsc.cut()
            await smsc.until(partial(lambda before: len(smsc.binds) > before, binds))
            assert len(smsc.server.connections) == 1


async def test_timed_out_parts_end_the_bind_in_the_end(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner, response_timeout_s=0.05, timeouts_in_a_row=2) as binds:
        binds.submit(parts("1", "2", "3"))
        await owner.until(lambda: owner.named("lost"))
        assert owner.named("timed_out") == [("1",), ("2",)]
        assert owner.named("lost") == [(["1", "2", "3"], [])]
        assert "not answered" in binds.states()[0].last_error


@pytest.mark.parametrize(
    ("status", "floor_s"),
    [(Status.ESME_RALYBND, 30.0), (Status.ESME_RINVPASWD, 30.0), (Status.ESME_RSYSERR, 0.0)],
)
async def test_a_refused_bind_is_reported_and_tried_later(
    smsc: Carrier, owner: PoolOwner, status: Status, floor_s: float
) -> None:
    smsc.script.bind_status = status
    async with pool(smsc, owner, reconnect_min_s=20.0, reconnect_max_s=60.0) as binds:
        await owner.until(lambda: BindPhase.WAITING in owner.phases())
        (state,) = binds.states()
        assert status.name in state.last_error
        assert state.reconnect_at is not None
        waits_s = (state.reconnect_at - datetime.now(UTC)).total_seconds()
        assert floor_s - 5.0 < waits_s <= 60.0


async def test_a_bad_host_is_an_error_of_the_bind_alone(owner: PoolOwner) -> None:
    binds = Pool(
        PoolConfig(host="x" * 70 + ".invalid", port=1, system_id="esme"),
        owner,
        before_write=owner.before_write,
    )
    running = asyncio.create_task(binds.run())
    await owner.until(lambda: BindPhase.WAITING in owner.phases())
    assert binds.states()[0].last_error
    running.cancel()
    await asyncio.wait([running])


async def test_rebind_now(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner, binds=2, reconnect_min_s=60.0, reconnect_max_s=60.0) as binds:
        binds.rebind(1)
        await smsc.until(lambda: len(smsc.binds) == 3)
        assert smsc.closings == ["unbound by the peer"]
        assert owner.phases(0) == [BindPhase.CONNECTING, BindPhase.BOUND]


async def test_rebind_lets_the_answers_come(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner, window=2) as binds:
        binds.submit(parts("1", "2", "3"))
        await smsc.until(lambda: len(smsc.submits) == 2)
        binds.rebind()
        assert owner.named("lost") == [([], ["3"])]
        assert binds.room() == 0
        binds.submit(parts("4"))
        await owner.until(lambda: len(owner.named("lost")) == 2)
        assert smsc.closings == []
        smsc.answer_all()
        await smsc.until(lambda: len(smsc.binds) == 2)
        assert [tag for tag, _, _ in owner.named("answered")] == ["1", "2"]
        assert owner.named("lost") == [([], ["3"]), ([], ["4"])]
        await owner.until(lambda: binds.room() == 2)


async def test_rebind_does_not_wait_for_ever(
    smsc: Carrier, owner: PoolOwner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bind, "_ANSWERS_S", 0.01)
    smsc.script.answers = False
    async with pool(smsc, owner) as binds:
        binds.submit(parts("1"))
        await smsc.until(lambda: smsc.submits)
        binds.rebind()
        await owner.until(lambda: owner.named("lost"))
        assert owner.named("lost") == [(["1"], [])]
        await owner.until(lambda: binds.room() > 0)


async def test_rebind_ends_the_wait(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.bind_statuses = [Status.ESME_RINVPASWD]
    async with pool(smsc, owner, reconnect_min_s=600.0, reconnect_max_s=600.0) as binds:
        await owner.until(lambda: BindPhase.WAITING in owner.phases())
        binds.rebind()
        await owner.until(lambda: BindPhase.BOUND in owner.phases())
        assert binds.states()[0].reconnect_at is None


# Deliveries.


async def test_a_delivery_is_acknowledged_on_its_bind(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner, binds=2):
        smsc.connections[0].deliver(DeliverSm(short_message=b"one"), "first")
        smsc.connections[1].deliver(DataSm(), "second")
        await owner.until(lambda: len(owner.deliveries) == 2)
        assert owner.deliveries[0].client is not owner.deliveries[1].client
        for delivery in owner.deliveries:
            assert delivery.acknowledge(Status.ESME_RX_T_APPN)
        await smsc.until(lambda: len(smsc.acknowledged) == 2)
        assert set(smsc.acknowledged) == {("first", Status.ESME_RX_T_APPN), ("second", Status.ESME_RX_T_APPN)}


async def test_a_delivery_of_a_dead_bind_is_not_acknowledged(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner):
        smsc.latest.deliver(DeliverSm(), "r")
        await owner.until(lambda: owner.deliveries)
        smsc.cut()
        await owner.until(lambda: owner.phases().count(BindPhase.BOUND) == 2)
        assert not owner.deliveries[0].acknowledge(0)


async def test_a_delivery_right_behind_the_bind_answer_is_taken(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.greeting = DeliverSm(short_message=b"waited for you")
    async with pool(smsc, owner):
        await owner.until(lambda: owner.deliveries)
        assert owner.deliveries[0].acknowledge(0)
        await smsc.until(lambda: smsc.acknowledged)


# The end.


async def test_drain_waits_for_the_answers(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner, binds=2, window=2) as binds:
        binds.submit(parts("1", "2", "3"))
        await smsc.until(lambda: len(smsc.submits) == 2)
        draining = asyncio.create_task(binds.drain(60.0))
        await asyncio.sleep(0)
        assert binds.room() == 0
        binds.submit(parts("too late"))
        await owner.until(lambda: owner.named("lost"))
        assert owner.named("lost") == [([], ["too late"])]
        smsc.script.answers = True
        smsc.answer_all()
        await draining
        assert [event[0] for event in owner.named("answered")] == ["1", "2", "3"]
        assert {state.phase for state in binds.states()} == {BindPhase.STOPPED}
        await smsc.until(lambda: not smsc.server.connections)
        assert smsc.closings == ["unbound by the peer"] * 2


async def test_drain_gives_up_in_time(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner) as binds:
        binds.submit(parts("1"))
        await smsc.until(lambda: smsc.submits)
        await binds.drain(0.01)
        assert owner.named("lost") == [(["1"], [])]


async def test_drain_does_not_wait_for_a_connection_that_hangs(owner: PoolOwner) -> None:
    async with mute() as silent:
        binds = Pool(
            PoolConfig(host="127.0.0.1", port=silent.port, system_id="esme", session_init_s=600.0),
            owner,
            before_write=owner.before_write,
        )
        running = asyncio.create_task(binds.run())
        await silent.until(lambda: silent.peers and silent.peers[0].heard)
        await binds.drain(0.0)
        await running
        await silent.until(lambda: silent.peers[0].gone)


async def test_drain_ends_the_run_and_the_waiting(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.bind_status = Status.ESME_RINVPASWD
    binds = Pool(
        PoolConfig(host="127.0.0.1", port=smsc.server.port, system_id="esme"),
        owner,
        before_write=owner.before_write,
    )
    running = asyncio.create_task(binds.run())
    await owner.until(lambda: BindPhase.WAITING in owner.phases())
    await binds.drain(0.0)
    await running


async def test_cancelling_closes_the_binds(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner) as binds:
        binds.submit(parts("1"))
        await smsc.until(lambda: smsc.submits)
    assert owner.named("lost") == [(["1"], [])]
    assert owner.phases()[-1] is BindPhase.STOPPED
    await smsc.until(lambda: smsc.closings)
    assert smsc.closings == ["unbound by the peer"]


# The config.


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"bind": "pigeon"}, "is none of transceiver, transmitter"),
        ({"binds": 0}, "binds must be"),
        ({"reconnect_min_s": 0.0}, "reconnect_min_s"),
        ({"reconnect_min_s": 9.0, "reconnect_max_s": 3.0}, "reconnect_min_s"),
    ],
)
def test_what_cannot_work_is_refused(wrong: dict[str, object], words: str) -> None:
    settings: dict[str, object] = {"host": "h", "port": 1, "system_id": "s"} | wrong
    with pytest.raises(ValueError, match=words):
        PoolConfig(**settings)  # type: ignore[arg-type]


# Some of the binds.


def bound(binds: Pool) -> set[int]:
    return {state.index for state in binds.states() if state.phase is BindPhase.BOUND}


async def test_only_the_binds_that_are_held_connect(smsc: Carrier, owner: PoolOwner) -> None:
    async with pool(smsc, owner, binds=3, window=2) as binds:
        binds.hold({1})
        await owner.until(lambda: binds.holding() == {1} and bound(binds) == {1})
        assert binds.room() == 2
        binds.hold({1, 2})
        await owner.until(lambda: bound(binds) == {1, 2})
        assert len(smsc.binds) == 4, "three, and the one that is held again"


async def test_a_bind_that_is_let_go_waits_for_its_answers(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner, binds=1, window=2) as binds:
        binds.submit(parts("a", "b", "c"))
        await smsc.until(lambda: len(smsc.submits) == 2)
        binds.hold(())
        assert owner.named("lost") == [([], ["c"])]
        assert binds.holding() == {0}
        smsc.answer_all()
        await owner.until(lambda: not binds.holding())
        assert [tag for tag, _, _ in owner.named("answered")] == ["a", "b"]
        assert len(owner.named("lost")) == 1
        await smsc.until(lambda: smsc.closings)


async def test_a_bind_that_is_wanted_again_before_it_is_gone_comes_back(
    smsc: Carrier, owner: PoolOwner
) -> None:
    async with pool(smsc, owner) as binds:
        binds.hold(())
        binds.hold({0})
        await owner.until(lambda: len(smsc.binds) == 2 and bound(binds) == {0})


async def test_a_bind_that_connects_in_vain_is_let_go_at_once(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.bind_status = Status.ESME_RBINDFAIL
    async with pool(smsc, owner, reconnect_min_s=50.0, reconnect_max_s=60.0) as binds:
        await owner.until(lambda: binds.states()[0].phase is BindPhase.WAITING)
        binds.hold(())
        await owner.until(lambda: not binds.holding())


async def test_aborted_binds_write_nothing_more_and_stay_away(smsc: Carrier, owner: PoolOwner) -> None:
    smsc.script.answers = False
    async with pool(smsc, owner, binds=2, window=2) as binds:
        binds.submit(parts("a"))
        await smsc.until(lambda: smsc.submits)
        binds.submit(parts("b"))
        binds.abort("the lease has run out")
        assert owner.named("lost") == [(["a"], []), ([], ["b"])]
        await owner.until(lambda: not binds.holding())
        await smsc.until(lambda: len(smsc.closings) == 2)
        assert len(smsc.submits) == 1
        binds.hold({0})
        await owner.until(lambda: bound(binds) == {0})
