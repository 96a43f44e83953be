"""What a worker says to its supervisor, and what it does with signals, from its start on: the real process."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.cli.service import HEEDED, READY, STARTS
from tests.unit.gateway.cli.processes import TRUNKLINE, line_with, started

CONFIG = """\
[http]
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"
[store]
url = "postgresql://u@127.0.0.1:{port}/d"
"""
PATIENCE_S = 60.0


@dataclass
class Starting:
    """A worker whose store takes the connection and says nothing, so that it waits in its start."""

    process: subprocess.Popen[str]
    line: socket.socket

    def says(self, signs: int) -> list[bytes]:
        """Its first words."""
        heard = b""
        while heard.count(b"\n") < signs:
            data = self.line.recv(64)
            assert data, "it has ended"
            heard += data
        return heard.splitlines(keepends=True)


@pytest.fixture
def starting(tmp_path: Path) -> Iterator[Starting]:
    """As a supervisor starts it."""
    with socket.create_server(("127.0.0.1", 0)) as mute, _worker(tmp_path, mute.getsockname()[1]) as worker:
        yield worker


@contextmanager
def _worker(folder: Path, port: int) -> Iterator[Starting]:
    path = folder / "gateway.toml"
    path.write_text(CONFIG.format(port=port))
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE_S)
    line = theirs.fileno()
    words = ["serve", "--config", str(path), "--as-worker", "0", str(line), "-1", "--replaced", "hung", "3"]
    signal.pthread_sigmask(signal.SIG_BLOCK, HEEDED)
    try:
        process = subprocess.Popen(
            [TRUNKLINE, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=[line],
        )
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEEDED)
    with process, ours, theirs:
        theirs.close()
        try:
            yield Starting(process, ours)
        finally:
            process.kill()


def test_a_worker_gives_signs_while_its_start_waits(starting: Starting) -> None:
    """So that one that waits for the store or for a migration is not taken for one that hangs."""
    assert starting.says(3) == [STARTS] * 3
    assert starting.process.poll() is None


def test_signals_that_came_before_it_could_heed_them_do_not_end_it(starting: Starting) -> None:
    starting.process.send_signal(signal.SIGHUP)
    starting.process.send_signal(signal.SIGUSR2)
    assert READY not in starting.says(2)
    line_with(starting.process, "SIGUSR2 is for the supervisor")
    assert starting.process.poll() is None


def test_one_that_is_to_end_while_its_start_waits_ends_well(tmp_path: Path) -> None:
    """It has promised nothing: a stop beside a store that is away is no failure."""
    with socket.create_server(("127.0.0.1", 0)) as mute, _worker(tmp_path, mute.getsockname()[1]) as starting:
        starting.process.send_signal(signal.SIGTERM)
        starting.says(1)
        mute.accept()[0].close()
        line_with(starting.process, "the store is waited for no more")
        assert starting.process.wait(PATIENCE_S) == 0


def test_a_rolling_restart_is_nothing_for_a_single_process(tmp_path: Path) -> None:
    """It would end one that has no answer to it, undrained, where somebody signals all that have our name."""
    path = tmp_path / "gateway.toml"
    path.write_text(CONFIG.partition("[store]")[0])
    with started("serve", "--config", str(path), reads="stderr") as process:
        line_with(process, '"serving"')
        process.send_signal(signal.SIGUSR2)
        line_with(process, "SIGUSR2 is for the supervisor of --workers")
        process.send_signal(signal.SIGTERM)
        line_with(process, '"ended"')
        assert process.wait(PATIENCE_S) == 0
