"""`trunkline terms`: who has accepted the terms of use."""

from __future__ import annotations

import click

from gateway.cli.beside import Beside, json_option, with_store
from gateway.cli.output import print_json, print_table
from gateway.domain.agreement import ALL_SERVICES

ALL_KEYS = "(keys without a member)"


@click.group()
def terms() -> None:
    """Terms of use, and who has accepted them."""


@terms.command("list")
@click.argument("account")
@json_option
@with_store
async def list_(gateway: Beside, account: str, as_json: bool) -> None:
    """Who of ACCOUNT has accepted which version, when, and from which address.

    The address is empty where it was done by `account set ACCOUNT terms_accepted=current`.
    """
    await gateway.accounts.account(account)
    found = await gateway.store.agreements(account)
    current = gateway.config.terms.version
    if as_json:
        print_json(
            [
                {
                    "member": each.member or None,
                    "version": each.version,
                    "current": each.version == current,
                    "at": each.at,
                    "address": each.address or None,
                }
                for each in found
            ]
        )
        return
    rows = [
        (
            ALL_KEYS if each.member == ALL_SERVICES else each.member,
            each.version,
            each.version == current,
            each.at,
            each.address,
        )
        for each in found
    ]
    print_table(
        ("member", "version", "current", "at", "address"),
        rows,
        f"nobody of {account} has accepted any: POST /api/terms does it for a member, "
        f"trunkline account set {account} terms_accepted=current for keys without one",
    )
