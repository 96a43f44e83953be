"""Events as the core makes them (`gateway.services.events`), for the tests of what dialects write of them."""

from __future__ import annotations

from collections.abc import Set

from gateway.domain.account import Env
from gateway.domain.event import Event, EventKind
from gateway.domain.suppression import StoredInbound
from gateway.domain.words import Status
from gateway.services.events import snapshot_of, snapshot_of_inbound
from tests.unit.http_api.memory import STARTED, message

EVENT_ID = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d9e01")
MESSAGE_ID = bytes.fromhex("018e7c3a9b2f7d4ea5f13c2b1a0d9e00")


def event_of(dialect: str, kind: EventKind, data: dict[str, object]) -> Event:
    """An event of `acme`."""
    url = "https://a.example/"
    return Event(EVENT_ID, MESSAGE_ID, 1, "acme", Env.LIVE, dialect, kind, STARTED, url, url, data)


def snapshot(status: Status, **changed: object) -> dict[str, object]:
    """The core's snapshot of a message, with other values in some of its fields."""
    sent = message(id=MESSAGE_ID, sender="ACME", operator="alpha", route="uk", attempts=1)
    return _changed(snapshot_of(sent, status, over=False), changed, may_have={"labels", "over"})


def inbound_snapshot(**changed: object) -> dict[str, object]:
    """The core's snapshot of a STOP that answers nothing."""
    stop = StoredInbound(
        MESSAGE_ID, "alpha", "+447700900123", "85432", "STOP", STARTED, "acme", Env.LIVE, "", "STOP", "stop"
    )
    return _changed(snapshot_of_inbound(stop, None), changed)


def _changed(
    data: dict[str, object], changed: dict[str, object], may_have: Set[str] = frozenset()
) -> dict[str, object]:
    assert changed.keys() <= data.keys() | may_have, "the core has no such field"
    return {**data, **changed}
