"""How a NOC shares traffic out: by what a message says and when, by weight, by price, and by how carriers do."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

RETRIES = {"retry_steps_s": [0.1]}
TWO: dict[str, Any] = {
    "carriers": {"alpha": {}, "beta": {}},
    "operators": {"alpha": RETRIES, "beta": RETRIES},
}
UK, US = "+447700910{:03}", "+12025550{:03}"


RULES: list[dict[str, Any]] = [
    {"id": "unforgiving", "to": ["+33"], "operators": ["alpha", "beta"], "failover_on": []},
    {
        "id": "impatient",
        "to": ["+49"],
        "operators": ["alpha", "beta"],
        "failover_on": ["undeliverable"],
        "failover_within_s": 0.001,
    },
    {"id": "sticky", "to": ["+1"], "sticky": True, "operators": [{"alpha": 1, "beta": 1}]},
    {"id": "shared", "account": ["acme"], "from": ["Shared"], "operators": [{"alpha": 3, "beta": 1}]},
    {
        "id": "never",
        "hours": ["mon 00:00-00:01"],
        "zone": "Asia/Tokyo",
        "text": "(a+)+$",
        "operators": ["beta"],
    },
    {"id": "codes", "text": r"(?i)\bcode\b", "operators": ["beta"]},
    {"id": "russian", "script": ["Cyrillic"], "operators": ["beta"]},
    {"id": "spring", "metadata": {"campaign": ["spring"]}, "operators": ["beta"]},
    {"id": "rest", "hours": ["00:00-12:00", "12:00-24:00"], "operators": ["alpha"]},
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ruled(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Two carriers and all of the rules."""
    async with world(template, tmp_path_factory.mktemp("ruled"), config={"routes": RULES}, **TWO) as built:
        yield built


async def test_by_text_metadata_and_hours(ruled: World) -> None:
    """One rule for each; what none of them wants goes to the last."""
    sent = {
        "codes": await ruled.api.sent("Your Code: 1", to=UK.format(1)),
        "russian": await ruled.api.sent("Привет", to=UK.format(2)),
        "spring": await ruled.api.sent("Hello", to=UK.format(3), metadata={"campaign": "spring"}),
        "rest": await ruled.api.sent("a" * 1500 + "!", to=UK.format(4), metadata={"campaign": "winter"}),
    }
    for route, identity in sent.items():
        assert (await ruled.status(identity, "DELIVERED"))["routeId"] == route


async def test_weights_and_sticky_recipients(ruled: World) -> None:
    texts = [{"to": UK.format(100 + number), "from": "Shared", "body": "hi"} for number in range(200)]
    people = [{"to": US.format(100 + number % 20), "from": "Acme", "body": "hi"} for number in range(80)]
    answers = [await ruled.api.bulk(texts), await ruled.api.bulk(people)]
    assert [answer.status for answer in answers] == [202, 202]

    def told() -> dict[str, list[str]]:
        return {name: [each["to"] for each in ruled.submits(name)] for name in ("alpha", "beta")}

    def shared() -> Counter[str]:
        ours = {entry["to"].removeprefix("+") for entry in texts}
        return Counter(name for name, numbers in told().items() for to in numbers if to in ours)

    def theirs() -> dict[str, list[str]]:
        return {name: [to for to in numbers if to.startswith("1")] for name, numbers in told().items()}

    await ruled.until(
        lambda: shared().total() == 200 and sum(map(len, theirs().values())) == 80, "all messages"
    )
    # 150 of 200 are expected; six standard deviations to either side.
    assert 113 <= shared()["alpha"] <= 187, shared()
    persons = {name: set(numbers) for name, numbers in theirs().items()}
    assert persons["alpha"].isdisjoint(persons["beta"]), "each person has one carrier"
    assert len(persons["alpha"] | persons["beta"]) == 20
    assert all(persons.values())


async def test_no_failover_after_a_rejection_where_the_route_does_not_want_it(ruled: World) -> None:
    await ruled.carriers["alpha"].set(fail_next=1, fail_status=0x45)
    found = await ruled.status(await ruled.api.sent(to="+33612345678"), "FAILED")
    assert (found["operatorId"], found["attemptCount"]) == ("alpha", 1)
    assert ruled.submits("beta", "+33612345678") == []


async def test_an_undeliverable_receipt_that_comes_too_late_ends_the_message(ruled: World) -> None:
    await ruled.carriers["alpha"].set(stat="UNDELIV", err="027", receipt_delay_ms=100)
    await ruled.status(await ruled.api.sent(to="+4915112345678"), "FAILED")
    assert ruled.submits("beta", "+4915112345678") == []
    await ruled.carriers["alpha"].set(stat="DELIVRD", err="000")


def price_lists(folder: Path, **prices: str) -> None:
    """A list for each operator: one price for +44."""
    (folder / "rates").mkdir(exist_ok=True)
    for name, price in prices.items():
        (folder / "rates" / f"{name}.csv").write_text(f"prefix,price,currency\n44,{price},EUR\n")


async def test_least_cost_follows_the_price_lists_at_a_reload(template: Template, tmp_path: Path) -> None:
    price_lists(tmp_path, alpha="0.04", beta="0.03")
    config = {
        "rates": {"operators": "rates/*.csv"},
        "routes": [{"id": "lcr", "by": "cost", "operators": ["alpha", "beta"]}],
    }
    async with world(template, tmp_path, config=config, **TWO) as at:
        found = await at.status(await at.api.sent(to=UK.format(1)), "DELIVERED")
        assert found["operatorId"] == "beta"
        price_lists(tmp_path, alpha="0.02")
        await reloaded(at, "applied")
        found = await at.status(await at.api.sent(to=UK.format(2)), "DELIVERED")
        assert found["operatorId"] == "alpha"
        price_lists(tmp_path, beta="free")
        assert "rates/beta.csv:2: price 'free' is none" in (await at.gateway.cli("check", status=1)).err
        await reloaded(at, "refused")
        found = await at.status(await at.api.sent(to=UK.format(3)), "DELIVERED")
        assert found["operatorId"] == "alpha", "the lists that were are still in force"


async def reloaded(at: World, outcome: str) -> None:
    """Send SIGHUP and wait for what comes of it."""
    before = (await at.gateway.metrics()).value("config_reloads_total", result=outcome)
    at.gateway.send_signal(signal.SIGHUP)

    async def told() -> bool:
        return (await at.gateway.metrics()).value("config_reloads_total", result=outcome) == before + 1

    await at.until(told, f"the reload to be {outcome}")


async def test_a_carrier_that_does_badly_is_left_for_last_and_tried_again(
    template: Template, tmp_path: Path
) -> None:
    config = {"health": {"min_answers": 5, "probes": 2, "retry_after_s": 0.5}}
    async with world(template, tmp_path, config=config, **TWO) as at:
        await at.carriers["alpha"].set(fail_next=1000, fail_status=0x45)
        for number in range(5):  # each is refused by alpha and taken by beta
            await at.status(await at.api.sent(to=UK.format(number)), "DELIVERED")
        metrics = await at.gateway.metrics()
        assert metrics.value("operator_standing_total", operator="alpha", country="44", standing="out") >= 1
        asked = len(at.submits("alpha"))

        async def listed() -> bool:
            return "+44" in (await at.gateway.cli("operator", "list")).out

        await at.until(listed, "operator list to show it")
        ask = ("--account", "acme", "--from", "Acme", "--to", UK.format(1), "--text", "hi")
        assert "of its answers were bad" in (await at.gateway.cli("route", "explain", *ask)).out
        us = await at.status(await at.api.sent(to=US.format(1)), "DELIVERED")
        assert us["attempts"][0]["operatorId"] == "alpha", "other countries do not mind"
        await at.carriers["alpha"].set(fail_next=0)

        async def well() -> bool:
            await at.status(await at.api.sent(to=UK.format(900)), "DELIVERED")
            found = await at.gateway.metrics()
            return found.value("operator_out", operator="alpha", country="44") == 0

        await at.until(well, "alpha to be well again")
        found = await at.status(await at.api.sent(to=UK.format(901)), "DELIVERED")
        assert (found["operatorId"], found["attemptCount"]) == ("alpha", 1)
        assert len(at.submits("alpha")) > asked
