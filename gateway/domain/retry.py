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
from gateway.domain.outcome import Accepted, Doubt, NextRoute, Outcome, Refused, Retry, SessionFault
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


NextOperator = Callable[[Message, frozenset[str]], str | None]
"""The first usable operator of the message's route besides the given ones."""


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
    if message.attempts >= policy.max_attempts and not by_kind.keys() <= {Accepted, SessionFault}:
        last = next(o for o in by_kind.values() if not isinstance(o, Accepted))
        return End(
            Reason.TOO_MANY_ATTEMPTS, f"{message.attempts} attempts; the last: {last.error}", last.error
        )
    elsewhere = _elsewhere(message, taken, policy, next_operator)
    blocked = by_kind.get(NextRoute)
    if isinstance(blocked, NextRoute):
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
        at_most = len(policy.steps_s) if retry.at_most is None else retry.at_most
        if message.tries <= min(at_most, len(policy.steps_s)):
            after_s = (
                retry.after_s if retry.after_s is not None else policy.steps_s[max(message.tries, 1) - 1]
            )
            return Wait(message.operator, now + timedelta(seconds=after_s))
        if elsewhere is not None:
            return Wait(elsewhere, now, left=message.operator)
        return End(
            Reason.TOO_MANY_ATTEMPTS,
            f"{message.tries} tries on {message.operator}: {retry.error}",
            retry.error,
        )
    # The link went away before the part was written: no fault of the message's.
    return Wait(elsewhere if elsewhere is not None and not taken else message.operator, now, counts=False)


def in_doubt(message: Message, policy: RetryPolicy, error: str, now: datetime) -> Then:
    """What becomes of a message with a part in doubt, as its operator's `on_doubt` says (DESIGN.md, promise
    2).
    """
    if policy.on_doubt is OnDoubt.FAIL:
        return End(Reason.UNCONFIRMED, f"written to {message.operator} and never answered: {error}", error)
    wait_s = policy.on_doubt_wait_s if policy.on_doubt is OnDoubt.WAIT else 0.0
    return Wait(message.operator, now + timedelta(seconds=wait_s))


def _elsewhere(message: Message, taken: bool, policy: RetryPolicy, next_operator: NextOperator) -> str | None:
    if taken and not policy.resplit_on_failover:
        return None
    exclude = set(message.tried)
    if message.operator is not None:
        exclude.add(message.operator)
    return next_operator(message, frozenset(exclude))
