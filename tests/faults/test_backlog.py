"""A carrier that is away for long: what waits is in the store, not in memory, and goes out in the order it came."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.harness.api import message
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.handset import read as read_segment
from tests.acceptance.harness.world import World, world
from tests.faults.evidence import all_final, rss_bytes

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 90.0
BULK = 500
FIRST, ALL = 4_000, 20_000
MOST_GROWTH_BYTES = 30 * 1024 * 1024
"""From 4,000 to 20,000 messages: SQLite's page cache takes up to 32 MiB as the file grows, measured 21. The messages
themselves, were they kept, would be 13 more, and twice that with their parts."""


async def post(at: World, begin: int, end: int) -> None:
    """Bulks of an account that wants no webhooks."""
    for first in range(begin, end, BULK):
        every = [message(f"{number:06}", to=f"+44770{number:07}") for number in range(first, first + BULK)]
        answer = await at.other.bulk(every)
        assert answer.status == 202, answer
        assert len(answer.json["accepted"]) == BULK


async def test_a_dead_carrier_and_twenty_thousand_messages(template: Template, tmp_path: Path) -> None:
    async with world(template, tmp_path) as at:
        await at.smsc.order("close")
        await post(at, 0, FIRST)
        before = rss_bytes(at.gateway.pid)
        await post(at, FIRST, ALL)
        grown = rss_bytes(at.gateway.pid) - before
        assert grown < MOST_GROWTH_BYTES, f"{grown >> 20} MiB"
        await at.gateway.restart()  # and it is read from there
        await at.smsc.order("open")
        await at.until(lambda: len(at.submits()) >= ALL, "all to be with the carrier", PATIENCE_S)
        assert [read_segment(submit).text for submit in at.submits()] == [
            f"{number:06}" for number in range(ALL)
        ]
        await at.until(lambda: all_final(at.other), "every message to end", PATIENCE_S)
