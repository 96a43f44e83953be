"""`trunkline serve --workers N`: a small process that starts N of the same command and keeps them going.

It opens the API's socket once and all workers accept from it, so a connection that waits in its queue is there for the
next worker when one ends: with a socket for each (SO_REUSEPORT) it would be reset. The admin listener of worker I is on
its configured port + I. A worker that hangs (`gateway.cli.silence`) is asked where it stands, killed and replaced.

    SIGTERM, SIGINT   passed on: all drain, and the supervisor ends with them
    SIGHUP            passed on to one after another: each has read the configuration before the next one does
    SIGUSR2           a rolling restart: one after another drains and is replaced, the next when the new one is ready
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import structlog

from gateway.cli.service import READY, RELOADED, with_admin_port
from gateway.cli.silence import LOOK_EVERY_S, Silence
from gateway.config import Config, Role
from gateway.errors import Refused, TrunklineError
from http_api.server import BACKLOG
from http_api.settings import host_and_port

log = structlog.get_logger("gateway.workers")

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STABLE_S = 10.0
"""A worker that has lived so long is started again at once when it ends; else the pause doubles each time."""

STARTS_IN_VAIN = 5
"""So many workers in a row that ended before they were ready end the supervisor, where none serves: it is no accident
then. While one does, they are tried for ever: a file that is wrong for an hour takes nobody down."""

KILL_AFTER_S = 15.0
"""Beyond `drain_timeout_s`: a worker that has not ended by then never will."""

TELL_WITHIN_S = 3.0
"""What a worker that hangs has, from SIGUSR1 to SIGKILL, to write its stacks."""

RELOAD_WITHIN_S = 60.0


def check_workers(config: Config, workers: int) -> None:
    """Raises `Refused` for a store that has one process."""
    if workers > 1 and config.store.embedded:
        raise Refused(
            f"--workers {workers}: an embedded store has one process. Leave the option out, or share a store of "
            "postgresql://... between them"
        )


def open_listener(listen: str) -> socket.socket:
    """The API's socket. Raises `TrunklineError` when the address can't be used."""
    host, port = host_and_port(listen)
    try:
        if not host and socket.has_dualstack_ipv6():
            return socket.create_server(
                ("", port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True
            )
        family, _, _, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise TrunklineError(f"[http] listen {listen} can't be used: {error.strerror or error}") from error


_MAIN = "from gateway.cli import main; main()"
"""The command, however it was called itself: by its name, by a module, or by a few words as the benchmark does."""


class Worker:
    """One process, and the line to it."""

    def __init__(
        self,
        index: int,
        process: asyncio.subprocess.Process,
        line: socket.socket,
        on_sign: Callable[[Worker], None],
    ) -> None:
        """`on_sign` is told whenever it is heard, once it is ready."""
        self.index = index
        self.process = process
        self.started_at = asyncio.get_running_loop().time()
        self.ready = asyncio.Event()
        self.reloaded = asyncio.Event()
        self.replaced = False  #: its end is wanted
        self._line = line
        self._on_sign = on_sign
        self._listening = asyncio.create_task(self._listen(), name=f"line of worker {index}")

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        heard = b""
        while data := await loop.sock_recv(self._line, 64):
            *words, heard = (heard + data).split(b"\n")
            for word in words:
                if word + b"\n" == READY:
                    self.ready.set()
                elif word + b"\n" == RELOADED:
                    self.reloaded.set()
            if self.ready.is_set():
                self._on_sign(self)

    async def ended(self) -> int:
        """Wait for its end; its exit status, negative for a signal."""
        status = await self.process.wait()
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


class Workers:
    """The supervisor."""

    def __init__(self, config: Config, config_path: Path, count: int) -> None:
        self._config = config
        self._path = config_path
        self._count = count
        self._listening = open_listener(config.http.listen) if Role.API in config.process.roles else None
        self._workers: dict[int, Worker] = {}
        self._stopping = asyncio.Event()
        self._changed = asyncio.Event()
        self._in_vain = 0
        self._failed = False
        self._turn = asyncio.Lock()  # of what goes through the workers one after another
        self._tasks: set[asyncio.Task[None]] = set()
        self._silence: Silence[Worker] = Silence(config.process.hung_after_s)

    async def run(self) -> None:
        """Keep the workers until SIGTERM. Raises `TrunklineError` when they don't come up, or did not end well."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._begin(self._reload()))
        loop.add_signal_handler(signal.SIGUSR2, lambda: self._begin(self._roll()))
        self._begin(self._watch())
        async with asyncio.TaskGroup() as group:
            for index in range(self._count):
                group.create_task(self._keep(index), name=f"worker {index}")
        for task in self._tasks:
            task.cancel()
        if self._listening is not None:
            self._listening.close()
        if self._failed:
            raise TrunklineError("not all workers have ended well: see the log above")

    def _begin(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _stop(self) -> None:
        self._stopping.set()
        self._changed.set()
        for worker in self._workers.values():
            worker.tell(signal.SIGTERM)

    # --- one worker after another in the same place

    async def _keep(self, index: int) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            worker = await self._start(index)
            status = await self._end_of(worker)
            if self._stopping.is_set():
                self._failed |= status != 0
            elif worker.replaced:
                log.info("a worker has drained", worker=index, status=_words(status))
            else:
                lived_s = asyncio.get_running_loop().time() - worker.started_at
                pause_s = FIRST_PAUSE_S if lived_s >= STABLE_S else min(2 * pause_s, LONGEST_PAUSE_S)
                await self._mourn(worker, status, pause_s)
            self._announce()

    async def _start(self, index: int) -> Worker:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        line, api = theirs.fileno(), -1 if self._listening is None else self._listening.fileno()
        words = ["serve", "--config", str(self._path), "--as-worker", str(index), str(line), str(api)]
        given = [descriptor for descriptor in (line, api) if descriptor >= 0]
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _MAIN, *words, stdin=asyncio.subprocess.DEVNULL, pass_fds=given
            )
        worker = self._workers[index] = Worker(index, process, ours, self._hear)
        admin = with_admin_port(self._config, index).http.admin_listen
        log.info("a worker starts", worker=index, pid=process.pid, admin=admin)
        if self._stopping.is_set():
            worker.tell(signal.SIGTERM)
        return worker

    async def _end_of(self, worker: Worker) -> int:
        """Its exit status. One that does not end when it should is killed."""
        ended = asyncio.create_task(worker.ended())
        ready = asyncio.create_task(worker.ready.wait())
        await asyncio.wait([ended, ready], return_when=asyncio.FIRST_COMPLETED)
        if worker.ready.is_set():
            self._in_vain = 0
            log.info("a worker is ready", worker=worker.index)
            self._announce()
        ready.cancel()
        while not (self._stopping.is_set() or worker.replaced or ended.done()):
            changed = asyncio.create_task(self._next_change())
            await asyncio.wait([ended, changed], return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
        limit_s = self._config.limits.drain_timeout_s + KILL_AFTER_S
        if not (await asyncio.wait([ended], timeout=limit_s))[0]:
            log.error("a worker does not end: killed", worker=worker.index, after_s=limit_s)
            worker.tell(signal.SIGKILL)
        return await ended

    async def _mourn(self, worker: Worker, status: int, pause_s: float) -> None:
        """It ended by itself: say why, give up when none comes up, wait a little."""
        log.error("a worker has ended", worker=worker.index, status=_words(status), begins_again_in_s=pause_s)
        if not worker.ready.is_set():
            self._in_vain += 1
            if self._in_vain >= STARTS_IN_VAIN and not self._serves():
                log.error(
                    "workers end before they are ready, one after another: giving up", starts=self._in_vain
                )
                self._failed = True
                self._stop()
        try:
            async with asyncio.timeout(pause_s):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _serves(self) -> bool:
        """Whether one of them is ready, and lives."""
        return any(worker.ready.is_set() and worker.lives for worker in self._workers.values())

    def _announce(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _next_change(self) -> None:
        await self._changed.wait()

    # --- one that hangs

    def _hear(self, worker: Worker) -> None:
        self._silence.hear(worker, asyncio.get_running_loop().time())

    async def _watch(self) -> None:
        """Until cancelled. A start is not looked at, however long it waits; an end that is wanted has a limit of its
        own (`_end_of`)."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            watched = {} if self._stopping.is_set() else self._workers
            living = [worker for worker in watched.values() if not worker.replaced and worker.lives]
            for worker, silent_s in self._silence.look(living, loop.time()).items():
                self._begin(self._end_hung(worker, silent_s))

    async def _end_hung(self, worker: Worker, silent_s: float) -> None:
        """`_keep` starts another in its place."""
        log.error(
            "a worker hangs: it is asked where it stands, then killed and replaced",
            worker=worker.index,
            pid=worker.process.pid,
            silent_s=round(silent_s, 1),
        )
        worker.tell(signal.SIGUSR1)
        await asyncio.sleep(TELL_WITHIN_S)
        worker.tell(signal.SIGKILL)

    # --- all of them, one after another

    async def _reload(self) -> None:
        async with self._turn:
            for worker in list(self._workers.values()):
                worker.reloaded.clear()
                worker.tell(signal.SIGHUP)
                try:
                    async with asyncio.timeout(RELOAD_WITHIN_S):
                        await worker.reloaded.wait()
                except TimeoutError:
                    log.error("a worker does not say that it has reloaded", worker=worker.index)

    async def _roll(self) -> None:
        async with self._turn:
            log.info("rolling restart", workers=self._count)
            for index in range(self._count):
                old = self._workers[index]
                old.replaced = True
                old.tell(signal.SIGTERM)
                self._announce()
                if not await self._is_replaced(old):
                    return
            log.info("rolling restart: done", workers=self._count)

    async def _is_replaced(self, old: Worker) -> bool:
        """Wait until another is ready in its place. False: it does not come up, or all of them end."""
        while not self._stopping.is_set():
            changed = self._changed
            new = self._workers[old.index]
            if new is not old and new.ready.is_set():
                return True
            if new is not old and not new.lives:
                log.error(
                    "rolling restart: stopped, the new worker does not come up; the others are as they were",
                    worker=old.index,
                )
                return False
            await changed.wait()
        return False


def _words(status: int) -> str:
    """An exit status for a person."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
