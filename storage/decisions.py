"""The dispatcher's decisions, message by message, between an engine's reads and its writes.

`loaded` are the messages that the verb has read, `changes` gathers what it has to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from gateway.domain.message import Answer, Message, Step, Wait, advance, wait
from gateway.domain.outcome import Accepted
from gateway.domain.receipt import Receipt
from gateway.domain.words import Status
from gateway.ports import Claimed, DecideAnswers, DecideMessage, DecideRecovery, Owner, Recovery
from storage.acceptance import Suppressed, is_suppressed
from storage.changes import Changes, Loaded
from storage.matching import Key

Move = tuple[bytes, str | None, str | None, str | None]
"""(message id, from operator, to operator, route)."""


Journal = Mapping[tuple[bytes, int], list[tuple[int, int]]]
"""The written (part, total) of (message id, attempt)."""


def claim(
    entries: Iterable[Loaded], owner: Owner, found: Suppressed, now: datetime, changes: Changes
) -> list[Claimed]:
    """Give these due messages to `owner`. `found`: the suppression rows of their recipients."""
    claimed = []
    for entry in entries:
        message = entry.message
        if message.status is Status.SCHEDULED:
            advance(message, Status.QUEUED, now)
        message.owner, message.token, message.next_at = owner.number, owner.token, None
        message.attempts += 1
        message.tries += 1
        changes.touch(entry)
        claimed.append(Claimed(message, entry.parts, is_suppressed(found, message)))
    return claimed


def reassign(calls: Iterable[Sequence[Move]], loaded: Mapping[bytes, Loaded], changes: Changes) -> list[int]:
    """How many of each call's messages still waited for the operator that they leave."""
    counts = []
    for call in calls:
        count = 0
        for message_id, from_operator, to_operator, route in call:
            entry = loaded.get(message_id)
            if entry is None or not _waits_for(entry.message, from_operator):
                continue
            message = entry.message
            assert message.next_at is not None
            wait(Step(message), Wait(to_operator, message.next_at))
            message.route = route
            changes.touch(entry)
            count += 1
        counts.append(count)
    return counts


def record(
    calls: Iterable[Sequence[Answer]],
    loaded: Mapping[bytes, Loaded],
    overtaken: dict[Key, list[Receipt]],
    decide: DecideAnswers,
    changes: Changes,
) -> list[list[Step]]:
    """The steps of each call's answers. A message that two calls touch is decided for each."""
    results = []
    for call in calls:
        groups: dict[bytes, list[Answer]] = {}
        for answer in call:
            groups.setdefault(answer.message_id, []).append(answer)
        steps = []
        for message_id, its in groups.items():
            entry = loaded.get(message_id)
            if entry is None:
                continue  # dropped by retention, or never here
            step = decide(entry.message, entry.parts, its, _receipts_of(its, overtaken))
            changes.take(entry, step)
            steps.append(step)
        results.append(steps)
    return results


def change(
    calls: Iterable[Sequence[bytes]], loaded: Mapping[bytes, Loaded], decide: DecideMessage, changes: Changes
) -> list[list[Step | None]]:
    """One step or None per id of each call."""
    results: list[list[Step | None]] = []
    for call in calls:
        steps: list[Step | None] = []
        for message_id in call:
            entry = loaded.get(message_id)
            step = None if entry is None else decide(entry.message, entry.parts)
            if entry is not None and step is not None:
                changes.take(entry, step)
            steps.append(step)
        results.append(steps)
    return results


def recover(
    entries: Iterable[Loaded],
    is_dead: Callable[[int], bool],
    journal: Journal | None,
    decide: DecideRecovery,
    changes: Changes,
) -> int:
    """Decide on those that a dead process holds; how many there were."""
    count = 0
    for entry in entries:
        message = entry.message
        if message.owner is None or not is_dead(message.owner):
            continue
        written = None if journal is None else journal.get((message.id, message.attempts), [])
        changes.take(entry, decide(Recovery(message, entry.parts, written)))
        count += 1
    return count


def _waits_for(message: Message, operator: str | None) -> bool:
    """Whether it waits for the operator."""
    return message.next_at is not None and message.owner is None and message.operator == operator


def _receipts_of(answers: list[Answer], overtaken: dict[Key, list[Receipt]]) -> list[tuple[int, Receipt]]:
    """The receipts that overtook these answers, each once, with the index of its answer."""
    if not overtaken:
        return []
    found = []
    for index, answer in enumerate(answers):
        if isinstance(answer.outcome, Accepted):
            key = (answer.operator, answer.outcome.ref, answer.recipient)
            found += [(index, receipt) for receipt in overtaken.pop(key, ())]
    return found
