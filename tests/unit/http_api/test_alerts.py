"""Alerts as JSON: webhook and list tell the same."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from gateway.domain.account import Env
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.event import Event, EventKind
from http_api.alerts import in_list, render

ID = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d9e00")
AT = datetime(2026, 4, 18, 10, 0, 0, 7000, tzinfo=UTC)

CASES: list[tuple[AlertKind, dict[str, object], str]] = [
    (
        AlertKind.LOW_BALANCE,
        {"balance": "123456789012.123456", "threshold": "5", "currency": "EUR"},
        '{"environment":"live","balance":123456789012.123456,"threshold":5,"currency":"EUR"}',
    ),
    (
        AlertKind.FAILURES,
        {"count": 9, "threshold": 5, "window_s": 900},
        '{"environment":"live","count":9,"threshold":5,"windowSeconds":900}',
    ),
    (
        AlertKind.LIMIT,
        {"limit": "max_segments", "about": "makes 3 segments"},
        '{"environment":"live","limit":"max_segments","about":"makes 3 segments"}',
    ),
]


def test_there_is_a_case_of_each_kind() -> None:
    assert {kind for kind, _, _ in CASES} == set(AlertKind)


@pytest.mark.parametrize(("kind", "data", "written"), CASES)
def test_an_alert_reads_the_same_in_its_webhook_and_in_the_list(
    kind: AlertKind, data: dict[str, object], written: str
) -> None:
    event = Event(
        ID,
        ID,
        1,
        "acme",
        Env.LIVE,
        "alerts",
        EventKind.ALERT,
        AT,
        "https://a.example/",
        "",
        {"kind": kind.value} | data,
    )
    body = render(event)
    head = f'{{"id":"018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00","type":"alert.{kind.value}"'
    assert body.decode() == f'{head},"occurredAt":"2026-04-18T10:00:00.007Z","data":{written}}}'
    assert orjson.dumps(in_list(Alert(ID, "acme", Env.LIVE, kind, AT, data))) == body
