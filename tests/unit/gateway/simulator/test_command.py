"""The simulated carrier as a process: what it prints, obeys and leaves behind."""

import asyncio
import json
import sys
from pathlib import Path

from gateway.simulator.command import obey
from smpp.client import Client, Endpoint, connect
from smpp.events import SessionConfig
from smpp.pdu import BindTransceiver
from tests.unit.gateway.simulator.recording_esme import RecordingEsme, running, until


async def test_the_process_serves_obeys_and_counts() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.simulator", "0"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        first = (await process.stdout.readline()).decode()
        esme = RecordingEsme()
        await _bind(int(first.rsplit(":", 1)[1]), esme)
        process.stdin.write(b"+12025550100 +447700900999 Hello there\ncount")
        process.stdin.write(b"ers\n")
        assert (await process.stdout.readline()) == b"sent as 1 part(s)\n"
        assert json.loads(await process.stdout.readline())["inbound"] == 1
        await until(lambda: bool(esme.deliveries))
        process.stdin.write(b"drop\n")
        assert (await process.stdout.readline()) == b"dropped 1 connection(s)\n"
        await until(lambda: bool(esme.closings))
        process.terminate()
        assert json.loads(await process.stdout.readline())["binds"] == 1
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_steps_of_a_script_are_told(tmp_path: Path) -> None:
    profile = tmp_path / "carrier.toml"
    profile.write_text('[[script]]\nat_s = 0.0\ndo = "recover"\n')
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.simulator", "0", str(profile)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said = [await process.stdout.readline() for _ in range(2)]
    process.terminate()
    counters = json.loads(await process.stdout.readline())
    assert await process.wait() == 0
    assert (said[1], counters["steps"]) == (b"script: recover\n", 1)


async def test_lines_that_say_nothing_are_explained() -> None:
    async with running() as simulator:
        assert obey(simulator, "hello") == (
            "write: SENDER RECIPIENT TEXT, or drop, or counters, or outbind HOST:PORT"
        )
        assert obey(simulator, "a b " + "x" * 40_000).startswith("not sent: The text makes 262 parts")
        assert json.loads(obey(simulator, "counters"))["submits"] == 0


async def _bind(port: int, esme: RecordingEsme) -> Client:
    endpoint = Endpoint("127.0.0.1", port)
    return await connect(endpoint, BindTransceiver(system_id="esme"), SessionConfig(), esme, lambda _: None)
