"""The link: commands are carried together, and nobody waits for a Redis that is away."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import structlog

from gateway.metrics import Metrics
from storage.redis.link import MAX_PENDING, Link
from tests.engines.redis import Server
from tests.unit.storage.redis.conftest import Open, come_true, running


async def test_commands_of_one_turn_share_a_pipeline(server: Server, opened: Open, beside: Any) -> None:
    at = await opened(server.url)
    before = (await beside.info("stats"))["total_reads_processed"]
    answers: list[Any] = []
    for number in range(100):
        assert at.link.send("RPUSH", at.link.key("list"), number, on_answer=answers.append)
    await come_true(lambda: len(answers) == 100)
    assert answers == list(range(1, 101))
    assert await beside.llen("t:list") == 100
    assert (await beside.info("stats"))["total_reads_processed"] - before < 20


async def test_a_link_begins_without_its_server(opened: Open) -> None:
    server = Server()
    metrics = Metrics()
    link = Link(server.url, "t", metrics)
    try:
        async with running(link.run):
            await come_true(lambda: metrics.redis_failures.value("connection") >= 2)
            assert not link.up
            assert link.send("PING") is False
            server.start()
            await come_true(lambda: link.up)
            assert metrics.redis_up.value() == 1
        assert metrics.redis_up.value() == 0
    finally:
        server.remove()


async def test_why_it_is_away_is_told_once_for_each_reason(own_server: Server) -> None:
    """Also where it never was there: a wrong password in the configuration is found by its line in the log."""
    metrics = Metrics()
    link = Link(own_server.url.replace("redis://", "redis://:wrong@", 1), "t", metrics)
    with structlog.testing.capture_logs() as logs:
        async with running(link.run):
            await come_true(lambda: metrics.redis_failures.value("connection") >= 3)
            own_server.freeze()
            await come_true(lambda: metrics.redis_failures.value("timeout") >= 2)
            own_server.thaw()
    told = [line["error"] for line in logs if line["event"].startswith("Redis is away")]
    assert "AUTH" in told[0]
    assert told[1] == "it does not answer in time"
    assert all(earlier != later for earlier, later in pairwise(told))
    assert all("password in [redis] url" in line["hint"] for line in logs)


async def test_a_frozen_server_is_given_up_and_found_again(own_server: Server, opened: Open) -> None:
    at = await opened(own_server.url)
    changes: list[bool] = []
    at.link.on_change.append(changes.append)
    own_server.freeze()
    answers: list[Any] = []
    assert at.link.send("PING", on_answer=answers.append)
    await come_true(lambda: not at.link.up)
    assert answers == [None]
    assert at.failures("timeout") >= 1
    assert at.link.send("PING", on_answer=answers.append) is False
    own_server.thaw()
    await come_true(lambda: at.link.up)
    assert changes == [False, True]


async def test_an_idle_link_notices_too(own_server: Server, opened: Open) -> None:
    at = await opened(own_server.url)
    own_server.kill()
    await come_true(lambda: not at.link.up)
    own_server.start()
    await come_true(lambda: at.link.up)


async def test_what_waits_is_told_when_the_server_goes(own_server: Server, opened: Open) -> None:
    at = await opened(own_server.url)
    own_server.freeze()
    answers: list[Any] = []
    at.link.send("PING", on_answer=answers.append)

    def another(answer: Any) -> None:
        """Put down while the exchange that fails is under way, or just after."""
        answers.append(answer)

    at.link.doubt()
    await come_true(lambda: not at.link._pending)
    assert at.link.send("PING", on_answer=another)
    await come_true(lambda: not at.link.up)
    assert answers == [None, None]


async def test_a_server_that_takes_no_writes_is_away(own_server: Server, opened: Open) -> None:
    at = await opened(own_server.url)
    assert own_server.say("CONFIG SET maxmemory 1") == "+OK"
    await come_true(lambda: not at.link.up)
    assert at.failures("refused") >= 1
    assert own_server.say("CONFIG SET maxmemory 0") == "+OK"
    await come_true(lambda: at.link.up)


async def test_a_wrong_command_does_no_harm_to_its_neighbours(
    server: Server, opened: Open, beside: Any
) -> None:
    at = await opened(server.url)
    answers: list[Any] = []
    at.link.send("SET", at.link.key("a"), 1, on_answer=answers.append)
    at.link.send("LPUSH", at.link.key("a"), 1, on_answer=answers.append)
    at.link.send("INCR", at.link.key("a"), on_answer=answers.append)
    await come_true(lambda: len(answers) == 3)
    assert answers[1:] == [None, 2]
    await come_true(lambda: at.failures("refused") == 1)
    await come_true(lambda: at.link.up)


async def test_memory_is_bounded_while_an_exchange_hangs(own_server: Server, opened: Open) -> None:
    at = await opened(own_server.url)
    own_server.freeze()
    taken = sum(at.link.send("PING") for _ in range(MAX_PENDING + 5))
    assert taken == MAX_PENDING
    assert at.failures("overflow") == 5
