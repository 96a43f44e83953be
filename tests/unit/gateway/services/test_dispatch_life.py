"""Any mixture of what may happen to messages: each ends exactly once, and nothing waits for ever.

The real store, recorder, receipts, upkeep and recovery; the carriers' outcomes, the order of things and the deaths of
the process are hypothesis's. Afterwards the world is well: carriers are up, take everything and report it delivered,
and time passes. Then every message must be over, with exactly one final event, and no lane may count anything. No
carrier took a part twice but for a doubt, a death of the process or a failover, and none in doubt was written again
before its time.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.account import Env, Policy
from gateway.domain.event import Event
from gateway.domain.message import FINAL, TRANSITIONS, Message, Step
from gateway.domain.outcome import (
    Accepted,
    Doubt,
    NextRoute,
    Outcome,
    Part,
    Refused,
    Retry,
    SessionFault,
    Throttled,
)
from gateway.domain.retry import OnDoubt, RetryPolicy
from gateway.domain.words import PartState, Priority, Reason, Status
from gateway.ports import Recovery
from gateway.services.recovery import decide_recovery
from storage.sqlite.store import SqliteStore
from tests.unit.gateway.services.rig import (
    EVERYTHING,
    NOW,
    URL,
    HandOperator,
    Journal,
    Rig,
    a_receipt,
    rule,
)

FINAL_KINDS = {"delivered", "undeliverable", "failed"}


class Flights(Journal):
    """What the real journal would know: written, not returned, not recorded. It outlives the process."""

    def __init__(self) -> None:
        super().__init__()
        self.written_parts: dict[tuple[bytes, int, int], int] = {}

    def written(self, parts: object) -> None:
        for part in parts:  # type: ignore[attr-defined]
            self.written_parts[(part.message_id, part.attempt, part.part)] = part.total

    def returned(self, part: Part) -> None:
        self.written_parts.pop((part.message_id, part.attempt, part.part), None)

    def recorded(self, parts: object) -> None:
        for key in parts:  # type: ignore[attr-defined]
            self.written_parts.pop(key, None)

    def read(self) -> dict[tuple[bytes, int], list[tuple[int, int]]]:
        flights: dict[tuple[bytes, int], list[tuple[int, int]]] = {}
        for (message_id, attempt, part), total in self.written_parts.items():
            flights.setdefault((message_id, attempt), []).append((part, total))
        return flights


class Carrier(HandOperator):
    """A hand-driven operator that tells the journal and remembers what it took and what it owes."""

    def __init__(self, id_: str, world: World) -> None:
        super().__init__(id_, window=3)
        self.world = world
        self.doubted: list[Part] = []

    def submit(self, parts: object, on_outcome: object) -> None:
        self.world.journal.written(parts)
        for part in parts:  # type: ignore[attr-defined]
            self.world.books[part.message_id].write(part, self.world.alive.now)
        super().submit(parts, on_outcome)  # type: ignore[arg-type]

    def give(self, part: Part, outcome: Outcome) -> None:
        """Answer; what is taken is owed a receipt."""
        if isinstance(outcome, Accepted):
            self.world.refs[outcome.ref] = (self.id, part.message_id)
        if isinstance(outcome, Doubt):
            self.doubted.append(part)
        self.world.books[part.message_id].answer(part, outcome, self.world.alive.now)
        self.answer(outcome, part)


@dataclass
class Book:
    """What carriers were given of one message, and what excuses giving some of it twice."""

    waits_s: float  #: that a part in doubt is not written again for
    taken: Counter[int] = field(default_factory=Counter)  #: by part
    excuses: int = 0
    attempts: set[int] = field(default_factory=set)
    throttled: bool = False
    in_doubt: dict[int, datetime] = field(default_factory=dict)  #: since when; while it has one part

    def write(self, part: Part, now: datetime) -> None:
        since = self.in_doubt.pop(part.part, None)
        assert since is None or now >= since + timedelta(seconds=self.waits_s), "written again too early"
        self.attempts.add(part.attempt)

    def answer(self, part: Part, outcome: Outcome, now: datetime) -> None:
        self.taken[part.part] += isinstance(outcome, Accepted)
        self.throttled |= isinstance(outcome, Throttled)
        self.in_doubt.pop(part.part, None)
        if isinstance(outcome, Doubt):
            self.doubt(part.part, part.total, now)

    def doubt(self, part: int, total: int, now: datetime) -> None:
        self.excuses += 1
        if total == 1:
            self.in_doubt[part] = now


@dataclass
class World:
    """What survives a death of the process: store, journal, time, and the carriers' memory."""

    store: SqliteStore
    policies: dict[str, RetryPolicy]
    journal: Flights = field(default_factory=Flights)
    refs: dict[str, tuple[str, bytes]] = field(default_factory=dict)  #: to its operator and message
    books: defaultdict[bytes, Book] = field(default_factory=lambda: defaultdict(lambda: Book(0.0)))
    sent: list[bytes] = field(default_factory=list)
    resplit: bool = False
    seconds: float = 0.0
    deaths: int = 0
    told: list[Event] = field(default_factory=list)
    rig: Rig | None = None

    @property
    def alive(self) -> Rig:
        assert self.rig is not None
        return self.rig

    @property
    def carriers(self) -> list[Carrier]:
        found = list(self.alive.operators.values())
        assert all(isinstance(carrier, Carrier) for carrier in found)
        return found  # type: ignore[return-value]

    async def start(self) -> None:
        """A process: recovery first, as `App` does it."""
        owner = await self.store.register(NOW, "boot")
        rig = Rig(self.store, owner, [rule("all", "alpha", "beta")], ["alpha", "beta"])
        rig.later(self.seconds)
        rig.told = rig.announcer.told = self.told
        rig.policies[("acme", Env.LIVE)] = Policy(
            webhook_url=URL, webhook_events=EVERYTHING, suppress_on=frozenset()
        )
        rig.operators = {name: Carrier(name, self) for name in ("alpha", "beta")}
        rig.recorder._journal = rig.dispatch._journal = rig.journal = self.journal

        def decide(recovery: Recovery) -> Step:
            return decide_recovery(recovery, self.policies, lambda _m: 1, rig.announcer, rig.now)

        await self.store.recover(owner, self.journal.read(), decide, rig.now)
        self.journal.written_parts.clear()
        self.rig = rig
        rig.set_up(self.policies, frozenset({"all"}))
        rig.start(rig.recorder.run)
        await rig.dispatch.claim()

    async def die(self) -> None:
        """kill -9: what was not committed is forgotten."""
        await self.alive.stop()
        self.deaths += 1
        written = dict(self.journal.written_parts)
        for (message_id, attempt, part), total in written.items():
            # The commit may have happened, and the journal not have been told of it.
            view = await self.store.message(message_id)
            assert view is not None
            if (attempt, part) not in {(row.attempt, row.part) for row in view.rows}:
                self.books[message_id].doubt(part, total, self.alive.now)
        await self.start()

    def pass_time(self, seconds: float) -> None:
        self.seconds += seconds
        self.alive.later(seconds)

    # --- what hypothesis chooses from

    async def act(self, act: tuple[str, int, int]) -> None:
        name, first, second = act
        await getattr(self, f"act_{name}")(self.carriers[first % 2], first, second)

    async def act_send(self, _carrier: Carrier, first: int, second: int) -> None:
        body = "x" * (10 * (1 + first % 3))
        id_ = await self.alive.send(body, validity_s=3600, priority=list(Priority)[second % 3])
        self.sent.append(id_)

    async def act_answer(self, carrier: Carrier, first: int, second: int) -> None:
        if carrier.unanswered:
            part = carrier.unanswered[first % len(carrier.unanswered)]
            carrier.give(part, self.outcome(second))

    async def act_late(self, carrier: Carrier, first: int, second: int) -> None:
        if carrier.doubted:
            part = carrier.doubted.pop(first % len(carrier.doubted))
            carrier.give(part, self.outcome(second))

    async def act_lose(self, carrier: Carrier, _first: int, second: int) -> None:
        carrier.up = False
        for part in list(carrier.unanswered):
            carrier.give(part, Doubt("lost") if second % 2 else SessionFault("lost, unwritten"))
        self.alive.changed(carrier.id)

    async def act_bind(self, carrier: Carrier, _first: int, _second: int) -> None:
        carrier.up = True
        self.alive.changed(carrier.id)

    async def act_pause(self, carrier: Carrier, _first: int, second: int) -> None:
        self.alive.dispatch.pause(carrier.id, paused=second % 2 == 0)

    async def act_claim(self, *_: object) -> None:
        await self.alive.claim()

    async def act_quiet(self, *_: object) -> None:
        await self.alive.quiet()

    async def act_move(self, *_: object) -> None:
        await self.alive.move()

    async def act_time(self, _carrier: Carrier, _first: int, second: int) -> None:
        self.pass_time([0.5, 1, 30, 301][second % 4])

    async def act_receipt(self, _carrier: Carrier, first: int, second: int) -> None:
        if self.refs:
            ref = sorted(self.refs)[first % len(self.refs)]
            state = [PartState.DELIVERED, PartState.FAILED, None][second % 3]
            self.books[self.refs[ref][1]].excuses += state is PartState.FAILED  # it fails over
            await self.report(ref, state)

    async def act_reload(self, carrier: Carrier, _first: int, second: int) -> None:
        self.alive.operators[carrier.id] = Carrier(carrier.id, self)
        self.alive.set_up(self.policies, frozenset({"all"}))
        for part in list(carrier.unanswered):  # it drains: these are its last words
            carrier.give(part, self.outcome(second))

    async def act_room(self, carrier: Carrier, _first: int, _second: int) -> None:
        self.alive.room(carrier.id)

    async def act_upkeep(self, *_: object) -> None:
        await self.alive.upkeep.turn()

    async def act_race(self, carrier: Carrier, first: int, second: int) -> None:
        """Something changes while a claim or an acceptance is under way."""
        way = self.alive.dispatch.claim() if first % 4 < 2 else self.act_send(carrier, first, second)
        under_way = asyncio.ensure_future(way)
        await asyncio.sleep(0)
        change = [self.act_lose, self.act_reload, self.act_pause, self.act_lose][second % 4]
        await change(carrier, first, second // 4)
        await under_way

    async def act_die(self, *_: object) -> None:
        await self.die()

    def outcome(self, choice: int) -> Outcome:
        """One of all classes; refs are new."""
        outcomes: list[Outcome] = [
            Accepted(f"ref{len(self.refs):04}"),
            Accepted(f"ref{len(self.refs):04}"),
            Throttled(1.0, "ESME_RTHROTTLED"),
            Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR"),
            NextRoute(Reason.CARRIER_ERROR, "ESME_RINVSERTYP"),
            Throttled(1.0, "ESME_RTHROTTLED"),
            SessionFault("ESME_RINVBNDSTS"),
            Doubt("no answer"),
            Refused(Reason.INVALID_NUMBER, "ESME_RINVDSTADR"),
        ]
        return outcomes[choice % len(outcomes)]

    async def report(self, ref: str, state: PartState | None) -> None:
        operator, _ = self.refs[ref]
        reason = Reason.ABSENT if state is PartState.FAILED else None
        (kept,) = await self.alive.get_receipt(
            a_receipt(ref, state, reason, operator=operator, at=self.alive.now)
        )
        assert kept

    # --- the end

    async def all_is_well(self) -> None:
        """Carriers take and report everything, time passes: for longer than any validity."""
        for _ in range(60):
            for carrier in self.carriers:
                self.alive.dispatch.pause(carrier.id, paused=False)
                carrier.up = True
                self.alive.changed(carrier.id)
            await self.alive.move()
            await self.alive.claim()
            for carrier in self.carriers:
                while carrier.unanswered:
                    carrier.give(carrier.unanswered[0], Accepted(f"ref{len(self.refs):04}"))
                    self.alive.room(carrier.id)
            await self.alive.quiet()
            for ref in sorted(self.refs):
                await self.report(ref, PartState.DELIVERED)
            messages = [await self.alive.message(id_) for id_ in self.sent]
            if all(message.status in FINAL for message in messages):
                return
            self.pass_time(100)
            await self.alive.upkeep.turn()

    async def check(self) -> None:
        """What must hold for every message."""
        for lane in self.alive.dispatch.lanes.values():
            assert lane.load == lane.in_flight == lane.waiting == 0, lane.operator.id
        for id_ in self.sent:
            view = await self.alive.view(id_)
            await self.check_message(view.message)
            book = self.books[id_]
            if not self.resplit:
                assert all(times <= 1 + book.excuses for times in book.taken.values()), "a duplicate"
            if not (self.deaths or book.throttled):
                assert view.message.attempts == len(book.attempts)

    async def check_message(self, message: Message) -> None:
        assert message.status in FINAL, message
        assert (message.owner, message.next_at) == (None, None)
        kinds = self.alive.events(message.id)
        assert [kind for kind in kinds if kind in FINAL_KINDS] == [str(message.status)]
        assert kinds.count("sent") <= 1
        walk = Status.QUEUED
        for kind in kinds:
            assert Status(kind) in TRANSITIONS[walk], kinds
            walk = Status(kind)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            # What moves messages stands there more often than what disturbs.
            ["send"] * 3
            + ["answer"] * 6
            + ["claim", "quiet", "time", "receipt"] * 2
            + ["late", "lose", "bind", "pause", "move", "reload", "room", "race", "upkeep", "die"]
        ),
        st.integers(0, 11),
        st.integers(0, 23),
    ),
    min_size=5,
    max_size=60,
)


@settings(max_examples=150)
@given(ACTS, st.sampled_from(list(OnDoubt)), st.booleans())
def test_every_message_ends_exactly_once(
    acts: list[tuple[str, int, int]], on_doubt: OnDoubt, resplit: bool
) -> None:
    async def live() -> None:
        store = SqliteStore(None)
        await store.open()
        policy = RetryPolicy(on_doubt=on_doubt, resplit_on_failover=resplit)
        world = World(store, {"alpha": policy, "beta": policy}, resplit=resplit)
        waits_s = policy.on_doubt_wait_s if on_doubt is OnDoubt.WAIT else 0.0
        world.books.default_factory = lambda: Book(waits_s)
        try:
            await world.start()
            for act in [("send", 0, 0), ("send", 1, 1), *acts]:
                await world.act(act)
            await world.all_is_well()
            await world.check()
            await world.alive.stop()
        finally:
            await store.close()

    asyncio.run(live())
