"""The contacts dialect's webhook bodies (SURFACE "Webhooks"): one-line JSON, in this dialect's status words. Pure."""

from __future__ import annotations

from typing import Final

import orjson

from gateway.domain.event import Event, EventKind
from gateway.domain.labels import BATCH, value_of
from http_api import event_body
from http_api.dialects.contacts.parse import QUEUE_PREFIX
from http_api.dialects.contacts.words import CHANNEL, WORD_OF_STATUS

_STATUS: Final[dict[object, str]] = {str(status): word for status, word in WORD_OF_STATUS.items()}


def render(event: Event) -> bytes:
    """The body of any event."""
    # A message of another dialect may have some; an inbound one may answer it.
    metadata = orjson.Fragment(event_body.metadata_of(event) or "{}")
    if event.kind is EventKind.INBOUND:
        return event_body.write(event, {"channel": CHANNEL, **event_body.of_inbound(event, metadata)})
    batch = value_of(event_body.labels(event), BATCH)
    its_own = {"queueId": None if batch is None else QUEUE_PREFIX + batch, "channel": CHANNEL}
    told = event_body.of_message(event, _STATUS[event.data["status"]], metadata)
    return event_body.write(event, its_own | told)
