"""Durable before answered (DESIGN.md, promises 1 and 3): seen in the connection's settings and in system calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.sqlite.connections import Writer
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world
from tests.faults.trace import Call, parse, tracing

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE_BY_ONE, TOGETHER = 5, 20

_DELIVER_SM, _DELIVER_SM_RESP = 0x00000005, 0x80000005
_FULL = 2  # sqlite.org/pragma.html#pragma_synchronous


@pytest.mark.parametrize("made_before", [False, True])
async def test_the_writer_synchronises_fully(tmp_path: Path, made_before: bool) -> None:
    """Read back from the very connection that commits; a store that exists keeps no other setting."""
    path = tmp_path / "trunkline.db"
    for _ in range(1 + made_before):
        writer = Writer(path)
        asked = {
            name: writer.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "journal_mode")
        }
        writer.close()
    assert asked == {"synchronous": _FULL, "journal_mode": "wal"}


async def traced(template: Template, folder: Path) -> list[Call]:
    """What a gateway does while it takes messages, one by one and many at once, and their receipts."""
    output = folder / "strace.txt"
    async with world(template, folder, carriers={"alpha": {"receipt_delay_ms": 1}}) as at:
        async with tracing(at.gateway.pid, output):
            for number in range(ONE_BY_ONE):
                identity = await at.api.sent(text(number), to=recipient(number))
                await at.status(identity, "DELIVERED")
            several = range(ONE_BY_ONE, ONE_BY_ONE + TOGETHER)
            identities = await asyncio.gather(*(at.api.sent(text(n), to=recipient(n)) for n in several))
            for identity in identities:
                await at.status(identity, "DELIVERED")
            await acknowledged(at)
        return parse(output.read_text())


def text(number: int) -> str:
    return f"Traced {number:03}."


def recipient(number: int) -> str:
    return f"+44770092{number:04}"


async def acknowledged(at: World) -> None:
    await at.until(lambda: len(at.smsc.named("answered")) == ONE_BY_ONE + TOGETHER, "every deliver_sm_resp")


def durable_between(calls: list[Call], first: Call, last: Call) -> bool:
    """Whether the log was written after `first` was done, and that was on the disk before `last` began."""
    between = [call for call in calls if first.done < call.begun and call.done < last.begun]
    log = [call for call in between if call.file.endswith("-wal")]
    return any(
        call.synchronises and any(write.writes and write.done < call.begun for write in log) for call in log
    )


def next_write(calls: list[Call], after: Call, holds: Callable[[bytes], bool]) -> Call:
    """The next thing written to the connection that `after` was read from, which must be what was looked for."""
    answer = next(
        call for call in calls if call.writes and call.begun > after.done and call.file == after.file
    )
    assert holds(answer.octets), answer
    return answer


async def test_the_disk_has_it_before_the_tenant_and_the_carrier_are_answered(
    template: Template, tmp_path: Path
) -> None:
    calls = await traced(template, tmp_path)
    for number in range(ONE_BY_ONE + TOGETHER):
        post = next(
            call
            for call in calls
            if call.reads and text(number).encode() in call.octets and b"POST " in call.octets
        )
        answer = next_write(calls, post, lambda octets: octets.startswith(b"HTTP/1.1 202 "))
        assert durable_between(calls, post, answer), f"POST {number}"
    delivered = 0
    for call in calls:
        if not call.reads:
            continue
        for sequence in sequences(call.octets, _DELIVER_SM):
            response = next(
                write
                for write in calls
                if write.writes
                and write.file == call.file
                and sequence in sequences(write.octets, _DELIVER_SM_RESP)
            )
            assert durable_between(calls, call, response), f"deliver_sm {sequence}"
            delivered += 1
    assert delivered == ONE_BY_ONE + TOGETHER


def sequences(octets: bytes, command_id: int) -> list[int]:
    """The sequence numbers of the PDUs of one command in a stream that begins with a header (SMPP 3.4, 3.2)."""
    found, at = [], 0
    while at + 16 <= len(octets):
        length, command, _, sequence = (
            int.from_bytes(octets[at + n : at + n + 4], "big") for n in (0, 4, 8, 12)
        )
        if length < 16 or length > len(octets) - at:
            break
        if command == command_id:
            found.append(sequence)
        at += length
    return found
