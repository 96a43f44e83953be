"""The orchestrator's webhook bodies (SURFACE "Webhooks"): one-line JSON, in this dialect's status words. Pure."""

from __future__ import annotations

import orjson

from gateway.domain import ids
from gateway.domain.event import Event, EventKind
from gateway.domain.words import Status
from http_api.dialects.orchestrator.render import metadata
from http_api.dialects.orchestrator.words import WORD_OF_STATUS
from http_api.times import write_time


def render(event: Event) -> bytes:
    """The body of any event."""
    return inbound(event) if event.kind is EventKind.INBOUND else receipt(event)


def receipt(event: Event) -> bytes:
    """What became of a message."""
    data = event.data
    return _envelope(
        event,
        {
            "messageId": data["message_id"],
            "status": WORD_OF_STATUS[Status(str(data["status"]))],
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
            "type": f"message.{event.kind.value}",
            "occurredAt": write_time(event.at),
            "data": data,
        }
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
