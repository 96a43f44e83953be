"""[health]: when an operator that does badly for a country is left for last, and how it comes back."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from routing.breaker import Limits


class HealthSettings(BaseModel):
    """[health]: of operators, by answers and receipts. Shares are between 0 and 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers_out_above: float = Field(
        0.5,
        ge=0,
        le=1,
        description="share of bad answers (passing faults, faults of the carrier, none at all) above which an operator "
        "comes after all others for that country; 1: never",
    )
    min_answers: int = Field(20, ge=1, description="answers that are needed to judge by")
    receipts_out_above: float = Field(
        0.8,
        ge=0,
        le=1,
        description="the same for receipts that say undelivered, where that is not the recipient's doing; 1: never",
    )
    min_receipts: int = Field(30, ge=1, description="receipts that are needed to judge by")
    in_below: float = Field(
        0.2,
        ge=0,
        le=1,
        description="it comes back when no more than this share of a trial's messages were bad",
    )
    probes: int = Field(5, ge=1, description="messages of a trial")
    retry_after_s: float = Field(
        30.0,
        gt=0,
        le=86_400,
        description="how long it is left alone before a trial, in seconds; doubled after each one that failed",
    )
    retry_max_s: float = Field(600.0, gt=0, le=86_400, description="the longest such time, in seconds")
    half_life_s: float = Field(
        120.0, gt=0, le=2_592_000, description="after so many seconds an answer or receipt counts half"
    )

    def limits(self) -> Limits:
        """The same as routing takes it."""
        return Limits(
            self.answers_out_above,
            self.min_answers,
            self.receipts_out_above,
            self.min_receipts,
            self.in_below,
            self.probes,
            self.retry_after_s,
            self.retry_max_s,
            self.half_life_s,
        )
