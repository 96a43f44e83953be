"""Rates over processes, on a real Redis at a time that the test sets."""

from __future__ import annotations

import contextlib
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Caller, Env, Policy
from gateway.errors import Overloaded
from gateway.services.lots import HOLD_S, Lots, OnGrant
from gateway.services.rate import RateGate
from storage.redis.rates import RedisBuckets, take_command
from tests.engines.redis import Server, shared
from tests.unit.storage.redis.conftest import Open, come_true, running

_names = itertools.count()


@dataclass
class Clock:
    """What time it is, for Redis and for the processes."""

    now: float = 1_000.0


@dataclass
class Process:
    """One that takes messages in. What it asks Redis is done at once; it hears of it when `hear` is called."""

    client: redis.Redis
    clock: Clock
    name: str
    count: int
    up: bool = True
    unheard: deque[Callable[[], None]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.lots = Lots(self, lambda: self.clock.now)
        self.gate = RateGate(lambda: self.clock.now, self.lots)

    @property
    def sharers(self) -> int:
        """All of them."""
        return self.count

    def ask(
        self, limit: str, rate: float, burst: float, charge: float, want: float, on_grant: OnGrant
    ) -> bool:
        """As `RedisBuckets`, at the test's time."""
        key = f"t:{self.name}:{limit}"
        command = take_command(key, rate, burst, charge, want, repr(self.clock.now))
        granted, level = self.client.execute_command(*command)  # type: ignore[no-untyped-call]
        self.unheard.append(lambda: on_grant(float(granted), float(level)))
        return True

    def hear(self) -> None:
        """All answers so far."""
        while self.unheard:
            self.unheard.popleft()()

    def take(self, messages: int, rate: float) -> bool:
        """Whether they may go."""
        caller = Caller("acme", Env.LIVE, Policy(rate_per_s=rate), frozenset(), "key_1")
        with contextlib.suppress(Overloaded):
            self.gate.take(caller, messages)
            return True
        return False


@contextlib.contextmanager
def processes(count: int) -> Any:
    """Some that share a limit that nobody has used."""
    name, clock = f"case{next(_names)}", Clock()
    with redis.Redis.from_url(shared().url) as client:
        yield clock, [Process(client, clock, name, count) for _ in range(count)]


@pytest.mark.parametrize("rate", [0.5, 1, 10, 250])
def test_one_process_alone_has_the_whole_rate_and_its_burst(rate: float) -> None:
    burst = int(max(rate, 1))
    with processes(1) as (clock, (process,)):
        for _ in range(burst):
            assert process.take(1, rate)
            process.hear()
        assert not process.take(1, rate)
        process.hear()
        assert not process.take(1, rate)
        clock.now += 3 / rate
        taken = 0
        for _ in range(10):
            taken += process.take(1, rate)
            process.hear()
        assert taken == min(3, burst)


def test_a_large_request_passes_once_a_burst_is_there_and_is_owed() -> None:
    with processes(4) as (clock, each):
        first = each[0]
        assert not first.take(500, 100)  # its part is a quarter of the burst: the rest is asked for
        first.hear()
        assert first.take(500, 100)
        first.hear()
        for process in each[1:]:
            for _ in range(100):  # what it has on credit, before it is told
                process.take(1, 100)
                process.hear()
            assert not process.take(1, 100)
        clock.now += 3
        for process in each:
            assert not process.take(1, 100)
            process.hear()
        clock.now += 3
        assert any(process.take(1, 100) for process in each)


def test_what_one_does_not_use_others_may() -> None:
    with processes(4) as (clock, each):
        taken = 0
        for _ in range(100):
            clock.now += 0.1
            taken += each[0].take(1, 10)
            each[0].hear()
        assert taken >= 95


def test_a_lot_that_is_not_used_is_given_back() -> None:
    with processes(2) as (clock, (one, other)):
        assert one.take(1, 100)
        one.hear()
        assert len(one.lots) == 1
        clock.now += HOLD_S
        assert other.take(1, 100)
        other.hear()
        one.lots.tidy()
        one.hear()
        clock.now += HOLD_S
        one.lots.tidy()
        assert len(one.lots) == 0


def test_another_rate_counts_at_once() -> None:
    with processes(1) as (_, (process,)):
        assert not process.take(20, 10) or not process.take(1, 10)
        process.hear()
        assert not process.take(1, 10)
        assert process.take(1, 1000)


Step = tuple[int, int, float, bool]
STEPS = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(1, 12), st.sampled_from([0.0, 0.001, 0.05, 0.4, 2.0]), st.booleans()
    ),
    max_size=60,
)


@given(st.integers(1, 4), st.sampled_from([0.5, 3.0, 12.0, 80.0]), STEPS)
def test_never_more_than_the_rate_and_two_bursts(count: int, rate: float, steps: Sequence[Step]) -> None:
    """One burst for a process alone, be answers early or late."""
    burst = max(rate, 1.0)
    with processes(count) as (clock, each):
        began, taken, largest = clock.now, 0, 0
        for number, messages, pause_s, hears in steps:
            clock.now += pause_s
            process = each[number % count]
            if process.take(messages, rate):
                taken += messages
                largest = max(largest, messages)
            if hears:
                process.hear()
            # Of requests that are larger than a burst: each process may give one on credit.
            owed = count * max(0.0, largest - burst)
            bursts = burst if count == 1 else 2 * burst
            assert taken <= rate * (clock.now - began) + bursts + owed + 0.001


async def test_the_buckets_count_who_shares(server: Server, opened: Open) -> None:
    ones = [await opened(server.url) for _ in range(3)]
    buckets = [RedisBuckets(at.link, at.metrics, "account") for at in ones]
    assert not any(each.up for each in buckets)
    async with running(buckets[0].run):
        await come_true(lambda: buckets[0].sharers == 1)
        async with running(buckets[1].run, buckets[2].run):
            await come_true(lambda: all(each.sharers == 3 for each in buckets))
            assert all(each.up for each in buckets)
        server.say("ZADD t:sharers:account 1 long-gone")
        await come_true(lambda: server.say("ZSCORE t:sharers:account long-gone") == "$-1")


async def test_the_buckets_by_the_clock_of_redis(server: Server, opened: Open) -> None:
    at = await opened(server.url)
    buckets = RedisBuckets(at.link, at.metrics, "account")
    answers: list[tuple[float | None, float]] = []

    def told(granted: float | None, level: float) -> None:
        answers.append((granted, level))

    assert buckets.ask("account:acme:live", 0.001, 10.0, 4.0, 5.0, told)
    assert buckets.ask("account:acme:live", 0.001, 10.0, 0.0, 5.0, told)
    assert buckets.ask("account:acme:live", 0.001, 10.0, 3.0, 5.0, told)
    assert buckets.ask("account:acme:live", 0.001, 10.0, -2.0, 0.0, told)
    await come_true(lambda: len(answers) == 4)
    granted, levels = zip(*answers, strict=True)
    assert granted[:2] == (5.0, pytest.approx(1.0, abs=0.1))
    assert granted[2:] == (0.0, 0.0)
    assert levels == pytest.approx((1.0, 0.0, -3.0, -1.0), abs=0.1)
    count = at.metrics.redis_lots.value
    assert (count("account", "taken"), count("account", "empty"), count("account", "returned")) == (2, 1, 1)


async def test_the_buckets_while_redis_is_away(own_server: Server, opened: Open) -> None:
    at = await opened(own_server.url)
    buckets = RedisBuckets(at.link, at.metrics, "account")
    async with running(buckets.run):
        await come_true(lambda: buckets.up)
        answers: list[float | None] = []
        own_server.freeze()
        assert buckets.ask("x", 1.0, 1.0, 0.0, 1.0, lambda granted, _level: answers.append(granted))
        await come_true(lambda: answers == [None])
        assert at.metrics.redis_lots.value("account", "lost") == 1
        assert not buckets.up
        assert buckets.sharers == 1
        assert not buckets.ask("x", 1.0, 1.0, 0.0, 1.0, lambda granted, _level: answers.append(granted))
        own_server.thaw()
        await come_true(lambda: buckets.up)
