"""What can be seen of a running gateway: metrics of every stage, logs without secrets, ids that lead through it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import SENDER, message
from tests.acceptance.harness.gateway import Metrics, Template
from tests.acceptance.harness.world import World, world

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(why="metrics, logs and ids come from above the store"),
]

BODY = "The launch code is Xylophon-7341"
PHONE = "+447700913001"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def busy(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A gateway that has had a bit of everything: throttling, a refusal, a lost bind, a STOP, failing webhooks."""
    folder: Path = tmp_path_factory.mktemp("busy")
    config = {
        "webhooks": {"schedule": [0.05]},
        "routes": [{"id": "uk", "to": ["+44"], "operators": ["alpha"]}],
        "log": {"level": "debug"},
    }
    async with world(template, folder, config=config) as at:
        await at.smsc.set(throttle_next=1)
        at.sink.answers.append(500)
        identity = await at.api.sent(BODY, to=PHONE)
        await at.hook(identity, "message.delivered")
        assert (await at.api.send(to="nobody")).status == 400
        assert (await at.api.as_caller("sok_live_wrong").send()).status == 401
        await at.status(await at.api.sent(to="+33612345678"), "FAILED")
        await at.smsc.order("inbound", **{"from": PHONE[1:], "to": SENDER[1:], "text": "STOP"})
        await at.until(lambda: len(at.submits(to=PHONE)) == 3, "the reply to STOP")
        assert (await at.api.send(to=PHONE)).status == 422
        await at.smsc.order("drop")
        await at.until(lambda: len(at.smsc.named("bind")) == 2, "a second bind")
        await at.bound()
        yield at


@pytest.mark.parametrize(
    ("name", "labels", "least"),
    [
        ("http_requests_total", {"route": "/v1/sms/send", "status": "202"}, 2),
        ("http_requests_total", {"route": "/v1/sms/send", "status": "401"}, 1),
        ("http_request_seconds_count", {"route": "/v1/sms/send"}, 5),
        ("bad_input_total", {"source": "http", "kind": "INVALID_DESTINATION"}, 1),
        ("bad_input_total", {"source": "http", "kind": "UNAUTHENTICATED"}, 1),
        ("messages_accepted_total", {"dialect": "orchestrator", "env": "live"}, 2),
        ("messages_refused_total", {"why": "invalid_recipient"}, 1),
        ("messages_refused_total", {"why": "suppressed"}, 1),
        ("messages_ended_total", {"status": "delivered"}, 1),
        ("messages_ended_total", {"status": "failed", "reason": "no_route"}, 1),
        ("submits_total", {"operator": "alpha", "command_status": "ESME_ROK"}, 2),
        ("submits_total", {"operator": "alpha", "command_status": "ESME_RTHROTTLED"}, 1),
        ("submit_seconds_count", {"operator": "alpha"}, 3),
        ("throttle_pauses_total", {"operator": "alpha"}, 1),
        ("bind_losses_total", {"operator": "alpha"}, 1),
        ("binds_up", {"operator": "alpha"}, 1),
        ("binds_configured", {"operator": "alpha"}, 1),
        ("window_size_parts", {"operator": "alpha"}, 100),
        ("receipts_total", {"operator": "alpha", "effect": "applied", "state": "delivered"}, 1),
        ("inbound_messages_total", {"operator": "alpha", "action": "stop", "owned": "yes"}, 1),
        ("webhook_tries_total", {"outcome": "retry"}, 1),
        ("webhook_tries_total", {"outcome": "delivered"}, 2),
        ("webhook_lag_seconds_count", {}, 2),
        ("store_commit_seconds_count", {}, 5),
        ("store_batch_items_count", {}, 5),
        ("build_info", {}, 1),
    ],
)
async def test_every_stage_is_counted(busy: World, name: str, labels: dict[str, str], least: float) -> None:
    async def counted() -> bool:
        return (await busy.gateway.metrics()).value(name, **labels) >= least

    await busy.until(counted, f"trunkline_{name}{labels} to reach {least}", timeout_s=7)


@pytest.mark.differs
async def test_what_waits_can_be_seen(template: Template, tmp_path: Path) -> None:
    """Three wait behind one that is in flight: the queue's length and age, and the window, tell of it."""
    async with world(template, tmp_path, operators={"alpha": {"window": 1}}) as at:
        await at.smsc.set(answer="never")
        for number in range(8):
            await at.api.sent(to=f"+44770091310{number}")
        seen: list[Metrics] = []

        async def waits() -> bool:
            seen.append(await at.gateway.metrics())
            labels = {"operator": "alpha", "class": "transactional"}
            return (
                seen[-1].value("waiting_messages", **labels) >= 3
                and seen[-1].value("waiting_age_seconds", **labels) > 0
            )

        await at.until(waits, "the queue to be seen")
        assert seen[-1].value("window_used_parts", operator="alpha") == 1
        await at.smsc.set(answer="now")
        await at.smsc.order("release")

        async def flown() -> bool:
            return (await at.gateway.metrics()).value("waiting_messages") == 0

        await at.until(flown, "the queue to be empty")


async def test_every_metric_says_what_to_do(busy: World) -> None:
    text = (await busy.gateway.metrics()).text
    helps = dict(re.findall(r"^# HELP (trunkline_\w+) (.+)$", text, re.MULTILINE))
    assert len(helps) > 25
    assert [name for name, words in helps.items() if len(words.split()) < 3] == []


async def test_no_tenant_or_number_is_a_label(busy: World) -> None:
    text = (await busy.gateway.metrics()).text
    for word in ("acme", PHONE[1:], SENDER[1:], "sok_", "127.0.0.1", "Xylophon"):
        assert word not in text, word


async def test_logs_hold_no_body_no_number_and_no_secret(busy: World) -> None:
    """Promise 6, at the most talkative level."""
    log = busy.gateway.log
    template = busy.template
    assert "opted out" in log, "something was logged of this phone"
    secrets = {
        "body": "Xylophon",
        "recipient": PHONE[1:],
        "sender": SENDER[1:],
        "other": "33612345678",
        "key": template.key,
        "wrong key": "sok_live_wrong",
        "webhook secret": template.secret,
        "SMPP password": "secret12",
        "national part": PHONE[-9:],
    }
    assert [name for name, secret in secrets.items() if secret in log] == []


async def test_logs_are_json_lines(busy: World) -> None:
    lines = [json.loads(line) for line in busy.gateway.log.splitlines()]
    assert len(lines) >= 4
    for line in lines:
        assert {"event", "level", "timestamp"} <= line.keys(), line


async def test_no_line_per_message_at_the_default_level(fresh: World) -> None:
    await fresh.status(await fresh.api.sent(to="+447700913200"), "DELIVERED")
    before = fresh.gateway.log
    bulk = await fresh.api.bulk([message(to=f"+4477009133{at:02}") for at in range(100)])
    ids = {item["messageId"] for item in bulk.json["accepted"]}
    await fresh.until(lambda: ids <= {hook.data["messageId"] for hook in fresh.sink.taken()}, "100 webhooks")
    assert fresh.gateway.log == before


async def test_a_request_id_is_answered_and_kept(busy: World) -> None:
    answer = await busy.api.request(
        "POST",
        "/v1/sms/send",
        json=message(to="+447700913002"),
        headers={"X-Request-Id": "kong-4711", "traceparent": TRACE},
    )
    assert answer.headers["X-Request-Id"] == "kong-4711"
    assert answer.headers["traceparent"] == TRACE
    shown = (await busy.gateway.cli("message", "show", answer.json["messageId"], "--json")).json
    assert (shown["request_id"], shown["traceparent"]) == ("kong-4711", TRACE)


async def test_a_request_id_is_in_the_error(busy: World) -> None:
    answer = await busy.api.request(
        "POST", "/v1/sms/send", json={}, headers={"X-Request-Id": "kong-4712", "traceparent": TRACE}
    )
    assert answer.json["requestId"] == answer.headers["X-Request-Id"] == "kong-4712"
    assert answer.headers["traceparent"] == TRACE


@pytest.mark.parametrize("given", ["", "with space", "x" * 129, "tab\there", '"quoted"', "ä"])
async def test_an_unfit_request_id_is_replaced(busy: World, given: str) -> None:
    answer = await busy.api.request("GET", "/v1/sms", headers={"X-Request-Id": given})
    assert re.fullmatch(r"req_[0-9A-HJKMNP-TV-Z]{26}", answer.headers["X-Request-Id"])


@pytest.mark.parametrize(
    "given",
    ["nonsense", "00-0-0-0", TRACE.upper(), TRACE.replace("b7ad6b7169203331", "0" * 16), "ff" + TRACE[2:]],
)
async def test_an_invalid_traceparent_is_ignored(busy: World, given: str) -> None:
    answer = await busy.api.request("GET", "/v1/sms", headers={"traceparent": given})
    assert answer.status == 200
    assert "traceparent" not in answer.headers


async def test_two_requests_have_two_ids(busy: World) -> None:
    first, second = await busy.api.list(), await busy.api.list()
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


async def test_health_lists_the_binds(busy: World) -> None:
    assert (await busy.gateway.health("live"))[0] == 200
    status, facts = await busy.gateway.health("ready")
    assert (status, facts["status"], facts["store"]) == (200, "ok", "ok")
    (bind,) = facts["operators"]["alpha"]["binds"]
    assert (bind["state"], bind["window"]) == ("bound", 100)


async def test_an_answer_tells_no_version_and_no_traceback(busy: World) -> None:
    answer = await busy.api.request("GET", "/nowhere")
    assert answer.headers["Server"] == "trunkline"
    assert b"Traceback" not in answer.body
