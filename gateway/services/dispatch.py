"""From the store to the operators: who gets a message, when, and what its outcomes lead to.

A message reaches an operator by one of two ways. When its operator has room and nothing older of its class
waits, it is claimed by the commit that accepts it and handed over in memory (`plan`, `hand_over`).
Otherwise it waits in the store and its operator's lane claims it in batches (`_run_claims`). Either way it
is written when the operator has room (`_feed`), and its parts' outcomes go to the store through the
recorder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from weakref import WeakSet

import structlog

from gateway.domain.account import Env
from gateway.domain.message import Answer, End, Message, Then, Wait, latest
from gateway.domain.outcome import Accepted, Doubt, Outcome, Part, SessionFault, Throttled
from gateway.domain.pacing import Hold
from gateway.domain.retry import RetryPolicy, after_hand_over, overdue
from gateway.domain.words import WITH_CARRIER, Priority, Reason
from gateway.domain.words import Status as MessageStatus
from gateway.errors import StoreUnavailable
from gateway.ports import Claimed, Clock, Journal, Operator, Owner, QueueStore
from gateway.services.hints import Hints, NoHints, topic_of
from gateway.services.lanes import Flight, Lane, missing
from gateway.services.moves import Moves
from gateway.services.opt_outs import OptOuts
from gateway.services.recorder import Change, Recorder
from gateway.services.routes import Routes
from routing.health import Status

log = structlog.get_logger("gateway.dispatch")

CLAIM_AT_MOST = 500
STORE_PAUSE_S = 0.5  #: between tries while the store is down
LOOK_AGAIN_S = 5.0  #: lanes look at the store this often, whatever they believe to wait there
LONGEST_BOOKED_S = 600.0  #: a message waits in the store for its sender's rate so long, then it asks again

_DEFAULT_POLICY = RetryPolicy()
_SCHEDULED = MessageStatus.SCHEDULED  # asked for with each message: an enum's member costs as much as a call


class Dispatch:
    """All lanes of this process. Runs in the event loop's thread."""

    def __init__(
        self,
        store: QueueStore,
        owner: Owner,
        journal: Journal,
        recorder: Recorder,
        routes: Routes,
        clock: Clock,
        look_again_s: float = LOOK_AGAIN_S,
        hints: Hints | None = None,
    ) -> None:
        """`look_again_s`: how often lanes look at the store, whatever they believe to wait there, while no hints come
        through; `hints` are given for what waits for others."""
        self._store = store
        self._owner = owner
        self._journal = journal
        self._recorder = recorder
        self._clock = clock
        self._lanes: dict[str, Lane] = {}
        self._policies: Mapping[str, RetryPolicy] = {}
        self._routes = routes
        self._planned: dict[bytes, tuple[Lane, list[Part], bool]] = {}
        self._stopped = OptOuts()
        self._flights: WeakSet[Flight] | None = None  # all of them, wherever they are; see `keep_account`
        self._hungry: set[Lane] = set()  # to be fed at the end of this turn of the loop
        self._looked_at = 0.0
        self._look_again_s = look_again_s
        self._elsewhere: Mapping[str, Status] = {}
        self._hints = hints or NoHints()
        self._hints.subscribe(self)
        self._topics: dict[str, tuple[Lane, Priority]] = {}
        self._look = asyncio.Event()
        self.moves = Moves(store, self)
        self._unrouted = True
        self._draining = False
        self.backlog = 0  #: messages that wait in the store, about

    # --- set-up, reload, drain

    def set_up(
        self, operators: Mapping[str, Operator], routes: Routes, policies: Mapping[str, RetryPolicy]
    ) -> None:
        """Take a configuration's operators and routes, at start and after a reload. The lane of an operator that is
        the same object goes on as it was; what the others had in hand goes back to the store."""
        gone = [lane for key, lane in self._lanes.items() if operators.get(key) is not lane.operator]
        known = self._lanes
        self._lanes = {}
        routes.take_over(self._routes)
        for key, operator in operators.items():
            lane = known.get(key)
            if lane is None or lane.operator is not operator:
                paused = lane is not None and lane.paused
                lane = Lane(operator)
                lane.paused = paused
            self._lanes[key] = lane
        self._topics = {topic_of(key, p): (lane, p) for key, lane in self._lanes.items() for p in Priority}
        self._routes = routes
        self._policies = policies
        for lane in gone:
            lane.gone = True
            routes.report(lane.operator.id, Status.DOWN, "its configuration changes")
            self.give_back(lane)
        self.changed()

    @property
    def lanes(self) -> Mapping[str, Lane]:
        """The lanes, by operator."""
        return self._lanes

    @property
    def routes(self) -> Routes:
        """The routes in force."""
        return self._routes

    def pause(self, operator: str, paused: bool) -> bool:
        """Hold an operator (its messages go elsewhere or wait), or let it go on. False: no such operator."""
        lane = self._lanes.get(operator)
        if lane is None:
            return False
        lane.paused = paused
        self.changed()
        return True

    def usable(self, operator: str) -> bool:
        """Whether routes may choose it now."""
        return self._routes.health.of(operator).status is Status.UP

    def heard(self, elsewhere: Mapping[str, Status]) -> None:
        """What other processes say of operators: up somewhere, or paused; the others are down."""
        if elsewhere != self._elsewhere:
            self._elsewhere = elsewhere
            self.changed()

    def changed(self, operator: str | None = None) -> None:
        """An operator went up or down, was paused, or the configuration changed: look where messages should
        wait.
        """
        known = {*self._lanes, *self._elsewhere, *self._routes.table.operators}
        for key in known if operator is None else (operator,):
            self._routes.report(key, self._status(key))
            lane = self._lanes.get(key)
            if lane is not None:
                self._feed(lane)
        # Of what the table knows: the simulated carrier's window would let real ones have more in doubt than promised.
        held = [
            lane.operator.window for key, lane in self._lanes.items() if key in self._routes.table.operators
        ]
        self._recorder.max_unrecorded = 2 * sum(held)
        self.moves.wanted()
        self._look.set()

    def _status(self, operator: str) -> Status:
        lane = self._lanes.get(operator)
        elsewhere = self._elsewhere.get(operator, Status.DOWN)
        if lane is None:
            return elsewhere
        if lane.paused:
            return Status.PAUSED
        return Status.UP if lane.operator.up or elsewhere is Status.UP else Status.DOWN

    def look_again(self) -> None:
        """Look at all that waits in the store now."""
        self._unrouted = True
        for lane in self._lanes.values():
            lane.curious.update(Priority)
        self._look.set()

    def opted_out(self, account: str, env: Env, sub_tenant: str, number: str) -> None:
        """This recipient must not be written to any more: stops what is in hand, for the store was asked about it
        before. What comes later is the store's to stop: it knows when the list has changed again."""
        self._stopped.add((account, env, sub_tenant, number), self._clock())

    def opted_in(self, account: str, env: Env, sub_tenant: str, number: str) -> None:
        """The recipient may be written to again."""
        self._stopped.lift((account, env, sub_tenant, number))

    def keep_account(self) -> None:
        """From now on know all that is `in_hand`: only a process that shares its store is asked."""
        self._flights = WeakSet()

    def in_hand(self) -> set[bytes]:
        """Ids of all messages that this process has, or has a word on that is not in the store yet."""
        flights = {flight.message.id for flight in self._flights or ()}
        return flights | self._planned.keys() | self._recorder.pending()

    def drain(self) -> None:
        """Claim no more and give back what was not written. What is in flight settles on its own."""
        self._draining = True
        for lane in self._lanes.values():
            self.give_back(lane)
        self._look.set()

    # --- the way in

    def plan(self, message: Message) -> None:
        """Before the commit: choose the operator, and claim the message when it can be handed over at once."""
        self.backlog += 1
        choice = self._routes.first(message)
        message.operator, message.route = choice.operator, choice.route
        lane = self._lanes.get(choice.operator) if choice.operator is not None else None
        if lane is None or message.status is _SCHEDULED or self._draining:
            return
        is_open = choice.usable and lane.is_open(message.priority, message.accepted_at)
        comes_in = is_open or (choice.usable and message.priority in lane.closing and lane.usable)
        parts = lane.operator.parts(message) if comes_in else []
        count = len(parts)
        if not parts or not (
            lane.has_room(count, message.priority) if is_open else lane.may_hold(message.priority, count)
        ):
            lane.left_to_store(message.priority)  # from now on nothing newer of its class overtakes it
            lane.closing.discard(message.priority)
            lane.uncommitted[message.priority] += 1
            self._planned[message.id] = (lane, [], False)
            return
        lane.count(message.priority, count)
        if not is_open:
            lane.held += count
        message.owner, message.token = self._owner.number, self._owner.token
        message.attempts = message.tries = 1
        message.part_count = count
        message.next_at = None
        self._planned[message.id] = (lane, parts, not is_open)

    def hand_over(self, message: Message) -> None:
        """After the commit: give the lane what `plan` claimed; the store's queue is looked at for the rest."""
        planned = self._planned.pop(message.id, None)
        if planned is None:
            self.waits(message)
            return
        lane, parts, behind = planned
        if not parts:
            lane.uncommitted[message.priority] -= 1
            self.waits(message)
            return
        self.backlog -= 1
        self._board(Flight(message, parts, len(parts), False, lane, message.accepted_at), behind=behind)

    def forget(self, messages: Iterable[Message]) -> None:
        """The commit did not keep these: take back what was planned."""
        for message in messages:
            self.backlog -= 1
            planned = self._planned.pop(message.id, None)
            if planned is not None:
                lane, parts, behind = planned
                lane.count(message.priority, -len(parts))
                if behind:
                    lane.held -= len(parts)
                lane.uncommitted[message.priority] -= not parts

    def left(self, message: Message) -> None:
        """A message went back to the store's queue."""
        self.backlog += 1
        self.waits(message)
        if message.operator is not None and not self.usable(message.operator):
            self.moves.wanted()

    def waits(self, message: Message) -> None:
        """A message waits in the store, since just now."""
        lane = self._lanes.get(message.operator or "")
        if lane is None:
            self._unrouted = True
        else:
            due = message.next_at
            lane.left_to_store(message.priority, due if due is not None and due > self._clock() else None)
        self._look.set()
        if message.operator is not None and (lane is None or not lane.takes(message.priority)):
            self._hints.publish(topic_of(message.operator, message.priority), 1)

    def look_for(self, operators: Iterable[str | None], messages: int) -> None:
        """Messages of any class wait for these operators (None: for a route), since just now."""
        for operator in operators:
            lane = self._lanes.get(operator or "")
            if lane is None:
                self._unrouted = True
            for priority in Priority:
                if lane is not None:
                    lane.left_to_store(priority)
                if operator is not None and (lane is None or not lane.takes(priority)):
                    self._hints.publish(topic_of(operator, priority), messages)
        self._look.set()

    # --- hints

    def wanted(self) -> Mapping[str, int]:
        """Classes of which messages could be taken, and how many; not those that are looked for anyhow."""
        return {
            topic: lane.room_for(priority)
            for topic, (lane, priority) in self._topics.items()
            if lane.takes(priority) and priority not in lane.backlog and not self._draining
        }

    def told(self, topic: str, count: int) -> None:  # noqa: ARG002 the store tells how many
        """Messages wait for an operator, said another process."""
        lane, priority = self._topics.get(topic, (None, Priority.OTP))
        if lane is not None:
            lane.left_to_store(priority)
            self._look.set()

    def lost(self) -> None:
        """There may be more than was heard of."""
        self.look_again()

    def recovered(self, messages: int) -> None:
        """Messages of a dead process are back in the queue, for whichever operator: look here, and tell the others."""
        self.look_again()
        for operator in {*self._lanes, *self._elsewhere, *self._routes.table.operators}:
            for priority in Priority:
                self._hints.publish(topic_of(operator, priority), messages)

    # --- the way out

    def _board(self, flight: Flight, *, behind: bool = False) -> None:
        """Into its lane, which counts its parts already; back to the store when the lane has closed meanwhile.

        `behind`: it was accepted while the end of a backlog is fetched from the store, and comes after that.
        """
        lane, attempt = flight.lane, flight.message.attempts
        for part in flight.parts:
            part.flight = flight
            part.attempt = attempt
        flight.open = len(flight.parts)
        if self._flights is not None:
            self._flights.add(flight)
        if behind and lane.usable and not self._draining and flight.message.priority in lane.backlog:
            lane.hold(flight)
            return
        if behind:
            lane.held -= flight.open
        if self._draining or not lane.usable:
            lane.count(flight.message.priority, -flight.open)
            self._release(flight)
            return
        lane.push(flight)
        # What one commit has accepted boards in one turn of the loop: it is written together.
        if not self._hungry:
            asyncio.get_running_loop().call_soon(self._feed_hungry)
        self._hungry.add(lane)

    def _feed_hungry(self) -> None:
        lanes, self._hungry = self._hungry, set()
        for lane in lanes:
            self._feed(lane)

    def _feed(self, lane: Lane) -> None:
        """Write what the operator has room for."""
        if lane.paused or lane.empty:
            return
        operator = lane.operator
        room = operator.room()
        if room <= 0:
            return
        now = self._clock()
        if lane.aside:
            lane.bring_back(asyncio.get_running_loop().time())
        while room > 0:
            parts = self._next_parts(lane, room, now)
            if not parts:
                break
            operator.submit(parts, self.on_outcome)
            # It told of its roomiest bind: another may have more.
            room = operator.room() if len(parts) >= room else 0
        if lane.aside:
            self._feed_later(lane)

    def _feed_later(self, lane: Lane) -> None:
        """When what waits for a rate of its own may go."""
        if (at := lane.back_at) is not None and (lane.wake is None or lane.wake.when() > at):
            if lane.wake is not None:
                lane.wake.cancel()
            lane.wake = asyncio.get_running_loop().call_at(at, self._woken, lane)

    def _woken(self, lane: Lane) -> None:
        lane.wake = None
        self._feed(lane)

    def _next_parts(self, lane: Lane, room: int, now: datetime) -> list[Part]:
        """The parts of the next messages: whole messages, until there is no more room."""
        parts: list[Part] = []
        while len(parts) < room and (flight := lane.pop()) is not None:
            verdict = self._last_gate(flight.message, flight.checked_at, now)
            if verdict is not None:
                lane.admitted(flight)
                self._end(flight, verdict)
            elif (hold := lane.operator.admit(flight.message, flight.parts)) is not None:
                self._put_aside(flight, hold)
            else:
                lane.admitted(flight)
                parts += flight.parts
                flight.parts = []
        return parts

    def _put_aside(self, flight: Flight, hold: Hold) -> None:
        """It waits for its sender or its destination. Others shall find room meanwhile: beyond a window of such parts
        they wait in the store."""
        lane = flight.lane
        if not flight.untouched or lane.aside + len(flight.parts) <= lane.operator.window:
            lane.put_aside(flight, hold)
            return
        lane.admitted(flight)
        wait_s = min(lane.book(flight, hold) - asyncio.get_running_loop().time(), LONGEST_BOOKED_S)
        then = Wait(lane.operator.id, self._clock() + timedelta(seconds=max(wait_s, 0.0)), counts=False)
        lane.count(flight.message.priority, -len(flight.parts))
        self._recorder.change(Change(flight.message.id, flight.message.attempts, then, unwritten=True))

    def _last_gate(self, message: Message, checked_at: datetime, now: datetime) -> End | None:
        """What may have changed while it was in hand: an opt-out, the end of its validity."""
        if self._stopped.known and not message.bypass and self._stopped.stop(message, checked_at):
            return _OPTED_OUT
        if now >= message.expires_at:
            return overdue(message)
        return None

    def _end(self, flight: Flight, verdict: End) -> None:
        """Out of the lane and to its end; parts of it that are with the operator still have their answers kept."""
        unwritten = flight.untouched
        flight.lane.count(flight.message.priority, -len(flight.parts))
        flight.open -= len(flight.parts)
        flight.parts = []
        self._recorder.change(Change(flight.message.id, flight.message.attempts, verdict, unwritten))

    def on_room(self, operator: str) -> None:
        """The operator may have room again."""
        lane = self._lanes.get(operator)
        if lane is None:
            return
        self._feed(lane)
        if lane.wants(self._clock()):
            self._look.set()

    def feed_all(self) -> None:
        """Answers were recorded: writing may go on everywhere."""
        for lane in self._lanes.values():
            self._feed(lane)

    def on_outcome(self, part: Part, outcome: Outcome) -> None:
        """An operator's word on a part that was submitted to it."""
        flight: Flight = part.flight
        lane = flight.lane
        known = flight.outcomes.get(part.part)
        if known is None and isinstance(outcome, Throttled) and lane.usable and not self._draining:
            self._again(flight, part)
            return
        if known is not None and (isinstance(outcome, Doubt) or not isinstance(known, Doubt)):
            return  # only a late answer has something to add, and only to a doubt
        self._settle(flight, part, outcome, self._clock())

    def _settle(self, flight: Flight, part: Part, outcome: Outcome, now: datetime) -> None:
        """The outcome of one part for this hand-over; with the last one it is decided how the message goes on."""
        lane, message = flight.lane, flight.message
        if part.part not in flight.outcomes:
            flight.open -= 1
            lane.count(message.priority, -1)
        flight.outcomes[part.part] = outcome
        self._routes.answered(lane.operator.id, message, outcome)
        then = self._decide(flight, now) if flight.open == 0 else None
        self._recorder.answer(
            Answer(
                message.id,
                part.attempt,
                part.part,
                flight.total,
                lane.operator.id,
                message.route,
                message.sender,
                message.recipient,
                outcome,
                now,
                then,
            )
        )
        if lane.wants(now):
            self._look.set()

    def _again(self, flight: Flight, part: Part) -> None:
        """Throttled: the part keeps its place at the head and is written again when the operator has room."""
        self._journal.returned(part)
        if not flight.parts:
            flight.lane.push_back(flight)
        flight.parts.append(part)
        flight.parts.sort(key=_by_number)

    def _decide(self, flight: Flight, now: datetime) -> Then | None:
        for outcome in flight.outcomes.values():
            if not isinstance(outcome, Accepted):
                break
        else:
            return None
        message = flight.message
        return after_hand_over(
            message,
            flight.outcomes.values(),
            flight.any_with_carrier,
            self._policies.get(flight.lane.operator.id, _DEFAULT_POLICY),
            self._routes.next_operator,
            now,
        )

    # --- giving back

    def give_back(self, lane: Lane) -> None:
        """All of a lane that was not written goes back to the store, for whoever may have it now.

        Of a message that was begun the rest counts as unwritten; the answers to what is in flight decide with it.
        """
        now = self._clock()
        for flight in lane.take_all():
            if flight.untouched:
                lane.count(flight.message.priority, -len(flight.parts))
                self._release(flight)
                continue
            parts, flight.parts = flight.parts, []
            for part in parts:
                self._settle(flight, part, SessionFault("given back before it was written"), now)

    def _release(self, flight: Flight) -> None:
        """A hand-over that did not happen. Once a carrier has some of a message it stays there."""
        message = flight.message
        operator = flight.lane.operator.id
        if not flight.any_with_carrier:
            operator = self._routes.first(message).operator or operator
        then = Wait(operator, self._clock(), counts=False)
        self._recorder.change(Change(message.id, message.attempts, then, unwritten=True))

    # --- claiming what waits in the store

    async def run_claims(self) -> None:
        """Claim for every lane that has room and something to expect, until the drain."""
        loop = asyncio.get_running_loop()
        self._looked_at = loop.time()
        while not self._draining:
            await self._until_due(loop.time())
            self._look.clear()
            if loop.time() >= self._look_again_at():
                self._looked_at = loop.time()
                self.look_again()
            try:
                await self.claim()
            except StoreUnavailable as error:
                log.error("claims wait for the store", error=str(error))
                await asyncio.sleep(STORE_PAUSE_S)
                self._look.set()

    async def claim(self) -> None:
        """One turn of `run_claims`. Raises `StoreUnavailable` when some lane could not claim."""
        now = self._clock()
        lanes = [lane for lane in self._lanes.values() if lane.wants(now)]
        results = await asyncio.gather(*(self._claim(lane) for lane in lanes), return_exceptions=True)
        for result in results:
            if result is not None:
                raise result
        if self._unrouted:
            await self._route_waiting()

    def _look_again_at(self) -> float:
        return self._looked_at + (LOOK_AGAIN_S if self._hints.well else self._look_again_s)

    async def _until_due(self, loop_now: float) -> None:
        now = self._clock()
        dues = [
            (lane.next_due - now).total_seconds()
            for lane in self._lanes.values()
            if lane.next_due is not None and lane.able
        ]
        wait_s = min([self._look_again_at() - loop_now, *dues])
        try:
            async with asyncio.timeout(max(wait_s, 0.005)):
                await self._look.wait()
        except TimeoutError:
            return

    async def _claim(self, lane: Lane) -> None:
        before, marked = lane.settled(), lane.marked
        classes, room = lane.next_claim()
        if not room:
            return  # it was closed before this turn
        lane.curious.difference_update(classes)
        now = self._clock()
        batch = await self._store.claim(lane.operator.id, min(room, CLAIM_AT_MOST), self._owner, now, classes)
        self.backlog = max(0, self.backlog - len(batch.claimed))
        for claimed in batch.claimed:
            # Under load the end may not be reached for long: what is held goes in where its turn comes.
            for flight in lane.release(claimed.message.priority, claimed.message.id):
                lane.push(flight)
            self._take(lane, claimed, now)
        if batch.exhausted:
            lane.expect(batch.next_at, marked, classes)
        last = None if batch.exhausted else batch.claimed[-1].message.priority
        if (
            last is not None
        ):  # what nobody told of: the rest is fetched when there is room, not at the next look
            lane.curious.update(priority for priority in classes if priority >= last)
        if lane.fetched(before, last, classes) or last is not None:
            self._look.set()
        self._feed(lane)

    def _take(self, lane: Lane, claimed: Claimed, now: datetime) -> None:
        """A claimed message: into the lane, or out by the last gate."""
        message = claimed.message
        verdict = _OPTED_OUT if claimed.suppressed else self._last_gate(message, now, now)
        if verdict is not None:
            self._recorder.change(Change(message.id, message.attempts, verdict, True))
            return
        current = latest(message, claimed.rows)
        every = lane.operator.parts(message)
        parts = missing(every, current)
        splits_otherwise = bool(current) and len(every) != message.part_count
        if splits_otherwise or not parts:
            # The operator's configuration has changed between two tries: its parts do not go with those that were
            # written. Or a receipt or a late answer has settled what was in doubt.
            then = Wait(message.operator, now, counts=False)
            change = Change(message.id, message.attempts, then, unwritten=True, split_anew=splits_otherwise)
            self._recorder.change(change)
            return
        taken = any(row.state in WITH_CARRIER for row in current.values())
        lane.count(message.priority, len(parts))
        self._board(Flight(message, parts, len(every), taken, lane, now))

    async def _route_waiting(self) -> None:
        """Messages without an operator: no rule matched when they came, or their operator is configured no
        more.
        """
        self._unrouted = False
        while True:
            batch = await self._store.claim(None, CLAIM_AT_MOST, self._owner, self._clock())
            self.backlog = max(0, self.backlog - len(batch.claimed))
            for claimed in batch.claimed:
                message = claimed.message
                choice = self._routes.first(message)
                then: Then = _NO_ROUTE
                if claimed.suppressed:
                    then = _OPTED_OUT
                elif choice.operator is not None:
                    then = Wait(choice.operator, self._clock(), counts=False)
                self._recorder.change(Change(message.id, message.attempts, then, True))
            if batch.exhausted:
                return


def _by_number(part: Part) -> int:
    return part.part


_OPTED_OUT = End(Reason.OPTED_OUT, "the recipient has opted out")
_NO_ROUTE = End(Reason.NO_ROUTE, "no routing rule matches")
