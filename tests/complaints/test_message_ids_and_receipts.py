"""Complaints 1 to 10: a carrier's ids and receipts."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.domain.words import PartState, Reason, Status
from gateway.simulator import FinalState, Rule, Share, with_quirks
from tests.complaints.scene import QUICK, scene, set_up

NOWHERE = "http://127.0.0.1:9/hooks"  # nobody listens: events are made, and wait
LONG = "A long text, " * 30  # three parts


@pytest.mark.parametrize(
    ("quirk", "rule"), [("hex-id", "hex_then_decimal"), ("decimal-id", "decimal_then_hex")]
)
async def test_01_id_in_another_base_in_the_receipt(tmp_path: Path, quirk: str, rule: str) -> None:
    """jookies/jasmin#210, elibom/mokai#8: found by itself, and told after some receipts; by its rule as well."""
    async with scene(tmp_path, with_quirks(QUICK, [quirk])) as play:
        for message_id in await play.send_all([f"number {n}" for n in range(10)]):
            await play.reach(message_id)
        assert play.state()["message_ids"] == rule
    (tmp_path / "ruled").mkdir()
    async with scene(tmp_path / "ruled", with_quirks(QUICK, [quirk]), message_ids=rule) as play:
        await play.reach(await play.send())


@pytest.mark.parametrize(
    ("quirk", "rule"), [("leading-zeros", "zeros"), ("id-case", "case"), ("uuid", "as_is")]
)
async def test_02_ids_with_zeros_in_another_case_or_no_numbers(tmp_path: Path, quirk: str, rule: str) -> None:
    """jookies/jasmin#423 #643 #1123 #405."""
    profile = with_quirks(QUICK.model_copy(update={"first_id": 0xABCDE}), [quirk])
    async with scene(tmp_path, profile) as play:
        for message_id in await play.send_all([f"number {n}" for n in range(10)]):
            await play.reach(message_id)
        assert play.state()["message_ids"] == rule


async def test_03_receipt_overtakes_the_answer(tmp_path: Path) -> None:
    """jookies/jasmin#375: kept until the answer comes."""
    async with scene(tmp_path, with_quirks(QUICK, ["receipt-first"])) as play:
        for message_id in await play.send_all([LONG, "short"]):
            await play.reach(message_id)


async def test_04_receipt_comes_by_another_bind(tmp_path: Path) -> None:
    """jookies/jasmin#599, node-smpp#175: parts of one message's recipient go by three binds, receipts by any."""
    async with scene(tmp_path, QUICK, binds=3, window=2) as play:
        await play.until(lambda: play.carrier.simulator.counters.binds == 3)
        for message_id in await play.send_all([f"number {n}" for n in range(30)]):
            await play.reach(message_id)


async def test_05_receipt_after_a_restart(tmp_path: Path) -> None:
    """Kannel's users, msg09214: what names a part is in the store."""
    slow = QUICK.model_copy(update={"receipt_delay_min_s": 60, "receipt_delay_max_s": 60})
    async with set_up(tmp_path, [slow], [{}]) as play:
        async with play.serving():
            message_id = await play.send()
            await play.reach(message_id, Status.SENT)
            (submit,) = play.carrier.submits
        async with play.serving():
            text = f"id:{submit.message_id} stat:DELIVRD err:000"
            play.carrier.simulator.inject(submit.pdu.destination_addr, submit.pdu.source_addr, text)
            await play.reach(message_id)


async def test_06_receipts_are_asked_for_each_part_and_make_one_end(tmp_path: Path) -> None:
    """jookies/jasmin#663 #789 #1136, ksmppd#35."""
    async with scene(tmp_path) as play:
        await play.reach(message_id := await play.send(LONG, callback_url=NOWHERE))
        assert [submit.pdu.registered_delivery for submit in play.carrier.submits] == [1, 1, 1]
        view = await play.look(message_id)
        assert [row.state for row in view.rows] == [PartState.DELIVERED] * 3
        assert view.message.events == 1


@pytest.mark.parametrize("part", ["first", "last"])
async def test_06_a_carrier_that_reports_on_one_part_alone(tmp_path: Path, part: str) -> None:
    """The same where the carrier gives no more: the one receipt speaks for all."""
    async with scene(tmp_path, receipts_for=part) as play:
        await play.reach(await play.send(LONG))
        assert [submit.pdu.registered_delivery for submit in play.carrier.submits] == (
            [1, 0, 0] if part == "first" else [0, 0, 1]
        )
        assert play.carrier.simulator.counters.receipts == 1


async def test_06_one_part_that_is_lost_loses_the_message(tmp_path: Path) -> None:
    profile = QUICK.model_copy(update={"rules": (Rule(every=3, state=FinalState.UNDELIV, err="027"),)})
    async with scene(tmp_path, profile, error_reasons={"027": "absent"}) as play:
        message = await play.reach(await play.send(LONG), Status.FAILED)
        assert message.reason is Reason.ABSENT


@pytest.mark.parametrize(
    "quirk",
    [
        "receipt-seconds",
        "receipt-no-sub",
        "receipt-commas",
        "receipt-capitals",
        "short-err",
        "no-tlv",
        "no-receipt-text",
        "esm-class-0",
    ],
)
async def test_07_receipts_as_vendors_write_them(tmp_path: Path, quirk: str) -> None:
    """opentelecoms-org/jsmpp#62, twitter-archive/cloudhopper-smpp#105, vumi#897, php-smpp#29 #70, naz#82."""
    alone = quirk in ("no-tlv", "no-receipt-text", "esm-class-0")
    quirks = [quirk] if alone else [quirk, "no-tlv"]
    async with scene(tmp_path, with_quirks(QUICK, quirks)) as play:
        await play.reach(await play.send())
        await play.until(lambda: play.carrier.simulator.counters.receipts_acknowledged == 1)


@pytest.mark.parametrize(
    ("state", "err", "status", "reason"),
    [
        (FinalState.FAILED, "001", Status.FAILED, Reason.CARRIER_ERROR),
        (FinalState.EXPIRED, "000", Status.UNDELIVERABLE, Reason.EXPIRED),
        (FinalState.REJECTD, "000", Status.FAILED, Reason.REJECTED_BY_CARRIER),
        (FinalState.DELETED, "000", Status.FAILED, Reason.REJECTED_BY_CARRIER),
    ],
)
async def test_07_the_words_of_a_receipt(
    tmp_path: Path, state: FinalState, err: str, status: Status, reason: Reason
) -> None:
    profile = QUICK.model_copy(
        update={"outcomes": (Share(percent=100, state=state, err=err),), "receipt_tlvs": False}
    )
    async with scene(tmp_path, profile) as play:
        message = await play.reach(await play.send(), status)
        assert message.reason is reason


async def test_08_an_intermediate_receipt_that_nobody_asked_for_ends_nothing(tmp_path: Path) -> None:
    """jookies/jasmin#885."""
    async with scene(tmp_path, with_quirks(QUICK, ["intermediate"])) as play:
        await play.reach(message_id := await play.send(callback_url=NOWHERE))
        assert (await play.look(message_id)).message.events == 1
        assert play.carrier.simulator.counters.receipts == 2


async def test_10_a_part_that_was_throttled_keeps_its_receipt(tmp_path: Path) -> None:
    """jookies/jasmin#796: the request for it went away with the second writing."""
    async with scene(tmp_path, with_quirks(QUICK, ["throttle"]), window=50) as play:
        for message_id in await play.send_all([f"number {n}" for n in range(25)]):
            await play.reach(message_id)
        assert play.carrier.simulator.counters.refused
        assert {submit.pdu.registered_delivery for submit in play.carrier.submits} == {1}


async def test_receipts_that_come_twice_change_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path, with_quirks(QUICK, ["duplicate-receipts"])) as play:
        await play.reach(message_id := await play.send(callback_url=NOWHERE))
        await play.until(lambda: play.carrier.simulator.counters.receipts_acknowledged == 2)
        assert (await play.look(message_id)).message.events == 1
