"""Scripts: each verb as an ESME sees it, counted exactly, and the troubles' ends."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.simulator import STEPS, Step
from gateway.simulator.script import Script
from gateway.simulator.steps import Slow, Throttle
from smpp.constants import CommandId, Status
from smpp.errors import BindRefusedError
from smpp.server import Connection
from tests.unit.gateway.simulator.recording_esme import RecordingEsme, bind, bound, quick, running, until


def step(do: str, after_submits: int, **fields: Any) -> dict[str, Any]:
    """One table of a profile."""
    return {"do": do, "after_submits": after_submits, **fields}


async def submit(esme: RecordingEsme, count: int) -> None:
    """So many submits, each when the one before is answered."""
    for _ in range(count):
        wanted = len(esme.answers) + 1
        esme.submit()
        await until(lambda: len(esme.answers) == wanted)  # noqa: B023 - awaited within the turn


async def test_throttle_until_it_recovers() -> None:
    script = [step("throttle", 3), step("recover", 5)]
    async with bound(quick(script=script)) as (simulator, esme):
        await submit(esme, 8)
        assert [answer.status for answer in esme.answers] == [0, 0, 0, 0x58, 0x58, 0, 0, 0]
        assert (simulator.counters.taken, simulator.counters.steps) == (6, 2)


async def test_throttle_for_some_time_with_another_status() -> None:
    script = [step("throttle", 1, for_s=0.02, status="ESME_RMSGQFUL")]
    async with bound(quick(script=script)) as (_, esme):
        await submit(esme, 2)
        async with asyncio.timeout(20):
            while esme.answers[-1].status:
                await submit(esme, 1)
        assert {answer.status for answer in esme.answers[1:-1]} == {Status.ESME_RMSGQFUL}


async def test_drop_links_cuts_every_connection() -> None:
    async with bound(quick(script=[step("drop_links", 2)])) as (simulator, esme):
        other = RecordingEsme()
        await bind(simulator, other)
        await submit(esme, 1)
        esme.submit()
        await until(lambda: bool(esme.closings and other.closings))
        assert (simulator.counters.taken, simulator.counters.connections_lost) == (2, 2)
        assert len(esme.answers) == 1


async def test_unbind_ends_the_sessions() -> None:
    async with bound(quick(script=[step("unbind", 2)])) as (_, esme):
        await submit(esme, 2)
        await until(lambda: esme.closings == ["unbound by the peer"])


async def test_garbage_comes_after_the_answer() -> None:
    async with bound(quick(script=[step("garbage", 1)])) as (_, esme):
        await submit(esme, 1)
        await until(lambda: bool(esme.closings))
        assert "broken PDU" in esme.closings[0]


async def test_inject_sends_what_a_person_writes() -> None:
    script = [step("inject", 1, sender="+12025550100", recipient="+447700900999", text="x" * 200, times=3)]
    async with bound(quick(script=script, receipts=False)) as (simulator, esme):
        await submit(esme, 1)
        await until(lambda: simulator.counters.inbound_acknowledged == 6)
        assert {delivery.source_addr for delivery in esme.deliveries} == {"12025550100"}


async def test_refuse_binds_lets_those_stay_that_are_bound() -> None:
    script = [step("refuse_binds", 1, status="ESME_RINVPASWD"), step("recover", 2)]
    async with bound(quick(script=script)) as (simulator, esme):
        await submit(esme, 1)
        with pytest.raises(BindRefusedError, match="ESME_RINVPASWD"):
            await bind(simulator, RecordingEsme())
        await submit(esme, 1)
        await bind(simulator, RecordingEsme())
        assert (simulator.counters.binds, simulator.counters.binds_refused) == (2, 1)


async def test_slow_answers_until_it_recovers() -> None:
    async with bound(quick(script=[step("slow", 1, answer_delay_s=60)])) as (simulator, esme):
        await submit(esme, 1)
        await until(lambda: simulator.pending == 0)
        esme.submit()
        await until(lambda: simulator.counters.taken == 2)
        assert simulator.pending == 2  # the answer, and the receipt after it
        assert len(esme.answers) == 1


async def test_deaf_leaves_what_comes_in_the_socket() -> None:
    script = [step("deaf", 1), step("inject", 1, sender="1", recipient="2", text="hello")]
    async with bound(quick(script=script, receipts=False)) as (simulator, esme):
        esme.submit()
        await until(lambda: len(esme.deliveries) == 1)  # it still speaks
        newcomer = asyncio.create_task(bind(simulator, RecordingEsme()))
        await until(lambda: simulator.connections == 2)
        for _ in range(10):  # what the ESME has sent is in the socket, and turns of the loop read none of it
            esme.submit()
            await asyncio.sleep(0)
        counters = simulator.counters
        assert (counters.submits, counters.inbound_acknowledged, counters.binds) == (1, 0, 1)
        newcomer.cancel()
        await asyncio.wait([newcomer])


async def test_deaf_reads_all_of_it_afterwards() -> None:
    async with bound(quick(script=[step("deaf", 1, for_s=0.02)])) as (simulator, esme):
        await submit(esme, 1)
        newcomer = asyncio.create_task(bind(simulator, RecordingEsme()))
        for _ in range(10):
            esme.submit()
        await until(lambda: len(esme.answers) == 11)
        await newcomer


async def test_deaf_hears_no_answer_to_its_own_question() -> None:
    profile = quick(script=[step("deaf", 1)], receipts=False, enquire_link_s=0.01, response_s=0.01)
    async with bound(profile) as (simulator, esme):
        await submit(esme, 1)
        await until(lambda: bool(esme.closings))
        assert simulator.counters.connections_lost == 1


async def test_receipts_that_are_kept_back_come_at_once() -> None:
    script = [step("stop_receipts", 1), step("start_receipts", 4)]
    async with bound(quick(script=script)) as (simulator, esme):
        await submit(esme, 3)
        await until(lambda: simulator.pending == 0)
        assert simulator.counters.receipts == 0
        await submit(esme, 1)
        await until(lambda: len(esme.receipts) == 4)
        assert {one.word for one in esme.receipts} == {"DELIVRD"}


async def test_outbind_calls_who_listens() -> None:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readexactly(8))
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with running(quick(script=[{"do": "outbind", "at_s": 0.0, "port": port}])) as simulator:
            await until(lambda: bool(heard))
            assert heard[0][4:] == CommandId.OUTBIND.to_bytes(4, "big")
            assert simulator.counters.outbinds == 1
        server.close()
        async with running(quick(script=[{"do": "outbind", "at_s": 0.0, "port": port}])) as simulator:
            await until(lambda: simulator.counters.outbinds_failed == 1)


async def test_a_script_begins_once() -> None:
    inject = {"do": "inject", "at_s": 0.0, "sender": "1", "recipient": "2", "text": "hello"}
    async with running(quick(script=[inject])) as simulator:
        await until(lambda: simulator.counters.steps == 1)
        await simulator.stop()
        await simulator.start()
        await until(lambda: simulator.pending == 0)
        assert simulator.undelivered == 1


class HandTurnedStage:
    """A stage whose time is told: what is due later stands in `due`."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Callable[[], Any]]] = []
        self.played: list[str] = []
        self.links: list[Connection] = []

    def later(self, after_s: float, action: Callable[[], Any]) -> None:
        self.due.append((after_s, action))

    def drop_connections(self, reason: str) -> int:
        raise AssertionError(reason)

    def inject(self, sender: str, recipient: str, text: str) -> int:
        raise AssertionError(f"{sender} {recipient} {text}")

    def outbind_soon(self, host: str, port: int) -> None:
        raise AssertionError(f"{host} {port}")

    def step_played(self, step: Step) -> None:
        self.played.append(step.do)


def test_a_trouble_lasts_its_time_and_a_later_one_takes_its_place() -> None:
    stage = HandTurnedStage()
    steps: list[Step] = [
        Throttle(do="throttle", at_s=1, for_s=10),
        Throttle(do="throttle", at_s=2, for_s=20, status=0x14),
        Slow(do="slow", at_s=3, answer_delay_s=1.5),
    ]
    script = Script(steps, stage)
    script.start()
    assert [after_s for after_s, _ in stage.due] == [1, 2, 3]
    for _, action in list(stage.due):
        action()
    assert [after_s for after_s, _ in stage.due[3:]] == [10, 20]
    assert (script.throttle_status, script.answer_delay_s) == (0x14, 1.5)
    stage.due[3][1]()
    assert script.throttle_status == 0x14
    stage.due[4][1]()
    assert (script.throttle_status, script.answer_delay_s) == (0, 1.5)


def test_submits_that_come_together_miss_no_step() -> None:
    stage = HandTurnedStage()
    steps: list[Step] = [Slow(do="slow", after_submits=count, answer_delay_s=count) for count in (5, 2, 3)]
    script = Script(steps, stage)
    script.submitted(1)
    assert stage.played == []
    script.submitted(4)
    assert (stage.played, script.answer_delay_s) == (["slow", "slow"], 3)


def test_every_verb_is_tried() -> None:
    source = Path(__file__).read_text()
    assert [
        verb for verb in STEPS if f'step("{verb}"' not in source and f'"do": "{verb}"' not in source
    ] == []
