"""The shapes of the outbox's requests and answers, as pydantic models.

The request models read bodies; the answer models are the OpenAPI document's, and the tests hold real answers to them.
Fields that the document does not know are ignored; a null stands for an optional field left out.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from pydantic.json_schema import WithJsonSchema

from gateway.services.policies import MAX_THRESHOLDS
from http_api.dialects.outbox.words import PREFIX
from http_api.shapes import SENDER, Outgoing, Text, moment

MAX_MESSAGE_CHARS: Final = 1600
MAX_TAGS: Final = 20
MAX_TAG_CHARS: Final = 64
MAX_DATA_KEYS: Final = 50
MAX_DATA_BYTES: Final = 4096
MAX_RESENDS: Final = 100
MAX_SCHEDULE_DAYS: Final = 35

Tag = Annotated[
    str,
    StringConstraints(pattern=r"^[^\x00]*$", min_length=1, max_length=MAX_TAG_CHARS),
    Field(examples=["OTP"]),
]

_SENDER: Final[dict[str, JsonValue]] = {
    "pattern": SENDER,
    "maxLength": 16,
}
_MONEY: Final = "an exact decimal, in the currency of the account's rate plan"

OutboxIdText = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{PREFIX}[0-9a-f]{{32}}$",
            "examples": [f"{PREFIX}018e7c3a9b2f7d4ea5f13c2b1a0d9e00"],
        }
    ),
]


class OutboxSend(BaseModel):
    """One SMS. Fields beyond these are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    # What an address is belongs to the core's gates: their answers are codes of their own (INVALID_RECIPIENT, ...).
    recipient_phone_number: Text = Field(
        alias="recipientPhoneNumber",
        description="recipient in E.164; anything else is INVALID_RECIPIENT",
        examples=["+447700900123"],
        json_schema_extra={"pattern": r"^\+[1-9][0-9]{6,14}$"},
    )
    message: Text = Field(
        min_length=1,
        description="the SMS content, in Unicode code points; a longer one is MESSAGE_TOO_LONG",
        examples=["Your code is 123456"],
        json_schema_extra={"maxLength": MAX_MESSAGE_CHARS},
    )
    sender_id: Annotated[Text, Field(min_length=1, json_schema_extra=_SENDER)] | None = Field(
        default=None,
        alias="senderId",
        description="E.164 number, short code, or up to 11 characters; left out: the account's default sender",
        examples=["ACME"],
    )
    tags: list[Tag] | None = Field(
        default=None,
        max_length=MAX_TAGS,
        description="for tracking; entries are found by them. One that stands twice counts once",
        examples=[["notification", "OTP"]],
    )
    custom_data: dict[Text, Any] | None = Field(
        default=None,
        alias="customData",
        max_length=MAX_DATA_KEYS,
        description=f"a JSON object that the entry and every event bring back; at most {MAX_DATA_BYTES} bytes as JSON",
        examples=[{"purpose": "login", "linkedTransactionId": "tx-001"}],
    )
    scheduled_at: Annotated[Text, Field(json_schema_extra={"format": "date-time"})] | None = Field(
        default=None,
        alias="scheduledAt",
        description=f"when to send it, within {MAX_SCHEDULE_DAYS} days (RFC 3339); left out: now",
        examples=["2026-04-18T10:00:00Z"],
    )


class ResendOne(BaseModel):
    """Send one failed entry again."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    outbox_id: OutboxIdText = Field(alias="outboxId")


class ResendMany(BaseModel):
    """Send failed entries again, each for itself."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    outbox_ids: list[OutboxIdText] = Field(alias="outboxIds", min_length=1, max_length=MAX_RESENDS)


StatusWord = Literal["pending", "sent", "failed"]
MessageId = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "format": "uuid", "examples": ["018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00"]}
    ),
]


class OutboxTimestamps(Outgoing):
    """When things happened to an entry."""

    created_at: Annotated[str, moment("when the SMS was logged in the outbox")]
    sent_at: Annotated[str, moment("when it was successfully sent")] | None
    last_attempt_at: Annotated[str, moment("the most recent answer of a carrier to it")] | None


class OutboxEntryAnswer(Outgoing):
    """An entry of the outbox as it stands."""

    outbox_id: OutboxIdText
    user_id: str = Field(description="who initiated it: the key's member, or the key's id where it has none")
    recipient_phone_number: str
    message: str
    sender_id: str
    message_id: MessageId
    sms_units_used: int = Field(
        ge=0,
        description="segments charged, over all attempts; those whose price was given back are not among them",
    )
    cost_per_unit: float = Field(ge=0, description=f"the rate at send time of the latest attempt: {_MONEY}")
    total_cost: float = Field(ge=0, description=f"what all attempts have cost: {_MONEY}")
    status: StatusWord
    timestamps: OutboxTimestamps
    retry_count: int = Field(ge=0, description="how often it was sent again")
    error_details: str = Field(
        default="", description="why it failed; present with the status `failed` alone"
    )
    tags: list[str]
    custom_data: dict[str, Any]
    scheduled_at: Annotated[str, moment("for when it was scheduled; present where it was")] = ""


class OutboxAttempt(Outgoing):
    """One message of an entry: the first one, or one sent again."""

    message_id: MessageId
    status: StatusWord
    created_at: Annotated[str, moment("when it was accepted")]
    sent_at: Annotated[str, moment("when it was successfully sent")] | None
    last_attempt_at: Annotated[str, moment("the most recent answer of a carrier to it")] | None
    sms_units_used: int = Field(ge=0)
    cost_per_unit: float = Field(ge=0)
    cost: float = Field(ge=0, description=_MONEY)
    currency: str | None = Field(description="ISO 4217; null where the account was not metered")
    error_details: str = Field(default="", description="present with the status `failed` alone")


class OutboxEntryWithAttempts(OutboxEntryAnswer):
    """An entry, and each message that was made for it, oldest first."""

    attempts: list[OutboxAttempt]


class OutboxList(Outgoing):
    """A page of entries, newest first."""

    items: list[OutboxEntryAnswer]
    next_cursor: str | None = Field(description="for the next page; null on the last one")
    limit: int


class OutboxBadField(Outgoing):
    """One thing that is wrong with a request."""

    field: str = Field(
        description="its place in the body (`tags/0`), a query parameter or a header; empty: the whole"
    )
    message: str


class OutboxErrorBody(Outgoing):
    """What is wrong."""

    code: str
    message: str
    details: list[OutboxBadField]


class OutboxError(Outgoing):
    """An error."""

    error: OutboxErrorBody


class ResendResult(Outgoing):
    """What became of one entry of a list."""

    outbox_id: str
    entry: OutboxEntryAnswer | None = Field(default=None, description="present where it was sent again")
    error: OutboxErrorBody | None = Field(default=None, description="present where it was not")


class ResendResults(Outgoing):
    """What became of each entry, in the order of the request."""

    results: list[ResendResult]


class OutboxAlert(Outgoing):
    """One of `event_schema.any_alert`, which takes its place in the document."""


class OutboxAlertList(Outgoing):
    """A page of alerts, newest first."""

    items: list[OutboxAlert]
    next_cursor: str | None = Field(description="for the next page; null on the last one")
    limit: int


class FailuresThreshold(BaseModel):
    """How many failed messages within how long are told of."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(ge=1, le=999_999_999)
    window_seconds: int | None = Field(default=None, alias="windowSeconds", ge=60, le=86_400)


AmountText = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$")]


class AlertSettings(BaseModel):
    """By what an account is told, and how often it lets a message be sent again."""

    model_config = ConfigDict(extra="forbid")

    low_balance: list[float | AmountText] | None = Field(
        default=None,
        alias="lowBalance",
        max_length=MAX_THRESHOLDS,
        description="amounts with up to 6 decimals; told once when the balance of a currency falls below one",
    )
    failures: FailuresThreshold | None = Field(default=None, description="null: never told")
    webhook_url: str | None = Field(
        default=None, alias="webhookUrl", description="where alerts go; null: into the list alone"
    )
    resend_limit: int | None = Field(
        default=None, alias="resendLimit", ge=0, le=100, description="per outbox entry"
    )
