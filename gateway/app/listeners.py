"""The HTTP side of a process: the API and the admin listener, and what they are given."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from gateway.app.core import Core, utc_now
from gateway.config import Config, Role
from gateway.errors import Refused, StoreUnavailable
from gateway.outbound import FetchFailed, fetch_json
from gateway.services.contacts import Contacts
from gateway.services.disk import DiskWatch
from gateway.services.ledger import Ledger
from gateway.services.outbox import Outbox
from gateway.services.preview import Previews
from http_api import admin
from http_api.admin_money import AdminMoney
from http_api.auth import Authenticator
from http_api.counters import Cut, HttpCounters
from http_api.dialects.contacts.routes import ContactsApi
from http_api.dialects.orchestrator.parse import Rules
from http_api.dialects.orchestrator.routes import OrchestratorApi
from http_api.dialects.outbox.alerts import AlertsApi
from http_api.dialects.outbox.routes import OutboxApi
from http_api.errors import outcome_unknown
from http_api.exchange import Route
from http_api.page import Cursors
from http_api.problem import ProblemWriter
from http_api.proxies import TrustedProxies
from http_api.published import admin_openapi_route, openapi_route
from http_api.server import UNROUTED, HttpServer
from http_api.tokens import KeySet, TokenVerifier

PROBE_S = 3.0
"""How long the store may take over a small commit while `/health/ready` says 200; `trunkline health` waits longer."""

PROBE_EVERY_S = 1.0


class Listeners:
    """Both listeners. The admin one opens first and closes last, so that `/health` can be asked all the time. A process
    without the role `api` has no other."""

    def __init__(self, core: Core, config: Config, listening: socket.socket | None = None) -> None:
        """`listening`: the API's socket, where it was opened before this process began."""
        self._core = core
        self._ready = False
        self._probed_at = float("-inf")
        self._probe: asyncio.Task[str | None] | None = None
        self.disk = DiskWatch(core.store, utc_now, core.recorder.hold, self._give_up)
        problems = ProblemWriter(config.http.error_type_base)
        rules = Rules(allow_private_callbacks=config.webhooks.allow_private_addresses)
        cursors = Cursors(core.secrets.derive("list cursors"))
        api = OrchestratorApi(
            core.submit,
            core.queries,
            Previews(core.pricing, utc_now),
            cursors.of("orchestrator"),
            problems,
            rules,
        )
        auth = Authenticator(
            core.accounts,
            token_verifier(config),
            TrustedProxies([str(n) for n in config.http.trusted_proxies]),
        )
        contacts = ContactsApi(
            Contacts(core.submit, core.queries, utc_now),
            core.queries,
            core.terms,
            cursors.of("contacts"),
            auth.address,
        )
        outbox = OutboxApi(core.submit, Outbox(core.store, core.submit), cursors.of("outbox"), utc_now)
        alerts = AlertsApi(
            core.alerts,
            core.accounts,
            cursors.of("alerts"),
            lambda: core.config.webhooks.allow_private_addresses,
        )
        routes: Sequence[Route] = [
            *api.routes(auth, config.http.body_limits),
            *outbox.routes(auth, config.http.body_limits),
            *alerts.routes(auth, config.http.body_limits),
            *contacts.routes(auth, config.http.body_limits),
            openapi_route(problems.fault),
        ]
        self.api_counters = HttpCounters()
        self.admin_counters = HttpCounters()
        self.api = HttpServer(
            config.http.listen,
            routes,
            problems.fault,
            config.http,
            config.http.tls_context(),
            self.api_counters,
            listening,
        )
        self.admin = HttpServer(
            config.http.admin_listen,
            _admin_routes(core, self, problems),
            problems.fault,
            config.http,
            None,
            self.admin_counters,
        )
        core.metrics.before_render.append(self._show)
        self._shown: dict[tuple[object, ...], int] = {}

    async def start(self) -> None:
        """Open both, or neither. Raises `Refused`, with the setting, when an address can't be used."""
        http = self._core.config.http
        try:
            await _open(self.admin, f"admin_listen {http.admin_listen}")
            if Role.API in self._core.roles:
                await _open(self.api, f"listen {http.listen}")
        except Refused:
            await self.close()
            raise
        self._ready = True

    def take_certificate(self, tls: ssl.SSLContext) -> None:
        """Of the API: the admin listener speaks no TLS."""
        self.api.take_certificate(tls)

    async def stop_api(self, timeout_s: float) -> None:
        """Take no more requests; those under way are answered."""
        self._ready = False
        await self.api.stop(timeout_s)

    async def close(self) -> None:
        """End both now, whoever waits for an answer."""
        self._ready = False
        await self.api.stop(0.0)
        await self.admin.stop(0.0)
        self._end_probe()

    async def stop_admin(self) -> None:
        """The last to go."""
        await self.admin.stop(1.0)
        self._end_probe()

    def _end_probe(self) -> None:
        if self._probe is not None:
            self._probe.cancel()

    def _give_up(self, why: str) -> None:
        """Whoever waits for a store that hangs is told so."""
        for carriers in (self._core.receipts, self._core.inbounds):
            carriers.refuse_waiting(why)
        for server in (self.api, self.admin):
            server.give_up(outcome_unknown())

    # --- http_api.admin.Status

    def live(self) -> bool:
        """The loop turns, or this would not be answered."""
        return True

    async def ready(self) -> tuple[bool, dict[str, object]]:
        """Listeners open and the store commits; with or without carriers (their binds are listed)."""
        store = self.disk.says or await self._store_refuses() or self._core.submit.store_refuses()
        binds = {
            key: {"up": lane.operator.up, "paused": lane.paused, "binds": lane.operator.states()}
            for key, lane in self._core.dispatch.lanes.items()
        }
        shared = self._core.shared
        facts: dict[str, object] = {"store": store or "ok", **shared.facts(), "operators": binds}
        if not self._ready:
            facts["reason"] = "starting or draining"
        return self._ready and store is None and shared.refuses is None, facts

    async def _store_refuses(self) -> str | None:
        """Why nothing would be kept now, if so: by a small commit, at most once a second. All who ask wait for the same
        one, until it has taken too long: more of them would take the connections of a store that says nothing."""
        now = time.monotonic()
        if self._probe is None or (self._probe.done() and now - self._probed_at >= PROBE_EVERY_S):
            self._probed_at = now
            self._probe = asyncio.create_task(self._commit_something(), name="store-probe")
        probe = self._probe
        await asyncio.wait([probe], timeout=max(0.0, self._probed_at + PROBE_S - now))
        if not probe.done():
            return f"the store does not commit within {PROBE_S:g} s"
        return probe.result()

    async def _commit_something(self) -> str | None:
        try:
            await self._core.store.probe()
        except StoreUnavailable as error:
            return str(error)
        return None

    def metrics(self) -> bytes:
        """In Prometheus' text format."""
        return self._core.metrics.render()

    def _show(self) -> None:
        """What is looked at only when somebody asks for the metrics."""
        metrics, core = self._core.metrics, self._core
        for listener, counters in (("api", self.api_counters), ("admin", self.admin_counters)):
            self._show_http(listener, counters)
        metrics.store_commit_age_s.set(round(self.disk.hangs_s, 1))
        metrics.unrecorded_answers.set(core.recorder.unrecorded)
        for gauge in (metrics.binds_configured, metrics.binds_up, metrics.window_used, metrics.window_size):
            gauge.clear()  # an operator that a reload has taken out is none that is away
        for key, lane in core.dispatch.lanes.items():
            states = lane.operator.states()
            if not states:
                continue  # it has no connection that could be up or down
            metrics.binds_configured.set(len(states), key)
            metrics.binds_up.set(sum(map(_is_whole, states)), key)
            for state in states:
                bind = str(state["bind"])
                metrics.window_used.set(float(str(state["window_used"])), key, bind)
                metrics.window_size.set(float(str(state["window"])), key, bind)

    def _show_http(self, listener: str, counters: HttpCounters) -> None:
        metrics = self._core.metrics
        for (route, status), count in counters.answers.items():
            new = self._new((listener, route, status), count)
            metrics.http_requests.add(route, str(status), by=new)
        for cut, count in counters.cuts.items():
            new = self._new((listener, cut), count)
            if cut is Cut.TOO_MANY:  # answered 503 as well
                metrics.http_failures.add(cut.value, by=new)
            else:
                metrics.bad_input.add("http", cut.value, by=new)
        for (route, code), count in counters.problems.items():
            metrics.bad_input.add("http", code, by=self._new((listener, route, code), count))
        for (route, code), count in counters.failures.items():
            metrics.http_failures.add(code, by=self._new((listener, route, code, "ours"), count))
        for route, times in counters.times.items():
            label = f"{listener}:{route}" if route == UNROUTED else route
            metrics.http_seconds.show(times.buckets, times.total_s, label)

    def _new(self, what: tuple[object, ...], count: int) -> int:
        """By how much a count has grown since it was last shown."""
        known = self._shown.get(what, 0)
        self._shown[what] = count
        return count - known


def _admin_routes(core: Core, status: admin.Status, problems: ProblemWriter) -> list[Route]:
    """The routes of the admin listener. It takes API keys alone, and the word of no proxy."""
    auth = Authenticator(core.accounts, None, TrustedProxies(()))
    ledger = Ledger(core.store, core.accounts, lambda: core.config.plans, utc_now)
    return [
        *admin.routes(status, problems.fault),
        *AdminMoney(ledger, problems).routes(auth),
        admin_openapi_route(problems.fault),
    ]


def token_verifier(config: Config) -> TokenVerifier | None:
    """What checks JWTs; None where `[auth.jwt]` is left out."""
    settings = config.jwt
    if settings is None:
        return None
    secret = None
    keys = None
    if settings.hs256_secret_file is not None:
        secret = config.path_of(settings.hs256_secret_file).read_bytes().strip()
    elif settings.jwks is not None:
        source = settings.jwks if "://" in settings.jwks else str(config.path_of(settings.jwks))
        keys = KeySet(source, _fetch, settings.jwks_refresh_s, settings.jwks_min_refresh_s, time.monotonic)
    return TokenVerifier(settings, hs256_secret=secret, keys=keys, now=time.time)


async def _fetch(source: str) -> bytes:
    """A key set from its URL or file."""
    if "://" not in source:
        return await asyncio.to_thread(Path(source).read_bytes)
    try:
        return orjson.dumps(await fetch_json(source))
    except FetchFailed as error:
        raise ConnectionError(str(error)) from error


def _is_whole(bind: Mapping[str, object]) -> bool:
    """Whether a bind is bound, of a pair both: one that has lost its receiver sends and hears of nothing."""
    receiver = bind.get("receiver", bind)
    return bind["state"] == "bound" and isinstance(receiver, Mapping) and receiver["state"] == "bound"


async def _open(server: HttpServer, setting: str) -> None:
    try:
        await server.start()
    except OSError as error:
        # asyncio's own text is a sentence of its own; a name that is not known has no number of the system's.
        number = error.errno or 0
        why = os.strerror(number).lower() if number > 0 else error.strerror or error
        raise Refused(f"[http] {setting} can't be used: {why}") from error
