"""`trunkline route explain`: which operators a message would take, in which order, and why."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from gateway.cli.beside import config_option, json_option, utc_now
from gateway.cli.operators import STALE_AFTER
from gateway.cli.output import print_facts, print_json
from gateway.config import Config, load
from gateway.errors import Refused
from gateway.services.routes import CLASS_OF_PRIORITY
from gateway.services.suppressions import checked_number
from routing import numbers
from routing.health import Health, Status
from routing.segments import split
from routing.table import Query, Table, explain
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
@json_option
def explain_(
    config_path: Path, account: str, sender: str, recipient: str, text: str, priority: str, as_json: bool
) -> None:
    """Tell which operators a message would take, in which order, and why. Nothing is sent.

    Operators are as a running gateway sees them, and all up when none runs.
    """
    config = load(config_path)
    checked_number(recipient)
    if numbers.kind_of_sender(sender) is None:
        raise Refused(numbers.why_not_sender(sender))
    table = Table([rule.rule() for rule in config.routes], [operator.id for operator in config.operators])
    health, seen = asyncio.run(_health(config))
    decision = explain(table, Query(recipient, sender, account, priority), health, 0.5)
    segments = split(text)
    facts: dict[str, object] = {
        "outcome": decision.outcome.value,
        "route": decision.rule_id,
        "operators": [candidate.operator for candidate in decision.candidates],
        "alphabet": segments.alphabet.value,
        "segments": segments.count,
        "price": None,
    }
    if as_json:
        print_json({**facts, "reasons": list(decision.reasons), "health_known": seen})
        return
    print_facts({**facts, "price": "not metered"})
    click.echo()
    for reason in decision.reasons:
        click.echo(f"- {reason}")
    if not seen:
        click.echo("(no gateway serves this store now: operators are taken as up)", err=True)


async def _health(config: Config) -> tuple[Health, bool]:
    """What a running gateway says of its operators, and whether there is one. Makes no store."""
    everybody_up = Health.all_up(operator.id for operator in config.operators)
    if config.store_path is None or not config.store_path.exists():
        return everybody_up, False
    store = open_store(config.store.url, config.folder)
    await store.open()
    try:
        states = await store.states()
    finally:
        await store.close()
    now = utc_now()
    fresh = [state for state in states if now - state.at <= STALE_AFTER]
    health = Health() if fresh else everybody_up
    for state in fresh:
        health = health.changed(state.operator, Status(state.state))
    return health, bool(fresh)
