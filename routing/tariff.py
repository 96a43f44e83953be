"""What tenants pay for a segment: rate plans. A plan is a price list of one currency, read as operators' lists are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from routing.price import PriceList


class Rate(NamedTuple):
    """The price of a segment, the prefix that it is listed under, and the time (seconds since 1970) until which it
    holds for certain: the plan has no entry for the destination that begins earlier. Infinite: it has none."""

    amount: Decimal
    prefix: str
    until_s: float


@dataclass(frozen=True, slots=True, eq=False)
class RatePlan:
    """A rate plan. `name` is what an account's `rate_plan` says, `currency` (ISO 4217) that of all its prices."""

    name: str
    currency: str
    prices: PriceList

    @property
    def longest(self) -> int:
        """Characters of the longest prefix: numbers that agree in so many have the same price."""
        return self.prices.lengths[0]

    def rate(self, to: str, at_s: float) -> Rate | None:
        """The rate of a destination (E.164) at a time (seconds since 1970); None: the plan has none."""
        found = self.prices.of(to, at_s)
        if found is None:
            return None
        later = [
            entry.since_s
            for length in self.prices.lengths
            for entry in self.prices.entries.get(to[:length], ())
            if entry.since_s > at_s
        ]
        return Rate(found.amount, found.prefix, min(later, default=float("inf")))


Plans = Mapping[str, RatePlan]
"""The rate plans by name."""

NO_PLANS: Plans = MappingProxyType({})
