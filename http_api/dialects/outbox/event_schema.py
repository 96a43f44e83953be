"""What `webhooks` of the outbox writes, as pydantic models: the OpenAPI document's."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from http_api.dialects.outbox.schema import OutboxIdText
from http_api.dialects.outbox.words import WORDS
from http_api.event_schema import InboundData, MessageData
from http_api.shapes import one_of

_CustomData = Annotated[
    dict[str, Any], Field(description="the message's, as it was sent; empty where there is none")
]


class OutboxMessage(MessageData):
    """What became of a message, and the entry that it was made for."""

    status: Annotated[str, one_of(WORDS, "where it stands")]
    outbox_id: OutboxIdText
    error_details: str | None = Field(description="why it failed; null where it did not")
    tags: list[str]
    custom_data: _CustomData


class OutboxInbound(InboundData):
    """A message that a phone has sent to a number of the account."""

    custom_data: _CustomData
