"""`trunkline rates`: the rate plans by which accounts pay."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.beside import config_option, json_option, utc_now
from gateway.cli.output import print_facts, print_json, print_table, shown
from gateway.cli.times import read_time
from gateway.config import load_plans
from gateway.domain.money import plain
from gateway.errors import NotFound
from gateway.services.suppressions import checked_number
from routing.price import Entry
from routing.tariff import Plans, RatePlan


@click.group()
def rates() -> None:
    """What accounts pay for a segment."""


@rates.command("list")
@config_option
@json_option
def list_(config_path: Path, as_json: bool) -> None:
    """The rate plans of the configuration."""
    found = [
        {"plan": plan.name, "currency": plan.currency, "prefixes": len(plan.prices.entries)}
        for plan in load_plans(config_path).values()
    ]
    if as_json:
        print_json(found)
        return
    print_table(
        ("plan", "currency", "prefixes"),
        [tuple(each.values()) for each in found],
        'no rate plans: name their files in the configuration, [rates] plans = "rates/*.csv"',
    )


@rates.command()
@click.argument("plan")
@click.option("--to", "number", metavar="E164", help="The one price of this number.")
@click.option("--at", metavar="TIME", help="When, as 2026-01-31T06:00:00Z. [default: now]")
@config_option
@json_option
def show(config_path: Path, plan: str, number: str | None, at: str | None, as_json: bool) -> None:
    """The prices of PLAN: those in effect, and those to come."""
    found = _plan(load_plans(config_path), plan)
    moment = utc_now() if at is None else read_time("--at", at)
    if number is not None:
        _show_one(found, checked_number(number), moment, as_json)
        return
    rows = _rows(found, moment.timestamp())
    if as_json:
        print_json([{"plan": plan, **row} for row in rows])
        return
    print_table(("prefix", "price", "currency", "from"), [tuple(row.values()) for row in rows], "no prices")


def _show_one(plan: RatePlan, number: str, moment: datetime, as_json: bool) -> None:
    rate = plan.rate(number, moment.timestamp())
    if rate is None:
        raise NotFound(f"the rate plan '{plan.name}' has no price for {number} at {shown(moment)}")
    facts = {
        "plan": plan.name,
        "to": number,
        "prefix": rate.prefix,
        "price": plain(rate.amount),
        "currency": plan.currency,
        "until": None if rate.until_s == float("inf") else datetime.fromtimestamp(rate.until_s, UTC),
    }
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)


def _plan(plans: Plans, name: str) -> RatePlan:
    if name not in plans:
        raise NotFound(f"there is no rate plan '{shown(name)}': trunkline rates list")
    return plans[name]


def _rows(plan: RatePlan, at_s: float) -> list[dict[str, object]]:
    """By prefix, in the order of time; what a later entry has taken the place of is left out."""
    rows: list[dict[str, object]] = []
    for prefix, entries in sorted(plan.prices.entries.items()):
        rows += [_row(prefix, plan.currency, entry) for entry in reversed(_counting(entries, at_s))]
    return rows


def _counting(entries: tuple[Entry, ...], at_s: float) -> list[Entry]:
    """Of one prefix, the latest first: those to come, and the one in effect."""
    to_come = [entry for entry in entries if entry.since_s > at_s]
    return to_come + list(entries[len(to_come) : len(to_come) + 1])


def _row(prefix: str, currency: str, entry: Entry) -> dict[str, object]:
    since = datetime.fromtimestamp(entry.since_s, UTC) if entry.since_s else None
    return {"prefix": prefix, "price": plain(entry.amount), "currency": currency, "from": since}
