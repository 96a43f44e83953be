"""SIGTERM in the middle of a load: every request has its answer, and nothing is lost or sent twice."""

from __future__ import annotations

import signal
from itertools import count
from pathlib import Path

import pytest

from tests.acceptance.harness.api import JsonObject
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import FINAL, World, world
from tests.faults.evidence import all_final, stored, times_sent
from tests.faults.load import Load, Post, answers

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 120.0
WINDOW = 30


async def test_a_drain_under_load(template: Template, tmp_path: Path) -> None:
    """More comes than the carrier takes, answers take their time, webhooks too; twice in one life of the store."""
    carriers = {"alpha": {"answer_delay_ms": 60, "receipt_delay_ms": 300}}
    operators = {"alpha": {"window": WINDOW, "on_doubt": "resend"}}
    async with world(template, tmp_path, carriers=carriers, operators=operators) as at:
        posts = (Post(number, f"+44770{number:07}", f"Draining {number:06}") for number in count())
        answered: list[Post] = []
        for drain in range(2):
            load = Load(at.gateway.port, at.api.key, posts)
            await load.start()
            await at.until(lambda: len(load.answered) > 500, "some of the load", PATIENCE_S)  # noqa: B023
            assert await at.gateway.terminate() == 0
            await load.ended(PATIENCE_S)
            assert not load.cut, f"drain {drain}: {len(load.cut)} requests without an answer"
            assert {post.status for post in load.answered} <= {202, 503}
            answered += load.answered
            left = stored(tmp_path)
            assert left.queued > 0, "the carrier takes less than came"
            assert (left.in_hand, left.in_doubt) == (0, 0), (
                "what was not written went back, what was written is answered"
            )
            await at.gateway.start()
        assert not at.gateway.events("an earlier process ended without draining")
        repeated = {
            post.key: post
            for post in await answers(at.gateway.port, at.api.key, [p.again() for p in answered])
        }
        assert all(repeated[post.key].answer == post.answer for post in answered if post.status == 202)
        await at.smsc.set(answer_delay_ms=0, receipt_delay_ms=20)
        await at.until(lambda: all_final(at.api), "every message to end", PATIENCE_S)
        sent = times_sent(at.submits())
        assert set(sent) == {(post.to, 1) for post in answered}
        assert set(sent.values()) == {1}
        identities = {post.identity for post in repeated.values()}
        await at.until(
            lambda: {hook.data["messageId"] for hook in at.sink.taken("message.delivered")} == identities,
            "every webhook",
            PATIENCE_S,
        )


async def test_a_carrier_that_does_not_answer_does_not_hold_up_the_drain(
    template: Template, tmp_path: Path
) -> None:
    """At the end of its time the parts are in doubt, in the store; what was not written is not."""
    operators = {"alpha": {"window": 3, "on_doubt": "fail"}}
    config = {"limits": {"drain_timeout_s": 1}}
    async with world(template, tmp_path, operators=operators, config=config) as at:
        await at.smsc.set(answer="never", receipts=False)
        identities = [await at.api.sent(to=f"+44770099000{n}") for n in range(5)]
        await at.until(lambda: len(at.submits()) == 3, "a full window")
        assert await at.gateway.terminate() == 0
        assert len(at.smsc.named("unbound")) == 1, "politely"
        await at.smsc.set(answer="now", receipts=True)
        await at.gateway.start()
        ends = [(await at.until(lambda: ended(at, each), "an end"))["status"] for each in identities]  # noqa: B023
        assert ends == ["FAILED"] * 3 + ["DELIVERED"] * 2
        assert len(at.submits()) == 5


async def ended(at: World, identity: str) -> JsonObject | None:
    found = await at.api.message(identity)
    return found if found["status"] in FINAL else None


async def test_a_receiver_that_does_not_answer_does_not_hold_up_the_drain(
    template: Template, tmp_path: Path
) -> None:
    async with world(template, tmp_path, config={"limits": {"drain_timeout_s": 1}}) as at:
        at.sink.open_gate.clear()
        identities = [await at.api.sent(to=f"+4477009901{n:02}") for n in range(20)]
        for identity in identities:
            await at.status(identity, "DELIVERED")
        await at.until(lambda: at.sink.under_way, "a webhook on its way")
        assert await at.gateway.terminate() == 0
        at.sink.open_gate.set()
        await at.gateway.start()
        for identity in identities:
            await at.hook(identity, "message.delivered")


async def test_a_kill_in_the_middle_of_a_drain(template: Template, tmp_path: Path) -> None:
    """Impatience costs a doubt, not a message."""
    operators = {"alpha": {"window": 5, "on_doubt": "resend"}}
    async with world(template, tmp_path, operators=operators) as at:
        await at.smsc.set(answer="never", receipts=False)
        identities = [await at.api.sent(to=f"+44770099020{n}") for n in range(10)]
        await at.until(lambda: len(at.submits()) == 5, "a full window")
        at.gateway.send_signal(signal.SIGTERM)
        await at.until(lambda: at.gateway.events("draining"), "the drain to begin")
        await at.gateway.kill9()
        await at.smsc.set(answer="now", receipts=True)
        await at.gateway.start()
        for identity in identities:
            await at.status(identity, "DELIVERED")
        assert sorted(times_sent(at.submits()).values()) == [1] * 5 + [2] * 5
