"""CPU time and memory from /proc, written here as proc(5) has it, and from the real one."""

import os
import time
from pathlib import Path

import pytest

from gateway.bench import procfs

# proc(5): pid (comm) state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime
STAT = "{pid} ({comm}) S {ppid} 1 1 0 -1 4194560 10 20 0 0 {utime} {stime} {cutime} {cstime} 20 0 3 0 100 1000 50"
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A gateway (10) with a child (11) and a grandchild (12), and a stranger (20)."""
    for pid, ppid, ticks in (
        (10, 1, (100, 50, 7, 3)),
        (11, 10, (10, 5, 0, 0)),
        (12, 11, (1, 0, 0, 0)),
        (20, 1, (9, 9, 9, 9)),
    ):
        (tmp_path / str(pid)).mkdir()
        times = dict(zip(("utime", "stime", "cutime", "cstime"), ticks, strict=True))
        (tmp_path / str(pid) / "stat").write_text(
            STAT.format(pid=pid, comm="python -m (x) y", ppid=ppid, **times)
        )
        (tmp_path / str(pid) / "status").write_text(
            f"Name:\tx\nVmHWM:\t  9999 kB\nVmRSS:\t  {pid * 100} kB\n"
        )
    (tmp_path / "self").mkdir()
    return tmp_path


def test_the_children_of_a_process_are_not_its_grandchildren(proc: Path) -> None:
    assert [procfs.children(pid, proc) for pid in (10, 11, 12)] == [[11], [12], []]


def test_a_name_may_hold_blanks_and_brackets() -> None:
    text = STAT.format(pid=7, comm="a) S 9 (b", ppid=3, utime=2, stime=3, cutime=4, cstime=5)
    assert procfs.parse_stat(text) == procfs.Stat(3, 14 / TICKS)


def test_children_and_their_children_count(proc: Path) -> None:
    assert procfs.family([10], proc) == {10, 11, 12}
    assert procfs.cpu_s([10], proc) == pytest.approx(176 / TICKS)
    assert procfs.rss_octets([10], proc) == 3300 * 1024


def test_a_process_that_has_ended_counts_nothing(proc: Path) -> None:
    assert procfs.cpu_s([99], proc) == 0
    assert procfs.rss_octets([99], proc) == 0
    assert procfs.parse_rss("Name:\tx\nState:\tZ (zombie)\n") == 0


def test_our_own_work_is_seen() -> None:
    before = procfs.cpu_s([os.getpid()])
    ended = time.process_time() + 0.05
    while time.process_time() < ended:
        sum(range(1000))
    assert procfs.cpu_s([os.getpid()]) > before
    assert procfs.rss_octets([os.getpid()]) > 2**20


def test_the_innermost_mount_tells_the_file_system(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/vda / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n/dev/vdb /run/data xfs rw 0 0\n")
    found = [
        procfs.filesystem(Path(path), mounts)
        for path in ("/srv/x", "/run", "/run/lock", "/run/data/1", "/runner")
    ]
    assert found == ["ext4", "tmpfs", "tmpfs", "xfs", "ext4"]
