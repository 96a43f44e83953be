"""Receipts: early, repeated, in other notations, of several parts, and what their states become."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def reasons(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A carrier whose `err` codes are its own, as its operator's configuration says."""
    codes = {"error_reasons": {"011": "invalid_number", "013": "blocked", "027": "absent"}}
    async with world(template, tmp_path_factory.mktemp("reasons"), operators={"alpha": codes}) as built:
        yield built


async def test_a_receipt_before_its_answer(shared: World) -> None:
    """It is parked durably, acknowledged, and applied when the answer comes."""
    number = "+447700904001"
    await shared.smsc.set(receipt_first=True, answer="never")
    try:
        identity = await shared.api.sent(to=number)
        await shared.until(lambda: shared.submits(to=number), "the submit_sm")
        (submit,) = await shared.submitted(to=number)
        await shared.until(lambda: acknowledged(shared, submit["id"]), "the receipt to be acknowledged")
        assert (await shared.api.message(identity))["status"] == "QUEUED", "its answer is still to come"
        await shared.smsc.order("release")
        await shared.status(identity, "DELIVERED")
    finally:
        await shared.smsc.set(receipt_first=False, answer="now")
    metrics = await shared.gateway.metrics()
    assert metrics.value("receipts_total", operator="alpha", effect="parked") >= 1


def acknowledged(at: World, ref: str) -> list[dict[str, Any]]:
    """The gateway's answers to receipts of this part."""
    return [told for told in at.smsc.named("answered") if told["id"] == ref and told["kind"] == "receipt"]


async def test_a_parked_receipt_outlives_the_process(template: Template, tmp_path: Path) -> None:
    """The receipt is acknowledged, then the gateway dies before the answer: the carrier never repeats what was
    acknowledged, so it must be durable."""
    settings = {"answer": "never", "receipt_first": True}
    async with world(template, tmp_path, carriers={"alpha": settings}) as at:
        identity = await at.api.sent()
        await at.until(lambda: at.smsc.named("answered"), "the receipt to be acknowledged")
        await at.gateway.kill9()
        await at.smsc.set(answer="now", receipts=False)
        await at.gateway.start()
        await at.status(identity, "DELIVERED")
        assert len(at.submits()) == 1, "matched by its address pair: nothing is sent twice"


@pytest.mark.parametrize("copies", [2, 5])
async def test_a_repeated_receipt_changes_nothing(shared: World, copies: int) -> None:
    number = f"+44770090401{copies}"
    await shared.smsc.set(receipt_copies=copies)
    try:
        identity = await shared.api.sent(to=number)
        await shared.until(lambda: shared.submits(to=number), "the submit_sm")
        ref = shared.submits(to=number)[0]["id"]
        await shared.until(lambda: len(acknowledged(shared, ref)) == copies, f"{copies} acknowledgements")
    finally:
        await shared.smsc.set(receipt_copies=1)
    assert {told["status"] for told in acknowledged(shared, ref)} == {0}
    found = await shared.status(identity, "DELIVERED")
    await shared.hook(identity, "message.delivered")
    # Were there a second event, it would come before that of a message sent later.
    await shared.hook(await shared.api.sent(to=number), "message.delivered")
    assert len(shared.sink.of(identity)) == 1
    again = await shared.api.message(identity)
    assert again == found


@pytest.mark.parametrize(
    ("number", "id_format", "tlvs", "first"),
    [
        ("+447700904021", "hex", True, 0xABCDEF),
        ("+447700904022", "decimal", False, 1234567890),
        ("+447700904023", "hex_then_decimal", True, 0x7A1B2C3D),
        ("+447700904024", "hex_then_decimal", False, 0x1F),
    ],
)
async def test_ids_in_either_notation(
    template: Template, tmp_path: Path, number: str, id_format: str, tlvs: bool, first: int
) -> None:
    settings = {"id_format": id_format, "receipt_tlvs": tlvs, "first_id": first}
    async with world(template, tmp_path, carriers={"alpha": settings}) as at:
        found = await at.status(await at.api.sent(to=number), "DELIVERED")
        (submit,) = await at.submitted(to=number)
        assert found["attempts"][0]["parts"][0]["operatorMessageId"] == submit["id"]


async def test_a_long_message_is_delivered_with_its_last_part(template: Template, tmp_path: Path) -> None:
    async with world(template, tmp_path, carriers={"alpha": {"receipts": False}}) as at:
        identity = await at.api.sent("Ж" * 200)
        await at.status(identity, "SENT")
        submits = at.submits()
        assert len(submits) == 3
        for done, submit in enumerate(submits):
            assert (await at.api.message(identity))["status"] == "SENT", f"after {done} of 3 receipts"
            await at.smsc.order("inbound", **receipt(submit, "DELIVRD"))
            await answered(at, done + 1)
        found = await at.status(identity, "DELIVERED")
        assert found["attemptCount"] == 1, "hand-overs are counted, not parts"
        assert [part["state"] for part in found["attempts"][0]["parts"]] == ["DELIVERED"] * 3


async def test_one_lost_part_makes_the_message_lost(template: Template, tmp_path: Path) -> None:
    async with world(template, tmp_path, carriers={"alpha": {"receipts": False}}) as at:
        identity = await at.api.sent("Ж" * 200)
        await at.status(identity, "SENT")
        for submit, stat in zip(at.submits(), ("DELIVRD", "EXPIRED", "DELIVRD"), strict=True):
            await at.smsc.order("inbound", **receipt(submit, stat))
        await answered(at, 3)
        found = await at.status(identity, "UNDELIVERABLE")
        assert found["reason"] == "expired"
        hook = await at.hook(identity, "message.undeliverable")
        assert (hook.data["status"], hook.data["reason"]) == ("UNDELIVERABLE", "expired")


async def answered(at: World, count: int) -> None:
    """Wait until the gateway has answered so many deliveries."""
    await at.until(lambda: len(at.smsc.named("answered")) == count, f"{count} acknowledgements")


def receipt(submit: dict[str, Any], stat: str) -> dict[str, Any]:
    """A receipt for a part, as text alone (SMPP 3.4, appendix B), to be sent on order."""
    text = f"id:{submit['id']} sub:001 dlvrd:001 submit date:2604181000 done date:2604181001 stat:{stat} err:000 text:"
    return {"from": submit["to"], "to": submit["from"], "text": text, "esm_class": 4}


@pytest.mark.parametrize(
    ("number", "stat", "err", "status", "reason"),
    [
        ("+447700904031", "EXPIRED", "000", "UNDELIVERABLE", "expired"),
        ("+447700904032", "UNDELIV", "011", "UNDELIVERABLE", "invalid_number"),
        ("+447700904033", "UNDELIV", "027", "FAILED", "absent"),
        ("+447700904034", "UNDELIV", "999", "FAILED", "carrier_error"),
        ("+447700904035", "REJECTD", "000", "FAILED", "rejected_by_carrier"),
        ("+447700904036", "REJECTD", "013", "UNDELIVERABLE", "blocked"),
        ("+447700904037", "DELETED", "000", "FAILED", "rejected_by_carrier"),
    ],
)
async def test_what_a_state_becomes(
    reasons: World, number: str, stat: str, err: str, status: str, reason: str
) -> None:
    await reasons.smsc.set(stat=stat, err=err)
    identity = await reasons.api.sent(to=number)
    found = await reasons.status(identity, status)
    assert found["reason"] == reason
    assert found["lastError"]["code"] == reason
    assert stat in found["lastError"]["operatorError"]
    kind = {"UNDELIVERABLE": "message.undeliverable", "FAILED": "message.failed"}[status]
    hook = await reasons.hook(identity, kind)
    assert hook.signed
    assert (hook.data["status"], hook.data["reason"]) == (status, reason)


async def test_a_bounce_suppresses_where_the_policy_says_so(reasons: World) -> None:
    """The default leaves out `expired`: such a phone may be on again tomorrow."""
    lost, late = "+447700904041", "+447700904042"
    await reasons.smsc.set(stat="UNDELIV", err="011")
    await reasons.status(await reasons.api.sent(to=lost), "UNDELIVERABLE")
    assert (await reasons.api.send(to=lost)).status == 422
    await reasons.smsc.set(stat="EXPIRED", err="000")
    await reasons.status(await reasons.api.sent(to=late), "UNDELIVERABLE")
    assert (await reasons.api.send(to=late)).status == 202


async def test_intermediate_states_end_nothing(template: Template, tmp_path: Path) -> None:
    async with world(template, tmp_path, carriers={"alpha": {"receipts": False}}) as at:
        identity = await at.api.sent()
        await at.status(identity, "SENT")
        (submit,) = await at.submitted()
        for done, stat in enumerate(("ENROUTE", "ACCEPTD", "ENROUTE"), 1):
            await at.smsc.order("inbound", **receipt(submit, stat))
            await answered(at, done)
            assert (await at.api.message(identity))["status"] == "SENT"
        await at.smsc.order("inbound", **receipt(submit, "DELIVRD"))
        await at.status(identity, "DELIVERED")


async def test_a_receipt_after_the_end_is_acknowledged_and_changes_nothing(shared: World) -> None:
    number = "+447700904051"
    identity = await shared.api.sent(to=number)
    found = await shared.status(identity, "DELIVERED")
    (submit,) = await shared.submitted(to=number)
    before = len(shared.smsc.named("answered"))
    await shared.smsc.order("inbound", **receipt(submit, "UNDELIV"))
    await shared.until(lambda: len(shared.smsc.named("answered")) > before, "acknowledgement")
    assert await shared.api.message(identity) == found


async def test_a_receipt_for_nothing_is_acknowledged_and_counted(shared: World) -> None:
    before = (await shared.gateway.metrics()).value("receipts_total", effect="parked")
    answered = len(shared.smsc.named("answered"))
    stranger = {"id": "nobody-knows-this", "to": "447700904061", "from": "447700900999"}
    await shared.smsc.order("inbound", **receipt(stranger, "DELIVRD"))
    await shared.until(lambda: len(shared.smsc.named("answered")) > answered, "acknowledgement")
    assert (await shared.gateway.metrics()).value("receipts_total", effect="parked") == before + 1
