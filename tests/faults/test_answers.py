"""Faults of a carrier that stays connected: answers that never come, come late, come after their receipt, or say no for
now.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import message
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world
from tests.faults.evidence import receipt, times_sent

pytestmark = pytest.mark.asyncio(loop_scope="module")

IMPATIENT = {"response_timeout_s": 1, "window": 10, "timeouts_in_a_row": 3}


@pytest_asyncio.fixture(loop_scope="module")
async def waiting(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    """An answer is waited for a second; a doubt waits for its receipt longer than the test does."""
    alpha = {**IMPATIENT, "on_doubt_wait_s": 300}
    async with world(template, tmp_path, operators={"alpha": alpha}) as built:
        yield built


async def unanswered(at: World) -> float:
    """Parts whose answer did not come in time."""
    metrics = await at.gateway.metrics()
    return metrics.value("submits_total", operator="alpha", command_status="no_answer")


async def in_window(at: World) -> float:
    return (await at.gateway.metrics()).value("window_used_parts", operator="alpha")


async def sent_to(at: World, *numbers: str) -> list[str]:
    return [await at.api.sent(to=number) for number in numbers]


async def test_the_answer_never_comes(template: Template, tmp_path: Path) -> None:
    """In doubt after its time; three in a row end the bind; then they are sent again."""
    alpha = {**IMPATIENT, "on_doubt_wait_s": 2}
    async with world(template, tmp_path, operators={"alpha": alpha}) as at:
        await at.smsc.set(answer="never", receipts=False)
        identities = await sent_to(at, *(f"+44770096000{n}" for n in range(3)))
        await at.until(lambda: at.smsc.named("closed"), "the bind to end")
        assert await unanswered(at) == 3
        await at.smsc.set(answer="now", receipts=True)
        for identity in identities:
            assert (await at.status(identity, "DELIVERED"))["attemptCount"] == 2
        assert set(times_sent(at.submits()).values()) == {2}


async def test_one_answer_missing_frees_no_slot(waiting: World) -> None:
    """The carrier may count it still: what it agreed to is not exceeded. The bind stays."""
    await waiting.smsc.set(answer="never")
    (identity,) = await sent_to(waiting, "+447700960011")
    await waiting.until(lambda: _at_least(waiting, 1), "the time for the answer to be over")
    assert await in_window(waiting) == 1
    assert not waiting.smsc.named("closed")
    await waiting.status(identity, "DELIVERED")  # its receipt says so
    await waiting.smsc.order("release")

    async def free() -> bool:
        return await in_window(waiting) == 0

    await waiting.until(free, "the slot to be free")


async def _at_least(at: World, count: int) -> bool:
    return await unanswered(at) >= count


async def test_the_answer_is_late(waiting: World) -> None:
    """Recorded all the same: the message is sent, not sent again."""
    await waiting.smsc.set(answer="never", receipt_delay_ms=60_000)
    identities = await sent_to(waiting, "+447700960021", "+447700960022")
    await waiting.until(lambda: _at_least(waiting, 2), "the time for the answers to be over")
    for identity in identities:
        assert (await waiting.api.message(identity))["status"] == "QUEUED"
    await waiting.smsc.order("release")
    for identity, submit in zip(identities, waiting.submits(), strict=True):
        found = await waiting.status(identity, "SENT")
        assert found["attemptCount"] == 1
        assert found["attempts"][0]["parts"][0]["operatorMessageId"] == submit["id"]
    assert len(waiting.submits()) == 2


async def test_the_answer_is_late_and_the_message_has_ended(template: Template, tmp_path: Path) -> None:
    """With on_doubt = fail the tenant was told `unconfirmed`: that stands, and nothing is sent again."""
    alpha = {**IMPATIENT, "on_doubt": "fail"}
    async with world(template, tmp_path, operators={"alpha": alpha}) as at:
        await at.smsc.set(answer="never", receipts=False)
        (identity,) = await sent_to(at, "+447700960031")
        assert (await at.status(identity, "FAILED"))["reason"] == "unconfirmed"
        await at.smsc.order("release")
        await at.smsc.set(answer="now")
        await at.status(await at.api.sent(to="+447700960032"), "SENT")
        assert (await at.api.message(identity))["status"] == "FAILED"
        assert len(at.submits()) == 2


async def test_receipts_before_their_answers(waiting: World) -> None:
    """Fifty at once, each receipt acknowledged before its part has an answer."""
    await waiting.smsc.set(receipt_first=True, receipt_delay_ms=300)
    sent = await waiting.api.bulk([message(to=f"+4477009601{n:02}") for n in range(50)])
    identities = [item["messageId"] for item in sent.json["accepted"]]
    for identity in identities:
        assert (await waiting.status(identity, "DELIVERED"))["attemptCount"] == 1
    assert set(times_sent(waiting.submits()).values()) == {1}
    for identity in identities:
        await waiting.hook(identity, "message.delivered")
        assert len(waiting.sink.of(identity)) == 1


async def test_receipts_twice_and_again_after_a_restart(waiting: World) -> None:
    """Acknowledged each time, told once: also when the process that knew of the first is dead."""
    await waiting.smsc.set(receipt_copies=2)
    identities = await sent_to(waiting, *(f"+44770096020{n}" for n in range(5)))
    for identity in identities:
        await waiting.status(identity, "DELIVERED")
        await waiting.hook(identity, "message.delivered")
    await waiting.until(lambda: len(waiting.smsc.named("answered")) == 10, "ten acknowledgements")
    await waiting.until(lambda: told(waiting, len(identities)), "the events to be settled")
    before = [await waiting.api.message(identity) for identity in identities]
    await waiting.gateway.kill9()
    await waiting.gateway.start()
    await waiting.bound()
    for submit in waiting.submits():
        await waiting.smsc.order("inbound", **receipt(submit))
    await waiting.until(lambda: len(waiting.smsc.named("answered")) == 15, "five more acknowledgements")
    assert {told["status"] for told in waiting.smsc.named("answered")} == {0}
    assert [await waiting.api.message(identity) for identity in identities] == before
    last = await waiting.api.sent(to="+447700960299")
    await waiting.hook(last, "message.delivered")  # a second event would have come before this one
    assert [len(waiting.sink.of(identity)) for identity in identities] == [1] * 5


async def told(at: World, count: int) -> bool:
    """Whether so many webhooks are delivered and nothing of them is on its way into the store."""
    metrics = await at.gateway.metrics()
    return metrics.value("webhook_tries_total", outcome="delivered") == count and not metrics.value(
        "webhooks_in_hand"
    )


async def test_throttled(waiting: World) -> None:
    """A whole window comes back: it keeps its place before all others, no attempt is counted, and all arrive."""
    await waiting.smsc.set(throttle_next=10)
    sent = await waiting.api.bulk([message(f"In order {n:02}", to=f"+4477009603{n:02}") for n in range(30)])
    for item in sent.json["accepted"]:
        found = await waiting.status(item["messageId"], "DELIVERED")
        assert (found["attemptCount"], found["lastError"]) == (1, None)
    submits = waiting.submits()
    assert [submit["status"] for submit in submits] == [0x58] * 10 + [0] * 30
    assert [submit["to"] for submit in submits[10:]] == [f"4477009603{n:02}" for n in range(30)]


@pytest.mark.parametrize(("status", "reason"), [(0x0B, "invalid_number"), (0x45, "carrier_error")])
async def test_some_refused_for_good_among_others(waiting: World, status: int, reason: str) -> None:
    """A refusal ends its own message alone."""
    outcomes: dict[str, Any] = {"13": {"status": status}}
    await waiting.smsc.set(outcomes=outcomes)
    identities = await sent_to(waiting, *(f"+4477009604{n:02}" for n in range(10, 16)))
    for number, identity in enumerate(identities, 10):
        if number != 13:
            await waiting.status(identity, "DELIVERED")
    found = await waiting.until(lambda: ended(waiting, identities[3]), "the refused one to end")
    assert found["status"] in ("FAILED", "UNDELIVERABLE")
    assert found["reason"] == reason


async def ended(at: World, identity: str) -> dict[str, Any] | None:
    found = await at.api.message(identity)
    return found if found["status"] in ("FAILED", "UNDELIVERABLE", "DELIVERED") else None
