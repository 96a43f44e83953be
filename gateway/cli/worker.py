"""One worker of `gateway.cli.workers`: a process of the same command, and the line to it."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gateway.cli.service import HEEDED
from gateway.metrics import Replaced

_MAIN = "from gateway.cli import main; main()"
"""The command, however it was called itself: by its name, by a module, or by a few words as the benchmark does."""

LAST_WORDS_S = 1.0
"""After its end: what it has said before is there already."""

CHECK_WITHIN_S = 60.0


OnWord = Callable[["Worker", bytes], None]


class Worker:
    """One process, and the line to it."""

    def __init__(
        self,
        index: int,
        process: asyncio.subprocess.Process,
        line: socket.socket,
        on_word: OnWord,
    ) -> None:
        """`on_word` is told each word that it says."""
        self.index = index
        self.process = process
        self.started_at = asyncio.get_running_loop().time()
        self.ready = False
        self.reloaded = False
        self.replaced = False  #: its end is wanted
        self.hung = False  #: found to hang: it is killed
        self._line = line
        self._on_word = on_word
        self._listening = asyncio.create_task(self._listen(), name=f"line of worker {index}")

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        heard = b""
        while data := await loop.sock_recv(self._line, 1024):
            *words, heard = (heard + data).split(b"\n")
            for word in words:
                self._on_word(self, word + b"\n")

    async def ended(self) -> int:
        """Wait for its end; its exit status, negative for a signal."""
        status = await self.process.wait()
        await asyncio.wait([self._listening], timeout=LAST_WORDS_S)
        self._listening.cancel()
        await asyncio.wait([self._listening])
        self._line.close()
        return status

    @property
    def lives(self) -> bool:
        """Whether its end has not been seen."""
        return self.process.returncode is None

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, if it lives."""
        if self.lives:
            self.process.send_signal(number)


async def start(
    index: int,
    config_path: Path,
    listening: socket.socket | None,
    replaced: Mapping[Replaced, int],
    on_word: OnWord,
) -> Worker:
    """Start one, no two at once. Raises `OSError`: no process or descriptor is left, or the program is not there."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    line, api = theirs.fileno(), -1 if listening is None else listening.fileno()
    words = ["serve", "--config", str(config_path), "--as-worker", str(index), str(line), str(api)]
    for reason, times in replaced.items():
        words += ["--replaced", reason.value, str(times)]
    try:
        with theirs:
            process = await _run(words, [descriptor for descriptor in (line, api) if descriptor >= 0])
    except OSError:
        ours.close()
        raise
    return Worker(index, process, ours, on_word)


async def _run(words: Sequence[str], given: Sequence[int]) -> asyncio.subprocess.Process:
    """A process that begins with the signals held back that it can't heed yet."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HEEDED)
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", _MAIN, *words, stdin=asyncio.subprocess.DEVNULL, pass_fds=given
        )
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEEDED)


async def complaints(config_path: Path) -> str | None:
    """What `trunkline check` says against the configuration, by the program that is installed now; None: nothing."""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _MAIN,
            *("check", "--config", str(config_path)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        return f"it can't be checked: {error}"
    try:
        async with asyncio.timeout(CHECK_WITHIN_S):
            _, said = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"it is not checked within {CHECK_WITHIN_S:g} s"
    if process.returncode == 0:
        return None
    return said.decode(errors="replace").strip() or f"check ended with {process.returncode}"
