"""The outbox as CSV (RFC 4180), for reconciliation: one row per message, with what the ledger says of it.

The columns are a table, so that the head, the rows and docs/outbox.md agree. Parts of an export are put together by
writing one behind the other: only the first has the head.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

import orjson

from gateway.domain import ids
from gateway.domain.labels import TAG, values_of
from gateway.domain.message import Message
from gateway.domain.money import ZERO, Kind, plain
from gateway.services.outbox import Booking, first_of, user_of
from http_api.dialects.outbox.render import NO_STORE, error_details, more, sent_at
from http_api.dialects.outbox.words import FAILED, outbox_id, word_of
from http_api.exchange import Request, Response
from http_api.times import write_time

CSV: Final = "text/csv; charset=utf-8; header="
"""RFC 4180, 3: `header` says whether the first line is the head."""

Value = str | int | Decimal | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it tells, and how it is read. `free`: people choose what stands in it."""

    name: str
    meaning: str
    read: Callable[[Booking], Value]
    free: bool = False


def _charged(kind: Kind) -> Callable[[Booking], Value]:
    return lambda booking: booking.sum_of(kind)


def _word(message: Message) -> str:
    return word_of(message.status, over=message.over)


COLUMNS: Final = (
    Column("outboxId", "the entry that the message belongs to", lambda b: outbox_id(first_of(b.message))),
    Column("messageId", "the message", lambda b: ids.text(b.message.id)),
    Column("userId", "who initiated it", lambda b: user_of(b.message), free=True),
    Column("recipientPhoneNumber", "E.164", lambda b: b.message.recipient),
    Column("senderId", "as the phone saw it", lambda b: b.message.sender, free=True),
    Column("status", "`pending`, `sent` or `failed`", lambda b: _word(b.message)),
    Column("createdAt", "when it was accepted; `from` and `to` speak of it", lambda b: b.message.accepted_at),
    Column("sentAt", "when it was successfully sent", lambda b: sent_at(b.message)),
    Column("segments", "SMS units of its text", lambda b: b.message.segment_count),
    Column(
        "costPerUnit",
        "the rate at send time; empty where the account was not metered",
        lambda b: b.message.charge.rate if b.message.charge is not None else None,
    ),
    Column(
        "currency",
        "ISO 4217; empty where the account was not metered",
        lambda b: b.message.charge.currency if b.message.charge is not None else None,
    ),
    Column("reserved", "taken from the balance when it was accepted", _charged(Kind.RESERVATION)),
    Column("settled", "of that: spent for good, when it was sent", _charged(Kind.SETTLEMENT)),
    Column("released", "of that: given back, for it ended before it was sent", _charged(Kind.RELEASE)),
    Column("refunded", "given back after it was sent", _charged(Kind.REFUND)),
    Column("cost", "reserved - released - refunded", lambda b: -sum((e.amount for e in b.entries), ZERO)),
    Column(
        "errorDetails",
        "why it failed",
        lambda b: error_details(b.message) if _word(b.message) == FAILED else None,
        free=True,
    ),
    Column("tags", "as a JSON list", lambda b: orjson.dumps(values_of(b.message.labels, TAG)).decode()),
)

HEAD: Final = [column.name for column in COLUMNS]


def part(
    request: Request,
    bookings: Iterable[Booking],
    limit: int,
    cursor: str | None,
    *,
    head: bool,
) -> Response:
    """A part of an export, and where the next one is."""
    text = io.StringIO()
    writer = csv.writer(text)  # its own dialect is that of RFC 4180: CRLF, quotes where needed
    if head:
        writer.writerow(HEAD)
    writer.writerows([_field(column, booking) for column in COLUMNS] for booking in bookings)
    file = ("Content-Disposition", 'attachment; filename="outbox.csv"')
    headers = (NO_STORE, file, *more(request, limit, cursor))
    return Response(200, text.getvalue().encode(), CSV + ("present" if head else "absent"), headers)


def _field(column: Column, booking: Booking) -> str:
    value = column.read(booking)
    match value:
        case None:
            return ""
        case datetime():
            return write_time(value)
        case Decimal():
            return plain(value)
    return harmless(str(value)) if column.free else str(value)


def harmless(text: str) -> str:
    """A text that a spreadsheet does not take for a formula (OWASP, "CSV Injection"): a quote stands before it, unless
    it is a number, which does no harm and would be lost to programs."""
    if text[:1] in _FORMULA and not text.removeprefix("+").isdigit():
        return "'" + text
    return text


_FORMULA: Final = frozenset("=+-@\t\r")
