"""The services of a process, put together: what is the same for every dialect and every listener."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from gateway.app.shared import Shared, share
from gateway.config import Config, Role
from gateway.domain.message import Message
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.retry import RetryPolicy
from gateway.journal import FlightJournal
from gateway.metrics import Metrics
from gateway.operators.settings import OperatorSettings
from gateway.operators.simulated import Config as SimulatedConfig
from gateway.operators.wiring import Wiring
from gateway.operators.wiring import make as make_operator
from gateway.outbound import Limits, PooledClient
from gateway.ports import Acknowledge, Clock, Operator, Owner, Renderer, Store
from gateway.secrets import Secrets
from gateway.services.accounts import Accounts
from gateway.services.alerts import Alerts
from gateway.services.binds import Binds
from gateway.services.dispatch import LOOK_AGAIN_S, Dispatch
from gateway.services.events import Announcer
from gateway.services.inbound import Inbounds
from gateway.services.lease import Lease
from gateway.services.limits import Guard
from gateway.services.pricing import Pricing
from gateway.services.queries import Queries
from gateway.services.rate import RateGate
from gateway.services.receipts import Receipts
from gateway.services.recorder import Recorder
from gateway.services.routes import Routes
from gateway.services.standings import Standings
from gateway.services.submit import Submit
from gateway.services.terms import Terms
from gateway.services.upkeep import Upkeep
from gateway.services.webhooks import POLL_S, Webhooks, WebhookSettings
from routing.table import Table

SIMULATED = "simulated"

CONNECTIONS_PER_ORIGIN = 64
"""To one host, over all accounts: `webhooks.concurrency_per_destination` bounds each account's share."""

SHARED_LOOK_S = 0.5
"""How often a store that others write to as well is looked at for messages and webhooks that wait there."""


utc_now: Clock = partial(datetime.now, UTC)
"""The time, aware UTC."""


def table_of(config: Config) -> Table:
    """The routing table of a configuration. Raises TableError."""
    operators = [operator.id for operator in config.operators]
    return Table([route.rule() for route in config.routes], operators, config.prices)


def routes_of(config: Config, standings: Standings) -> Routes:
    """The routing of a configuration, which goes by what is known of its operators."""
    table = table_of(config)
    standings.set_up(config.health.limits(), table.operators)
    return Routes(table, SIMULATED, utc_now, standings)


def settings_of(config: Config) -> dict[str, OperatorSettings]:
    """The operators of a configuration, and the simulated one, which is always there."""
    settings: dict[str, OperatorSettings] = {operator.id: operator for operator in config.operators}
    settings.setdefault(SIMULATED, SimulatedConfig(id=SIMULATED, window=100))
    return settings


@dataclass(slots=True)
class Core:
    """Everything between the HTTP side and the operators."""

    config: Config
    store: Store
    owner: Owner
    secrets: Secrets
    accounts: Accounts
    alerts: Alerts
    metrics: Metrics
    journal: FlightJournal
    client: PooledClient
    webhooks: Webhooks
    recorder: Recorder
    dispatch: Dispatch
    standings: Standings
    receipts: Receipts
    inbounds: Inbounds
    submit: Submit
    queries: Queries
    pricing: Pricing
    terms: Terms
    upkeep: Upkeep
    lease: Lease
    binds: Binds
    shared: Shared
    roles: frozenset[Role]
    operators: dict[str, Operator]
    capture: Any = None  # what operators are given to keep their PDUs in: [debug] capture

    # --- Reports: what operators tell

    def room(self, operator: str) -> None:
        """There may be room for parts again."""
        self.dispatch.on_room(operator)

    def receipt(self, receipt: Receipt, acknowledge: Acknowledge) -> None:
        """A receipt came."""
        self.receipts.take(receipt, acknowledge)

    def inbound(self, inbound: Inbound, acknowledge: Acknowledge) -> None:
        """A message from a phone came."""
        self.inbounds.take(inbound, acknowledge)

    def changed(self, operator: str) -> None:
        """An operator went up or down."""
        self.dispatch.changed(operator)

    # --- operators

    def wiring(self) -> Wiring:
        """What operators are given."""
        may_write = self.recorder.may_write
        if self.config.store.embedded:  # its lease never ends
            return Wiring(self.journal, self.metrics, utc_now, may_write, capture=self.capture)
        holds = self.lease.holds
        return Wiring(
            self.journal, self.metrics, utc_now, lambda: holds() and may_write(), holds, self.capture
        )

    def policies(self) -> dict[str, RetryPolicy]:
        """Each operator's patience."""
        return {key: settings.retry_policy() for key, settings in settings_of(self.config).items()}

    def take(self, config: Config, operators: Mapping[str, Operator]) -> None:
        """Put a configuration in force. Operators that are the same objects go on as they were."""
        self.config = config
        self.operators = dict(operators)
        self.dispatch.set_up(self.operators, routes_of(config, self.standings), self.policies())
        self.webhooks.settings = config.webhooks

    def build_operators(self, config: Config) -> dict[str, Operator]:
        """The operators of a configuration: the present ones where nothing of theirs has changed; none where this
        process does not send. Raises OperatorError, and then nothing has happened."""
        if Role.SENDER not in self.roles:
            return {}
        present = settings_of(self.config)
        wiring = self.wiring()
        operators: dict[str, Operator] = {}
        for key, settings in settings_of(config).items():
            if key in self.operators and present.get(key) == settings:
                operators[key] = self.operators[key]
            else:
                operators[key] = make_operator(settings, wiring)
                if not self.config.store.embedded:
                    operators[key].hold(())  # until the store has said which are ours
        return operators

    def writing_may_go_on(self) -> None:
        """Answers were recorded: operators that were held may write."""
        for operator in self.operators.values():
            operator.kick()
        self.dispatch.feed_all()


def look_again_s(config: Config) -> float:
    """How often lanes look at the store by themselves."""
    return LOOK_AGAIN_S if config.store.embedded else SHARED_LOOK_S


def client_of(settings: WebhookSettings) -> PooledClient:
    """The client that webhooks go out by."""
    return PooledClient(
        allow_private_addresses=settings.allow_private_addresses,
        limits=Limits(
            connections=CONNECTIONS_PER_ORIGIN,
            connect_timeout_s=settings.connect_timeout_s,
            answer_timeout_s=settings.answer_timeout_s,
        ),
    )


def _webhooks(
    config: Config,
    store: Store,
    owner: Owner,
    accounts: Accounts,
    metrics: Metrics,
    client: PooledClient,
    renderers: Mapping[str, Renderer],
    shared: Shared,
) -> Webhooks:
    return Webhooks(
        store,
        client,
        renderers,
        accounts.secrets_of,
        utc_now,
        owner,
        config.webhooks,
        metrics,
        delivers=Role.WEBHOOKS in config.process.roles,
        poll_s=POLL_S if config.store.embedded else SHARED_LOOK_S,
        hints=shared.hints,
    )


def _submit(
    store: Store,
    dispatch: Dispatch,
    metrics: Metrics,
    shared: Shared,
    guard: Guard,
    pricing: Pricing,
    config: Callable[[], Config],
) -> Submit:
    return Submit(
        store,
        dispatch,
        RateGate(time.monotonic, shared.accounts, lambda: shared.takers),
        metrics,
        utc_now,
        lambda: config().limits.backlog,
        lambda: config().limits.default_validity_s,
        lambda: shared.refuses,
        guard,
        pricing,
    )


def _inbounds(
    store: Store,
    announcer: Announcer,
    webhooks: Webhooks,
    dispatch: Dispatch,
    accounts: Accounts,
    metrics: Metrics,
    config: Callable[[], Config],
) -> Inbounds:
    return Inbounds(
        store,
        announcer,
        webhooks,
        dispatch,
        accounts.policy,
        metrics,
        utc_now,
        SIMULATED,
        lambda: config().countries,
        lambda: config().inbound.join_wait_s,
    )


def _upkeep(
    store: Store,
    owner: Owner,
    accounts: Accounts,
    dispatch: Dispatch,
    receipts: Receipts,
    inbounds: Inbounds,
    announcer: Announcer,
    webhooks: Webhooks,
    metrics: Metrics,
    config: Callable[[], Config],
) -> Upkeep:
    return Upkeep(
        store,
        owner,
        accounts,
        dispatch,
        receipts,
        inbounds,
        announcer,
        webhooks,
        metrics,
        utc_now,
        lambda: config().limits.retention_days,
    )


def build(
    config: Config,
    store: Store,
    owner: Owner,
    secrets: Secrets,
    accounts: Accounts,
    metrics: Metrics,
    journal: FlightJournal,
    renderers: Mapping[str, Renderer],
) -> Core:
    """Put the services together, without operators yet."""
    client = client_of(config.webhooks)
    shared = share(config, metrics)
    webhooks = _webhooks(config, store, owner, accounts, metrics, client, renderers, shared)
    announcer = Announcer(accounts.policy, webhooks.claim)
    alerts = Alerts(store, accounts, webhooks, metrics, utc_now)
    core: Core
    standings = Standings(time.monotonic, on_standing=metrics.standing)
    routes = routes_of(config, standings)

    # These come first and know the others by name only: each of them leads to the next.
    def another(message: Message) -> str | None:
        return dispatch.routes.after_undelivered(message)

    def on_waiting(message: Message) -> None:
        dispatch.left(message)

    def on_room() -> None:
        core.writing_may_go_on()

    recorder = Recorder(store, journal, announcer, webhooks, metrics, utc_now, another, on_waiting, on_room)
    dispatch = Dispatch(store, owner, journal, recorder, routes, utc_now, look_again_s(config), shared.hints)
    receipts = Receipts(
        store, announcer, webhooks, metrics, utc_now, another, on_waiting, standings.receipted
    )
    inbounds = _inbounds(store, announcer, webhooks, dispatch, accounts, metrics, lambda: core.config)
    pricing = Pricing(lambda: core.config.plans)
    guard = Guard(metrics, alerts.limit_hit, lambda: shared.takers, shared.told)
    submit = _submit(store, dispatch, metrics, shared, guard, pricing, lambda: core.config)
    upkeep = _upkeep(
        store,
        owner,
        accounts,
        dispatch,
        receipts,
        inbounds,
        announcer,
        webhooks,
        metrics,
        lambda: core.config,
    )
    lease = Lease(store, owner, metrics, lambda: core.binds.abort())  # noqa: PLW0108 made below
    core = Core(
        config,
        store,
        owner,
        secrets,
        accounts,
        alerts,
        metrics,
        journal,
        client,
        webhooks,
        recorder,
        dispatch,
        standings,
        receipts,
        inbounds,
        submit,
        Queries(store),
        pricing,
        Terms(store, lambda: core.config.terms.version, utc_now),
        upkeep,
        lease,
        Binds(store, owner, lease, lambda: core.operators),
        shared,
        frozenset(config.process.roles),
        {},
    )
    return core
