"""`trunkline ledger`: payments, corrections and refunds by hand, and whether it all adds up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import click

from gateway.cli.beside import Beside, env_option, json_option, limit_option, utc_now, with_store
from gateway.cli.output import print_facts, print_json, print_table, shown
from gateway.cli.progress import Progress
from gateway.cli.times import read_time
from gateway.config import ConfigErrors
from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.money import Booked, Entry, Kind, Purse, read, word
from gateway.errors import Refused
from gateway.ports import LedgerQuery, Page
from gateway.services.ledger import Ledger, Standing, place_of
from gateway.services.pages import gathered
from routing.tariff import NO_PLANS, Plans

MOST = 100_000

Command = Callable[..., Any]

_WORDS = {word(kind): kind for kind in Kind}
"""How a person writes each kind of entry: top-up, refund, ..."""


@click.group()
def ledger() -> None:
    """What accounts pay and owe."""


def _booking(command: Command) -> Command:
    """What every booking may say."""
    for option in (
        json_option,
        click.option("--note", metavar="TEXT", help="Why, for people to read."),
        click.option(
            "--key",
            metavar="KEY",
            help="Your own name for it, as an invoice's number: once booked, never again.",
        ),
        env_option,
        click.option("--currency", metavar="EUR", help="ISO 4217. [default: its rate plan's]"),
    ):
        command = option(command)
    return command


# A negative amount is no option.
_AMOUNTS_HAVE_SIGNS = {"ignore_unknown_options": True}


@ledger.command("top-up", context_settings=_AMOUNTS_HAVE_SIGNS)
@click.argument("account")
@click.argument("amount")
@_booking
@with_store
async def top_up(
    gateway: Beside,
    account: str,
    amount: str,
    currency: str | None,
    env: str,
    key: str | None,
    note: str | None,
    as_json: bool,
) -> None:
    """Book that ACCOUNT has paid AMOUNT. It may be spent at once."""
    service = _ledger(gateway)
    booked = await service.top_up(account, Env(env), _amount(amount), currency, key, note)
    await _tell(service, booked, as_json)


@ledger.command(context_settings=_AMOUNTS_HAVE_SIGNS)
@click.argument("account")
@click.argument("amount", metavar="+-AMOUNT")
@_booking
@with_store
async def adjust(
    gateway: Beside,
    account: str,
    amount: str,
    currency: str | None,
    env: str,
    key: str | None,
    note: str | None,
    as_json: bool,
) -> None:
    """Correct the balance of ACCOUNT by an amount with its sign, like +12.50 or -3."""
    if amount[:1] not in ("+", "-"):
        raise click.UsageError(f"'{amount}' has no sign: write +12.50 to give, -12.50 to take")
    service = _ledger(gateway)
    booked = await service.adjust(account, Env(env), _amount(amount), currency, key, note)
    await _tell(service, booked, as_json)


@ledger.command()
@click.argument("message_id", metavar="MESSAGE")
@click.option("--note", metavar="TEXT", help="Why, for people to read.")
@json_option
@with_store
async def refund(gateway: Beside, message_id: str, note: str | None, as_json: bool) -> None:
    """Give back the price of a message that was sent; once."""
    found = ids.parse(message_id)
    if found is None:
        raise Refused(f"'{shown(message_id)}' is no message's id")
    service = _ledger(gateway)
    await _tell(service, await service.refund(ids.message_of(found), note), as_json)


@ledger.command()
@click.argument("account", required=False)
@json_option
@with_store
async def balance(gateway: Beside, account: str | None, as_json: bool) -> None:
    """What ACCOUNT has, or all accounts: what is set aside for messages under way, and what may be spent."""
    found = await _ledger(gateway).standings(account)
    if as_json:
        print_json([_standing(each) for each in found])
        return
    print_table(
        ("account", "env", "currency", "balance", "held", "credit", "spendable"),
        [tuple(_standing(each).values()) for each in found],
        "no money: trunkline ledger top-up ACCOUNT AMOUNT",
    )


@ledger.command("list")
@click.argument("account")
@env_option
@click.option("--kind", "kinds", type=click.Choice(list(_WORDS)), multiple=True, help="May be repeated.")
@click.option("--since", metavar="TIME", help="As 2026-01-31 or 2026-01-31T06:00:00Z.")
@limit_option(MOST, 100, "the newest first")
@json_option
@with_store
async def list_(
    gateway: Beside,
    account: str,
    env: str,
    kinds: tuple[str, ...],
    since: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """The entries of ACCOUNT, by when their message or booking was made, the newest first."""
    wanted = frozenset(_WORDS[kind] for kind in kinds) or None
    query = LedgerQuery(
        account, Env(env), limit, kinds=wanted, after=None if since is None else read_time("--since", since)
    )
    asked = _ledger(gateway)

    async def some(before: tuple[bytes, int] | None) -> Page[Entry, tuple[bytes, int]]:
        return await asked.entries(replace(query, before=before))

    found = (await gathered(some, None, limit, place_of, reads=None)).items
    if as_json:
        print_json([_entry(each) for each in found])
        return
    print_table(
        ("at", "kind", "amount", "held", "currency", "message or booking", "key", "note"),
        [
            (
                each.at,
                word(each.kind),
                each.amount,
                each.held,
                each.purse.currency,
                ids.text(each.subject),
                each.key,
                each.note,
            )
            for each in found
        ],
        "no entries",
    )


@ledger.command()
@json_option
@with_store
async def verify(gateway: Beside, as_json: bool) -> None:
    """Prove that it adds up: each balance is the sum of its entries, each message has those that its status asks for.

    Exits with 0 only when it does. It may run beside a gateway.
    """
    with Progress() as progress:
        count, flaws = await _ledger(gateway).audit(
            lambda done, total: progress(f"of {total:,} entries", done)
        )
    if as_json:
        print_json(
            {
                "entries": count,
                "flaws": [
                    {
                        "account": flaw.purse.account,
                        "env": flaw.purse.env.value,
                        "currency": flaw.purse.currency,
                        "subject": None if flaw.subject is None else ids.text(flaw.subject),
                        "what": flaw.what,
                    }
                    for flaw in flaws
                ],
            }
        )
    else:
        for flaw in flaws:
            click.echo(f"{_of(flaw.purse)}: {shown(flaw.what)}")
    if flaws:
        raise Refused(f"the ledger does not add up: {len(flaws)} flaw(s) in {count:,} entries")
    if not as_json:
        click.echo(f"{count:,} entries: it adds up")


# --- what is asked


def _ledger(gateway: Beside) -> Ledger:
    read: list[Plans] = []

    def plans() -> Plans:
        """Read when first needed; money can be booked also while somebody mends a price."""
        if not read:
            try:
                read.append(gateway.plans())
            except ConfigErrors as error:
                click.echo(f"the rate plans could not be read, so none counts:\n{error}", err=True)
                read.append(NO_PLANS)
        return read[0]

    return Ledger(gateway.store, gateway.accounts, plans, utc_now)


def _amount(text: str) -> Decimal:
    found = read(text)
    if found is None:
        raise click.UsageError(f"'{shown(text)}' is no amount: write it with a point, like 12.50")
    return found


# --- what is told


async def _tell(service: Ledger, booked: Booked, as_json: bool) -> None:
    entry = booked.entry
    standing = await service.standing(entry.purse)
    if as_json:
        print_json({**_entry(entry), "new": booked.new, "purse": _standing(standing)})
        return
    if not booked.new:
        click.echo(f"nothing was booked: this was booked at {shown(entry.at)} already", err=True)
    print_facts(
        {
            word(entry.kind): ids.text(entry.subject),
            "account": f"{entry.purse.account} ({entry.purse.env.value})",
            "amount": _money(entry.amount, entry.purse),
            "balance": _money(standing.balance.balance, entry.purse),
            "held": _money(standing.balance.held, entry.purse),
            "may be spent": _money(standing.spendable, entry.purse),
        }
    )
    if not standing.spendable and entry.amount > 0 and standing.balance.balance > 0:
        click.echo(f"warning: its rate plan charges nothing in {entry.purse.currency}", err=True)


def _money(amount: Decimal, purse: Purse) -> str:
    return f"{shown(amount)} {purse.currency}"


def _of(purse: Purse) -> str:
    return f"{purse.account} ({purse.env.value}, {purse.currency})"


def _standing(one: Standing) -> dict[str, object]:
    purse = one.balance.purse
    return {
        "account": purse.account,
        "env": purse.env.value,
        "currency": purse.currency,
        "balance": one.balance.balance,
        "held": one.balance.held,
        "credit": one.credit,
        "spendable": one.spendable,
    }


def _entry(one: Entry) -> dict[str, object]:
    return {
        "subject": ids.text(one.subject),
        "kind": word(one.kind),
        "account": one.purse.account,
        "env": one.purse.env.value,
        "currency": one.purse.currency,
        "amount": one.amount,
        "held": one.held,
        "at": one.at,
        "key": one.key,
        "note": one.note,
    }
