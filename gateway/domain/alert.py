"""Alerts: what an account asked to be told of its traffic and its money; kept as a list, sent to its alert webhook."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.account import Env


class AlertKind(enum.StrEnum):
    """What an alert is about."""

    LOW_BALANCE = "low_balance"  #: `data`: balance, threshold, currency
    FAILURES = "failures"  #: `data`: count, threshold, window_s
    LIMIT = "limit"  #: a limit against fraud and mistakes has refused something; `data`: limit, and what it was about


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert."""

    id: bytes  #: UUIDv7
    account: str
    env: Env
    kind: AlertKind
    at: datetime
    data: dict[str, object]  #: as JSON has it; decimals as text
