"""What was acknowledged survives: kill -9, a full disk, a growing log; and commits are synchronous."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.words import Status
from gateway.errors import StoreUnavailable
from gateway.ports import ListQuery
from storage.open import open_store
from storage.sqlite import checkpoints
from storage.sqlite.connections import Writer
from storage.sqlite.store import SqliteStore
from tests.contract.made import NOW, acceptance, message

ROOT = Path(__file__).parents[3]


def test_each_commit_is_synced(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "trunkline.db")
    assert writer.connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert writer.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    writer.close()


# Accepts, answers and applies receipts in many racing tasks, and prints each message's id once it is acknowledged.
_LOAD = """
import asyncio, sys
from pathlib import Path
from storage.open import open_store
from tests.contract.made import (NOW, acceptance, answer, claimed, decide_answers, decide_receipt, receipt)

async def one(store, owner):
    while True:
        m = claimed(owner)
        await store.accept([acceptance(m, key=m.id.hex())])
        print("accepted", m.id.hex(), flush=True)
        await store.record_answers([answer(m, m.id.hex())], decide_answers)
        print("answered", m.id.hex(), flush=True)
        await store.apply_receipts([receipt(m, m.id.hex())], decide_receipt)
        print("received", m.id.hex(), flush=True)

async def main():
    store = open_store("sqlite:///trunkline.db", Path(sys.argv[1]))
    await store.open()
    owner = await store.register(NOW, "boot")
    await asyncio.gather(*(one(store, owner) for _ in range(16)))

asyncio.run(main())
"""


def printed_until_killed(folder: Path, lines: int) -> list[list[str]]:
    """The words of each whole line that the load had printed when it was killed in its middle."""
    load = subprocess.Popen(
        [sys.executable, "-c", _LOAD, str(folder)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert load.stdout is not None
    printed = [load.stdout.readline() for _ in range(lines)]
    load.send_signal(signal.SIGKILL)
    printed += load.stdout.readlines()
    load.stdout.close()
    assert load.wait(30) == -signal.SIGKILL
    return [line.split() for line in printed if line.endswith("\n")]


@pytest.mark.parametrize("lines", [40, 700])
async def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path, lines: int) -> None:
    whole = await asyncio.to_thread(printed_until_killed, tmp_path, lines)
    assert len(whole) >= lines
    store = open_store("sqlite:///trunkline.db", tmp_path)
    await store.open()
    await store.register(NOW, "boot")  # the dead process's lock is free
    reached = {
        "accepted": {Status.QUEUED, Status.SENT, Status.DELIVERED},
        "answered": {Status.SENT, Status.DELIVERED},
        "received": {Status.DELIVERED},
    }
    for word, message_id in whole:
        view = await store.message(bytes.fromhex(message_id))
        assert view is not None, message_id
        assert view.message.status in reached[word]
    await store.close()
    connection = sqlite3.connect(tmp_path / "trunkline.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


# Accepts until the file may grow no more (what a full disk looks like to a process), then lifts the limit.
_FULL = """
import asyncio, json, resource, signal, sys
from pathlib import Path
from gateway.errors import StoreUnavailable
from storage.open import open_store
from tests.contract.made import acceptance, message

async def main():
    store = open_store("sqlite:///trunkline.db", Path(sys.argv[1]))
    await store.open()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    taken, refused, error = [], [], ""
    while len(refused) < 3:
        m = message(body="x" * 1000)
        try:
            await store.accept([acceptance(m)])
            taken.append(m.id.hex())
        except StoreUnavailable as down:
            refused.append(m.id.hex())
            error = str(down)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    later = message()
    await store.accept([acceptance(later)])
    taken.append(later.id.hex())
    await store.close()
    print(json.dumps({"taken": taken, "refused": refused, "error": error}))

asyncio.run(main())
"""


async def test_a_full_disk_refuses_and_recovers(tmp_path: Path) -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", _FULL, str(tmp_path)],
        capture_output=True,
        cwd=ROOT,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert "check its disk" in told["error"]
    store = open_store("sqlite:///trunkline.db", tmp_path)
    await store.open()
    for message_id in told["taken"]:
        assert await store.message(bytes.fromhex(message_id)) is not None
    for message_id in told["refused"]:
        assert await store.message(bytes.fromhex(message_id)) is None
    await store.close()


async def test_a_full_database_fails_every_call_of_the_batch_and_recovers(tmp_path: Path) -> None:
    store = open_store("sqlite:///trunkline.db", tmp_path)
    assert isinstance(store, SqliteStore)
    await store.open()
    connection = store._writer.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    big = [message(body="x" * 1600) for _ in range(200)]
    results = await asyncio.gather(
        *(store.accept([acceptance(m)]) for m in big), store.probe(), return_exceptions=True
    )
    refused = [m for m, r in zip(big, results, strict=False) if isinstance(r, StoreUnavailable)]
    assert len(refused) > 100
    listed = ListQuery("acme", Env.LIVE, 1_000)
    assert len((await store.messages(listed)).items) == 200 - len(refused)
    connection.execute("PRAGMA max_page_count = 1073741823").fetchall()
    await store.accept([acceptance(*refused)])
    assert {m.id for m in (await store.messages(listed)).items} == {m.id for m in big}
    await store.close()


async def test_the_log_is_moved_into_the_file_while_writing_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "LOG_PAGES", 64)
    store = open_store("sqlite:///trunkline.db", tmp_path)
    await store.open()
    log = tmp_path / "trunkline.db-wal"
    written = 0
    for _ in range(200):
        await store.accept([acceptance(message(body="x" * 1_000)) for _ in range(10)])
        written += 10_000
    assert log.stat().st_size < written  # it began again several times, and held much less each time
    assert (tmp_path / "trunkline.db").stat().st_size > written / 2
    await store.close()
    assert not log.exists()


async def test_a_locked_store_is_unavailable_and_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store("sqlite:///trunkline.db", tmp_path)
    assert isinstance(store, SqliteStore)
    await store.open()
    store._writer.connection.execute("PRAGMA busy_timeout = 1").fetchall()
    other = sqlite3.connect(tmp_path / "trunkline.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        await store.probe()
    other.execute("ROLLBACK")
    other.close()
    await store.probe()
    assert await store.message(ids.first_id_at(NOW)) is None
    await store.close()


async def test_closing_in_the_middle_of_a_checkpoint_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "LOG_PAGES", 1)  # one after each commit
    for _ in range(30):
        store = open_store("sqlite:///trunkline.db", tmp_path)
        await store.open()
        await store.accept([acceptance(message())])
        await store.probe()
        await asyncio.wait_for(store.close(), 30)
