"""`trunkline message`: one message, looked at, offered again, or ended."""

from __future__ import annotations

import click

from gateway.cli.beside import Beside, json_option, utc_now, with_store
from gateway.cli.output import print_facts, print_json, print_table
from gateway.domain import ids
from gateway.domain.message import Message, PartRow
from gateway.domain.words import Reason
from gateway.services.rescue import Rescue


def message_id_of(text: str) -> bytes:
    """The 16 bytes of an id as people write it."""
    found = ids.parse(text)
    if found is None:
        raise click.BadParameter(f"'{text}' is no id: it looks like 018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00")
    return found


@click.group()
def message() -> None:
    """Look at a message, offer it again, end it."""


@message.command()
@click.argument("message_id", type=message_id_of, metavar="ID")
@click.option("--body", "with_body", is_flag=True, help="Show its text too.")
@json_option
@with_store
async def show(gateway: Beside, message_id: bytes, with_body: bool, as_json: bool) -> None:
    """Where a message stands, with every part of every attempt."""
    view = await _rescue(gateway).message(message_id)
    facts = _facts(view.message)
    if with_body:
        facts["body"] = view.message.body
    if as_json:
        print_json({**facts, "parts": [_part(row) for row in view.rows]})
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


@message.command()
@click.argument("message_id", type=message_id_of, metavar="ID")
@with_store
async def requeue(gateway: Beside, message_id: bytes) -> None:
    """Offer a waiting or in-doubt message to its operators now. One in doubt may reach the phone twice."""
    moved = await _rescue(gateway).requeue(message_id)
    click.echo(f"{ids.text(moved.id)} is offered now" + (f" to {moved.operator}" if moved.operator else ""))


@message.command()
@click.argument("message_id", type=message_id_of, metavar="ID")
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in Reason]),
    default=Reason.UNKNOWN.value,
    show_default=True,
    help="What its account is told.",
)
@with_store
async def fail(gateway: Beside, message_id: bytes, reason: str) -> None:
    """End a message that is not final; its account hears of it by webhook."""
    moved = await _rescue(gateway).fail(message_id, Reason(reason))
    click.echo(f"{ids.text(moved.id)} is {moved.status.value} ({reason})")


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
