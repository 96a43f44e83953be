"""`trunkline number`: which account an inbound number, or a keyword on a shared one, belongs to."""

from __future__ import annotations

import click

from gateway.cli.beside import Beside, env_option, json_option, utc_now, with_store
from gateway.cli.output import print_json, print_table
from gateway.domain.account import Env
from gateway.domain.suppression import OwnedNumber
from gateway.services.ownership import Ownership

_account_option = click.option("--account", required=True, metavar="NAME", help="The owner.")
_keyword_option = click.option(
    "--keyword", default="", metavar="WORD", help="Only messages that begin with this word."
)


@click.group()
def number() -> None:
    """Who owns an inbound number or keyword."""


@number.command()
@click.argument("number")
@_account_option
@env_option
@_keyword_option
@json_option
@with_store
async def add(gateway: Beside, number: str, account: str, env: str, keyword: str, as_json: bool) -> None:
    """Give NUMBER (E.164 or a short code), or a keyword on it, to an account."""
    owned = await _ownership(gateway).add(number, keyword, account, Env(env))
    if as_json:
        print_json(_facts(owned))
    else:
        click.echo(f"{_named(owned)} belongs to {owned.account} ({owned.env.value})")


@number.command("list")
@click.option("--account", metavar="NAME", help="Of one account.")
@json_option
@with_store
async def list_(gateway: Beside, account: str | None, as_json: bool) -> None:
    """All numbers and keywords, with their owners."""
    found = await _ownership(gateway).numbers(account)
    if as_json:
        print_json([_facts(one) for one in found])
        return
    rows = [(one.number, one.keyword or None, one.account, one.env.value, one.created_at) for one in found]
    print_table(
        ("number", "keyword", "account", "env", "created"),
        rows,
        "no numbers: trunkline number add NUMBER --account NAME",
    )


@number.command()
@click.argument("number")
@_keyword_option
@with_store
async def remove(gateway: Beside, number: str, keyword: str) -> None:
    """Take NUMBER, or a keyword on it, from its owner."""
    await _ownership(gateway).remove(number, keyword)
    click.echo(f"nobody owns {f'keyword {keyword} on ' if keyword else ''}{number} any more")


def _ownership(gateway: Beside) -> Ownership:
    return Ownership(gateway.store, gateway.accounts, utc_now)


def _named(owned: OwnedNumber) -> str:
    return f"keyword {owned.keyword} on {owned.number}" if owned.keyword else owned.number


def _facts(owned: OwnedNumber) -> dict[str, object]:
    return {
        "number": owned.number,
        "keyword": owned.keyword or None,
        "account": owned.account,
        "env": owned.env.value,
        "created_at": owned.created_at,
    }
