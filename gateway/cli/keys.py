"""`trunkline key`: API keys. A key is printed once, when it is made; the store keeps its digest."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

from gateway.cli.beside import Beside, env_option, json_option, utc_now, with_store
from gateway.cli.output import print_json, print_table
from gateway.domain.account import DEFAULT_SCOPES, Env, Key, Scope
from gateway.errors import Refused

_DURATION = re.compile(r"(\d{1,6})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def moment(text: str) -> datetime:
    """`90d`, `12h`, `2027-01-31` or `2027-01-31T12:00:00Z` as aware UTC; without a zone it is UTC already."""
    found = _DURATION.fullmatch(text)
    try:
        if found is not None:
            return utc_now() + timedelta(seconds=int(found.group(1)) * _SECONDS[found.group(2)])
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"'{text}' is no time: write 90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z"
        ) from error
    return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)


@click.group()
def key() -> None:
    """API keys."""


@key.command()
@click.argument("account")
@env_option
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="One of: " + ", ".join(Scope) + ". All but admin when left out.",
)
@click.option(
    "--kind",
    type=click.Choice(["bearer", "nexmo"]),
    default="bearer",
    show_default=True,
    help="What requests carry: a bearer key; nexmo comes with that dialect.",
)
@click.option(
    "--expires",
    type=moment,
    metavar="WHEN",
    help="After this it is refused: 90d, 2027-01-31. Never when left out.",
)
@click.option("--allow-from", multiple=True, metavar="CIDR", help="Only from these addresses or networks.")
@click.option("--member", metavar="USER", help="A person of the account, kept with what the key sends.")
@click.option("--sub-tenant", metavar="NAME", help="Bind the key to one sub-tenant.")
@json_option
@with_store
async def create(
    gateway: Beside,
    account: str,
    env: str,
    scopes: tuple[str, ...],
    kind: str,
    expires: datetime | None,
    allow_from: tuple[str, ...],
    member: str | None,
    sub_tenant: str | None,
    as_json: bool,
) -> None:
    """Make a key for ACCOUNT and print it: it is not shown again."""
    if kind != "bearer":
        raise Refused(
            "keys of kind nexmo come with that dialect, which is not part of this release: make a bearer key"
        )
    made, text = await gateway.accounts.create_key(
        account, Env(env), scopes or DEFAULT_SCOPES, expires, allow_from, member, sub_tenant
    )
    if as_json:
        print_json({"key": text, **_facts(made)})
        return
    click.echo(text)
    click.echo(
        f"{made.key_id}: {env}, {', '.join(sorted(made.scopes))}; keep the key, it is not shown again",
        err=True,
    )


@key.command("list")
@click.argument("account", required=False)
@json_option
@with_store
async def list_(gateway: Beside, account: str | None, as_json: bool) -> None:
    """The keys of ACCOUNT, or all: their ids and what they may, never themselves."""
    found = await gateway.accounts.keys(account)
    if as_json:
        print_json([{**_facts(one), "state": _state(one)} for one in found])
        return
    rows = [
        (
            one.key_id,
            one.account,
            one.env.value,
            _state(one),
            one.scopes,
            one.created_at,
            one.expires_at,
            one.allow_from or None,
            one.member,
        )
        for one in found
    ]
    heads = ("key_id", "account", "env", "state", "scopes", "created", "expires", "allow_from", "member")
    print_table(heads, rows, "no keys: trunkline key create ACCOUNT")


@key.command()
@click.argument("key_id")
@with_store
async def revoke(gateway: Beside, key_id: str) -> None:
    """Refuse a key from the next request on. KEY_ID is its id, or the key itself when it has leaked."""
    revoked = await gateway.accounts.revoke_key(key_id)
    click.echo(f"revoked {revoked.key_id} of account {revoked.account}")


def _state(one: Key) -> str:
    if one.revoked_at is not None:
        return "revoked"
    return "expired" if one.expires_at is not None and one.expires_at <= utc_now() else "valid"


def _facts(one: Key) -> dict[str, object]:
    return {
        "key_id": one.key_id,
        "account": one.account,
        "env": one.env.value,
        "scopes": one.scopes,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "revoked_at": one.revoked_at,
        "allow_from": list(one.allow_from),
        "member": one.member,
        "sub_tenant": one.sub_tenant,
    }
