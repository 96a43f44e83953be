"""The process that serves: its signals, and beginning anew when the others have taken it for dead.

Under a supervisor (`gateway.cli.workers`) there is one more line, a socket pair: this process says "ready" and
"reloaded" on it, and every second that its event loop turns; when the supervisor is gone, it drains and ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.app import App
from gateway.cli.silence import SIGN_EVERY_S
from gateway.config import Config, load
from gateway.errors import Fenced, StoreUnavailable
from http_api.settings import host_and_port

log = structlog.get_logger("gateway.service")

READY = b"ready\n"
RELOADED = b"reloaded\n"
TURNS = b"turns\n"

AGAIN_S = 0.5  #: between tries to begin anew while the store is away


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a supervisor gives a worker: its index, the line to itself, and the API's listening socket."""

    index: int
    line: socket.socket
    listening: socket.socket | None


def inherit(index: int, line: int, listening: int) -> Inherited:
    """From the numbers on the command line; -1: a worker without the role `api`."""
    structlog.contextvars.bind_contextvars(worker=index)
    listens = None if listening < 0 else socket.socket(fileno=listening)
    return Inherited(index, socket.socket(fileno=line), listens)


def with_admin_port(config: Config, worker: int) -> Config:
    """The configuration of one worker: its admin listener has a port of its own."""
    host, port = host_and_port(config.http.admin_listen)
    if port == 0:
        return config
    listen = f"[{host}]:{port + worker}" if ":" in host else f"{host}:{port + worker}"
    return config.model_copy(update={"http": config.http.model_copy(update={"admin_listen": listen})})


class Service:
    """One serving process."""

    def __init__(self, config: Config, config_path: Path, inherited: Inherited | None = None) -> None:
        self._path = config_path
        self._inherited = inherited
        self._stopping = asyncio.Event()
        self._signs: asyncio.Task[None] | None = None
        self._app = self._make(self._ours(config))

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, which drain; SIGHUP reloads. Raises `TrunklineError`; a store that is away is
        waited for once this process has served."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        if self._inherited is not None:
            self._inherited.line.setblocking(False)
            loop.add_reader(self._inherited.line, self._hear)
        anew = False
        while True:
            try:
                await self._app.run(ready=self._ready)
                return
            except Fenced as error:
                log.error("others took this process for dead and have what it held", error=str(error))
                anew = True
            except StoreUnavailable as error:
                if not anew:
                    raise  # whoever started it is told, and may try again
                log.error("beginning anew waits for the store", error=str(error))
                await self._pause()
            if self._stopping.is_set():
                return
            self._app = self._make(self._app.config)

    async def _pause(self) -> None:
        """Before the next try; shorter when it is to stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), AGAIN_S)

    def _ours(self, config: Config) -> Config:
        return config if self._inherited is None else with_admin_port(config, self._inherited.index)

    def _make(self, config: Config) -> App:
        # The App closes what it is given, and its successor wants it too.
        given = None if self._inherited is None else self._inherited.listening
        listening = None if given is None else given.dup()
        return App(config, self._path, listening, lambda path: self._ours(load(path)))

    def _stop(self) -> None:
        self._stopping.set()
        self._app.request_stop()

    def _reload(self) -> None:
        self._app.reload(lambda: self._say(RELOADED))

    def _ready(self) -> None:
        _collect_rarely()
        self._say(READY)
        if self._inherited is not None and self._signs is None:
            self._signs = asyncio.create_task(self._turn(self._inherited.line), name="signs of life")

    async def _turn(self, line: socket.socket) -> None:
        """Say every second that the event loop turns: in a drain as well, and while the store is waited for."""
        while True:
            try:
                # Full: it is held itself, and has hundreds of them to read.
                with contextlib.suppress(BlockingIOError):
                    line.send(TURNS)
            except OSError:
                return  # it is gone: `_hear` sees that
            await asyncio.sleep(SIGN_EVERY_S)

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
