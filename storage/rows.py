"""Values to rows and back. Times are microseconds since 1970 UTC; closed sets are stored by their words.

`_value_` instead of `value`: sqlite3 adapts a str subclass slowly, and the property costs more than the rest of a row.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from gateway.domain.account import Env
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.event import Event, EventKind, Settled
from gateway.domain.message import LastError, Message, PartRow
from gateway.domain.money import Charge
from gateway.domain.receipt import Receipt
from gateway.domain.suppression import StoredInbound
from gateway.domain.words import PartState, Priority, Reason, Status

Row = tuple[Any, ...]

_dumps, _loads = orjson.dumps, orjson.loads

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Words to members: dictionaries of plain strings are faster than calling the enum.
ENVS = {str(member.value): member for member in Env}
STATUSES = {str(member.value): member for member in Status}
REASONS = {str(member.value): member for member in Reason}
KINDS = {str(member.value): member for member in EventKind}
PRIORITIES = {int(member.value): member for member in Priority}
PART_STATES = {int(member.value): member for member in PartState}

_DOUBT = PartState.DOUBT

PENDING, CLAIMED, DELIVERED, DEAD = range(4)
"""States of a webhook row."""


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    delta = at - EPOCH
    return delta.days * 86_400_000_000 + delta.seconds * 1_000_000 + delta.microseconds


def minutes(at: datetime) -> int:
    """Whole minutes since 1970."""
    return micros(at) // 60_000_000


def micros_or_none(at: datetime | None) -> int | None:
    """`micros`, or None."""
    return None if at is None else micros(at)


def moment(value: int) -> datetime:
    """The time that `micros` made into a number."""
    return EPOCH + timedelta(0, 0, value)


def moment_or_none(value: int | None) -> datetime | None:
    """`moment`, or None."""
    return None if value is None else EPOCH + timedelta(0, 0, value)


def json_text(value: object) -> str:
    """One-line JSON."""
    return orjson.dumps(value).decode()


MESSAGE = 17  #: columns of a message, without its number

STATE_CHARS = 160
"""To what a message's state is filled up while the message is open: about what it takes at its end, with one part. A
row that outgrows its place moves its neighbours to other pages, and each page that changes is written to the log."""


def message_row(m: Message) -> Row:
    """The columns of a new message."""
    return (
        m.id,
        m.account,
        m.env._value_,
        m.sender,
        m.recipient,
        m.sub_tenant,
        m.priority._value_,
        micros(m.accepted_at),
        micros(m.expires_at),
        _dumps(
            (
                m.dialect,
                m.body,
                m.segment_count,
                m.message_class,
                m.concat_ref,
                m.callback_url,
                m.metadata,
                m.key_id,
                m.request_id,
                m.traceparent,
                None if m.scheduled_at is None else micros(m.scheduled_at),
                m.bypass,
                _charge_document(m.charge),
                m.labels or None,
            )
        ).decode(),
        *message_state(m, []),
    )


def _charge_document(charge: Charge | None) -> Any:
    if charge is None:
        return None
    return str(charge.amount), str(charge.rate), charge.currency, charge.refundable


def _charge(document: Any) -> Charge:
    amount, rate, currency, refundable = document
    return Charge(Decimal(amount), Decimal(rate), currency, refundable)


def message_state(m: Message, parts: list[PartRow]) -> Row:
    """The columns of a message that a decision rewrites; `parts` are those of its latest attempt."""
    error = m.error
    # The same two moments are the message's and its last part's, most often: `micros` is a tenth of a row's cost.
    first, last = m.processed_at, m.final_at
    processed_at = None if first is None else micros(first)
    final_at = None if last is None else micros(last)
    doubts = 0
    documents = []
    for p in parts:
        at, receipt_at = p.at, p.receipt_at
        if p.state is _DOUBT:
            doubts += 1
        documents.append(
            (
                p.attempt,
                p.part,
                p.operator,
                p.state._value_,
                p.ref,
                p.error,
                processed_at if at is first else micros(at),
                None if receipt_at is None else final_at if receipt_at is last else micros(receipt_at),
                None if p.sender == m.sender else p.sender,
                None if p.recipient == m.recipient else p.recipient,
            )
        )
    state = _dumps(
        (
            None if m.reason is None else m.reason._value_,
            m.route,
            m.attempts,
            m.tries,
            m.tried,
            m.since,
            m.part_count,
            m.doubt,
            m.token,
            processed_at,
            None if error is None else (error.code, error.detail, error.operator_error, micros(error.at)),
            m.events,
            documents,
        )
    )
    return (
        m.status._value_,
        m.operator,
        m.owner,
        None if m.next_at is None else micros(m.next_at),
        final_at,
        doubts,
        (state.ljust(STATE_CHARS) if final_at is None else state).decode(),
    )


def message(row: Row) -> tuple[Message, list[PartRow]]:
    """A message of its columns, its number first; and the parts of its latest attempt."""
    (
        dialect,
        body,
        segment_count,
        message_class,
        concat_ref,
        callback_url,
        metadata,
        key_id,
        request_id,
        traceparent,
        scheduled_at,
        bypass,
        charge,
        labels,
    ) = _loads(row[10])
    (
        reason,
        route,
        attempts,
        tries,
        tried,
        since,
        part_count,
        doubt,
        token,
        processed_at,
        error,
        events,
        documents,
    ) = _loads(row[17])
    known = Message(
        row[1],
        row[2],
        ENVS[row[3]],
        dialect,
        row[4],
        row[5],
        body,
        segment_count,
        PRIORITIES[row[7]],
        moment(row[8]),
        moment(row[9]),
        row[6],
        message_class,
        concat_ref,
        callback_url,
        metadata,
        key_id,
        request_id,
        traceparent,
        moment_or_none(scheduled_at),
        bypass,
        None if charge is None else _charge(charge),
        () if labels is None else tuple(labels),
        STATUSES[row[11]],
        None if reason is None else REASONS[reason],
        row[12],
        route,
        attempts,
        tries,
        tuple(tried),
        since,
        part_count,
        doubt,
        row[13],
        token,
        moment_or_none(row[14]),
        moment_or_none(processed_at),
        moment_or_none(row[15]),
        None if error is None else LastError(error[0], error[1], error[2], moment(error[3])),
        events,
    )
    return known, [_document_part(known, document) for document in documents]


def _document_part(m: Message, document: list[Any]) -> PartRow:
    attempt, part_number, operator, state, ref, error, at, receipt_at, sender, recipient = document
    return PartRow(
        m.id,
        attempt,
        part_number,
        operator,
        PART_STATES[state],
        ref,
        error,
        moment(at),
        moment_or_none(receipt_at),
        m.sender if sender is None else sender,
        m.recipient if recipient is None else recipient,
    )


PART = 11  #: columns of a part of an earlier attempt


def part_row(p: PartRow) -> Row:
    """The columns of a part of an earlier attempt."""
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


EVENT = 11  #: columns of a webhook row when it is made


def event_row(e: Event) -> Row:
    """The columns of a new webhook row: claimed at once when it has an owner."""
    at = micros(e.at)
    return (
        e.id,
        e.subject,
        e.seq,
        e.account,
        e.destination,
        _dumps((e.env._value_, e.dialect, e.kind._value_, at, e.url, e.data)).decode(),
        PENDING if e.owner is None else CLAIMED,
        e.owner,
        at,
        e.attempts,
        e.body,
    )


def event(row: Row) -> Event:
    """An event of its first 11 columns."""
    env, dialect, kind, at, url, data = _loads(row[5])
    return Event(
        row[0],
        row[1],
        row[2],
        row[3],
        ENVS[env],
        dialect,
        KINDS[kind],
        moment(at),
        url,
        row[4],
        data,
        row[7],
        row[9],
        row[10],
    )


def dead(row: Row) -> Settled:
    """How a dead event ended: its 13 columns."""
    return Settled(row[0], False, True, moment(row[11]), None, row[9], row[10], row[12])


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


def alert(row: Row) -> Alert:
    """An alert of its columns."""
    alert_id, account, env, kind, at, data = row
    return Alert(alert_id, account, ENVS[env], AlertKind(kind), moment(at), _loads(data))
