"""A store that is lost under load and restored from before: what it knew is there, nothing goes out twice, and
the money adds up at each step."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.domain.money import plain
from tests.acceptance.harness.api import Api
from tests.acceptance.harness.config import operator
from tests.acceptance.harness.gateway import Gateway, configuration
from tests.acceptance.harness.waiting import eventually
from tests.faults.evidence import all_final, statuses, times_sent, written_submits
from tests.faults.load import Load, Post
from tests.migration.restores import Keeper, keeper
from tests.peers.smsc import NodeSmsc, smsc

BACKLOG = 200
"""Messages that wait for the carrier when the back-up is taken: more than it takes while that is done."""

SINCE = 10
"""Parts that the carrier gets between the back-up and the loss."""

AFTERWARDS = "+447700999999"

RATE = Decimal("0.05")
FUNDS = 500


@dataclass
class Loss:
    """A gateway, its carrier, and what becomes of its store."""

    keeper: Keeper
    folder: Path
    carrier: NodeSmsc
    session: aiohttp.ClientSession
    gateway: Gateway
    key: str = ""

    def set_up(self, folder: Path, url: str) -> Gateway:
        """A gateway on a store."""
        alpha = operator("alpha", self.carrier.port, window=4)
        routes = [{"id": "all", "to": ["+"], "operators": ["alpha"]}]
        tables = {
            "process": {"lease_s": 2, "journal_folder": str(self.folder / "flights")},
            "store": {"url": url},
            "rates": {"plans": str(self.folder / "plans" / "*.csv")},
        }
        return Gateway(folder, configuration(operators=[alpha], routes=routes, **tables))

    def api(self) -> Api:
        """Of the gateway that runs."""
        return Api(self.session, f"http://127.0.0.1:{self.gateway.port}", self.key)

    async def until(self, look: Any, what: str) -> Any:
        """Wait for a condition."""
        return await eventually(look, what, self.gateway.picture, 60.0)

    async def top_up(self, key: str) -> None:
        """The account has paid."""
        await self.gateway.cli("ledger", "top-up", "acme", str(FUNDS), "--key", key)

    async def has(self) -> tuple[Decimal, Decimal]:
        """Its balance, and what is set aside; it all adds up."""
        await self.gateway.cli("ledger", "verify")
        found = (await self.gateway.cli("ledger", "balance", "acme", "--json")).json
        (live,) = [each for each in found if each["env"] == "live"]
        return Decimal(live["balance"]), Decimal(live["held"])

    async def sent(self) -> dict[str, int]:
        """The carrier's own record: how often each phone was written to."""
        found = times_sent(await written_submits(self.carrier, self.folder / "submits.jsonl"))
        return {to: times for (to, _), times in found.items()}


@pytest.fixture(params=["copy", "dump", "moment"])
async def loss(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Loss]:
    """A gateway that serves."""
    async with AsyncExitStack() as stack:
        (tmp_path / "kept").mkdir()
        kept = await keeper(request.param, tmp_path / "kept")
        stack.callback(kept.close)
        submits = f"--quiet-submits={tmp_path / 'submits.jsonl'}"
        carrier = await stack.enter_async_context(smsc(submits, answer_delay_ms=150, receipt_delay_ms=20))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        (tmp_path / "lost").mkdir()
        (tmp_path / "plans").mkdir()
        (tmp_path / "plans" / "uk.csv").write_text(f"prefix,price,currency\n44,{RATE},GBP\n")
        at = Loss(kept, tmp_path, carrier, session, Gateway(tmp_path, {}))
        at.gateway = at.set_up(tmp_path / "lost", kept.url)
        await at.gateway.cli("account", "create", "acme")
        await at.gateway.cli("account", "set", "acme", "rate_plan=uk")
        await at.top_up("invoice-1")
        at.key = (await at.gateway.cli("key", "create", "acme", "--json")).json["key"]
        await at.gateway.start()
        try:
            yield at
        finally:
            await at.gateway.close()


async def test_what_was_sent_since_is_not_sent_again(loss: Loss) -> None:
    known = await lose(loss)
    had = await loss.sent()
    held = await restore(loss)
    assert {post.to for post in known} - set(had) <= {each["to"] for each in held}
    assert [each for each in held if each["to"] in had], "some were sent since: they would go out again"
    await loss.carrier.set(answer_delay_ms=0)

    await loss.gateway.start()
    fresh = await loss.api().sent(to=AFTERWARDS)

    async def delivered() -> bool:
        return bool((await loss.api().message(fresh))["status"] == "DELIVERED")

    await loss.until(delivered, "a new message, which overtakes what is held")
    for post in known:
        assert (await loss.api().message(post.identity))["to"] == post.to
    assert await loss.sent() == {**had, AFTERWARDS: 1}

    await compare(loss, held, set(had))

    async def everything() -> bool:
        return {post.to for post in known} <= (await loss.sent()).keys()

    await loss.until(everything, "what the carrier had not")
    assert set((await loss.sent()).values()) == {1}
    await settled(loss, held, set(had))
    assert await loss.gateway.terminate() == 0


async def lose(at: Loss) -> list[Post]:
    """Take a back-up in the middle of a load, go on a little, and lose the gateway; what was answered before."""
    load = Load(at.gateway.port, at.key, (Post(n, f"+44770{n:07}", f"Message {n}") for n in count()))
    await load.start(4)

    async def waits() -> bool:
        return bool(len(load.answered) - (await at.carrier.stats())["submits"] >= BACKLOG)

    await at.until(waits, "a backlog")
    known = list(load.answered)
    await at.keeper.take(at.gateway)
    await at.top_up("invoice-2")
    kept = (await at.carrier.stats())["submits"]

    async def went_on() -> bool:
        return bool((await at.carrier.stats())["submits"] >= kept + SINCE)

    await at.until(went_on, "some more to be sent")
    await at.gateway.kill9()
    await load.ended()
    return known


async def restore(at: Loss) -> list[dict[str, Any]]:
    """As docs/production.md says; what is held."""
    folder = at.folder / "found"
    folder.mkdir()
    url = await at.keeper.bring_back(folder)
    shutil.copy(at.folder / "lost/trunkline.key", folder)
    at.gateway = at.set_up(folder, url)
    listed = folder / "held.jsonl"
    told = await at.gateway.cli("message", "hold", "--after-restore", "--list", str(listed))
    held = [json.loads(line) for line in listed.read_text().splitlines()]
    assert {each["price"] for each in held} == {f"{RATE} GBP"}
    assert (await at.has())[1] == RATE * len(held), "their prices stay set aside"
    assert told.out.startswith(f"{len(held)} message(s) ")
    again = await at.gateway.cli("message", "hold", "--after-restore", "--list", str(folder / "again.jsonl"))
    assert again.out.startswith("0 message(s) "), "it is safe to repeat"
    return held


async def compare(at: Loss, held: list[dict[str, Any]], had: set[str]) -> None:
    """End what the carrier had, offer what it had not."""
    # A receipt that nobody had taken comes again, and ends the doubt of its message by itself.
    waiting = {identity for identity, status in (await statuses(at.api())).items() if status == "QUEUED"}
    ended = [each["message_id"] for each in held if each["to"] in had and each["message_id"] in waiting]
    offered = [each["message_id"] for each in held if each["to"] not in had]
    told = await at.gateway.cli("message", "fail", "--reason", "unconfirmed", *ended, status=None)
    failed = {line.partition(" ")[0] for line in told.out.splitlines()}
    assert failed, "most receipts were taken by the gateway that is lost"
    assert f"given back to acme (live): {plain(RATE * len(failed))} GBP" in told.err
    for identity in ended:  # or the doubt has ended meanwhile, which the command tells
        found = await at.api().message(identity)
        end = ("FAILED", "unconfirmed") if identity in failed else ("DELIVERED", None)
        assert (found["status"], found.get("reason")) == end, told
    await at.gateway.cli("message", "requeue", *offered)


async def settled(at: Loss, held: list[dict[str, Any]], had: set[str]) -> None:
    """Book again what was booked since; and what the ended ones cost, for the carrier had them."""
    await at.until(lambda: all_final(at.api()), "every message to end")
    ends = list((await statuses(at.api())).values())
    spent = RATE * ends.count("DELIVERED")
    assert await at.has() == (FUNDS - spent, Decimal(0)), "what was ended costs nothing"
    await at.top_up("invoice-1")
    await at.top_up("invoice-2")
    cost = RATE * ends.count("FAILED")
    assert 0 < cost <= sum(Decimal(each["price"].split()[0]) for each in held if each["to"] in had)
    await at.gateway.cli("ledger", "adjust", "acme", f"-{cost}", "--key", "restored")
    assert await at.has() == (2 * FUNDS - spent - cost, Decimal(0))
