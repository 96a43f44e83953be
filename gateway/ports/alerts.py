"""Alerts: what an account was told, and what it is to be told no second time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.account import Env
from gateway.domain.alert import Alert
from gateway.domain.event import Event
from gateway.ports.pages import LOOKS, Page


@dataclass(frozen=True, slots=True)
class Mark:
    """An alert that was told and is not over: (account, env, subject) names it; while it stands, none is told again."""

    account: str
    env: Env
    subject: str  #: `balance:EUR:5.00`, `failures`, `limit:...`


class AlertStore(Protocol):
    """Alerts and the marks that keep them from being told again."""

    async def tell(self, mark: Mark, alert: Alert, event: Event | None) -> bool:
        """Keep an alert and its webhook event, unless the mark stands already; whether it was kept."""
        ...

    async def clear_marks(self, marks: Sequence[Mark]) -> None:
        """What they stand for is over: the next time it is told again."""
        ...

    async def marks(self) -> list[Mark]: ...
    async def alerts(
        self, account: str | None, env: Env | None, before: bytes | None, limit: int, looks: int = LOOKS
    ) -> Page[Alert, bytes]:
        """Newest first. `before`: ids smaller than this one. `looks`: how many alerts it goes through for those of one
        environment of all accounts."""
        ...

    async def failures(self, since: datetime) -> dict[tuple[str, Env], int]:
        """How many messages of each account ended failed or undeliverable since, to the minute."""
        ...
