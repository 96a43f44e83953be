"""`trunkline suppression`: recipients that an account must not write to."""

from __future__ import annotations

import click

from gateway.cli.beside import Beside, env_option, json_option, limit_option, utc_now, with_store
from gateway.cli.output import print_json, print_table
from gateway.domain.account import Env
from gateway.domain.suppression import Suppression
from gateway.services.suppressions import Suppressions

MOST = 100_000

_account_option = click.option("--account", required=True, metavar="NAME", help="Whose list.")
_sub_tenant_option = click.option("--sub-tenant", default="", metavar="NAME", help="Of one sub-tenant.")


@click.group()
def suppression() -> None:
    """Recipients that must not be written to."""


@suppression.command()
@click.argument("number")
@_account_option
@env_option
@_sub_tenant_option
@with_store
async def add(gateway: Beside, number: str, account: str, env: str, sub_tenant: str) -> None:
    """Refuse messages to NUMBER (E.164), and stop those that wait."""
    await _suppressions(gateway).add(account, Env(env), number, sub_tenant)
    click.echo(f"{number} is on the {env} list of {account}")


@suppression.command()
@click.argument("number")
@_account_option
@env_option
@_sub_tenant_option
@with_store
async def remove(gateway: Beside, number: str, account: str, env: str, sub_tenant: str) -> None:
    """Allow messages to NUMBER (E.164) again. After a STOP, only with the person's consent."""
    await _suppressions(gateway).remove(account, Env(env), number, sub_tenant)
    click.echo(f"{number} is off the {env} list of {account}")


@suppression.command("list")
@click.option("--account", metavar="NAME", help="Of one account.")
@limit_option(MOST, 1_000, "the oldest first")
@json_option
@with_store
async def list_(gateway: Beside, account: str | None, limit: int, as_json: bool) -> None:
    """Who is on the list, since when and why."""
    found = await _suppressions(gateway).entries(account, None, limit)
    if as_json:
        print_json([_facts(one) for one in found])
        return
    rows = [
        (one.number, one.account, one.env.value, one.sub_tenant or None, one.reason, one.created_at)
        for one in found
    ]
    print_table(("number", "account", "env", "sub_tenant", "reason", "since"), rows, "nobody is suppressed")


def _suppressions(gateway: Beside) -> Suppressions:
    return Suppressions(gateway.store, gateway.accounts, utc_now)


def _facts(one: Suppression) -> dict[str, object]:
    return {
        "number": one.number,
        "account": one.account,
        "env": one.env.value,
        "sub_tenant": one.sub_tenant or None,
        "reason": one.reason,
        "created_at": one.created_at,
    }
