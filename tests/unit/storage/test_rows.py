"""Values to rows and back: nothing is lost, whatever a tenant or a carrier writes."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Env
from gateway.domain.event import Event, EventKind
from gateway.domain.message import LastError, Message, PartRow
from gateway.domain.money import Charge
from gateway.domain.receipt import Receipt
from gateway.domain.words import PartState, Priority, Reason, Status
from storage import rows
from storage.sqlite.recent import Recent
from tests.contract.made import message

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ID = st.binary(min_size=16, max_size=16)
TIME = st.timedeltas(timedelta(0), timedelta(days=80_000)).map(
    lambda since: datetime(1970, 1, 1, tzinfo=UTC) + since
)
SMALL = st.integers(0, 2**31)
AMOUNT = st.decimals(0, 1000, places=6)


def perhaps(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


ERRORS = st.builds(LastError, TEXT, TEXT, perhaps(TEXT), TIME)
MESSAGES = st.builds(
    Message,
    id=ID,
    account=TEXT,
    env=st.sampled_from(Env),
    dialect=TEXT,
    sender=TEXT,
    recipient=TEXT,
    body=TEXT,
    segment_count=SMALL,
    priority=st.sampled_from(Priority),
    accepted_at=TIME,
    expires_at=TIME,
    sub_tenant=TEXT,
    message_class=perhaps(SMALL),
    concat_ref=SMALL,
    callback_url=perhaps(TEXT),
    metadata=perhaps(TEXT),
    key_id=TEXT,
    request_id=TEXT,
    traceparent=perhaps(TEXT),
    scheduled_at=perhaps(TIME),
    bypass=st.booleans(),
    charge=perhaps(st.builds(Charge, AMOUNT, AMOUNT, st.sampled_from(["EUR", "USD"]), st.booleans())),
    labels=st.lists(TEXT, max_size=3).map(tuple),
    status=st.sampled_from(Status),
    reason=perhaps(st.sampled_from(Reason)),
    operator=perhaps(TEXT),
    route=perhaps(TEXT),
    attempts=SMALL,
    tries=SMALL,
    tried=st.lists(TEXT, max_size=3).map(tuple),
    since=SMALL,
    part_count=SMALL,
    doubt=st.booleans(),
    owner=perhaps(SMALL),
    token=SMALL,
    next_at=perhaps(TIME),
    processed_at=perhaps(TIME),
    final_at=perhaps(TIME),
    error=perhaps(ERRORS),
    events=SMALL,
)
PARTS = st.builds(
    PartRow,
    message_id=ID,
    attempt=SMALL,
    part=SMALL,
    operator=TEXT,
    state=st.sampled_from(PartState),
    ref=perhaps(TEXT),
    error=perhaps(TEXT),
    at=TIME,
    receipt_at=perhaps(TIME),
    sender=TEXT,
    recipient=TEXT,
)


def through_sqlite(row: rows.Row) -> rows.Row:
    """What the driver gives back for these values."""
    connection = sqlite3.connect(":memory:")
    try:
        marks = ", ".join("?" * len(row))
        found: rows.Row = connection.execute(f"SELECT {marks}", row).fetchone()
        return found
    finally:
        connection.close()


@given(MESSAGES, st.lists(PARTS, max_size=3))
def test_a_message_with_its_parts(m: Message, parts: list[PartRow]) -> None:
    for part in parts:
        part.message_id = m.id
    state = rows.message_state(m, parts)
    row = through_sqlite((7, *rows.message_row(m)[: -len(state)], *state))
    assert len(row) == rows.MESSAGE + 1
    assert rows.message(row) == (m, parts)
    assert row[16] == sum(part.state is PartState.DOUBT for part in parts)


@given(PARTS)
def test_a_part_of_an_earlier_attempt(part: PartRow) -> None:
    assert rows.part(through_sqlite(rows.part_row(part))) == part


@given(
    st.builds(
        Event,
        id=ID,
        subject=ID,
        seq=SMALL,
        account=TEXT,
        env=st.sampled_from(Env),
        dialect=TEXT,
        kind=st.sampled_from(EventKind),
        at=TIME,
        url=TEXT,
        destination=TEXT,
        data=st.dictionaries(TEXT, perhaps(TEXT | st.integers(-(2**53), 2**53)), max_size=4),
        owner=perhaps(SMALL),
        attempts=SMALL,
        body=perhaps(st.binary(max_size=30)),
    )
)
def test_an_event(event: Event) -> None:
    assert rows.event(through_sqlite(rows.event_row(event))) == event


@given(
    st.lists(
        st.builds(
            Receipt,
            operator=TEXT,
            ref=TEXT,
            sender=TEXT,
            recipient=TEXT,
            state=perhaps(st.sampled_from(PartState)),
            reason=perhaps(st.sampled_from(Reason)),
            error=TEXT,
            at=TIME,
            user_reference=perhaps(SMALL),
        ),
        max_size=3,
    )
)
def test_parked_receipts(receipts: list[Receipt]) -> None:
    assert rows.receipts(rows.receipts_text(receipts)) == receipts


@given(TIME)
def test_a_time_to_the_microsecond(at: datetime) -> None:
    assert rows.moment(rows.micros(at)) == at
    assert rows.micros(rows.EPOCH + timedelta(microseconds=1)) == 1


@given(MESSAGES, st.lists(PARTS, max_size=3))
def test_what_was_just_written_is_copied_while_a_process_holds_it(m: Message, parts: list[PartRow]) -> None:
    m.final_at, m.owner = None, 1
    recent = Recent()
    recent.note(m, parts, 7)
    m.attempts += 1
    recent.note(m, parts, 7)
    for _ in range(2):
        known = recent.message(m.id)
        assert known is not None
        assert (known.message, known.parts, known.number) == (m, parts, 7)
        known.message.status, known.message.owner = Status.FAILED, -1  # whoever has it may change it
        for part in known.parts:
            part.ref = "changed"
    recent.clear()
    assert recent.message(m.id) is None


@given(TIME)
def test_what_waits_or_is_over_is_copied_too(at: datetime) -> None:
    recent = Recent()
    m = message()
    part = PartRow(m.id, 1, 1, "alpha", PartState.ACCEPTED, "r", None, m.accepted_at)
    for m.next_at, m.final_at, shared in ((at, None, False), (None, at, False), (None, None, True)):
        recent.note(m, [part], 1)
        known = recent.message(m.id)
        assert known is not None
        assert (known.message is m, known.parts[0] is part) == (shared, shared)


def test_a_message_that_is_over_is_forgotten_when_its_last_receipt_is_there() -> None:
    recent = Recent()
    m = message()
    part = PartRow(m.id, 1, 1, "alpha", PartState.ACCEPTED, "r", None, m.accepted_at)
    m.final_at = m.accepted_at
    recent.note(m, [part], 1)
    assert recent.message(m.id) is not None
    part.state = PartState.DELIVERED
    recent.note(m, [part], 1)
    assert recent.message(m.id) is None


def test_memory_is_bounded() -> None:
    recent = Recent()
    for n in range(100_000):
        recent.note_ref(("alpha", str(n), "+1"), (b"", 1, 1))
    assert recent.ref(("alpha", "99999", "+1")) is not None
    assert sum(recent.ref(("alpha", str(n), "+1")) is not None for n in range(100_000)) <= 60_000
