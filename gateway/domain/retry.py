"""What happens after a hand-over that did not put every part with the carrier: a pure decision.

The classes are those of the outcomes (field.md, 4.3): a passing fault is tried again on the same operator
after growing steps, a carrier that can't take the message is left for the next one at once, a refusal is
final, a part in doubt follows the operator's `on_doubt`. Once any part has the carrier's ESME_ROK the
message stays with its operator, unless `resplit_on_failover` allows all of it to be sent again elsewhere.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.message import End, Message, Then, Wait
from gateway.domain.outcome import (
    Accepted,
    Doubt,
    NextRoute,
    Outcome,
    Refused,
    Retry,
    SessionFault,
    Throttled,
)
from gateway.domain.words import Reason


class OnDoubt(enum.StrEnum):
    """What to do with a part that was written and not answered."""

    WAIT = "wait"  #: wait for a receipt for `on_doubt_wait_s`, then send it again
    RESEND = "resend"  #: send it again at once
    FAIL = "fail"  #: end the message as `unconfirmed`


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """One operator's patience. Precedents for the steps: Jasmin 30 to 300 s, NowSMS 20 tries; short first steps
    because most passing faults of an SMSC pass in seconds."""

    steps_s: tuple[float, ...] = (1.0, 5.0, 30.0, 120.0, 300.0)
    max_attempts: int = 50
    on_doubt: OnDoubt = OnDoubt.WAIT
    on_doubt_wait_s: float = 300.0
    resplit_on_failover: bool = False


NextOperator = Callable[[Message, frozenset[str], bool], str | None]
"""The first operator of the message's route besides the given ones: one that is usable, else, where the last argument
allows it, one that is down, to wait for."""

LONGEST_PAUSE_S = 30.0

_NO_FAULT = frozenset({Accepted, SessionFault, Throttled})
"""Outcomes that say nothing against the message: its attempts are not counted by them."""


def after_hand_over(
    message: Message,
    outcomes: Iterable[Outcome],
    any_with_carrier: bool,
    policy: RetryPolicy,
    next_operator: NextOperator,
    now: datetime,
) -> Then | None:
    """What becomes of the message; None when every part was accepted.

    `any_with_carrier`: the carrier has taken a part of this split, in this hand-over or an earlier one.
    """
    by_kind: dict[type, Outcome] = {}
    for outcome in outcomes:
        by_kind.setdefault(type(outcome), outcome)
    taken = any_with_carrier or Accepted in by_kind
    refused = by_kind.get(Refused)
    if isinstance(refused, Refused):
        return End(refused.reason, f"refused by {message.operator}: {refused.error}", refused.error)
    if by_kind.keys() <= {Accepted}:
        return None
    if message.attempts >= policy.max_attempts and not by_kind.keys() <= _NO_FAULT:
        last = next(o for o in by_kind.values() if not isinstance(o, (Accepted, SessionFault, Throttled)))
        return End(
            Reason.TOO_MANY_ATTEMPTS, f"{message.attempts} attempts; the last: {last.error}", last.error
        )
    blocked = by_kind.get(NextRoute)
    if isinstance(blocked, NextRoute):
        elsewhere = _elsewhere(message, taken, policy, next_operator)
        if elsewhere is not None:
            return Wait(elsewhere, now, left=message.operator)
        return End(
            blocked.reason, f"no other operator after {message.operator}: {blocked.error}", blocked.error
        )
    doubt = by_kind.get(Doubt)
    if isinstance(doubt, Doubt):
        return in_doubt(message, policy, doubt.error, now)
    retry = by_kind.get(Retry)
    if isinstance(retry, Retry):
        return _try_again(message, retry, taken, policy, next_operator, now)
    return _not_written(message, taken, next_operator, now)


def in_doubt(message: Message, policy: RetryPolicy, error: str, now: datetime) -> Then:
    """What becomes of a message with a part in doubt, as its operator's `on_doubt` says (DESIGN.md, promise
    2).
    """
    if policy.on_doubt is OnDoubt.FAIL:
        return End(Reason.UNCONFIRMED, f"written to {message.operator} and never answered: {error}", error)
    wait_s = policy.on_doubt_wait_s if policy.on_doubt is OnDoubt.WAIT else 0.0
    return Wait(message.operator, now + timedelta(seconds=wait_s))


def _try_again(
    message: Message,
    retry: Retry,
    taken: bool,
    policy: RetryPolicy,
    next_operator: NextOperator,
    now: datetime,
) -> Then:
    """A passing fault: the same operator after its steps, then the next one."""
    at_most = len(policy.steps_s) if retry.at_most is None else retry.at_most
    if message.tries <= min(at_most, len(policy.steps_s)):
        after_s = retry.after_s if retry.after_s is not None else policy.steps_s[max(message.tries, 1) - 1]
        return Wait(message.operator, now + timedelta(seconds=after_s))
    elsewhere = _elsewhere(message, taken, policy, next_operator)
    if elsewhere is not None:
        return Wait(elsewhere, now, left=message.operator)
    return End(
        Reason.TOO_MANY_ATTEMPTS, f"{message.tries} tries on {message.operator}: {retry.error}", retry.error
    )


def _not_written(message: Message, taken: bool, next_operator: NextOperator, now: datetime) -> Wait:
    """The link went away before the part was written, or the carrier refused it for its link's sake: no fault of the
    message's."""
    elsewhere = None if taken else _besides(message, next_operator, or_down=False)
    if elsewhere is not None:
        return Wait(elsewhere, now, counts=False)
    # At once the first time. A carrier that refuses every part for its link's sake must not become a busy loop.
    pause_s = min(2.0 ** min(message.attempts - 2, 10), LONGEST_PAUSE_S) if message.attempts > 1 else 0.0
    return Wait(message.operator, now + timedelta(seconds=pause_s), counts=False)


def overdue(message: Message) -> End:
    """How a message ends whose validity is over while it waits."""
    if message.doubt:
        return End(Reason.UNCONFIRMED, "its validity ended while a part was written and not answered")
    return End(Reason.EXPIRED, "its validity ended before a carrier took it")


def without_receipt() -> End:
    """How a message ends that a carrier took and of which it never told the end, though it was asked to, when validity
    and grace are over. A receipt that comes later is counted, and changes nothing."""
    return End(Reason.EXPIRED, "no final receipt came before its validity ended")


def _elsewhere(message: Message, taken: bool, policy: RetryPolicy, next_operator: NextOperator) -> str | None:
    """Who has a message next that its operator won't have: for one that is down it waits."""
    if taken and not policy.resplit_on_failover:
        return None
    return _besides(message, next_operator, or_down=True)


def _besides(message: Message, next_operator: NextOperator, *, or_down: bool) -> str | None:
    left = message.tried if message.operator is None else (*message.tried, message.operator)
    return next_operator(message, frozenset(left), or_down)
