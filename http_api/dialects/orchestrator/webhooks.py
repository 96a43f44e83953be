"""The orchestrator's webhook bodies (SURFACE "Webhooks"): one-line JSON, in this dialect's status words. Pure."""

from __future__ import annotations

from typing import Final

import orjson

from gateway.domain import ids
from gateway.domain.event import CHOSEN, Event, EventKind
from http_api.dialects.orchestrator.render import metadata
from http_api.dialects.orchestrator.words import WORD_OF_STATUS
from http_api.times import write_time

# The store keeps an event's status as its word; and an enum's attributes cost more than a table of them.
_STATUS: Final[dict[object, str]] = {str(status): word for status, word in WORD_OF_STATUS.items()}
_TYPE: Final = {kind: f"message.{kind}" for kind in CHOSEN}
_INBOUND: Final = EventKind.INBOUND


def render(event: Event) -> bytes:
    """The body of any event of a message."""
    return inbound(event) if event.kind is _INBOUND else receipt(event)


def receipt(event: Event) -> bytes:
    """What became of a message."""
    data = event.data
    return _envelope(
        event,
        {
            "messageId": data["message_id"],
            "status": _STATUS[data["status"]],
            "reason": data["reason"],
            "to": data["recipient"],
            "from": data["sender"],
            "segmentCount": data["segment_count"],
            "operatorId": data["operator"],
            "routeId": data["route"],
            "attemptCount": data["attempts"],
            "operatorError": data["operator_error"],
            "metadata": metadata(_text(data["metadata"])),
        },
    )


def inbound(event: Event) -> bytes:
    """A message that a phone sent to a number of the account. `action`: what its keyword did, or null."""
    data = event.data
    return _envelope(
        event,
        {
            "messageId": data["inbound_id"],
            "to": data["recipient"],
            "from": data["sender"],
            "body": data["body"],
            "keyword": data["keyword"],
            "action": data["action"],
            "operatorId": data["operator"],
            "replyTo": data["reply_to"],
            "metadata": metadata(_text(data["metadata"])),
        },
    )


def _envelope(event: Event, data: dict[str, object]) -> bytes:
    return orjson.dumps(
        {
            "id": ids.text(event.id),
            "type": _TYPE[event.kind],
            "occurredAt": write_time(event.at),
            "data": data,
        }
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
