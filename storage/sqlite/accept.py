"""Messages in: idempotency, then suppression, then money, then all rows of a request in one commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from gateway.domain.message import Message
from gateway.domain.send import (
    Acceptance,
    AcceptResult,
    IdempotencyKey,
)
from storage import acceptance
from storage.sqlite.database import Database
from storage.sqlite.late import LateIndex
from storage.sqlite.messages import Messages
from storage.sqlite.money import Ledger


def suppressed_among(database: Database, numbers: Iterable[str]) -> acceptance.Suppressed:
    """The suppression rows of these numbers, of any account."""
    return set(database.many("suppressed", sorted(set(numbers))))


class Accepting:
    """The verb `accept` and the look-up of a key."""

    def __init__(self, database: Database, messages: Messages, digests: LateIndex) -> None:
        self._db = database
        self._digests = digests
        self._messages = messages
        self._ledger = Ledger(database)

    def accept(self, calls: list[Sequence[Acceptance]]) -> list[list[AcceptResult]]:
        """One result per acceptance; see `Store.accept`."""
        acceptances = [each for call in calls for each in call]
        used = self._keys_used([a.key.digest for a in acceptances if a.key is not None])
        found = suppressed_among(
            self._db, (item.recipient for a in acceptances for item in a.items if isinstance(item, Message))
        )
        till = self._ledger.till(acceptances)
        answers, kept, keys = acceptance.decide(calls, used, found, till)
        self._messages.insert(kept)
        if till.entries:
            self._ledger.reserve(till)
        if keys:
            self._save_keys(keys)
        return answers

    def find_key(self, calls: list[Sequence[tuple[IdempotencyKey, datetime]]]) -> list[AcceptResult | None]:
        """What each key stands for; one per call."""
        used = self._keys_used([key.digest for call in calls for key, _ in call])
        return [acceptance.known(key, used, now) for call in calls for key, now in call]

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
        self._db.many("save_keys_used", list(chain.from_iterable(keys.values())), 6)
        self._digests.grow(len(keys))
        if self._messages.recent.keys is not None:
            self._messages.recent.keys.update(keys)
