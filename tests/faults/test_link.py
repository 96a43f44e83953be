"""Faults of the link to a carrier: it is cut, refused, flooded with nonsense, or flaps. Nothing is lost by them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.config import operator
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world
from tests.faults.evidence import times_sent
from tests.faults.load import Post, answers

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 60.0
WINDOW = 20


@pytest_asyncio.fixture(loop_scope="module")
async def patient(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    """A doubt waits for its receipt longer than the test does."""
    alpha = {"window": WINDOW, "on_doubt_wait_s": 300}
    async with world(template, tmp_path, operators={"alpha": alpha}) as built:
        yield built


@pytest_asyncio.fixture(loop_scope="module")
async def hasty(template: Template, tmp_path: Path) -> AsyncIterator[World]:
    """A doubt without a receipt is sent again after a second."""
    alpha = {"window": WINDOW, "on_doubt_wait_s": 1}
    async with world(template, tmp_path, operators={"alpha": alpha}) as built:
        yield built


async def test_cut_after_the_write_the_receipt_comes(patient: World) -> None:
    """The carrier had it: its receipt comes over the next connection and is taken for the part in doubt."""
    await patient.smsc.set(drop_after=1)
    identity = await patient.api.sent()
    found = await patient.status(identity, "DELIVERED")
    assert found["attemptCount"] == 1
    assert len(patient.submits()) == 1
    assert len(patient.smsc.named("bind")) == 2


async def test_cut_after_the_write_no_receipt_comes(hasty: World) -> None:
    """It is sent again when its time is over."""
    await hasty.smsc.set(drop_after=1, receipts=False)
    identity = await hasty.api.sent()
    await hasty.until(lambda: len(hasty.smsc.named("bind")) == 2, "a second bind")
    await hasty.smsc.set(receipts=True)
    found = await hasty.status(identity, "DELIVERED")
    assert found["attemptCount"] == 2
    assert len(hasty.submits()) == 2


async def test_cut_within_a_long_message(patient: World) -> None:
    """Three parts are in doubt, and three receipts come with ids that nobody knows: they are taken in order."""
    await patient.smsc.set(drop_after=1, receipt_delay_ms=500)
    identity = await patient.api.sent("Ж" * 200)
    found = await patient.status(identity, "DELIVERED")
    assert [part["state"] for part in found["attempts"][0]["parts"]] == ["DELIVERED"] * 3
    assert list(times_sent(patient.submits()).values()) == [1, 1, 1]


async def test_flaps_under_load(hasty: World) -> None:
    """The line is cut at every fortieth submit, six times, in the middle of a load."""
    flaps = 6
    posts = [Post(number, f"+44770093{number:04}", f"Flapping {number}") for number in range(400)]
    await hasty.smsc.set(receipt_delay_ms=3000, answer_delay_ms=5, drop_after=40)
    answered = await answers(hasty.gateway.port, hasty.api.key, posts)
    for flap in range(1, flaps + 1):
        await hasty.until(lambda: len(hasty.smsc.named("closed")) == flap, f"flap {flap}", PATIENCE_S)  # noqa: B023
        await hasty.smsc.set(drop_after=40 if flap < flaps else 0)
    for post in answered:
        await hasty.status(post.identity, "DELIVERED")
    sent = times_sent(hasty.submits())
    assert set(sent) == {(post.to, 1) for post in posts}
    assert sum(times - 1 for times in sent.values()) <= flaps * WINDOW


async def test_bind_refused(template: Template, tmp_path: Path) -> None:
    """What the carrier said stands where the NOC looks; the gateway is ready all the same, and messages wait."""
    refused = {"alpha": {"refuse_binds": 0x0E}}  # ESME_RINVPASWD
    async with world(template, tmp_path, carriers=refused, start=False) as at:
        await at.gateway.start()
        identity = await at.api.sent()
        facts = await at.until(lambda: told(at, "ESME_RINVPASWD"), "the refusal in `operator list`")
        assert facts["state"] == "down"
        status, health = await at.gateway.health("ready")
        assert (status, health["operators"]["alpha"]["up"]) == (200, False)
        assert "ESME_RINVPASWD" in health["operators"]["alpha"]["binds"][0]["last_error"]
        assert (await at.api.message(identity))["status"] == "QUEUED"
        await at.smsc.set(refuse_binds=0)
        await at.status(identity, "DELIVERED")
        await at.until(lambda: is_up(at), "`operator list` to say up")


async def is_up(at: World) -> bool:
    return (await told_of(at)).get("state") == "up"


async def told_of(at: World) -> dict[str, Any]:
    """What `trunkline operator list` says of alpha."""
    every: list[dict[str, Any]] = (await at.gateway.cli("operator", "list", "--json")).json
    return next((each for each in every if each["operator"] == "alpha"), {"binds": []})


async def told(at: World, words: str) -> dict[str, Any] | None:
    facts = await told_of(at)
    return facts if any(words in str(bind["last_error"]) for bind in facts["binds"]) else None


NONSENSE = {
    "no SMPP at all": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "a length below the header's": bytes.fromhex("0000000f000000150000000000000001"),
    "a length beyond all bounds": bytes.fromhex("7fffffff000000050000000000000001"),
    "ones": b"\xff" * 64,
}


@pytest.mark.parametrize("octets", NONSENSE.values(), ids=NONSENSE)
async def test_garbage_ends_the_connection_alone(patient: World, octets: bytes) -> None:
    """With a part unanswered: it is in doubt, its receipt comes over the next bind, and others go on."""
    await patient.smsc.set(answer="never", receipt_delay_ms=500)
    identity = await patient.api.sent(to="+447700940001")
    await patient.until(patient.submits, "the part with the carrier")
    await patient.smsc.order("garbage", hex=octets.hex())
    await patient.until(lambda: patient.smsc.named("closed"), "the connection to end")
    await patient.smsc.set(answer="now")
    await patient.status(identity, "DELIVERED")
    await patient.status(await patient.api.sent(to="+447700940002"), "DELIVERED")
    assert len(patient.submits()) == 2
    assert len(patient.smsc.named("bind")) == 2
    assert await counted(patient, "bad_pdu") == 1
    assert patient.gateway.running


async def counted(at: World, kind: str) -> float:
    """Bad input from carriers of one kind."""
    return (await at.gateway.metrics()).value("bad_input_total", source="smpp", kind=kind)


BAD_PDUS = {  # whether it is answered with a generic_nack, and what it counts as
    "a command that there is not": (bytes.fromhex("00000010 00000999 00000000 00000063"), True, "bad_pdu"),
    "a request that is ours to make": (
        bytes.fromhex("00000015 00000003 00000000 00000064 3100000000"),
        True,
        "refused_request",
    ),
    "an answer to nothing": (
        bytes.fromhex("00000011 80000004 00000000 00000065 00"),
        False,
        "unknown_answer",
    ),
    "a deliver_sm that ends early": (
        bytes.fromhex("00000014 00000005 00000000 00000066 00010131"),
        False,
        "bad_pdu",
    ),
}


@pytest.mark.parametrize(("octets", "nacked", "kind"), BAD_PDUS.values(), ids=BAD_PDUS)
async def test_a_bad_pdu_ends_nothing(patient: World, octets: bytes, nacked: bool, kind: str) -> None:
    """The bind stays, and the next message goes over it."""
    await patient.smsc.order("garbage", hex=octets.hex())
    if nacked:
        await patient.until(lambda: patient.smsc.named("nacked"), "a generic_nack")
    await patient.status(await patient.api.sent(), "DELIVERED")
    assert await counted(patient, kind) == 1
    assert len(patient.smsc.named("bind")) == 1
    assert not patient.smsc.named("closed")


async def test_a_carrier_that_hears_nothing_more(template: Template, tmp_path: Path) -> None:
    """Half an open connection: it is noticed by enquire_link, ended, and made anew."""
    alpha = {"enquire_link_s": 1, "response_timeout_s": 1, "on_doubt_wait_s": 1}
    async with world(template, tmp_path, operators={"alpha": alpha}) as at:
        await at.smsc.order("deafen")
        identity = await at.api.sent()
        await at.until(lambda: len(at.smsc.named("bind")) == 2, "a second bind")
        await at.status(identity, "DELIVERED")


async def test_one_carrier_away_and_another_there(template: Template, tmp_path: Path) -> None:
    """What waits for the one goes to the other; a part in doubt stays, for the first may have it."""
    carriers: dict[str, dict[str, Any]] = {"alpha": {}, "beta": {}}
    operators = {name: operator(name, 1) for name in carriers}
    del operators["alpha"]["port"], operators["beta"]["port"]
    patience = {name: {"on_doubt_wait_s": 300} for name in carriers}
    async with world(template, tmp_path, carriers=carriers, operators=patience) as at:
        await at.carriers["alpha"].set(answer="never", receipts=False)
        doubtful = await at.api.sent(to="+447700950001")
        await at.until(lambda: at.submits("alpha"), "the part with alpha")
        await at.carriers["alpha"].order("close")
        await at.until(lambda: is_down(at, "alpha"), "alpha to be down")
        for number in range(20):
            await at.status(await at.api.sent(to=f"+4477009501{number:02}"), "DELIVERED")
        assert len(at.submits("beta")) == 20
        assert (await at.api.message(doubtful))["status"] == "QUEUED"


async def is_down(at: World, name: str) -> bool:
    _, facts = await at.gateway.health("ready")
    return not facts["operators"][name]["up"]
