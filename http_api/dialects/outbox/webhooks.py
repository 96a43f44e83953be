"""The outbox's webhook bodies (SURFACE "Webhooks"): one-line JSON, in this dialect's status words. Pure.

The type and the common fields are those of every dialect, so that one receiver can serve all; `status` is this
dialect's word, and beside the common fields stand those of the entry that an event knows. An event knows one message:
what its entry has cost by now is looked up by `outboxId`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

import orjson

from gateway.domain import ids
from gateway.domain.event import Event, EventKind
from gateway.domain.labels import RESENDS, TAG, value_of, values_of
from gateway.domain.words import Reason, Status
from http_api.dialects.outbox.words import CANCELED, FAILED, Silent, outbox_id, word_of
from http_api.times import write_time

_INBOUND: Final = EventKind.INBOUND


def renderer(silent: Silent) -> Callable[[Event], bytes]:
    """How this dialect words an event, by what is known of operators."""

    def render(event: Event) -> bytes:
        return inbound(event) if event.kind is _INBOUND else receipt(event, silent())

    return render


def receipt(event: Event, silent: Collection[str]) -> bytes:
    """What became of a message."""
    data = event.data
    operator = data["operator"]
    word = word_of(Status(str(data["status"])), operator if isinstance(operator, str) else None, silent)
    labels = _labels(data)
    first = value_of(labels, RESENDS)
    custom_data = _custom_data(data)
    return _envelope(
        event,
        {
            "outboxId": outbox_id(event.subject if first is None else bytes.fromhex(first)),
            "messageId": data["message_id"],
            "status": word,
            "reason": data["reason"],
            "errorDetails": _why(data) if word == FAILED else None,
            "to": data["recipient"],
            "from": data["sender"],
            "segmentCount": data["segment_count"],
            "operatorId": data["operator"],
            "routeId": data["route"],
            "attemptCount": data["attempts"],
            "operatorError": data["operator_error"],
            "tags": values_of(labels, TAG),
            "customData": custom_data,
            "metadata": custom_data,
        },
    )


def inbound(event: Event) -> bytes:
    """A message that a phone sent to a number of the account. `action`: what its keyword did, or null."""
    data = event.data
    custom_data = _custom_data(data)
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
            "customData": custom_data,
            "metadata": custom_data,
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


def _why(data: dict[str, object]) -> str:
    """As the entry's `errorDetails`: the reason, and the carrier's own words where it gave some."""
    if data["status"] == Status.CANCELED:
        return CANCELED
    reason = data["reason"] or Reason.UNKNOWN.value
    return f"{reason}: {data['operator_error']}" if data["operator_error"] else str(reason)


def _labels(data: dict[str, object]) -> list[str]:
    labels = data.get("labels")  # only where the message has some
    return [str(label) for label in labels] if isinstance(labels, list) else []


def _custom_data(data: dict[str, object]) -> orjson.Fragment:
    text = data["metadata"]
    return orjson.Fragment(text if isinstance(text, str) and text else "{}")
