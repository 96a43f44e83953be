"""`trunkline alert`: what accounts were told of their money, their failures and their limits."""

from __future__ import annotations

import click

from gateway.cli.beside import Beside, json_option, limit_option, with_store
from gateway.cli.output import print_json, print_table
from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.alert import Alert
from gateway.ports import Page
from gateway.services.pages import gathered

MOST = 10_000


@click.group()
def alert() -> None:
    """Alerts: low balances, failures, limits that bit."""


@alert.command("list")
@click.argument("account", required=False)
@click.option("--env", type=click.Choice([env.value for env in Env]), help="Of one environment.")
@limit_option(MOST, 100, "the newest first")
@json_option
@with_store
async def list_(gateway: Beside, account: str | None, env: str | None, limit: int, as_json: bool) -> None:
    """Alerts of ACCOUNT, or of all."""
    if account is not None:
        await gateway.accounts.account(account)

    async def some(before: bytes | None) -> Page[Alert, bytes]:
        return await gateway.store.alerts(account, None if env is None else Env(env), before, limit)

    found = (await gathered(some, None, limit, lambda alert: alert.id, reads=None)).items
    if as_json:
        print_json(
            [
                {
                    "id": ids.text(each.id),
                    "account": each.account,
                    "env": each.env.value,
                    "kind": each.kind.value,
                    "at": each.at,
                    **each.data,
                }
                for each in found
            ]
        )
        return
    rows = [
        (
            each.at,
            each.account,
            each.env.value,
            each.kind.value,
            ", ".join(f"{k}: {v}" for k, v in each.data.items()),
        )
        for each in found
    ]
    print_table(("at", "account", "env", "kind", "what"), rows, "no alerts")
