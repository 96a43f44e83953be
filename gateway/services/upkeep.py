"""What is done by the clock: ends of validity, doubt, commands from the NOC, states for people, retention."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from gateway.domain.message import End, Message, PartRow, Step, Wait, end, fold, latest, settle
from gateway.domain.retry import overdue, without_receipt
from gateway.domain.words import Reason, Status
from gateway.errors import StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import AccountStore, AnswerStore, Clock, NocStore, OperatorState, Owner, SuppressionStore
from gateway.services.accounts import Accounts
from gateway.services.dispatch import Dispatch
from gateway.services.ends import after_commit
from gateway.services.events import Announcer
from gateway.services.inbound import Inbounds
from gateway.services.receipts import Receipts
from gateway.services.routes import CLASS_OF_PRIORITY
from gateway.services.webhooks import Webhooks

log = structlog.get_logger("gateway.upkeep")

TURN_S = 0.5
OVERDUE_AT_ONCE = 500
FACTS_EVERY_S = 5.0
STATES_EVERY_S = 2.0
BEHIND_S = 5.0  #: that the clock of who writes a command may be behind ours
PURGE_EVERY_S = 3600.0
RECEIPT_GRACE_S = 60.0  #: a carrier's own EXPIRED may come a little after the end of the validity


class Sections(AccountStore, AnswerStore, NocStore, SuppressionStore, Protocol):
    """Of the store: what is over by the clock, commands and states, and what other processes have changed."""


class Upkeep:
    """One task that looks around every half second; a part of it that fails for the store's sake is done
    next time.
    """

    def __init__(
        self,
        store: Sections,
        owner: Owner,
        accounts: Accounts,
        dispatch: Dispatch,
        receipts: Receipts,
        inbounds: Inbounds,
        announcer: Announcer,
        webhooks: Webhooks,
        metrics: Metrics,
        clock: Clock,
        retention_days: Callable[[], int],
        carriers: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        """`carriers`: the `carrier_digest` of each operator in force."""
        self._store = store
        self._owner = owner
        self._accounts = accounts
        self._dispatch = dispatch
        self._receipts = receipts
        self._inbounds = inbounds
        self._announcer = announcer
        self._webhooks = webhooks
        self._metrics = metrics
        self._clock = clock
        self._retention_days = retention_days
        self._carriers = carriers
        self._generation = -1
        self._suppressed_since = clock()
        self._in_doubt = 0
        self._shown: list[tuple[str, str, list[object]]] = []
        self._next: dict[str, datetime] = {}

    async def run(self) -> None:
        """Turn after turn, until cancelled."""
        while True:
            try:
                await self.turn()
            except StoreUnavailable as error:
                self._metrics.store_errors.add("unavailable")
                log.error("upkeep waits for the store", error=str(error))
            await asyncio.sleep(TURN_S)

    async def turn(self) -> None:
        """Everything that is due now."""
        now = self._clock()
        generation = self._store.generation()
        if generation != self._generation:
            await self._heed_commands(now)
            self._generation = generation  # not before: what the store could not tell is asked again
        if self._in_doubt:
            await self._receipts.match_doubt()
        await self._end_overdue(now)
        if self._due("facts", FACTS_EVERY_S, now):
            await self._inbounds.flush()
            await self._look(now)
        states = self._states(now)
        seen = [
            (each.operator, each.state, [*[bind.get("state") for bind in each.binds], *each.ailing])
            for each in states
        ]
        if self._due("states", STATES_EVERY_S, now) or seen != self._shown:
            await self._store.write_states(states)
            self._shown = seen  # a bind that came or went is seen by the next turn, not two seconds later
        if self._due("purge", PURGE_EVERY_S, now):
            dropped = await self._store.purge(now, self._retention_days())
            if dropped:
                log.info("dropped what was past its time", rows=dropped)

    def _due(self, what: str, every_s: float, now: datetime) -> bool:
        """Also when the clock was put back: what is further away than its interval was planned by another time."""
        every = timedelta(seconds=every_s)
        if timedelta(0) < self._next.get(what, now) - now <= every:
            return False
        self._next[what] = now + every
        return True

    # --- words from the NOC

    async def _heed_commands(self, now: datetime) -> None:
        """What other processes have changed: suppressions for messages in hand, and commands."""
        await self._accounts.fresh()
        # The later of the two is ahead of who wrote one since, when the clock was put back meanwhile.
        since = min(self._suppressed_since, now - timedelta(seconds=BEHIND_S))
        for suppression in await self._store.suppressions(None, since, 100_000):
            self._dispatch.opted_out(
                suppression.account, suppression.env, suppression.sub_tenant, suppression.number
            )
        self._suppressed_since = now - timedelta(seconds=BEHIND_S)
        for command in await self._store.take_commands(self._owner, now):
            done = self._heed(command.verb, command.target)
            log.info("command", verb=command.verb, target=command.target, done=done)

    def _heed(self, verb: str, target: str) -> bool:
        if verb in ("pause", "resume"):
            return self._dispatch.pause(target, verb == "pause")
        if verb == "rebind":
            lane = self._dispatch.lanes.get(target)
            if lane is not None:
                lane.operator.rebind()
            return lane is not None
        if verb == "requeue":
            self._dispatch.look_again()
            return True
        return False

    # --- ends

    async def _end_overdue(self, now: datetime) -> None:
        """Waiting messages past their validity, and sent ones whose receipt never came."""
        while True:
            ids = await self._store.overdue(now - timedelta(seconds=RECEIPT_GRACE_S), OVERDUE_AT_ONCE)
            steps = await self._store.change(ids, self._decide_overdue) if ids else []
            after_commit([step for step in steps if step is not None], self._webhooks, self._metrics)
            if len(ids) < OVERDUE_AT_ONCE or all(step is None for step in steps):
                return

    def _decide_overdue(self, message: Message, rows: list[PartRow]) -> Step | None:
        now = self._clock()
        if message.over or message.owner is not None or message.expires_at > now:
            return None
        step = Step(message)
        if message.status is not Status.SENT:
            settle(step, latest(message, rows), overdue(message), now)
        elif message.next_at is None or message.error is None:
            # What ends by that is what an earlier release has left open, though no receipt was asked for.
            fold(step, latest(message, rows), max((row.at for row in rows), default=now))
            if not step.ended:
                end(step, without_receipt(), now)
            elif message.events and not step.passed:
                return step  # told with the carrier's answer
        else:  # one operator reported it undelivered, and no other has taken it in time
            last = message.error
            end(step, End(Reason(last.code), last.detail, last.operator_error), now)
        self._announcer.announce(step, now)
        return step

    # --- looking around

    async def _look(self, now: datetime) -> None:
        facts = await self._store.facts(now)
        self._in_doubt = facts.in_doubt
        self._dispatch.backlog = facts.waiting
        metrics = self._metrics
        metrics.waiting.clear()
        metrics.waiting_age_s.clear()
        for queue in facts.queues:
            labels = (queue.operator or "", CLASS_OF_PRIORITY[queue.priority])
            metrics.waiting.set(queue.waiting, *labels)
            metrics.waiting_age_s.set(max(0.0, (now - queue.oldest_at).total_seconds()), *labels)
        metrics.in_doubt.set(facts.in_doubt)
        metrics.parked_receipts.set(facts.parked_receipts)
        metrics.webhooks_waiting.set(facts.webhooks_waiting)
        metrics.webhooks_dead.set(facts.webhooks_dead)

    def _states(self, now: datetime) -> list[OperatorState]:
        return [
            OperatorState(
                key,
                self._owner.number,
                now,
                "paused" if lane.paused else "up" if lane.operator.up else "down",
                lane.operator.states(),
                lane.waiting,
                lane.in_flight,
                self._dispatch.routes.said(key),
                self._carriers().get(key, ""),
            )
            for key, lane in self._dispatch.lanes.items()
        ]


def requeued(message: Message, rows: list[PartRow], now: datetime) -> Step | None:
    """`trunkline message requeue`: a waiting or in-doubt message is offered now. None: it is final, or in
    hand.
    """
    if message.over or message.owner is not None or message.next_at is None:
        return None
    step = Step(message)
    settle(step, latest(message, rows), Wait(message.operator, now), now)
    return step
