"""The orchestrator's webhook bodies (SURFACE "Webhooks"): one-line JSON, in this dialect's status words. Pure."""

from __future__ import annotations

from typing import Final

from gateway.domain.event import Event, EventKind
from http_api import event_body
from http_api.dialects.orchestrator.render import metadata
from http_api.dialects.orchestrator.words import WORD_OF_STATUS

# The store keeps an event's status as its word.
_STATUS: Final[dict[object, str]] = {str(status): word for status, word in WORD_OF_STATUS.items()}
_INBOUND: Final = EventKind.INBOUND


def render(event: Event) -> bytes:
    """The body of any event of a message."""
    return inbound(event) if event.kind is _INBOUND else receipt(event)


def receipt(event: Event) -> bytes:
    """What became of a message."""
    told = metadata(event_body.metadata_of(event))
    return event_body.write(event, event_body.of_message(event, _STATUS[event.data["status"]], told))


def inbound(event: Event) -> bytes:
    """A message that a phone sent to a number of the account."""
    return event_body.write(event, event_body.of_inbound(event, metadata(event_body.metadata_of(event))))
