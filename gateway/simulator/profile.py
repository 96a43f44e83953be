"""What a simulated carrier does: frozen, documented types, read from a TOML file.

A profile without a word is a well-behaved carrier: any name may bind, every message is taken, and its receipt says
DELIVRD within a second. `[[outcomes]]` share out the final states, `[[rules]]` single out destinations or every
N-th message, `[[inbound]]` sends messages by itself, `[[script]]` does something at a moment; the rest are habits of
the whole carrier.
"""

from __future__ import annotations

import enum
import tomllib
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from gateway.simulator.steps import Step
from gateway.simulator.values import Frozen, StatusNumber, Text
from smpp.constants import Status


class ProfileError(Exception):
    """A profile or a quirk that can't be used; the text says what to change."""


class IdStyle(enum.StrEnum):
    """How message ids are written: in the answer, then in the receipt."""

    DECIMAL = "decimal"
    HEX = "hex"
    HEX_THEN_DECIMAL = "hex-then-decimal"
    DECIMAL_THEN_HEX = "decimal-then-hex"
    PADDED = "padded"  #: with leading zeros, 16 digits
    PADDED_THEN_BARE = "padded-then-bare"
    UPPER_THEN_LOWER = "upper-then-lower"  #: hexadecimal
    UUID = "uuid"


class ReceiptText(enum.StrEnum):
    """The forms in which carriers write the text of a receipt."""

    STANDARD = "standard"  #: as in SMPP 3.4, appendix B
    SECONDS = "seconds"  #: dates with seconds
    NO_SUB = "no-sub"  #: without sub and dlvrd
    NO_TEXT = "no-text"  #: ends with err
    SHORT_ERR = "short-err"  #: err of two digits
    CAPITALS = "capitals"
    COMMAS = "commas"  #: commas between the values
    EMPTY = "empty"  #: the parameters alone


class FinalState(enum.StrEnum):
    """The word of `stat:` in a final receipt. FAILED is no word of the specification, and sent all the same."""

    DELIVRD = "DELIVRD"
    UNDELIV = "UNDELIV"
    EXPIRED = "EXPIRED"
    REJECTD = "REJECTD"
    DELETED = "DELETED"
    UNKNOWN = "UNKNOWN"
    FAILED = "FAILED"


class Outcome(Frozen):
    """How a message ends."""

    state: FinalState = Field(FinalState.DELIVRD, description="the word of `stat:` in the receipt")
    err: str = Field(
        "000", max_length=8, description="`err:`; a number also goes into network_error_code, as one of GSM"
    )


class Share(Outcome):
    """A part of the traffic, and how it ends."""

    percent: float = Field(
        gt=0, le=100, description="how much of the traffic; what is left over is delivered"
    )


class Rule(Outcome):
    """What happens to the submits that it matches: one rule each, that with the longest `to` first, then in order.

    A message that is not answered, or lost with the connection, was taken all the same: its receipt comes.
    """

    to: str = Field("", description="end of the destination's digits")
    every: int = Field(0, ge=0, description="only every N-th of those; 0: all")
    first: int = Field(0, ge=0, description="only the first N submits to each destination; 0: all")
    status: StatusNumber = Field(
        0, description="command_status of the answer, as 0x58 or ESME_RTHROTTLED; 0: taken"
    )
    answer: bool = Field(True, description="false: never answered")
    drop: bool = Field(False, description="the connection is dropped instead of an answer")
    receipt: bool = Field(True, description="false: no receipt ever comes")
    reply: str = Field("", description="a text that the recipient sends back after the receipt")


class InboundSchedule(Frozen):
    """Messages that arrive by themselves while somebody is bound."""

    sender: str = Field(description="who writes")
    recipient: str = Field(description="the number that is written to")
    text: Text = Field(description="any length; long ones come as several parts")
    every_s: float = Field(gt=0, description="seconds between two")
    times: int = Field(0, ge=0, description="how many; 0: without end")


class Profile(Frozen):
    """A simulated carrier."""

    name: str = Field("simulator", max_length=15, description="the system_id that it answers binds with")
    system_id: str = Field("", max_length=15, description="who may bind; empty: anybody")
    password: str = Field("", description="what it must say; empty: anything")
    refuse_binds: int = Field(
        0, ge=0, description="so many binds are refused before the first one is accepted"
    )
    bind_status: StatusNumber = Field(Status.ESME_RBINDFAIL, description="command_status of those refusals")
    outbind_password: str = Field("", description="what it says in an outbind; its system_id there is `name`")
    window: int = Field(100, ge=1, description="unanswered receipts and inbound messages per connection")
    enquire_link_s: float = Field(
        30.0, ge=0, description="idle seconds after which the link is asked; 0: never"
    )
    response_s: float = Field(30.0, ge=0, description="seconds that an ESME has to answer; 0: any time")
    magic: bool = Field(
        True, description="numbers that end with a magic destination behave as the table says"
    )

    answer_delay_s: float = Field(0.0, ge=0, description="seconds between a submit and its answer")
    never_answer_every: int = Field(
        0, ge=0, description="every N-th submit is taken and not answered; 0: none"
    )
    max_per_s: int = Field(
        0, ge=0, description="submits per second; further ones are answered ESME_RTHROTTLED"
    )
    throttle_every: int = Field(0, ge=0, description="every N-th submit is answered ESME_RTHROTTLED; 0: none")
    drop_after: int = Field(
        0, ge=0, description="each connection is dropped at its N-th submit, unanswered; 0: never"
    )
    unbind_after: int = Field(
        0, ge=0, description="each connection is unbound after its N-th submit; 0: never"
    )
    alert_every: int = Field(
        0, ge=0, description="after every N-th submit comes an alert_notification of its recipient; 0: never"
    )
    questions: bool = Field(
        True, description="false: query_sm, cancel_sm and replace_sm are refused with ESME_RINVCMDID"
    )
    garbage_every: int = Field(
        0, ge=0, description="after every N-th submit come octets that are no PDU; 0: never"
    )
    odd_pdus_every: int = Field(0, ge=0, description="so often come PDUs that nobody expects; 0: never")

    ids: IdStyle = Field(
        IdStyle.DECIMAL, description="how message ids are written, in the answer and in the receipt"
    )
    first_id: int = Field(
        0, ge=0, lt=1 << 60, description="the first message id; 0: from the clock, so none repeats"
    )
    receipts: bool = Field(True, description="false: no receipts at all")
    receipt_delay_min_s: float = Field(0.2, ge=0, description="seconds until the receipt, at least")
    receipt_delay_max_s: float = Field(1.0, ge=0, description="seconds until the receipt, at most")
    receipt_text: ReceiptText = Field(
        ReceiptText.STANDARD, description="how the text of a receipt is written"
    )
    receipt_tlvs: bool = Field(
        True, description="whether receipts have receipted_message_id and message_state"
    )
    receipt_esm_class: int = Field(
        0x04, ge=0, le=255, description="esm_class of receipts; some carriers send 0"
    )
    data_sm: bool = Field(False, description="receipts and inbound messages come in data_sm")
    receipt_first: bool = Field(False, description="the receipt comes before the answer")
    receipt_copies: int = Field(1, ge=1, le=10, description="how often each receipt is sent")
    intermediate: bool = Field(False, description="an ACCEPTD receipt comes first, asked for or not")
    redeliver_s: float = Field(
        1.0, ge=0, description="seconds until a delivery that was answered with an error comes again"
    )

    seed: int = Field(0, description="of what is left to chance: the same seed, the same run")
    outcomes: tuple[Share, ...] = Field((), description="how messages end that no rule matches")
    rules: tuple[Rule, ...] = Field((), description="destinations and messages that are singled out")
    inbound: tuple[InboundSchedule, ...] = Field((), description="messages that arrive by themselves")
    script: tuple[Step, ...] = Field((), description="what it does at a moment, each step once")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.receipt_delay_min_s > self.receipt_delay_max_s:
            raise ValueError("receipt_delay_min_s is longer than receipt_delay_max_s: swap them")
        total = sum(share.percent for share in self.outcomes)
        if total > 100:
            raise ValueError(f"the outcomes add up to {total:g} percent: at most 100")
        if self.receipt_text is ReceiptText.EMPTY and not self.receipt_tlvs:
            raise ValueError("receipts without text and without TLVs say nothing: allow one of them")
        return self


def load_profile(path: Path) -> Profile:
    """The profile in a TOML file. Raises ProfileError with everything that is wrong with it."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:  # TOML or UTF-8
        raise ProfileError(f"{path}: {error}") from error
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        raise ProfileError("\n".join(f"{path}: {line}" for line in complaints(error))) from error


def complaints(error: ValidationError) -> list[str]:
    """What pydantic found wrong, one line each, as `where: what`."""
    return [
        f"{'.'.join(map(str, found['loc'])) or 'profile'}: {found['msg'].removeprefix('Value error, ')}"
        for found in error.errors()
    ]
