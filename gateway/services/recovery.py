"""After a crash: what a dead process had in its hands goes back to the queue, or is in doubt (DESIGN.md,
promise 2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from gateway.domain.message import Message, PartRow, Step, Wait, latest, settle
from gateway.domain.retry import RetryPolicy, in_doubt
from gateway.domain.words import PartState
from gateway.ports import Recovery
from gateway.services.events import Announcer

_ERROR = "the gateway ended before the answer was recorded"


def decide_recovery(
    recovery: Recovery,
    policies: Mapping[str, RetryPolicy],
    part_count: Callable[[Message], int],
    announcer: Announcer,
    now: datetime,
) -> Step:
    """Not in the journal: back to the queue, as if it had not been claimed. In the journal and not answered: in doubt.

    Where the journal can't tell, all of the last attempt is in doubt; `part_count` says how many parts it
    had.
    """
    message = recovery.message
    step = Step(message)
    current = latest(message, recovery.rows)
    written = recovery.written
    if written is None:
        total = message.part_count or part_count(message)
        written = [(part, total) for part in range(1, total + 1)]
    doubtful = False
    for part, total in written:
        known = current.get(part)
        if known is not None and known.attempt >= message.attempts:
            continue  # its answer was recorded
        row = PartRow(
            message.id,
            message.attempts,
            part,
            message.operator or "",
            PartState.DOUBT,
            None,
            _ERROR,
            now,
            None,
            message.sender,
            message.recipient,
        )
        step.keep(row)
        current[part] = row
        message.part_count = total
        doubtful = True
    if doubtful:
        policy = policies.get(message.operator or "", RetryPolicy())
        settle(step, current, in_doubt(message, policy, _ERROR, now), now)
    else:
        if not any(row.attempt == message.attempts for row in recovery.rows) and message.attempts:
            message.attempts -= 1  # this hand-over never happened
        settle(step, current, Wait(message.operator, now, counts=False), now)
    announcer.announce(step, now)
    return step
