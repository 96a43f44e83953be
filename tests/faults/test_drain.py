"""SIGTERM in the middle of a load: every request has its answer, and nothing is lost or sent twice."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import world
from tests.faults.evidence import all_final, stored, times_sent
from tests.faults.load import Load, Post, answers

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 60.0
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
