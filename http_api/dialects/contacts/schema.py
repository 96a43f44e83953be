"""The shapes of the contacts dialect's requests and answers, as pydantic models named as in document 003.

The request models read bodies; the answer models are the OpenAPI document's, and the tests hold real answers to them.
Fields that the document does not know are ignored. An optional field may be null, which leaves it out: so the
framework's own validation has it (class-validator's `IsOptional`).
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, FailFast, Field
from pydantic.json_schema import WithJsonSchema

from gateway.domain.words import Reason
from http_api.dialects.contacts.words import DEFAULT_TYPE, PHRASES, WORD_OF_PRIORITY, WORD_OF_STATUS
from http_api.shapes import Outgoing, Text, moment, one_of

MAX_MESSAGE_CHARS: Final = 1600
MAX_CONTACTS: Final = 10_000


# One that is no text refuses the request: so many sentences as there may be contacts help nobody.
ContactList = Annotated[list[str], Field(max_length=MAX_CONTACTS), FailFast()]


class SmsContactsMessagePayload(BaseModel):
    """One text to many phone numbers. Fields beyond these are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    message: Text = Field(
        min_length=1,
        max_length=MAX_MESSAGE_CHARS,
        description="SMS message content, in Unicode code points",
        examples=["Hello, this is a test message from SendMe"],
    )
    contacts: ContactList = Field(
        description="phone numbers, E.164 or as people of `country` write them; each is written to once, those that "
        "are none are skipped",
        examples=[["3001234567", "3009876543"]],
    )
    type: Literal["SMS", "OTP", "MARKETING", "TRANSACTIONAL", "PROMOTIONAL"] | None = Field(
        default=None,
        description=f"class of the messages: who waits for whom; left out: {DEFAULT_TYPE}. TRANSACTIONAL is another "
        "word for SMS, PROMOTIONAL for MARKETING",
    )
    country: str | None = Field(
        default=None,
        description="ISO 3166-1 alpha-2 code for number normalization; left out: the account's own",
        examples=["CO"],
        json_schema_extra={"pattern": "^[A-Za-z]{2}$"},
    )


class TermsPayload(BaseModel):
    """Which terms are accepted."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    version: Text = Field(min_length=1, description="the current version, as GET /api/terms tells it")


MessageId = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
StatusWord = Annotated[str, one_of(WORD_OF_STATUS.values(), "where the message stands")]
ReasonWord = Annotated[str, one_of((reason.value for reason in Reason), "why it was not delivered")]
TypeWord = Annotated[str, one_of(WORD_OF_PRIORITY.values(), "class of the message")]
QueueId = Annotated[str, Field(description="names the batch: GET /api/messages/sms/queues/{queueId}")]


class EnqueuedMessage(Outgoing):
    """A message that is durable and on its way."""

    id: MessageId
    recipient: str = Field(description="phone number in E.164")


class RefusedRecipient(Outgoing):
    """A recipient that the account may not write to now; nothing of it is kept."""

    recipient: str
    code: str
    message: str


class MessageEnqueueResultDto(Outgoing):
    """What became of a request. `queueId` is empty when there was nobody to write to."""

    queue_id: QueueId
    channel: Literal["sms"]
    messages: list[EnqueuedMessage]
    refused: list[RefusedRecipient] = Field(
        default=[], description="only there when limits of the account refused a part of the recipients"
    )


class SmsMessageError(Outgoing):
    """The latest thing that went wrong with a message."""

    code: ReasonWord
    message: str
    at: Annotated[str, moment("when")]


class SmsProvider(Outgoing):
    """Who carries a message."""

    operator_id: str | None = Field(description="the operator that has it or for which it waits")
    route_id: str | None
    attempts: int = Field(ge=0, description="hand-overs to an operator")
    processed_at: Annotated[str, moment("the first answer of an operator")] | None
    error: str | None = Field(description="the operator's own words")


class SmsMessage(Outgoing):
    """A message of the account, whichever dialect it was sent with."""

    id: MessageId
    queue_id: str | None = Field(description="of the batch that it belongs to, if any")
    channel: Literal["sms"]
    recipient: str
    sender: str
    message: str
    type: TypeWord
    status: StatusWord
    reason: ReasonWord | None
    segments: int = Field(ge=1)
    created_at: Annotated[str, moment("when it became durable")]
    updated_at: Annotated[str, moment("its latest change of status")]
    error: SmsMessageError | None
    provider: SmsProvider


class SmsMessageList(Outgoing):
    """A page of messages, newest first."""

    messages: list[SmsMessage]
    next_cursor: str | None = Field(description="for the next page; null on the last one")


class QueueCounts(Outgoing):
    """How many messages of a batch stand where."""

    scheduled: int = Field(ge=0)
    queued: int = Field(ge=0)
    sent: int = Field(ge=0)
    delivered: int = Field(ge=0)
    undelivered: int = Field(ge=0)
    failed: int = Field(ge=0)
    canceled: int = Field(ge=0)


class QueueStatus(SmsMessageList):
    """A batch as it stands."""

    queue_id: QueueId
    channel: Literal["sms"]
    total: int = Field(ge=0)
    counts: QueueCounts


class TermsStatus(Outgoing):
    """The current terms, and whether the caller has accepted them."""

    version: str
    accepted: bool
    accepted_at: Annotated[str, moment("when")] | None


class SmsErrorAnswer(Outgoing):
    """An error."""

    status_code: int
    message: str | list[str] = Field(description="a list of what is wrong with a request that can't be read")
    error: Annotated[str, one_of(PHRASES.values(), "the status in words")]
    code: str = Field(description="which error it is, for programs")
    version: str = Field(
        default="", description="of the current terms, where it is they that are not accepted"
    )
