"""A probe against simulated carriers that have habits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.app.probe import TEXTS, Findings, advice, probe
from gateway.cli.probe import probe as command
from gateway.operators.smpp import Config
from gateway.simulator import Profile, Rule, Simulator, Submit, with_quirks
from routing.payloads import read
from smpp.constants import Status
from smpp.pdu import SubmitSm

QUICK = Profile(receipt_delay_min_s=0, receipt_delay_max_s=0)
PHONE = "+447700900123"


def utc_now() -> datetime:
    return datetime.now(UTC)


async def try_on(
    profile: Profile, submits: list[Submit] | None = None, wait_s: float = 10.0, **fields: Any
) -> Findings:
    """Probe a simulated carrier."""
    simulator = Simulator(profile, None if submits is None else submits.append)
    await simulator.start()
    port = simulator.port
    try:
        config = Config(id="alpha", host="127.0.0.1", port=port, system_id="esme", **fields)
        return await probe(config, "Trunkline", PHONE, clock=utc_now, wait_s=wait_s)
    finally:
        await simulator.stop()


async def test_every_difficult_text_arrives_as_it_was_sent() -> None:
    submits: list[Submit] = []
    findings = await try_on(QUICK, submits)
    assert findings.well
    assert [(part.answer, part.receipt, part.final) for part in findings.parts] == [
        ("taken", "DELIVRD err:000", True)
    ] * (len(TEXTS) + 1)
    read_back = [
        read(submit.pdu.short_message, submit.pdu.data_coding, bool(submit.pdu.esm_class & 0x40)).text or ""
        for submit in submits
        if isinstance(submit.pdu, SubmitSm)
    ]
    joined = [*read_back[:-2], read_back[-2] + read_back[-1]]
    assert joined == [f"{number}/{len(TEXTS)} {text}" for number, (_, text) in enumerate(TEXTS, start=1)]
    assert any('message_ids = "as_is"' in line for line in advice(findings))


async def test_ids_of_two_forms_are_told() -> None:
    findings = await try_on(with_quirks(QUICK, ["hex-id"]))
    assert all(part.receipt_ref != part.ref for part in findings.parts)
    assert any('message_ids = "hex_then_decimal"' in line for line in advice(findings))


async def test_what_is_not_taken_is_told_with_the_carriers_words() -> None:
    refusing = QUICK.model_copy(update={"rules": (Rule(to="0123", status=Status.ESME_RINVSRCADR),)})
    findings = await try_on(refusing)
    assert not findings.well
    assert {part.answer for part in findings.parts} == {"ESME_RINVSRCADR"}
    assert any("6 of 6 parts were not taken" in line for line in advice(findings))


async def test_receipts_that_do_not_come_are_told() -> None:
    findings = await try_on(with_quirks(QUICK, ["no-receipts"]), wait_s=0.2)
    assert findings.well
    assert any("6 parts have no final receipt yet" in line for line in advice(findings))


async def test_a_carrier_that_refuses_the_bind_is_told() -> None:
    simulator = Simulator(QUICK.model_copy(update={"system_id": "somebody-else"}))
    await simulator.start()
    port = simulator.port
    try:
        config = Config(id="alpha", host="127.0.0.1", port=port, system_id="esme")
        findings = await probe(config, "Trunkline", PHONE, clock=utc_now, bind_within_s=0.5)
    finally:
        await simulator.stop()
    assert not findings.well
    assert advice(findings) == [findings.failure]
    assert "ESME_RINVSYSID" in findings.failure or "ESME_RBINDFAIL" in findings.failure


async def test_what_is_for_the_gateway_is_left_with_the_carrier() -> None:
    """A probe's bind gets a person's message as any bind does; it must reach the gateway."""
    simulator = Simulator(QUICK.model_copy(update={"redeliver_s": 60.0, "receipts": False}))
    simulator.inject(PHONE, "+447700900999", "STOP")
    await simulator.start()
    port = simulator.port
    try:
        config = Config(id="alpha", host="127.0.0.1", port=port, system_id="esme")
        findings = await probe(config, "Trunkline", PHONE, clock=utc_now, wait_s=0.3)
    finally:
        await simulator.stop()
    assert findings.inbound == [PHONE]
    assert any("left with the carrier for the gateway" in line for line in advice(findings))


def test_an_operator_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('[[operators]]\nid = "sim"\nkind = "simulated"\n')
    result = CliRunner().invoke(command, ["sim", "--to", PHONE, "--config", str(file)])
    assert "there is no operator 'sim' of kind smpp" in str(result.exception)


def test_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.app.probe.BIND_WITHIN_S", 0.2)
    file = tmp_path / "gateway.toml"
    file.write_text(
        '[[operators]]\nid = "alpha"\nkind = "smpp"\nhost = "127.0.0.1"\nport = 9\nsystem_id = "x"\n'
    )
    result = CliRunner().invoke(command, ["alpha", "--to", PHONE, "--config", str(file), "--json"])
    told = json.loads(result.stdout)
    assert (result.exit_code, told["well"]) == (1, False)
    assert "not bound within 0.2 s" in told["failure"]
