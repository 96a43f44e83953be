"""Taking messages in: gates, one commit, and the way to the operator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from gateway.domain.account import Caller, Policy
from gateway.domain.message import Message
from gateway.domain.money import Allowance, Charge
from gateway.domain.send import (
    Acceptance,
    Accepted,
    AcceptResult,
    IdempotencyKey,
    Origin,
    Refusal,
    Send,
    Taken,
    Why,
)
from gateway.errors import Overloaded, StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import Clock, QueueStore
from gateway.services.dispatch import Dispatch
from gateway.services.gates import References, admit
from gateway.services.rate import RateGate


class Limits(Protocol):
    """What is asked of [limits]."""

    @property
    def backlog(self) -> int:
        """Messages that may wait; more are refused."""
        ...

    @property
    def default_validity_s(self) -> float:
        """How long a message is tried that does not say it."""
        ...


class Guard(Protocol):
    """What is asked of `gateway.services.limits.Guard`: the limits against fraud and mistakes."""

    def refusal(self, caller: Caller, message: Message, now: datetime) -> Refusal | None:
        """Why a message that came through the gates is refused; counted as sent otherwise. Only for policies that are
        `guarded`."""
        ...

    def take_back(self, caller: Caller, messages: Iterable[Message]) -> None:
        """These were not refused, and are not kept all the same."""
        ...

    def bitten(self, caller: Caller, refusals: Iterable[Refusal]) -> None:
        """A request was answered with these refusals, whoever has made them."""
        ...


class Pricing(Protocol):
    """What is asked of `gateway.services.pricing.Pricing`."""

    def charge(self, policy: Policy, recipient: str, segments: int, now: datetime) -> Charge | Refusal:
        """What a message costs by the policy's rate plan, or that the plan has no price for it."""
        ...

    def allowance(self, policy: Policy) -> Allowance:
        """How far the account may go."""
        ...


SLICE = 500
"""Sends of one request that pass the gates before others have their turn: some 5 us each. From there to the commit
nobody has one, for operators' windows are claimed there."""

REFUSED_LATELY = timedelta(seconds=10)
"""How long one refusal of the store speaks against a process that has taken no message since."""


class Submit:
    """The one way in, for every dialect. `limits` may be replaced while it runs."""

    def __init__(
        self,
        store: QueueStore,
        dispatch: Dispatch,
        rate: RateGate,
        metrics: Metrics,
        clock: Clock,
        limits: Limits,
        refuses: Callable[[], str | None] = lambda: None,
        guard: Guard | None = None,
        pricing: Pricing | None = None,
    ) -> None:
        """`refuses`: why nothing is to be accepted now, if so."""
        self._guard = guard
        self._pricing = pricing
        self._store = store
        self._dispatch = dispatch
        self._rate = rate
        self._metrics = metrics
        self._clock = clock
        self.limits = limits
        self._refuses = refuses
        self._refused: tuple[datetime, str] | None = None
        self._references = References()
        # The keys of requests that are under way, and what others with the same key wait for, where there are any.
        self._under_way: dict[bytes, asyncio.Event | None] = {}
        for why in Why:
            metrics.messages_refused.of(why.value)

    async def accept(
        self,
        caller: Caller,
        items: Sequence[Send | Refusal],
        key: IdempotencyKey | None,
        origin: Origin,
        *,
        together: bool = False,
    ) -> AcceptResult:
        """Take a request's sends: all that pass are durable, in one commit, when this returns.

        Items keep their order; what a dialect could not read comes as a `Refusal` and stays one. With a
        key, an earlier request's result is given again, and wins over every gate. `together`: when the money does not
        suffice for all that would be taken, none is. Raises `Overloaded` (rate, backlog) and `StoreUnavailable`; then
        nothing was kept.
        """
        if key is None:
            return await self._accept(caller, items, key, origin, together, None)
        digest, under_way = key.digest, self._under_way
        if digest in under_way:
            first = under_way[digest] = under_way[digest] or asyncio.Event()
            return await self._accept(caller, items, key, origin, together, first)
        under_way[digest] = None
        try:
            return await self._accept(caller, items, key, origin, together, None)
        finally:
            over = under_way.pop(digest)
            if over is not None:
                over.set()

    async def _accept(
        self,
        caller: Caller,
        items: Sequence[Send | Refusal],
        key: IdempotencyKey | None,
        origin: Origin,
        together: bool,
        first: asyncio.Event | None,
    ) -> AcceptResult:
        """`first` is set when an earlier request with the same key is over, if one is under way in this process."""
        now = self._clock()
        admitted: list[Message | Refusal] = []
        messages: list[Message] = []
        for item in items:
            if admitted and len(admitted) % SLICE == 0:
                await self._let_others_in(caller, messages)
            result = self._admit(caller, item, origin, now) if isinstance(item, Send) else item
            admitted.append(result)
            if isinstance(result, Message):
                messages.append(result)
        acceptance = Acceptance(admitted, key, now, together=together)
        if self._pricing is not None and caller.policy.rate_plan is not None:
            acceptance.allowance = self._pricing.allowance(caller.policy)
        if not messages:
            return await self._replay_or(caller, acceptance, first)
        try:
            self._check_load(caller, len(messages))
        except (Overloaded, StoreUnavailable):
            self._take_back(caller, messages)
            known = await self._known(key, now, first)
            if known is not None:
                return known
            raise
        return await self._keep(caller, acceptance, messages)

    async def _let_others_in(self, caller: Caller, admitted: Sequence[Message]) -> None:
        """A turn of the loop for everybody else; whoever leaves meanwhile has sent nothing."""
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self._take_back(caller, admitted)
            raise

    def _admit(self, caller: Caller, send: Send, origin: Origin, now: datetime) -> Message | Refusal:
        """Through the gates that need no store: what it is, what it costs, what the account's limits say. These come
        last, for they count what they let through."""
        result = admit(caller, send, origin, self._references, now, self.limits.default_validity_s)
        if isinstance(result, Refusal):
            return result
        policy = caller.policy
        if self._pricing is not None and policy.rate_plan is not None:
            charge = self._pricing.charge(policy, result.recipient, result.segment_count, now)
            if isinstance(charge, Refusal):
                return charge
            result.charge = charge
        if self._guard is not None and policy.guarded:
            return self._guard.refusal(caller, result, now) or result
        return result

    def store_refuses(self) -> str | None:
        """Why the store has refused a message lately and taken none since: a full disk has room for a small commit."""
        if self._refused is None or self._clock() - self._refused[0] > REFUSED_LATELY:
            return None
        return self._refused[1]

    async def _replay_or(
        self, caller: Caller, acceptance: Acceptance, first: asyncio.Event | None
    ) -> AcceptResult:
        """Nothing to keep: an earlier result of the key, or the refusals."""
        known = await self._known(acceptance.key, acceptance.now, first)
        if known is not None:
            return known
        refusals = [item for item in acceptance.items if isinstance(item, Refusal)]
        self._tell_of(caller, refusals)
        return Accepted(list(refusals))

    async def _known(
        self, key: IdempotencyKey | None, now: datetime, first: asyncio.Event | None
    ) -> AcceptResult | None:
        """An earlier result of the key; of a request that is still under way, as soon as there is one."""
        if key is None:
            return None
        if first is not None:
            await first.wait()
        return await self._store.find_key(key, now)

    def _tell_of(self, caller: Caller, refusals: list[Refusal]) -> None:
        """What was refused for good: a replay of an earlier answer is not."""
        self._metrics.refused(refusals)
        if self._guard is not None:
            self._guard.bitten(caller, refusals)

    def _take_back(self, caller: Caller, messages: Iterable[Message]) -> None:
        if self._guard is not None and caller.policy.guarded:
            self._guard.take_back(caller, messages)

    def _drop(self, caller: Caller, messages: Sequence[Message]) -> None:
        """They were planned and counted, and are not kept."""
        self._dispatch.forget(messages)
        self._take_back(caller, messages)

    def _check_load(self, caller: Caller, messages: int) -> None:
        why_not = self._refuses()
        if why_not is not None:
            raise StoreUnavailable(why_not)
        limit = self.limits.backlog
        if self._dispatch.backlog + messages > limit:
            raise Overloaded(
                f"{self._dispatch.backlog} messages wait already; the limit is {limit}.",
                retry_after_s=10,
                by_rate=False,
            )
        self._rate.take(caller, messages)

    async def _keep(self, caller: Caller, acceptance: Acceptance, planned: list[Message]) -> AcceptResult:
        """Choose each message's way before the commit, commit, hand over what this process claimed with it."""
        for message in planned:
            self._dispatch.plan(message)
        try:
            (result,) = await self._store.accept((acceptance,))
        except StoreUnavailable as error:
            self._drop(caller, planned)
            self._refused = (self._clock(), str(error))
            raise
        except BaseException:
            self._drop(caller, planned)
            raise
        self._refused = None
        if not isinstance(result, Accepted) or result.replayed:
            self._drop(caller, planned)
            return result
        taken = 0
        for item, outcome in zip(acceptance.items, result.items, strict=True):
            if isinstance(item, Message):
                if isinstance(outcome, Taken):
                    taken += 1
                    result.messages.append(item)
                    self._dispatch.hand_over(item)
                else:
                    self._drop(caller, (item,))
        self._metrics.accepted(planned[0].dialect, caller.env, taken)
        if taken < len(result.items):
            self._tell_of(caller, [item for item in result.items if isinstance(item, Refusal)])
        return result
