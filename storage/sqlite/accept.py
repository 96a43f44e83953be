"""Messages in: idempotency, then suppression, then all rows of a request in one commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from storage.sqlite.database import Database
from storage.sqlite.late import LateIndex
from storage.sqlite.messages import Messages

KEY_LIFETIME = timedelta(hours=48)

Suppressed = set[tuple[str, str, str, str]]
"""(number, account, env, sub-tenant) of suppression rows."""


def suppressed_among(database: Database, numbers: Iterable[str]) -> Suppressed:
    """The suppression rows of these numbers, of any account."""
    return set(database.many("suppressed", sorted(set(numbers))))


def is_suppressed(found: Suppressed, message: Message) -> bool:
    """Whether its account, or its sub-tenant, must not write to the message's recipient."""
    if not found or message.bypass:
        return False
    key = (message.recipient, message.account, message.env.value)
    return (*key, "") in found or (*key, message.sub_tenant) in found


def opted_out(recipient: str) -> Refusal:
    """What a suppressed recipient's sender is told."""
    return Refusal(Why.SUPPRESSED, f"{recipient} has opted out: it is on your suppression list")


class Accepting:
    """The verb `accept` and the look-up of a key."""

    def __init__(self, database: Database, messages: Messages, digests: LateIndex) -> None:
        self._db = database
        self._digests = digests
        self._messages = messages

    def accept(self, calls: list[Sequence[Acceptance]]) -> list[list[AcceptResult]]:
        """One result per acceptance; see `Store.accept`."""
        acceptances = [acceptance for call in calls for acceptance in call]
        used = self._keys_used([a.key.digest for a in acceptances if a.key is not None])
        found = suppressed_among(
            self._db, (item.recipient for a in acceptances for item in a.items if isinstance(item, Message))
        )
        kept: list[Message] = []
        keys: dict[bytes, tuple[Any, ...]] = {}
        answers: list[list[AcceptResult]] = []
        for call in calls:
            results: list[AcceptResult] = []
            for acceptance in call:
                result = _known(acceptance.key, used, acceptance.now)
                if result is None:
                    result = Accepted(_take(acceptance, found, kept))
                    _remember(acceptance, result, used, keys)
                results.append(result)
            answers.append(results)
        self._messages.insert(kept)
        if keys:
            self._save_keys(keys)
        return answers

    def find_key(self, calls: list[Sequence[tuple[IdempotencyKey, datetime]]]) -> list[AcceptResult | None]:
        """What each key stands for; one per call."""
        used = self._keys_used([key.digest for call in calls for key, _ in call])
        return [_known(key, used, now) for call in calls for key, now in call]

    def _keys_used(self, digests: list[bytes]) -> dict[bytes, tuple[Any, ...]]:
        """The rows of those that were used. Fresh ones stand in memory alone, until the index catches up."""
        if not digests:
            return {}
        recent = self._messages.recent
        if recent.keys is None or self._digests.has_enough():
            self._digests.catch_up()
            recent.keys = {}
        fresh = recent.keys
        used = {digest: fresh[digest] for digest in digests if digest in fresh}
        for row in self._db.many("keys_used", sorted(set(digests).difference(used))):
            used[row[0]] = row
        return used

    def _save_keys(self, keys: dict[bytes, tuple[Any, ...]]) -> None:
        self._db.many("save_keys_used", [value for row in keys.values() for value in row], 6)
        self._digests.grow(len(keys))
        if self._messages.recent.keys is not None:
            self._messages.recent.keys.update(keys)


def _known(
    key: IdempotencyKey | None, used: dict[bytes, tuple[Any, ...]], now: datetime
) -> AcceptResult | None:
    """The replay or conflict that a key asks for, None when it is new or past its time."""
    if key is None or not used:
        return None
    row = used.get(key.digest)
    if row is None or row[5] <= rows.micros(now - KEY_LIFETIME):
        return None
    if (row[1], row[2], row[3]) != (key.method, key.path, key.body_digest):
        return KeyConflict()
    return Accepted(_results(row[4]), replayed=True)


def _take(acceptance: Acceptance, found: Suppressed, kept: list[Message]) -> list[Taken | Refusal]:
    """The results of a new acceptance's items; messages that are taken are added to `kept`."""
    results: list[Taken | Refusal] = []
    for item in acceptance.items:
        if isinstance(item, Refusal):
            results.append(item)
        elif found and is_suppressed(found, item):
            results.append(opted_out(item.recipient))
        else:
            kept.append(item)
            results.append(Taken(item.id, item.status, item.segment_count, item.accepted_at))
    return results


def _remember(
    acceptance: Acceptance,
    result: Accepted,
    used: dict[bytes, tuple[Any, ...]],
    keys: dict[bytes, tuple[Any, ...]],
) -> None:
    """Keep the result for its key, for later requests of the same batch too. A request of which nothing was taken
    is no use of its key: it may be tried again."""
    key = acceptance.key
    if key is None or Taken not in map(type, result.items):
        return
    row = (
        key.digest,
        key.method,
        key.path,
        key.body_digest,
        _results_text(result.items),
        rows.micros(acceptance.now),
    )
    used[key.digest] = keys[key.digest] = row


def _results_text(items: list[Taken | Refusal]) -> str:
    return rows.json_text(
        [
            (item.message_id.hex(), item.status._value_, item.segment_count, rows.micros(item.accepted_at))
            if isinstance(item, Taken)
            else (item.why.value, item.detail, [(f.pointer, f.detail) for f in item.fields])
            for item in items
        ]
    )


def _results(text: str) -> list[Taken | Refusal]:
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
