"""The test environment: everything happens as live, and not one octet of it reaches a carrier."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import message, problem
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(why="which operator a key's messages meet is no matter of the store"),
]


class Wire:
    """Stands between gateway and carrier, and counts the octets that the gateway writes."""

    def __init__(self, carrier_port: int) -> None:
        self.written = bytearray()
        self._carrier_port = carrier_port
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        """Listen; the port for the gateway."""
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Cut everything."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, onward = await asyncio.open_connection("127.0.0.1", self._carrier_port)
        for way in (self._copy(reader, onward, self.written), self._copy(there, writer, bytearray())):
            task = asyncio.create_task(way)
            self._tasks.add(task)

    @staticmethod
    async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: bytearray) -> None:
        try:
            while octets := await reader.read(65536):
                seen += octets
                writer.write(octets)
        finally:
            writer.close()

    def commands(self) -> list[int]:
        """The command_id of every PDU that the gateway wrote (SMPP 3.4, 3.2: length, command_id)."""
        found, at = [], 0
        while at + 16 <= len(self.written):
            found.append(int.from_bytes(self.written[at + 4 : at + 8], "big"))
            at += int.from_bytes(self.written[at : at + 4], "big")
        return found


SUBMIT_SM, BIND_TRANSCEIVER = 0x04, 0x09


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def watched(
    template: Template, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[World, Wire]]:
    """A gateway whose wire to its carrier is watched."""
    async with world(template, tmp_path_factory.mktemp("watched"), start=False) as built:
        wire = Wire(built.smsc.port)
        document = dict(built.gateway.document)
        document["operators"] = [{**document["operators"][0], "port": await wire.open()}]
        built.gateway.configure(document)
        await built.gateway.start()
        await built.bound()
        yield built, wire
        await built.gateway.terminate()
        await wire.close()


MAGIC = [
    ("+447700900500", "DELIVERED", None),
    ("+447700900001", "UNDELIVERABLE", "invalid_number"),
    ("+447700900002", "UNDELIVERABLE", "blocked"),
    ("+447700900003", "UNDELIVERABLE", "expired"),
    ("+447700900004", "FAILED", "absent"),
    ("+447700900005", "DELIVERED", None),
    ("+447700900006", "DELIVERED", None),
    ("+447700900007", "SENT", None),
]


@pytest.mark.parametrize(("number", "status", "reason"), MAGIC)
async def test_magic_numbers(
    watched: tuple[World, Wire], number: str, status: str, reason: str | None
) -> None:
    at, _ = watched
    answer = await at.tester.send(to=number)
    assert answer.status == 202
    found = await at.status(answer.json["messageId"], status, at.tester)
    assert (found["reason"], found["operatorId"]) == (reason, "simulated")


async def test_a_simulated_phone_answers_stop(watched: tuple[World, Wire]) -> None:
    at, _ = watched
    number = "+447700910006"
    identity = (await at.tester.send(to=number)).json["messageId"]
    await at.hook(identity, "message.delivered")

    async def suppressed() -> bool:
        return (await at.tester.send(to=number)).status == 422

    await at.until(suppressed, "the STOP to be obeyed")
    problem(await at.tester.send(to=number), 422, "RECIPIENT_SUPPRESSED")
    (hook,) = [hook for hook in at.sink.taken("message.inbound") if hook.data["from"] == number]
    assert (hook.data["action"], hook.data["replyTo"], hook.signed) == ("stop", identity, True)
    live = await at.api.sent(to=number)
    await at.status(live, "DELIVERED")  # a test STOP suppresses nobody in the live environment


async def test_nothing_of_a_test_key_is_on_the_wire(watched: tuple[World, Wire]) -> None:
    """Hundreds of test messages of every kind, then one live message: it alone is on the wire."""
    at, wire = watched
    before = wire.commands().count(SUBMIT_SM)
    answer = await at.tester.bulk([message(f"Test {n}", to=f"+4477092{n:02}1234") for n in range(100)])
    ids = [item["messageId"] for item in answer.json["accepted"]]
    ids.append((await at.tester.send("Ж" * 500, to="+447700920100")).json["messageId"])
    for identity in ids:
        found = await at.tester.message(identity)
        assert found["operatorId"] == "simulated"
    await at.until(
        lambda: set(ids) <= {hook.data["messageId"] for hook in at.sink.taken()}, "all test webhooks"
    )
    identity = await at.api.sent("Live", to="+447700920200")
    await at.status(identity, "DELIVERED")
    assert BIND_TRANSCEIVER in wire.commands(), "the watcher sees the wire"
    assert wire.commands().count(SUBMIT_SM) == before + 1
    assert b"4477092" not in wire.written
    assert b"447700920200" in wire.written


async def test_rules_do_not_send_a_test_key_to_a_carrier(template: Template, tmp_path: Path) -> None:
    """Neither a rule for its account, nor a rule without any operator's name, nor the lack of rules."""
    routes = [{"id": "acme-only", "account": ["acme"], "operators": ["alpha"]}]
    async with world(template, tmp_path, config={"routes": routes}) as at:
        found = await at.status(await at.tester.sent(), "DELIVERED", at.tester)
        assert found["operatorId"] == "simulated"
        assert at.submits() == []


@pytest.mark.differs
async def test_after_a_restart_test_messages_still_wait_for_the_simulated_operator(
    template: Template, tmp_path: Path
) -> None:
    async with world(template, tmp_path) as at:
        answer = await at.tester.bulk([message(to=f"+4477009300{n:02}") for n in range(100)])
        await at.gateway.kill9()
        await at.gateway.start()
        await at.bound()
        for item in answer.json["accepted"]:
            found = await at.tester.message(item["messageId"])
            assert found["operatorId"] == "simulated"
        live = await at.status(await at.api.sent(to="+447700930200"), "DELIVERED")
        assert live["operatorId"] == "alpha"
        assert [told["to"] for told in at.submits()] == ["447700930200"]


async def test_the_environments_have_separate_webhooks(fresh: World) -> None:
    await fresh.gateway.cli(
        "account", "set", "acme", f"webhook_url={fresh.sink.url('/test')}", "--env", "test"
    )
    test, live = await fresh.tester.sent(), await fresh.api.sent()
    assert (await fresh.hook(test, "message.delivered")).path == "/test"
    assert (await fresh.hook(live, "message.delivered")).path == "/hooks"
