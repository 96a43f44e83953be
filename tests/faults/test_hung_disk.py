"""A disk that hangs: a commit neither ends nor fails. Everybody is told in time, and when it is back all goes on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import problem
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world
from tests.faults.evidence import receipt, statuses
from tests.faults.trace import slow

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 120.0
HUNG_S = 600.0  #: longer than the tests look
DRAIN_S = 2


@pytest_asyncio.fixture(loop_scope="module")
async def at(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    operators = {"alpha": {"window": 10}}
    config = {"limits": {"drain_timeout_s": DRAIN_S}}
    async with world(template, tmp_path, operators=operators, config=config) as built:
        yield built


def wal(at: World) -> list[Path]:
    """The file whose synchronisation makes a commit durable."""
    return [at.gateway.folder / "trunkline.db-wal"]


async def says_why(at: World) -> str | None:
    """What /health/ready says of the store when it is not ready."""
    status, facts = await at.gateway.health("ready")
    return facts["store"] if status == 503 else None


async def hangs(at: World) -> bool:
    """The commit under way is told as what hangs."""
    return "has been under way since" in (await says_why(at) or "")


async def test_everybody_is_told_and_all_goes_on(at: World) -> None:
    first = await at.api.sent(to="+447700974001")
    await at.status(first, "DELIVERED")
    await at.smsc.set(receipts=False)
    second = await at.api.sent(to="+447700974002")
    await at.status(second, "SENT")
    async with slow(at.gateway.pid, wal(at), HUNG_S):
        # One is in the commit that hangs, the other waits behind it, or both are in it.
        posting = [asyncio.create_task(at.api.send(key=key, to="+447700974003")) for key in ("one", "two")]
        await at.until(lambda: hangs(at), "/health/ready to say what hangs")
        assert (await at.gateway.health("live"))[0] == 200
        assert (await at.gateway.metrics()).value("store_commit_age_seconds") >= 3
        assert (await at.api.message(first))["status"] == "DELIVERED", "what is there can be read"
        for answer in await asyncio.wait_for(asyncio.gather(*posting), PATIENCE_S):
            problem(answer, 503, "DEPENDENCY_UNAVAILABLE")
            assert int(answer.headers["Retry-After"]) > 0
        again = await at.api.send(key="one", to="+447700974003")
        problem(again, 503, "DEPENDENCY_UNAVAILABLE")
        # No receipt is acknowledged that is not kept.
        await at.smsc.order("inbound", id="receipt", **receipt(at.submits(to="+447700974002")[0]))
        await at.until(lambda: answered(at, "receipt"), "the receipt to be answered")
        assert answered(at, "receipt") == {0x64}
        assert not at.submits(to="+447700974003"), "what is not known to be kept is not sent"
        told = at.gateway.events("the store hangs")
        assert told[0]["level"] == "error"
        assert "look at its volume" in told[0]["error"]
        assert len(told) < 3
        await at.smsc.set(receipts=True)
    await at.until(lambda: ready(at), "/health/ready to say 200")
    await at.until(lambda: 0 in answered(at, "receipt"), "the receipt to be kept")
    await at.status(second, "DELIVERED")
    for key in ("one", "two"):
        kept = await at.api.send(key=key, to="+447700974003")
        assert kept.status == 202
        await at.status(kept.json["messageId"], "DELIVERED")
    assert len(at.submits(to="+447700974003")) == 2, "each key is sent once"
    assert len(await statuses(at.api)) == 4, "nor is there a message that nobody can ask for"
    assert (await at.gateway.metrics()).value("store_commit_age_seconds") < 3
    assert len(at.gateway.events("serving")) == 1, "it is the same process"


async def ready(at: World) -> bool:
    return (await at.gateway.health("ready"))[0] == 200


def answered(at: World, delivery: str) -> set[int]:
    """The command_status of all answers to one delivery of the carrier."""
    return {told["status"] for told in at.smsc.named("answered") if told["id"] == delivery}


async def test_a_commit_that_comes_through_later_is_sent_without_a_retry(at: World) -> None:
    """Its caller was told that nobody knows, and never came again: it was accepted after all."""
    async with slow(at.gateway.pid, wal(at), HUNG_S):
        answer = await asyncio.wait_for(at.api.send(key="late", to="+447700974005"), PATIENCE_S)
        document = problem(answer, 503, "DEPENDENCY_UNAVAILABLE")
    found: dict[str, Any] = await statuses(at.api)
    if "repeat it" in document["detail"]:  # it was in the commit that hung
        (identity,) = found
        await at.status(identity, "DELIVERED")
        assert len(at.submits(to="+447700974005")) == 1
    again = await at.api.send(key="late", to="+447700974005")
    assert again.status == 202
    await at.status(again.json["messageId"], "DELIVERED")
    assert len(at.submits(to="+447700974005")) == 1


async def test_a_drain_ends_all_the_same(at: World) -> None:
    """SIGTERM with a commit that does not end: the process says so and is gone; the next one finds what was kept."""
    async with slow(at.gateway.pid, wal(at), HUNG_S):
        posting = asyncio.create_task(at.api.send(key="cut", to="+447700974006"))
        await at.until(lambda: hangs(at), "/health/ready to say what hangs")
        at.gateway.send_signal(signal.SIGTERM)
        what = "ended without the end of a commit, as by kill -9"
        await at.until(lambda: at.gateway.events(what), "the end", PATIENCE_S)
    assert await at.gateway.ended() == 1
    await asyncio.gather(posting, return_exceptions=True)
    assert "Traceback" not in at.gateway.log
    await at.gateway.start()
    again = await at.api.send(key="cut", to="+447700974006")
    assert again.status == 202
    await at.status(again.json["messageId"], "DELIVERED")
    assert len(at.submits(to="+447700974006")) == 1
