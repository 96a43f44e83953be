"""Call detail records: one row per message, for billing and for what must be kept longer than messages are.

A record says who wrote to whom, when, through whom and what became of it; never what was written. The columns are a
table, so that the file's head, its rows and docs/data.md agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from gateway.domain import ids
from gateway.domain.message import Message
from gateway.domain.money import plain


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it tells, and how it is read from a message. Nothing is an empty field."""

    name: str
    meaning: str
    read: Callable[[Message], object]


COLUMNS = (
    Column("message_id", "the id that the tenant was given", lambda m: ids.text(m.id)),
    Column("account", "whose message it is", lambda m: m.account),
    Column("env", "`live` or `test`", lambda m: m.env),
    Column("sub_tenant", "the part of the account that sent it", lambda m: m.sub_tenant),
    Column("key_id", "the key, token or proxy it came by; `reply` for an answer to STOP", lambda m: m.key_id),
    Column("dialect", "the API it came by", lambda m: m.dialect),
    Column("priority", "`otp`, `transactional` or `marketing`", lambda m: m.priority.name.lower()),
    Column("sender", "as the phone saw it", lambda m: m.sender),
    Column("recipient", "E.164, in full; `erased:...` when that person was erased", lambda m: m.recipient),
    Column("segments", "what is billed: segments of the text", lambda m: m.segment_count),
    Column("accepted_at", "when it was accepted", lambda m: m.accepted_at),
    Column("scheduled_at", "when it was to be sent, if later", lambda m: m.scheduled_at),
    Column("processed_at", "first answer of a carrier", lambda m: m.processed_at),
    Column("final_at", "when its status became final", lambda m: m.final_at),
    Column("status", "its status at the time of the export", lambda m: m.status),
    Column("reason", "why it was not delivered", lambda m: m.reason),
    Column("operator", "the carrier that had it last", lambda m: m.operator),
    Column("route", "the routing rule that chose it", lambda m: m.route),
    Column("attempts", "hand-overs to carriers", lambda m: m.attempts),
    Column("parts", "submit_sm of one hand-over", lambda m: m.part_count),
    Column("operator_error", "the carrier's own last error", lambda m: m.error and m.error.operator_error),
    Column("price", "its price, where the account is metered", lambda m: m.charge and m.charge.amount),
    Column("currency", "of the price (ISO 4217)", lambda m: m.charge and m.charge.currency),
)

HEAD = [column.name for column in COLUMNS]

MESSAGE_ID, STATUS, FINAL_AT = HEAD.index("message_id"), HEAD.index("status"), HEAD.index("final_at")


def record(message: Message) -> list[str]:
    """The fields of a message's row, in the order of `COLUMNS`."""
    return [_field(column.read(message)) for column in COLUMNS]


def bounds(day: date) -> tuple[bytes, bytes]:
    """Of a UTC day: an id before any of its messages, and the smallest of the next day.

    A day is cut by the time inside the ids, as the partitions of a store are: it is the time of acceptance to the
    millisecond, but where a clock was set back.
    """
    return _edge(day), _edge(day + timedelta(days=1))


def end_of(day: date) -> datetime:
    """The first moment after a UTC day."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def _edge(day: date) -> bytes:
    ms = int(datetime.combine(day, time(), UTC).timestamp()) * 1000
    return ms.to_bytes(6, "big") + bytes(10)


def _field(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case Decimal():
            return plain(value)
    return str(value)
