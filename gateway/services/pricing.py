"""What a message costs: its account's rate plan, times its segments, fixed when it is accepted (promise 5)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from gateway.domain.account import Account, Billing, Env, Policy
from gateway.domain.money import NOTHING_OWED, Allowance, Charge
from gateway.domain.send import Refusal, Why
from routing.breaker import country_of
from routing.tariff import Plans

MAX_CHARGES_KEPT = 16_384
"""Charges that are found by the beginning of a number without looking through its plan: some 6 MB."""


class Quote(NamedTuple):
    """What a message would cost, and where the plan says so."""

    charge: Charge
    plan: str
    prefix: str  #: that the rate is listed under


class _Known(NamedTuple):
    """A charge, and the time in which it is the plan's."""

    since: datetime
    until: datetime
    charge: Charge


class Pricing:
    """Prices by the rate plans in force. `plans` is asked for each message, so a reload holds for the next one."""

    def __init__(self, plans: Callable[[], Plans]) -> None:
        self._plans = plans
        self._of: Plans | None = None
        self._known: dict[tuple[str, str, int, bool], _Known] = {}

    def charge(self, policy: Policy, recipient: str, segments: int, now: datetime) -> Charge | Refusal:
        """What a message costs; or a refusal, `Why.NOT_PRICED`. Only for policies with a rate plan.

        Numbers that agree in as many digits as the plan's longest prefix has cost the same: charges are kept by those.
        """
        plans = self._plans()
        if plans is not self._of:
            self._known.clear()
            self._of = plans
        name = policy.rate_plan
        plan = plans.get(name) if name is not None else None
        if name is None or plan is None:
            return _no_plan(name)
        key = (name, recipient[: plan.longest], segments, policy.refund_undelivered)
        known = self._known.get(key)
        if known is not None and known.since <= now < known.until:
            return known.charge
        found = plan.rate(recipient, now.timestamp())
        if found is None:
            return _no_price(name, recipient)
        charge = Charge(found.amount * segments, found.amount, plan.currency, policy.refund_undelivered)
        if len(self._known) >= MAX_CHARGES_KEPT:
            self._known.clear()
        until = _LAST if found.until_s == float("inf") else datetime.fromtimestamp(found.until_s, UTC)
        self._known[key] = _Known(now, until, charge)
        return charge

    def quote(self, policy: Policy, recipient: str, segments: int, now: datetime) -> Quote | Refusal | None:
        """As `charge`, for people to look at; None: the account is not metered."""
        if policy.rate_plan is None:
            return None
        charge = self.charge(policy, recipient, segments, now)
        if isinstance(charge, Refusal):
            return charge
        rate = self._plans()[policy.rate_plan].rate(recipient, now.timestamp())
        assert rate is not None, "it has just been priced"
        return Quote(charge, policy.rate_plan, rate.prefix)

    def allowance(self, policy: Policy) -> Allowance:
        """How far the account may go: prepaid to nothing, postpaid to its credit limit."""
        if policy.billing is Billing.PREPAID:
            if policy.spend_per_day is None:
                return NOTHING_OWED
            return Allowance(per_day=policy.spend_per_day)
        return Allowance(policy.credit_limit, policy.spend_per_day)


_LAST = datetime.max.replace(tzinfo=UTC)


def without_plan(accounts: Iterable[Account], plans: Collection[str]) -> dict[str, list[str]]:
    """The accounts whose rate plan is none of the configuration's, as `name (env)`, by the plan that they name: all
    that they send is refused."""
    found: dict[str, list[str]] = {}
    for account in accounts:
        for env in Env:
            plan = account.policy(env).rate_plan
            if plan is not None and plan not in plans:
                found.setdefault(plan, []).append(f"{account.name} ({env.value})")
    return found


def _no_plan(name: str | None) -> Refusal:
    return Refusal(
        Why.NOT_PRICED, f"The account's rate plan '{name}' is not set up: nothing can be priced until it is."
    )


def _no_price(name: str, recipient: str) -> Refusal:
    return Refusal(
        Why.NOT_PRICED,
        f"The rate plan '{name}' has no price for numbers that begin with +{country_of(recipient)}.",
    )
