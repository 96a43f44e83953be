"""What an engine decides about requests, between what it has read and what it writes: idempotency, then suppression,
then money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from gateway.domain.message import Message
from gateway.domain.send import (
    Acceptance,
    Accepted,
    AcceptResult,
    FieldError,
    IdempotencyKey,
    KeyConflict,
    Refusal,
    Taken,
    Why,
)
from storage import rows
from storage.money import Till

KEY_LIFETIME = timedelta(hours=48)

_WHY_LISTED = "it has opted out, can't be reached, or was put there by hand"

Suppressed = set[tuple[str, str, str, str]]
"""(number, account, env, sub-tenant) of suppression rows."""


def is_suppressed(found: Suppressed, message: Message) -> bool:
    """Whether its account, or its sub-tenant, must not write to the message's recipient."""
    if not found or message.bypass:
        return False
    key = (message.recipient, message.account, message.env.value)
    return (*key, "") in found or (*key, message.sub_tenant) in found


def opted_out(recipient: str) -> Refusal:
    """What a suppressed recipient's sender is told."""
    return Refusal(Why.SUPPRESSED, f"{recipient} is on your suppression list: {_WHY_LISTED}")


KeyRow = tuple[Any, ...]
"""(digest, method, path, body digest, results, time) of a key that was used."""


def decide(
    calls: list[Sequence[Acceptance]], used: dict[bytes, KeyRow], found: Suppressed, till: Till
) -> tuple[list[list[AcceptResult]], list[Message], dict[bytes, KeyRow]]:
    """What becomes of each acceptance, the messages to be kept, and the keys that were used. `used` are the keys known
    so far, by digest, `found` the suppression rows of the recipients, and `till` takes the money."""
    kept: list[Message] = []
    keys: dict[bytes, KeyRow] = {}
    answers: list[list[AcceptResult]] = []
    for call in calls:
        results: list[AcceptResult] = []
        for acceptance in call:
            result = known(acceptance.key, used, acceptance.now)
            if result is None:
                result = Accepted(take(acceptance, found, kept, till))
                remember(acceptance, result, used, keys)
            results.append(result)
        answers.append(results)
    return answers, kept, keys


def known(key: IdempotencyKey | None, used: dict[bytes, KeyRow], now: datetime) -> AcceptResult | None:
    """The replay or conflict that a key asks for, None when it is new or past its time."""
    if key is None or not used:
        return None
    row = used.get(key.digest)
    if row is None or row[5] <= rows.micros(now - KEY_LIFETIME):
        return None
    if (row[1], row[2], row[3]) != (key.method, key.path, key.body_digest):
        return KeyConflict()
    return Accepted(read_results(row[4]), replayed=True)


def take(acceptance: Acceptance, found: Suppressed, kept: list[Message], till: Till) -> list[Taken | Refusal]:
    """The results of a new acceptance's items; messages that are taken are added to `kept`."""
    results: list[Taken | Refusal] = []
    passed: list[Message] = []
    for item in acceptance.items:
        if isinstance(item, Refusal):
            results.append(item)
        elif found and is_suppressed(found, item):
            results.append(opted_out(item.recipient))
        elif item.charge is None or acceptance.together or (refusal := till.pay(item, acceptance)) is None:
            passed.append(item)
            results.append(Taken(item.id, item.status, item.segment_count, item.accepted_at))
        else:
            results.append(refusal)
    if acceptance.together and (refusal := till.pay_together(passed, acceptance)) is not None:
        return [refusal if isinstance(result, Taken) else result for result in results]
    kept += passed
    return results


def remember(
    acceptance: Acceptance,
    result: Accepted,
    used: dict[bytes, KeyRow],
    keys: dict[bytes, KeyRow],
) -> None:
    """Keep the result for its key, for later requests of the same batch too. A request of which nothing was taken
    is no use of its key: it may be tried again."""
    key = acceptance.key
    if key is None or Taken not in map(type, result.items):
        return
    now = acceptance.now
    at = rows.micros(now)
    used[key.digest] = keys[key.digest] = (*key, write_results(result.items, now, at), at)


def write_results(items: list[Taken | Refusal], now: datetime | None = None, at: int = 0) -> str:
    """`at`: `now` as it is written, for that is when what is new was accepted."""
    documents: list[tuple[Any, ...]] = []
    for item in items:
        if isinstance(item, Taken):
            message_id, status, segment_count, accepted_at = item
            taken_at = at if accepted_at is now else rows.micros(accepted_at)
            documents.append((message_id.hex(), status._value_, segment_count, taken_at))
        else:
            documents.append((item.why.value, item.detail, [(f.pointer, f.detail) for f in item.fields]))
    return rows.json_text(documents)


def read_results(text: str) -> list[Taken | Refusal]:
    items: list[Taken | Refusal] = []
    for item in orjson.loads(text):
        if len(item) == 4:
            message_id, status, segment_count, accepted_at = item
            taken = Taken(
                bytes.fromhex(message_id), rows.STATUSES[status], segment_count, rows.moment(accepted_at)
            )
            items.append(taken)
        else:
            why, detail, fields = item
            items.append(Refusal(Why(why), detail, tuple(FieldError(*each) for each in fields)))
    return items
