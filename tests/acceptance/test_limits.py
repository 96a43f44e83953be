"""Limits against fraud and mistakes, through the socket: status, code and words of each, its metric and its alert."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import SENDER, JsonObject, message, problem
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(why="all but the money's is counted in the process"),
]

NONE: dict[str, Any] = {
    **dict.fromkeys(("allowed_countries", "allowed_senders", "spend_per_day", "rate_plan"), ""),
    **dict.fromkeys(("max_segments", "recipient_per_h", "prefix_per_h", "numbers_in_a_row"), 0),
}
PRICE = "0.05"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def metered(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world with a rate plan, that the module's tests share."""
    folder = tmp_path_factory.mktemp("metered")
    (folder / "plans").mkdir()
    (folder / "plans" / "standard.csv").write_text(f"prefix,price,currency\n44,{PRICE},EUR\n")
    async with world(template, folder, config={"rates": {"plans": "plans/*.csv"}}) as built:
        yield built


async def limit(at: World, **settings: Any) -> None:
    """Set these limits of the account and no other."""
    words = [f"{name}={value}" for name, value in (NONE | settings).items()]
    await at.gateway.cli("account", "set", "acme", "--env", "live", *words)


async def refused(at: World, limit: str) -> float:
    """How many messages a limit has refused so far."""
    return (await at.gateway.metrics()).value("limits_refused_total", limit=limit)


async def test_a_country_that_is_not_allowed(metered: World) -> None:
    await limit(metered, allowed_countries="GB,US")
    assert (await metered.api.send(to="+447400000001")).status == 202
    found = problem(await metered.api.send(to="+14165550123"), 422, "COUNTRY_NOT_ALLOWED")
    assert "+14165550123 is a number of CA; this account may send to GB, US." in found["detail"]
    assert await refused(metered, "allowed_countries") == 1


async def test_more_segments_than_the_account_allows(metered: World) -> None:
    await limit(metered, max_segments=2)
    assert (await metered.api.send("x" * 306)).status == 202
    found = problem(await metered.api.send("x" * 307), 422, "TOO_MANY_SEGMENTS")
    assert "makes 3 segments; a message of this account may have at most 2" in found["detail"]
    assert await refused(metered, "max_segments") == 1


async def test_a_sender_that_is_not_allowed(metered: World) -> None:
    await limit(metered, allowed_senders="ACME")
    problem(await metered.api.send(), 422, "SENDER_NOT_ALLOWED")
    assert await refused(metered, "allowed_senders") == 1


async def test_too_many_messages_to_one_number(metered: World) -> None:
    await limit(metered, recipient_per_h=2)
    to = "+447400100001"
    answers = [await metered.api.send(to=to, key=f"recipient-{n}") for n in range(3)]
    assert [answer.status for answer in answers] == [202, 202, 429]
    found = problem(answers[2], 429, "TOO_MANY_TO_RECIPIENT")
    assert f"{to} has had as many. Try again in 60 minutes." in found["detail"]
    assert 3500 < int(answers[2].headers["Retry-After"]) <= 3600
    again = await metered.api.send(to=to, key="recipient-1")
    assert (again.status, again.body) == (202, answers[1].body), "a replay is no message"
    assert (await metered.tester.send(to=to)).status == 202, "the test environment has limits of its own"
    assert await refused(metered, "recipient_per_h") == 1


async def test_every_dialect_counts_the_same_messages(metered: World) -> None:
    """And says so in its own form: one answer of each, at the same moment."""
    await limit(metered, recipient_per_h=1)
    await metered.gateway.cli("account", "set", "acme", "terms_accepted=current", f"default_sender={SENDER}")
    to = "+447400110001"
    bearer = {"Authorization": f"Bearer {metered.template.key}"}
    sms = {"recipientPhoneNumber": to, "message": "Hello", "senderId": SENDER}
    taken = await metered.api.request("POST", "/api/sms/send", json=sms, headers=bearer)
    assert taken.status == 201, taken
    batch = {"contacts": [to], "message": "Hello", "type": "SMS"}
    answers = [
        await metered.api.send(to=to),
        await metered.api.request("POST", "/api/sms/send", json=sms, headers=bearer),
        await metered.api.request("POST", "/api/messages/sms/contacts", json=batch, headers=bearer),
    ]
    assert [answer.status for answer in answers] == [429, 429, 429], answers
    codes = [answers[0].json["code"], answers[1].json["error"]["code"], answers[2].json["code"]]
    assert codes == ["TOO_MANY_TO_RECIPIENT"] * 3
    assert all(3500 < int(answer.headers["Retry-After"]) <= 3600 for answer in answers)


async def test_too_many_messages_to_one_block_of_numbers(metered: World) -> None:
    await limit(metered, prefix_per_h=3)
    bulk = [message(to=f"+44740020{n}{n}{n}{n}") for n in range(5)]
    answer = await metered.api.bulk(bulk)
    assert answer.status == 202
    assert [item["index"] for item in answer.json["accepted"]] == [0, 1, 2]
    assert [(item["index"], item["code"]) for item in answer.json["rejected"]] == [
        (3, "TOO_MANY_TO_PREFIX"),
        (4, "TOO_MANY_TO_PREFIX"),
    ]
    (error,) = answer.json["rejected"][0]["errors"]
    assert error["pointer"] == "/messages/3/to"
    assert "numbers that begin with +44740020 and have 4 more digits" in error["detail"]
    problem(await metered.api.send(to="+447400201234"), 429, "TOO_MANY_TO_PREFIX")
    assert await refused(metered, "prefix_per_h") == 3


async def test_adjacent_numbers_one_after_the_other(metered: World) -> None:
    await limit(metered, numbers_in_a_row=4)
    sent = [(await metered.api.send(to=f"+44740030000{n}")).status for n in range(6)]
    assert sent == [202, 202, 202, 422, 422, 422]
    assert (await metered.api.send(to="+447400305000")).status == 202
    found = problem(await metered.api.send(to="+447400300006"), 422, "NUMBERS_IN_A_ROW")
    assert "is the number 7 of a series of adjacent numbers" in found["detail"]
    assert await refused(metered, "numbers_in_a_row") == 4


async def test_no_money_and_the_cap_of_a_day(metered: World) -> None:
    await limit(metered, rate_plan="standard")
    problem(await metered.api.send(), 402, "INSUFFICIENT_BALANCE")
    await metered.gateway.cli("ledger", "top-up", "acme", "10", "--env", "live")
    await limit(metered, rate_plan="standard", spend_per_day="0.12")
    answers = [await metered.api.send(to=f"+44740040000{n}") for n in range(3)]
    assert [answer.status for answer in answers] == [202, 202, 402]
    problem(answers[2], 402, "SPENDING_CAP_REACHED")
    assert (await refused(metered, "balance"), await refused(metered, "spend_per_day")) == (1, 1)


async def test_the_account_is_told_once(metered: World) -> None:
    """One alert for all that a limit refuses within an hour; a number in it is masked."""
    await limit(metered, max_segments=1, allowed_countries="GB")
    for _ in range(3):
        problem(await metered.api.send("x" * 161, to="+447400000002"), 422, "TOO_MANY_SEGMENTS")
        problem(await metered.api.send(to="+14165550123"), 422, "COUNTRY_NOT_ALLOWED")

    async def told() -> list[JsonObject]:
        alerts = json.loads((await metered.gateway.cli("alert", "list", "acme", "--json")).out)
        found = [each for each in alerts if each.get("limit") in {"max_segments", "allowed_countries"}]
        return sorted(found, key=lambda each: str(each["limit"])) if len(found) > 1 else []

    countries, segments = await metered.until(told, "the alerts")
    assert countries["kind"] == segments["kind"] == "limit"
    assert "may send to GB" in countries["about"]
    assert "4165550123" not in countries["about"]
