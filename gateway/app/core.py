"""The services of a process, put together: what is the same for every dialect and every listener."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
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
class InForce:
    """What a reload changes: the configuration, and the operators that were made of it."""

    config: Config
    operators: dict[str, Operator] = field(default_factory=dict)
    carriers: dict[str, str] = field(default_factory=dict)  #: the `carrier_digest` of each


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What is there before the services. Each record below adds those that are made of what it stands on, and is handed
    on whole."""

    in_force: InForce
    roles: frozenset[Role]
    store: Store
    owner: Owner
    secrets: Secrets
    accounts: Accounts
    metrics: Metrics
    journal: FlightJournal
    renderers: Mapping[str, Renderer]
    capture: Any = None  #: what operators are given to keep their PDUs in: [debug] capture

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.in_force.config

    @property
    def operators(self) -> dict[str, Operator]:
        """The operators in force."""
        return self.in_force.operators


@dataclass(frozen=True, kw_only=True)
class Telling(Ground):
    """By what tenants and other processes are told."""

    client: PooledClient
    shared: Shared
    webhooks: Webhooks
    announcer: Announcer
    alerts: Alerts


@dataclass(frozen=True, kw_only=True)
class Sending(Telling):
    """What messages go through on their way to carriers, and what carriers say of them."""

    standings: Standings
    recorder: Recorder
    dispatch: Dispatch
    receipts: Receipts


@dataclass(frozen=True, kw_only=True)
class Core(Sending):
    """Everything between the HTTP side and the operators."""

    inbounds: Inbounds
    pricing: Pricing
    submit: Submit
    queries: Queries
    terms: Terms
    upkeep: Upkeep
    lease: Lease
    binds: Binds

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
        self.in_force.config = config
        self.in_force.operators = dict(operators)
        settings = settings_of(config)
        self.in_force.carriers = {key: settings[key].carrier_digest() for key in operators}
        self.dispatch.set_up(self.operators, routes_of(config, self.standings), self.policies())
        self.webhooks.settings = config.webhooks
        self.submit.limits = config.limits

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


def build(on: Ground) -> Core:
    """Put the services together, without operators yet."""
    to_send = _sending(_telling(on))
    pricing = Pricing(lambda: on.config.plans)
    inbounds = _inbounds(to_send)
    lease = Lease(on.store, on.owner, on.metrics, lambda: binds.abort())  # noqa: PLW0108 made below
    binds = Binds(on.store, on.owner, lease, lambda: on.operators)
    return Core(
        **vars(to_send),
        inbounds=inbounds,
        pricing=pricing,
        submit=_submit(to_send, pricing),
        queries=Queries(on.store),
        terms=Terms(on.store, lambda: on.config.terms.version, utc_now),
        upkeep=_upkeep(to_send, inbounds),
        lease=lease,
        binds=binds,
    )


def _telling(on: Ground) -> Telling:
    client = client_of(on.config.webhooks)
    shared = share(on.config, on.metrics)
    webhooks = Webhooks(
        on.store,
        client,
        on.renderers,
        on.accounts.secrets_of,
        utc_now,
        on.owner,
        on.config.webhooks,
        on.metrics,
        delivers=Role.WEBHOOKS in on.roles,
        poll_s=POLL_S if on.config.store.embedded else SHARED_LOOK_S,
        hints=shared.hints,
    )
    return Telling(
        **vars(on),
        client=client,
        shared=shared,
        webhooks=webhooks,
        announcer=Announcer(on.accounts.policy, webhooks.claim),
        alerts=Alerts(on.store, on.accounts, webhooks, on.metrics, utc_now),
    )


def _sending(on: Telling) -> Sending:
    standings = Standings(time.monotonic, on_standing=on.metrics.standing)

    # The recorder comes first and knows the dispatch by name only: each of them leads to the other.
    def another(message: Message) -> str | None:
        return dispatch.routes.after_undelivered(message)

    def on_waiting(message: Message) -> None:
        dispatch.left(message)

    def on_room() -> None:
        """Answers were recorded: operators that were held may write."""
        for operator in on.operators.values():
            operator.kick()
        dispatch.feed_all()

    recorder = Recorder(
        on.store, on.journal, on.announcer, on.webhooks, on.metrics, utc_now, another, on_waiting, on_room
    )
    dispatch = Dispatch(
        on.store,
        on.owner,
        on.journal,
        recorder,
        routes_of(on.config, standings),
        utc_now,
        look_again_s(on.config),
        on.shared.hints,
    )
    receipts = Receipts(
        on.store, on.announcer, on.webhooks, on.metrics, utc_now, another, on_waiting, standings.receipted
    )
    return Sending(**vars(on), standings=standings, recorder=recorder, dispatch=dispatch, receipts=receipts)


def _submit(on: Sending, pricing: Pricing) -> Submit:
    shared = on.shared
    return Submit(
        on.store,
        on.dispatch,
        RateGate(time.monotonic, shared.accounts, lambda: shared.takers),
        on.metrics,
        utc_now,
        on.config.limits,
        lambda: shared.refuses,
        Guard(on.metrics, on.alerts.limit_hit, lambda: shared.takers, shared.told),
        pricing,
    )


def _inbounds(on: Sending) -> Inbounds:
    return Inbounds(
        on.store,
        on.announcer,
        on.webhooks,
        on.dispatch,
        on.accounts.policy,
        on.metrics,
        utc_now,
        SIMULATED,
        lambda: on.config.countries,
        lambda: on.config.inbound.join_wait_s,
    )


def _upkeep(on: Sending, inbounds: Inbounds) -> Upkeep:
    return Upkeep(
        on.store,
        on.owner,
        on.accounts,
        on.dispatch,
        on.receipts,
        inbounds,
        on.announcer,
        on.webhooks,
        on.metrics,
        utc_now,
        lambda: on.config.limits.retention_days,
        lambda: on.in_force.carriers,
    )
