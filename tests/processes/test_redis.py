"""Redis between real processes, and Redis away: what it carries saves time, and what it loses loses nothing."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.engines.proxy import Proxy
from tests.engines.redis import Server
from tests.processes.fleet import Fleet, Prepared, fleet, posts

pytestmark = pytest.mark.asyncio(loop_scope="module")

APART = {"api": ["api"], "sender1": ["sender"], "sender2": ["sender"], "hooks": ["webhooks"]}
TWO_DOORS = {"api1": ["api"], "api2": ["api"], "rest": ["sender", "webhooks"]}
RATE = 40


@asynccontextmanager
async def stage(
    prepared: Prepared,
    folder: Path,
    *,
    running: bool = True,
    required: bool = False,
    roles: Mapping[str, Sequence[str]] = APART,
) -> AsyncIterator[tuple[Fleet, Server, Proxy]]:
    """Processes that share a PostgreSQL and, behind a proxy, a Redis."""
    server = Server()
    if running:
        server.start()
    try:
        async with Proxy(server.port) as proxy:
            redis = {"url": f"redis://127.0.0.1:{proxy.port}/0", "required": required}
            async with fleet(prepared, folder, roles, redis=redis) as at:
                await at.start()
                await at.hold(**{name: 1 for name in ("sender1", "sender2") if name in roles})
                if running:
                    await redis_is(at, "ok")
                yield at, server, proxy
    finally:
        server.remove()


async def redis_is(at: Fleet, state: str) -> None:
    """Wait until every process says so of Redis."""

    async def look() -> bool:
        facts = [(await gateway.health("ready"))[1] for gateway in at.gateways.values()]
        return all(each.get("redis") == state for each in facts)

    await at.until(look, f"Redis to be {state} everywhere")


async def counted(at: Fleet, name: str, metric: str, **labels: str) -> float:
    """A counter of one process."""
    return float((await at.gateways[name].metrics()).value(metric, **labels))


async def failures(at: Fleet) -> float:
    """Of the process that takes requests."""
    kinds = ("timeout", "connection", "refused", "overflow")
    return sum([await counted(at, "api", "redis_failures_total", kind=kind) for kind in kinds])


async def test_hints_lead_from_process_to_process(prepared: Prepared, tmp_path: Path) -> None:
    async with stage(prepared, tmp_path) as (at, _, _):
        await at.load(posts(400), "api")
        await at.posted()
        await at.all_delivered("api")
        assert await at.sent_twice() == 0
        assert 0 < await counted(at, "api", "redis_hints_total", way="published") <= 400
        for name in ("sender1", "sender2", "hooks"):
            assert await counted(at, name, "redis_hints_total", way="received") > 0, name
        assert await failures(at) == 0
        for gateway in at.gateways.values():
            assert await gateway.terminate() == 0


async def frozen(server: Server, _: Proxy) -> Callable[[], None]:
    server.freeze()
    return server.thaw


async def killed(server: Server, _: Proxy) -> Callable[[], None]:
    server.kill()
    return server.start


async def slow(_: Server, proxy: Proxy) -> Callable[[], None]:
    proxy.delay_s = 0.5

    def quick_again() -> None:
        proxy.delay_s = 0.0

    return quick_again


async def full(server: Server, _: Proxy) -> Callable[[], None]:
    assert server.say("CONFIG SET maxmemory 1") == "+OK"

    def has_room_again() -> None:
        assert server.say("CONFIG SET maxmemory 0") == "+OK"

    return has_room_again


@pytest.mark.parametrize("fault", [frozen, killed, slow, full])
async def test_redis_goes_under_load_and_comes_back(
    prepared: Prepared,
    tmp_path: Path,
    fault: Callable[[Server, Proxy], Awaitable[Callable[[], None]]],
) -> None:
    async with stage(prepared, tmp_path) as (at, server, proxy):
        await at.load(posts(1200), "api")
        await at.answered(200)
        heal = await fault(server, proxy)
        await redis_is(at, "degraded")
        failed = await failures(at)
        await at.answered(800)
        # Hundreds of requests meanwhile, and hardly a try: nobody asks a Redis that is away.
        assert await failures(at) - failed <= 30
        heal()
        await redis_is(at, "ok")
        await at.posted()
        await at.all_delivered("api")
        assert await at.sent_twice() == 0
        received = await counted(at, "hooks", "redis_hints_total", way="received")
        at.accepted.clear()
        await at.api("api").sent()

        async def heard() -> Any:
            return await counted(at, "hooks", "redis_hints_total", way="received") > received

        await at.until(heard, "hints to come through again")


async def test_redis_is_emptied_under_load(prepared: Prepared, tmp_path: Path) -> None:
    async with stage(prepared, tmp_path) as (at, server, _):
        await at.load(posts(900), "api")
        for enough in (200, 400, 600):
            await at.answered(enough)
            assert server.say("FLUSHALL") == "+OK"
        await at.posted()
        await at.all_delivered("api")
        assert await at.sent_twice() == 0
        await redis_is(at, "ok")


async def test_gateways_start_without_redis(prepared: Prepared, tmp_path: Path) -> None:
    async with stage(prepared, tmp_path, running=False) as (at, server, _):
        await redis_is(at, "degraded")
        await at.load(posts(200), "api")
        await at.posted()
        await at.all_delivered("api")
        server.start()
        await redis_is(at, "ok")
        await at.load(posts(200, first=200), "api")
        await at.posted()
        await at.all_delivered("api")
        assert await at.sent_twice() == 0


async def test_a_redis_that_is_required(prepared: Prepared, tmp_path: Path) -> None:
    async with stage(prepared, tmp_path, required=True) as (at, server, _):
        await at.load(posts(50), "api")
        await at.posted()
        server.kill()
        await redis_is(at, "unavailable")
        status, _ = await at.gateways["api"].health("ready")
        assert status == 503
        await at.load(posts(60, first=0), "api")  # the first fifty are repeated: known ones are answered
        await at.posted()
        answers = {post.number: post.status for post in at.accepted[50:]}
        assert answers == {number: 202 if number < 50 else 503 for number in range(60)}
        del at.accepted[50:]
        server.start()
        await redis_is(at, "ok")
        await at.load(posts(10, first=50), "api")
        await at.posted()
        await at.all_delivered("api")
        assert await at.sent_twice() == 0


async def accepted_in(at: Fleet, first: int) -> tuple[int, float]:
    """How many of many posts passed the account's rate, through two processes at once, and in how many seconds."""
    began, before = time.monotonic(), len(at.accepted)
    await at.load(posts(800, first=first), "api1", "api2")
    await at.posted()
    answers = [post.status for post in at.accepted[before:]]
    assert set(answers) == {202, 429}
    return answers.count(202), time.monotonic() - began


async def test_an_account_s_rate_holds_over_processes_with_redis_and_without(
    prepared: Prepared, tmp_path: Path
) -> None:
    async with stage(prepared, tmp_path, roles=TWO_DOORS) as (at, server, _):
        await at.gateways["rest"].cli("account", "set", "acme", f"rate_per_s={RATE}")
        await at.until(lambda: server.say("ZCARD trunkline:sharers:account") == ":2", "both to be counted")

        async def limited() -> bool:
            """Whether the new rate has come to both, and a lot was taken by each."""
            await accepted_by(at, "api1")
            await accepted_by(at, "api2")
            taken = [
                await counted(at, name, "redis_lots_total", limit="account", outcome="taken")
                for name in ("api1", "api2")
            ]
            return all(taken)

        await at.until(limited, "lots to be taken")
        taken, in_s = await accepted_in(at, first=0)
        assert taken <= RATE * in_s + 2 * RATE
        server.kill()
        for name in ("api1", "api2"):
            await at.until(partial(is_degraded, at, name), f"{name} to know")
        taken, in_s = await accepted_in(at, first=800)
        assert taken <= RATE * in_s + RATE


async def test_an_account_s_windows_hold_over_processes_with_redis_and_without(
    prepared: Prepared, tmp_path: Path
) -> None:
    """Without it each of the two has half; with it, what one has let through the other knows, series included."""
    fresh = (f"+44770{number:07}" for number in count(1_000_000, 50_000))

    async def passed(at: Fleet, name: str, to: str) -> int:
        return [(await at.api(name).send(to=to)).status for _ in range(5)].count(202)

    async with stage(prepared, tmp_path, roles=TWO_DOORS) as (at, server, _):
        await at.gateways["rest"].cli("account", "set", "acme", "recipient_per_h=4", "numbers_in_a_row=6")

        async def undivided() -> str:
            """A number to which one process alone has let all through."""
            to = next(fresh)
            return to if await passed(at, "api1", to) == 4 else ""

        to = await at.until(undivided, "api1 to hear of the others")
        await at.until(partial(all_heard, at, "api1", "api2"), "api2 to hear of it")
        assert await passed(at, "api2", to) == 0
        row = int(next(fresh))
        for step, name in enumerate(("api1", "api2") * 4):
            answer = await at.api(name).send(to=f"+{row + step}")
            assert answer.status == (202 if step < 5 else 422), (step, answer)
            await at.until(partial(all_heard, at, "api1", "api2"), "api2 to hear of it")
            await at.until(partial(all_heard, at, "api2", "api1"), "api1 to hear of it")
        server.kill()
        for name in ("api1", "api2"):
            await at.until(partial(is_degraded, at, name), f"{name} to know")
        to = next(fresh)
        assert [await passed(at, name, to) for name in ("api1", "api2")] == [2, 2]


async def all_heard(at: Fleet, one: str, other: str) -> bool:
    """Whether all that one process has told of its messages has come to the other."""
    told = await counted(at, one, "redis_limits_total", way="sent")
    return await counted(at, other, "redis_limits_total", way="heard") >= told


async def accepted_by(at: Fleet, name: str) -> None:
    """One message, if the rate lets it pass."""
    await at.api(name).send()


async def is_degraded(at: Fleet, name: str) -> bool:
    """What one process says of Redis."""
    _, facts = await at.gateways[name].health("ready")
    return facts.get("redis") == "degraded"
