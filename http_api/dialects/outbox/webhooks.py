"""The outbox's webhook bodies (SURFACE "Webhooks"): one-line JSON, in this dialect's status words. Pure.

Beside the fields of every dialect stand those of the entry that an event knows. An event knows one message: what its
entry has cost by now is looked up by `outboxId`.
"""

from __future__ import annotations

from typing import Final

import orjson

from gateway.domain.event import Event, EventKind
from gateway.domain.labels import RESENDS, TAG, value_of, values_of
from gateway.domain.words import Reason, Status
from http_api import event_body
from http_api.dialects.outbox.words import CANCELED, FAILED, outbox_id, word_of

_INBOUND: Final = EventKind.INBOUND


def render(event: Event) -> bytes:
    """The body of an event."""
    return _inbound(event) if event.kind is _INBOUND else _receipt(event)


def _receipt(event: Event) -> bytes:
    data = event.data
    word = word_of(Status(str(data["status"])), over="over" in data)
    labels, custom_data = event_body.labels(event), _custom_data(event)
    first = value_of(labels, RESENDS)
    its_own = {
        "outboxId": outbox_id(event.subject if first is None else bytes.fromhex(first)),
        "errorDetails": _why(data) if word == FAILED else None,
        "tags": values_of(labels, TAG),
        "customData": custom_data,
    }
    return event_body.write(event, its_own | event_body.of_message(event, word, custom_data))


def _inbound(event: Event) -> bytes:
    custom_data = _custom_data(event)
    return event_body.write(event, {**event_body.of_inbound(event, custom_data), "customData": custom_data})


def _why(data: dict[str, object]) -> str:
    """As the entry's `errorDetails`: the reason, and the carrier's own words where it gave some."""
    if data["status"] == Status.CANCELED:
        return CANCELED
    reason = data["reason"] or Reason.UNKNOWN.value
    return f"{reason}: {data['operator_error']}" if data["operator_error"] else str(reason)


def _custom_data(event: Event) -> orjson.Fragment:
    return orjson.Fragment(event_body.metadata_of(event) or "{}")
