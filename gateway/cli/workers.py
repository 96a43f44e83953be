"""`trunkline serve --workers N`: a small process that starts N of the same command and keeps them going.

It opens the API's socket once and all workers accept from it, so a connection that waits in its queue is there for the
next worker when one ends: with a socket for each (SO_REUSEPORT) it would be reset. The admin listener of worker I is on
its configured port + I. A worker that hangs (`gateway.cli.silence`) is asked where it stands, killed and replaced.

It has no listener of its own: each worker is told at its start how often those before it in its place were replaced,
and shows it among its metrics. That number can't change while it lives.

    SIGTERM, SIGINT   passed on: all drain, and the supervisor ends with them
    SIGHUP            passed on to one after another: each has read the configuration before the next one does
    SIGUSR2           a rolling restart: one after another drains and is replaced, the next when the new one is ready
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from gateway.cli.service import READY, RELOADED, with_admin_port
from gateway.cli.silence import LOOK_EVERY_S, Silence
from gateway.cli.worker import Worker, complaints, start
from gateway.config import Config, ConfigErrors, Role, load
from gateway.config.trial import share_ports
from gateway.errors import Refused, TrunklineError
from gateway.metrics import Replaced
from http_api.server import BACKLOG
from http_api.settings import host_and_port

log = structlog.get_logger("gateway.workers")

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STABLE_S = 10.0
"""A worker that has lived so long is started again at once when it ends; else the pause doubles each time."""

STARTS_IN_VAIN = 5
"""So many starts for each worker, all of which ended before they were ready, end the supervisor, where none serves: it
is no accident then. While one does, they are tried for ever: a file that is wrong for an hour takes nobody down."""

START_SILENT_S = 300.0
"""How long a worker that starts may be silent, where `hung_after_s` is not longer: before its event loop turns it
imports and reads price lists, beside many others that do the same. A start that waits, for a migration or the store, is
not silent, and may take as long as it takes."""

START_TOLD_EVERY_S = 60.0

KILL_AFTER_S = 15.0
"""Beyond `drain_timeout_s`: a worker that has not ended by then never will."""

TELL_WITHIN_S = 3.0
"""What a worker that hangs has, from SIGUSR1 to SIGKILL, to write its stacks."""

RELOAD_WITHIN_S = 60.0

HIGHEST_PORT = 65535


def check_workers(config: Config, workers: int) -> None:
    """Raises `Refused` for a store that has one process, and where a worker would find its port taken."""
    if workers == 1:
        return
    if config.store.embedded:
        raise Refused(
            f"--workers {workers}: an embedded store has one process. Leave the option out, or share a store of "
            "postgresql://... between them"
        )
    (host, port), (admin_host, first) = map(host_and_port, (config.http.listen, config.http.admin_listen))
    last = first + workers - 1
    row = f"--workers {workers}: the admin listeners take the ports {first} to {last}"
    if first and last > HIGHEST_PORT:
        raise Refused(f"{row}, and {HIGHEST_PORT} is the last there is: choose a lower [http] admin_listen")
    if first and first <= port <= last and Role.API in config.process.roles and share_ports(host, admin_host):
        raise Refused(f"{row}, and {port} is that of [http] listen: choose another admin_listen")


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


class Workers:
    """The supervisor."""

    def __init__(self, config: Config, config_path: Path, count: int) -> None:
        self._config = config
        self._path = config_path
        self._count = count
        self._listening = open_listener(config.http.listen) if Role.API in config.process.roles else None
        self._workers: dict[int, Worker] = {}
        self._replaced = [dict.fromkeys(Replaced, 0) for _ in range(count)]
        self._stopping = False
        self._changed = asyncio.Event()
        self._in_vain = 0
        self._failed = False
        self._turn = asyncio.Lock()  # of what goes through the workers one after another
        self._starting = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._silence: Silence[Worker] = Silence()

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
        self._stopping = True
        for worker in self._workers.values():
            worker.tell(signal.SIGTERM)
        self._announce()

    def _announce(self) -> None:
        """Something has changed that `_until` may wait for."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _until(self, wanted: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Wait for it. False: not within that time."""
        try:
            async with asyncio.timeout(timeout_s):
                while not wanted():
                    await self._changed.wait()
        except TimeoutError:
            return wanted()
        return True

    # --- one worker after another in the same place

    async def _keep(self, index: int) -> None:
        loop = asyncio.get_running_loop()
        pause_s = FIRST_PAUSE_S
        while not self._stopping:
            began_at, ready = loop.time(), False
            try:
                worker = await self._start(index)
            except OSError as error:
                # No process or descriptor is left, or the program is just being exchanged for another release.
                what, why = "a worker can't be started", str(error)
            else:
                status = await self._end_of(worker)
                if self._note_end(worker, status):
                    continue
                ready, what, why = worker.ready, "a worker has ended", _words(status)
            lived_s = loop.time() - began_at
            pause_s = FIRST_PAUSE_S if lived_s >= STABLE_S else min(2 * pause_s, LONGEST_PAUSE_S)
            log.error(what, worker=index, status=why, begins_again_in_s=pause_s)
            if not ready:
                self._lament()
            await self._until(lambda: self._stopping, pause_s)

    async def _start(self, index: int) -> Worker:
        async with self._starting:
            worker = await start(index, self._path, self._listening, self._replaced[index], self._hear)
        self._workers[index] = worker
        admin = with_admin_port(self._config, index).http.admin_listen
        log.info("a worker starts", worker=index, pid=worker.process.pid, admin=admin)
        if self._stopping:
            worker.tell(signal.SIGTERM)
        self._announce()
        return worker

    async def _end_of(self, worker: Worker) -> int:
        """Its exit status. One that does not end when it should is killed."""
        ended = asyncio.create_task(worker.ended())
        ended.add_done_callback(lambda _: self._announce())

        def begins_to_end() -> bool:
            return ended.done() or self._stopping or worker.replaced

        while not await self._until(lambda: worker.ready or begins_to_end(), START_TOLD_EVERY_S):
            for_s = round(asyncio.get_running_loop().time() - worker.started_at)
            log.warning("a worker still starts", worker=worker.index, for_s=for_s)
        await self._until(begins_to_end)
        limit_s = self._config.limits.drain_timeout_s + KILL_AFTER_S
        if not (await asyncio.wait([ended], timeout=limit_s))[0]:
            log.error("a worker does not end: killed", worker=worker.index, after_s=limit_s)
            worker.hung = True
            worker.tell(signal.SIGKILL)
        return await ended

    def _note_end(self, worker: Worker, status: int) -> bool:
        """Count it if it is not as it should be. True: an end was wanted."""
        if self._stopping:
            self._failed |= status != 0
            return True
        if worker.hung or not worker.replaced:
            reason = Replaced.HUNG if worker.hung else Replaced.ENDED if status >= 0 else Replaced.KILLED
            self._replaced[worker.index][reason] += 1
        if worker.replaced:
            tell = log.info if status == 0 else log.error
            tell("a worker has drained", worker=worker.index, status=_words(status))
        return worker.replaced

    def _lament(self) -> None:
        """A start was in vain: give up when all are, and nobody serves meanwhile."""
        serves = any(worker.ready and worker.lives for worker in self._workers.values())
        self._in_vain = 0 if serves else self._in_vain + 1
        if self._in_vain >= STARTS_IN_VAIN * self._count:
            log.error("workers end before they are ready, one after another: giving up", starts=self._in_vain)
            self._failed = True
            self._stop()

    # --- what they say, and that they say nothing

    def _hear(self, worker: Worker, word: bytes) -> None:
        self._silence.hear(worker, asyncio.get_running_loop().time())
        if word == READY and not worker.ready:
            worker.ready = True
            self._in_vain = 0
            log.info("a worker is ready", worker=worker.index)
            self._announce()
        elif word == RELOADED:
            worker.reloaded = True
            self._announce()

    async def _watch(self) -> None:
        """Until cancelled. An end that is wanted has a limit of its own (`_end_of`)."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            watched = [] if self._stopping else list(self._workers.values())
            living = [each for each in watched if each.lives and not each.replaced and not each.hung]
            limits = {worker: self._may_be_silent_s(worker) for worker in living}
            for worker, silent_s in self._silence.look(limits, loop.time()).items():
                self._begin(self._end_hung(worker, silent_s))

    def _may_be_silent_s(self, worker: Worker) -> float:
        limit_s = self._config.process.hung_after_s
        return limit_s if worker.ready or not limit_s else max(limit_s, START_SILENT_S)

    async def _end_hung(self, worker: Worker, silent_s: float) -> None:
        """`_keep` starts another in its place."""
        worker.hung = True
        log.error(
            "a worker hangs: it is asked where it stands, then killed and replaced",
            worker=worker.index,
            pid=worker.process.pid,
            ready=worker.ready,
            silent_s=round(silent_s, 1),
        )
        worker.tell(signal.SIGUSR1)
        await asyncio.sleep(TELL_WITHIN_S)
        worker.tell(signal.SIGKILL)

    # --- all of them, one after another

    async def _reload(self) -> None:
        async with self._turn:
            for worker in list(self._workers.values()):
                worker.reloaded = False
                worker.tell(signal.SIGHUP)
                if not await self._until(partial(self._need_not_wait, worker), RELOAD_WITHIN_S):
                    log.error("a worker does not say that it has reloaded", worker=worker.index)
            await self._learn()

    def _need_not_wait(self, worker: Worker) -> bool:
        """For its reload: it did, or ends, or will when it is ready."""
        return worker.reloaded or not worker.ready or not worker.lives or self._stopping

    async def _learn(self) -> None:
        """What the supervisor itself goes by: `drain_timeout_s`, which a reload changes, and `hung_after_s`. What is
        wrong with the file the workers tell."""
        with contextlib.suppress(ConfigErrors, TrunklineError):
            self._config = await asyncio.to_thread(load, self._path)

    async def _roll(self) -> None:
        async with self._turn:
            if against := await self._against_a_start():
                log.error("rolling restart refused, no worker would come up", errors=against)
                return
            log.info("rolling restart", workers=self._count)
            for index in range(self._count):
                if not await self._replace(index):
                    return
            log.info("rolling restart: done", workers=self._count)

    async def _against_a_start(self) -> str | None:
        """What is wrong with the configuration as a worker would find it now, by the program that is installed now."""
        if against := await complaints(self._path):
            return against
        await self._learn()
        try:
            check_workers(self._config, self._count)
        except Refused as error:
            return str(error)
        return None

    async def _replace(self, index: int) -> bool:
        """Drain one, and wait until another is ready in its place. False: it does not come up, or all of them end."""
        await self._until(lambda: index in self._workers or self._stopping)
        old = self._workers.get(index)
        if old is None:
            return False
        old.replaced = True
        old.tell(signal.SIGTERM)
        self._announce()
        await self._until(lambda: self._stopping or self._is_decided(old))
        if self._stopping:
            return False
        if self._workers[index].ready:
            return True
        log.error(
            "rolling restart: stopped, the new worker does not come up; the others are as they were",
            worker=index,
        )
        return False

    def _is_decided(self, old: Worker) -> bool:
        """Whether the one that came in its place is ready, or has ended before it was."""
        new = self._workers[old.index]
        return new is not old and (new.ready or not new.lives)


def _words(status: int) -> str:
    """An exit status for a person."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
