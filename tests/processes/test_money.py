"""One account's money under many processes: whoever spends it, dies, or loses PostgreSQL meanwhile, it is never
overdrawn, it adds up, and what was paid is what was delivered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.harness.api import Api
from tests.engines import postgres
from tests.engines.postgres import Cluster
from tests.faults.evidence import all_final, every_message, times_sent, written_submits
from tests.processes.callers import callers
from tests.processes.fleet import EVERYTHING, Fleet, Prepared, fleet, posts, prepare

pytestmark = pytest.mark.asyncio(loop_scope="module")

log = logging.getLogger(__name__)  # pytest -o log_cli=true -o log_cli_level=info shows what was counted

THREE = {"a": EVERYTHING, "b": EVERYTHING, "c": EVERYTHING}
RATE = Decimal("0.05")
REFUSED, LOST = "8", "9"  #: ends of numbers: the carrier refuses them; it takes them and can't deliver them
OUTCOMES = {REFUSED: {"status": 0x0B}, LOST: {"stat": "UNDELIV", "err": "001"}}
LOOK_S = 0.05


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """A server that these tests alone use, and restart."""
    cluster = Cluster(*postgres.FAST)
    try:
        cluster.start()
        yield asyncio.run(prepare(cluster, tmp_path_factory.mktemp("prepared")))
    finally:
        cluster.remove()


@asynccontextmanager
async def paying(prepared: Prepared, folder: Path, *settings: str) -> AsyncIterator[Fleet]:
    """Three processes that do everything, not started; their account pays for each message."""
    (folder / "plans").mkdir()
    (folder / "plans" / "uk.csv").write_text(f"prefix,price,currency\n44,{RATE},GBP\n")
    carrier = {"outcomes": OUTCOMES, "answer_delay_ms": 50}
    rates = {"plans": str(folder / "plans" / "*.csv")}
    async with fleet(prepared, folder, THREE, binds=3, carrier=carrier, rates=rates) as at:
        cli = at.gateways["a"].cli
        await cli("account", "set", "acme", "--env", "live", "rate_plan=uk", *settings)
        yield at


async def top_up(at: Fleet, name: str, amount: int, key: str) -> Any:
    """Book it once, however often it is asked for, by the command beside one of the processes."""
    return (await at.gateways[name].cli("ledger", "top-up", "acme", str(amount), "--key", key, "--json")).json


async def purse(at: Fleet) -> dict[str, Decimal]:
    """What the account has, and what is set aside."""
    found = (await at.gateways["a"].cli("ledger", "balance", "acme", "--json")).json
    (live,) = [each for each in found if each["env"] == "live"]
    return {name: Decimal(live[name]) for name in ("balance", "held")}


@dataclass
class Watch:
    """Looks at the balance all the time."""

    api: Api
    looks: int = 0
    least: Decimal = Decimal("Infinity")

    async def run(self) -> None:
        """Until it is cancelled. The store may be away meanwhile."""
        while True:
            answer = await self.api.request("GET", "/admin/accounts/acme/balance")
            assert answer.status in (200, 503), answer
            if answer.status == 200:
                (live,) = [each for each in answer.json["purses"] if each["env"] == "live"]
                assert Decimal(live["held"]) >= 0
                self.least = min(self.least, Decimal(live["balance"]))
                self.looks += 1
            await asyncio.sleep(LOOK_S)


@asynccontextmanager
async def watched(at: Fleet, name: str) -> AsyncIterator[Watch]:
    """By the admin API of one process, which lives on."""
    gateway = at.gateways[name]
    made = await gateway.cli("key", "create", "acme", "--scope", "admin", "--json")
    watch = Watch(Api(at.session, gateway.admin, made.json["key"]))
    running = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        running.cancel()
        await asyncio.wait([running])
    assert running.cancelled(), running.exception()


async def test_little_money_under_kills_and_a_restart_of_the_store(own: Prepared, tmp_path: Path) -> None:
    """Twelve callers spend it faster than it comes; what ends undelivered gives its price back, and is spent again."""
    async with paying(own, tmp_path, "refund_undelivered=true") as at:
        await top_up(at, "a", 10, "invoice-1")
        await at.start()
        await at.hold(a=1, b=1, c=1)
        async with watched(at, "a") as watch, callers(at, "a", "b", "c", metered=True) as calling:
            await calling.more(60)
            await at.kill_when("b", 5)
            await calling.more(20)
            await at.kill_when("c", 5)
            booked = await asyncio.gather(*(top_up(at, name, 10, "invoice-2") for name in "abc"))
            assert len({each["subject"] for each in booked}) == 1
            await at.start("b", "c")
            await asyncio.gather(calling.more(30), top_up(at, "b", 10, "invoice-3"))
            await asyncio.to_thread(own.cluster.stop, crash=True)
            try:
                await calling.all_refused()
            finally:
                own.cluster.start()
            await calling.all_poor()
            await asyncio.gather(calling.more(10), top_up(at, "c", 2, "invoice-4"))
            await calling.all_poor()
        assert calling.cut > 0, "requests were under way at the kills"
        assert watch.looks > 20
        assert watch.least >= 0
        await assert_all_paid(at, Decimal(32))


async def assert_all_paid(at: Fleet, given: Decimal) -> None:
    """All that was answered 202 is there and over, and the account has paid for what was delivered alone."""
    api = at.api("a")
    await at.until(lambda: all_final(api), "every message to end")
    messages = await every_message(api)
    assert {each["messageId"] for each in messages} == {post.identity for post in at.accepted}
    assert len(messages) == len(at.accepted)
    ends = [each["status"] for each in messages]
    assert set(ends) == {"DELIVERED", "FAILED", "UNDELIVERABLE"}
    assert await purse(at) == {"balance": given - RATE * ends.count("DELIVERED"), "held": Decimal(0)}
    told = await at.gateways["a"].cli("ledger", "verify")
    log.info("%d messages, %d delivered: %s", len(messages), ends.count("DELIVERED"), told.out.strip())


async def test_the_cap_of_a_day_holds_over_processes(own: Prepared, tmp_path: Path) -> None:
    """All three at once, on credit: not one message more than the cap allows, also after one has started anew."""
    cap = 40
    settings = ("billing=postpaid", "credit_limit=100", f"spend_per_day={cap * RATE}")
    async with paying(own, tmp_path, *settings) as at:
        await at.start()
        days = {today()}
        await at.load(posts(150), "a", "b", "c", connections=4)
        await at.posted()
        await at.until(lambda: all_final(at.api("a")), "every message to end")
        await at.gateways["c"].kill9()
        await at.gateways["c"].start()
        await at.load(posts(30, first=150), "c")
        await at.posted()
        days.add(today())
        answers = [post.status for post in at.accepted]
        assert set(answers) == {202, 402}
        taken = answers.count(202)
        assert cap <= taken <= cap * len(days)
        assert all(b"SPENDING_CAP_REACHED" in post.answer for post in at.accepted if post.status == 402)
        at.accepted = [post for post in at.accepted if post.status == 202]
        await at.until(lambda: all_final(at.api("a")), "every message to end")
        sent = times_sent(await written_submits(at.carrier, at.submits_path))
        assert set(sent) == {(post.to, 1) for post in at.accepted}
        released = sum(post.to.endswith(REFUSED) for post in at.accepted)
        assert await purse(at) == {"balance": -RATE * (taken - released), "held": Decimal(0)}
        await at.gateways["a"].cli("ledger", "verify")


def today() -> date:
    """The day that counts."""
    return datetime.now(UTC).date()


async def test_one_number_is_written_to_no_more_often_than_allowed_whichever_process_is_asked(
    own: Prepared, tmp_path: Path
) -> None:
    """Without Redis: each of the three has its even part. What is refused costs nothing."""
    async with paying(own, tmp_path, "recipient_per_h=6") as at:
        await top_up(at, "a", 10, "invoice-1")
        await at.start()
        await at.hold(a=1, b=1, c=1)  # each knows of the others
        answers = [(await at.api(name).send()).status for _ in range(4) for name in "abc"]
        assert answers == [202] * 6 + [429] * 6
        await at.until(lambda: all_final(at.api("a")), "every message to end")
        assert await purse(at) == {"balance": 10 - 6 * RATE, "held": Decimal(0)}
        await at.gateways["a"].cli("ledger", "verify")
