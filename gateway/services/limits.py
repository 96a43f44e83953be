"""The limits of an account against fraud and mistakes: countries, segments, how often to whom, numbers in a row.

Counted when a message is accepted, per account and environment, in this process. What another process counts comes
through `Guard.seen`, where processes tell each other (`Told`); where they do not, each keeps to its even part.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Protocol

from gateway.domain.account import Caller, Env, Policy
from gateway.domain.message import Message
from gateway.domain.send import Refusal, Why
from gateway.metrics import Metrics
from routing.ranges import BLOCK_DIGITS, Owner, Series, Velocity, as_int, block_of, countries_of

WINDOW_S: Final = 3600.0  #: of `recipient_per_h` and `prefix_per_h`
SERIES_S: Final = 600.0  #: a number in a row follows its neighbour within so long
MAX_COUNTED: Final = 400_000  #: messages remembered per velocity, over all accounts: 110 MB at the most
MAX_IN_SERIES: Final = 100_000  #: numbers remembered for series, over all accounts: 25 MB at the most
SHOWN_COUNTRIES: Final = 12

LIMIT_OF_WHY: Final[dict[Why, str]] = {
    Why.SENDER_NOT_ALLOWED: "allowed_senders",
    Why.COUNTRY_NOT_ALLOWED: "allowed_countries",
    Why.TOO_MANY_SEGMENTS: "max_segments",
    Why.TOO_MANY_TO_RECIPIENT: "recipient_per_h",
    Why.TOO_MANY_TO_PREFIX: "prefix_per_h",
    Why.NUMBERS_IN_A_ROW: "numbers_in_a_row",
    Why.SPENDING_CAP: "spend_per_day",
    Why.INSUFFICIENT_BALANCE: "balance",
}
"""The refusals that a limit makes, and the limit: the account's setting, or its balance."""

OnBite = Callable[[str, Env, str, str], None]
"""Account, environment, limit, and the refusal's detail."""


class Seen(enum.StrEnum):
    """What processes tell each other of a number."""

    COUNTED = "+"  #: a message to it goes on its way
    TAKEN_BACK = "-"  #: it was not kept after all
    TRIED = "!"  #: refused, as one of a series


OnSeen = Callable[[Owner, int, float, Seen], None]
"""Whose number, the number, when, and what of it."""


class Told(Protocol):
    """How processes tell each other what they count."""

    @property
    def well(self) -> bool:
        """Whether all that others count is heard, as far as this process can tell."""
        ...

    def tell(self, owner: Owner, number: int, at: float, what: Seen) -> None:
        """This was seen here. Does not wait, and never raises."""
        ...

    def subscribe(self, listener: OnSeen) -> None:
        """Who is to know what other processes have seen."""
        ...


class Alone:
    """Nobody tells anything."""

    well = False

    def tell(self, owner: Owner, number: int, at: float, what: Seen) -> None:
        """Nobody listens."""

    def subscribe(self, listener: OnSeen) -> None:
        """Nobody speaks."""


class Guard:
    """`gateway.services.submit.Guard`: what accounts may do, and what they have done lately."""

    def __init__(
        self,
        metrics: Metrics,
        on_bite: OnBite | None = None,
        takers: Callable[[], int] = lambda: 1,
        told: Told | None = None,
    ) -> None:
        """`takers`: how many processes take messages in, this one included. `on_bite` hears of each refusal by a limit,
        on the event loop's thread, and must cost next to nothing."""
        self._metrics = metrics
        self._on_bite = on_bite
        self._takers = takers
        self._told = told or Alone()
        self._to_recipients = Velocity(WINDOW_S, MAX_COUNTED)
        self._to_blocks = Velocity(WINDOW_S, MAX_COUNTED)
        self._series = Series(SERIES_S, MAX_IN_SERIES)
        self._told.subscribe(self.seen)
        for limit in LIMIT_OF_WHY.values():
            metrics.limits_refused.of(limit)

    def refusal(self, caller: Caller, message: Message, now: datetime) -> Refusal | None:
        """Why a message is refused; None, and it is counted: `take_back` when it is not kept after all."""
        policy = caller.policy
        if policy.allowed_countries is not None:
            refusal = country_refused(message.recipient, policy.allowed_countries)
            if refusal is not None:
                return refusal
        if 0 < policy.max_segments < message.segment_count:
            return Refusal(
                Why.TOO_MANY_SEGMENTS,
                f"The text makes {message.segment_count} segments; a message of this account may have at most "
                f"{policy.max_segments}. Shorten it.",
            )
        if counts(policy):
            return self._too_many(caller, message.recipient, now.timestamp())
        return None

    def _too_many(self, caller: Caller, recipient: str, now: float) -> Refusal | None:
        policy, owner, number = caller.policy, (caller.account, caller.env.value), as_int(recipient)
        if policy.recipient_per_h:
            wait_s = self._to_recipients.wait_s(owner, number, self._part(policy.recipient_per_h), now)
            if wait_s:
                return Refusal(
                    Why.TOO_MANY_TO_RECIPIENT,
                    f"This account may send {policy.recipient_per_h} messages to one number within an hour; "
                    f"{recipient} has had as many. Try again in {in_words(wait_s)}.",
                    retry_after_s=math.ceil(wait_s),
                )
        if policy.prefix_per_h:
            wait_s = self._to_blocks.wait_s(owner, block_of(number), self._part(policy.prefix_per_h), now)
            if wait_s:
                return Refusal(
                    Why.TOO_MANY_TO_PREFIX,
                    f"This account may send {policy.prefix_per_h} messages within an hour to numbers that begin with "
                    f"+{block_of(number)} and have {BLOCK_DIGITS} more digits; it has sent as many. "
                    f"Try again in {in_words(wait_s)}.",
                    retry_after_s=math.ceil(wait_s),
                )
        length = self._series.add(owner, number, now)
        if 0 < policy.numbers_in_a_row <= length:
            self._told.tell(owner, number, now, Seen.TRIED)
            return Refusal(
                Why.NUMBERS_IN_A_ROW,
                f"{recipient} is the number {length} of a series of adjacent numbers; this account's messages are "
                f"refused from the number {policy.numbers_in_a_row} on. Try again when no number next to it has been "
                f"tried for {in_words(SERIES_S)}.",
            )
        self._count(owner, number, now)
        self._told.tell(owner, number, now, Seen.COUNTED)
        return None

    def _part(self, limit: int) -> int:
        """What this process may let through of a limit: all of it where it hears of what others do."""
        return limit if self._told.well else max(1, limit // self._takers())

    def _count(self, owner: Owner, number: int, at: float) -> None:
        self._to_recipients.add(owner, number, at)
        self._to_blocks.add(owner, block_of(number), at)

    def take_back(self, caller: Caller, messages: Iterable[Message]) -> None:
        """These were counted and are not kept: the store refused them, or knew them already. A series stays as long as
        it was: it is the trying that shows, and the same number again makes it no longer."""
        if not counts(caller.policy):
            return
        owner = (caller.account, caller.env.value)
        for message in messages:
            number, at = as_int(message.recipient), message.accepted_at.timestamp()
            self.seen(owner, number, at, Seen.TAKEN_BACK)
            self._told.tell(owner, number, at, Seen.TAKEN_BACK)

    def seen(self, owner: Owner, number: int, at: float, what: Seen) -> None:
        """Another process has seen this."""
        if what is Seen.TAKEN_BACK:
            self._to_recipients.take_back(owner, number, at)
            self._to_blocks.take_back(owner, block_of(number), at)
            return
        self._series.add(owner, number, at)
        if what is Seen.COUNTED:
            self._count(owner, number, at)

    def bitten(self, caller: Caller, refusals: Iterable[Refusal]) -> None:
        """These refusals were given: limits among them are counted, and told of."""
        for refusal in refusals:
            limit = LIMIT_OF_WHY.get(refusal.why)
            if limit is None:
                continue
            self._metrics.limits_refused.add(limit)
            if self._on_bite is not None:
                self._on_bite(caller.account, caller.env, limit, refusal.detail)


def counts(policy: Policy) -> bool:
    """Whether messages are counted by their numbers."""
    return bool(policy.recipient_per_h or policy.prefix_per_h or policy.numbers_in_a_row)


def country_refused(recipient: str, allowed: frozenset[str]) -> Refusal | None:
    """Why an account that may send to these countries may not send to a number; None: it may.

    Of a number that no numbering plan knows yet, every country that it may belong to must be allowed.
    """
    countries = countries_of(recipient)
    if countries and countries <= allowed:
        return None
    return Refusal(
        Why.COUNTRY_NOT_ALLOWED,
        f"{recipient} {whose(countries)}; this account may send to {some_of(allowed)}. "
        "Trying again does not help before that is changed.",
    )


def whose(countries: frozenset[str]) -> str:
    """Whose number it is, for a person."""
    if not countries:
        return "is a number of no known country"
    return f"{'is a number of' if len(countries) == 1 else 'may be a number of any of'} {some_of(countries)}"


def some_of(countries: frozenset[str]) -> str:
    """Countries for a sentence: not more of them than one reads."""
    shown = sorted(countries)
    more = f" and {len(shown) - SHOWN_COUNTRIES} more" if len(shown) > SHOWN_COUNTRIES else ""
    return (", ".join(shown[:SHOWN_COUNTRIES]) or "none") + more


def in_words(wait_s: float) -> str:
    """A time for a person, never shorter than it is."""
    seconds = math.ceil(wait_s)
    if seconds < 120:
        return f"{seconds} seconds" if seconds != 1 else "1 second"
    return f"{math.ceil(seconds / 60)} minutes"
