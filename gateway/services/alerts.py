"""Alerts: what an account is told of its money, its failures and its limits, once for each time that it comes to pass.

Every process looks, about once a second, and the store decides who tells: a mark is kept in the same commit as the
alert and its webhook event, and while it stands nobody tells the same again. When it is over the mark is cleared:

    low_balance  the balance is at or above the threshold again *and* a top-up, or an adjustment upwards, has been
                 booked since. A release or a refund that lifts it by a cent is no end: it would be told at every send.
    failures     fewer have failed than the threshold says, and it was told a whole window ago
    limit        it was told an hour ago, whether the limit still bites or not

What was cleared is told again by the next look at the earliest. So two processes tell the same twice only when one of
them stands still for a whole look between its read and its write.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import NamedTuple, Protocol

import structlog

from gateway.domain import ids
from gateway.domain.account import Account, Caller, Env, Policy
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.event import Event, EventKind
from gateway.domain.money import ZERO, Balance, Kind, plain
from gateway.errors import Fenced, StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import AlertStore, Clock, LedgerQuery, LedgerStore, Mark, Page
from gateway.services.accounts import Accounts
from gateway.services.events import destination_of
from routing.numbers import mask

log = structlog.get_logger("gateway.alerts")

DIALECT = "alerts"
"""What stands in an alert's event where others have the dialect of their message: it finds the renderer."""

LOOK_S = 1.0
SHARE_OF_TIME = 20  #: a look that takes long makes the next one come so many times as much later
MARKS_EVERY = timedelta(seconds=60)  #: where no account has a threshold, for limits that are an hour old
LIMIT_EVERY = timedelta(hours=1)
SETTINGS_KNOWN = timedelta(seconds=60)
"""After which every process has heard of a new threshold: what was told by one that is no setting is over then."""

CLOCKS_APART = timedelta(seconds=5)
"""How much earlier than the alert a top-up that came after it may be dated: before its commit, and by the clock of the
machine on which somebody typed it."""

MAX_HITS = 1_000  #: limits that have bitten since the last look
MAX_SINGLY = 8  #: accounts whose purses are asked for one by one, rather than all purses at once
PAGE = 100
MAX_PAGES = 10  #: of an account's alerts that are gone through for the time of one

_BALANCE, _FAILURES, _LIMIT = "balance", "failures", "limit"
_NUMBER = re.compile(r"\+[0-9]{7,15}")
_BY_HAND = frozenset({Kind.TOP_UP, Kind.ADJUSTMENT})


class Deliverer(Protocol):
    """What is asked of `gateway.services.webhooks.Webhooks`."""

    def hand_over(self, events: list[Event]) -> None: ...


class _Watched(NamedTuple):
    account: str
    env: Env
    policy: Policy


class Finding(NamedTuple):
    """What an alert tells."""

    kind: AlertKind
    data: dict[str, object]


class Sections(AlertStore, LedgerStore, Protocol):
    """Of the store: what was told, and the balances that it is told of."""


class Alerts:
    """Looks, tells, and lists what was told. On the event loop's thread."""

    def __init__(
        self, store: Sections, accounts: Accounts, webhooks: Deliverer, metrics: Metrics, clock: Clock
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._webhooks = webhooks
        self._metrics = metrics
        self._clock = clock
        self._hits: dict[tuple[str, Env, str], str] = {}
        self._snapshot: Mapping[str, Account] | None = None
        self._watched: list[_Watched] = []
        self._marks_at: datetime | None = None
        self._told: dict[Mark, datetime | None] = {}  # never later than it was
        self._looked: dict[Mark, datetime] = {}  # when its purse's top-ups were gone through
        for kind in AlertKind:
            metrics.alerts_told.of(kind.value)

    def limit_hit(self, account: str, env: Env, limit: str, about: str) -> None:
        """A limit against fraud and mistakes has refused something; costs next to nothing, however often it does.
        `about`: for the account to read; phone numbers in it are masked, for an alert outlives an erasure."""
        key = (account, env, limit)
        if key not in self._hits and len(self._hits) < MAX_HITS:
            self._hits[key] = about

    async def listed(self, caller: Caller, before: bytes | None, limit: int) -> Page[Alert, bytes]:
        """A page of the caller's alerts, newest first. `before`: ids smaller than this one."""
        return await self._store.alerts(caller.account, caller.env, before, limit)

    async def run(self) -> None:
        """Look after look, until cancelled, or until this process was taken for dead."""
        while True:
            began = monotonic()
            try:
                await self.look()
            except StoreUnavailable as error:
                self._metrics.store_errors.add("unavailable")
                log.error("alerts wait for the store", error=str(error))
            except Fenced:
                return  # others have taken this process's place: its other tasks end it
            await asyncio.sleep(max(LOOK_S, SHARE_OF_TIME * (monotonic() - began)))

    async def look(self) -> None:
        """Tell what holds now, then clear what is over. Raises `StoreUnavailable`: the rest is for the next look."""
        now = self._clock()
        await self._accounts.fresh()
        watched = self._watch()
        due = self._marks_at is None or now - self._marks_at >= MARKS_EVERY
        if not (watched or self._hits or due):
            return
        standing = set(await self._store.marks())
        self._marks_at = now
        for cache in (self._told, self._looked):
            for mark in cache.keys() - standing:
                del cache[mark]
        holding = await self._low_balances(watched) | await self._failures(watched, now)
        for mark, finding in holding.items():
            if mark not in standing:
                await self._tell(mark, finding, now)
        await self._tell_hits(standing, now)
        over = [mark for mark in standing - holding.keys() if await self._is_over(mark, now)]
        if over:
            await self._store.clear_marks(over)

    def _watch(self) -> list[_Watched]:
        """Those who have set a threshold, gone through anew when an account has changed."""
        snapshot = self._accounts.snapshot
        if snapshot is not self._snapshot:
            self._snapshot = snapshot
            self._watched = [
                _Watched(name, env, policy)
                for name, account in snapshot.items()
                for env in Env
                if (policy := account.policy(env)).alert_balance or policy.alert_failures
            ]
        return self._watched

    # --- what holds now

    async def _low_balances(self, watched: Collection[_Watched]) -> dict[Mark, Finding]:
        thresholds = {(w.account, w.env): w.policy.alert_balance for w in watched if w.policy.alert_balance}
        return {
            Mark(balance.purse.account, balance.purse.env, _low(balance.purse.currency, threshold)): Finding(
                AlertKind.LOW_BALANCE,
                {
                    "balance": plain(balance.balance),
                    "threshold": plain(threshold),
                    "currency": balance.purse.currency,
                },
            )
            for balance in await self._balances({account for account, _ in thresholds})
            for threshold in sorted(thresholds.get(balance.purse[:2], ()), reverse=True)
            if balance.balance < threshold
        }

    async def _balances(self, accounts: Collection[str]) -> list[Balance]:
        if len(accounts) > MAX_SINGLY:
            return await self._store.balances()
        return [balance for account in sorted(accounts) for balance in await self._store.balances(account)]

    async def _failures(self, watched: Collection[_Watched], now: datetime) -> dict[Mark, Finding]:
        watched = [w for w in watched if w.policy.alert_failures]
        counts = {
            window_s: await self._store.failures(now - timedelta(seconds=window_s))
            for window_s in sorted({w.policy.alert_window_s for w in watched})
        }
        holding: dict[Mark, Finding] = {}
        for account, env, policy in watched:
            count = counts[policy.alert_window_s].get((account, env), 0)
            if count >= policy.alert_failures:
                data = {
                    "count": count,
                    "threshold": policy.alert_failures,
                    "window_s": policy.alert_window_s,
                }
                holding[Mark(account, env, _FAILURES)] = Finding(AlertKind.FAILURES, dict(data))
        return holding

    # --- telling

    async def _tell_hits(self, standing: Collection[Mark], now: datetime) -> None:
        for key, about in list(self._hits.items()):
            account, env, limit = key
            mark = Mark(account, env, f"{_LIMIT}:{limit}")
            if mark not in standing:
                await self._tell(
                    mark, Finding(AlertKind.LIMIT, {"limit": limit, "about": _masked(about)}), now
                )
            del self._hits[key]  # not before: what the store could not keep is told by the next look

    async def _tell(self, mark: Mark, finding: Finding, now: datetime) -> None:
        alert = Alert(ids.new_id(now), mark.account, mark.env, finding.kind, now, finding.data)
        event = self._event(alert)
        if not await self._store.tell(mark, alert, event):
            return  # another process was first
        self._told[mark] = now
        self._metrics.alerts_told.add(finding.kind.value)
        log.warning(
            "alert", account=alert.account, env=alert.env.value, kind=alert.kind.value, what=mark.subject
        )
        if event is not None:
            self._webhooks.hand_over([event])

    def _event(self, alert: Alert) -> Event | None:
        """Its webhook event; None where the account has no URL for alerts."""
        url = self._accounts.policy(alert.account, alert.env).alert_url
        if url is None:
            return None
        return Event(
            alert.id,
            alert.id,
            1,
            alert.account,
            alert.env,
            DIALECT,
            EventKind.ALERT,
            alert.at,
            url,
            destination_of(alert.account, url),
            {"kind": alert.kind.value, **alert.data},
        )

    # --- what is over

    async def _is_over(self, mark: Mark, now: datetime) -> bool:
        """Whether what a mark stands for, which does not hold now, may be told again when it does."""
        patience = self._patience(mark)
        if patience is None or not _past(await self._told_at(mark), patience, now):
            return False
        # Another process may have cleared it meanwhile, and told it again.
        told_at = await self._told_at(mark, anew=True)
        if not _past(told_at, patience, now):
            return False
        return patience > timedelta() or told_at is None or await self._topped_up(mark, told_at, now)

    def _patience(self, mark: Mark) -> timedelta | None:
        """How long it stands at least; zero: until a top-up; None: it is none of ours."""
        policy = self._accounts.policy(mark.account, mark.env)
        rule, _, rest = mark.subject.partition(":")
        if rule == _LIMIT:
            return LIMIT_EVERY
        if rule == _FAILURES:
            return timedelta(seconds=policy.alert_window_s)
        if rule == _BALANCE:
            thresholds = {plain(threshold) for threshold in policy.alert_balance}
            return timedelta() if rest.partition(":")[2] in thresholds else SETTINGS_KNOWN
        return None

    async def _told_at(self, mark: Mark, *, anew: bool = False) -> datetime | None:
        """When a mark was set: the time of its alert. None: so long ago that the list has it no more."""
        if anew or mark not in self._told:
            self._told[mark] = None
            before: bytes | None = None
            for _ in range(MAX_PAGES):
                page = await self._store.alerts(mark.account, mark.env, before, PAGE)
                found = next((alert.at for alert in page.items if _subject(alert) == mark.subject), None)
                if found is not None or page.before is None:
                    self._told[mark] = found
                    break
                before = page.before
        return self._told[mark]

    async def _topped_up(self, mark: Mark, told_at: datetime, now: datetime) -> bool:
        """Whether money has come in by hand since the alert, into the purse that it is about."""
        currency = mark.subject.split(":")[1]
        after = max(told_at, self._looked.get(mark, told_at)) - CLOCKS_APART
        before: tuple[bytes, int] | None = None
        while True:
            query = LedgerQuery(mark.account, mark.env, PAGE, before=before, kinds=_BY_HAND, after=after)
            page = await self._store.entries(query)
            if any(entry.purse.currency == currency and entry.amount > ZERO for entry in page.items):
                return True
            if page.before is None:
                self._looked[mark] = now
                return False
            before = page.before


def _masked(text: str) -> str:
    return _NUMBER.sub(lambda found: mask(found[0]), text)


def _past(told_at: datetime | None, patience: timedelta, now: datetime) -> bool:
    return told_at is None or now - told_at >= patience


def _low(currency: str, threshold: Decimal) -> str:
    return f"{_BALANCE}:{currency}:{plain(threshold)}"


def _subject(alert: Alert) -> str:
    """The subject of the mark that was set with an alert."""
    if alert.kind is AlertKind.LOW_BALANCE:
        return f"{_BALANCE}:{alert.data['currency']}:{alert.data['threshold']}"
    return _FAILURES if alert.kind is AlertKind.FAILURES else f"{_LIMIT}:{alert.data['limit']}"
