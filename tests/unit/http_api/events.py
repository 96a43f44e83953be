"""Events as the core makes them (`gateway.services.events`), for the tests of what dialects write of them."""

from __future__ import annotations

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.event import Event, EventKind
from gateway.domain.words import Status
from tests.unit.http_api.memory import STARTED

EVENT_ID = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d9e01")
MESSAGE_ID = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d9e00")


def event_of(dialect: str, kind: EventKind, data: dict[str, object]) -> Event:
    """An event of `acme`."""
    url = "https://a.example/"
    return Event(EVENT_ID, MESSAGE_ID, 1, "acme", Env.LIVE, dialect, kind, STARTED, url, url, data)


def snapshot(status: Status, **changed: object) -> dict[str, object]:
    """The core's snapshot of a message."""
    return {
        "message_id": ids.text(MESSAGE_ID),
        "status": status.value,
        "reason": None,
        "recipient": "+447700900123",
        "sender": "ACME",
        "segment_count": 1,
        "operator": "alpha",
        "route": "uk",
        "attempts": 1,
        "metadata": None,
        "operator_error": None,
        **changed,
    }
