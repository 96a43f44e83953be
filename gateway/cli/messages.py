"""`trunkline message`: messages, looked at, offered again, ended, or held after a restore."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import TextIO

import click

from gateway.cli.beside import Beside, beside, config_option, json_option, utc_now, with_store
from gateway.cli.events import lines_of, print_events
from gateway.cli.output import print_facts, print_json, print_table
from gateway.cli.progress import Progress
from gateway.config import load
from gateway.domain import ids
from gateway.domain.message import Message, PartRow
from gateway.domain.money import Entry, Purse, plain, word
from gateway.domain.words import Reason
from gateway.errors import Conflict, NotFound
from gateway.journal import boot_id
from gateway.metrics import Metrics
from gateway.services.rescue import Rescue
from gateway.services.restored import Restored


def message_id_of(text: str) -> bytes:
    """The 16 bytes of an id as people write it."""
    found = ids.parse(text)
    if found is None:
        raise click.BadParameter(f"'{text}' is no id: it looks like 018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00")
    return found


@click.group()
def message() -> None:
    """Look at a message; offer it again, end it, hold it."""


@message.command()
@click.argument("message_id", type=message_id_of, metavar="ID")
@click.option("--body", "with_body", is_flag=True, help="Show its text too.")
@json_option
@with_store
async def show(gateway: Beside, message_id: bytes, with_body: bool, as_json: bool) -> None:
    """Where a message stands, with every part of every attempt and every webhook event."""
    view = await _rescue(gateway).message(message_id)
    facts = _facts(view.message)
    if with_body:
        facts["body"] = view.message.body
    entries = await gateway.store.entries_of((view.message.id,))
    events = lines_of(await gateway.store.message_webhooks(view), utc_now())
    if as_json:
        money = [_entry(each) for each in entries]
        parts = [_part(row) for row in view.rows]
        print_json(
            {**facts, "parts": parts, "entries": money, "events": view.message.events, "webhooks": events}
        )
        return
    print_facts({name: value for name, value in facts.items() if value not in (None, "")})
    if view.rows:
        click.echo()
        heads = ("attempt", "part", "operator", "state", "carrier's id", "error", "at", "receipt at")
        rows = [
            (
                row.attempt,
                row.part,
                row.operator,
                row.state.name.lower(),
                row.ref,
                row.error,
                row.at,
                row.receipt_at,
            )
            for row in view.rows
        ]
        print_table(heads, rows, "")
    if entries:
        click.echo()
        print_table(("entry", "amount", "held", "at"), [tuple(_entry(each).values()) for each in entries], "")
    if events:
        click.echo()
    print_events(events, view.message.events)


def _listed(_context: click.Context, _parameter: click.Parameter, words: tuple[str, ...]) -> list[bytes]:
    """Ids as they were given, or, for a single `-`, from standard input: the first word of each line, or its
    `message_id` where it is JSON."""
    if words == ("-",):
        words = tuple(_id_in(line) for line in sys.stdin if line.strip())
    return [message_id_of(word) for word in words]


def _id_in(line: str) -> str:
    if not line.startswith("{"):
        return line.split(maxsplit=1)[0]
    try:
        return str(json.loads(line)["message_id"])
    except (ValueError, KeyError) as error:
        raise click.BadParameter(f"{line.strip()!r} has no message_id") from error


ids_argument = click.argument("message_ids", nargs=-1, required=True, metavar="ID...", callback=_listed)


@message.command()
@ids_argument
@with_store
async def requeue(gateway: Beside, message_ids: list[bytes]) -> None:
    """Offer waiting, held or in-doubt messages to their operators now; `-` reads the ids from standard input. One in
    doubt, or held after a restore, may reach the phone twice."""
    rescue = _rescue(gateway)

    async def offer(message_id: bytes) -> str:
        moved = await rescue.requeue(message_id)
        return f"{ids.text(moved.id)} is offered now" + (f" to {moved.operator}" if moved.operator else "")

    await _each(message_ids, offer)


@message.command()
@ids_argument
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in Reason]),
    default=Reason.UNKNOWN.value,
    show_default=True,
    help="What its account is told.",
)
@with_store
async def fail(gateway: Beside, message_ids: list[bytes], reason: str) -> None:
    """End messages that are not final; their accounts hear of it by webhook. `-` reads the ids from standard input.

    Tells at the end what the accounts were given back.
    """
    rescue = _rescue(gateway)
    back: defaultdict[Purse, Decimal] = defaultdict(Decimal)

    async def end(message_id: bytes) -> str:
        step = await rescue.fail(message_id, Reason(reason))
        for entry in step.entries:
            back[entry.purse] += entry.amount
        return f"{ids.text(step.message.id)} is {step.message.status.value} ({reason})"

    try:
        await _each(message_ids, end)
    finally:
        for (name, env, currency), amount in sorted(back.items()):
            click.echo(f"given back to {name} ({env.value}): {plain(amount)} {currency}", err=True)


async def _each(message_ids: list[bytes], act: Callable[[bytes], Awaitable[str]]) -> None:
    """One after another; what was refused is told at the end, and the rest is done."""
    refused = []
    for message_id in message_ids:
        try:
            click.echo(await act(message_id))
        except (NotFound, Conflict) as error:
            refused.append(str(error))
    if refused:
        raise Conflict("\n".join(refused))


@message.command()
@click.option(
    "--after-restore", is_flag=True, help="The store was restored to an earlier moment: say that it was."
)
@click.option(
    "--list",
    "list_path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="Write what is held: JSON lines with full numbers. It must not exist.",
)
@config_option
def hold(after_restore: bool, list_path: Path, config_path: Path) -> None:
    """Hold what a restored store would send again. No gateway may run.

    Everything that waited or was under way at the moment of the back-up may have been sent since. It is held until its
    validity ends; compare the list with the carriers' records, then `message fail` what they had, and `message requeue`
    what they had not. What comes after the restore is sent as ever.
    """
    if not after_restore:
        raise click.UsageError(
            "After a crash `trunkline serve` finds by itself what is to be done. For a store that was restored from a "
            "back-up add --after-restore."
        )
    asyncio.run(_hold(config_path, list_path))


async def _hold(config_path: Path, list_path: Path) -> None:
    from gateway.app.heir import Heir  # the operators, which other commands can do without

    config = load(config_path)
    count = 0
    async with beside(config_path) as gateway:
        heir = Heir(lambda: config, gateway.accounts, Metrics())
        heir.get_ready()
        restored = Restored(gateway.store, heir.decide, utc_now, asyncio.sleep)
        with Progress() as progress, _private(list_path) as listed:
            async for page in restored.hold(boot_id(), config.process.lease_s):
                for held in page:
                    listed.write(json.dumps(_line(held), ensure_ascii=False) + "\n")
                listed.flush()
                count += len(page)
                progress("messages", count)
    click.echo(
        f"{count} message(s) may have been sent since: held, and listed in {list_path}. "
        "End those that carriers had by `message fail`, offer the others by `message requeue`"
    )


def _private(path: Path) -> TextIO:
    """A new file that its owner alone may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")


def _line(held: Message) -> dict[str, object]:
    return {
        "message_id": ids.text(held.id),
        "account": held.account,
        "env": held.env.value,
        "operator": held.operator,
        "from": held.sender,
        "to": held.recipient,
        "accepted_at": held.accepted_at.isoformat(),
        "in_doubt": held.doubt,
        "expires_at": held.expires_at.isoformat(),
        "price": None if held.charge is None else f"{plain(held.charge.amount)} {held.charge.currency}",
    }


def _rescue(gateway: Beside) -> Rescue:
    return Rescue(gateway.store, gateway.accounts, utc_now)


def _facts(message: Message) -> dict[str, object]:
    error = message.error
    return {
        "message_id": ids.text(message.id),
        "account": message.account,
        "env": message.env.value,
        "sub_tenant": message.sub_tenant or None,
        "status": message.status.value,
        "reason": message.reason.value if message.reason else None,
        "in_doubt": message.doubt,
        "from": message.sender,
        "to": message.recipient,
        "segments": message.segment_count,
        "price": None
        if message.charge is None
        else f"{plain(message.charge.amount)} {message.charge.currency}",
        "operator": message.operator,
        "route": message.route,
        "attempts": message.attempts,
        "accepted_at": message.accepted_at,
        "scheduled_at": message.scheduled_at,
        "expires_at": message.expires_at,
        "processed_at": message.processed_at,
        "final_at": message.final_at,
        "next_try_at": message.next_at,
        "in_hand_of_process": message.owner,
        "last_error": error.detail or error.code if error else None,
        "operator_error": error.operator_error if error else None,
        "key_id": message.key_id or None,
        "request_id": message.request_id or None,
        "traceparent": message.traceparent,
    }


def _entry(entry: Entry) -> dict[str, object]:
    return {"kind": word(entry.kind), "amount": entry.amount, "held": entry.held, "at": entry.at}


def _part(row: PartRow) -> dict[str, object]:
    return {
        "attempt": row.attempt,
        "part": row.part,
        "operator": row.operator,
        "state": row.state.name.lower(),
        "ref": row.ref,
        "error": row.error,
        "at": row.at,
        "receipt_at": row.receipt_at,
    }
