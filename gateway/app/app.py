"""The life of a serving process: start, reload, drain.

Start: store, secrets, accounts, recovery, then operators, and the listeners last, so that nothing is promised
before it can be kept. Drain goes the other way round: no new requests, answers finish, what was not written goes back
to the store, in-flight parts settle, binds unbind, webhooks under way end.

On a store that many processes share, this one has a lease (`gateway.services.lease`): it holds the binds that the store
gives it, looks after what dead processes left, and when it was taken for dead itself, it ends at once (`Fenced`): what
it had in hand is others' by then.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import structlog

import http_api.dialects.contacts.webhooks as contacts_webhooks
import http_api.dialects.orchestrator.webhooks as orchestrator_webhooks
import http_api.dialects.outbox.webhooks as outbox_webhooks
from gateway import journal as flight
from gateway import secrets as secret_files
from gateway.app.certificates import CertificateWatch
from gateway.app.core import Core, Ground, InForce, build, settings_of, table_of, utc_now
from gateway.app.heir import Heir, Journals
from gateway.app.listeners import Listeners
from gateway.app.one_cpu import stay_together
from gateway.app.tasks import Tasks
from gateway.config import Config, ConfigError, ConfigErrors, Role, doubts, left_behind
from gateway.config import load as load_config
from gateway.errors import Fenced, StoreUnavailable, TrunklineError
from gateway.metrics import Metrics
from gateway.operators import smpp
from gateway.ports import Operator, Owner, Renderer, Store
from gateway.services.accounts import Accounts
from gateway.services.alerts import DIALECT as ALERTS
from gateway.services.erasure import names
from gateway.services.neighbours import LOOK_S, Neighbours
from gateway.services.pricing import without_plan
from gateway.services.strays import Strays
from http_api import alerts
from storage.open import open_store

log = structlog.get_logger("gateway.app")

_SETTLE_S = 1.0
_NAMES_SHOWN = 10

RENDERERS: dict[str, Renderer] = {
    "orchestrator": orchestrator_webhooks.render,
    "contacts": contacts_webhooks.render,
    "outbox": outbox_webhooks.render,
    ALERTS: alerts.render,
}
"""How each dialect words a webhook; alerts have words of their own."""


def _no_route_left(path: Path) -> ConfigError:
    """Of a reload: a file of routes that is being written looks like an empty one, and what has no route fails for
    good."""
    hint = "is a file of routes empty, or elsewhere? To have none, restart"
    return ConfigError(str(path), 1, "no route is left, so every message would fail with no_route", hint)


class App:
    """One serving process. `run` returns after a drain; `reload` and `request_stop` are for signal handlers."""

    def __init__(
        self,
        config: Config,
        config_path: Path | None = None,
        listening: socket.socket | None = None,
        load: Callable[[Path], Config] = load_config,
    ) -> None:
        """`listening`: the API's socket, where it was opened before this process began and outlives it. `load`: how a
        reload reads the file."""
        self._config = config
        self._settings = settings_of(config)
        self._path = config_path
        self._listening = listening
        self._load = load
        self._stop = asyncio.Event()
        self._reloading = asyncio.Lock()
        self._background: set[asyncio.Task[bool]] = set()
        self._up = asyncio.Event()  # it serves, or never will
        self._over = asyncio.Event()  # it begins to end: a reload opens nothing any more
        self.metrics = Metrics()
        self._certificates = CertificateWatch(lambda: self._config, self.metrics, utc_now)
        self._life_sign: flight.LifeSign | None = None
        self.core: Core | None = None
        self.listeners: Listeners | None = None

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self._config

    def request_stop(self) -> None:
        """Drain and end."""
        self._stop.set()

    def reload(self, done: Callable[[], None] | None = None) -> None:
        """Read the configuration again: taken whole, or refused whole with the present one still running."""
        task = asyncio.create_task(self.reload_now(), name="reload")
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        if done is not None:
            task.add_done_callback(lambda _task: done())

    async def run(self, ready: Callable[[], None] | None = None) -> None:
        """Serve until `request_stop`, or until a task fails. Raises `TrunklineError` when it can't start, `Fenced`
        when others have taken over what this process held: make an `App` anew; and `StoreHangs`, with which the process
        has to be ended without waiting for its threads."""
        store = open_store(
            self._config.store.url,
            self._config.folder,
            self.metrics_of_commit,
            self._refs_like,
            self._config.process.lease_s,
            makes_schema=False,
        )
        await store.open()
        tasks = Tasks(self.metrics)
        try:
            core = self.core = await self._prepare(store)
            await core.lease.renew()
            self._start_services(core, tasks)
            self._start_operators(core, tasks, core.build_operators(self._config))
            await self._miss_plans(core)
            for doubt in doubts(self._config):
                log.warning("look again at the configuration", doubt=doubt)
            listeners = self.listeners = Listeners(core, self._config, self._listening)
            await listeners.start()
            if self._config.store.embedded:
                tasks.start("disk", listeners.disk.run)
            log.info(
                "serving",
                process=core.owner.number,
                roles=[role.value for role in self._config.process.roles],
                listen=self._config.http.listen,
                admin=self._config.http.admin_listen,
                operators=len(self._config.operators),
                routes=len(self._config.routes),
            )
            self._up.set()
            if ready is not None:
                ready()
            await self._until_stopped(tasks)
            self._over.set()
            if tasks.fenced is None:
                await self._drain(core, listeners)
            else:
                await listeners.close()
        finally:
            self._over.set()
            self._up.set()
            await tasks.stop_all()
            if self.core is not None:
                await self._leave(self.core, tasks)
            await store.close()
            log.info("ended")
        if tasks.fenced is not None:
            raise tasks.fenced
        if tasks.failed.is_set():
            raise TrunklineError("a task failed: see the log above; start again, nothing accepted is lost")

    def _refs_like(self, operator: str, ref: str) -> tuple[str, ...]:
        """The names under which a part may stand whose receipt says `ref`; of an operator that is no longer there, only
        this one."""
        settings = self._settings.get(operator)
        return (ref,) if settings is None else settings.refs_like(ref)

    def metrics_of_commit(self, seconds: float, items: int) -> None:
        """What the store tells of each commit."""
        self.metrics.store_commit.observe(seconds)
        self.metrics.store_batch.observe(items)

    async def _until_stopped(self, tasks: Tasks) -> None:
        waits = [asyncio.ensure_future(self._stop.wait()), asyncio.ensure_future(tasks.failed.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    # --- start

    async def _prepare(self, store: Store) -> Core:
        config, now = self._config, utc_now()
        boot = flight.boot_id()
        secrets = secret_files.load(config.key_file)
        store.recognize(names(secrets))
        accounts = Accounts(store, secrets, utc_now, lambda: self._config.terms.version)
        await accounts.start()
        accounts.check_key()  # before others hear of this process: what it signs and seals they could not read
        owner = await store.register(now, boot, config.process.roles)
        self._heir = Heir(lambda: self._config, accounts, self.metrics)
        path = config.journal_of(owner.number)
        with _usable(path.parent):
            left = flight.read(path, boot) if config.store.embedded else None
        if config.store.embedded:
            await self._recover(store, owner, left)
        with _usable(path.parent):
            if not config.store.embedded:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._life_sign = flight.LifeSign(path, boot)
            journal = flight.FlightJournal(path, boot)
        return build(
            Ground(
                in_force=InForce(config),
                roles=frozenset(config.process.roles),
                store=store,
                owner=owner,
                secrets=secrets,
                accounts=accounts,
                metrics=self.metrics,
                journal=journal,
                renderers=RENDERERS,
                capture=_capture(config, owner),
            )
        )

    async def _recover(self, store: Store, owner: Owner, journal: flight.Flights | None) -> None:
        """Give back what the process before this one had in hand."""
        self._heir.get_ready()
        recovered = await store.recover(owner, journal, self._heir.decide, utc_now())
        if recovered:
            log.warning(
                "an earlier process ended without draining: its messages are back in the queue or in doubt",
                messages=recovered,
                journal="read" if journal is not None else "can't tell: all of them are in doubt",
            )

    def _start_services(self, core: Core, tasks: Tasks) -> None:
        if Role.WEBHOOKS in core.roles:
            tasks.start("webhooks", core.webhooks.run)
        tasks.start("recorder", core.recorder.run)
        tasks.start("receipts", core.receipts.run)
        tasks.start("inbound", core.inbounds.run)
        if Role.SENDER in core.roles:
            tasks.start("claims", core.dispatch.run_claims)
            tasks.start("moves", core.dispatch.moves.run)
        tasks.start("upkeep", core.upkeep.run)
        tasks.keep("alerts", core.alerts.run)
        tasks.keep("certificates", self._certificates.run)
        if self._config.store.embedded and self._config.process.one_cpu:
            tasks.start("one cpu", stay_together)
        if not self._config.store.embedded:
            self._start_sharing(core, tasks)
        self._tasks = tasks

    def _start_sharing(self, core: Core, tasks: Tasks) -> None:
        """What a process does for the sake of the others."""
        config = self._config
        for name, run in core.shared.tasks.items():
            tasks.keep(name, run)
        neighbours = Neighbours(
            core.store,
            core.owner,
            core.lease,
            core.dispatch,
            Journals(config.journal_of, flight.boot_id()),
            self._heir,
            utc_now,
            patience=round(config.process.lease_s / LOOK_S),
            metrics=self.metrics,
            carriers=lambda: core.in_force.carriers,
            on_takers=core.shared.count,
        )
        tasks.start("lease", core.lease.run)
        tasks.start("lease's end", core.lease.watch)
        tasks.start("neighbours", neighbours.run)
        strays = Strays(core.store, core.owner, core.dispatch, core.webhooks, self._heir, utc_now)
        tasks.start("strays", strays.run)
        if Role.SENDER in core.roles:
            tasks.start("binds", core.binds.run)

    def _start_operators(self, core: Core, tasks: Tasks, operators: dict[str, Operator]) -> None:
        fresh = [key for key, operator in operators.items() if core.operators.get(key) is not operator]
        core.take(self._config, operators)
        for key in fresh:
            tasks.keep(f"operator {key}", partial(operators[key].run, core))

    async def _miss_plans(self, core: Core) -> None:
        """Tell of accounts that can send nothing, for the configuration lacks their rate plan."""
        for plan, accounts in without_plan(await core.accounts.accounts(), self._config.plans).items():
            what = "a rate plan is missing: whatever its accounts send is refused"
            log.warning(what, plan=plan, accounts=accounts[:_NAMES_SHOWN], count=len(accounts))

    # --- reload

    async def reload_now(self) -> bool:
        """As `reload`, and wait for it, at the start for its end. True: the new configuration is in force."""
        if self._path is None:
            return False
        await self._up.wait()
        async with self._reloading:
            core = self.core
            if core is None or self._over.is_set():
                return self._too_late()
            try:
                # In a thread: price lists of the world take a second, and binds must be answered meanwhile.
                loaded = await asyncio.to_thread(self._load, self._path)
                config = loaded.as_reloaded(self._config)
                table_of(config)
                if self._config.routes and not config.routes:
                    raise ConfigErrors([_no_route_left(self._path)])
                # Of a process that began without HTTPS, or is told to end with it: none before a restart.
                tls = config.http.tls_context() if loaded.http.speaks_tls else None
                operators = core.build_operators(config)
            except Exception as error:
                self.metrics.config_reloads.add("refused")
                ours = isinstance(error, (ConfigErrors, TrunklineError))
                log.error(
                    "reload refused, the old configuration is still in force",
                    errors=str(error) if ours else repr(error),
                    exc_info=None if ours else error,
                )
                return False
            for what in loaded.needs_restart(self._config):
                log.warning("this change needs a restart", setting=what)
            odd = [*doubts(config), *left_behind(config, self._config)]
            if not await self._exchange(core, config, operators):
                return self._too_late()
            if tls is not None and self.listeners is not None:
                self.listeners.take_certificate(tls)
            self._certificates.look()
            await core.accounts.fresh()
            await self._miss_plans(core)
            self.metrics.config_reloads.add("applied")
            log.info("reloaded", operators=len(config.operators), routes=len(config.routes))
            for doubt in odd:
                log.warning("look again at the configuration", doubt=doubt)
            return True

    def _too_late(self) -> bool:
        log.warning("not reloaded: this process ends, or begins anew with the configuration that it had")
        return False

    async def _exchange(self, core: Core, config: Config, operators: dict[str, Operator]) -> bool:
        """Put the new operators in force; those that changed or went drain first, so that none is bound twice. False:
        the process has begun to end, and nobody would close what is opened now."""
        if self._over.is_set():
            return False
        old = dict(core.operators)
        left = {key: operator for key, operator in old.items() if operators.get(key) is not operator}
        staying = {key: operator for key, operator in operators.items() if old.get(key) is operator}
        with core.binds.left_as_they_are():
            if left:
                core.take(config, staying)
                drain_s = config.limits.drain_timeout_s
                await asyncio.gather(*(operator.drain(drain_s) for operator in left.values()))
                for key in left:
                    await self._tasks.stop(f"operator {key}")
                if self._over.is_set():
                    return False
            self._config = config
            self._settings = settings_of(config)
            self._start_operators(core, self._tasks, operators)
            return True

    # --- drain

    async def _drain(self, core: Core, listeners: Listeners) -> None:
        timeout_s = self._config.limits.drain_timeout_s
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + timeout_s

        def left_s() -> float:
            return max(0.0, ends_at - loop.time())

        log.info("draining", timeout_s=timeout_s)
        await listeners.stop_api(left_s())
        core.dispatch.drain()
        await self._tasks.stop("binds")
        await asyncio.gather(*(operator.drain(left_s()) for operator in core.operators.values()))
        if self._background:  # operators that a reload was about to exchange drain as well
            await asyncio.wait(self._background, timeout=left_s())
        try:
            await core.binds.give_back()
            # Something to record there is always time for: the links are gone, and what they left is in doubt.
            async with asyncio.timeout(max(left_s(), _SETTLE_S)):
                await core.recorder.settled()
            if Role.WEBHOOKS in core.roles:
                await core.webhooks.drain(left_s())
        except (TimeoutError, StoreUnavailable, Fenced) as error:
            log.error(
                "not all was recorded: it is found in the flight journal",
                error=str(error) or f"it took longer than drain_timeout_s = {timeout_s:g}",
            )
        await listeners.stop_admin()

    async def _leave(self, core: Core, tasks: Tasks) -> None:
        """The last of a process: the others need not wait for its lease to run out."""
        await core.client.close()
        core.journal.close()
        if self._life_sign is not None:
            self._life_sign.close()
        if core.capture is not None:
            core.capture.close()
        if tasks.fenced is None:
            try:
                await core.store.leave(core.owner)
            except (StoreUnavailable, Fenced) as error:
                log.warning("the lease could not be ended: it runs out", error=str(error))


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    """What reads and makes the flight journal. Raises `TrunklineError` where the system does not let it."""
    try:
        yield
    except OSError as error:
        raise TrunklineError(
            f"the flight journal can't be kept in {folder} ({error.strerror or error}): it needs a folder of a local "
            "disk, with some megabytes of room, that this user may write to. [process] journal_folder names it; of an "
            "embedded store it is the store's own"
        ) from error


def _capture(config: Config, owner: Owner) -> Any:
    """The file of PDUs that [debug] capture asks for, if it does."""
    file = config.capture_of(owner.number)
    if file is None:
        return None
    capture = smpp.capture(file, bodies=config.debug.capture_bodies)
    log.warning("all SMPP PDUs are kept", file=str(file), bodies=config.debug.capture_bodies)
    return capture
