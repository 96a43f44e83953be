"""Everything the gateway counts, in one place: one `Metrics` object for one gateway, made by `gateway.app`.

Rule 1: each value is written by one thread (the event loop's, or the store's writer), so that plain ints and
dictionaries will do: `add` costs 0.2 us, a labelled counter of prometheus_client with its locks 1.3 us. What is
counted for every message keeps its `Count` or `Spread` (`of`): 0.02 and 0.1 us.
Rule 2: labels are closed sets or come from the configuration, never from a tenant or a carrier: no account,
no number, no URL (promise 6, and memory).
Rule 3: the help text says what an operator does about it.

Rule 4: what an alert asks `rate` or `increase` of is shown from the start, be it zero (`of`): of a value that appears
as 1 Prometheus sees no increase, and the first refused reload would wake nobody.

What has to be looked up (queue ages, windows) is not kept up to date but asked for: append a function to
`Metrics.before_render`, and it sets its gauges when somebody scrapes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from importlib.metadata import version
from typing import Protocol

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of what `Metrics.render` returns: the text format of Prometheus."""

HTTP_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""As `http_api.counters` counts them."""
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LONG_SECONDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 21600.0, 86400.0)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

Labels = tuple[str, ...]


class Replaced(StrEnum):
    """Why a worker was replaced without being asked for."""

    ENDED = "ended"  #: by itself, also before it was ready
    KILLED = "killed"  #: by a signal that nobody of ours has sent
    HUNG = "hung"  #: its event loop turned no more, or its drain came to no end


class Refusal(Protocol):
    """A refused message, as far as it is counted."""

    @property
    def why(self) -> str: ...


class Family(Collector):
    """A name, what to do about it, and the names of its labels."""

    def __init__(self, name: str, text: str, labels: Labels = ()) -> None:
        self.name = f"trunkline_{name}"
        self.text = text
        self.labels = labels

    def describe(self) -> Iterator[Metric]:
        """The family without its values: how the registry finds a name that is used twice."""
        return iter([Metric(self.name, self.text, "unknown")])

    def _check(self, labels: Labels) -> None:
        if len(labels) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not the values {labels}")


class Count:
    """One value of a counter. Whoever counts often keeps it, and adds to `total` itself."""

    __slots__ = ("total",)

    def __init__(self) -> None:
        self.total: float = 0


class Counter(Family):
    """What only grows. Its name ends with `_total` in the output."""

    def __init__(self, name: str, text: str, labels: Labels = ()) -> None:
        super().__init__(name, text, labels)
        self._counts: dict[Labels, Count] = {} if labels else {(): Count()}

    def of(self, *labels: str) -> Count:
        """The value that the labels' values name: shown from now on, be it zero."""
        count = self._counts.get(labels)
        if count is None:
            self._check(labels)
            count = self._counts[labels] = Count()
        return count

    def add(self, *labels: str, by: float = 1) -> None:
        """Count something that the labels' values name."""
        count = self._counts.get(labels) or self.of(*labels)
        count.total += by

    def value(self, *labels: str) -> float:
        """What is counted so far."""
        count = self._counts.get(labels)
        return count.total if count is not None else 0

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        family = CounterMetricFamily(self.name, self.text, labels=self.labels)
        for labels in sorted(self._counts):
            family.add_metric(labels, self._counts[labels].total)
        yield family


class Gauge(Family):
    """What goes up and down."""

    def __init__(self, name: str, text: str, labels: Labels = ()) -> None:
        super().__init__(name, text, labels)
        self._values: dict[Labels, float] = {} if labels else {(): 0}

    def set(self, value: float, *labels: str) -> None:
        """Say what it is now."""
        if labels not in self._values:
            self._check(labels)
        self._values[labels] = value

    def clear(self) -> None:
        """Forget every value: before a function of `before_render` tells those that still exist."""
        self._values = {} if self.labels else {(): 0}

    def value(self, *labels: str) -> float:
        """What was said last."""
        return self._values.get(labels, 0)

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        family = GaugeMetricFamily(self.name, self.text, labels=self.labels)
        for labels, value in sorted(self._values.items()):
            family.add_metric(labels, value)
        yield family


class Spread:
    """One set of buckets of a histogram. Whoever counts often keeps it."""

    __slots__ = ("bounds", "buckets", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.buckets = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self.buckets[bisect_left(self.bounds, value)] += 1
        self.total += value


class Histogram(Family):
    """How values are spread over buckets; `bounds` are their upper ends."""

    def __init__(self, name: str, text: str, bounds: Sequence[float], labels: Labels = ()) -> None:
        super().__init__(name, text, labels)
        self._bounds = tuple(bounds)
        self._spreads: dict[Labels, Spread] = {} if labels else {(): Spread(self._bounds)}

    def of(self, *labels: str) -> Spread:
        """The buckets that the labels' values name: shown from now on, be they empty."""
        spread = self._spreads.get(labels)
        if spread is None:
            self._check(labels)
            spread = self._spreads[labels] = Spread(self._bounds)
        return spread

    def observe(self, value: float, *labels: str) -> None:
        """Count one value."""
        self.of(*labels).observe(value)

    def show(self, buckets: Sequence[int], total: float, *labels: str) -> None:
        """Say what somebody else has counted: how many values per bucket, the last one without a bound,
        and their sum.

        Raises ValueError when it was counted in other buckets.
        """
        if len(buckets) != len(self._bounds) + 1:
            raise ValueError(f"{self.name} has {len(self._bounds) + 1} buckets, not {len(buckets)}")
        spread = self.of(*labels)
        spread.buckets, spread.total = list(buckets), total

    def count(self, *labels: str) -> int:
        """How many values there were."""
        spread = self._spreads.get(labels)
        return sum(spread.buckets) if spread is not None else 0

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        family = HistogramMetricFamily(self.name, self.text, labels=self.labels)
        for labels in sorted(self._spreads):
            spread, total = self._spreads[labels], 0
            cumulative: list[tuple[str, float]] = []
            for bound, count in zip((*map(str, self._bounds), "+Inf"), spread.buckets, strict=True):
                total += count
                cumulative.append((bound, total))
            family.add_metric(labels, cumulative, spread.total)
        yield family


class Metrics:
    """The gateway's metrics. Every attribute that is a `Family` stands in the output of `render`."""

    def __init__(self) -> None:
        self.before_render: list[Callable[[], None]] = []
        self._http()
        self._messages()
        self._carriers()
        self._from_carriers()
        self._standings()
        self._webhooks()
        self._store()
        self._redis()
        self._process()
        self.registry = CollectorRegistry()
        for family in vars(self).copy().values():
            if isinstance(family, Family):
                self.registry.register(family)
        ProcessCollector(registry=self.registry)

    def render(self) -> bytes:
        """Everything in the text format of Prometheus (`CONTENT_TYPE`)."""
        for ask in self.before_render:
            ask()
        return generate_latest(self.registry)

    def accepted(self, dialect: str, env: str, messages: int) -> None:
        """Messages were made durable."""
        self.messages_accepted.add(dialect, env, by=messages)

    def refused(self, refusals: Iterable[Refusal]) -> None:
        """Messages were refused, each for its reason."""
        for refusal in refusals:
            self.messages_refused.add(refusal.why)

    def receipt(self, operator: str, effect: str, state: str) -> None:
        """A receipt was applied, parked or known already."""
        self.receipts.add(operator, effect, state)

    def standing(self, operator: str, country: str, standing: str) -> None:
        """An operator does badly for a country code, is tried again, or does well again."""
        self.standings.add(operator, country, standing)
        self.out.set(float(standing != "well"), operator, country)

    def inbound(self, operator: str, action: str, *, owned: bool) -> None:
        """A message from a phone is durable."""
        self.inbound_messages.add(operator, action, "yes" if owned else "no")

    def illegal_transitions(self, moves: int) -> None:
        """The transition table refused that many moves."""
        self.transitions_refused.add(by=moves)

    def _http(self) -> None:
        self.http_requests = Counter(
            "http_requests",
            "HTTP answers. Many 5xx: see store_errors and the log. Many 429: an account is over its rate.",
            ("route", "status"),
        )
        self.http_seconds = Histogram(
            "http_request_seconds",
            "From a request's last byte to its answer. High: compare store_commit_seconds and the CPU.",
            HTTP_SECONDS,
            ("route",),
        )
        self.http_failures = Counter(
            "http_failures",
            "Requests that were not answered for a reason of ours, by kind. OVERLOADED: see waiting_messages;"
            " DEPENDENCY_UNAVAILABLE: see store_errors; INTERNAL_ERROR: a defect, report it with the log; too_many"
            " connections: raise max_connections, or look who holds them.",
            ("kind",),
        )
        self.bad_input = Counter(
            "bad_input",
            "Refused input by its source (http, smpp, webhook, config) and kind. Rising: a peer is broken or"
            " probing; the log names it.",
            ("source", "kind"),
        )

    def _messages(self) -> None:
        self.messages_accepted = Counter(
            "messages_accepted", "Messages made durable and answered for.", ("dialect", "env")
        )
        self.messages_refused = Counter(
            "messages_refused",
            "Messages refused by a gate, by its word. overloaded: see waiting_messages.",
            ("why",),
        )
        self.limits_refused = Counter(
            "limits_refused",
            "Messages that an account's limit has refused, by the setting (balance: its money). A jump of"
            " numbers_in_a_row, prefix_per_h or allowed_countries: somebody pumps traffic. The account's alerts say"
            " whose.",
            ("limit",),
        )
        self.messages_ended = Counter(
            "messages_ended",
            "Messages with a final status and its reason. Many too_many_attempts or carrier_error: look at"
            " submits of that time; no_route: add a route.",
            ("status", "reason"),
        )
        self.waiting = Gauge(
            "waiting_messages",
            "Messages that wait in the store, by operator (empty: to be routed) and class. Growing: the"
            " operator is down, throttled, or its window or rate is too small.",
            ("operator", "class"),
        )
        self.waiting_age_s = Gauge(
            "waiting_age_seconds",
            "Age of the oldest message that waits. OTP over 10 s deserves a page.",
            ("operator", "class"),
        )
        self.transitions_refused = Counter(
            "illegal_transitions",
            "Status moves that the table forbids, refused. Some: receipts after the end. Many: a carrier"
            " contradicts itself.",
        )
        self.in_doubt = Gauge(
            "parts_in_doubt",
            "Parts written without a recorded answer. Stays up: the carrier sends no receipts; choose"
            " on_doubt = resend or fail for it.",
        )
        self.unrecorded_answers = Gauge(
            "unrecorded_answers",
            "Carrier answers not yet in the store. At max_unrecorded_answers writing stops: a slow store.",
        )

    def _carriers(self) -> None:
        self.binds_up = Gauge(
            "binds_up", "Bound sessions. Below binds_configured: see the log, then rebind.", ("operator",)
        )
        self.binds_configured = Gauge(
            "binds_configured", "Sessions that the configuration asks for.", ("operator",)
        )
        self.bind_losses = Counter(
            "bind_losses",
            "Sessions that ended, and why. Steady: ask the carrier; answers too late: its network.",
            ("operator", "why"),
        )
        self.window_used = Gauge(
            "window_used_parts",
            "Parts written and not answered. At window_size: the carrier is the limit, ask for a larger one.",
            ("operator", "bind"),
        )
        self.window_size = Gauge("window_size_parts", "Parts that may be unanswered.", ("operator", "bind"))
        self.submits = Counter(
            "submits",
            "Parts answered, by command_status (no_answer: none came). ESME_RTHROTTLED: lower rate_per_s.",
            ("operator", "command_status"),
        )
        self.submit_seconds = Histogram(
            "submit_seconds",
            "From writing a part to its answer. Window divided by it is the most that a bind can carry.",
            SECONDS,
            ("operator",),
        )
        self.throttle_pauses = Counter(
            "throttle_pauses",
            "Pauses because the carrier asked for one. Often: rate_per_s is above what it sold.",
            ("operator",),
        )
        self.paced_waits = Counter(
            "paced_waits",
            "Waits for a rate, by what limits it: bind, operator, sender, prefix. Many while messages wait: that is the"
            " limit; raise it, or spread the messages.",
            ("operator", "level"),
        )
        self.pace_per_s = Gauge(
            "pace_parts_per_second",
            "The operator's rate in force in this process, 0: no limit. Below its part of rate_per_s: the carrier has"
            " complained, and it grows back by a tenth each second.",
            ("operator",),
        )
        self.congestion_state = Gauge(
            "congestion_state",
            "How full the carrier said it is, 0 to 100 (SMPP 5.0). From 90 on the rate is lowered.",
            ("operator",),
        )

    def _from_carriers(self) -> None:
        self.receipts = Counter(
            "receipts",
            "Receipts by what they did and the state they told. Many parked: the carrier's ids are not those"
            " of its answers; set its id form.",
            ("operator", "effect", "state"),
        )
        self.parked_receipts = Gauge(
            "parked_receipts", "Receipts whose part is not known yet. Growing: see receipts, effect parked."
        )
        self.inbound_messages = Counter(
            "inbound_messages",
            "Messages from phones by what they asked for (none: just text). owned no: nobody has the number;"
            " `trunkline number add`.",
            ("operator", "action", "owned"),
        )

        self.replies_withheld = Counter(
            "replies_withheld",
            "Automatic replies (STOP, START, HELP) that were not sent, for the same phone had had five within an hour:"
            " two machines answer each other. The log masks the number; the message itself is kept.",
            ("operator",),
        )
        self.alerts = Counter(
            "alert_notifications",
            "Notices that a phone is there again. They end nothing: the carrier sends what waits for it by itself.",
            ("operator",),
        )
        self.queries = Counter(
            "queries",
            "query_sm for parts without a receipt, by what came of it: final, not_yet, refused, unanswered, unknown"
            " (the carrier has no such thing), given_up. Many final: its receipts get lost; ask it why.",
            ("operator", "result"),
        )

    def _standings(self) -> None:
        self.standings = Counter(
            "operator_standing",
            "Changes of how an operator stands for a country code: out (too many bad answers or receipts: the others go"
            " first), trial, well. Out again and again: pause it, and ask the carrier.",
            ("operator", "country", "standing"),
        )
        self.out = Gauge(
            "operator_out",
            "1 while an operator does badly for a country code and comes after all others, by this process's count.",
            ("operator", "country"),
        )

    def _webhooks(self) -> None:
        self.webhooks = Counter(
            "webhook_tries",
            "Webhook requests by outcome: delivered, retry, dead. Many retry: `trunkline webhook dead list`"
            " in time, and tell the tenant.",
            ("outcome",),
        )
        self.webhook_answers = Counter(
            "webhook_answers",
            "Answers to webhooks by class (2xx to 5xx, other), none: no answer, or not one of HTTP. Many none:"
            " our way out, or a tenant's server is gone; the log names the destination.",
            ("class",),
        )
        self.webhook_lag = Histogram(
            "webhook_lag_seconds",
            "From the event to its delivery. The upper buckets are slow or dead tenants, not the gateway.",
            LONG_SECONDS,
        )
        self.webhooks_waiting = Gauge(
            "webhooks_waiting", "Events in the store that are not delivered. Growing: see webhooks_paused."
        )
        self.webhooks_dead = Gauge(
            "webhooks_dead", "Events given up. `trunkline webhook dead list`, then `webhook dead replay`."
        )
        self.alerts_told = Counter(
            "alerts",
            "Alerts told to accounts, by kind: low_balance, failures, limit. Many limit: `trunkline alert list` says"
            " whose; somebody may be abusing that account.",
            ("kind",),
        )
        self.webhooks_in_hand = Gauge("webhooks_in_hand", "Events that this process holds to deliver them.")
        self.webhooks_paused = Gauge(
            "webhook_destinations_paused", "Destinations left alone for a while because they keep failing."
        )

    def _store(self) -> None:
        self.store_commit = Histogram(
            "store_commit_seconds",
            "Time of a commit. Above 0.05: the disk is slow or shared; everything waits for it.",
            SECONDS,
        )
        self.store_commit_age_s = Gauge(
            "store_commit_age_seconds",
            "For how long the commit under way has been that, of an embedded store. Above 6: its disk hangs; the log"
            " says since when.",
        )
        self.store_batch = Histogram(
            "store_batch_items",
            "Items joined in one commit. All at 1 under load: the batcher is starved.",
            SIZES,
        )
        self.store_errors = Counter(
            "store_errors",
            "Store calls that failed (unavailable). Any: disk full, read-only, or down.",
            ("kind",),
        )
        self.store_errors.of("unavailable")

    def _redis(self) -> None:
        self.redis_up = Gauge(
            "redis_up",
            "1 while Redis answers. 0 where one is configured: nothing is lost; messages for other processes wait up"
            " to half a second, and limits are shared evenly.",
        )
        self.redis_failures = Counter(
            "redis_failures",
            "Exchanges with Redis that failed: timeout, connection, refused (full, read-only, a wrong password),"
            " reader (the connection that hints come by), overflow. Steady: see the log, then Redis and its network.",
            ("kind",),
        )
        for kind in ("timeout", "connection", "refused", "reader", "overflow"):
            self.redis_failures.of(kind)
        self.redis_hints = Counter(
            "redis_hints",
            "Hints that something waits in the store: published, received, passed_on by who could not take all of it."
            " Published and never received: no process has room.",
            ("way",),
        )
        self.redis_limits = Counter(
            "redis_limits",
            "Messages under a limit of their account that processes told each other of: sent, heard, unreadable (while"
            " versions differ). Sent and never heard where there are several api processes: see redis_failures.",
            ("way",),
        )
        self.redis_lots = Counter(
            "redis_lots",
            "Lots of a shared rate, by limit (account, operator) and outcome (taken, empty, returned, lost). Many"
            " empty: the rate is what holds them up.",
            ("limit", "outcome"),
        )

    def _process(self) -> None:
        self.task_failures = Counter(
            "task_failures",
            "Errors that reached the top of a task: a defect, report it with the log.",
            ("task",),
        )
        self.config_reloads = Counter(
            "config_reloads",
            "Reloads by result (applied, refused). refused: run `trunkline check`.",
            ("result",),
        )
        for result in ("applied", "refused"):
            self.config_reloads.of(result)
        self.worker_replaced = Counter(
            "worker_replaced",
            "With `serve --workers`: how often the worker in this one's place was replaced since the supervisor began,"
            " and why: ended by itself, killed (by a signal: for want of memory, perhaps), hung. The log tells more.",
            ("reason",),
        )
        for reason in Replaced:
            self.worker_replaced.of(reason)
        self.certificate_ends = Gauge(
            "certificate_end_time_seconds",
            "When a certificate ends that we show, in seconds since 1970: that of a listener to callers, or of an"
            " operator's binds to its carrier.",
            ("listener", "operator"),
        )
        self.certificate_due = Gauge(
            "certificate_due_time_seconds",
            "When it should have been renewed, in seconds since 1970: 30 days before its end, or a quarter of its time"
            " where that is less. Over: renew it, then reload.",
            ("listener", "operator"),
        )
        self.carrier_conflicts = Gauge(
            "carrier_conflicts",
            "Other processes of the store that mean another carrier (host, port or system_id) by this operator's id."
            " Over 0 for longer than a change goes round: two deployments on one database.",
            ("operator",),
        )
        self.build_info = Gauge("build_info", "Always 1; its label says which release runs.", ("version",))
        self.build_info.set(1, version("trunkline"))
