"""What `webhooks` of the contacts dialect writes, as pydantic models: the OpenAPI document's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.json_schema import WithJsonSchema

from http_api.dialects.contacts.parse import QUEUE_PREFIX
from http_api.dialects.contacts.words import WORD_OF_STATUS
from http_api.event_schema import InboundData, MessageData
from http_api.shapes import one_of

_QueueId = Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^{QUEUE_PREFIX}[0-9a-f]{{32}}$"})]


class ContactsMessage(MessageData):
    """What became of a message."""

    status: Annotated[str, one_of(WORD_OF_STATUS.values(), "where it stands")]
    queue_id: _QueueId | None = Field(
        description="the batch that it was sent with; null where there was none"
    )
    channel: Literal["sms"]


class ContactsInbound(InboundData):
    """A message that a phone has sent to a number of the account."""

    channel: Literal["sms"]
