"""Where log lines go: they are lost rather than that they take the gateway with them."""

from __future__ import annotations

import errno
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from gateway.app.logs import Lines, set_up


class Disk(io.StringIO):
    """A stream on a disk that is full for a while."""

    full = False

    def flush(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def disk() -> Iterator[Disk]:
    """That disk; logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Disk()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_log_that_can_not_be_written_raises_nothing(
    disk: Disk, style: Literal["json", "console"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", disk)
    set_up("info", style)
    disk.full = True
    structlog.get_logger("gateway.test").error("the store is down", error="full")
    logging.getLogger("a.library").error("it is full")
    disk.full = False
    disk.truncate(0)
    structlog.get_logger("gateway.test").info("room again")
    first, second = disk.getvalue().replace("\0", "").splitlines()
    assert json.loads(first) == {"event": "log lines were lost", "lines": 2, "level": "error"}
    assert "room again" in second


def test_lines_are_written_as_they_are(disk: Disk) -> None:
    lines = Lines(disk)
    assert lines.write("one\n") == 4
    assert lines.write("two\n") == 4
    assert disk.getvalue() == "one\ntwo\n"
    assert not lines.isatty()


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_library_s_error_has_its_traceback(
    disk: Disk, style: Literal["json", "console"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", disk)
    set_up("info", style)
    try:
        raise ValueError("of somebody else")
    except ValueError:
        logging.getLogger("a.library").exception("it failed")
    assert "Traceback (most recent call last)" in disk.getvalue()
    assert "ValueError: of somebody else" in disk.getvalue()
    assert "<traceback object" not in disk.getvalue()
