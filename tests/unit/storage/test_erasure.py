"""What an erasure leaves in the file of the embedded store: nothing, in no table and no free page."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from gateway.domain.account import Env
from gateway.domain.erasure import Erasure
from gateway.domain.suppression import Suppression
from gateway.errors import StoreUnavailable
from gateway.ports import OperatorState, Owner
from storage.sqlite import erasure, late
from storage.sqlite.store import SqliteStore
from tests.contract.made import (
    NOW,
    PHONE,
    InboundDecider,
    acceptance,
    after,
    answer,
    decide_answers,
    decide_receipt,
    inbound,
    message,
    receipt,
)

DIGITS = PHONE.removeprefix("+").encode()


def asked() -> Erasure:
    return Erasure(PHONE, "erased:" + "0" * 32, None, NOW)


async def filled(path: Path) -> SqliteStore:
    """A store with something of the person in every table, among others' messages."""
    store = SqliteStore(path)
    await store.open()
    store.recognize(lambda number: f"erased:{number[::-1]:0>32}")
    await store.register(NOW, "boot")
    for n in range(20):
        mine = message(attempts=1, part_count=1, body=f"to Ann at {PHONE}", accepted_at=after(n))
        others = [message(recipient=f"+4477009{n:02}{k:03}") for k in range(20)]
        await store.accept([acceptance(mine, *others, key=f"k{n}")])
        await store.record_answers([answer(mine, f"ref-{n}", attempt=1)], decide_answers)
        mine.attempts = 2
        await store.record_answers([answer(mine, f"again-{n}", attempt=2)], decide_answers)
        await store.apply_receipts([receipt(mine, f"again-{n}")], decide_receipt)
    await store.apply_receipts([receipt(message(), "nobody's")], decide_receipt)
    await store.record_inbound([inbound("Ann here")], InboundDecider())
    await store.record_inbound([inbound("half", concat_ref=3, concat_total=2)], InboundDecider())
    await store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
    await store.accept([acceptance(message(), message(recipient="+447700900555"), key="refused")])
    return store


async def test_no_table_has_it_any_more(tmp_path: Path) -> None:
    store = await filled(tmp_path / "trunkline.db")
    done = await store.erase(asked())
    assert (done.messages, done.inbound, done.results, done.left) == (20, 1, 1, [])
    await store.close()
    with sqlite3.connect(tmp_path / "trunkline.db") as connection:
        dump = "\n".join(connection.iterdump())
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert DIGITS.decode() not in dump
    assert "Ann" not in dump
    assert dump.count("erased:") > 60


async def test_no_page_of_the_file_has_it_any_more(tmp_path: Path) -> None:
    path = tmp_path / "trunkline.db"
    store = await filled(path)
    await store.close()  # the log goes into the file
    assert DIGITS in path.read_bytes()
    store = SqliteStore(path)
    await store.open()
    await store.erase(asked())
    await store.close()
    octets = path.read_bytes()
    assert DIGITS not in octets
    assert b"Ann" not in octets


async def test_what_the_serving_process_has_indexed_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows in memory would go to the disk long after another process has erased the number."""
    path = tmp_path / "trunkline.db"
    store = await filled(path)
    await store.record_inbound([inbound("looks for the latest send")], InboundDecider())
    await store.write_states([OperatorState("alpha", 1, NOW, "up", [], 0, 0)])
    command = SqliteStore(path)
    await command.open()
    erasing = asyncio.create_task(command.erase(asked()))
    while not erasing.done():
        await store.take_commands(Owner(1, 1), NOW)
    assert (await erasing).messages == 20
    await command.close()
    monkeypatch.setattr(late, "GATHERED_ROWS", 8)
    monkeypatch.setattr(late, "SLICE_ROWS", 2)
    for n in range(60):
        others = [message(recipient=f"+447{n:02}{k:07}") for k in range(20)]
        await store.accept([acceptance(*others)])
        await store.record_inbound([inbound(f"{n}", sender="+447700900001")], InboundDecider())
    await store.close()
    with sqlite3.connect(path) as connection:
        (moved,) = connection.execute("SELECT count(*) FROM recipients").fetchone()
    connection.close()
    assert moved > 1_000, "the index went to the disk"
    assert DIGITS not in path.read_bytes()


async def test_a_serving_process_that_does_not_heed_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "SETTLE_WITHIN_S", 0.2)
    store = await filled(tmp_path / "trunkline.db")
    await store.write_states([OperatorState("alpha", 1, NOW, "up", [], 0, 0)])
    command = SqliteStore(tmp_path / "trunkline.db")
    await command.open()
    with pytest.raises(StoreUnavailable, match="does not heed"):
        await command.erase(asked())
    await command.close()
    await store.close()
