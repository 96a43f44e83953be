"""What the webhook bodies of all dialects have in common (SURFACE "Webhooks"), so that one receiver serves all. Pure.

One-line JSON: an envelope, and in its `data` these fields, whatever words a dialect has for the status and whatever
stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from gateway.domain.event import CHOSEN, Event
from http_api.times import write_time

# An enum's attributes cost more than a table of them.
_TYPE: Final = {kind: f"message.{kind}" for kind in CHOSEN}


def write(event: Event, data: Mapping[str, object]) -> bytes:
    """The body of an event that tells `data`."""
    return orjson.dumps(
        {
            "id": event.id_text,
            "type": _TYPE[event.kind],
            "occurredAt": write_time(event.at),
            "data": data,
        }
    )


def of_message(event: Event, status: str, metadata: object) -> dict[str, object]:
    """What became of a message; `status` is a word of its dialect."""
    data = event.data
    return {
        "messageId": data["message_id"],
        "status": status,
        "reason": data["reason"],
        "to": data["recipient"],
        "from": data["sender"],
        "segmentCount": data["segment_count"],
        "operatorId": data["operator"],
        "routeId": data["route"],
        "attemptCount": data["attempts"],
        "operatorError": data["operator_error"],
        "metadata": metadata,
    }


def of_inbound(event: Event, metadata: object) -> dict[str, object]:
    """A message that a phone sent to a number of the account. `action`: what its keyword did, or null."""
    data = event.data
    return {
        "messageId": data["inbound_id"],
        "to": data["recipient"],
        "from": data["sender"],
        "body": data["body"],
        "keyword": data["keyword"],
        "action": data["action"],
        "operatorId": data["operator"],
        "replyTo": data["reply_to"],
        "metadata": metadata,
    }


def labels(event: Event) -> list[str]:
    """The labels of the event's message; they are told only where it has some."""
    found = event.data.get("labels")
    return [str(label) for label in found] if isinstance(found, list | tuple) else []


def metadata_of(event: Event) -> str | None:
    """The metadata of the event's message, as JSON; of an inbound one, that of the message which it may answer."""
    text = event.data["metadata"]
    return text if isinstance(text, str) and text else None
