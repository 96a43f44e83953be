"""An export's rows: every column from its message and ledger, and no text that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.money import Entry, Kind, Purse
from gateway.domain.words import Status
from gateway.services.outbox import Booking
from http_api.dialects.outbox.export import COLUMNS, HEAD, harmless, part
from http_api.exchange import Request
from tests.unit.http_api.dialects.outbox.test_render import a_message
from tests.unit.http_api.memory import STARTED

REQUEST = Request("GET", "/api/sms/outbox/export", "", {}, "")
PURSE = Purse("acme", Env.LIVE, "EUR")
PRICE = Decimal("0.075")


def rows(*bookings: Booking) -> list[dict[str, str]]:
    """What a spreadsheet reads."""
    answer = part(REQUEST, bookings, 10, None, head=True)
    return list(csv.DictReader(io.StringIO(answer.body.decode(), newline=""), strict=True))


def test_a_message_that_failed_and_was_released() -> None:
    message = a_message()
    entries = [
        Entry(message.id, Kind.RESERVATION, PURSE, -PRICE, PRICE, STARTED),
        Entry(message.id, Kind.RELEASE, PURSE, PRICE, -PRICE, STARTED),
    ]
    (row,) = rows(Booking(message, entries))
    assert row == {
        "outboxId": f"obx_{message.id.hex()}",
        "messageId": ids.text(message.id),
        "userId": "ann",
        "recipientPhoneNumber": "+447700900123",
        "senderId": "+447700900999",
        "status": "failed",
        "createdAt": "2026-04-18T10:00:00.000Z",
        "sentAt": "",
        "segments": "3",
        "costPerUnit": "0.025",
        "currency": "EUR",
        "reserved": "0.075",
        "settled": "0",
        "released": "0.075",
        "refunded": "0",
        "cost": "0",
        "errorDetails": "absent: receipt: UNDELIV err:021",
        "tags": '["b","a"]',
    }


def test_one_that_was_sent_and_refunded_and_one_that_was_not_metered() -> None:
    message = a_message()
    entries = [
        Entry(message.id, Kind.RESERVATION, PURSE, -PRICE, PRICE, STARTED),
        Entry(message.id, Kind.SETTLEMENT, PURSE, Decimal(0), -PRICE, STARTED),
        Entry(message.id, Kind.REFUND, PURSE, PRICE, Decimal(0), STARTED),
    ]
    free = a_message(1, charge=None, status=Status.DELIVERED, labels=(), key_id="key_1")
    paid, unpaid = rows(Booking(message, entries), Booking(free, []))
    columns = ("reserved", "settled", "released", "refunded", "cost")
    assert [paid[name] for name in columns] == ["0.075", "0.075", "0", "0.075", "0"]
    assert [unpaid[name] for name in columns] == ["0"] * 5
    assert (unpaid["currency"], unpaid["costPerUnit"], unpaid["userId"]) == ("", "", "key_1")
    assert (unpaid["status"], unpaid["sentAt"]) == ("sent", "2026-04-18T10:00:03.000Z")


def test_the_head_and_where_it_goes_on() -> None:
    first = part(REQUEST, [], 5, "next", head=True)
    assert first.body.decode() == ",".join(HEAD) + "\r\n"
    assert first.content_type.endswith("header=present")
    assert ("Link", '</api/sms/outbox/export?cursor=next&limit=5>; rel="next"') in first.headers
    last = part(REQUEST, [], 5, None, head=False)
    assert (last.body, last.content_type[-6:]) == (b"", "absent")
    assert len(HEAD) == len(set(HEAD)) == len(COLUMNS)


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "\t=1", "\r=1", "+", "-1"])
def test_a_formula_is_kept_from_being_one(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "ACME", "+447700900123", "60777", "a=b", "rejected: -1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@given(st.text(max_size=20))
def test_no_text_begins_a_formula(text: str) -> None:
    shown = harmless(text)
    assert shown[:1] not in {"=", "-", "@", "\t", "\r"}
    assert not shown.startswith("+") or shown[1:].isdigit()
    assert shown.removeprefix("'") == text.removeprefix("'")
