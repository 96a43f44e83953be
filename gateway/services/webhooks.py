"""Webhook events on their way to the tenants: at least once, in order per message, and no tenant in
another's way.

An event is a row of the store from the commit of the state that it tells of. It comes here by
`hand_over`, right after that commit, when `claim` said during the decision that its destination is well
and has room; otherwise it waits in the store and is claimed in batches (`run`). Either way it is in hand
until its outcome is settled in the store; what a dead process had in hand is given back by
`Store.recover`.

How a try ends: any 2xx is success. 410 (Gone) means that the tenant wants no more of it: dead at once.
Everything else is tried again by `WebhookSettings.schedule`, then hourly, until the event is a day old; at
429 and 503 not before Retry-After (an hour at most), which pauses its destination, too. A replayed event
that is older than a day has one try.

Network faults, 5xx, 408 and 429 count against the destination. Any other answer shows that the host is well:
a no is about one URL or one event, and others at the same host (a provider with many tenants) may go on.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from typing import Protocol

import structlog

from gateway.domain.event import Event, Settled
from gateway.errors import StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import Clock, Owner, Renderer, WebhookAnswer, WebhookStore
from gateway.services.destinations import Destination
from gateway.services.hints import WEBHOOKS, Hints, NoHints
from gateway.services.signature import key_of, sign, signatures
from gateway.services.webhook_settings import WebhookSettings

__all__ = ["WebhookSettings", "Webhooks", "key_of", "sign", "signatures"]

log = structlog.get_logger("gateway.webhooks")

MAX_IN_HAND = 20_000  #: events of all destinations
MAX_IN_FLIGHT = 512  #: requests; the client's bound on connections is the same
CLAIM_BATCH = 500
SETTLE_BATCH = 1_000
POLL_S = 5.0  #: the store is asked at least so often: commands beside us replay dead events
LOOK_S = 0.1  #: after outcomes are kept: there is room, and a later event of the same message may go now
STORE_PAUSE_S = 1.0  #: between tries while the store is down
MAX_RETRY_AFTER_S = 3_600.0
ERROR_CHARS = 512
MAX_DESTINATIONS = 10_000  #: remembered; URLs are the tenants' to invent

UNSIGNED = (
    "no webhook secret of the account opens with this key file: put the right one back, or rotate the secret"
)
_RENDER = "webhook-render"  #: the task under which what can't be worded is counted
_CLASSES = {0: "none", 2: "2xx", 3: "3xx", 4: "4xx", 5: "5xx"}


class Sender(Protocol):
    """A `WebhookClient` that tells the answer by a call: no task and no future per event."""

    def send(self, url: str, lines: str, body: bytes, on_answer: Callable[[WebhookAnswer], None]) -> None:
        """`lines`: the headers, each ended by CR LF. `on_answer` is called exactly once, later, on the event loop's
        thread."""
        ...


class Webhooks:
    """The way of webhook events to their destinations.

    `secrets_of` gives an account's valid keys (the bytes inside `whsec_...`), newest first; all of them
    sign. Called on the event loop's thread, but for `claim`, which may be called from any.
    """

    def __init__(
        self,
        store: WebhookStore,
        client: Sender,
        renderers: Mapping[str, Renderer],
        secrets_of: Callable[[str], Sequence[bytes]],
        clock: Clock,
        owner: Owner,
        settings: WebhookSettings,
        metrics: Metrics,
        *,
        delivers: bool = True,
        poll_s: float = POLL_S,
        hints: Hints | None = None,
    ) -> None:
        """`delivers`: False leaves all events to other processes. `poll_s`: how often the store is asked at least,
        while no hints come through; `hints` are given for what waits for others."""
        self.settings = settings
        self._delivers = delivers
        self._poll_s = poll_s
        self._hints = hints or NoHints()
        if delivers:
            self._hints.subscribe(self)
        self._store = store
        self._client = client
        self._renderers = renderers
        self._secrets_of = secrets_of
        self._clock = clock
        self._owner = owner
        self._metrics = metrics
        self._lines = f"content-type: application/json\r\nuser-agent: Trunkline/{version('trunkline')}\r\n"
        # How nearly every try ends.
        self._2xx = metrics.webhook_answers.of(_CLASSES[2])
        metrics.task_failures.of(_RENDER)
        self._tries_delivered = metrics.webhooks.of("delivered")
        self._lag = metrics.webhook_lag.of()
        self._destinations: dict[str, Destination] = {}
        # Subject in hand -> events that wait for its earlier one, if any.
        self._later: dict[bytes, list[Event] | None] = {}
        self._blocked: dict[str, Destination] = {}  # could send, but for MAX_IN_FLIGHT; in turn
        self._paused: set[Destination] = set()  # or whose pause has just ended
        self._asked: dict[str, int] = {}  # what `_room` said during one claim
        self._sweep_at = MAX_DESTINATIONS
        self._in_hand = 0
        self._held: Counter[bytes] | None = None  # the same by id, until the store knows how they ended
        self._in_flight = 0
        self._settled: list[Settled] = []
        self._settling = False
        self._to_settle = asyncio.Event()
        self._wake = asyncio.Event()
        self._look: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._draining = False
        metrics.before_render.append(self._show)

    # --- from the services

    def claim(self, name: str) -> int | None:
        """Whether this process delivers an event to a destination right after the commit: its number, or None.

        Nothing is reserved: a decision may run twice, and a few events above the bounds do no harm.
        """
        if self._draining or self._in_hand >= MAX_IN_HAND or not self._delivers:
            return None
        destination = self._destinations.get(name)
        if destination is None or destination.takes:
            return self._owner.number
        destination.backlog = True
        return None

    def hand_over(self, events: Sequence[Event]) -> None:
        """Events of a commit that has happened: delivered now when they were claimed, else looked for in
        the store."""
        now = self._clock()
        for event in events:
            if event.owner is not None:
                self._take(event, now)
                continue
            self._hints.publish(WEBHOOKS, 1)
            if self._worth_a_look(event.destination):
                self._wake.set()

    def _worth_a_look(self, name: str) -> bool:
        """Whether nothing else will wake us for a destination: neither an answer nor the end of a pause."""
        known = self._destinations.get(name)
        return known is None or not (known.in_hand or known.paused(self._clock()))

    def keep_account(self) -> None:
        """From now on know all that is `in_hand`: only a process that shares its store is asked."""
        self._held = Counter()

    def in_hand(self) -> set[bytes]:
        """Ids of all events that this process has, or has an outcome of that is not in the store yet."""
        return set(self._held or ())

    def wake(self) -> None:
        """Look into the store now."""
        self._wake.set()

    # --- hints

    def wanted(self) -> Mapping[str, int]:
        """Events that could be taken."""
        room = MAX_IN_HAND - self._in_hand
        return {WEBHOOKS: room} if room > 0 and not self._draining else {}

    def told(self, topic: str, count: int) -> None:  # noqa: ARG002 there is one topic, and the store tells how many
        """Events wait in the store, said another process."""
        self._wake.set()

    def lost(self) -> None:
        """There may be more than was heard of."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver what is due, until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._claim_always(), name="webhooks-claim")
                tasks.create_task(self._settle_always(), name="webhooks-settle")
        finally:
            if self._look is not None:
                self._look.cancel()

    async def drain(self, timeout_s: float) -> None:
        """Begin nothing new, give back what has not begun, and wait for the answers that are under way;
        `run` must still be running. What has no answer after `timeout_s` is delivered again by the next
        process."""
        self._draining = True
        self._idle.clear()
        now = self._clock()
        for destination in tuple(self._destinations.values()):
            self._give_back_queue(destination, now)
        self._check_idle()
        try:
            async with asyncio.timeout(timeout_s):
                await self._idle.wait()
        except TimeoutError:
            log.warning("webhooks still under way at the end", events=self._in_hand)

    # --- from the store

    async def _claim_always(self) -> None:
        while True:
            self._wake.clear()
            try:
                look_at = await self._claim_due()
            except StoreUnavailable as error:
                log.error("webhooks can't be claimed", error=str(error))
                look_at = self._clock() + timedelta(seconds=STORE_PAUSE_S)
            await self._sleep(look_at)

    async def _sleep(self, until: datetime | None) -> None:
        """Until then, until something wakes us, or for a while."""
        now = self._clock()
        self._paused = {destination for destination in self._paused if destination.paused(now)}
        times = [destination.paused_until for destination in self._paused if destination.paused_until]
        if until is not None:
            times.append(until)
        poll_s = POLL_S if self._hints.well else self._poll_s
        delay_s = min([poll_s, *(max(0.0, (time - now).total_seconds()) for time in times)])
        try:
            async with asyncio.timeout(delay_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _claim_due(self) -> datetime | None:
        """Claim what is due and may be taken. Returns when there is more to do, None: when somebody says
        so."""
        limit = min(CLAIM_BATCH, MAX_IN_HAND - self._in_hand)
        if limit <= 0 or self._draining:
            return None
        now = self._clock()
        self._asked = {}
        events, due_at = await self._store.due_webhooks(now, self._owner, self._room, limit)
        claimed: dict[str, int] = {}
        for event in events:
            claimed[event.destination] = claimed.get(event.destination, 0) + 1
            self._take(event, now)
        for name, asked in self._asked.items():
            # All that it had room for, or no room at all: there may be more of it.
            self._destination(name).backlog = len(events) >= limit or claimed.get(name, 0) >= asked
        if len(events) >= limit:
            return now
        # Due, and not claimed: its destination is paused or full. The pause's end or an answer wakes us.
        return due_at if due_at is not None and due_at > now else None

    def _room(self, name: str) -> int:
        """How many events of a destination may be claimed now; from the store's thread."""
        known = self._destinations.get(name)
        room = MAX_IN_HAND if known is None else known.room(self._clock())
        self._asked[name] = room
        return room

    # --- in hand

    def _destination(self, name: str) -> Destination:
        known = self._destinations.get(name)
        if known is None:
            if len(self._destinations) >= self._sweep_at:
                self._sweep()
            known = self._destinations[name] = Destination(name)
        return known

    def _sweep(self) -> None:
        """Forget destinations that nothing is known of, so that invented URLs do not fill the memory."""
        now = self._clock()
        self._destinations = {k: d for k, d in self._destinations.items() if not d.forgettable(now)}
        self._sweep_at = max(MAX_DESTINATIONS, 2 * len(self._destinations))

    def _take(self, event: Event, now: datetime) -> None:
        """An event is in this process's hand now."""
        destination = self._destinations.get(event.destination) or self._destination(event.destination)
        destination.in_hand += 1
        self._in_hand += 1
        if self._held is not None:
            self._held[event.id] += 1
        if event.subject in self._later:
            later = self._later[event.subject]
            if later is None:
                self._later[event.subject] = [event]
            else:
                later.append(event)
            return
        self._later[event.subject] = None
        self._enqueue(destination, event, now)

    def _enqueue(self, destination: Destination, event: Event, now: datetime) -> None:
        if not (destination.failures or self._draining):  # as nearly always: it can't be paused either
            destination.queue.append(event)
            self._pump(destination, now)
        elif self._draining or destination.paused(now):
            self._give_back(destination, event, destination.paused_until or now)
        elif destination.failing and self.settings.last_try(event) <= now:
            self._bury(destination, event, event.attempts, f"given up: {destination.error}")
        else:
            destination.queue.append(event)
            self._pump(destination, now)

    def _pump(self, destination: Destination, now: datetime) -> None:
        """Send what the destination and the whole allow."""
        queue = destination.queue
        if not queue:
            return
        most = destination.concurrency(self.settings.concurrency_per_destination)
        while queue and destination.in_flight < most:
            if self._in_flight >= MAX_IN_FLIGHT:
                self._blocked[destination.name] = destination
                return
            self._deliver(destination, queue.popleft(), now)

    def _deliver(self, destination: Destination, event: Event, now: datetime) -> None:
        destination.in_flight += 1
        self._in_flight += 1
        on_answer = partial(self._answered, destination, event)
        keys = self._secrets_of(event.account)
        body = event.body
        if body is None:
            body = event.body = self._render(event)
        if body is None or not keys:
            what = "rendered" if keys else f"signed: {UNSIGNED}"
            asyncio.get_running_loop().call_soon(on_answer, WebhookAnswer(0, "", f"it can't be {what}"))
            return
        event_id = event.id_text
        timestamp = int(now.timestamp())
        # No value here has a line break: ids, numbers and base64.
        lines = (
            f"{self._lines}webhook-id: {event_id}\r\nwebhook-timestamp: {timestamp}\r\n"
            f"webhook-signature: {signatures(keys, event_id, timestamp, body)}\r\n"
        )
        self._client.send(event.url, lines, body, on_answer)

    def _render(self, event: Event) -> bytes | None:
        """The body in the words of the event's dialect; None, and a line in the log, when it has none."""
        try:
            return self._renderers[event.dialect](event)
        except (KeyError, TypeError, ValueError) as error:
            self._metrics.task_failures.add(_RENDER)
            log.error("an event can't be rendered", event_id=event.id_text, error=repr(error))
            return None

    def _answered(self, destination: Destination, event: Event, answer: WebhookAnswer) -> None:
        """One try is over."""
        now = self._clock()
        destination.in_flight -= 1
        self._in_flight -= 1
        if 200 <= answer.status < 300:
            self._2xx.total += 1
            self._delivered(destination, event, now)
        else:
            self._metrics.webhook_answers.add(_CLASSES.get(answer.status // 100, "other"))
            self._failed(destination, event, answer, now)
        if self._blocked:
            name = next(iter(self._blocked))
            self._pump(self._blocked.pop(name), now)
        self._pump(destination, now)

    # --- how a try ends

    def _delivered(self, destination: Destination, event: Event, now: datetime) -> None:
        if destination.failures:
            self._well(destination)
        self._tries_delivered.total += 1
        self._lag.observe((now - event.at).total_seconds())
        self._settle(destination, Settled(event.id, True, False, now, None, event.attempts + 1, None, None))
        self._next_of(event)

    def _well(self, destination: Destination) -> None:
        if destination.failures and destination.succeeded():
            log.info("a webhook destination works again", destination=destination.name)

    def _failed(self, destination: Destination, event: Event, answer: WebhookAnswer, now: datetime) -> None:
        attempts = event.attempts + 1
        error = (answer.error or f"{answer.status}: {answer.excerpt}")[:ERROR_CHARS]
        if answer.status == 410:
            self._bury(destination, event, attempts, error)
            return
        asked_s = answer.retry_after_s if answer.status in (429, 503) else None
        if asked_s is not None:
            asked_s = min(asked_s, MAX_RETRY_AFTER_S)
        pausing = False
        if _host_is_well(answer.status):
            self._well(destination)
        else:
            pausing = destination.failed(now, error, asked_s)
        next_at = self.settings.next_try(event, attempts, now)
        if next_at is None:
            self._bury(destination, event, attempts, error)
        else:
            if asked_s is not None:
                next_at = max(next_at, now + timedelta(seconds=asked_s))
            self._metrics.webhooks.add("retry")
            settled = Settled(event.id, False, False, now, next_at, attempts, event.body, error)
            self._settle(destination, settled)
            self._give_back_later(event, next_at)
        if pausing and destination.paused_until is not None:
            self._paused.add(destination)
            log.warning(
                "a webhook destination is paused",
                destination=destination.name,
                failures=destination.failures,
                status=answer.status,
                error=answer.error,
                until=destination.paused_until.isoformat(),
            )
            self._give_back_queue(destination, destination.paused_until)

    def _bury(self, destination: Destination, event: Event, attempts: int, error: str) -> None:
        """Give an event up; `trunkline webhook dead` lists and replays it."""
        now = self._clock()
        self._metrics.webhooks.add("dead")
        log.warning("a webhook event is dead", event_id=event.id_text, destination=destination.name)
        self._settle(
            destination, Settled(event.id, False, True, now, None, attempts, event.body, error[:ERROR_CHARS])
        )
        self._next_of(event)

    def _next_of(self, event: Event) -> None:
        """The subject's next event may go."""
        later = self._later.pop(event.subject)
        if later:
            following = later.pop(0)
            self._later[event.subject] = later or None
            self._enqueue(self._destination(following.destination), following, self._clock())

    def _give_back_queue(self, destination: Destination, next_at: datetime) -> None:
        while destination.queue:
            self._give_back(destination, destination.queue.popleft(), next_at)

    def _give_back(self, destination: Destination, event: Event, next_at: datetime) -> None:
        """Back to the store without a try, and the later ones of its subject with it."""
        now = self._clock()
        self._settle(
            destination, Settled(event.id, False, False, now, next_at, event.attempts, event.body, None)
        )
        self._give_back_later(event, next_at)

    def _give_back_later(self, event: Event, next_at: datetime) -> None:
        for following in self._later.pop(event.subject) or ():
            self._later[following.subject] = None
            self._give_back(self._destination(following.destination), following, next_at)

    # --- to the store

    def _settle(self, destination: Destination, settled: Settled) -> None:
        destination.in_hand -= 1
        self._in_hand -= 1
        self._settled.append(settled)
        self._to_settle.set()

    async def _settle_always(self) -> None:
        """One batch at a time; what ends meanwhile gathers for the next one."""
        while True:
            await self._to_settle.wait()
            self._settling = True
            batch = self._settled[:SETTLE_BATCH]
            del self._settled[:SETTLE_BATCH]
            await self._keep(batch)
            self._settling = False
            if self._look is None:
                self._look = asyncio.get_running_loop().call_later(LOOK_S, self._look_now)
            if not self._settled:
                self._to_settle.clear()
                self._check_idle()

    def _look_now(self) -> None:
        self._look = None
        self._wake.set()

    async def _keep(self, batch: Sequence[Settled]) -> None:
        """Settle, however often it takes: an outcome that is not kept would be a delivery too many."""
        while True:
            try:
                await self._store.settle_webhooks(batch)
                break
            except StoreUnavailable as error:
                log.error("webhook outcomes can't be kept, trying again", events=len(batch), error=str(error))
                await asyncio.sleep(STORE_PAUSE_S)
        if self._held is not None:
            self._held.subtract([settled.event_id for settled in batch])
            self._held = +self._held

    def _check_idle(self) -> None:
        if not (self._in_hand or self._settled or self._settling):
            self._idle.set()

    def _show(self) -> None:
        """Set the gauges, when somebody looks."""
        now = self._clock()
        self._metrics.webhooks_in_hand.set(self._in_hand)
        self._metrics.webhooks_paused.set(sum(destination.paused(now) for destination in self._paused))


def _host_is_well(status: int) -> bool:
    """Whether a failure says nothing against the destination."""
    return 300 <= status < 500 and status not in (408, 429)
