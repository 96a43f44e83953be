"""The shapes of the admin API's requests and answers: what is booked by hand, and what accounts have.

Amounts are decimals and never floats: in answers they are texts without zeros at their end, in requests texts or JSON
numbers, of which every digit is read.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import WithJsonSchema
from pydantic_core import PydanticCustomError

from gateway.domain.money import PLACES, Kind, read, word
from gateway.services.ledger import MAX_NOTE_CHARS
from http_api.shapes import Outgoing

WORD_OF_KIND: Final[dict[Kind, str]] = {kind: word(kind) for kind in Kind}
KIND_OF_WORD: Final = {word: kind for kind, word in WORD_OF_KIND.items()}


def _amount(value: object) -> Decimal:
    if isinstance(value, str) and (found := read(value)) is not None:
        return found
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return Decimal(value)
    raise PydanticCustomError("amount", 'Write it with a point, like "12.50"')


_AMOUNT: Final = r"^[+-]?[0-9]{1,12}(\.[0-9]{1,6})?$"
Amount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": _AMOUNT}, {"type": "number"}],
            "description": f"with at most {PLACES} decimals; more is refused, never rounded",
            "examples": ["25.00"],
        }
    ),
]
Money = Annotated[
    str, WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,6})?$", "examples": ["23.5"]})
]
Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
EnvWord = Literal["live", "test"]
KindWord = Annotated[str, WithJsonSchema({"type": "string", "enum": list(KIND_OF_WORD)})]


class BookingRequest(BaseModel):
    """A top-up or an adjustment. A field that is not known is refused: a slip must not move money."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    amount: Amount
    currency: str | None = Field(
        default=None,
        description="ISO 4217; left out: that of the account's rate plan",
        json_schema_extra={"pattern": "^[A-Z]{3}$"},
    )
    env: EnvWord | None = Field(default=None, description="left out: that of the admin key")
    key: str | None = Field(
        default=None,
        max_length=255,
        description="the caller's own name for the booking, as the header `Idempotency-Key`: once booked, never again",
    )
    note: str | None = Field(default=None, max_length=MAX_NOTE_CHARS, description="why, for people to read")


class RefundRequest(BaseModel):
    """A refund of a message: the whole of its price."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    note: str | None = Field(default=None, max_length=MAX_NOTE_CHARS, description="why, for people to read")


class LedgerEntry(Outgoing):
    """One line of the ledger."""

    id: str = Field(
        description="of its message, or of the top-up or adjustment itself",
        json_schema_extra={"format": "uuid"},
    )
    kind: KindWord
    account: str
    env: EnvWord
    currency: str
    amount: Money = Field(description="what it adds to the balance")
    held: Money = Field(description="what it adds to what is set aside")
    at: Time
    key: str | None
    note: str | None


class Purse(Outgoing):
    """What an account has in one environment and currency."""

    env: EnvWord
    currency: str
    balance: Money
    held: Money = Field(description="set aside for messages under way; no more in the balance")
    credit: Money = Field(description="how far below zero the balance may fall")
    spendable: Money = Field(
        description="balance and credit; 0 in a currency that its rate plan does not charge in"
    )


class BookedAnswer(Outgoing):
    """What was booked, now (201) or before (200), and what the account has after it."""

    entry: LedgerEntry
    purse: Purse


class BalanceAnswer(Outgoing):
    """All purses of an account that the key may see."""

    account: str
    purses: list[Purse]


class LedgerPage(Outgoing):
    """Entries by when their message or booking was made, the newest first."""

    entries: list[LedgerEntry]
    next_cursor: str | None = Field(description="for the next page; null on the last one")


class ProblemAnswer(Outgoing):
    """An error (RFC 9457)."""

    type: str = Field(json_schema_extra={"format": "uri"})
    title: str
    status: int
    code: str
    detail: str
    instance: str = Field(description="the path that was asked for")
    request_id: str
    errors: list[dict[str, Any]] = Field(default=[], description="every bad field, for INVALID_PAYLOAD")
