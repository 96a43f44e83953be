"""Two processes are asked to send the same entries again at the same moment: each is sent again once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.acceptance.harness.api import RECIPIENT, Answer
from tests.processes.fleet import Fleet, Prepared, fleet

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENTRIES = 3
CALLS = 6
ROLES = {"a": ["api"], "b": ["api"]}  # nobody sends: what is sent again stays where it is


async def failed(at: Fleet) -> str:
    """An entry whose message a person has given up."""
    document = {"recipientPhoneNumber": RECIPIENT, "message": "Hello", "senderId": "ACME"}
    answer = await at.api("a").request("POST", "/api/sms/send", json=document)
    assert answer.status == 201, answer
    await at.gateways["a"].cli("message", "fail", answer.json["messageId"])
    identity: str = answer.json["outboxId"]
    return identity


async def resend(at: Fleet, name: str, identity: str) -> Answer:
    """Through one of them."""
    return await at.api(name).request("POST", "/api/sms/outbox/resend", json={"outboxId": identity})


async def test_a_resend_through_two_processes_is_one(prepared: Prepared, tmp_path: Path) -> None:
    async with fleet(prepared, tmp_path, ROLES) as at:
        await at.start()
        entries = [await failed(at) for _ in range(ENTRIES)]
        for identity in entries:
            calls = [resend(at, name, identity) for _ in range(CALLS) for name in ROLES]
            answers = await asyncio.gather(*calls)
            made = {answer.json["messageId"] for answer in answers if answer.status == 201}
            others = {answer.json["error"]["code"] for answer in answers if answer.status != 201}
            assert len(made) == 1, answers
            assert others <= {"NOT_FAILED"}
            for name in ROLES:
                shown = await at.api(name).request("GET", f"/api/sms/outbox/{identity}")
                assert [each["status"] for each in shown.json["attempts"]] == ["failed", "pending"]
                assert shown.json["messageId"] in made
        listed = await at.api("b").request("GET", "/api/sms/outbox")
        assert [item["outboxId"] for item in listed.json["items"]] == entries[::-1]
