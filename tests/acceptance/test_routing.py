"""Which carrier gets a message: rules in order, failover, pauses by hand, and what becomes of it without any."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(why="routes and carriers' answers are above the store"),
]

RETRIES = {"retry_steps_s": [0.1, 0.1]}
TWO: dict[str, Any] = {
    "carriers": {"alpha": {}, "beta": {}},
    "operators": {"alpha": RETRIES, "beta": RETRIES},
}
RULES = [
    {"id": "us", "to": ["+1"], "operators": ["beta"]},
    {"id": "brand", "from": ["Acme"], "operators": ["beta", "alpha"]},
    {"id": "others", "account": ["other"], "operators": ["beta"]},
    {"id": "codes", "class": ["otp"], "operators": ["beta"]},
    {"id": "uk", "to": ["+44"], "operators": ["alpha", "beta"]},
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ruled(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Two carriers and five rules; both carriers are well."""
    async with world(template, tmp_path_factory.mktemp("ruled"), config={"routes": RULES}, **TWO) as built:
        yield built


@pytest_asyncio.fixture(loop_scope="module")
async def two(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    """Two carriers, alpha before beta, for one test."""
    async with world(template, tmp_path, **TWO) as built:
        yield built


@pytest.mark.parametrize(
    ("number", "fields", "route", "operator"),
    [
        ("+12025550101", {}, "us", "beta"),
        ("+12025550102", {"sender": "Acme"}, "us", "beta"),
        ("+447700908001", {"sender": "Acme"}, "brand", "beta"),
        ("+447700908002", {"messageType": "OTP"}, "codes", "beta"),
        ("+447700908003", {}, "uk", "alpha"),
    ],
)
async def test_the_first_rule_that_matches_wins(
    ruled: World, number: str, fields: dict[str, Any], route: str, operator: str
) -> None:
    found = await ruled.status(await ruled.api.sent(to=number, **fields), "DELIVERED")
    assert (found["routeId"], found["operatorId"]) == (route, operator)
    assert len(ruled.submits(operator, number)) == 1


async def test_a_rule_for_an_account(ruled: World) -> None:
    found = await ruled.status(await ruled.other.sent(to="+447700908004"), "DELIVERED", ruled.other)
    assert (found["routeId"], found["operatorId"]) == ("others", "beta")


async def test_without_a_matching_rule_it_fails(ruled: World) -> None:
    identity = await ruled.api.sent(to="+33612345678")
    found = await ruled.status(identity, "FAILED")
    assert (found["reason"], found["operatorId"], found["attemptCount"]) == ("no_route", None, 0)
    assert found["lastError"]["code"] == "no_route"
    hook = await ruled.hook(identity, "message.failed")
    assert (hook.data["status"], hook.data["reason"], hook.signed) == ("FAILED", "no_route", True)
    metrics = await ruled.gateway.metrics()
    assert metrics.value("messages_ended_total", status="failed", reason="no_route") >= 1


async def test_route_explain_agrees(ruled: World) -> None:
    words = ("--account", "acme", "--from", "Acme", "--to", "+447700908001", "--text", "Hello 👋")
    told = await ruled.gateway.cli("route", "explain", *words)
    assert "brand" in told.out
    assert told.out.index("beta") < told.out.index("alpha")
    assert "UCS" in told.out.upper()
    nothing = await ruled.gateway.cli(
        *("route", "explain", "--account", "acme", "--from", "+447700900999"),
        *("--to", "+33612345678", "--text", "Hello"),
    )
    assert "no" in nothing.out.lower()


# Classes of command_status, field.md 4.3.


@pytest.mark.parametrize("status", [0x45, 0x65, 0x15, 0x50], ids=hex)
async def test_fail_over_at_once(ruled: World, status: int) -> None:
    number = f"+4477009081{status:02x}".replace("f", "0")
    await ruled.carriers["alpha"].set(fail_next=1, fail_status=status)
    found = await ruled.status(await ruled.api.sent(to=number), "DELIVERED")
    assert (found["operatorId"], found["attemptCount"]) == ("beta", 2)
    assert [each["operatorId"] for each in found["attempts"]] == ["alpha", "beta"]
    assert found["attempts"][0]["parts"][0]["state"] == "REFUSED"


@pytest.mark.parametrize(
    ("number", "status", "name", "ends", "reason"),
    [
        ("+447700908201", 0x0B, "ESME_RINVDSTADR", "UNDELIVERABLE", "invalid_number"),
        ("+447700908202", 0x0A, "ESME_RINVSRCADR", "FAILED", "rejected_by_carrier"),
        ("+447700908203", 0x66, "ESME_RX_R_APPN", "FAILED", "rejected_by_carrier"),
    ],
)
async def test_a_refusal_is_final(
    ruled: World, number: str, status: int, name: str, ends: str, reason: str
) -> None:
    await ruled.carriers["alpha"].set(fail_next=1, fail_status=status)
    identity = await ruled.api.sent(to=number)
    found = await ruled.status(identity, ends)
    assert (found["reason"], found["attemptCount"]) == (reason, 1)
    assert found["lastError"]["operatorError"] == name
    assert found["processedAt"] is not None
    hook = await ruled.hook(identity, f"message.{ends.lower()}")
    assert hook.data["operatorError"] == name
    assert ruled.submits("beta", number) == [], "no other carrier is asked"


async def test_try_again_on_the_same_carrier(ruled: World) -> None:
    number = "+447700908301"
    await ruled.carriers["alpha"].set(fail_next=2, fail_status=0x08)
    found = await ruled.status(await ruled.api.sent(to=number), "DELIVERED")
    assert (found["operatorId"], found["attemptCount"]) == ("alpha", 3)
    assert [told["status"] for told in ruled.submits("alpha", number)] == [8, 8, 0]


async def test_try_again_then_fail_over(ruled: World) -> None:
    number = "+447700908302"
    await ruled.carriers["alpha"].set(fail_next=3, fail_status=0x08)
    found = await ruled.status(await ruled.api.sent(to=number), "DELIVERED")
    assert found["operatorId"] == "beta"
    assert len(ruled.submits("alpha", number)) == 3, "the first and one for each step"
    assert len(ruled.submits("beta", number)) == 1


async def test_throttled_is_no_attempt(ruled: World) -> None:
    number = "+447700908303"
    await ruled.carriers["alpha"].set(throttle_next=3)
    found = await ruled.status(await ruled.api.sent(to=number), "DELIVERED")
    assert (found["operatorId"], found["attemptCount"]) == ("alpha", 1)
    assert [told["status"] for told in ruled.submits("alpha", number)] == [0x58, 0x58, 0x58, 0]
    assert (await ruled.gateway.metrics()).value("throttle_pauses_total", operator="alpha") >= 1


async def test_attempts_are_bounded(template: Template, tmp_path: Path) -> None:
    async with world(
        template, tmp_path, operators={"alpha": {"retry_steps_s": [0.05] * 10, "max_attempts": 4}}
    ) as at:
        await at.smsc.set(fail_next=1000, fail_status=0x08)
        identity = await at.api.sent()
        found = await at.status(identity, "FAILED")
        assert (found["reason"], found["attemptCount"]) == ("too_many_attempts", 4)
        assert len(at.submits()) == 4
        assert (await at.hook(identity, "message.failed")).data["reason"] == "too_many_attempts"


async def test_failover_when_the_bind_is_down(two: World) -> None:
    await two.carriers["alpha"].order("close")
    await two.until(lambda: is_down(two, "alpha"), "alpha to be down")
    found = await two.status(await two.api.sent(to="+447700908401"), "DELIVERED")
    assert found["operatorId"] == "beta"
    await two.carriers["alpha"].order("open")
    await two.bound("alpha")
    found = await two.status(await two.api.sent(to="+447700908402"), "DELIVERED")
    assert found["operatorId"] == "alpha", "back to the first when it is there again"


async def is_down(at: World, operator: str) -> bool:
    _, facts = await at.gateway.health("ready")
    return not facts["operators"][operator]["up"]


async def test_with_all_carriers_down_it_waits(fresh: World) -> None:
    await fresh.smsc.order("close")
    await fresh.until(lambda: is_down(fresh, "alpha"), "alpha to be down")
    status, _ = await fresh.gateway.health("ready")
    assert status == 200, "ready with or without carriers"
    waiting = [await fresh.api.sent(f"text {at}", to=f"+4477009085{at:02}") for at in range(10)]
    assert {(await fresh.api.message(each))["status"] for each in waiting} == {"QUEUED"}
    await fresh.smsc.order("open")
    for identity in waiting:
        await fresh.status(identity, "DELIVERED")
    assert len(fresh.submits()) == 10


async def test_what_waits_for_a_lost_carrier_goes_elsewhere(two: World) -> None:
    """Messages in hand and in the store, not written yet, when their carrier goes away."""
    await two.carriers["alpha"].set(throttle_next=10_000)
    waiting = [await two.api.sent(f"text {at}", to=f"+4477009086{at:02}") for at in range(20)]
    await two.until(lambda: two.submits("alpha"), "alpha to throttle")
    await two.carriers["alpha"].order("close")
    for identity in waiting:
        found = await two.status(identity, "DELIVERED")
        assert found["operatorId"] == "beta"
    assert len({told["to"] for told in two.submits("beta")}) == len(two.submits("beta")) == 20


@pytest.mark.differs
async def test_an_expired_message_ends(template: Template, tmp_path: Path) -> None:
    async with world(template, tmp_path, config={"limits": {"default_validity_s": 2}}) as at:
        await at.smsc.set(throttle_next=10_000)
        identity = await at.api.sent()
        found = await at.status(identity, "UNDELIVERABLE")
        assert found["reason"] == "expired"
        assert (await at.hook(identity, "message.undeliverable")).data["reason"] == "expired"


async def test_pause_and_resume_by_hand(two: World) -> None:
    await two.gateway.cli("operator", "pause", "alpha")
    await two.until(lambda: is_paused(two, "alpha", wanted=True), "alpha to be paused")
    found = await two.status(await two.api.sent(to="+447700908701"), "DELIVERED")
    assert found["operatorId"] == "beta"
    listed = await two.gateway.cli("operator", "list")
    assert "paused" in listed.out
    await two.gateway.cli("operator", "pause", "beta")
    await two.until(lambda: is_paused(two, "beta", wanted=True), "beta to be paused")
    identity = await two.api.sent(to="+447700908702")
    assert (await two.api.message(identity))["status"] == "QUEUED"
    await two.gateway.cli("operator", "resume", "alpha")
    found = await two.status(identity, "DELIVERED")
    assert found["operatorId"] == "alpha"
    await two.gateway.cli("operator", "pause", "nosuch", status=1)


async def is_paused(at: World, operator: str, *, wanted: bool) -> bool:
    _, facts = await at.gateway.health("ready")
    paused: bool = facts["operators"][operator]["paused"]
    return paused is wanted


@pytest.mark.differs
async def test_failover_on_undelivered(template: Template, tmp_path: Path) -> None:
    """With it, the receipt stays on the attempt and the message gets no final state while another carrier remains."""
    routes = [{"id": "all", "operators": ["alpha", "beta"], "failover_on": ["undeliverable"]}]
    async with world(template, tmp_path, config={"routes": routes}, **TWO) as at:
        await at.carriers["alpha"].set(stat="UNDELIV", err="027")
        identity = await at.api.sent()
        found = await at.status(identity, "DELIVERED")
        assert [each["parts"][0]["state"] for each in found["attempts"]] == ["FAILED", "DELIVERED"]
        hook = await at.hook(identity, "message.delivered")
        assert at.sink.of(identity) == [hook], "no event told of the first carrier's receipt"
