"""Where log lines go: they are lost rather than that they take the gateway with them."""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Literal

import pytest
import structlog

from gateway.app import logs
from gateway.app.logs import BURST_S, TELL_EACH_S, Bursts, Lines, set_up


class Disk(io.StringIO):
    """A stream on a disk that is full for a while."""

    full = False

    def flush(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def disk() -> Disk:
    """That disk."""
    return Disk()


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_log_that_can_not_be_written_raises_nothing(
    disk: Disk, style: Literal["json", "console"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", disk)
    settle = set_up("info", style)
    disk.full = True
    structlog.get_logger("gateway.test").error("the store is down", error="full")
    logging.getLogger("a.library").error("it is full")
    settle()
    disk.full = False
    disk.truncate(0)
    structlog.get_logger("gateway.test").info("room again")
    settle()
    first, second = disk.getvalue().replace("\0", "").splitlines()
    assert json.loads(first) == {"event": "log lines were lost", "lines": 2, "level": "error"}
    assert "room again" in second


def test_lines_are_written_as_they_are(disk: Disk) -> None:
    lines = Lines(disk)
    assert lines.write("one\n") == 4
    assert lines.write("two\n") == 4
    lines.settle()
    assert disk.getvalue() == "one\ntwo\n"
    assert not lines.isatty()


class Frozen(io.StringIO):
    """A stream on a disk that hangs until it is thawed."""

    def __init__(self) -> None:
        super().__init__()
        self.thawed = threading.Event()

    def flush(self) -> None:
        assert self.thawed.wait(10)


def test_a_log_that_hangs_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither who writes a line nor who wants to end; what is more than may wait is counted."""
    monkeypatch.setattr(logs, "WAITING_LINES", 2)
    frozen = Frozen()
    lines = Lines(frozen)
    lines.write("one\n")
    lines.settle(0)
    wait_until(lambda: frozen.getvalue() == "one\n")
    for word in ("two", "three", "four"):
        assert lines.write(f"{word}\n") == len(word) + 1
    lines.settle(0)
    frozen.thawed.set()
    lines.settle()
    assert frozen.getvalue().splitlines() == [
        "one",
        '{"event": "log lines were lost", "lines": 2, "level": "error"}',
        "two",
    ]


def test_a_process_whose_log_hangs_ends() -> None:
    """Python's own stream to that reader is not held when it is flushed at the end."""
    code = (
        "from gateway.app import logs; import structlog; logs.FLUSH_S = 0.1; settle = logs.set_up('info', 'json');"
        "[structlog.get_logger().info('x' * 1000) for _ in range(1000)]; settle(0.1)"
    )
    reads, writes = os.pipe()
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    try:
        done = subprocess.run([sys.executable, "-c", code], stderr=writes, env=bare, timeout=30, check=False)
    finally:
        os.close(reads)
        os.close(writes)
    assert done.returncode == 0


def wait_until(condition: Callable[[], bool]) -> None:
    """For a thread."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_library_s_error_has_its_traceback(
    disk: Disk, style: Literal["json", "console"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", disk)
    settle = set_up("info", style)
    try:
        raise ValueError("of somebody else")
    except ValueError:
        logging.getLogger("a.library").exception("it failed")
    settle()
    assert "Traceback (most recent call last)" in disk.getvalue()
    assert "ValueError: of somebody else" in disk.getvalue()
    assert "<traceback object" not in disk.getvalue()


class TestBursts:
    """What every task says twice a second of one trouble is told now and then."""

    def told(self, times: list[float], **differs: list[object]) -> list[int | None]:
        """Of a line at each of these times: None when it is left out, else how many were before it."""
        now = 0.0
        bursts = Bursts(lambda: now)
        found: list[int | None] = []
        for index, now in enumerate(times):
            line = {
                "event": "waits for the store",
                "level": "error",
                "error": "away",
                "unrecorded": index,
                "timestamp": str(now),
            }
            try:
                passed = bursts(None, "", line | {key: values[index] for key, values in differs.items()})
            except structlog.DropEvent:
                found.append(None)
            else:
                found.append(int(passed.get("repeated", 0)))
        return found

    def test_once_and_then_each_half_minute_with_how_many_were_left_out(self) -> None:
        times = [second / 2 for second in range(2 * int(TELL_EACH_S) + 2)]
        assert self.told(times) == [0, *[None] * 59, 59, None]

    def test_what_comes_again_later_is_told_again(self) -> None:
        assert self.told([0, 1, 2, 2 + BURST_S + 0.1]) == [0, None, None, 2]

    @pytest.mark.parametrize(
        ("key", "values"),
        [
            ("operator", ["alpha", "beta"]),
            ("bind", [0, 1]),
            ("error", ["away", "full"]),
            ("level", ["info", "info"]),
        ],
    )
    def test_another_line_is_another_one(self, key: str, values: list[object]) -> None:
        assert self.told([0, 0.1], **{key: values}) == [0, 0]

    def test_what_is_no_error_of_a_loop_is_told_each_time(self) -> None:
        """A refused reload above all: who asks again at once wants an answer."""
        bursts = Bursts(lambda: 0.0)
        for _ in range(2):
            line = {"event": "reload refused", "level": "error", "errors": "gateway.toml:1: ..."}
            assert bursts(None, "", dict(line)) == line

    def test_memory_is_bounded(self) -> None:
        bursts = Bursts(lambda: 0.0)
        for number in range(3_000):
            bursts(None, "", {"event": f"trouble {number}", "level": "error", "error": "away"})
        assert len(bursts._known) <= 1_000
