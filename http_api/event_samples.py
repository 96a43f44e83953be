"""One event of each sort as the core makes them: what the OpenAPI document shows of webhooks is rendered from these."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.alert import AlertKind
from gateway.domain.event import Event, EventKind
from gateway.domain.labels import BATCH, TAG
from gateway.domain.words import Reason, Status
from gateway.services.events import KIND_OF_STATUS

_EVENT_ID: Final = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d9e01")
_SUBJECT: Final = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d9e00")
_AT: Final = datetime(2026, 4, 18, 10, 0, 0, 7000, tzinfo=UTC)

_MESSAGE: Final[Mapping[str, object]] = {
    "message_id": ids.text(_SUBJECT),
    "status": Status.DELIVERED.value,
    "reason": None,
    "recipient": "+447700900123",
    "sender": "+447700900999",
    "segment_count": 1,
    "operator": "alpha",
    "route": "everywhere",
    "attempts": 1,
    "metadata": None,
    "operator_error": None,
    # Each dialect tells those that it has set itself.
    "labels": [f"{TAG}OTP", f"{BATCH}0123456789abcdef0123456789abcdef"],
}
_OF_STATUS: Final[Mapping[Status, Mapping[str, object]]] = {
    Status.UNDELIVERABLE: {"reason": Reason.BLOCKED.value, "operator_error": "UNDELIV err:012"},
    Status.FAILED: {"reason": Reason.ABSENT.value, "operator_error": "UNDELIV err:021"},
    Status.CANCELED: {"operator": None, "route": None, "attempts": 0},
}
_ALERTS: Final[Mapping[AlertKind, Mapping[str, object]]] = {
    AlertKind.LOW_BALANCE: {"balance": "4.5", "threshold": "5", "currency": "EUR"},
    AlertKind.FAILURES: {"count": 10, "threshold": 10, "window_s": 900},
    AlertKind.LIMIT: {"limit": "max_segments", "about": "The text makes 12 segments."},
}


def of_messages(dialect: str, metadata: str | None) -> dict[EventKind, list[Event]]:
    """By kind one event of each status that it may tell of; of `sent` also that which is the end of its message."""
    found: dict[EventKind, list[Event]] = {}
    for status, kind in KIND_OF_STATUS.items():
        data = {**_MESSAGE, "metadata": metadata, "status": status.value, **_OF_STATUS.get(status, {})}
        found.setdefault(kind, []).append(_event(dialect, kind, data))
        if status is Status.SENT:
            found[kind].append(_event(dialect, kind, {**data, "over": True}))
    return found


def of_inbound(dialect: str, metadata: str | None) -> Event:
    """A STOP that answers a message."""
    data: dict[str, object] = {
        "inbound_id": ids.text(_SUBJECT),
        "sender": "+447700900123",
        "recipient": "+447700900999",
        "body": "Stop",
        "keyword": "STOP",
        "action": "stop",
        "operator": "alpha",
        "reply_to": "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9dff",
        "metadata": metadata,
    }
    return _event(dialect, EventKind.INBOUND, data)


def of_alert(kind: AlertKind) -> Event:
    """An alert, for which every dialect has the same words."""
    return _event("alerts", EventKind.ALERT, {"kind": kind.value, **_ALERTS[kind]})


def _event(dialect: str, kind: EventKind, data: dict[str, object]) -> Event:
    url = "https://example.com/sms"
    return Event(_EVENT_ID, _SUBJECT, 1, "acme", Env.LIVE, dialect, kind, _AT, url, url, data)
