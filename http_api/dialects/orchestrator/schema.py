"""The shapes of the orchestrator's requests and answers, as pydantic models.

The request models read bodies; the answer models are the OpenAPI document's, and the tests hold real answers to them.
Fields that the document does not know are ignored, as its own schema library (Zod) does by default. A null is not a
field left out: it is refused, as there.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import WithJsonSchema

from gateway.domain.words import Reason
from http_api.dialects.orchestrator.words import WORD_OF_PART_STATE, WORD_OF_STATUS
from http_api.shapes import SENDER, Outgoing, Text, moment, one_of

MAX_BULK: Final = 500
MAX_BODY_CHARS: Final = 1600
MAX_METADATA_KEYS: Final = 50
MAX_METADATA_BYTES: Final = 4096
MAX_URL_CHARS: Final = 2048


class SendRequest(BaseModel):
    """One outbound message. Fields beyond these are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    # What an address is belongs to the core's gates: their answers are codes of their own (INVALID_DESTINATION, ...).
    to: Text = Field(
        description="recipient in E.164; anything else is INVALID_DESTINATION",
        examples=["+447700900123"],
        json_schema_extra={"pattern": r"^\+[1-9][0-9]{6,14}$"},
    )
    sender: Text = Field(
        default="",
        alias="from",
        min_length=1,
        description="E.164 number, short code, or up to 11 characters; left out: the account's default sender",
        examples=["+447700900999"],
        json_schema_extra={"pattern": SENDER, "maxLength": 16},
    )
    body: Text = Field(
        min_length=1,
        description="the text, in Unicode code points; a longer one is SMS_BODY_TOO_LONG",
        examples=["Your code is 123456"],
        json_schema_extra={"maxLength": MAX_BODY_CHARS},
    )
    message_type: Literal["SMS", "OTP", "MARKETING", "FLASH"] = Field(
        default="SMS",
        alias="messageType",
        description="class of the message: who waits for whom, and how it is shown",
    )
    callback_url: Text = Field(
        default="",
        alias="callbackUrl",
        min_length=1,
        max_length=MAX_URL_CHARS,
        description="where this message's events go, instead of the account's webhook; no private address",
        examples=["https://tenant.example.com/webhooks/sms"],
        json_schema_extra={"pattern": "^https?://[!-~]+$"},
    )
    metadata: dict[Text, Text] = Field(
        default_factory=dict,  # pydantic makes a deep copy of a default, which costs as much as all else of a body
        max_length=MAX_METADATA_KEYS,
        description=f"texts that every event of the message brings back; at most {MAX_METADATA_BYTES} bytes as JSON",
        examples=[{"campaignId": "camp-001"}],
    )


class BulkRequest(BaseModel):
    """Up to 500 messages, taken or refused one by one."""

    messages: list[SendRequest] = Field(min_length=1, max_length=MAX_BULK)


Money = Annotated[
    str,
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,6})?$", "examples": ["0.075"]}),
]
"""A decimal as text: a JSON number would be read as a float."""


MessageId = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "format": "uuid", "examples": ["018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e8f"]}
    ),
]
EnqueuedAt = Annotated[str, moment("when the message became durable")]
StatusWord = Annotated[str, one_of(WORD_OF_STATUS.values(), "where the message stands")]
ReasonWord = Annotated[str, one_of((reason.value for reason in Reason), "why it ended undelivered")]


class AcceptedAnswer(Outgoing):
    """A message that is durable and on its way."""

    message_id: MessageId
    status: StatusWord
    segment_count: int = Field(ge=1)
    enqueued_at: EnqueuedAt


class BulkAccepted(AcceptedAnswer):
    """A message of a bulk that was taken."""

    index: int = Field(ge=0, description="its place in `messages`, from 0")


class BadField(Outgoing):
    """One thing that is wrong with a request."""

    pointer: str = Field(default="", description="JSON pointer into the body")
    parameter: str = Field(default="", description="or the query parameter or header")
    detail: str


class BulkRejected(Outgoing):
    """A message of a bulk that was refused; nothing of it is kept."""

    index: int = Field(ge=0, description="its place in `messages`, from 0")
    code: str
    detail: str
    errors: list[BadField]


class BulkAnswer(Outgoing):
    """What became of each message of a bulk."""

    accepted: list[BulkAccepted]
    rejected: list[BulkRejected]


class LastErrorAnswer(Outgoing):
    """The latest thing that went wrong with a message."""

    code: ReasonWord
    detail: str
    operator_error: str | None = Field(description="the operator's own words")
    at: Annotated[str, moment("when")]


class PartAnswer(Outgoing):
    """What one attempt gave to an operator: one SMPP message, as a rule."""

    part: int = Field(ge=1)
    state: Annotated[str, one_of(WORD_OF_PART_STATE.values(), "where the part stands")]
    operator_message_id: str | None
    error: str | None = Field(description="the operator's own words")
    at: Annotated[str, moment("when the operator answered")]
    receipt_at: Annotated[str, moment("when its receipt came")] | None


class AttemptAnswer(Outgoing):
    """One hand-over to an operator."""

    attempt: int = Field(ge=1)
    operator_id: str
    parts: list[PartAnswer]


class PriceAnswer(Outgoing):
    """What a message costs, fixed when it was accepted; what it has paid in the end is the ledger's to say."""

    amount: Money
    currency: str = Field(description="ISO 4217")


class MessageAnswer(AcceptedAnswer):
    """A message as it stands."""

    attempt_count: int = Field(ge=0, description="hand-overs to an operator")
    operator_id: str | None = Field(description="the operator that has it or for which it waits")
    route_id: str | None
    processed_at: Annotated[str, moment("the first answer of an operator")] | None
    final_at: Annotated[str, moment("when it got its final status")] | None
    expires_at: Annotated[str, moment("until when it is tried")]
    reason: ReasonWord | None
    last_error: LastErrorAnswer | None
    to: str
    sender: str = Field(alias="from")
    message_type: str
    price: PriceAnswer | None = Field(description="null where its account was not metered")
    metadata: dict[str, str]


class MessageWithAttempts(MessageAnswer):
    """A message as it stands, and every attempt to bring it to an operator."""

    attempts: list[AttemptAnswer]


class MessageList(Outgoing):
    """A page of messages, newest first."""

    messages: list[MessageAnswer]
    next_cursor: str | None = Field(description="for the next page; null on the last one")


class ProblemAnswer(Outgoing):
    """An error (RFC 9457)."""

    type: Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]
    title: str
    status: int
    code: str
    detail: str
    instance: str = Field(description="the path that was asked for")
    request_id: str
    errors: list[BadField] = Field(default=[], description="every bad field, for INVALID_PAYLOAD")
