"""kill -9 (DESIGN.md, promises 1, 2 and 4): nothing accepted is lost, and what is sent twice stays within the bound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.harness.api import message
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world
from tests.faults.evidence import receipt, stored, times_sent
from tests.faults.scene import BINDS, WINDOW, assert_nothing_lost, log, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_LEAST = 2000  #: messages


async def test_three_kills_in_the_middle_of_a_load(template: Template, tmp_path: Path) -> None:
    async with scene(template, tmp_path) as at:
        at.sink.open_gate.clear()  # a receiver that is slow: webhooks wait
        await at.begin()
        moments = [await at.kill_when(lambda moment: moment.store.queued > 300)]
        await at.begin()
        moments.append(await at.kill_when(lambda moment: moment.store.in_doubt > 0))
        await at.begin()
        await at.until_answered(300)
        await at.carrier.set(answer="never")
        moments.append(await at.kill_when(lambda moment: moment.unanswered >= WINDOW * BINDS))
        for moment in moments:
            log.info("killed at %s", moment)
        assert at.cut
        await at.end(islice(at.posts, max(500, AT_LEAST - len(at.answered))))
        await assert_nothing_lost(at, len(moments))


# --- killed with nothing else under way: what becomes of the doubt


@asynccontextmanager
async def in_doubt(template: Template, folder: Path, **alpha: Any) -> AsyncIterator[tuple[World, list[str]]]:
    """Three messages that were written and not answered by a gateway that is dead now."""
    carriers = {"alpha": {"answer": "never", "receipts": False}}
    async with world(template, folder, carriers=carriers, operators={"alpha": alpha}) as at:
        identities = [await at.api.sent(to=f"+44770091000{n}") for n in range(3)]
        await at.until(lambda: len(at.submits()) == 3, "three parts with the carrier")
        await at.gateway.kill9()
        await at.smsc.set(answer="now")
        yield at, identities


async def test_wait_takes_the_receipt(template: Template, tmp_path: Path) -> None:
    """The carrier had them: its receipts end the doubt, and nothing is sent twice."""
    async with in_doubt(template, tmp_path, on_doubt="wait", on_doubt_wait_s=300) as (at, identities):
        await at.gateway.start()
        await at.bound()
        for identity in identities:
            assert (await at.api.message(identity))["status"] == "QUEUED"
        for submit in at.submits():
            await at.smsc.order("inbound", **receipt(submit))
        for identity in identities:
            await at.status(identity, "DELIVERED")
        assert len(at.submits()) == 3


@pytest.mark.parametrize("policy", [{"on_doubt": "wait", "on_doubt_wait_s": 1}, {"on_doubt": "resend"}])
async def test_wait_without_a_receipt_and_resend_send_again(
    template: Template, tmp_path: Path, policy: dict[str, Any]
) -> None:
    async with in_doubt(template, tmp_path, **policy) as (at, identities):
        await at.smsc.set(receipts=True)
        await at.gateway.start()
        for identity in identities:
            found = await at.status(identity, "DELIVERED")
            assert found["attemptCount"] == 2
        assert set(times_sent(at.submits()).values()) == {2}


async def test_fail_ends_as_unconfirmed(template: Template, tmp_path: Path) -> None:
    async with in_doubt(template, tmp_path, on_doubt="fail") as (at, identities):
        await at.gateway.start()
        for identity in identities:
            found = await at.status(identity, "FAILED")
            assert found["reason"] == "unconfirmed"
            hook = await at.hook(identity, "message.failed")
            assert hook.data["reason"] == "unconfirmed"
        await at.bound()
        await at.status(await at.api.sent(to="+447700910009"), "SENT")
        assert len(at.submits()) == 4, "the three of before, and the one of now"


async def test_kills_during_the_start_add_no_doubt(template: Template, tmp_path: Path) -> None:
    """Five times it dies while it looks at what the first one left behind."""
    operators = {"alpha": {"window": 50, "on_doubt": "resend"}}
    async with world(template, tmp_path, operators=operators) as at:
        await at.smsc.set(answer="never", receipts=False)
        sent = await at.api.bulk([message(to=f"+44770091{n:04}") for n in range(300)])
        await at.until(lambda: len(at.submits()) == 50, "a full window")
        await at.gateway.kill9()
        await at.smsc.set(refuse_binds=0x0D)  # however late the kill comes, nothing is written before it
        for _ in range(5):
            await at.gateway.launch()
            await at.until(lambda: holder(tmp_path) == at.gateway.pid, "the start to reach the store")
            await at.gateway.kill9()
        await at.smsc.set(answer="now", receipts=True, refuse_binds=0)
        await at.gateway.start()
        for item in sent.json["accepted"]:
            await at.status(item["messageId"], "DELIVERED")
        assert sorted(times_sent(at.submits()).values()) == [1] * 250 + [2] * 50


def holder(folder: Path) -> int:
    """The process that serves the store, by its lock."""
    return int((folder / "trunkline.db.lock").read_text().strip() or 0)


async def claimed_not_written(at: World) -> tuple[str, str]:
    """With a window of one: a message whose answer is withheld, and one behind it that is claimed already."""
    first = await at.api.sent(to="+447700911001")
    second = await at.api.sent(to="+447700911002")
    await at.until(at.submits, "the first part with the carrier")
    await at.gateway.kill9()
    assert len(at.submits()) == 1
    assert stored(at.gateway.folder).in_hand == 2
    await at.smsc.set(answer="now")
    return first, second


ONE_AT_A_TIME = {"window": 1, "on_doubt": "fail"}


async def test_what_was_claimed_and_not_written_is_in_no_doubt(template: Template, tmp_path: Path) -> None:
    """The flight journal tells the two apart."""
    carriers = {"alpha": {"answer": "never"}}
    async with world(template, tmp_path, carriers=carriers, operators={"alpha": ONE_AT_A_TIME}) as at:
        first, second = await claimed_not_written(at)
        await at.gateway.start()
        await at.status(first, "FAILED")
        await at.status(second, "DELIVERED")
        assert len(at.submits()) == 2


async def test_a_journal_of_another_boot_tells_nothing(template: Template, tmp_path: Path) -> None:
    """The machine went down too: its last writes may be lost, so all that was claimed is in doubt."""
    carriers = {"alpha": {"answer": "never"}}
    async with world(template, tmp_path, carriers=carriers, operators={"alpha": ONE_AT_A_TIME}) as at:
        first, second = await claimed_not_written(at)
        change_boot_id(tmp_path)
        await at.gateway.start()
        for identity in (first, second):
            assert (await at.status(identity, "FAILED"))["reason"] == "unconfirmed"


def change_boot_id(folder: Path) -> None:
    """Make the flight journals here those of another boot of the machine."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
    journals = [path for path in folder.iterdir() if boot in path.read_bytes()[:100]]
    assert journals
    for journal in journals:
        journal.write_bytes(journal.read_bytes().replace(boot, boot[::-1], 1))
