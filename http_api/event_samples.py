"""One event of each sort as the core makes them: what the OpenAPI document shows of webhooks is rendered from these."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from gateway.domain.account import Env
from gateway.domain.alert import AlertKind
from gateway.domain.event import Event, EventKind
from gateway.domain.labels import BATCH, TAG
from gateway.domain.message import LastError, Message
from gateway.domain.suppression import PriorSend, StoredInbound
from gateway.domain.words import Priority, Reason, Status
from gateway.services.events import KIND_OF_STATUS, snapshot_of, snapshot_of_inbound
from routing.keywords import Action

_EVENT_ID: Final = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d9e01")
_SUBJECT: Final = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d9e00")
_ANSWERED: Final = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d9dff")
_ACCOUNT: Final = "acme"
_PHONE: Final = "+447700900123"
_NUMBER: Final = "+447700900999"
_AT: Final = datetime(2026, 4, 18, 10, 0, 0, 7000, tzinfo=UTC)

# Each dialect tells those labels that it has set itself.
_LABELS: Final = (f"{TAG}OTP", f"{BATCH}0123456789abcdef0123456789abcdef")
_CARRIER_SAID: Final[Mapping[Status, LastError]] = {
    Status.UNDELIVERABLE: LastError(Reason.BLOCKED, "refused by alpha", "UNDELIV err:012", _AT),
    Status.FAILED: LastError(Reason.ABSENT, "not reached by alpha", "UNDELIV err:021", _AT),
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
        message = _message(dialect, metadata, status)
        for over in (False, True) if status is Status.SENT else (False,):
            event = _event(dialect, kind, snapshot_of(message, status, over=over))
            found.setdefault(kind, []).append(event)
    return found


def of_inbound(dialect: str, metadata: str | None) -> Event:
    """A STOP that answers a message."""
    inbound = StoredInbound(
        _SUBJECT, "alpha", _PHONE, _NUMBER, "Stop", _AT, _ACCOUNT, Env.LIVE, "", "STOP", Action.STOP.value
    )
    prior = PriorSend(_ANSWERED, _ACCOUNT, Env.LIVE, "", dialect, None, metadata, _AT)
    return _event(dialect, EventKind.INBOUND, snapshot_of_inbound(inbound, prior))


def of_alert(kind: AlertKind) -> Event:
    """An alert, for which every dialect has the same words."""
    return _event("alerts", EventKind.ALERT, {"kind": kind.value, **_ALERTS[kind]})


def _message(dialect: str, metadata: str | None, status: Status) -> Message:
    message = Message(
        _SUBJECT,
        _ACCOUNT,
        Env.LIVE,
        dialect,
        _NUMBER,
        _PHONE,
        "Your code is 123456",
        1,
        Priority.TRANSACTIONAL,
        _AT,
        _AT,
        metadata=metadata,
        labels=_LABELS,
        error=_CARRIER_SAID.get(status),
    )
    if message.error is not None:
        message.reason = Reason(message.error.code)
    if status is not Status.CANCELED:  # before anybody had it
        message.operator, message.route, message.attempts = "alpha", "everywhere", 1
    return message


def _event(dialect: str, kind: EventKind, data: dict[str, object]) -> Event:
    url = "https://example.com/sms"
    return Event(_EVENT_ID, _SUBJECT, 1, _ACCOUNT, Env.LIVE, dialect, kind, _AT, url, url, data)
