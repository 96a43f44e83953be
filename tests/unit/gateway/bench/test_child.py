"""Processes that a measurement starts: their words, their end, and what is said when they fail."""

import asyncio
import sys
from pathlib import Path

import pytest

from gateway.bench.child import Child, free_port, listens, output_of, until
from gateway.bench.errors import BenchError

ECHO = "import sys\nfor line in sys.stdin: print(line.strip(), flush=True)"


async def never() -> bool:
    return False


async def test_a_conversation(tmp_path: Path) -> None:
    child = await Child.start("echo", (sys.executable, "-c", ECHO), tmp_path)
    assert await child.ask('{"a": 1}') == {"a": 1}
    assert not child.ended
    await child.stop()
    assert child.ended


async def test_a_process_that_fails_is_quoted(tmp_path: Path) -> None:
    child = await Child.start("broken", (sys.executable, "-c", "raise SystemExit('no such port')"), tmp_path)
    with pytest.raises(BenchError, match="broken has ended: no such port"):
        await child.line()
    await child.stop()


async def test_a_process_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    child = await Child.start("silent", (sys.executable, "-c", ECHO), tmp_path)
    with pytest.raises(BenchError, match=r"silent says nothing; see .*silent\.log"):
        await child.line(timeout_s=0.01)
    with pytest.raises(BenchError, match=r"silent: its listener did not come within 0\.1 s"):
        await until(never, child, "its listener", timeout_s=0.1)
    await child.stop()


async def test_waiting_for_a_process_that_ends_is_over_at_once(tmp_path: Path) -> None:
    child = await Child.start(
        "short", (sys.executable, "-c", "raise SystemExit('done for')"), tmp_path, talks=False
    )
    with pytest.raises(BenchError, match="short has ended: done for"):
        await until(never, child, "anything")
    await child.stop()


async def test_a_command_that_fails_says_why() -> None:
    assert await output_of((sys.executable, "-c", "print('fine')")) == "fine\n"
    with pytest.raises(BenchError, match="not today"):
        await output_of((sys.executable, "-c", "raise SystemExit('not today')"))


async def test_a_free_port_is_free() -> None:
    assert not await listens(free_port())


async def test_free_ports_in_a_row_leave_out_one_that_is_taken() -> None:
    taken = free_port() + 2
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", taken):
        first = free_port(in_a_row=3)
        assert first > taken or first + 2 < taken
        assert not any([await listens(port) for port in range(first, first + 3)])
