"""How webhooks are delivered: `[webhooks]` of the configuration, and the times that follow from it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.domain.event import Event

MONTH_S = 30 * 86_400.0
LATER_S = 3_600.0  #: between tries after the last step of the schedule, give or take a tenth


class WebhookSettings(BaseModel):
    """`[webhooks]` of the configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allow_private_addresses: bool = Field(
        False,
        description="Deliver to loopback and private addresses too. For development and tests: with it a tenant"
        " can reach whatever this machine can reach.",
    )
    concurrency_per_destination: int = Field(
        8, ge=1, le=256, description="Requests, and connections, to one scheme, host and port at once."
    )
    connect_timeout_s: float = Field(
        3.0, gt=0, le=60, description="Seconds to resolve the name, connect and agree on TLS."
    )
    answer_timeout_s: float = Field(15.0, gt=0, le=300, description="Seconds from the request to its answer.")
    give_up_after_s: float = Field(
        86_400.0,
        gt=0,
        le=MONTH_S,
        description="Age of an event in seconds at which it is tried for the last time.",
    )
    schedule: tuple[Annotated[float, Field(gt=0, le=MONTH_S)], ...] = Field(
        (5.0, 30.0, 120.0, 300.0, 600.0, 1_800.0),
        description="Seconds before the second try, the third and so on; then it is tried hourly.",
    )

    def last_try(self, event: Event) -> datetime:
        """When an event is tried for the last time."""
        return event.at + timedelta(seconds=self.give_up_after_s)

    def next_try(self, event: Event, attempts: int, now: datetime) -> datetime | None:
        """When an event is tried again after `attempts` tries; None when it has been given up."""
        last = self.last_try(event)
        if now >= last:
            return None
        known = attempts <= len(self.schedule)
        delay_s = self.schedule[attempts - 1] if known else LATER_S * random.uniform(0.9, 1.1)
        return min(now + timedelta(seconds=delay_s), last)
