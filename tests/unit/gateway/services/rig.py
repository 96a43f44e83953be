"""The services as the gateway puts them together, on a real store in memory, at a time that the test sets.

Receipts, outcomes and inbound messages are written by the services' own tasks; claims and moves are turns that a
test takes by hand, so that it chooses what comes between. Nothing sleeps: `Rig.quiet` waits for what is under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.domain.account import Caller, Env, Policy
from gateway.domain.event import CHOSEN, Event, EventKind
from gateway.domain.message import Message, Step
from gateway.domain.outcome import Outcome, Part
from gateway.domain.pacing import Hold
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.retry import RetryPolicy
from gateway.domain.send import Accepted, IdempotencyKey, Origin, Refusal, Send, Taken
from gateway.domain.words import PartState, Reason
from gateway.metrics import Metrics
from gateway.operators.simulated import Config as SimulatedConfig
from gateway.operators.simulated import SimulatedOperator
from gateway.ports import MessageView, OnOutcome, Operator, Owner, Reports, WebhookAnswer
from gateway.secrets import Secrets
from gateway.services.accounts import Accounts
from gateway.services.dispatch import Dispatch
from gateway.services.events import Announcer, PolicyOf
from gateway.services.inbound import Inbounds
from gateway.services.pricing import Pricing
from gateway.services.rate import RateGate
from gateway.services.receipts import Receipts
from gateway.services.recorder import Recorder
from gateway.services.routes import Routes
from gateway.services.standings import Standings
from gateway.services.submit import Submit
from gateway.services.upkeep import Upkeep
from gateway.services.webhooks import Webhooks, WebhookSettings
from routing.keywords import Country
from routing.rules import FailoverOn, Rule, Weighted
from routing.table import Table
from routing.tariff import NO_PLANS, Plans
from smpp.message_ids import answered_as
from storage.sqlite.store import SqliteStore

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PHONE = "+447700900123"
OURS = "+447700900999"
URL = "https://hooks.example.com/sms"
EVERYTHING = frozenset(kind.value for kind in CHOSEN)
PATIENCE_S = 60.0


class HandOperator:
    """An operator whose every outcome the test chooses; one part for each 10 characters."""

    def __init__(self, id_: str, window: int = 10) -> None:
        self.id = id_
        self.window = window
        self.binds = 1
        self.held: frozenset[int] = frozenset({0})
        self.aborted: list[str] = []
        self.up = True
        self.slots: int | None = None  #: what `room` says; None: the window, less what is unanswered
        self.chars = 10  #: per part
        self.written: list[Part] = []  #: in the order in which they were given to it
        self.unanswered: list[Part] = []
        self.drained = 0
        self.kicks = 0
        self.rebinds = 0
        self.holds: dict[str, Hold] = {}  #: what messages of a sender wait for
        self._on_outcome: OnOutcome | None = None

    async def run(self, reports: Reports) -> None:
        raise NotImplementedError("driven by hand")

    async def drain(self, timeout_s: float) -> None:
        self.drained += 1

    def parts(self, message: Message) -> list[Part]:
        size = self.chars
        total = max(1, -(-len(message.body) // size))
        return [
            Part(message.id, message.attempts, n + 1, total, message.body[n * size : (n + 1) * size])
            for n in range(total)
        ]

    def hold(self, indices: Collection[int]) -> None:
        self.held = frozenset(indices)

    def holding(self) -> frozenset[int]:
        return self.held

    def abort(self, reason: str) -> None:
        self.aborted.append(reason)
        self.held = frozenset()

    def room(self) -> int:
        if not self.up:
            return 0
        return self.window - len(self.unanswered) if self.slots is None else self.slots

    def admit(self, message: Message, parts: list[Part]) -> Hold | None:
        return self.holds.get(message.sender)

    def submit(self, parts: Sequence[Part], on_outcome: OnOutcome) -> None:
        self._on_outcome = on_outcome
        self.written += parts
        self.unanswered += parts

    def states(self) -> list[dict[str, object]]:
        return []

    def rebind(self) -> None:
        self.rebinds += 1

    def kick(self) -> None:
        self.kicks += 1

    # --- what the test does

    def answer(self, outcome: Outcome, part: Part | None = None) -> Part:
        """The outcome of a part: the oldest unanswered one, or this one (also once more)."""
        chosen = self.unanswered[0] if part is None else part
        if chosen in self.unanswered:
            self.unanswered.remove(chosen)
        assert self._on_outcome is not None
        self._on_outcome(chosen, outcome)
        return chosen

    @property
    def texts(self) -> list[object]:
        """What was written, in order."""
        return [part.payload for part in self.written]


class Client:
    """Takes webhooks and says nothing about them until the test does."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, bytes]] = []

    def send(self, url: str, lines: str, body: bytes, on_answer: Callable[[WebhookAnswer], None]) -> None:
        self.posted.append((url, body))
        asyncio.get_running_loop().call_soon(on_answer, WebhookAnswer(200, "", None))


class Journal:
    """The journal's calls, for the tests that look at them."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []

    def written(self, parts: Sequence[Part]) -> None:
        self.calls.append(("written", [(p.message_id, p.attempt, p.part) for p in parts]))

    def returned(self, part: Part) -> None:
        self.calls.append(("returned", (part.message_id, part.attempt, part.part)))

    def recorded(self, parts: Sequence[tuple[bytes, int, int]]) -> None:
        self.calls.append(("recorded", list(parts)))


@dataclass(slots=True)
class Told:
    """What a carrier was answered."""

    answers: list[bool] = field(default_factory=list)
    reachable: bool = True  #: whether the answer can be written: its bind is still there
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, durable: bool) -> bool:
        self.answers.append(durable)
        self.heard.set()
        return durable and self.reachable


def rule(id_: str, *operators: str, **conditions: Any) -> Rule:
    """A rule with its operators in order."""
    return Rule(id_, tuple((Weighted(operator),) for operator in operators), **conditions)


class WatchedAnnouncer(Announcer):
    """The real one; keeps what it announces."""

    def __init__(self, policy_of: PolicyOf, claim: Callable[[str], int | None], told: list[Event]) -> None:
        super().__init__(policy_of, claim)
        self.told = told

    def announce(self, step: Step, now: datetime) -> None:
        super().announce(step, now)
        self.told += step.events


@dataclass(slots=True)
class Limits:
    """[limits], as far as sends go."""

    backlog: int = 1_000_000
    default_validity_s: float = 72 * 3600.0


class Rig:
    """All of it. `operators` are driven by hand; `simulated` is the real one."""

    def __init__(
        self, store: SqliteStore, owner: Owner, rules: Iterable[Rule], operators: Iterable[str]
    ) -> None:
        self.now = NOW
        self.seconds = 0.0
        self.store = store
        self.owner = owner
        self.metrics = Metrics()
        self.countries: dict[str, Country] = {}
        self.journal = Journal()
        self.client = Client()
        self.policies: dict[tuple[str, Env], Policy] = {}
        self.limits = Limits()
        self.operators = {name: HandOperator(name) for name in operators}
        self.simulated = SimulatedOperator(
            SimulatedConfig(id="simulated", window=100, receipt_after_s=0.0), self.clock
        )
        self._tasks: list[asyncio.Task[None]] = []
        self.webhooks = self._webhooks()
        self.told: list[Event] = []
        self.announcer = WatchedAnnouncer(self.policy, self.webhooks.claim, self.told)
        self.recorder = Recorder(
            store,
            self.journal,
            self.announcer,
            self.webhooks,
            self.metrics,
            self.clock,
            self._another,
            self._left,
            self._may_write_again,
        )
        self.rules = list(rules)
        self.standings = Standings(lambda: self.clock().timestamp(), on_standing=self.metrics.standing)
        routes = self.routes()
        self.dispatch = Dispatch(store, owner, self.journal, self.recorder, routes, self.clock)
        self.receipts = Receipts(
            store,
            self.announcer,
            self.webhooks,
            self.metrics,
            self.clock,
            self._another,
            self._left,
            self.standings.receipted,
        )
        self.inbounds = Inbounds(
            store,
            self.announcer,
            self.webhooks,
            self.dispatch,
            self.policy,
            self.metrics,
            self.clock,
            "simulated",
            lambda: self.countries,
        )
        self.accounts = Accounts(store, Secrets(bytes(32)), self.clock)
        self.upkeep = self._upkeep()
        self.rate = RateGate(lambda: self.seconds)
        self.plans: Plans = NO_PLANS
        self.pricing = Pricing(lambda: self.plans)
        self.submit = Submit(
            store,
            self.dispatch,
            self.rate,
            self.metrics,
            self.clock,
            self.limits,
            pricing=self.pricing,
        )

    def _upkeep(self) -> Upkeep:
        return Upkeep(
            self.store,
            self.owner,
            self.accounts,
            self.dispatch,
            self.receipts,
            self.inbounds,
            self.announcer,
            self.webhooks,
            self.metrics,
            self.clock,
            lambda: 30,
            lambda: {"alpha": "a1"},
        )

    def _webhooks(self) -> Webhooks:
        return Webhooks(
            self.store,
            self.client,
            {"orchestrator": lambda event: event.kind.value.encode()},
            lambda _account: [b"k" * 32],
            self.clock,
            self.owner,
            WebhookSettings(allow_private_addresses=True),
            self.metrics,
        )

    def routes(self, failover: frozenset[str] = frozenset()) -> Routes:
        """The rules over the operators by hand; `failover`: those that go on after an undeliverable receipt."""
        rules = [
            replace(rule, failover_on=frozenset(FailoverOn)) if rule.id in failover else rule
            for rule in self.rules
        ]
        return Routes(Table(rules, list(self.operators)), "simulated", self.clock, self.standings)

    def set_up(
        self, policies: Mapping[str, RetryPolicy] | None = None, failover: frozenset[str] = frozenset()
    ) -> None:
        """Put `operators` and `rules` in force, as a start or a reload does."""
        operators: dict[str, Operator] = {**self.operators, "simulated": self.simulated}
        self.dispatch.set_up(operators, self.routes(failover), policies or {})

    def clock(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds

    def policy(self, account: str, env: Env) -> Policy:
        return self.policies.get((account, env), Policy())

    def _another(self, message: Message) -> str | None:
        return self.dispatch.routes.after_undelivered(message)

    def _left(self, message: Message) -> None:
        self.dispatch.left(message)

    def _may_write_again(self) -> None:
        for operator in self.operators.values():
            operator.kick()
        self.dispatch.feed_all()

    # --- Reports, for the simulated operator

    def room(self, operator: str) -> None:
        self.dispatch.on_room(operator)

    def receipt(self, receipt: Receipt, acknowledge: Callable[[bool], bool]) -> None:
        self.receipts.take(receipt, acknowledge)

    def inbound(self, inbound: Inbound, acknowledge: Callable[[bool], bool]) -> None:
        self.inbounds.take(inbound, acknowledge)

    def changed(self, operator: str) -> None:
        self.dispatch.changed(operator)

    # --- what tests do

    def start(self, *runs: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run services until the end of the test."""
        self._tasks += [asyncio.create_task(run()) for run in runs]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    def caller(self, account: str = "acme", env: Env = Env.LIVE, sub_tenant: str | None = None) -> Caller:
        return Caller(account, env, self.policy(account, env), frozenset(), "key_1", sub_tenant=sub_tenant)

    async def accept(
        self,
        *sends: Send | Refusal,
        caller: Caller | None = None,
        key: IdempotencyKey | None = None,
    ) -> list[Taken | Refusal]:
        """What the sends of one request became."""
        result = await self.submit.accept(caller or self.caller(), sends, key, Origin("req_1"))
        await asyncio.sleep(0)  # what boards in one turn of the loop is written at its end
        assert isinstance(result, Accepted)
        return result.items

    async def send(self, body: str = "hello", caller: Caller | None = None, **fields: Any) -> bytes:
        """The id of one message that is taken."""
        (taken,) = await self.accept(a_send(body, **fields), caller=caller)
        assert isinstance(taken, Taken), taken
        return taken.message_id

    async def quiet(self) -> None:
        """Until nothing is under way to the store."""
        await self.recorder.settled()
        await asyncio.sleep(0)
        await self.recorder.settled()

    async def claim(self) -> None:
        """Until nothing is under way, then one turn of the claims."""
        await self.quiet()
        await self.dispatch.claim()
        await self.quiet()

    async def move(self) -> None:
        """One turn of the moves, and what it has released is recorded."""
        await self.dispatch.moves.turn()
        await self.quiet()

    async def view(self, message_id: bytes) -> MessageView:
        view = await self.store.message(message_id)
        assert view is not None
        return view

    async def message(self, message_id: bytes) -> Message:
        return (await self.view(message_id)).message

    def events(self, message_id: bytes) -> list[str]:
        """The kinds of a message's events, in their order."""
        found = sorted((event.seq, event.kind.value) for event in self.told if event.subject == message_id)
        assert [seq for seq, _ in found] == list(range(1, len(found) + 1))
        return [kind for _, kind in found]

    async def until(self, condition: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        """Until something in the store is so; each look is a round through the store's thread."""
        async with asyncio.timeout(PATIENCE_S):
            while not await condition():
                pass

    async def get_receipt(self, *receipts: Receipt) -> list[bool]:
        """Receipts that come together; what the carrier was answered."""
        told = [Told() for _ in receipts]
        await self.receipts.apply(list(zip(receipts, told, strict=True)))
        return [answer for each in told for answer in each.answers]

    async def get_inbound(self, *inbounds: Inbound, reachable: bool = True) -> list[bool]:
        """Messages from phones that come together; what the carrier was answered."""
        told = [Told(reachable=reachable) for _ in inbounds]
        for inbound, each in zip(inbounds, told, strict=True):
            self.inbounds.take(inbound, each)
        async with asyncio.timeout(PATIENCE_S):
            for each in told:
                await each.heard.wait()
        return [answer for each in told for answer in each.answers]


def a_send(body: str = "hello", **fields: Any) -> Send:
    """One message as a tenant asks for it."""
    return Send("orchestrator", PHONE, OURS, body)._replace(**fields)


def a_receipt(
    ref: str, state: PartState | None = PartState.DELIVERED, reason: Reason | None = None, **fields: Any
) -> Receipt:
    """A receipt of operator alpha for the usual pair of numbers."""
    return replace(Receipt("alpha", ref, OURS, PHONE, state, reason, "stat", NOW), **fields)


def an_inbound(body: str = "Hello", **fields: Any) -> Inbound:
    """A message from the usual phone by operator alpha."""
    return replace(Inbound("alpha", PHONE, OURS, body, NOW, fingerprint=body.encode()), **fields)


def kinds(events: Iterable[Event]) -> list[EventKind]:
    """What events tell, in order."""
    return [event.kind for event in events]


@asynccontextmanager
async def a_rig(
    *rules: Rule, operators: Sequence[str] = ("alpha", "beta"), running: bool = True
) -> AsyncIterator[Rig]:
    """A rig whose recorder, receipts and inbound messages run; without rules everything goes to alpha, then beta."""
    store = SqliteStore(None, equivalent_refs=lambda _operator, ref: answered_as(ref))
    await store.open()
    owner = await store.register(NOW, "boot")
    rig = Rig(store, owner, rules or (rule("all", *operators),), operators)
    rig.set_up()
    if running:
        rig.start(rig.recorder.run, rig.receipts.run, rig.inbounds.run)
    await rig.dispatch.claim()  # the lanes have read the store and know that nothing waits there
    try:
        yield rig
    finally:
        await rig.stop()
        await store.close()
