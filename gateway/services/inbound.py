"""Messages from phones: whose they are, what STOP, START and HELP do, the one reply, and the webhook.

Ownership: the number's owner (a keyword on a shared number first), else the account with the latest send
from that number to that person; with neither it is stored unowned, acknowledged, counted and listed. What comes
from a carrier is live and what the simulated operator makes is test, whoever owns the number: so a reply to a live
phone never goes the test way, nor the other way round (promise 6).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from gateway.domain import ids
from gateway.domain.account import Env, Policy
from gateway.domain.message import Message
from gateway.domain.receipt import Inbound
from gateway.domain.suppression import PriorSend, StoredInbound, Suppression
from gateway.domain.words import Priority
from gateway.errors import StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import Acknowledge, Clock, InboundContext, InboundStep, InboundStore
from gateway.services.dispatch import Dispatch
from gateway.services.events import Announcer, PolicyOf
from gateway.services.gates import References, counted
from gateway.services.tally import Tally
from gateway.services.webhooks import Webhooks
from routing import keywords, numbers
from routing.keywords import Action, Country
from routing.loops import Replies

log = structlog.get_logger("gateway.inbound")

REPLY_VALIDITY_S = 24 * 3600.0
JOIN_WAIT_S = (
    600.0  #: how long the missing parts of a long inbound message are waited for, when nothing else is said
)

NEAR_MISS = "near_miss"
"""A label of the metrics: no action, but a word of STOP is in it. A person should look."""

_USUAL = Policy()


class Inbounds:
    """The way of inbound messages into the store. `route(message)` chooses the operator of a reply."""

    def __init__(
        self,
        store: InboundStore,
        announcer: Announcer,
        webhooks: Webhooks,
        dispatch: Dispatch,
        policy_of: PolicyOf,
        metrics: Metrics,
        clock: Clock,
        simulated: str,
        countries: Callable[[], Mapping[str, Country]] = dict,
        join_wait_s: Callable[[], float] = lambda: JOIN_WAIT_S,
    ) -> None:
        self._store = store
        self._announcer = announcer
        self._webhooks = webhooks
        self._dispatch = dispatch
        self._policy_of = policy_of
        self._metrics = metrics
        self._clock = clock
        self._simulated = simulated
        self._countries = countries
        self._join_wait_s = join_wait_s
        self._references = References()
        self._replies = Replies()
        self._come: list[tuple[Inbound, Acknowledge]] = []
        self._refused = Tally(clock)
        self._work = asyncio.Event()

    def take(self, inbound: Inbound, acknowledge: Acknowledge) -> None:
        """An inbound message, or a part of one; acknowledged once it is durable."""
        self._come.append((inbound, acknowledge))
        self._work.set()

    async def run(self) -> None:
        """Keep what comes, until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._come:
                await self.keep(self._next_batch())

    def refuse_waiting(self, why: str) -> None:
        """The store hangs with the batch under way: what waits behind it is not kept."""
        come, self._come = self._come, []
        if come:
            self._refuse(come, why)

    def _refuse(self, come: list[tuple[Inbound, Acknowledge]], why: str) -> None:
        if (refused := self._refused.add(len(come))) is not None:
            log.error("inbound messages refused: the store is down", messages=refused, error=why)
        for _, acknowledge in come:
            acknowledge(False)

    def _next_batch(self) -> list[tuple[Inbound, Acknowledge]]:
        """All that has come, but of equal ones the first alone: whether the second is a repetition depends on whether
        the first one's answer gets out."""
        batch: list[tuple[Inbound, Acknowledge]] = []
        later: list[tuple[Inbound, Acknowledge]] = []
        seen: set[tuple[str, bytes]] = set()
        for each in self._come:
            key = (each[0].operator, each[0].fingerprint)
            (later if key in seen else batch).append(each)
            if key[1]:
                seen.add(key)
        self._come = later
        return batch

    async def keep(self, come: list[tuple[Inbound, Acknowledge]]) -> None:
        """One batch: the commit, then the acknowledgements, then what follows from it."""
        try:
            steps = await self._store.record_inbound([inbound for inbound, _ in come], self.decide)
        except StoreUnavailable as error:
            self._refuse(come, str(error))
            return
        answered = [(i.operator, i.fingerprint) for i, acknowledge in come if acknowledge(True)]
        for step in steps:
            if step is not None:
                self._follow(step)
        await self._mark(answered)

    async def _mark(self, answered: list[tuple[str, bytes]]) -> None:
        try:
            await self._store.answered_inbound(answered)
        except StoreUnavailable as error:
            # The carrier has its answers. At worst an equal message is taken for a repetition later: say so.
            log.error(
                "answered inbound messages could not be marked", messages=len(answered), error=str(error)
            )

    async def flush(self) -> None:
        """Give up waiting for parts that are missing for too long."""
        before = self._clock() - timedelta(seconds=self._join_wait_s())
        for step in await self._store.flush_inbound(before, self.decide):
            self._follow(step)

    # --- the decision

    def decide(self, inbound: Inbound, context: InboundContext) -> InboundStep:
        """What a whole inbound message leads to (pure but for new ids)."""
        country = keywords.country_of(inbound.sender, self._countries())
        found = keywords.classify(inbound.body, country.vocabulary)
        action = found.action.value if found.action is not None else None
        env = Env.TEST if inbound.operator == self._simulated else Env.LIVE
        owner = _owner(inbound, found.word, context, env)
        now = self._clock()
        stored = StoredInbound(
            ids.new_id(now),
            inbound.operator,
            inbound.sender,
            inbound.recipient,
            inbound.body,
            inbound.at,
            owner.account if owner else None,
            env,
            owner.sub_tenant if owner else "",
            found.word,
            action,
            owner.prior.message_id if owner and owner.prior else None,
        )
        step = InboundStep(stored, near_miss=found.near_miss)
        if owner is None:
            return step
        step.events = self._announcer.of_inbound(stored, owner.prior, now)
        if action is None or not numbers.is_e164(inbound.sender):
            return step
        if action == "stop":
            step.suppress = Suppression(
                owner.account, owner.env, owner.sub_tenant, inbound.sender, "stop", now
            )
        elif action == "start":
            step.lift = (owner.account, owner.env, owner.sub_tenant, inbound.sender)
        again = action == "stop" and (owner.account, owner.env, owner.sub_tenant) in context.stopped
        may = self._replies.may(inbound.recipient, inbound.sender, now.timestamp())
        if may and not again:  # one confirmation: a robot that answers it with STOP would go on for ever
            step.reply = self._reply(inbound, found.action, owner, now, country)
        return step

    def _reply(
        self, inbound: Inbound, action: Action | None, owner: _Owner, now: datetime, country: Country
    ) -> Message | None:
        """The one confirmation, which bypasses the suppression gate; none where the account has switched it
        off.
        """
        policy = self._policy_of(owner.account, owner.env)
        text = _reply_text(policy, action, country)
        if not policy.stop_replies or not text:
            return None
        text, count = counted(policy, text)
        return Message(
            ids.new_id(now),
            owner.account,
            owner.env,
            owner.prior.dialect if owner.prior else policy.webhook_format,
            inbound.recipient,
            inbound.sender,
            text,
            count,
            Priority.OTP,
            now,
            now + timedelta(seconds=REPLY_VALIDITY_S),
            sub_tenant=owner.sub_tenant,
            concat_ref=self._references.next(inbound.recipient, inbound.sender) if count > 1 else 0,
            key_id="reply",
            operator=inbound.operator,  # back by the way it came
            route="reply",
            next_at=now,
            bypass=True,
        )

    # --- after the commit

    def _follow(self, step: InboundStep) -> None:
        inbound = step.inbound
        action = inbound.action or (NEAR_MISS if step.near_miss else "none")
        self._metrics.inbound(inbound.operator, action, owned=inbound.account is not None)
        if step.near_miss:
            log.warning(
                "may want to stop, and has not said so: look at the message",
                account=inbound.account,
                number=numbers.mask(inbound.sender),
                message=ids.text(inbound.id),
            )
        if step.events:
            self._webhooks.hand_over(step.events)
        if inbound.account is not None and step.suppress is not None:
            self._dispatch.opted_out(inbound.account, inbound.env, inbound.sub_tenant, inbound.sender)
            log.info("opted out", account=inbound.account, number=numbers.mask(inbound.sender))
        if inbound.account is not None and step.lift is not None:
            self._dispatch.opted_in(inbound.account, inbound.env, inbound.sub_tenant, inbound.sender)
        now_s = self._clock().timestamp()
        if step.reply is not None:
            self._replies.note(inbound.recipient, inbound.sender, now_s)
            self._dispatch.left(step.reply)
        elif inbound.action is not None and not self._replies.may(inbound.recipient, inbound.sender, now_s):
            self._metrics.replies_withheld.add(inbound.operator)
            log.warning("no more replies: that looks like a loop", number=numbers.mask(inbound.sender))


class _Owner:
    """Whose message it is, and by which send."""

    __slots__ = ("account", "env", "prior", "sub_tenant")

    def __init__(self, account: str, env: Env, sub_tenant: str, prior: PriorSend | None) -> None:
        self.account = account
        self.env = env
        self.sub_tenant = sub_tenant
        self.prior = prior


def _owner(inbound: Inbound, word: str, context: InboundContext, env: Env) -> _Owner | None:
    first_words = {word.casefold(), *(first.casefold() for first in inbound.body.split(maxsplit=1)[:1])}
    prior = context.prior if context.prior is not None and context.prior.env is env else None
    owners = [owned for owned in context.owners if owned.env is env]
    by_keyword = [o for o in owners if o.keyword and o.keyword.casefold() in first_words]
    whole = [o for o in owners if not o.keyword]
    owned = next(iter(by_keyword + whole), None)
    if owned is not None:
        ours = prior if prior is not None and prior.account == owned.account else None
        return _Owner(owned.account, env, ours.sub_tenant if ours is not None else "", ours)
    if prior is not None:
        return _Owner(prior.account, prior.env, prior.sub_tenant, prior)
    return None


def _reply_text(policy: Policy, action: Action | None, country: Country) -> str:
    """The account's own words; where it has none, those of the sender's country."""
    if action is None:
        return ""
    field = f"{action.value}_reply_text"
    own: str = getattr(policy, field)
    return own if own != getattr(_USUAL, field) else country.replies.get(action, own)
