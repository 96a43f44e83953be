"""A disk that is full, fails, or is not to be written: said to everybody at once, survived, and nothing lost by it.

The faults are put into the running process's system calls on the files of its store (strace), so they are the real
ones: SQLite, the flight journal and everything above meet ENOSPC, EIO and EROFS as a kernel gives them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import problem
from tests.acceptance.harness.gateway import Gateway, Template, configuration
from tests.acceptance.harness.world import World, world
from tests.faults.evidence import receipt, times_sent
from tests.faults.trace import WRITING, failing

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 60.0
WINDOW = 5

FAULTS = {
    "full": ("ENOSPC", WRITING),
    "failing": ("EIO", WRITING),
    "read-only": ("EROFS", WRITING),
    "failing to synchronise": ("EIO", "fsync,fdatasync"),
}


@pytest_asyncio.fixture(loop_scope="module")
async def at(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    """A small window, so that some messages are in hand and not written; a doubt is sent again after a second."""
    alpha = {"window": WINDOW, "on_doubt_wait_s": 1}
    async with world(template, tmp_path, operators={"alpha": alpha}) as built:
        yield built


def broken(at: World, error: str, calls: str) -> AbstractAsyncContextManager[None]:
    """The fault, in every file of the store, in the flight journal, and in the log beside them."""
    files = [each for each in at.gateway.folder.iterdir() if each.name.startswith("trunkline.db")]
    assert len(files) >= 4, files
    files.append(at.gateway.log_path)
    return failing(at.gateway.pid, files, error, calls)


@pytest.mark.parametrize(("error", "calls"), FAULTS.values(), ids=FAULTS)
async def test_the_store_can_not_be_written(at: World, error: str, calls: str) -> None:
    await at.smsc.set(answer="never", receipts=False)
    before = [await at.api.sent(f"Before {n}", to=f"+4477009700{n:02}") for n in range(2 * WINDOW)]
    await at.until(lambda: len(at.submits()) == WINDOW, "a full window")
    async with broken(at, error, calls):
        refused = await at.api.send("Refused", key="once", to="+447700970099")
        problem(refused, 503, "DEPENDENCY_UNAVAILABLE")
        assert int(refused.headers["Retry-After"]) > 0
        await at.until(lambda: ready_says(at, 503), "/health/ready to say 503")
        assert (await at.gateway.health("live"))[0] == 200
        # No receipt and no STOP is acknowledged that is not kept.
        await at.smsc.order("inbound", id="receipt", **receipt(at.submits()[0]))
        await at.smsc.order("inbound", id="stop", **STOP)
        for delivery in ("receipt", "stop"):
            await at.until(lambda: answered(at, delivery), f"the {delivery} to be answered")  # noqa: B023
            assert answered(at, delivery) == {0x64}
        await at.smsc.order("release")  # answers that can't be kept wait in memory
        assert (await at.api.message(before[0]))["status"] == "QUEUED", "what is there can be read"
    await at.smsc.set(answer="now", receipts=True)
    await at.until(lambda: ready_says(at, 200), "/health/ready to say 200")
    for delivery in ("receipt", "stop"):
        await at.until(lambda: 0 in answered(at, delivery), f"the {delivery} to be kept")  # noqa: B023
    await at.smsc.order("release")
    for submit in at.submits():  # what was written while the carrier made no receipts
        await at.smsc.order("inbound", **receipt(submit))
    for identity in before:
        await at.status(identity, "DELIVERED")
        await at.hook(identity, "message.delivered")
    sent = times_sent(at.submits())
    assert len(sent) == len(before), "what was refused was not sent"
    assert sum(times - 1 for times in sent.values()) <= WINDOW, "only what was in flight may come twice"
    again = await at.api.send("Refused", key="once", to="+447700970099")
    assert again.status == 202, "the key of a refused request is free"
    await at.status(again.json["messageId"], "DELIVERED")
    assert at.gateway.running
    assert len(at.gateway.events("serving")) == 1, "it is the same process"


async def test_the_flight_journal_alone_can_not_be_written(at: World) -> None:
    """Nothing is sent that could not be told from what was claimed; what is accepted waits, and people are told."""
    files = [each for each in at.gateway.folder.iterdir() if each.name.startswith("trunkline.db.flights")]
    async with failing(at.gateway.pid, files, "ENOSPC"):
        waits = await at.api.sent("Waits", to="+447700970001")
        await at.until(lambda: len(lost_binds(at)) >= 2, "the bind to be lost again and again")
        told = at.gateway.events("nothing can be noted in the flight journal, so nothing is sent")
        assert 0 < len(told) < len(lost_binds(at))
        assert told[0]["level"] == "error"
        assert told[0]["error"] == f"the flight journal in {at.gateway.folder}: No space left on device"
        assert at.submits() == []
    await at.status(waits, "DELIVERED")
    assert len(at.submits()) == 1


def lost_binds(at: World) -> list[dict[str, Any]]:
    """The lines of the log of binds that were to write what could not be noted."""
    closing = [line for line in at.gateway.events("bind") if line["state"] == "closing"]
    return [line for line in closing if "flight journal" in line["error"]]


STOP = {"from": "447700970050", "to": "447700900999", "text": "STOP"}


def answered(at: World, delivery: str) -> set[int]:
    """The command_status of all answers to one delivery of the carrier."""
    return {told["status"] for told in at.smsc.named("answered") if told["id"] == delivery}


async def ready_says(at: World, status: int) -> bool:
    return (await at.gateway.health("ready"))[0] == status


async def test_another_process_holds_the_store(at: World) -> None:
    """A command that writes for longer than a write waits for it: refused, and taken when the lock is free again."""
    first = await at.api.sent(to="+447700971001")
    await at.status(first, "DELIVERED")
    holder = sqlite3.connect(at.gateway.folder / "trunkline.db", isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        problem(await at.api.send(to="+447700971002"), 503, "DEPENDENCY_UNAVAILABLE")
        assert await ready_says(at, 503)
        assert (await at.api.message(first))["status"] == "DELIVERED", "reading goes on"
    finally:
        holder.close()
    await at.until(lambda: ready_says(at, 200), "/health/ready to say 200")
    await at.status(await at.api.sent(to="+447700971003"), "DELIVERED")
    assert len(at.submits()) == 2


async def test_a_store_that_can_not_be_opened(template: Template, tmp_path: Path) -> None:
    """`serve` ends at once with what to look at, and without a traceback."""
    document: dict[str, Any] = configuration(store={"url": "sqlite:////proc/trunkline.db"})
    gateway = Gateway(tmp_path, document)
    await gateway.launch()
    assert await gateway.ended() == 1
    assert "/proc/trunkline.db" in gateway.log
    assert "Traceback" not in gateway.log


async def test_a_file_that_is_no_store(template: Template, tmp_path: Path) -> None:
    """It is left as it is."""
    (tmp_path / "trunkline.db").write_bytes(b"not a database at all" * 1000)
    gateway = Gateway(tmp_path, configuration())
    await gateway.launch()
    assert await gateway.ended() == 1
    assert "store" in gateway.log
    assert "Traceback" not in gateway.log
    assert (tmp_path / "trunkline.db").read_bytes() == b"not a database at all" * 1000
