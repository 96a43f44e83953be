"""Call detail records: the columns, a day's bounds, and the page that documents them."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import cdr, ids
from gateway.domain.message import LastError
from gateway.domain.money import Charge
from gateway.domain.words import Priority, Reason, Status
from tests.contract.made import NOW, message

PAGE = Path(__file__).parents[4] / "docs" / "data.md"


def test_the_page_has_every_column_in_its_order() -> None:
    _, _, table = PAGE.read_text().partition("| column | what it tells |")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", table.partition("\n\n")[0], re.MULTILINE)
    assert rows == [(column.name, column.meaning) for column in cdr.COLUMNS]


def test_a_record_tells_of_the_traffic_and_not_of_the_text() -> None:
    m = message(
        body="A secret",
        metadata='{"name":"Ann"}',
        callback_url="https://secret.example",
        status=Status.FAILED,
        reason=Reason.CARRIER_ERROR,
        error=LastError("carrier_error", "a secret detail", "0x00000045", NOW),
        priority=Priority.OTP,
        final_at=NOW,
        charge=Charge(Decimal("0.012500"), Decimal("0.012500"), "EUR"),
    )
    record = dict(zip(cdr.HEAD, cdr.record(m), strict=True))
    assert record == {
        "message_id": ids.text(m.id),
        "account": "acme",
        "env": "live",
        "sub_tenant": "",
        "key_id": "",
        "dialect": "orchestrator",
        "priority": "otp",
        "sender": "+14155550100",
        "recipient": "+447700900123",
        "segments": "1",
        "accepted_at": "2026-03-01T12:00:00.123Z",
        "scheduled_at": "",
        "processed_at": "",
        "final_at": "2026-03-01T12:00:00.123Z",
        "status": "failed",
        "reason": "carrier_error",
        "operator": "alpha",
        "route": "all",
        "attempts": "0",
        "parts": "0",
        "operator_error": "0x00000045",
        "price": "0.0125",
        "currency": "EUR",
    }
    assert cdr.record(replace(m, error=None))[cdr.HEAD.index("operator_error")] == ""


@given(
    day=st.dates(date(2020, 1, 1), date(2100, 1, 1)),
    ms=st.integers(0, 86_399_999),
)
def test_a_day_holds_exactly_the_ids_that_are_made_on_it(day: date, ms: int) -> None:
    after, until = cdr.bounds(day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    within = ids.first_id_at(midnight + timedelta(milliseconds=ms))
    assert after < within < until
    assert not after < ids.first_id_at(midnight - timedelta(milliseconds=1)) < until
    assert not after < ids.first_id_at(midnight + timedelta(days=1)) < until
    assert cdr.bounds(day + timedelta(days=1))[0] == until


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_written_by_its_word(status: Status) -> None:
    assert cdr.record(message(status=status))[cdr.STATUS] == status.value
