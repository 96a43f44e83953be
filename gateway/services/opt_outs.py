"""Opt-outs of what is in hand: the store was asked about its recipients before it came here."""

from __future__ import annotations

from datetime import datetime

from gateway.domain.account import Env
from gateway.domain.message import Message

MAX_REMEMBERED = 100_000

Stopped = tuple[str, Env, str, str]
"""Account, environment, sub-tenant ("": all of them), number."""


class OptOuts:
    """Who has opted out lately, and when."""

    def __init__(self) -> None:
        self.known: dict[Stopped, datetime] = {}  #: by time; read alone

    def add(self, who: Stopped, at: datetime) -> None:
        """This recipient must not be written to any more."""
        self.known.pop(who, None)
        self.known[who] = at
        if len(self.known) > MAX_REMEMBERED:  # the oldest: what was in hand then has long been written
            del self.known[next(iter(self.known))]

    def lift(self, who: Stopped) -> None:
        """The recipient may be written to again."""
        self.known.pop(who, None)

    def stop(self, message: Message, checked_at: datetime) -> bool:
        """Whether its recipient has opted out since the store was asked."""
        for sub_tenant in {"", message.sub_tenant}:
            at = self.known.get((message.account, message.env, sub_tenant, message.recipient))
            if at is not None and at >= checked_at:
                return True
        return False
