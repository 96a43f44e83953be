"""What `webhooks` of the orchestrator writes, as pydantic models: the OpenAPI document's."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from http_api.dialects.orchestrator.schema import StatusWord
from http_api.event_schema import InboundData, MessageData

_Metadata = Annotated[
    dict[str, str], Field(description="the message's, as it was sent; empty where there is none")
]


class OrchestratorMessage(MessageData):
    """What became of a message."""

    status: StatusWord
    metadata: _Metadata


class OrchestratorInbound(InboundData):
    """A message that a phone has sent to a number of the account."""

    metadata: _Metadata
