"""The program as a process of its own, as a service manager or a shell starts it."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

TRUNKLINE = str(Path(sys.executable).with_name("trunkline"))


@contextmanager
def started(*arguments: str, reads: str = "stdout") -> Iterator[subprocess.Popen[str]]:
    """Start `trunkline ARGUMENTS`; it is killed at the end if it has not ended by itself."""
    with running([TRUNKLINE, *arguments], reads) as process:
        yield process


@contextmanager
def running(command: Sequence[str], *reads: str) -> Iterator[subprocess.Popen[str]]:
    """Start a command of which "stdout", "stderr" or both are read; it is killed like that, too."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if "stdout" in reads else subprocess.DEVNULL,
        stderr=subprocess.PIPE if "stderr" in reads else subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line_with(process: subprocess.Popen[str], word: str) -> str:
    """Read on to the first line that has this word."""
    stream = process.stdout or process.stderr
    assert stream is not None
    seen = []
    for line in stream:
        seen.append(line)
        if word in line:
            return line
    raise AssertionError(f"no line with {word!r} in {seen}")
