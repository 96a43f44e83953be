"""Who goes first when the carrier is slower than what waits: seen by the order in which parts come to the carrier."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import message
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(
        why="what is in hand goes by class and rate above the store; claims by class are its contract"
    ),
]

CAMPAIGN = 500
LONG = "All offers of this week and of the next one, with the hours of our shops. " * 5


@pytest_asyncio.fixture(loop_scope="module")
async def slow(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    """A carrier that takes 40 parts per second, 5 to numbers that begin with +44779."""
    rates = {"rate_per_s": 40, "rate_per_prefix": {"+44779": 5}, "window": 10}
    async with world(template, tmp_path, carriers={"alpha": {}}, operators={"alpha": rates}) as built:
        yield built


def campaign(count: int, area: str, **fields: Any) -> list[dict[str, object]]:
    return [
        message(f"Offer {at}", to=f"+44{area}{at:06}", messageType="MARKETING", **fields)
        for at in range(count)
    ]


async def test_a_code_overtakes_a_campaign(slow: World) -> None:
    answer = await slow.api.bulk(campaign(CAMPAIGN, "7100"))
    assert answer.status == 202
    await slow.until(lambda: len(slow.submits()) >= 20, "the campaign to be under way")
    for number in range(3):
        code = f"44720090000{number}"
        await slow.api.sent(to=f"+{code}", messageType="OTP")
        before = len(slow.submits())
        await slow.until(partial(slow.submits, to=code), "the code at the carrier")
        order = [submit["to"] for submit in slow.submits()]
        assert order.index(code) <= before + 5
        assert len(order) < CAMPAIGN, "the campaign was over: nothing was overtaken"


async def test_a_slow_destination_holds_up_no_other(slow: World) -> None:
    """Parts of a message keep their order, and so do the messages of a destination."""
    answer = await slow.api.bulk([message(LONG, to=f"+44779700000{at}") for at in range(3)])
    assert answer.status == 202
    answer = await slow.api.bulk([message(f"Code {at}", to=f"+44720091000{at}") for at in range(10)])
    assert answer.status == 202
    await slow.until(lambda: len(slow.submits()) >= 19, "all parts")
    order = [submit["to"] for submit in slow.submits()]
    narrow = [at for at, to in enumerate(order) if to.startswith("44779")]
    others = [at for at, to in enumerate(order) if not to.startswith("44779")]
    assert len(narrow) == 9, "three parts each"
    assert others[-1] < narrow[5], "ten codes at 40/s passed parts at 5/s"
    assert [order[at] for at in narrow] == sorted(order[at] for at in narrow)
