"""A disk that takes its time: it makes everything later, and lets the tests kill between a commit and its answer."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world
from tests.faults.evidence import all_final, receipt, statuses, stored, times_sent
from tests.faults.load import Load, Post
from tests.faults.trace import slow

pytestmark = pytest.mark.asyncio(loop_scope="module")

log = logging.getLogger(__name__)

PATIENCE_S = 60.0
LONG_S = 30.0  #: longer than the test looks
WINDOW = 10


@pytest_asyncio.fixture(loop_scope="module")
async def at(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    async with world(
        template, tmp_path, operators={"alpha": {"window": WINDOW, "on_doubt": "resend"}}
    ) as built:
        yield built


def wal(at: World) -> list[Path]:
    """The file whose synchronisation makes a commit durable."""
    return [at.gateway.folder / "trunkline.db-wal"]


async def test_killed_between_the_commit_and_the_202(at: World) -> None:
    """The message is there: it is sent once, and the repeated key gives its id."""
    async with slow(at.gateway.pid, wal(at), LONG_S):
        posting = asyncio.create_task(at.api.send(key="once", to="+447700972001"))
        await at.until(lambda: stored(at.gateway.folder).messages == 1, "the message on the disk")
        assert not posting.done()
        at.gateway.send_signal(signal.SIGKILL)
    await at.gateway.ended()
    with pytest.raises(aiohttp.ClientError):
        await posting
    assert not at.submits(), "what is not committed, as far as it knows, is not sent"
    await at.gateway.start()
    again = await at.api.send(key="once", to="+447700972001")
    assert again.status == 202
    await at.status(again.json["messageId"], "DELIVERED")
    assert list(await statuses(at.api)) == [again.json["messageId"]]
    assert len(at.submits()) == 1


async def test_killed_between_the_commit_and_the_deliver_sm_resp_of_a_receipt(at: World) -> None:
    """The carrier sends it again, and it changes nothing."""
    await at.smsc.set(receipts=False)
    identity = await at.api.sent(to="+447700972002")
    await at.status(identity, "SENT")
    async with slow(at.gateway.pid, wal(at), LONG_S):
        await at.smsc.order("inbound", **receipt(at.submits()[0]))
        await at.until(lambda: stored(at.gateway.folder).webhooks == 1, "the receipt on the disk")
        assert not at.smsc.named("answered")
        at.gateway.send_signal(signal.SIGKILL)
    await at.gateway.ended()
    await at.gateway.start()
    await at.until(lambda: at.smsc.named("answered"), "the receipt to be answered")
    await at.status(identity, "DELIVERED")
    await at.hook(identity, "message.delivered")
    last = await at.api.sent(to="+447700972003")
    await at.until(lambda: len(at.submits()) == 2, "the next part")
    await at.smsc.order("inbound", **receipt(at.submits()[1]))
    await at.hook(last, "message.delivered")  # a second event of the first would have come before
    assert len(at.sink.of(identity)) == 1


async def test_killed_between_the_commit_and_the_deliver_sm_resp_of_a_message(at: World) -> None:
    """It was never answered, so the copy that comes over the next bind is dropped; a second real one is not."""
    await at.status(await at.api.sent(to="+447700972004"), "DELIVERED")
    await at.until(lambda: stored(at.gateway.folder).webhooks == 0, "quiet")
    yes = {"from": "447700972004", "to": "447700900999", "text": "YES"}
    async with slow(at.gateway.pid, wal(at), LONG_S):
        await at.smsc.order("inbound", id="first", **yes)
        await at.until(lambda: stored(at.gateway.folder).webhooks == 1, "the message on the disk")
        at.gateway.send_signal(signal.SIGKILL)
    await at.gateway.ended()
    await at.gateway.start()
    await at.until(lambda: answered(at, "first"), "the copy to be answered")
    await at.smsc.order("inbound", id="second", **yes)
    await at.until(lambda: answered(at, "second"), "the second to be answered")
    await at.until(lambda: len(at.sink.taken("message.inbound")) == 2, "both to be told")
    assert len(at.sink.taken("message.inbound")) == 2


def answered(at: World, delivery: str) -> bool:
    return any(told["id"] == delivery and told["status"] == 0 for told in at.smsc.named("answered"))


async def test_as_many_answers_unrecorded_as_may_be(at: World) -> None:
    """The carrier is quick and the disk is not: answers pile up to the bound, then nothing more is written. A kill at
    that moment makes the largest doubt there can be."""
    posts = [Post(number, f"+4477009{number:05}", f"Unrecorded {number}") for number in range(600)]
    load = Load(at.gateway.port, at.api.key, posts)
    await at.smsc.set(receipts=False)
    async with slow(at.gateway.pid, wal(at), 0.5):
        await load.start()
        most = WINDOW + 2 * WINDOW
        await at.until(lambda: unrecorded(at, 2 * WINDOW), "as many unrecorded answers as may be", PATIENCE_S)
        at.gateway.send_signal(signal.SIGKILL)
    await at.gateway.ended()
    await load.ended()
    before = len(at.submits())
    recorded = stored(at.gateway.folder).answers
    # Of what the process held for unrecorded, the commit that it was in is in the log already: a window of answers.
    assert WINDOW <= before - recorded <= most
    await at.gateway.start()
    await at.until(lambda: all_sent(at), "every message to be sent", PATIENCE_S)
    twice = sum(times - 1 for times in times_sent(at.submits()).values())
    log.info("%d submits, %d recorded, %d sent twice of at most %d", before, recorded, twice, most)
    assert WINDOW <= twice <= most
    accepted = {json.loads(post.answer)["messageId"] for post in load.answered}
    assert accepted <= set(await statuses(at.api))


async def unrecorded(at: World, count: int) -> bool:
    return (await at.gateway.metrics()).value("unrecorded_answers") >= count


async def all_sent(at: World) -> bool:
    answer = await at.api.list(limit="1", status="QUEUED")
    return not answer.json["messages"]


async def test_slow_is_all_that_it_is(at: World) -> None:
    """Nobody is refused, and commits are shared: 200 messages take far fewer than 200."""
    posts = [Post(number, f"+4477008{number:05}", f"Slow {number}") for number in range(200)]
    load = Load(at.gateway.port, at.api.key, posts)
    async with slow(at.gateway.pid, wal(at), 0.05):
        await load.start()
        await load.ended(PATIENCE_S)
        assert {post.status for post in load.answered} == {202}
        await at.until(lambda: all_final(at.api), "every message to end", PATIENCE_S)
    assert set(times_sent(at.submits()).values()) == {1}
    assert len(at.submits()) == len(posts)
