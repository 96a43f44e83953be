"""A message's webhook events, as `trunkline message show` tells them: where is my webhook?"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

import click

from gateway.cli.output import print_table
from gateway.domain import ids
from gateway.ports import StoredEvent

STATES = {"pending": "waiting", "claimed": "in hand", "delivered": "delivered", "dead": "dead"}
"""A state of the store in words for people. In hand: a process is about to send it, or waits for the answer."""


class WaitsFor(enum.StrEnum):
    """Why an event has not gone yet. docs/webhooks.md says what each means."""

    NEXT_TRY = "next try"
    EARLIER = "earlier event"
    PAUSE = "end of pause"
    TURN = "its turn"


def lines_of(events: Sequence[StoredEvent], now: datetime) -> list[dict[str, object]]:
    """What is told of each event, in their order. Of its URL the scheme, host and port alone: a path or query of
    tenants' may be a secret."""
    lines = []
    open_earlier = False
    for stored in events:
        lines.append(_line(stored, _waits_for(stored, now, behind=open_earlier)))
        open_earlier = open_earlier or stored.settled_at is None
    return lines


def _line(stored: StoredEvent, waits_for: WaitsFor | None) -> dict[str, object]:
    event = stored.event
    return {
        "webhook_id": ids.text(event.id),
        "kind": event.kind.value,
        "state": STATES[stored.state],
        "at": event.at,
        "settled_at": stored.settled_at,
        "tries": event.attempts,
        "last_error": stored.error,
        "next_try_at": None if waits_for is None else stored.next_at,
        "waits_for": None if waits_for is None else waits_for.value,
        "destination": event.destination.rpartition(" ")[2],  # without the account
    }


def _waits_for(stored: StoredEvent, now: datetime, *, behind: bool) -> WaitsFor | None:
    """Why an event has not gone yet; None of one that does not wait.

    A pause is in the memory of the process that made it. The store shows it by an event that was given back untried,
    with the end of the pause as its time; one that was never claimed says nothing of it, nor one that failed.
    """
    if stored.state != "pending":
        return None
    if behind:
        return WaitsFor.EARLIER
    if stored.next_at <= now:
        return WaitsFor.TURN
    return WaitsFor.NEXT_TRY if stored.event.attempts else WaitsFor.PAUSE


def print_events(lines: Sequence[dict[str, object]], made: int) -> None:
    """The events as a table, and what to look at where some are not there. `made`: how many the message has had."""
    rows = [tuple(line.values()) for line in lines]
    heads = (
        "webhook",
        "event",
        "state",
        "at",
        "settled at",
        "tries",
        "last error",
        "next try",
        "waits for",
        "to",
    )
    print_table(heads, rows, "no webhook events" if made else _NONE_MADE)
    if len(rows) < made:
        click.echo(
            f"{made - len(rows)} of {made} webhook event(s) not found: past [limits] retention_days, or made long "
            "after what it tells of: `trunkline account export` has all that are kept",
            err=True,
        )


_NONE_MADE = (
    "no webhook events so far: `trunkline account show` tells which events its account hears of, and where"
)
