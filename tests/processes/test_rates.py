"""One operator, many processes: its rate is that of all of them, and a code that one accepts passes what another has in
hand. An account's rate is that of the processes that take messages in."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.acceptance.harness.api import message
from tests.processes.fleet import EVERYTHING, Fleet, Prepared, fleet, posts

pytestmark = pytest.mark.asyncio(loop_scope="module")

RATE = 40
PARTS = 120
CAMPAIGN = 300


async def submits(at: Fleet) -> list[str]:
    """The recipients, in the order in which the carrier got them."""
    await at.carrier.order("flush")
    if not at.submits_path.exists():
        return []
    return [json.loads(line)["to"] for line in at.submits_path.read_text().splitlines()]


async def seconds_for(at: Fleet, first: int, name: str) -> float:
    """How long the carrier has to wait for some parts, from before they are accepted."""
    before, began = len(await submits(at)), time.monotonic()
    await at.load(posts(PARTS, first=first), name)

    async def all_there() -> bool:
        return len(await submits(at)) >= before + PARTS

    await at.until(all_there, "all parts at the carrier")
    return time.monotonic() - began


async def test_two_processes_together_keep_the_operator_s_rate(prepared: Prepared, tmp_path: Path) -> None:
    """A busy machine makes it slower, and nothing may make it faster. Each may begin with one part."""
    both = {"a": EVERYTHING, "b": EVERYTHING}
    async with fleet(prepared, tmp_path, both, alpha={"rate_per_s": RATE}) as at:
        await at.start()
        await at.hold(a=1, b=1)
        assert await seconds_for(at, 0, "a") >= (PARTS - 2) / RATE
        await at.gateways["b"].terminate()
        await at.hold(a=2)
        assert await seconds_for(at, PARTS, "a") >= (PARTS - 1) / RATE


async def test_a_code_passes_a_campaign_that_another_process_has_in_hand(
    prepared: Prepared, tmp_path: Path
) -> None:
    apart = {"api": ["api", "webhooks"], "sender": ["sender"]}
    async with fleet(prepared, tmp_path, apart, alpha={"rate_per_s": RATE, "window": 100}) as at:
        await at.start()
        await at.hold(sender=2)
        offers = [message(to=f"+4471{number:08}", messageType="MARKETING") for number in range(CAMPAIGN)]
        assert (await at.api("api").bulk(offers)).status == 202

        async def under_way() -> bool:
            return len(await submits(at)) >= RATE

        await at.until(under_way, "the campaign to be under way")
        await at.api("api").sent(to="+447200900001", messageType="OTP")

        async def there() -> bool:
            return "447200900001" in await submits(at)

        await at.until(there, "the code at the carrier")
        order = await submits(at)
        assert len(order) < CAMPAIGN, "it has passed the rest of the campaign"


async def test_senders_take_nothing_from_an_account_s_rate(prepared: Prepared, tmp_path: Path) -> None:
    """One process takes messages in, and three more are alive: all of a second's burst is its own."""
    senders = {name: ["sender", "webhooks"] for name in ("one", "two", "three")}
    async with fleet(prepared, tmp_path, {"api": ["api"], **senders}, binds=3) as at:
        await at.start(*senders)
        await at.gateways["one"].cli("account", "set", "acme", f"rate_per_s={RATE}")
        await at.hold(one=1, two=1, three=1)
        await at.start("api")  # and sees them at its first look around
        began = time.monotonic()
        first = [(await at.api("api").send(to=f"+4477{number:08}")).status for number in range(RATE)]
        assert first == [202] * RATE
        await at.load(posts(10 * RATE), "api")
        await at.posted()
        answers = [post.status for post in at.accepted]
        assert set(answers) == {202, 429}
        assert RATE + answers.count(202) <= RATE * (1 + time.monotonic() - began)
