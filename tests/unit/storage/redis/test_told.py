"""What processes tell each other of numbers, on a real Redis: everybody hears all, also who comes late."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from gateway.services.limits import WINDOW_S, Seen
from routing.ranges import Owner
from storage.redis.told import MAX_LINES, READ_AT_MOST, TRIM, RedisTold
from tests.engines.redis import Server
from tests.unit.storage.redis.conftest import Linked, Open, come_true, running

ACME: Owner = ("acme", "live")
KEY = "t:limits:seen"
NUMBER = 447700900123
AT = 1_771_500_000.123456

Said = tuple[Owner, int, float, Seen]


class Process:
    """A link, and what it has heard."""

    def __init__(self, at: Linked) -> None:
        self.linked = at
        self.heard: list[Said] = []
        self.told = RedisTold(at.link, at.metrics)
        self.told.subscribe(lambda *said: self.heard.append(said))

    def count(self, way: str) -> float:
        return self.linked.metrics.redis_limits.value(way)


async def listening(stack: AsyncExitStack, opened: Open, url: str, *, well: bool = True) -> Process:
    """A process that listens."""
    process = Process(await opened(url))
    await stack.enter_async_context(running(process.told.run))
    if well:
        await come_true(lambda: process.told.well)
    return process


async def test_the_others_hear_all_and_in_order(server: Server, opened: Open, beside: Any) -> None:
    async with AsyncExitStack() as stack:
        one, two, three = [await listening(stack, opened, server.url) for _ in range(3)]
        said: list[Said] = [
            (ACME, NUMBER, AT, Seen.COUNTED),
            (("globex", "test"), 2905123, AT + 1, Seen.TRIED),
            (ACME, NUMBER, AT, Seen.TAKEN_BACK),
        ]
        for each in said:
            one.told.tell(*each)
        await come_true(lambda: len(two.heard) == len(three.heard) == 3)
        assert two.heard == three.heard == said
        assert await beside.xlen(KEY) == 1  # one entry for one turn of the loop
        assert (one.count("sent"), two.count("heard"), one.heard) == (3, 3, [])


async def test_a_large_request_is_told_in_entries_of_a_bounded_size(
    server: Server, opened: Open, beside: Any
) -> None:
    async with AsyncExitStack() as stack:
        one, two = [await listening(stack, opened, server.url) for _ in range(2)]
        for n in range(10 * MAX_LINES + 1):
            one.told.tell(ACME, NUMBER + n, AT, Seen.COUNTED)
        await come_true(lambda: len(two.heard) > 10 * MAX_LINES)
        assert [number for _, number, _, _ in two.heard] == [NUMBER + n for n in range(10 * MAX_LINES + 1)]
        assert await beside.xlen(KEY) == 11


async def test_who_comes_late_hears_what_was_said_before(server: Server, opened: Open) -> None:
    async with AsyncExitStack() as stack:
        one = await listening(stack, opened, server.url)
        two = await listening(stack, opened, server.url)
        for n in range(3 * READ_AT_MOST):
            one.told.tell(ACME, NUMBER + n, AT, Seen.COUNTED)
            await asyncio.sleep(0)  # an entry each
        await come_true(lambda: len(two.heard) == 3 * READ_AT_MOST)
        late = await listening(stack, opened, server.url)
        assert late.heard == two.heard, "well means that all of it was read"


async def test_what_is_older_than_an_hour_is_neither_heard_nor_kept(
    server: Server, opened: Open, beside: Any
) -> None:
    seconds, _ = await beside.time()
    fields = {"by": "other", "seen": f"+ acme live {NUMBER} {AT}"}
    await beside.xadd(KEY, fields, id=f"{(seconds - int(WINDOW_S) - 5) * 1000}-0")
    await beside.xadd(KEY, fields, id=f"{(seconds - int(WINDOW_S) + 60) * 1000}-0")
    async with AsyncExitStack() as stack:
        one = await listening(stack, opened, server.url)
        assert len(one.heard) == 1
        two = await listening(stack, opened, server.url)
        assert len(two.heard) == 1
    assert await beside.execute_command("EVAL", TRIM, 1, KEY, int(WINDOW_S)) == 1
    assert await beside.xlen(KEY) == 1
    assert 0 < await beside.ttl(KEY) <= WINDOW_S


async def test_a_process_trims_by_itself(server: Server, opened: Open, beside: Any) -> None:
    await beside.xadd(KEY, {"by": "other", "seen": "?"}, id="1-0")
    async with AsyncExitStack() as stack:
        await listening(stack, opened, server.url)
        async with asyncio.timeout(20):
            while await beside.xlen(KEY):
                pass


@pytest.mark.parametrize(
    "line",
    [
        "",
        "?",
        f"* acme live {NUMBER} {AT}",
        f"+ acme prod {NUMBER} {AT}",
        f"+ acme live +{NUMBER} {AT}",
        "+ a live 1 1",
    ],
)
async def test_what_can_not_be_read_is_counted_and_passed_over(
    server: Server, opened: Open, beside: Any, line: str
) -> None:
    async with AsyncExitStack() as stack:
        one = await listening(stack, opened, server.url)
        await beside.xadd(KEY, {"by": "other", "seen": f"{line}\n+ acme live {NUMBER} {AT}"})
        await beside.xadd(KEY, {"else": "?"})
        await come_true(lambda: one.count("unreadable") == 2)
        assert one.heard == [(ACME, NUMBER, AT, Seen.COUNTED)]


async def test_while_redis_is_away_nothing_is_said_and_it_says_so(own_server: Server, opened: Open) -> None:
    async with AsyncExitStack() as stack:
        one = await listening(stack, opened, own_server.url)
        two = await listening(stack, opened, own_server.url)
        own_server.kill()
        await come_true(lambda: not one.linked.link.up)
        assert not one.told.well
        one.told.tell(ACME, NUMBER, AT, Seen.COUNTED)
        own_server.start()
        await come_true(lambda: one.told.well and two.told.well)
        one.told.tell(ACME, NUMBER + 1, AT, Seen.COUNTED)
        await come_true(lambda: two.heard)
        assert [number for _, number, _, _ in two.heard] == [NUMBER + 1]
