"""The clocks of one SMPP link, as a pure object: it is told the time and says what is due.

Four timers (SMPP 3.4, 7.2), each in seconds, 0 switches it off:

- session_init: a connection must be bound within it;
- enquire_link: how long the peer may be silent before we ask whether it is there;
- response: how long a request may stay unanswered (bind, unbind, enquire_link here; the window of submit_sm
  keeps its own times in `smpp.session`);
- inactivity: how long a bound session may pass without a transaction; enquire_link does not count as one.

`now` is a monotonic float in seconds everywhere.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimerLimits:
    """Lengths of the timers of one link, in seconds; 0 means never."""

    session_init_s: float = 30.0
    enquire_link_s: float = 30.0
    response_s: float = 30.0
    # Off by default: a quiet night is no reason to give up the bind that brings the receipts.
    inactivity_s: float = 0.0

    @property
    def shortest_s(self) -> float:
        """What begins to run now is not due before this; infinity where nothing runs."""
        lengths = (self.session_init_s, self.enquire_link_s, self.response_s, self.inactivity_s)
        return min([length for length in lengths if length > 0], default=math.inf)


class Due(enum.Enum):
    """What a timer asks the session to do."""

    SESSION_INIT = "not bound in time"
    BIND_UNANSWERED = "bind not answered"
    UNBIND_UNANSWERED = "unbind not answered"
    ENQUIRE = "peer silent: ask it"
    ENQUIRE_UNANSWERED = "enquire_link not answered"
    INACTIVE = "no transaction for too long"


class LinkTimers:
    """When the link must be looked at next, and why."""

    __slots__ = (
        "_asked_at",
        "_bind_at",
        "_bound",
        "_limits",
        "_opened_at",
        "_unbind_at",
        "heard_at",
        "used_at",
    )

    def __init__(self, limits: TimerLimits, now: float) -> None:
        self._limits = limits
        self._opened_at = now
        self._bound = False
        self._bind_at: float | None = None
        self._unbind_at: float | None = None
        self._asked_at: float | None = None
        # The session writes these for each PDU: attributes, because calls would show in the profile.
        self.heard_at = now
        self.used_at = now

    def bind_sent(self, now: float) -> None:
        """Our bind is on its way: its answer is due within the response timer."""
        self._bind_at = now

    def bound(self, now: float) -> None:
        """The session is bound: from here silence and inactivity are watched."""
        self._bound = True
        self._bind_at = None
        self.used_at = now

    def unbind_sent(self, now: float) -> None:
        """Our unbind is on its way: its answer is due within the response timer."""
        self._unbind_at = now

    def asked(self, now: float) -> None:
        """An enquire_link is on its way."""
        self._asked_at = now

    def heard(self, now: float) -> None:
        """Bytes came in. Any prove that the peer lives, so they settle a pending enquire_link too."""
        self.heard_at = now
        self._asked_at = None

    def deadline(self) -> float | None:
        """The next moment at which `due` can say something, or None when no timer runs."""
        limits, asked_at = self._limits, self._asked_at
        if not self._bound or self._bind_at is not None or self._unbind_at is not None:
            return min([at for at, _ in self._running()], default=None)
        # A link at work: asked for at each write, so without the list. tests/unit/smpp/test_timers.py holds both equal.
        if asked_at is None:
            first = self.heard_at + limits.enquire_link_s if limits.enquire_link_s > 0 else None
        else:
            first = asked_at + limits.response_s if limits.response_s > 0 else None
        if limits.inactivity_s > 0:
            idle_at = self.used_at + limits.inactivity_s
            first = idle_at if first is None or idle_at < first else first
        return first

    def due(self, now: float) -> Due | None:
        """What is due at `now`; of several the one that was due first. The session acts, then asks again."""
        reached = [(at, what) for at, what in self._running() if at <= now]
        return min(reached, key=lambda timer: timer[0])[1] if reached else None

    def _running(self) -> list[tuple[float, Due]]:
        limits = self._limits
        started = [
            (None if self._bound else self._opened_at, limits.session_init_s, Due.SESSION_INIT),
            (self._bind_at, limits.response_s, Due.BIND_UNANSWERED),
            (self._unbind_at, limits.response_s, Due.UNBIND_UNANSWERED),
            (self._asked_at, limits.response_s, Due.ENQUIRE_UNANSWERED),
            (self._silence_from(), limits.enquire_link_s, Due.ENQUIRE),
            (self._idle_from(), limits.inactivity_s, Due.INACTIVE),
        ]
        return [(at + length, what) for at, length, what in started if at is not None and length > 0]

    def _silence_from(self) -> float | None:
        # Only what we hear counts: what we send proves nothing about the peer (smpplib#119, gosmpp#135).
        return self.heard_at if self._bound and self._asked_at is None else None

    def _idle_from(self) -> float | None:
        return self.used_at if self._bound and self._unbind_at is None else None
