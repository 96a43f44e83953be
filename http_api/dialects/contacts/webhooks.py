"""The contacts dialect's webhook bodies (SURFACE "Webhooks"): one-line JSON, in this dialect's status words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from gateway.domain import ids
from gateway.domain.event import Event, EventKind
from gateway.domain.labels import BATCH, value_of
from http_api.dialects.contacts.parse import QUEUE_PREFIX
from http_api.dialects.contacts.words import CHANNEL, WORD_OF_STATUS
from http_api.times import write_time

_STATUS: Final[dict[object, str]] = {str(status): word for status, word in WORD_OF_STATUS.items()}


def render(event: Event) -> bytes:
    """The body of any event."""
    return inbound(event) if event.kind is EventKind.INBOUND else receipt(event)


def receipt(event: Event) -> bytes:
    """What became of a message."""
    data = event.data
    batch = value_of(_labels(data.get("labels")), BATCH)
    return _envelope(
        event,
        {
            "messageId": data["message_id"],
            "queueId": None if batch is None else QUEUE_PREFIX + batch,
            "channel": CHANNEL,
            "status": _STATUS[data["status"]],
            "reason": data["reason"],
            "to": data["recipient"],
            "from": data["sender"],
            "segmentCount": data["segment_count"],
            "operatorId": data["operator"],
            "routeId": data["route"],
            "attemptCount": data["attempts"],
            "operatorError": data["operator_error"],
            "metadata": _metadata(data["metadata"]),
        },
    )


def inbound(event: Event) -> bytes:
    """A message that a phone sent to a number of the account. `action`: what its keyword did, or null."""
    data = event.data
    return _envelope(
        event,
        {
            "messageId": data["inbound_id"],
            "channel": CHANNEL,
            "to": data["recipient"],
            "from": data["sender"],
            "body": data["body"],
            "keyword": data["keyword"],
            "action": data["action"],
            "operatorId": data["operator"],
            "replyTo": data["reply_to"],
            "metadata": _metadata(data["metadata"]),
        },
    )


def _envelope(event: Event, data: dict[str, object]) -> bytes:
    return orjson.dumps(
        {
            "id": ids.text(event.id),
            "type": f"message.{event.kind}",
            "occurredAt": write_time(event.at),
            "data": data,
        }
    )


def _labels(value: object) -> Sequence[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else ()


def _metadata(value: object) -> orjson.Fragment:
    """What a message of another dialect had; an inbound one may answer it."""
    return orjson.Fragment(value if isinstance(value, str) else "{}")
