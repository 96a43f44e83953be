"""`POST /v1/sms/preview`: what a text would be as a message; nothing of it is kept, sent or charged.

Ours, not the document's, so it is read, described and rendered here, in one place. It needs the scope that sending
needs: whoever may send a text may know what it will be and cost.
"""

from __future__ import annotations

from typing import Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.domain.money import plain
from gateway.domain.send import Refusal
from gateway.services.preview import Previewed
from gateway.services.pricing import Quote
from http_api.dialects.orchestrator import render
from http_api.dialects.orchestrator.schema import MAX_BODY_CHARS, Money
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request, Response
from http_api.json_body import field_errors
from http_api.problem import ProblemWriter
from http_api.shapes import Outgoing, Text
from routing.alphabet import Alphabet
from routing.national import Shift
from routing.preview import Foreign, Replacement
from routing.segments import limits

WORD_OF_ALPHABET: Final[dict[Alphabet, str]] = {Alphabet.GSM7: "GSM7", Alphabet.UCS2: "UCS2"}


class PreviewRequest(BaseModel):
    """A text. Other fields are ignored, so that the body of a send can be previewed as it is."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    body: Text = Field(
        min_length=1,
        description="the text, in Unicode code points; a longer one is SMS_BODY_TOO_LONG",
        examples=["Your code is 123456"],
        json_schema_extra={"maxLength": MAX_BODY_CHARS},
    )
    to: Text = Field(
        default="",
        description="recipient in E.164, for the price; left out, or something else: no price is told",
        examples=["+447700900123"],
    )


class PreviewSegment(Outgoing):
    """One segment of the text."""

    segment: int = Field(ge=1)
    text: str
    units: int = Field(ge=0, description="septets of GSM7, or UTF-16 code units of UCS2")


class NationalTables(Outgoing):
    """The national tables of GSM 7 bit that the text would be written with (3GPP TS 23.038, Annex A)."""

    locking: str | None = Field(description="language of the locking shift table, ISO 639-1")
    single: str | None = Field(description="language of the single shift table, ISO 639-1")


class NonGsm7Character(Outgoing):
    """A character that GSM 03.38 lacks: each one makes the text UCS2, or needs national tables."""

    character: str
    code_point: str = Field(description="as U+2019")
    name: str | None = Field(description="Unicode's name; null for a control character")
    positions: list[int] = Field(description="where it stands in `body`, in code points from 0")
    replacement: str | None = Field(description="what smart replacement has for it; null: nothing")


class ReplacedCharacter(Outgoing):
    """One thing that smart replacement would replace."""

    position: int = Field(ge=0, description="in code points of `body`, from 0")
    original: str
    replacement: str


class SmartReplacement(Outgoing):
    """What smart replacement makes of the text. It is done only where it saves a segment."""

    enabled: bool = Field(description="the account's setting")
    applied: bool = Field(description="it is enabled and saves a segment: `segments` are of the new text")
    segments_saved: int = Field(ge=0)
    body: str | None = Field(description="the new text; null where it would save nothing")
    replaced: list[ReplacedCharacter]


class PreviewPrice(Outgoing):
    """What the message would cost now."""

    amount: Money = Field(description="of the whole message: segments times rate")
    rate: Money = Field(description="of one segment")
    currency: str = Field(description="ISO 4217")
    plan: str = Field(description="the account's rate plan")
    prefix: str = Field(description="of the number, that the rate is listed under")


class PreviewAnswer(Outgoing):
    """What the text would be as a message of this account."""

    alphabet: Literal["GSM7", "UCS2"]
    national_tables: NationalTables | None
    segment_count: int = Field(ge=1)
    units: int = Field(ge=0, description="septets of GSM7, or UTF-16 code units of UCS2, of the whole text")
    units_per_segment: int = Field(description="that fit into one segment of this message")
    units_left: int = Field(ge=0, description="that fit into the last segment still")
    segments: list[PreviewSegment]
    non_gsm7: list[NonGsm7Character] = Field(alias="nonGsm7")
    smart_replacement: SmartReplacement
    metered: bool = Field(description="whether the account pays for messages")
    price: PreviewPrice | None = Field(
        description="null where the account is not metered, or where its rate plan has no price for `to`: the send "
        "would be refused then, with DESTINATION_NOT_PRICED"
    )


_VALIDATOR: Final = TypeAdapter(PreviewRequest).validator


def parse_preview(document: object) -> PreviewRequest:
    """What is to be previewed. Raises `RequestFault` with every bad field."""
    try:
        asked: PreviewRequest = _VALIDATOR.validate_python(document)
    except ValidationError as error:
        faults = field_errors(error, "")
        raise RequestFault(
            Fault.INVALID, f"{faults[0].pointer}: {faults[0].detail}".removeprefix(": "), fields=faults
        ) from None
    return asked


def previewed(request: Request, result: Previewed | Refusal, problems: ProblemWriter) -> Response:
    """The answer."""
    if isinstance(result, Refusal):
        return render.refused(request, result, problems)
    found = result.text.segments
    alone, of_several = limits(found.alphabet, found.shift)
    per_segment = alone if found.count == 1 else of_several
    document = {
        "alphabet": WORD_OF_ALPHABET[found.alphabet],
        "nationalTables": None if found.shift is None else _tables(found.shift),
        "segmentCount": found.count,
        "units": found.units,
        "unitsPerSegment": per_segment,
        "unitsLeft": per_segment - found.units_of_parts[-1],
        "segments": [
            {"segment": number, "text": text, "units": units}
            for number, (text, units) in enumerate(
                zip(found.parts, found.units_of_parts, strict=True), start=1
            )
        ],
        "nonGsm7": [_foreign(each) for each in result.text.foreign],
        "smartReplacement": _replacement(result.text.replacement),
        "metered": result.metered,
        "price": None if result.price is None else _price(result.price),
    }
    return Response(200, orjson.dumps(document), headers=(render.NO_STORE,))


def _price(quote: Quote) -> dict[str, str]:
    charge = quote.charge
    return {
        "amount": plain(charge.amount),
        "rate": plain(charge.rate),
        "currency": charge.currency,
        "plan": quote.plan,
        "prefix": quote.prefix,
    }


def _tables(shift: Shift) -> dict[str, str | None]:
    return {
        "locking": None if shift.locking is None else shift.locking.value,
        "single": None if shift.single is None else shift.single.value,
    }


def _foreign(found: Foreign) -> dict[str, object]:
    return {
        "character": found.character,
        "codePoint": f"U+{ord(found.character):04X}",
        "name": found.name,
        "positions": found.positions,
        "replacement": found.replacement,
    }


def _replacement(found: Replacement) -> dict[str, object]:
    return {
        "enabled": found.wanted,
        "applied": found.applied,
        "segmentsSaved": found.segments_saved,
        "body": found.text if found.segments_saved else None,
        "replaced": [
            {"position": change.position, "original": change.original, "replacement": change.replacement}
            for change in found.changes
        ],
    }
