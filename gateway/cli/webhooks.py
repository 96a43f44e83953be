"""`trunkline webhook dead`: events that were given up, to be listed and replayed."""

from __future__ import annotations

import click

from gateway.cli.beside import Beside, json_option, utc_now, with_store
from gateway.cli.messages import message_id_of
from gateway.cli.output import print_json, print_table
from gateway.domain import ids
from gateway.domain.event import Event, Settled
from gateway.errors import NotFound
from gateway.ports import Page
from gateway.services.pages import gathered


@click.group()
def webhook() -> None:
    """Webhook events that nobody took."""


@webhook.group()
def dead() -> None:
    """Events that were given up: a day of tries, or the destination said 410 Gone."""


@dead.command("list")
@click.option("--account", metavar="NAME", help="Of one account.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=1_000, show_default=True, help="At most so many."
)
@json_option
@with_store
async def list_(gateway: Beside, account: str | None, limit: int, as_json: bool) -> None:
    """Dead events, with the last error of each."""
    if account is not None:
        await gateway.accounts.account(account)

    async def some(before: bytes | None) -> Page[tuple[Event, Settled], bytes]:
        return await gateway.store.dead_webhooks(account, before, limit)

    found = (await gathered(some, None, limit, lambda dead: dead[0].id, reads=None)).items
    if as_json:
        print_json(
            [
                {
                    "id": ids.text(event.id),
                    "subject": ids.text(event.subject),
                    "account": event.account,
                    "env": event.env.value,
                    "kind": event.kind.value,
                    "at": event.at,
                    "url": event.url,
                    "attempts": settled.attempts,
                    "dead_at": settled.at,
                    "error": settled.error,
                }
                for event, settled in found
            ]
        )
        return
    rows = [
        (
            ids.text(event.id),
            event.account,
            event.env.value,
            event.kind.value,
            event.at,
            event.destination,
            settled.attempts,
            settled.error,
        )
        for event, settled in found
    ]
    print_table(
        ("id", "account", "env", "kind", "at", "destination", "tries", "last error"), rows, "no dead events"
    )


@dead.command()
@click.argument("event_ids", nargs=-1, type=message_id_of, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="Every dead event.")
@with_store
async def replay(gateway: Beside, event_ids: tuple[bytes, ...], everything: bool) -> None:
    """Deliver dead events again: those with these ids, or --all. A running gateway begins within some seconds."""
    if everything == bool(event_ids):
        raise click.UsageError("Name the ids of the events, or --all.")
    count = await gateway.store.replay_webhooks(None if everything else event_ids, utc_now())
    if event_ids and not count:
        raise NotFound("none of these is a dead event: `trunkline webhook dead list` shows them")
    click.echo(f"{count} event(s) will be delivered again")
