"""The process that serves: its signals, and beginning anew when the others have taken it for dead.

Under a supervisor (`gateway.cli.workers`) there is one more line, a socket pair: this process says "ready" and
"reloaded" on it, and when the supervisor is gone, it drains and ends.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.app import App
from gateway.config import Config
from gateway.errors import Fenced

log = structlog.get_logger("gateway.service")

READY = b"ready\n"
RELOADED = b"reloaded\n"


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a supervisor gives its worker: the API's listening socket, and the line to itself."""

    listening: socket.socket
    line: socket.socket


class Service:
    """One serving process."""

    def __init__(self, config: Config, config_path: Path, inherited: Inherited | None = None) -> None:
        self._path = config_path
        self._inherited = inherited
        self._stopping = False
        self._app = self._make(config)

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, which drain; SIGHUP reloads. Raises `TrunklineError`."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        if self._inherited is not None:
            self._inherited.line.setblocking(False)
            loop.add_reader(self._inherited.line, self._hear)
        while True:
            try:
                await self._app.run(ready=self._ready)
                return
            except Fenced as error:
                log.error("others took this process for dead and have what it held", error=str(error))
            if self._stopping:
                return
            self._app = self._make(self._app.config)

    def _make(self, config: Config) -> App:
        listening = None if self._inherited is None else self._inherited.listening.dup()
        return App(config, self._path, listening)

    def _stop(self) -> None:
        self._stopping = True
        self._app.request_stop()

    def _reload(self) -> None:
        self._app.reload(lambda: self._say(RELOADED))

    def _ready(self) -> None:
        _collect_rarely()
        self._say(READY)

    def _say(self, word: bytes) -> None:
        if self._inherited is not None:
            try:
                self._inherited.line.send(word)
            except OSError as error:
                log.warning("the supervisor does not listen", error=str(error))

    def _hear(self) -> None:
        """Nothing is ever said to us: this is the end of the supervisor."""
        assert self._inherited is not None
        asyncio.get_running_loop().remove_reader(self._inherited.line)
        log.error("the supervisor is gone: draining")
        self._stop()


def _collect_rarely() -> None:
    """Set the garbage collector for a process that makes many objects and hardly any cycles: what the start has made
    is left out, and the young generation is looked through every 100,000 objects (a thousand messages or so), not 700.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
