"""Values to rows and back. Times are microseconds since 1970 UTC; closed sets are stored by their words.

`_value_` instead of `value`: sqlite3 adapts a str subclass slowly, and the property costs more than the rest of a row.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from gateway.domain.account import Env
from gateway.domain.event import Event, EventKind, Settled
from gateway.domain.message import LastError, Message, PartRow
from gateway.domain.receipt import Receipt
from gateway.domain.suppression import StoredInbound
from gateway.domain.words import PartState, Priority, Reason, Status

Row = tuple[Any, ...]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Words to members: dictionaries of plain strings are faster than calling the enum.
ENVS = {str(member.value): member for member in Env}
STATUSES = {str(member.value): member for member in Status}
REASONS = {str(member.value): member for member in Reason}
KINDS = {str(member.value): member for member in EventKind}
PRIORITIES = {int(member.value): member for member in Priority}
PART_STATES = {int(member.value): member for member in PartState}

FACTS = 23  #: columns of a message that never change
STATE = 17  #: columns that a decision rewrites

PENDING, CLAIMED, DELIVERED, DEAD = range(4)
"""States of a webhook row."""


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    delta = at - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def micros_or_none(at: datetime | None) -> int | None:
    """`micros`, or None."""
    return None if at is None else micros(at)


def moment(value: int) -> datetime:
    """The time that `micros` made into a number."""
    return EPOCH + timedelta(microseconds=value)


def moment_or_none(value: int | None) -> datetime | None:
    """`moment`, or None."""
    return None if value is None else EPOCH + timedelta(microseconds=value)


def json_text(value: object) -> str:
    """One-line JSON."""
    return orjson.dumps(value).decode()


def message_facts(m: Message) -> Row:
    """The columns of a message that never change."""
    return (
        m.id,
        m.account,
        m.env._value_,
        m.dialect,
        m.sender,
        m.recipient,
        m.body,
        m.segment_count,
        m.priority._value_,
        micros(m.accepted_at),
        micros(m.expires_at),
        m.sub_tenant,
        m.message_class,
        m.concat_ref,
        m.callback_url,
        m.metadata,
        m.key_id,
        m.request_id,
        m.traceparent,
        micros_or_none(m.scheduled_at),
        1 if m.bypass else 0,
        m.price,
        m.reservation,
    )


def message_state(m: Message) -> Row:
    """The columns of a message that a decision rewrites."""
    error = m.error
    return (
        m.status._value_,
        None if m.reason is None else m.reason._value_,
        m.operator,
        m.route,
        m.attempts,
        m.tries,
        json_text(m.tried) if m.tried else None,
        m.since,
        m.part_count,
        1 if m.doubt else 0,
        m.owner,
        m.token,
        None if m.next_at is None else micros(m.next_at),
        None if m.processed_at is None else micros(m.processed_at),
        None if m.final_at is None else micros(m.final_at),
        None
        if error is None
        else json_text((error.code, error.detail, error.operator_error, micros(error.at))),
        m.events,
    )


def message(row: Row) -> Message:
    """A message of its 40 columns."""
    return Message(
        row[0],
        row[1],
        ENVS[row[2]],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        PRIORITIES[row[8]],
        moment(row[9]),
        moment(row[10]),
        row[11],
        row[12],
        row[13],
        row[14],
        row[15],
        row[16],
        row[17],
        row[18],
        moment_or_none(row[19]),
        row[20] == 1,
        row[21],
        row[22],
        STATUSES[row[23]],
        None if row[24] is None else REASONS[row[24]],
        row[25],
        row[26],
        row[27],
        row[28],
        () if row[29] is None else tuple(orjson.loads(row[29])),
        row[30],
        row[31],
        row[32] == 1,
        row[33],
        row[34],
        moment_or_none(row[35]),
        moment_or_none(row[36]),
        moment_or_none(row[37]),
        None if row[38] is None else _last_error(row[38]),
        row[39],
    )


def _last_error(text: str) -> LastError:
    code, detail, operator_error, at = orjson.loads(text)
    return LastError(code, detail, operator_error, moment(at))


PART = 11  #: columns of a part


def part_row(p: PartRow) -> Row:
    """The columns of a part."""
    return (
        p.message_id,
        p.attempt,
        p.part,
        p.operator,
        p.state._value_,
        p.ref,
        p.error,
        micros(p.at),
        None if p.receipt_at is None else micros(p.receipt_at),
        p.sender,
        p.recipient,
    )


def part(row: Row) -> PartRow:
    """A part of its columns."""
    return PartRow(
        row[0],
        row[1],
        row[2],
        row[3],
        PART_STATES[row[4]],
        row[5],
        row[6],
        moment(row[7]),
        moment_or_none(row[8]),
        row[9],
        row[10],
    )


EVENT = 16  #: columns of a webhook row when it is made


def event_row(e: Event) -> Row:
    """The columns of a new webhook row: claimed at once when it has an owner."""
    at = micros(e.at)
    return (
        e.id,
        e.subject,
        e.seq,
        e.account,
        e.env._value_,
        e.dialect,
        e.kind._value_,
        at,
        e.url,
        e.destination,
        json_text(e.data),
        e.owner,
        e.attempts,
        e.body,
        PENDING if e.owner is None else CLAIMED,
        at,
    )


def event(row: Row) -> Event:
    """An event of its first 14 columns."""
    return Event(
        row[0],
        row[1],
        row[2],
        row[3],
        ENVS[row[4]],
        row[5],
        KINDS[row[6]],
        moment(row[7]),
        row[8],
        row[9],
        orjson.loads(row[10]),
        row[11],
        row[12],
        row[13],
    )


def dead(row: Row) -> Settled:
    """How a dead event ended: its 18 columns."""
    at = row[7] if row[16] is None else row[16]
    return Settled(row[0], False, True, moment(at), None, row[12], row[13], row[17])


def receipts_text(receipts: list[Receipt]) -> str:
    """Parked receipts of one ref as JSON."""
    return json_text(
        [
            (
                r.operator,
                r.ref,
                r.sender,
                r.recipient,
                None if r.state is None else r.state._value_,
                None if r.reason is None else r.reason._value_,
                r.error,
                micros(r.at),
                r.user_reference,
            )
            for r in receipts
        ]
    )


def receipts(text: str) -> list[Receipt]:
    """The parked receipts of one ref."""
    return [
        Receipt(
            operator,
            ref,
            sender,
            recipient,
            None if state is None else PART_STATES[state],
            None if reason is None else REASONS[reason],
            error,
            moment(at),
            user_reference,
        )
        for operator, ref, sender, recipient, state, reason, error, at, user_reference in orjson.loads(text)
    ]


INBOUND = 12  #: columns of an inbound message


def inbound_row(i: StoredInbound) -> Row:
    """The columns of an inbound message."""
    return (
        i.id,
        i.operator,
        i.sender,
        i.recipient,
        i.body,
        micros(i.at),
        i.account,
        i.env.value,
        i.sub_tenant,
        i.keyword,
        i.action,
        i.reply_to,
    )


def stored_inbound(row: Row) -> StoredInbound:
    """An inbound message of its columns."""
    return StoredInbound(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        moment(row[5]),
        row[6],
        ENVS[row[7]],
        row[8],
        row[9],
        row[10],
        row[11],
    )
