"""`trunkline account`: accounts, their settings, their webhook secrets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields

import click

from gateway.cli.account_export import export
from gateway.cli.beside import Beside, json_option, with_store
from gateway.cli.output import print_facts, print_json, print_table
from gateway.config import ConfigErrors
from gateway.domain.account import Account, Billing, Env, Policy
from gateway.services import policies
from gateway.services.pricing import without_plan


@click.group()
def account() -> None:
    """Accounts and their settings."""


account.add_command(export)


@account.command()
@click.argument("name")
@json_option
@with_store
async def create(gateway: Beside, name: str, as_json: bool) -> None:
    """Make the account NAME and print its webhook secret, which is not shown again."""
    made, secret = await gateway.accounts.create(name)
    _print_secret(made.name, secret, as_json)


@account.command("list")
@json_option
@with_store
async def list_(gateway: Beside, as_json: bool) -> None:
    """All accounts."""
    found = await gateway.accounts.accounts()
    if as_json:
        print_json([_facts(one) for one in found])
        return
    rows = [(one.name, one.created_at, one.disabled, one.live.webhook_url) for one in found]
    print_table(
        ("account", "created", "disabled", "webhook_url"), rows, "no accounts: trunkline account create NAME"
    )


@account.command()
@click.argument("name")
@json_option
@with_store
async def show(gateway: Beside, name: str, as_json: bool) -> None:
    """Every setting of the account NAME, in both environments."""
    found = await gateway.accounts.account(name)
    if as_json:
        print_json(_facts(found))
        return
    print_facts(
        {
            "account": found.name,
            "created": found.created_at,
            "disabled": found.disabled,
            "old secret until": found.old_secret_until,
        }
    )
    rows = [
        (
            field.name,
            policies.as_text(getattr(found.live, field.name)),
            policies.as_text(getattr(found.test, field.name)),
        )
        for field in fields(Policy)
    ]
    click.echo()
    print_table(("setting", "live", "test"), rows, "")


@account.command("set")
@click.argument("name")
@click.argument("settings", nargs=-1, required=True, metavar="KEY=VALUE...")
@click.option("--env", type=click.Choice(["live", "test"]), help="One environment; without it both.")
@with_store
async def set_(gateway: Beside, name: str, settings: tuple[str, ...], env: str | None) -> None:
    """Change settings of the account NAME; all of them or, when one is wrong, none.

    Lists are separated by commas; KEY= sets nothing (no URL, any sender). `trunkline account show NAME` lists the
    keys; disabled=true refuses the account's requests, terms_accepted=current accepts the terms of use for its keys
    that have no member.
    """
    wanted: dict[str, str] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise click.UsageError(f"'{setting}' is no setting: write KEY=VALUE, like rate_per_s=25")
        wanted[key.strip()] = value
    changed = await gateway.accounts.set(name, wanted, None if env is None else Env(env))
    click.echo(f"{name}: set {', '.join(wanted)} ({env or 'live and test'})")
    if "rate_plan" in wanted:
        _warn_of_plan(gateway, changed)
    _warn_of_credit(changed, wanted)


@account.command("rotate-secret")
@click.argument("name")
@json_option
@with_store
async def rotate_secret(gateway: Beside, name: str, as_json: bool) -> None:
    """Give the account NAME a new webhook secret. For a day both sign, so that receivers can change over."""
    secret, until = await gateway.accounts.rotate_secret(name)
    _print_secret(name, secret, as_json)
    if not as_json:
        click.echo(f"the secret before it signs too until {until:%Y-%m-%d %H:%M} UTC", err=True)


def _warn_of_plan(gateway: Beside, changed: Account) -> None:
    """Say at once what the gateway would say with each message."""
    try:
        missing = without_plan([changed], gateway.plans())
    except ConfigErrors as error:
        click.echo(f"the rate plans could not be read, mend them first:\n{error}", err=True)
        return
    for plan, names in missing.items():
        what = f"[rates] plans has no '{plan}': until it has, whatever {' and '.join(names)} sends is refused"
        click.echo(f"warning: {what}", err=True)


def _warn_of_credit(changed: Account, wanted: Collection[str]) -> None:
    """A limit of credit that counts for nothing looks as if it were one."""
    if not {"credit_limit", "billing"} & set(wanted):
        return
    for env in Env:
        policy = changed.policy(env)
        if policy.credit_limit and policy.billing is Billing.PREPAID:
            what = (
                f"{changed.name} ({env.value}) is prepaid: its credit_limit counts only with billing=postpaid"
            )
            click.echo(f"warning: {what}", err=True)


def _print_secret(name: str, secret: str, as_json: bool) -> None:
    facts = {"account": name, "webhook_secret": secret}
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)
        click.echo("keep the secret: it is not shown again", err=True)


def _facts(one: Account) -> dict[str, object]:
    return {
        "account": one.name,
        "created_at": one.created_at,
        "disabled": one.disabled,
        "live": _settings(one.live),
        "test": _settings(one.test),
    }


def _settings(policy: Policy) -> dict[str, object]:
    return {field.name: getattr(policy, field.name) for field in fields(policy)}
