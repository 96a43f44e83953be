"""System calls of a running process, by strace: what was read, written and synchronised, and in which order."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

CALLS = "read,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync"
WRITING = "write,pwrite64,ftruncate,fallocate"
_ATTACH_WITHIN_S = 20.0

_WHOLE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_BEGUN = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)")
_FILE = re.compile(r"^\d+<(.*?)>(?=,|$)")  # the ends of a connection are written with an arrow between them
_OCTETS = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_HEX = re.compile(r"(?:\\x[0-9a-f]{2})+")


@dataclass(frozen=True)
class Call:
    """One system call. `begun` and `done` are places in the order of everything that the process did."""

    begun: int
    done: int
    name: str
    file: str  #: a path, or the two ends of a connection
    octets: bytes
    result: int

    @property
    def reads(self) -> bool:
        """Whether it took something in."""
        return self.name in ("read", "recvfrom", "recvmsg") and self.result > 0

    @property
    def writes(self) -> bool:
        """Whether it gave something out."""
        return self.name in ("write", "writev", "sendto", "sendmsg", "pwrite64") and self.result > 0

    @property
    def synchronises(self) -> bool:
        """Whether it waited for the disk."""
        return self.name in ("fsync", "fdatasync") and self.result == 0


def parse(text: str) -> list[Call]:
    """The calls of `strace -f -yy -xx`, in the order in which they began."""
    calls: list[Call] = []
    begun: dict[str, tuple[int, str]] = {}
    for at, line in enumerate(text.splitlines()):
        if match := _BEGUN.match(line):
            begun[match[1]] = (at, match[3])
        elif match := _RESUMED.match(line):
            start, head = begun.pop(match[1])
            calls.append(_call(start, at, match[2], head + match[3], match[4]))
        elif match := _WHOLE.match(line):
            calls.append(_call(at, at, match[2], match[3], match[4]))
    return sorted(calls, key=lambda call: call.begun)


def _call(begun: int, done: int, name: str, arguments: str, result: str) -> Call:
    file = _FILE.match(arguments)
    path = _HEX.sub(lambda part: _octets(part[0]).decode(), file[1]) if file else ""
    octets = b"".join(map(_octets, _OCTETS.findall(arguments)))
    return Call(begun, done, name, path, octets, int(result))


def _octets(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@asynccontextmanager
async def tracing(pid: int, output: Path) -> AsyncIterator[None]:
    """Trace a process, all its threads; afterwards `parse` reads what is in `output`.

    Raises FileNotFoundError without strace.
    """
    async with _strace(pid, "-yy", "-xx", "-s", "16384", "-e", f"trace={CALLS}", "-o", str(output)):
        yield


@asynccontextmanager
async def failing(pid: int, files: Iterable[Path], error: str, calls: str = WRITING) -> AsyncIterator[None]:
    """Let these system calls of a process on these files fail, as ENOSPC or EIO, for a while."""
    paths = [word for path in files for word in ("-P", str(path))]
    inject = ("-e", f"trace={calls}", "-e", f"inject={calls}:error={error}", "-o", "/dev/null")
    async with _strace(pid, *inject, *paths):
        yield


@asynccontextmanager
async def slow(pid: int, files: Iterable[Path], delay_s: float) -> AsyncIterator[None]:
    """Let these files take so long to be synchronised: what they hold is on the disk before, the process learns of it
    after that. A process that is killed meanwhile ends when this does, at once."""
    paths = [word for path in files for word in ("-P", str(path))]
    delay = f"inject=fsync,fdatasync:delay_exit={int(delay_s * 1e6)}"
    options = ("-e", "trace=fsync,fdatasync", "-e", delay, "-o", "/dev/null")
    async with _strace(pid, *options, *paths, end=signal.SIGKILL):  # it heeds nothing else while it delays
        yield


@asynccontextmanager
async def _strace(pid: int, *options: str, end: signal.Signals = signal.SIGTERM) -> AsyncIterator[None]:
    strace = shutil.which("strace")
    if strace is None:
        raise FileNotFoundError("no strace on PATH: install the system's package of that name")
    process = await asyncio.create_subprocess_exec(
        strace, "-f", *options, "-p", str(pid), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    said = b""
    try:
        async with asyncio.timeout(_ATTACH_WITHIN_S):
            while b"attached" not in said:  # before it there may be a line for each path that is a link
                said = await process.stderr.readline()
                assert said, "strace ended"
        yield
    finally:
        if process.returncode is None:
            process.send_signal(end)  # it lets the process go on
        await process.communicate()
