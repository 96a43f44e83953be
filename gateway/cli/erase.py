"""`trunkline erase`: one person's number, taken out of all that is kept."""

from __future__ import annotations

import asyncio

import click

from gateway.cli.beside import Beside, json_option, utc_now, with_store
from gateway.cli.output import print_json
from gateway.cli.progress import Progress
from gateway.domain.erasure import Erased
from gateway.errors import Conflict
from gateway.services.erasure import PATIENCE_S, Erasing


@click.command()
@click.argument("number")
@click.option("--account", metavar="NAME", help="Of one account; without it of all.")
@click.option("--yes", is_flag=True, help="It can't be undone: say that you mean it.")
@json_option
@with_store
async def erase(gateway: Beside, number: str, account: str | None, yes: bool, as_json: bool) -> None:
    """Erase the person at NUMBER (E.164): number and texts, in messages, inbound messages and webhooks.

    What waits for that person is ended and its account is told. Later sends to the number are refused until the person
    says START. It may be run again, and says then what was left.
    """
    if not yes:
        raise click.UsageError(f"Erasing {number} can't be undone: add --yes.")
    erasing = Erasing(gateway.store, gateway.accounts, gateway.secrets, utc_now, asyncio.sleep)
    with Progress() as progress:
        done = await erasing.erase(number, account, progress)
    facts = _facts(done)
    if as_json:
        print_json({"number": number, "account": account, **facts})
    else:
        click.echo(f"{number} is erased: " + ", ".join(f"{count} {what}" for what, count in facts.items()))
    if done.left:
        raise Conflict(
            f"{len(done.left)} message(s) were still in the gateway's hands after {PATIENCE_S:g} s: run it again"
        )


def _facts(done: Erased) -> dict[str, int]:
    return {
        "messages": done.messages,
        "inbound": done.inbound,
        "webhooks": done.webhooks,
        "kept_answers": done.results,
        "suppressions": done.suppressions,
        "left": len(done.left),
    }
