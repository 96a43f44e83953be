"""The late indexes: what is looked up is found wherever it is, through slices, rollbacks and restarts."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Awaitable
from pathlib import Path

import pytest

from gateway.domain.account import Env
from gateway.domain.message import Message, PartRow, Step
from gateway.domain.send import Accepted
from gateway.ports import ListQuery, Store
from storage.open import open_store
from storage.sqlite import late
from tests.contract.made import NOW, InboundDecider, acceptance, inbound, message

PHONES = [f"+4477009{n:05}" for n in range(40)]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices that a test can fill."""
    monkeypatch.setattr(late, "GATHERED_ROWS", 64)
    monkeypatch.setattr(late, "SLICE_ROWS", 16)
    monkeypatch.setattr(late, "FRESH_ROWS", 8)


async def opened(folder: Path) -> Store:
    store = open_store("sqlite:///trunkline.db", folder)
    await store.open()
    return store


def broken(m: Message, rows: list[PartRow]) -> Step | None:
    raise ZeroDivisionError


async def fill(store: Store, first: int, count: int, *, failures: bool = False) -> list[Message]:
    """Messages to `PHONES` in disorder, each with a key of its own; some batches meet a call that fails."""
    order = random.Random(first)
    messages = [message(recipient=order.choice(PHONES), attempts=1) for _ in range(count)]
    for n in range(0, count, 10):
        calls: list[Awaitable[object]] = [
            store.accept([acceptance(m, key=f"key-{first + n + i}")])
            for i, m in enumerate(messages[n : n + 10])
        ]
        if failures and n % 30 == 0:
            calls.append(store.change([messages[0].id], broken))
        await asyncio.gather(*calls, return_exceptions=True)
    return messages


async def check(store: Store, messages: list[Message]) -> None:
    """Every key, every recipient's list and every prior send is found."""
    again = [acceptance(message(), key=f"key-{n}") for n in range(len(messages))]
    assert all(isinstance(r, Accepted) and r.replayed for r in await store.accept(again))
    for phone in PHONES:
        theirs = [m.id for m in messages if m.recipient == phone]
        page = (await store.messages(ListQuery("acme", Env.LIVE, 1_000, recipient=phone))).items
        assert sorted(m.id for m in page) == sorted(theirs)
        decide = InboundDecider()
        await store.record_inbound([inbound(sender=phone, fingerprint=b"")], decide)
        prior = decide.seen[0][1].prior
        assert (prior.message_id if prior else None) == (theirs[-1] if theirs else None)


def indexed(folder: Path) -> tuple[int, int, int]:
    """Rows of both indexes, and up to which number the first is complete."""
    connection = sqlite3.connect(folder / "trunkline.db")
    try:
        (recipients,) = connection.execute("SELECT count(*) FROM recipients").fetchone()
        (digests,) = connection.execute("SELECT count(*) FROM digests").fetchone()
        (until,) = connection.execute("SELECT value FROM meta WHERE name = 'recipients'").fetchone()
        missing = connection.execute(
            "SELECT count(*) FROM messages AS m WHERE number <= ? AND NOT EXISTS (SELECT 1 FROM recipients AS r"
            " WHERE r.recipient = m.recipient AND r.sender = m.sender AND r.number = m.number)",
            (until,),
        ).fetchone()
        assert missing == (0,)
        return recipients, digests, until
    finally:
        connection.close()


async def test_everything_is_found_while_slices_move(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    messages = await fill(store, 0, 600)
    recipients, digests, until = indexed(tmp_path)
    assert 500 <= recipients <= 600
    assert 500 <= digests <= 600
    assert 300 <= until <= 600
    await check(store, messages)
    await store.close()


async def test_a_restart_gathers_what_was_not_indexed(tmp_path: Path) -> None:
    messages: list[Message] = []
    for start in (0, 50, 250):
        store = await opened(tmp_path)
        messages += await fill(store, start, 130 if start == 250 else 50 if start == 0 else 200)
        await store.close()
    store = await opened(tmp_path)
    await check(store, messages)
    await store.close()
    indexed(tmp_path)


async def test_short_lives_leave_no_growing_rest(tmp_path: Path) -> None:
    messages: list[Message] = []
    for life in range(12):
        store = await opened(tmp_path)
        messages += await fill(store, life * 50, 50)
        await store.close()
        _, _, until = indexed(tmp_path)
        assert len(messages) - until <= 2 * late.GATHERED_ROWS + late.SLICE_ROWS
    store = await opened(tmp_path)
    await check(store, messages)
    await store.close()


async def test_a_rollback_loses_nothing(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    messages = await fill(store, 0, 400, failures=True)
    await check(store, messages)
    await store.close()
    indexed(tmp_path)


async def test_rows_of_another_process_are_found(tmp_path: Path) -> None:
    store, other = await opened(tmp_path), await opened(tmp_path)
    messages: list[Message] = []
    for start in range(0, 400, 100):
        messages += await fill(store, start, 50)
        messages += await fill(other, start + 50, 50)
    await check(store, messages)
    await check(other, messages)
    await store.close()
    await other.close()
    indexed(tmp_path)


async def test_dropped_messages_leave_no_places(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await fill(store, 0, 200)
    ids = [m.id for m in (await store.messages(ListQuery("acme", Env.LIVE, 1_000))).items]

    def finish(m: Message, rows: list[PartRow]) -> Step | None:
        m.final_at = NOW
        return Step(m)

    await store.change(ids, finish)
    await store.purge(NOW.replace(year=2027), 30)
    recipients, digests, _ = indexed(tmp_path)
    assert (recipients, digests) == (0, 0)
    messages = await fill(store, 0, 100)  # the same keys: they are new again
    await check(store, messages)
    await store.close()
