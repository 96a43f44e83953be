"""One message end to end: document 000's own example, each kind of text at the carrier, what the tenant is told."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

import pytest

from tests.acceptance.harness import handset
from tests.acceptance.harness.api import pointers, problem
from tests.acceptance.harness.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Document 000, 1.1, as it is printed.
EXAMPLE: dict[str, Any] = {
    "to": "+447700900123",
    "from": "+447700900999",
    "body": "Your code is 123456",
    "messageType": "SMS",
    "callbackUrl": "https://tenant.example.com/webhooks/sms",
    "metadata": {"campaignId": "camp-001"},
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


async def test_the_documents_example_is_taken_as_printed(shared: World) -> None:
    answer = await shared.api.request("POST", "/v1/sms/send", json=EXAMPLE)
    assert answer.status == 202
    assert answer.headers["Content-Type"] == "application/json"
    taken = answer.json
    assert list(taken) == ["messageId", "status", "segmentCount", "enqueuedAt"]
    assert uuid.UUID(taken["messageId"]).version == 7
    assert (taken["status"], taken["segmentCount"]) == ("QUEUED", 1)
    assert TIME.fullmatch(taken["enqueuedAt"])


async def test_a_message_goes_to_the_carrier_and_its_receipt_comes_back(shared: World) -> None:
    number = "+447700900124"
    example = {**EXAMPLE, "to": number, "callbackUrl": shared.sink.url("/tenant")}
    taken = (await shared.api.request("POST", "/v1/sms/send", json=example)).json
    identity = taken["messageId"]

    found = await shared.status(identity, "DELIVERED")
    (submit,) = await shared.submitted(to=number)
    assert bytes.fromhex(submit["short_message_hex"]) == b"Your code is 123456"
    wanted = {
        "to": "447700900124",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "from": "447700900999",
        "source_addr_ton": 1,
        "source_addr_npi": 1,
        "data_coding": 0,
        "esm_class": 0,
        "registered_delivery": 1,
        "protocol_id": 0,
        "service_type": "",
        "schedule_delivery_time": "",
        "replace_if_present_flag": 0,
        "tlvs": {},
    }
    assert {name: submit[name] for name in wanted} == wanted

    assert {name: found[name] for name in ("attemptCount", "operatorId", "routeId", "lastError")} == {
        "attemptCount": 1,
        "operatorId": "alpha",
        "routeId": "all",
        "lastError": None,
    }
    assert found["enqueuedAt"] == taken["enqueuedAt"]
    assert datetime.fromisoformat(found["processedAt"]) >= datetime.fromisoformat(found["enqueuedAt"])
    (attempt,) = found["attempts"]
    assert [part["operatorMessageId"] for part in attempt["parts"]] == [submit["id"]]

    hook = await shared.hook(identity, "message.delivered")
    assert hook.path == "/tenant", "the message's own callbackUrl comes before the account's webhook"
    assert hook.signed
    assert hook.headers["content-type"] == "application/json"
    assert hook.headers["webhook-id"] == hook.body["id"]
    assert b"\n" not in hook.raw
    assert TIME.fullmatch(hook.body["occurredAt"])
    wanted = {
        "messageId": identity,
        "status": "DELIVERED",
        "reason": None,
        "segmentCount": 1,
        "to": number,
        "from": "+447700900999",
        "operatorId": "alpha",
        "metadata": {"campaignId": "camp-001"},
    }
    assert {name: hook.data[name] for name in wanted} == wanted


async def test_without_a_callback_the_accounts_webhook_hears_of_it(shared: World) -> None:
    identity = await shared.api.sent(to="+447700900125")
    hook = await shared.hook(identity, "message.delivered")
    assert (hook.path, hook.signed) == ("/hooks", True)
    assert hook.data["metadata"] == {}


GSM7, UCS2 = 0, 8
SINGLE = "a" * 160
TEXTS: list[tuple[str, str, int, int]] = [
    ("plain", "Your code is 123456", GSM7, 1),
    ("whole alphabet", "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà", GSM7, 1),
    ("extension table", "^{}\\[~]|€", GSM7, 1),
    ("160 septets", SINGLE, GSM7, 1),
    ("161 septets", SINGLE + "b", GSM7, 2),
    ("306 septets", "c" * 306, GSM7, 2),
    ("307 septets", "c" * 307, GSM7, 3),
    ("an escape at the border", "d" * 152 + "€" + "e" * 100, GSM7, 2),
    ("1,600 characters", "0123456789" * 160, GSM7, 11),
    ("70 of UCS-2", "Ж" * 70, UCS2, 1),
    ("71 of UCS-2", "Ж" * 71, UCS2, 2),
    ("1,600 of UCS-2", "Привет, мир! " * 123 + "ж", UCS2, 24),
    ("one emoji", "Hello 👋", UCS2, 1),
    ("a surrogate pair at the border", "ж" * 66 + "👋" * 5, UCS2, 2),
    ("1,600 emoji", "👍" * 1600, UCS2, 49),
]


@pytest.mark.parametrize(
    ("number", "text", "coding", "parts"),
    [(f"+4477009002{at:02}", *rest) for at, (_, *rest) in enumerate(TEXTS)],
    ids=[text[0] for text in TEXTS],
)
async def test_a_text_arrives_whole(shared: World, number: str, text: str, coding: int, parts: int) -> None:
    answer = await shared.api.send(text, to=number)
    assert (answer.status, answer.json.get("segmentCount")) == (202, parts)
    await shared.status(answer.json["messageId"], "DELIVERED")
    submits = shared.submits(to=number)
    assert len(submits) == parts
    assert handset.texts(submits) == [text]
    assert {submit["data_coding"] for submit in submits} == {coding}
    segments = [handset.read(submit) for submit in submits]
    # 140 octets of user data: 70 characters of UCS-2, or 160 septets, of which a header of six octets takes seven.
    assert max(segment.octets for segment in segments) <= (
        140 if coding == UCS2 else 160 if parts == 1 else 159
    )
    assert len({segment.reference for segment in segments}) == 1
    assert [segment.number for segment in segments] == list(range(1, parts + 1)), "first attempts go in order"


async def test_two_long_messages_to_one_phone_have_different_references(shared: World) -> None:
    number, texts = "+447700900300", ["x" * 200, "y" * 200]
    for text in texts:
        await shared.status(await shared.api.sent(text, to=number), "DELIVERED")
    assert sorted(handset.texts(shared.submits(to=number))) == texts


@pytest.mark.parametrize(("text", "coding"), [("Look at this", 0x10), ("Смотри", 0x18)])
async def test_flash_is_shown_at_once(shared: World, text: str, coding: int) -> None:
    """3GPP TS 23.038, 4: message class 0 in the coding group 0001."""
    number = f"+4477009004{coding:02}"
    identity = await shared.api.sent(text, to=number, messageType="FLASH")
    found = await shared.status(identity, "DELIVERED")
    assert found["messageType"] == "FLASH"
    assert [submit["data_coding"] for submit in shared.submits(to=number)] == [coding]
    assert handset.texts(shared.submits(to=number)) == [text]


@pytest.mark.parametrize(
    ("number", "sender", "wire", "ton", "npi"),
    [
        ("+447700905001", "Trunkline", "Trunkline", 5, 0),
        ("+447700905002", "My Shop 24", "My Shop 24", 5, 0),
        ("+447700905003", "80800", "80800", 3, 0),
        ("+447700905004", "+12025550123", "12025550123", 1, 1),
    ],
)
async def test_a_sender_is_written_as_what_it_is(
    shared: World, number: str, sender: str, wire: str, ton: int, npi: int
) -> None:
    await shared.api.sent(to=number, sender=sender)
    await shared.until(lambda: shared.submits(to=number), "the submit_sm")
    (submit,) = await shared.submitted(to=number)
    assert (submit["from"], submit["source_addr_ton"], submit["source_addr_npi"]) == (wire, ton, npi)


async def test_a_default_sender_stands_in(shared: World) -> None:
    """A setting changed beside the running gateway holds for the next request."""
    refused = await shared.other.send(sender=None)
    assert pointers(problem(refused, 400, "INVALID_PAYLOAD")) == {"/from"}
    await shared.gateway.cli("account", "set", "other", "default_sender=+447700900888")
    number = "+447700900126"
    identity = await shared.other.sent(sender=None, to=number)
    assert (await shared.other.message(identity))["from"] == "+447700900888"
    await shared.until(lambda: shared.submits(to=number), "the submit_sm")
    assert shared.submits(to=number)[0]["from"] == "447700900888"


async def test_metadata_comes_back_as_it_was(shared: World) -> None:
    metadata = {"campaignId": "camp-001", "näme": "Zoë 👋", "empty": "", "quote": '"\\'}
    identity = await shared.api.sent(to="+447700900127", metadata=metadata)
    assert (await shared.api.message(identity))["metadata"] == metadata
    assert (await shared.hook(identity, "message.delivered")).data["metadata"] == metadata


@pytest.mark.parametrize("kind", ["SMS", "OTP", "MARKETING"])
async def test_a_message_type_is_told_back(shared: World, kind: str) -> None:
    identity = await shared.api.sent(to="+447700900128", messageType=kind)
    assert (await shared.status(identity, "DELIVERED"))["messageType"] == kind


async def test_1601_characters_are_too_long(shared: World) -> None:
    number = "+447700900129"
    document = problem(await shared.api.send("é" * 1601, to=number), 400, "SMS_BODY_TOO_LONG")
    assert "1601" in document["detail"]
    assert shared.submits(to=number) == []


async def test_webhook_events_on_request(shared: World) -> None:
    """`message.sent` is told where the account asks for it, and before the final event."""
    await shared.gateway.cli(
        *("account", "set", "other", f"webhook_url={shared.sink.url('/other')}"),
        "webhook_events=sent,delivered",
    )
    identity = await shared.other.sent(to="+447700900130", sender="+447700900888")
    await shared.hook(identity, "message.delivered")
    assert [hook.type for hook in shared.sink.of(identity)] == ["message.sent", "message.delivered"]
    assert [hook.data["status"] for hook in shared.sink.of(identity)] == ["SENT", "DELIVERED"]
