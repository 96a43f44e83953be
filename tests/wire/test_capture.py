"""What Wireshark makes of a capture, and that a gateway and the simulated carrier write the same one."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from gateway.app.probe import TEXTS, probe
from gateway.operators import smpp
from gateway.simulator import Profile, Simulator
from smpp.capture import Capture
from tests.unit.gateway.app.test_probe import PHONE, utc_now

QUICK = Profile(receipt_delay_min_s=0, receipt_delay_max_s=0)


def opened(path: Path) -> list[dict[str, list[str]]]:
    """The SMPP layers that Wireshark finds, by its own names of fields. It complains about none."""
    command = ["tshark", "-n", "-r", str(path), "-Y", "smpp", "-T", "json", "-o", "tcp.check_checksum:FALSE"]
    found = subprocess.run(command, capture_output=True, check=True, timeout=60)
    layers: list[dict[str, Any]] = [packet["_source"]["layers"] for packet in json.loads(found.stdout)]
    assert not [layer for layer in layers if "_ws.malformed" in layer]
    return [layer["smpp"] for layer in layers]


async def tried(tmp_path: Path, *, bodies: bool) -> tuple[list[Any], list[Any]]:
    """A probe of the simulated carrier, captured at both ends."""
    ours, theirs = tmp_path / "ours.pcap", tmp_path / "theirs.pcap"
    here, there = Capture.to(ours, bodies=bodies), Capture.to(theirs, bodies=bodies)
    simulator = Simulator(QUICK, capture=there)
    await simulator.start()
    try:
        values = {"id": "alpha", "host": "127.0.0.1", "port": simulator.port, "system_id": "esme"}
        config = smpp.Config.model_validate(values | {"password": "hunter2"})
        findings = await probe(config, "ACME", PHONE, clock=utc_now, wait_s=10, capture=here)
        assert findings.well
    finally:
        await simulator.stop()
        here.close()
        there.close()
    assert b"hunter2" not in ours.read_bytes() + theirs.read_bytes()
    return await asyncio.to_thread(opened, ours), await asyncio.to_thread(opened, theirs)


async def test_wireshark_reads_both_ends_alike(tmp_path: Path) -> None:
    ours, theirs = await tried(tmp_path, bodies=True)
    commands = Counter(layer["smpp.command_id"] for layer in ours)
    parts = len(TEXTS) + 1
    assert commands["0x00000004"] == commands["0x80000004"] == commands["0x00000005"] == parts
    assert commands["0x00000009"] == 1
    assert commands == Counter(layer["smpp.command_id"] for layer in theirs)
    texts = [layer["smpp.message"] for layer in ours if layer["smpp.command_id"] == "0x00000004"]
    assert bytes.fromhex(texts[1].replace(":", ""))[:4] == b"2/5 "
    assert {layer["smpp.destination_addr"] for layer in ours if layer["smpp.command_id"] == "0x00000004"} == {
        PHONE[1:]
    }


async def test_without_texts_and_whole_numbers_unless_asked(tmp_path: Path) -> None:
    ours, theirs = await tried(tmp_path, bodies=False)
    for end in (ours, theirs):
        submits = [layer for layer in end if layer["smpp.command_id"] == "0x00000004"]
        assert {layer["smpp.destination_addr"] for layer in submits} == {"44770****123"}
        assert all(
            set(bytes.fromhex(layer["smpp.message"].replace(":", ""))) <= {ord("*"), *range(6)}
            for layer in submits
        )
