"""What it costs to price a message: by the charges that are kept, and by a search through the plan each time.

A plan as large as one of the world, and two kinds of traffic: one country, whose numbers begin alike, and numbers drawn
from everywhere, where next to nothing is found again. Both ways in turn, in one run. Not collected by pytest:

    python -m tests.load.bench_pricing [--numbers 50000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

from gateway.domain.account import Policy
from gateway.domain.money import Charge
from gateway.services.pricing import Pricing
from routing.price import Entry, price_list
from routing.tariff import RatePlan

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = Policy(rate_plan="world")
PREFIXES_PER_LENGTH = 8_000


def a_plan(chance: random.Random) -> RatePlan:
    """Some 30,000 prefixes of one to seven digits."""
    prefixes = {
        f"+{chance.randrange(10 ** (digits - 1), 10**digits)}"
        for digits in range(1, 8)
        for _ in range(PREFIXES_PER_LENGTH)
    }
    entries = [
        (each, Entry(0.0, Decimal(chance.randrange(1, 999)) / 10_000, "EUR")) for each in sorted(prefixes)
    ]
    return RatePlan("world", "EUR", price_list(entries))


def seconds(price: Callable[[str], object], numbers: Sequence[str]) -> float:
    """To price them all."""
    began = time.perf_counter()
    for number in numbers:
        price(number)
    return time.perf_counter() - began


def charged(pricing: Pricing, number: str) -> object:
    """As `Submit` asks for it."""
    return pricing.charge(POLICY, number, 1, NOW)


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    chance = random.Random(1)
    plan = a_plan(chance)
    plans = {"world": plan}
    traffic = {
        "one country": [f"+4477{chance.randrange(10**9):09}" for _ in range(options.numbers)],
        "everywhere": [f"+{chance.randrange(10**10, 10**12)}" for _ in range(options.numbers)],
    }

    def searched(to: str) -> Charge:
        rate = plan.rate(to, NOW.timestamp())
        assert rate is not None
        return Charge(rate.amount * 1, rate.amount, plan.currency)

    sys.stdout.write(f"{len(plan.prices.entries):,} prefixes\n")
    for name, drawn in traffic.items():
        numbers = [number for number in drawn if plan.rate(number, 0.0) is not None]
        pricing = Pricing(lambda: plans)
        for _ in range(options.rounds):
            without = seconds(searched, numbers)
            kept = seconds(partial(charged, pricing), numbers)
            each_us = [took / len(numbers) * 1e6 for took in (without, kept)]
            told = f"searched {each_us[0]:5.2f} us, kept {each_us[1]:5.2f} us: {without / kept:.1f} times"
            sys.stdout.write(f"{name:12} {told}\n")


if __name__ == "__main__":
    main()
