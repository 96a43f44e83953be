"""Hints: each entry finds one reader that has room; what does not come through is said to be lost."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest

from storage.redis.hints import MAX_ENTRIES, READ_AT_MOST, RedisHints
from tests.engines.redis import Server
from tests.unit.storage.redis.conftest import Linked, Open, come_true, running

TOPIC = "dispatch:alpha:otp"


class Ear:
    """A listener with some room."""

    def __init__(self, **room: int) -> None:
        self.room: dict[str, int] = {TOPIC: room.pop("room", 10), **room}
        self.heard: list[tuple[str, int]] = []
        self.lost_it = 0

    def wanted(self) -> Mapping[str, int]:
        """What there is room for."""
        return {topic: room for topic, room in self.room.items() if room > 0}

    def told(self, topic: str, count: int) -> None:
        """Takes what it can."""
        taken = min(self.room[topic], count)
        self.room[topic] -= taken
        self.heard.append((topic, taken))

    def lost(self) -> None:
        """Counts it."""
        self.lost_it += 1


class Process:
    """A link, its hints, and somebody who listens."""

    def __init__(self, at: Linked, ear: Ear | None) -> None:
        self.metrics = at.metrics
        self.hints = RedisHints(at.link, at.metrics)
        self.ear = ear or Ear(room=0)
        if ear is not None:
            self.hints.subscribe(ear)


async def listening(
    stack: AsyncExitStack, opened: Open, url: str, ear: Ear | None, *, well: bool = True
) -> Process:
    """A process whose hints run."""
    process = Process(await opened(url), ear)
    await stack.enter_async_context(running(process.hints.run))
    if well:
        await come_true(lambda: process.hints.well)
    return process


async def test_from_one_process_to_another(server: Server, opened: Open, beside: Any) -> None:
    async with AsyncExitStack() as stack:
        sender = await listening(stack, opened, server.url, Ear(room=100))
        api = Process(await opened(server.url), None)
        for _ in range(7):
            api.hints.publish(TOPIC, 1)
        await come_true(lambda: sender.ear.heard)
        assert sender.ear.heard == [(TOPIC, 7)]
        assert await beside.xlen(f"t:{TOPIC}") == 1  # one entry for one turn of the loop
        assert (await beside.xpending(f"t:{TOPIC}", "senders"))["pending"] == 0
        assert api.metrics.redis_hints.value("published") == 1
        assert sender.metrics.redis_hints.value("received") == 1


async def test_what_one_has_no_room_for_goes_to_another(server: Server, opened: Open) -> None:
    async with AsyncExitStack() as stack:
        ears = [Ear(room=3), Ear(room=4), Ear(room=5)]
        for ear in ears:
            await listening(stack, opened, server.url, ear)
        api = Process(await opened(server.url), None)
        api.hints.publish(TOPIC, 12)
        await come_true(lambda: not any(ear.room[TOPIC] for ear in ears))
        assert sum(count for ear in ears for _, count in ear.heard) == 12


async def test_who_is_full_leaves_entries_to_others(server: Server, opened: Open) -> None:
    async with AsyncExitStack() as stack:
        full, free = Ear(room=0), Ear(room=50)
        await listening(stack, opened, server.url, full)
        await listening(stack, opened, server.url, free)
        api = Process(await opened(server.url), None)
        api.hints.publish(TOPIC, 5)
        await come_true(lambda: free.heard)
        assert full.heard == []


async def test_entries_wait_for_somebody_with_room(server: Server, opened: Open) -> None:
    async with AsyncExitStack() as stack:
        ear = Ear(room=0)
        await listening(stack, opened, server.url, ear)
        api = Process(await opened(server.url), None)
        api.hints.publish(TOPIC, 5)
        await come_true(lambda: api.metrics.redis_hints.value("published"))
        ear.room[TOPIC] = 10
        await come_true(lambda: ear.heard)


async def test_senders_may_start_late(server: Server, opened: Open) -> None:
    api = Process(await opened(server.url), None)
    api.hints.publish(TOPIC, 2)
    await come_true(lambda: server.say(f"EXISTS t:{TOPIC}") == ":1")
    async with AsyncExitStack() as stack:
        sender = await listening(stack, opened, server.url, Ear())
        await come_true(lambda: sender.ear.heard)
        assert sender.ear.heard == [(TOPIC, 2)]


async def test_topics_are_heard_apart(server: Server, opened: Open) -> None:
    async with AsyncExitStack() as stack:
        alpha, hooks = Ear(room=10), Ear(room=0, webhooks=10)
        process = await listening(stack, opened, server.url, alpha)
        process.hints.subscribe(hooks)
        process.hints.publish("webhooks", 1)
        await come_true(lambda: hooks.heard)
        assert (hooks.heard, alpha.heard) == ([("webhooks", 1)], [])


async def test_a_flushed_server_is_told_as_a_loss(own_server: Server, opened: Open) -> None:
    async with AsyncExitStack() as stack:
        sender = await listening(stack, opened, own_server.url, Ear())
        lost = sender.ear.lost_it
        assert own_server.say("FLUSHALL") == "+OK"
        await come_true(lambda: sender.ear.lost_it > lost)
        await come_true(lambda: sender.hints.well)
        sender.hints.publish(TOPIC, 1)
        await come_true(lambda: sender.ear.heard)


@pytest.mark.parametrize("how", ["freeze", "kill"])
async def test_hints_come_back_with_the_server(own_server: Server, opened: Open, how: str) -> None:
    async with AsyncExitStack() as stack:
        sender = await listening(stack, opened, own_server.url, Ear())
        if how == "freeze":
            own_server.freeze()
        else:
            own_server.kill()
        await come_true(lambda: not sender.hints.well)
        lost = sender.ear.lost_it
        sender.hints.publish(TOPIC, 1)  # nobody is told, and nobody waits
        if how == "freeze":
            own_server.thaw()
        else:
            own_server.start()
        await come_true(lambda: sender.hints.well)
        assert sender.ear.lost_it > lost
        sender.hints.publish(TOPIC, 1)
        await come_true(lambda: sender.ear.heard)


async def test_a_stream_does_not_grow_without_bound(server: Server, opened: Open, beside: Any) -> None:
    api = Process(await opened(server.url), None)
    for _ in range(3 * MAX_ENTRIES):
        api.hints.publish(TOPIC, 1)
        api.hints._tell()  # as turn after turn of the loop
    await come_true(lambda: server.say(f"XLEN t:{TOPIC}").startswith(":1"))
    assert await beside.xlen(f"t:{TOPIC}") < 1.2 * MAX_ENTRIES
    async with AsyncExitStack() as stack:
        ear = Ear(room=10 * MAX_ENTRIES)
        await listening(stack, opened, server.url, ear, well=False)
        await come_true(lambda: sum(count for _, count in ear.heard) >= MAX_ENTRIES)
        assert len(ear.heard) >= MAX_ENTRIES / READ_AT_MOST


async def test_something_else_in_the_stream_is_a_reason_to_look(server: Server, opened: Open) -> None:
    async with AsyncExitStack() as stack:
        sender = await listening(stack, opened, server.url, Ear())
        server.say(f"XADD t:{TOPIC} * n -5 x y")
        await come_true(lambda: sender.ear.heard)
        assert sender.ear.heard == [(TOPIC, 1)]
