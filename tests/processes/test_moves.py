"""How long a bind takes to another process, and what clocks that differ do to it: nothing."""

from __future__ import annotations

import logging
import random
import statistics
import time
from pathlib import Path

import pytest

from tests.processes.fleet import EVERYTHING, LEASE_S, WINDOW, Fleet, Prepared, fleet, posts
from tests.processes.skew import compiled

pytestmark = pytest.mark.asyncio(loop_scope="module")

log = logging.getLogger(__name__)  # pytest -o log_cli=true -o log_cli_level=info shows what was counted

SKEW_S = 5
MOVES = 20
LONGEST_LEASE_S = 120  #: longer than the tests wait for anything
APART = {"journal_folder": "flights"}
"""A folder of one's own: then it can't be seen who lives, as between two machines."""
RECONNECT_S = 1.0  #: the first try is within it
NOTICE_S = 2.0  #: two looks around of half a second each, and a busy machine


@pytest.fixture(scope="session")
def skew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that sets the clock of the process that it is preloaded into."""
    return compiled(tmp_path_factory.mktemp("skew"))


@pytest.mark.parametrize("ahead", ["a", "b"])
async def test_clocks_that_differ_by_seconds(
    prepared: Prepared, tmp_path: Path, skew: Path, ahead: str
) -> None:
    """Also when the one that is killed, or the one that takes over, is the one whose clock is wrong."""
    async with fleet(prepared, tmp_path, {"a": EVERYTHING, "b": EVERYTHING}, process=APART) as at:
        at.gateways[ahead].environment = {"LD_PRELOAD": str(skew), "SKEW_S": str(SKEW_S)}
        await at.start()
        await at.hold(a=1, b=1)
        await at.load(posts(400), "a", "b")
        await at.answered(150)
        await at.gateways["a"].kill9()
        await at.hold(b=2)
        await at.posted()
        await at.repeat_cut("b")
        await at.all_delivered("b")
        assert await at.sent_twice() <= 3 * WINDOW


async def owner_of_bind(at: Fleet) -> str | None:
    """The one that has it, if one does."""
    for name in at.gateways:
        if await at.binds(name):
            return name
    return None


async def test_a_neighbour_on_the_same_machine_takes_over_without_waiting_for_the_lease(
    prepared: Prepared, tmp_path: Path
) -> None:
    async with fleet(prepared, tmp_path, {"a": EVERYTHING, "b": EVERYTHING}, lease_s=LONGEST_LEASE_S) as at:
        await at.start()
        await at.hold(a=1, b=1)
        await at.load(posts(3000), "a", "b")  # on a quick machine it must not be over before its window fills
        await at.answered(200)
        await at.kill_when("a", WINDOW // 2)
        await at.hold(b=2)
        await at.posted()
        await at.repeat_cut("b")
        await at.all_delivered("b")
        assert await at.sent_twice() <= 3 * WINDOW


@pytest.mark.soak
@pytest.mark.parametrize(("process", "within_s"), [({}, 0.0), (APART, LEASE_S)], ids=["together", "apart"])
async def test_how_long_a_bind_takes_to_another_process(
    prepared: Prepared, tmp_path: Path, process: dict[str, str], within_s: float
) -> None:
    """kill -9 of its owner, again and again, each time the other one. Who shares a machine need not wait for the end of
    the lease."""
    took_s = []
    roles = {"a": EVERYTHING, "b": EVERYTHING}
    async with fleet(prepared, tmp_path, roles, binds=1, process=process) as at:
        await at.start()
        for _ in range(MOVES):
            # One that has just begun takes nobody for dead before it has been in touch for a lease; and it may be given
            # the bind first.
            settled = time.monotonic() + random.uniform(2.0, 3.0) * LEASE_S
            await at.until(lambda: time.monotonic() > settled, "both to be settled")  # noqa: B023 it is awaited
            owner = await at.until(lambda: owner_of_bind(at), "one of them to hold the bind")
            other = "b" if owner == "a" else "a"
            await at.gateways[owner].kill9()
            began = time.monotonic()
            await at.hold(**{other: 1})
            took_s.append(time.monotonic() - began)
            await at.gateways[owner].start()
    median, worst = statistics.median(took_s), max(took_s)
    log.info("moves after kill -9, lease %g s: median %.2f s, worst %.2f s", within_s, median, worst)
    assert worst < within_s + RECONNECT_S + NOTICE_S
