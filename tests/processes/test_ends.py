"""Processes that are killed, held, or cut off from the store: nothing is lost, and what is sent twice was in doubt.

What may be sent twice when a sender ends: its binds' windows, and as many answers as may be unrecorded, twice that.
"""

from __future__ import annotations

import logging
import signal
from pathlib import Path

import pytest

from tests.faults.evidence import written_submits
from tests.processes.fleet import EVERYTHING, LEASE_S, WINDOW, Fleet, Prepared, fleet, posts
from tests.processes.partition import way

pytestmark = pytest.mark.asyncio(loop_scope="module")

log = logging.getLogger(__name__)  # pytest -o log_cli=true -o log_cli_level=info shows what was counted

BOUND = 3 * WINDOW  #: of one bind
BOTH = {"a": EVERYTHING, "b": EVERYTHING}
SLOW = {"answer_delay_ms": 150}


async def test_each_role_is_killed_under_load(prepared: Prepared, tmp_path: Path) -> None:
    roles = {f"{role}{n}": [role] for role in ("api", "sender", "webhooks") for n in (1, 2)}
    # Receipts come too late to end the doubt: what is in doubt is sent again, and counted at the carrier.
    late = {**SLOW, "receipt_delay_ms": 10_000}
    async with fleet(prepared, tmp_path, roles, carrier=late, alpha={"on_doubt": "resend"}) as at:
        await at.start()
        await at.hold(sender1=1, sender2=1)
        await at.load(posts(1000), "api1", "api2")
        for enough, name in ((200, "sender1"), (400, "webhooks1"), (600, "api1")):
            await at.answered(enough)
            # More than the other sender's window can hold: some are those of the one that is killed.
            await at.kill_when(name, WINDOW + WINDOW // 2 if name == "sender1" else WINDOW // 2)
        await at.posted()
        log.info("cut with api1: %d", len(at.cut))
        await at.repeat_cut("api2")
        await at.all_delivered("api2")
        await at.hold(sender2=2)
        assert await twice(at, BOUND) > 0


async def test_an_owner_that_is_held_past_its_lease_writes_nothing_more(
    prepared: Prepared, tmp_path: Path
) -> None:
    async with fleet(prepared, tmp_path, BOTH, binds=1, carrier=SLOW) as at:
        await at.start("b")
        await at.start("a")
        await at.hold(a=1, b=0)  # the second one to register has it: shares are drawn from the numbers
        await at.load(posts(600), "b")
        await at.answered(200)
        await at.hold_when("a", WINDOW)
        session = at.carrier.named("bind")[-1]["session"]
        await at.hold(b=1)
        before = await submits_of(at, session)
        at.gateways["a"].send_signal(signal.SIGCONT)
        await at.until(lambda: taken_for_dead(at, "a"), "the one that was held to hear of it")
        await at.posted()
        await at.repeat_cut("b")
        await at.all_delivered("b")
        late = await submits_of(at, session) - before
        log.info("%d parts written by the owner that was held, after it was given up", late)
        assert late == 0, "it was not inside of a write"
        await twice(at, BOUND)
        await at.until(lambda: len(at.gateways["a"].events("serving")) == 2, "it to begin anew")
        await at.api("a").sent()


@pytest.mark.parametrize("how", ["refused", "silent"])
async def test_a_sender_that_is_cut_off_lets_go_before_another_takes_over(
    prepared: Prepared, tmp_path: Path, how: str
) -> None:
    async with way(prepared.cluster.port) as to_store:
        stores = {"a": f"postgresql://postgres@127.0.0.1:{to_store.port}/{{database}}"}
        async with fleet(prepared, tmp_path, BOTH, binds=1, stores=stores, carrier=SLOW) as at:
            await at.start("b")
            await at.start("a")
            await at.hold(a=1, b=0)
            await at.load(posts(600), "b")
            await at.answered(200)
            await at.busy(WINDOW)
            if how == "refused":
                to_store.refuse()
            else:
                to_store.fall_silent()
            await at.hold(b=1)
            assert_one_session_at_a_time(at)
            to_store.heal()
            await at.until(lambda: taken_for_dead(at, "a"), "the one that was cut off to hear of it")
            await at.posted()
            await at.all_delivered("b")
            await twice(at, BOUND)
            await at.until(lambda: len(at.gateways["a"].events("serving")) == 2, "it to begin anew")


async def test_a_store_that_is_away_for_longer_than_a_lease_kills_nobody(
    prepared: Prepared, tmp_path: Path
) -> None:
    async with way(prepared.cluster.port) as to_store:
        through = f"postgresql://postgres@127.0.0.1:{to_store.port}/{{database}}"
        async with fleet(prepared, tmp_path, BOTH, stores=dict.fromkeys(BOTH, through)) as at:
            await at.start()
            await at.hold(a=1, b=1)
            await at.load(posts(400), "a", "b")
            await at.posted()
            to_store.refuse()
            await at.until(
                lambda: all(has_let_go(at, name) for name in BOTH), "both leases to run out", 10 * LEASE_S
            )
            await at.hold(a=0, b=0)
            to_store.heal()
            await at.hold(a=1, b=1)
            await at.load(posts(400, first=400), "a", "b")
            await at.posted()
            await at.all_delivered("a")
            await twice(at, 2 * BOUND)
            assert [len(at.gateways[name].events("serving")) for name in BOTH] == [1, 1]


async def test_a_drained_process_gives_its_binds_back_at_once(prepared: Prepared, tmp_path: Path) -> None:
    async with fleet(prepared, tmp_path, BOTH, lease_s=60) as at:
        await at.start()
        await at.hold(a=1, b=1)
        await at.load(posts(600), "b")
        await at.answered(100)
        assert await at.gateways["a"].terminate() == 0
        await at.hold(b=2)  # long before the lease would have run out
        await at.posted()
        await at.all_delivered("b")
        await twice(at, 0)


async def test_a_command_reaches_every_process_also_those_that_come_later(
    prepared: Prepared, tmp_path: Path
) -> None:
    async with fleet(prepared, tmp_path, {**BOTH, "c": EVERYTHING}, binds=3) as at:
        await at.start("a", "b")
        await at.hold(a=1, b=2) if await leads(at) else await at.hold(a=2, b=1)
        await at.gateways["b"].cli("operator", "pause", "alpha")
        await at.start("c")
        await at.hold(a=1, b=1, c=1)
        identity = await at.api("c").sent()
        for name in at.gateways:
            _, facts = await at.gateways[name].health("ready")
            assert facts["operators"]["alpha"]["paused"], name
        assert (await at.api("a").message(identity))["status"] == "QUEUED"
        await at.gateways["a"].cli("operator", "resume", "alpha")
        await at.until(lambda: delivered(at, identity), "the message to go")


async def leads(at: Fleet) -> bool:
    """Whether b has the odd bind; which one has it is drawn from their numbers."""

    async def look() -> bool:
        return len(await at.binds("a")) + len(await at.binds("b")) == 3 and bool(
            await at.binds("a") and await at.binds("b")
        )

    await at.until(look, "all binds, over both")
    return len(await at.binds("b")) == 2


async def delivered(at: Fleet, identity: str) -> bool:
    found = await at.api("a").message(identity)
    return bool(found["status"] == "DELIVERED")


async def twice(at: Fleet, bound: int) -> int:
    """What came more than once stays within the bound; how many parts."""
    count = await at.sent_twice()
    log.info("%d parts sent twice, of at most %d", count, bound)
    assert count <= bound
    return count


async def submits_of(at: Fleet, session: int) -> int:
    """How many parts came over one session of the carrier."""
    return sum(told["session"] == session for told in await written_submits(at.carrier, at.submits_path))


def taken_for_dead(at: Fleet, name: str) -> bool:
    return bool(at.gateways[name].events("others took this process for dead and have what it held"))


def has_let_go(at: Fleet, name: str) -> bool:
    log_line = "the lease has run out: what this process holds may be another's by now"
    return bool(at.gateways[name].events(log_line))


def assert_one_session_at_a_time(at: Fleet) -> None:
    """No bind before the one before it was closed."""
    bound: set[int] = set()
    for told in at.carrier.events:
        if told["event"] == "bind":
            assert not bound, "two processes held the only bind at once"
            bound.add(told["session"])
        elif told["event"] == "closed":
            bound.discard(told["session"])
