"""Exports beside a running gateway, as an operator's scheduler runs them; kill -9 in the middle of one."""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
import os
import signal
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from gateway.domain import cdr, ids
from gateway.domain.account import Env
from gateway.domain.message import Message
from gateway.domain.send import Acceptance
from gateway.domain.words import Priority, Status
from gateway.ports import Store
from storage.open import open_store
from tests.acceptance.harness.gateway import TRUNKLINE
from tests.acceptance.harness.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

MESSAGES = 40_000
PAGE = 2_000


def past_day() -> date:
    """A day that is over, within retention."""
    return (datetime.now(UTC) - timedelta(days=3)).date()


def message(day: date, n: int) -> Message:
    """One that was delivered on a day."""
    at = cdr.end_of(day) - timedelta(days=1) + timedelta(milliseconds=n)
    made = Message(
        ids.first_id_at(at)[:9] + n.to_bytes(6, "big") + b"\0",
        "acme",
        Env.LIVE,
        "orchestrator",
        "ACME",
        f"+4477{n:08}",
        "A secret code",
        1,
        Priority.TRANSACTIONAL,
        at,
        at + timedelta(days=30),  # nothing that a test leaves open ends by itself
    )
    made.status, made.final_at = Status.DELIVERED, at
    return made


async def beside(at: World) -> Store:
    """The gateway's store, opened by another process."""
    store = open_store(at.gateway.document["store"]["url"], at.gateway.folder)
    await store.open()
    return store


async def fill(at: World, day: date, messages: int) -> None:
    store = await beside(at)
    for start in range(0, messages, PAGE):
        made = [message(day, n) for n in range(start, min(start + PAGE, messages))]
        await store.accept([Acceptance([*made], None, made[0].accepted_at)])
    await store.close()


def manifest_of(folder: Path, day: date) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / f"trunkline-cdr-{day}.manifest.json").read_text())
    return found


def text_of(folder: Path, day: date) -> str:
    return gzip.decompress((folder / f"trunkline-cdr-{day}.csv.gz").read_bytes()).decode()


async def test_a_killed_export_goes_on_and_gives_the_same_file(fresh: World) -> None:
    day, out = past_day(), fresh.gateway.folder / "killed"
    await fill(fresh, day, MESSAGES)
    line = ("cdr", "export", "--day", day.isoformat(), "--out")
    await fresh.gateway.cli(*line, str(fresh.gateway.folder / "whole"))
    process = await asyncio.create_subprocess_exec(
        TRUNKLINE, *line, str(out), "--config", fresh.gateway.path, env={**os.environ}
    )
    state = out / f"trunkline-cdr-{day}.csv.gz.part.json"

    def under_way() -> bool:
        return state.exists() and PAGE <= json.loads(state.read_text())["rows"] < MESSAGES

    await fresh.until(under_way, "some pages of the export")
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    assert under_way(), "killed in the middle"
    rows_before = json.loads(state.read_text())["rows"]
    told = await fresh.gateway.cli(*line, str(out), "--json")
    assert told.json["rows"] == MESSAGES
    assert told.err == "", "quiet in a pipe"
    assert text_of(out, day) == text_of(fresh.gateway.folder / "whole", day)
    assert manifest_of(out, day)["sha256"] == manifest_of(fresh.gateway.folder / "whole", day)["sha256"]
    assert PAGE <= rows_before < MESSAGES
    assert await fresh.api.sent(), "the gateway serves"


async def test_a_day_is_exported_then_dropped_beside_a_running_gateway(fresh: World) -> None:
    day, out = past_day(), fresh.gateway.folder / "cdr"
    await fill(fresh, day, 3_000)
    today = await fresh.api.sent("A secret code", to="+447700910009")
    await fresh.status(today, "DELIVERED")
    line = ("cdr", "export", "--day", day.isoformat(), "--out", str(out))
    assert "3000 message(s), verified" in (await fresh.gateway.cli(*line)).out
    text = text_of(out, day)
    assert len(list(csv.reader(text.splitlines()))) == 3_001
    assert "secret" not in text
    first = ids.text(message(day, 0).id)
    assert (await fresh.api.message(first))["status"] == "DELIVERED"
    assert "dropped" in (await fresh.gateway.cli(*line, "--drop")).out
    assert (await fresh.api.request("GET", f"/v1/sms/{first}")).status == 404
    assert (await fresh.api.message(today))["status"] == "DELIVERED"
    assert (await fresh.gateway.cli(*line, "--drop")).status == 0, "once more is no harm"
    assert text_of(out, day) == text


async def test_what_an_export_refuses(fresh: World) -> None:
    folder = str(fresh.gateway.folder / "cdr")
    today = datetime.now(UTC).date().isoformat()
    refused = await fresh.gateway.cli("cdr", "export", "--day", today, "--out", folder, status=1)
    assert "when it is over" in refused.err
    assert refused.err.count("\n") == 1
    await fresh.gateway.cli("cdr", "export", "--day", "yesterday", "--out", folder, status=2)
    await fresh.gateway.cli("cdr", "export", "--day", today, status=2)


async def test_a_day_that_is_not_all_final_is_not_dropped(fresh: World) -> None:
    day, out = past_day(), fresh.gateway.folder / "cdr"
    await fill(fresh, day, 10)
    still_open = message(day, 5).recipient
    await fresh.store.change(
        f"UPDATE messages SET status = 'sent', final_at = NULL WHERE recipient = '{still_open}'"
    )
    line = ("cdr", "export", "--day", day.isoformat(), "--out", str(out), "--drop")
    refused = await fresh.gateway.cli(*line, status=1)
    assert "1 message(s)" in refused.err
    assert "nothing was dropped" in refused.err
    assert manifest_of(out, day)["not_final"] == 1
    first = ids.text(message(day, 0).id)
    assert (await fresh.api.message(first))["status"] == "DELIVERED"


async def test_an_account_is_exported_beside_a_running_gateway(fresh: World) -> None:
    identity = await fresh.api.sent("A text", to="+447700910010")
    await fresh.status(identity, "DELIVERED")
    await fresh.hook(identity, "message.delivered")
    path = fresh.gateway.folder / "acme.jsonl.gz"
    told = await fresh.gateway.cli("account", "export", "acme", "--out", str(path))
    assert "1 message" in told.out
    assert told.err == ""
    text = gzip.decompress(path.read_bytes()).decode()
    lines = [json.loads(line) for line in text.splitlines()]
    (sent,) = [line for line in lines if line["kind"] == "message"]
    assert (sent["message_id"], sent["body"], sent["status"]) == (identity, "A text", "delivered")
    assert [part["state"] for part in sent["attempts"]] == ["delivered"]
    assert fresh.api.key not in text
    assert fresh.sink.secrets[0] not in text
    assert (
        "exists" in (await fresh.gateway.cli("account", "export", "acme", "--out", str(path), status=1)).err
    )
    await fresh.gateway.cli("account", "export", "nobody", "--out", str(path) + "2", status=1)
    await fresh.gateway.cli("account", "export", "acme", status=2)
