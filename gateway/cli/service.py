"""The process that serves: its signals, and beginning anew when the others have taken it for dead.

Under a supervisor (`gateway.cli.workers`) there is one more line, a socket pair: this process says on it each second
that its event loop turns, "starts" until it is ready and "ready" from then on, and "reloaded"; when the supervisor is
gone, it drains and ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.app import App
from gateway.cli.silence import SIGN_EVERY_S
from gateway.config import Config, load
from gateway.errors import Fenced, StoreUnavailable
from gateway.metrics import Replaced
from http_api.settings import host_and_port

log = structlog.get_logger("gateway.service")

STARTS = b"starts\n"
READY = b"ready\n"
RELOADED = b"reloaded\n"

HEEDED = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2})
"""Signals that this process has an answer to once its event loop turns. A supervisor starts it with all of them held
back until then: one that comes while Python still imports would end it at once."""

AGAIN_S = 0.5  #: between tries to begin anew while the store is away


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a supervisor gives a worker: its index, the line to itself, the API's listening socket, and how often those
    before it in its place were replaced."""

    index: int
    line: socket.socket
    listening: socket.socket | None
    replaced: Mapping[Replaced, int]


def inherit(index: int, line: int, listening: int, replaced: Mapping[Replaced, int]) -> Inherited:
    """From the numbers on the command line; -1: a worker without the role `api`."""
    structlog.contextvars.bind_contextvars(worker=index)
    listens = None if listening < 0 else socket.socket(fileno=listening)
    return Inherited(index, socket.socket(fileno=line), listens, replaced)


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
        self._sign = STARTS
        self._app = self._make(self._ours(config))

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, which drain; SIGHUP reloads. Raises `TrunklineError`; a store that is away is
        waited for once this process has served."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        loop.add_signal_handler(signal.SIGUSR2, self._refuse_to_roll)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEEDED)
        if self._inherited is not None:
            self._inherited.line.setblocking(False)
            loop.add_reader(self._inherited.line, self._hear)
            signs = asyncio.create_task(self._turn(), name="signs of life")
            try:
                await self._serve()
            finally:
                signs.cancel()
        else:
            await self._serve()

    async def _serve(self) -> None:
        anew = False
        while True:
            try:
                await self._app.run(ready=self._ready)
                return
            except Fenced as error:
                log.error("others took this process for dead and have what it held", error=str(error))
                anew = True
            except StoreUnavailable as error:
                if self._stopping.is_set() and self._sign is STARTS:  # it has promised nothing yet
                    log.warning("the store is waited for no more: this process is to end", error=str(error))
                    return
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
        inherited = self._inherited
        if inherited is None:
            return App(config, self._path)
        # The App closes what it is given, and its successor wants it too.
        listening = None if inherited.listening is None else inherited.listening.dup()
        app = App(config, self._path, listening, lambda path: self._ours(load(path)))
        for reason, times in inherited.replaced.items():
            app.metrics.worker_replaced.of(reason).total = times
        return app

    def _stop(self) -> None:
        self._stopping.set()
        self._app.request_stop()

    def _reload(self) -> None:
        self._app.reload(lambda: self._say(RELOADED))

    def _refuse_to_roll(self) -> None:
        """Left alone it would end this process, where somebody sends it to all that have our name."""
        log.warning("SIGUSR2 is for the supervisor of --workers: nothing is done here")

    def _ready(self) -> None:
        _collect_rarely()
        self._sign = READY
        self._say(READY)

    async def _turn(self) -> None:
        """Say every second that the event loop turns: in the start and in a drain as well, and while the store is
        waited for."""
        assert self._inherited is not None
        while True:
            try:
                # Full: the supervisor is held, and has hundreds of them to read.
                with contextlib.suppress(BlockingIOError):
                    self._inherited.line.send(self._sign)
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
