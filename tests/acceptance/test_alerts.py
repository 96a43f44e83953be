"""Alerts through the socket: real sends, signed webhooks, the list, and settings that the account makes by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import Answer, Api
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.sink import Hook
from tests.acceptance.harness.world import World, world

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(why="what the store decides is tried on each engine by the service's own tests"),
]

SETTINGS = "/api/sms/alerts/settings"
OFF: dict[str, Any] = {"lowBalance": [], "failures": None, "webhookUrl": None, "resendLimit": 3}
FAILS = "+447400000004"
"""A number for which the simulated carrier of the test environment reports a failure (docs/simulator.md)."""


@pytest_asyncio.fixture(loop_scope="module")
async def metered(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    """A world in which acme pays 0.05 EUR for a message."""
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "standard.csv").write_text("prefix,price,currency\n44,0.05,EUR\n1,0.05,EUR\n")
    async with world(template, tmp_path, config={"rates": {"plans": "plans/*.csv"}}) as built:
        await built.gateway.cli("account", "set", "acme", "--env", "live", "rate_plan=standard")
        yield built


async def put(api: Api, **settings: Any) -> Answer:
    return await api.request("PUT", SETTINGS, json=settings)


async def listed(api: Api, **params: str) -> Any:
    answer = await api.request("GET", "/api/sms/alerts", params=params)
    assert answer.status == 200, answer
    return answer.json


async def alerts(at: World, kind: str, count: int) -> list[Hook]:
    """The webhooks of one kind, once there are so many."""
    return list(await at.until(lambda: len(at.sink.taken(kind)) >= count and at.sink.taken(kind), kind))


async def looked(at: World, limit: str, **send: Any) -> None:
    """Wait until the gateway has looked at the balance once more: it tells limits that have bitten after it."""
    before = len(at.sink.taken("alert.limit"))
    answer = await at.api.send(**send)
    assert answer.status == 422, answer.body
    told = await alerts(at, "alert.limit", before + 1)
    assert told[-1].data["limit"] == limit


async def test_a_low_balance_is_told_once_and_again_after_a_top_up(metered: World) -> None:
    """Document 002: "Users receive notifications for failed SMS or low SMS balances." """
    await metered.gateway.cli(
        "account", "set", "acme", "--env", "live", "max_segments=2", "allowed_countries=GB,GG,IM,JE"
    )
    await metered.gateway.cli("ledger", "top-up", "acme", "0.25")
    answer = await put(metered.api, lowBalance=["0.20"], webhookUrl=metered.sink.url("/alerts"))
    assert answer.json == OFF | {"lowBalance": [0.2], "webhookUrl": metered.sink.url("/alerts")}
    await metered.api.sent()
    await metered.api.sent()  # 0.15
    (hook,) = await alerts(metered, "alert.low_balance", 1)
    assert (hook.path, hook.signed) == ("/alerts", True)
    told = {"environment": "live", "balance": 0.15, "threshold": 0.2, "currency": "EUR"}
    assert hook.body == {
        "id": hook.headers["webhook-id"],
        "type": "alert.low_balance",
        "occurredAt": hook.body["occurredAt"],
        "data": told,
    }
    assert (await listed(metered.api))["items"] == [hook.body]
    await metered.api.sent()  # 0.10
    await looked(metered, "max_segments", body="x" * 400)
    assert len(metered.sink.taken("alert.low_balance")) == 1
    await metered.gateway.cli("ledger", "top-up", "acme", "0.10")  # 0.20
    await looked(metered, "allowed_countries", to="+14155550123")
    await metered.api.sent()  # 0.15
    first, second = await alerts(metered, "alert.low_balance", 2)
    assert (second.data, second.body["id"] == first.body["id"]) == (told, False)
    metrics = await metered.gateway.metrics()
    assert metrics.value("alerts_total", kind="low_balance") == 2
    assert [line["kind"] for line in metered.gateway.events("alert")].count("low_balance") == 2
    printed = (await metered.gateway.cli("alert", "list", "acme", "--json")).json
    assert [each["kind"] for each in printed] == ["low_balance", "limit", "limit", "low_balance"]


async def test_failures_are_told_once_from_the_threshold_on(metered: World) -> None:
    """Document 002: "Users receive notifications for failed SMS or low SMS balances." """
    api, sink = metered.tester, metered.sink
    answer = await put(api, failures={"count": 2, "windowSeconds": 600}, webhookUrl=sink.url("/alerts"))
    assert answer.json["failures"] == {"count": 2, "windowSeconds": 600}
    for _ in range(2):
        await metered.status(await api.sent(to=FAILS), "FAILED", api)
    (hook,) = await alerts(metered, "alert.failures", 1)
    assert hook.signed
    assert hook.data == {"environment": "test", "count": 2, "threshold": 2, "windowSeconds": 600}
    assert [item["type"] for item in (await listed(api))["items"]] == ["alert.failures"]
    assert (await listed(metered.api))["items"] == [], "the live environment has alerts of its own"
    assert (await listed(metered.other))["items"] == []
    metrics = await metered.gateway.metrics()
    assert metrics.value("alerts_total", kind="failures") == 1


async def test_a_receiver_that_fails_gets_it_in_the_end(template: Template, tmp_path: Path) -> None:
    """As every webhook: tried again, with the same body, until it is taken."""
    quick = {"webhooks": {"schedule": [0.1, 0.1]}}
    async with world(template, tmp_path, config=quick) as built:
        built.sink.answers.extend([500, 503])
        await put(built.api, lowBalance=[5], webhookUrl=built.sink.url("/alerts"))
        await built.gateway.cli("ledger", "top-up", "acme", "1", "--currency", "EUR")
        (hook,) = await alerts(built, "alert.low_balance", 1)
        tries = [each for each in built.sink.hooks if each.path == "/alerts"]
        assert [each.answered for each in tries] == [500, 503, 200]
        assert {each.raw for each in tries} == {hook.raw}


# --- settings and list


async def test_settings_change_what_is_named_and_leave_the_rest(shared: World) -> None:
    """Document 002: "Configurable alert thresholds and retry limits." """
    api = shared.other
    assert (await api.request("GET", SETTINGS)).json == OFF
    url = "https://example.com/alerts"
    everything = {
        "lowBalance": [20, 5.5, "0.10", -3],
        "failures": {"count": 10, "windowSeconds": 300},
        "webhookUrl": url,
        "resendLimit": 5,
    }
    answer = await put(api, **everything)
    assert answer.status == 200
    assert answer.json == everything | {"lowBalance": [-3, 0.1, 5.5, 20]}
    assert (await api.request("GET", SETTINGS)).json == answer.json
    await put(api, failures={"count": 7}, resendLimit=None)
    changed = (await put(api, lowBalance=None)).json
    assert changed == answer.json | {"lowBalance": [], "failures": {"count": 7, "windowSeconds": 300}}
    shown = (await shared.gateway.cli("account", "show", "other", "--json")).json
    assert shown["live"]["alert_url"] == url
    assert not shown["test"]["alert_url"], "each environment has settings of its own"
    assert (await put(api, failures=None, webhookUrl=None, resendLimit=3)).json == OFF


async def test_settings_need_the_scope_of_who_manages_the_account(shared: World) -> None:
    """Who may send need not be the one who turns alerts off."""
    made = await shared.gateway.cli(
        "key", "create", "acme", "--scope", "send:sms", "--scope", "read:messages", "--json"
    )
    sender = shared.api.as_caller(made.json["key"])
    assert (await sender.request("GET", SETTINGS)).status == 200
    refused = await put(sender, lowBalance=[])
    assert (refused.status, refused.json["error"]["code"]) == (403, "INSUFFICIENT_SCOPE")
    assert "manage:account" in refused.json["error"]["message"]
    assert (await shared.api.as_caller("").request("GET", SETTINGS)).status == 401


async def test_a_key_of_a_sub_tenant_neither_sees_nor_changes_them(shared: World) -> None:
    made = await shared.gateway.cli("key", "create", "acme", "--sub-tenant", "shop", "--json")
    bound = shared.api.as_caller(made.json["key"])
    for method, path in (("GET", "/api/sms/alerts"), ("GET", SETTINGS), ("PUT", SETTINGS)):
        answer = await bound.request(method, path, json={} if method == "PUT" else None)
        assert (answer.status, answer.json["error"]["code"]) == (403, "INSUFFICIENT_SCOPE")


async def test_the_list_has_pages(shared: World) -> None:
    for env, count in (("live", 3), ("test", 1)):
        for n in range(count):
            currency = ("EUR", "USD", "GBP")[n]
            await shared.gateway.cli("ledger", "top-up", "other", "1", "--currency", currency, "--env", env)
    await put(shared.other, lowBalance=[5])

    async def all_told() -> bool:
        return len((await listed(shared.other))["items"]) == 3

    await shared.until(all_told, "three alerts")
    whole = await listed(shared.other)
    assert (whole["nextCursor"], whole["limit"]) == (None, 20)
    answer = await shared.other.request("GET", "/api/sms/alerts", params={"limit": "2"})
    first = answer.json
    assert f'</api/sms/alerts?cursor={first["nextCursor"]}&limit=2>; rel="next"' == answer.headers["Link"]
    second = await listed(shared.other, cursor=first["nextCursor"], limit="2")
    assert first["items"] + second["items"] == whole["items"]
    assert second["nextCursor"] is None
    foreign = await shared.api.request("GET", "/api/sms/alerts", params={"cursor": first["nextCursor"]})
    assert (foreign.status, foreign.json["error"]["code"]) == (400, "INVALID_REQUEST")
