"""CPU time and memory of processes, from /proc (Linux): all their threads, and their children."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the command's name, which may hold blanks and brackets: proc(5), fields 3 on.
_PPID, _UTIME, _STIME, _CUTIME, _CSTIME = 1, 11, 12, 13, 14


@dataclass(frozen=True, slots=True)
class Stat:
    """A process: its parent, and its CPU seconds with those of children that have ended."""

    parent: int
    cpu_s: float


def parse_stat(text: str) -> Stat:
    """/proc/PID/stat. Its times are of all threads."""
    fields = text[text.rindex(")") + 2 :].split()
    ticks = sum(int(fields[place]) for place in (_UTIME, _STIME, _CUTIME, _CSTIME))
    return Stat(int(fields[_PPID]), ticks / _TICKS_PER_S)


def parse_rss(status: str) -> int:
    """Octets resident, from /proc/PID/status; 0 for a process that has just ended."""
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def family(pids: Iterable[int], proc: Path = PROC) -> set[int]:
    """These processes and their descendants."""
    parents = {pid: stat.parent for pid in _all_pids(proc) if (stat := _stat(pid, proc)) is not None}
    found = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def children(pid: int, proc: Path = PROC) -> list[int]:
    """Those that this process has started, in the order of their numbers."""
    return sorted(
        each for each in _all_pids(proc) if (stat := _stat(each, proc)) is not None and stat.parent == pid
    )


def cpu_s(pids: Iterable[int], proc: Path = PROC) -> float:
    """CPU seconds of these processes and their descendants."""
    return sum(stat.cpu_s for pid in family(pids, proc) if (stat := _stat(pid, proc)) is not None)


def rss_octets(pids: Iterable[int], proc: Path = PROC) -> int:
    """Resident memory of these processes and their descendants."""
    total = 0
    for pid in family(pids, proc):
        try:
            total += parse_rss((proc / str(pid) / "status").read_text())
        except OSError:
            continue  # it has ended
    return total


def filesystem(path: Path, mounts: Path = PROC / "self" / "mounts") -> str:
    """The type of the file system that holds `path`: ext4, overlay, tmpfs."""
    best, kind = "", ""
    for line in mounts.read_text().splitlines():
        _, mounted, found, *_ = line.split()
        inside = path == Path(mounted) or Path(mounted) in path.parents
        if inside and len(mounted) >= len(best):
            best, kind = mounted, found
    return kind


def _all_pids(proc: Path) -> list[int]:
    return [int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal()]


def _stat(pid: int, proc: Path) -> Stat | None:
    try:
        return parse_stat((proc / str(pid) / "stat").read_text())
    except OSError:
        return None  # it has ended
