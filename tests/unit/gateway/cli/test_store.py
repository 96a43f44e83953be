"""`trunkline backup` that can not be finished: its disk is full, its folder can not be written, it is interrupted."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic

import pytest

from storage.open import open_store
from tests.contract.made import acceptance, message
from tests.unit.gateway.cli.conftest import Trunkline
from tests.unit.gateway.cli.processes import TRUNKLINE, running

MESSAGES = 4_000


@pytest.fixture
def large(config: Path) -> Path:
    """A configuration whose store has some megabytes: SQLite keeps two of a copy in memory before it writes."""

    async def fill() -> None:
        store = open_store("sqlite:///data/trunkline.db", config.parent)
        await store.open()
        await store.accept([acceptance(*(message(body="x" * 1_000) for _ in range(MESSAGES)))])
        await store.close()

    asyncio.run(fill())
    return config


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """In an empty folder."""
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder / "copy.db"


@contextmanager
def injected(config: Path, target: Path, fault: str) -> Iterator[subprocess.Popen[str]]:
    """A backup as a process of its own, with a fault in its calls on the copy or its folder (strace(1), inject)."""
    paths = ["-P", str(target.with_name("copy.db.partial")), "-P", str(target.parent)]
    calls = ["-e", f"trace={fault.partition(':')[0]}", "-e", f"inject={fault}"]
    strace = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", *paths, *calls]
    command = [*strace, TRUNKLINE, "backup", str(target), "--config", str(config)]
    with running(command, "stdout", "stderr") as process:
        yield process


def test_a_full_disk_leaves_nothing_behind(large: Path, target: Path) -> None:
    with injected(large, target, "pwrite64:error=ENOSPC:when=100+") as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert (
        f"trunkline: {target} can't be written (database or disk is full), and nothing of it is left: "
        in said
    )
    assert said.endswith(" MB free\n")
    assert said.count("\n") == 1, "one line, no traceback"
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("when", [1, 2], ids=["the copy", "its folder"])
def test_a_disk_that_keeps_nothing_leaves_nothing_behind(large: Path, target: Path, when: int) -> None:
    """A copy is told of when the disk has it, and its name (fsync(2))."""
    with injected(large, target, f"fsync:error=EIO:when={when}") as process:
        out, said = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert said.startswith(
        f"trunkline: {target} can't be written (Input/output error), and nothing of it is left"
    )
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_an_interrupted_one_leaves_nothing_behind(large: Path, target: Path, number: signal.Signals) -> None:
    partial = target.with_name("copy.db.partial")
    with injected(large, target, "pwrite64:delay_enter=2000") as process:
        until = monotonic() + 60
        while not (partial.exists() and partial.stat().st_size):
            assert process.poll() is None
            assert monotonic() < until
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (
        1,
        f"trunkline: {target}: interrupted, and nothing of it is left: begin again\n",
    )
    assert list(target.parent.iterdir()) == []


def test_what_a_killed_one_left_is_replaced(large: Path, target: Path, trunkline: Trunkline) -> None:
    for name in ("copy.db.partial", "copy.db.partial-journal"):
        target.with_name(name).write_text("of another one")
    trunkline("backup", str(target))
    assert list(target.parent.iterdir()) == [target]
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT count(*) FROM messages").fetchone() == (MESSAGES,)


@pytest.mark.parametrize(
    ("name", "why"),
    [("no/copy.db", "No such file or directory"), ("file/copy.db", "Not a directory")],
    ids=["no folder", "a file"],
)
def test_where_nothing_can_be_written(name: str, why: str, trunkline: Trunkline, target: Path) -> None:
    (target.parent / "file").touch()
    path = target.parent / name
    said = trunkline("backup", str(path), code=1).err
    assert said.startswith(
        f"trunkline: {path} can't be written ({why}), and nothing of it is left: name a file where"
    )
    assert [each.name for each in target.parent.iterdir()] == ["file"]
