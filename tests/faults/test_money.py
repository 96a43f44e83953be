"""Money under kill -9 (DESIGN.md, promise 5): whatever dies in between, the sum of the entries is the balance, it never
falls below the limit, and each message has cost what its end says.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.waiting import eventually
from tests.faults.evidence import all_final, every_message
from tests.faults.load import answers
from tests.faults.scene import PATIENCE_S, WITHHELD, Scene, every_again, log, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

RATE = Decimal("0.0425")
FUNDS = Decimal(500)
LEFT = Decimal("2.5")  #: before the last load: some 55 messages
REFUSED, LOST = "88", "99"  #: ends of numbers: the carrier refuses them; it takes them and can't deliver them
REFUNDED = {"DELIVERED": False, "FAILED": True, "UNDELIVERABLE": True}


async def test_three_kills_of_a_gateway_that_charges(template: Template, tmp_path: Path) -> None:
    """A message is charged with its acceptance, and gets its money back when it ends undelivered: here also after it
    was sent. Between the kills a person tops up with the same key again and again: it counts once."""
    async with scene(template, tmp_path) as at:
        await set_up(at)
        at.sink.open_gate.clear()
        await at.begin()
        await at.kill_when(lambda moment: moment.store.queued > 300)
        await verify(at)
        assert (await purse(at))["held"] > 0, "some messages were under way"
        await at.begin()
        booked = await asyncio.gather(*(top_up(at, FUNDS, "invoice-2") for _ in range(4)))
        assert len({each["subject"] for each in booked}) == 1
        await at.kill_when(lambda moment: moment.store.in_doubt > 0)
        await verify(at)
        await top_up(at, FUNDS, "invoice-2")
        await at.begin()
        await at.until_answered(300)
        await at.kill()
        await verify(at)
        taken_away = (await purse(at))["balance"] - LEFT
        await at.gateway.cli("ledger", "adjust", "acme", f"-{taken_away}", "--env", "live")
        await at.end(islice(at.posts, 500))
        await assert_all_paid(at, 2 * FUNDS - taken_away)


async def set_up(at: Scene) -> None:
    """A price for every number of the load, and money."""
    plans = at.gateway.folder / "plans"
    plans.mkdir()
    (plans / "uk.csv").write_text(f"prefix,price,currency\n44,{RATE},GBP\n")
    at.gateway.configure({**at.gateway.document, "rates": {"plans": "plans/*.csv"}})
    await at.gateway.cli("account", "set", "acme", "rate_plan=uk", "refund_undelivered=true", "--env", "live")
    await top_up(at, FUNDS, "invoice-1")
    outcomes = {
        WITHHELD: {"answer": "never"},
        REFUSED: {"status": 0x0B},
        LOST: {"stat": "UNDELIV", "err": "001"},
    }
    await at.carrier.set(outcomes=outcomes)


async def top_up(at: Scene, amount: Decimal, key: str) -> Any:
    done = await at.gateway.cli(
        "ledger", "top-up", "acme", str(amount), "--env", "live", "--key", key, "--json"
    )
    return done.json


async def verify(at: Scene) -> None:
    """What `trunkline ledger verify` finds, whether a gateway runs or not."""
    await at.gateway.cli("ledger", "verify")


async def purse(at: Scene) -> dict[str, Decimal]:
    """What the account has and what is set aside."""
    found = (await at.gateway.cli("ledger", "balance", "acme", "--json")).json
    (live,) = [each for each in found if each["env"] == "live"]
    return {name: Decimal(live[name]) for name in ("balance", "held")}


async def assert_all_paid(at: Scene, given: Decimal) -> None:
    """All that was posted is answered or repeated, all that was accepted is over, and the balance says exactly that."""
    refused_at_last = [post for post in at.answered if post.status == 402]
    assert refused_at_last, "the money ran out"
    repeated = await answers(at.gateway.port, at.api.key, every_again(at))
    assert {post.status for post in repeated} == {202, 400, 402, 422}
    await eventually(lambda: all_final(at.api), "every message to end", at.picture, PATIENCE_S)

    await verify(at)
    messages = await every_message(at.api)
    ends = {each["status"] for each in messages}
    assert ends == set(REFUNDED), "some of every end"
    spent = sum(RATE * each["segmentCount"] for each in messages if not REFUNDED[each["status"]])
    now = await purse(at)
    log.info("%d messages, %s spent, %s left", len(messages), spent, now["balance"])
    assert now == {"balance": given - spent, "held": Decimal(0)}
    assert now["balance"] >= 0
