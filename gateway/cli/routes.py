"""`trunkline route explain`: which operators a message would take, in which order, and why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import click

from gateway.cli.beside import config_option, json_option, utc_now
from gateway.cli.operators import STALE_AFTER
from gateway.cli.output import print_facts, print_json, shown, table_lines
from gateway.cli.texts import policy_of, show_text, text_details, text_facts
from gateway.cli.times import read_time
from gateway.config import Config, load
from gateway.domain import ids
from gateway.domain.money import plain
from gateway.domain.send import Refusal
from gateway.errors import Refused
from gateway.ports import OperatorState
from gateway.services.pricing import Pricing, Quote
from gateway.services.routes import CLASS_OF_PRIORITY
from gateway.services.suppressions import checked_number
from routing import numbers
from routing.health import Ailing, Health, Status
from routing.national import languages_of
from routing.preview import preview
from routing.table import Candidate, Decision, Query, Table, explain
from storage.open import open_store


@click.group()
def route() -> None:
    """Which operators a message would take, and why."""


@route.command("explain")
@config_option
@click.option("--account", required=True, metavar="NAME", help="Whose message.")
@click.option("--from", "sender", required=True, metavar="SENDER", help="E.164, a short code or a name.")
@click.option("--to", "recipient", required=True, metavar="E164", help="Recipient.")
@click.option("--text", required=True, help="What it says.")
@click.option(
    "--class",
    "priority",
    type=click.Choice(list(CLASS_OF_PRIORITY.values())),
    default="transactional",
    show_default=True,
    help="Priority class.",
)
@click.option(
    "--metadata", multiple=True, metavar="KEY=VALUE", help="What its metadata says; may be repeated."
)
@click.option(
    "--at", metavar="TIME", help="When, as 2026-01-31T22:30:00+01:00 (without a zone: UTC). [default: now]"
)
@click.option(
    "--id", "identity", metavar="ID", help="The message's id, by which weights share the traffic out."
)
@click.option(
    "--tried", multiple=True, metavar="OPERATOR", help="An operator that it left behind; may be repeated."
)
@json_option
def explain_(
    config_path: Path,
    account: str,
    sender: str,
    recipient: str,
    text: str,
    priority: str,
    metadata: tuple[str, ...],
    at: str | None,
    identity: str | None,
    tried: tuple[str, ...],
    as_json: bool,
) -> None:
    """Tell which operators a message would take, in which order, and why. Nothing is sent.

    Operators are as a running gateway sees them, and all up when none runs. A group with weights is told for the
    message of --id; without it, for some message.
    """
    config = load(config_path)
    checked_number(recipient)
    if numbers.kind_of_sender(sender) is None:
        raise Refused(numbers.why_not_sender(sender))
    said = _metadata(metadata)
    moment = utc_now() if at is None else read_time("--at", at)
    query = Query(recipient, sender, account, priority, text, said, moment, _key(identity))
    table = Table(
        [rule.rule() for rule in config.routes],
        [operator.id for operator in config.operators],
        config.prices,
    )
    health, seen = asyncio.run(_health(config))
    decision = explain(table, query, health, frozenset(tried))
    policy = asyncio.run(policy_of(config, account))
    told = preview(text, languages_of(policy.national_languages), policy.smart_replacement)
    quote = Pricing(lambda: config.plans).quote(policy, recipient, told.segments.count, moment)
    facts: dict[str, object] = {
        "outcome": decision.outcome.value,
        "route": decision.rule_id,
        "operators": [candidate.operator for candidate in decision.candidates],
        **text_facts(told),
        "price": _price(quote),
    }
    if as_json:
        reasons = list(decision.reasons)
        print_json(
            {**facts, **text_details(told), **_details(decision), "reasons": reasons, "health_known": seen}
        )
        return
    print_facts({**facts, "price": _price_line(quote, told.segments.count)})
    show_text(told)
    _show_rules(decision, len(table.rules))
    _show_candidates(decision)
    if not seen:
        click.echo("(no gateway serves this store now: operators are taken as up)", err=True)


# --- what is asked


def _metadata(pairs: tuple[str, ...]) -> str | None:
    found: dict[str, str] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise Refused(f"--metadata {shown(pair)}: write KEY=VALUE")
        found[key] = value
    return json.dumps(found) if found else None


def _key(identity: str | None) -> bytes:
    if identity is None:
        return b""
    found = ids.parse(identity)
    if found is None:
        raise Refused(f"--id {shown(identity)}: that is no message's id")
    return ids.message_of(found)


async def _health(config: Config) -> tuple[Health, bool]:
    """What a running gateway says of its operators, and whether there is one. Makes no store."""
    everybody_up = Health.all_up(operator.id for operator in config.operators)
    path = config.store_path
    if config.store.embedded and (path is None or not path.exists()):
        return everybody_up, False
    store = open_store(config.store.url, config.folder, makes_schema=False)
    await store.open()
    try:
        states = await store.states()
    finally:
        await store.close()
    now = utc_now()
    fresh = [state for state in states if now - state.at <= STALE_AFTER]
    return (_seen(fresh), True) if fresh else (everybody_up, False)


_BEST_LAST = (Status.DOWN, Status.PAUSED, Status.UP)


def _seen(states: list[OperatorState]) -> Health:
    """All processes' words on each operator: up somewhere is up, else paused somewhere is paused; it does badly where
    some process says so."""
    health = Health()
    for state in sorted(states, key=lambda each: _BEST_LAST.index(Status(each.state))):
        health = health.changed(state.operator, Status(state.state))
    ailing = {
        (state.operator, str(each["country"])): Ailing(
            f"{each['why']} (process {state.process})", bool(each["trial"])
        )
        for state in states
        for each in state.ailing
    }
    return health.with_ailing(ailing)


# --- what is told


def _details(decision: Decision) -> dict[str, object]:
    return {
        "chosen": decision.first,
        "rules": [
            {"route": rule.rule_id, "matches": rule.matches, "why": rule.why} for rule in decision.rules
        ],
        "candidates": [_candidate(candidate) for candidate in decision.candidates],
    }


def _price(quote: Quote | Refusal | None) -> dict[str, object] | None:
    """What the account would pay; None where it pays nothing, or can't be priced."""
    if not isinstance(quote, Quote):
        return None
    charge = quote.charge
    return {
        "amount": charge.amount,
        "rate": charge.rate,
        "currency": charge.currency,
        "plan": quote.plan,
        "prefix": quote.prefix,
    }


def _price_line(quote: Quote | Refusal | None, segments: int) -> str:
    if quote is None:
        return "not metered"
    if isinstance(quote, Refusal):
        return f"none, it would be refused: {quote.detail}"
    charge = quote.charge
    sum_ = f"{segments} x {plain(charge.rate)}, plan {quote.plan}, {quote.prefix}"
    return f"{plain(charge.amount)} {charge.currency} ({sum_})"


def _candidate(candidate: Candidate) -> Mapping[str, object]:
    price = candidate.price
    return {
        "operator": candidate.operator,
        "usable": candidate.usable,
        "health": candidate.why,
        "group": candidate.group,
        "weight": candidate.share or None,
        "price": None if price is None else str(price.amount),
        "currency": None if price is None else price.currency,
        "price_prefix": None if price is None else price.prefix,
    }


def _show_rules(decision: Decision, count: int) -> None:
    click.echo(f"\nRoutes, in order: the first that matches is taken ({count} in all)")
    for rule, line in zip(
        decision.rules,
        table_lines([(" yes" if rule.matches else " no", rule.rule_id, rule.why) for rule in decision.rules]),
        strict=True,
    ):
        click.echo(click.style(line, fg="green") if rule.matches else click.style(line, dim=True))
    if not decision.rules:
        click.echo(" none is configured")
    elif left := count - len(decision.rules):
        click.echo(click.style(f" {left} more not looked at", dim=True))


def _show_candidates(decision: Decision) -> None:
    if not decision.candidates:
        click.echo("\nNo route matches: the message would fail (no_route)")
        return
    click.echo("\nOperators, in the order in which they are tried")
    heads = ("", "OPERATOR", "GROUP", "WEIGHT", "PRICE", "HEALTH")
    rows = [
        (
            " ->" if candidate.operator == decision.first else "",
            candidate.operator,
            candidate.group,
            candidate.share or None,
            _shown_price(candidate),
            candidate.why,
        )
        for candidate in decision.candidates
    ]
    first, *lines = table_lines([heads, *rows])
    click.echo(first)
    for candidate, line in zip(decision.candidates, lines, strict=True):
        chosen = candidate.operator == decision.first
        colour = "green" if chosen else None if candidate.usable else "red"
        click.echo(click.style(line, fg=colour, bold=chosen) if colour else line)
    if decision.first is None:
        click.echo(f"\n{decision.reasons[-1]}")


def _shown_price(candidate: Candidate) -> str | None:
    price = candidate.price
    return None if price is None else f"{price.amount} {price.currency} ({price.prefix})"
