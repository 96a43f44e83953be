"""The outbox on a running gateway: a failed SMS from its first send to its last resend, with money on both sides."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import Answer, Api
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEND = "/api/sms/send"
LIST = "/api/sms/outbox"
EXPORT = "/api/sms/outbox/export"
RESEND = "/api/sms/outbox/resend"

FAILS = "+447400000004"
"""Numbers of the simulated carrier of the test environment (docs/simulator.md): taken, then reported as failed;"""
REFUSED = "+447400000001"  #: refused at once;
STOPS = "+447400000006"  #: delivered, and answered with STOP;
DELIVERED = "+447400000100"  #: delivered.


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def metered(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world in which acme pays 0.025 EUR for a segment, and has 10 EUR in its test environment."""
    folder: Path = tmp_path_factory.mktemp("outbox")
    (folder / "plans").mkdir()
    (folder / "plans" / "standard.csv").write_text("prefix,price,currency\n44,0.025,EUR\n")
    async with world(template, folder, config={"rates": {"plans": "plans/*.csv"}}) as built:
        settings = ("rate_plan=standard", "default_sender=ACME", "suppress_on=")
        await built.gateway.cli("account", "set", "acme", *settings)
        await built.gateway.cli("ledger", "top-up", "acme", "10", "--env", "test")
        yield built


async def send(api: Api, key: str = "", **fields: Any) -> Answer:
    """POST /api/sms/send."""
    headers = {"Idempotency-Key": key} if key else {}
    document = {"recipientPhoneNumber": DELIVERED, "message": "Your code is 123456", **fields}
    return await api.request("POST", SEND, json=document, headers=headers)


async def sent(api: Api, **fields: Any) -> str:
    """As `send`, which must be accepted; the entry's id."""
    answer = await send(api, **fields)
    assert answer.status == 201, answer
    identity: str = answer.json["outboxId"]
    return identity


async def entry(api: Api, identity: str) -> Any:
    """An entry; its amounts are decimals, as they were written."""
    answer = await api.request("GET", f"{LIST}/{identity}")
    assert answer.status == 200, answer
    return json.loads(answer.body, parse_float=Decimal)


async def with_status(at: World, api: Api, identity: str, wanted: str, retries: int = 0) -> Any:
    """Wait until an entry has this status, after so many resends."""

    async def look() -> Any:
        found = await entry(api, identity)
        return found if (found["status"], found["retryCount"]) == (wanted, retries) else None

    return await at.until(look, f"entry {identity} to be {wanted}")


async def resend(api: Api, identity: str) -> Answer:
    """POST /api/sms/outbox/resend for one."""
    return await api.request("POST", RESEND, json={"outboxId": identity})


def code(answer: Answer) -> tuple[int, str]:
    """Status and code of an error."""
    return answer.status, answer.json["error"]["code"]


async def rows(api: Api, **params: str) -> list[dict[str, str]]:
    """All rows of an export, by following Link."""
    text, path = "", EXPORT
    query: dict[str, str] | None = {"limit": "2", **params}
    while True:
        answer = await api.request("GET", path, params=query)
        assert answer.status == 200, answer
        text += answer.body.decode()
        if "Link" not in answer.headers:
            return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        path, query = answer.headers["Link"].partition(">")[0].removeprefix("<"), None


def total(found: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in found), Decimal(0))


async def test_a_failed_sms_from_its_first_send_to_its_last_resend(metered: World) -> None:
    """Document 002: "Failed SMS can be retried via the Outbox Resend Endpoint." "The system caps retries at a
    configurable limit (e.g., 3 attempts)." "Costs are calculated per unit and stored in the Outbox for each SMS
    transaction." """
    api, tag = metered.tester, {"tags": ["story"]}
    charged = await sent(api, recipientPhoneNumber=FAILS, **tag)
    free = await sent(api, recipientPhoneNumber=REFUSED, message="x" * 161, **tag)
    first = await with_status(metered, api, charged, "failed")
    assert (first["smsUnitsUsed"], first["totalCost"]) == (1, Decimal("0.025")), "a carrier took it"
    released = await with_status(metered, api, free, "failed")
    assert (released["smsUnitsUsed"], released["totalCost"]) == (0, 0), "no carrier did"
    for count in (1, 2, 3):
        again = await resend(api, charged)
        assert again.status == 201, again
        assert (again.json["outboxId"], again.json["retryCount"]) == (charged, count)
        await with_status(metered, api, charged, "failed", count)
    assert code(await resend(api, charged)) == (409, "RETRY_LIMIT_REACHED")
    last = await entry(api, charged)
    assert (len(last["attempts"]), last["totalCost"]) == (4, Decimal("0.1"))
    listed = (await api.request("GET", LIST, params={"tag": "story"})).json["items"]
    assert [item["outboxId"] for item in listed] == [charged, free], "the newest message is the first one's"

    exported = await rows(api, tag="story")
    assert len(exported) == 5
    assert (total(exported, "cost"), total(exported, "released")) == (Decimal("0.1"), Decimal("0.05"))
    await metered.gateway.cli("ledger", "verify")


async def test_a_period_of_the_export_is_the_ledgers(metered: World) -> None:
    """Document 002: "This ensures reconciliation and transparency for both users and admins." """
    api = metered.tester
    for recipient in (DELIVERED, REFUSED, FAILS):
        identity = await sent(api, recipientPhoneNumber=recipient, message="y" * 161)
        await with_status(metered, api, identity, "sent" if recipient == DELIVERED else "failed")
    exported = await rows(api)
    ledger = await metered.gateway.cli("ledger", "list", "acme", "--env", "test", "--json")
    for column, kind in (("reserved", "reservation"), ("settled", "settlement"), ("released", "release")):
        booked = [each for each in ledger.json if each["kind"] == kind]
        moved = sum((abs(Decimal(each["held"])) for each in booked), Decimal(0))
        assert total(exported, column) == moved > 0, column


async def test_many_resends_at_the_same_moment_are_one(metered: World) -> None:
    api = metered.tester
    identity = await sent(api, recipientPhoneNumber=REFUSED)
    await with_status(metered, api, identity, "failed")
    answers = await asyncio.gather(*(resend(api, identity) for _ in range(8)))
    made = {answer.json["messageId"] for answer in answers if answer.status == 201}
    others = {code(answer) for answer in answers if answer.status != 201}
    assert others <= {(409, "NOT_FAILED")}, "it was sent again a moment ago"
    assert len((await entry(api, identity))["attempts"]) == 1 + len(made)
    assert made, answers


async def test_a_replay_is_byte_identical_also_after_a_restart(metered: World) -> None:
    api = metered.tester
    first = await send(api, "restart", tags=["restart"], customData={"order": {"id": 7}})
    await with_status(metered, api, first.json["outboxId"], "sent")
    page = await api.request("GET", LIST, params={"limit": "1"})
    await metered.gateway.restart()
    again = await send(api, "restart", tags=["restart"], customData={"order": {"id": 7}})
    assert (again.status, again.body) == (201, first.body)
    found = await entry(api, first.json["outboxId"])
    assert (found["tags"], found["customData"]) == (["restart"], {"order": {"id": 7}})
    following = await api.request("GET", LIST, params={"cursor": page.json["nextCursor"], "limit": "1"})
    assert following.status == 200, "cursors outlive the process"
    assert following.json["items"] != page.json["items"]


async def test_one_message_in_the_words_of_two_dialects(metered: World) -> None:
    """CONTRACTS: a message sent by one dialect can be read, in its own words, by every other."""
    identity = await metered.tester.sent("Hello", to=FAILS, sender="ACME", metadata={"campaign": "a"})
    found = await with_status(metered, metered.tester, f"obx_{identity.replace('-', '')}", "failed")
    assert (found["messageId"], found["customData"]) == (identity, {"campaign": "a"})
    again = await resend(metered.tester, found["outboxId"])
    shown = await metered.tester.message(again.json["messageId"])
    assert (shown["to"], shown["metadata"]) == (FAILS, {"campaign": "a"})


async def test_webhooks_speak_the_dialect(metered: World) -> None:
    identity = await sent(metered.tester, tags=["hook"], customData={"a": {"b": 1}})
    found = await with_status(metered, metered.tester, identity, "sent")
    hook = await metered.hook(found["messageId"], "message.delivered")
    assert hook.signed
    assert (hook.data["outboxId"], hook.data["status"]) == (identity, "sent")
    assert (hook.data["tags"], hook.data["customData"]) == (["hook"], {"a": {"b": 1}})


async def test_a_stop_is_told_in_the_dialect_and_obeyed(metered: World) -> None:
    """One suppression list under every dialect."""
    identity = await sent(metered.tester, recipientPhoneNumber=STOPS, customData={"a": {"b": 2}})
    hooks = await metered.until(lambda: metered.sink.taken("message.inbound"), "a STOP")
    assert (hooks[0].data["action"], hooks[0].data["from"]) == ("stop", STOPS)
    assert hooks[0].data["customData"] == {"a": {"b": 2}}
    await with_status(metered, metered.tester, identity, "sent")
    refused = await send(metered.tester, recipientPhoneNumber=STOPS)
    assert code(refused) == (422, "RECIPIENT_SUPPRESSED")


async def test_without_money_nothing_is_kept(metered: World) -> None:
    """The live environment has no money: nothing reaches the carrier."""
    answer = await send(metered.api)
    assert code(answer) == (402, "INSUFFICIENT_BALANCE")
    assert (await metered.api.request("GET", LIST)).json["items"] == []
    assert metered.submits() == []


async def test_a_carrier_without_receipts_leaves_nothing_pending(template: Template, tmp_path: Path) -> None:
    """CONTRACTS, "Statuses": `sent`, when the operator gives no receipts."""
    async with world(template, tmp_path, operators={"alpha": {"receipts": "none"}}) as at:
        await at.gateway.cli("account", "set", "acme", "webhook_events=sent")
        identity = await sent(at.api, senderId="ACME")
        found = await with_status(at, at.api, identity, "sent")
        assert found["timestamps"]["sentAt"] is not None
        hook = await at.hook(found["messageId"], "message.sent")
        assert hook.data["status"] == "sent"
        assert (await at.api.message(found["messageId"]))["status"] == "SENT"
        assert (await at.api.request("GET", LIST, params={"status": "pending"})).json["items"] == []
