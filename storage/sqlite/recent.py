"""What the writer has just written, so that it need not be read again.

A message is written when it is accepted, when it is answered and when its receipt comes, usually within seconds. Only
the serving process writes messages, but for a rare command: `PRAGMA data_version` tells the writer's connection when
somebody else has committed, and a rollback takes back what was noted; both empty this. No service changes a message
once it is written, but those that hold it read on while it is decided anew: so decisions get a copy of it, unless it is
with its carrier, where none holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, TypeVar

from gateway.domain.message import Message, PartRow
from gateway.domain.words import OVER
from storage.changes import Loaded, PartKey
from storage.matching import Key

MAX_MESSAGES = 30_000
"""About 40 MB at most: the receipts of ten seconds at 3,000 messages a second. Older ones are read from the file."""

MAX_REFS = 60_000

_K = TypeVar("_K")
_V = TypeVar("_V")


class Recent:
    """Messages with their parts, refs, idempotency keys. For the writer's thread."""

    def __init__(self) -> None:
        self._messages: dict[bytes, tuple[int, Message, list[PartRow]]] = {}
        self._refs: dict[Key, PartKey] = {}
        self.keys: dict[bytes, tuple[Any, ...]] | None = None
        """By digest, the rows of idempotency keys that are in no index yet; None: it is not known which."""

    def clear(self) -> None:
        """Somebody else has written, or what was noted here never happened."""
        self._messages.clear()
        self._refs.clear()
        self.keys = None

    def note(self, message: Message, parts: list[PartRow], number: int) -> None:
        """A message with all its parts and its row's number, as they are written now. One that is over is forgotten."""
        if message.final_at is not None and _is_over(parts):
            self._messages.pop(message.id, None)
            return
        self._messages[message.id] = number, message, parts
        if len(self._messages) > MAX_MESSAGES:
            _halve(self._messages)

    def message(self, message_id: bytes) -> Loaded | None:
        """To be decided anew, if it is known here."""
        known = self._messages.get(message_id)
        if known is None:
            return None
        number, message, parts = known
        if message.owner is None and message.next_at is None and message.final_at is None:
            return Loaded(message, parts, 0, number)  # with its carrier, and only a receipt is still expected
        return Loaded(_copy(message), [_copy_part(part) for part in parts] if parts else [], 0, number)

    def note_ref(self, key: Key, part: PartKey) -> None:
        """A ref names this part now, and no receipt is parked for it."""
        self._refs[key] = part
        if len(self._refs) > MAX_REFS:
            _halve(self._refs)

    def ref(self, key: Key) -> PartKey | None:
        """The part that a ref names, if it is known here."""
        return self._refs.get(key)

    def forget_ref(self, key: Key) -> None:
        """Read it from the file next time."""
        self._refs.pop(key, None)

    def forget_messages(self, ids: Iterable[bytes]) -> None:
        """They were dropped."""
        for message_id in ids:
            self._messages.pop(message_id, None)


def _halve(known: dict[_K, _V]) -> None:
    """Drop the older half: one by one, finding the oldest would cost more each time."""
    for key in list(islice(known, len(known) // 2)):
        del known[key]


def _is_over(parts: list[PartRow]) -> bool:
    """Whether no receipt is expected any more."""
    return OVER.issuperset([part.state for part in parts])


def _copy(m: Message) -> Message:
    """Written out, for this runs for every message, and without `__init__`, to which forty arguments go at twice the
    cost."""
    copy = Message.__new__(Message)
    copy.id = m.id
    copy.account = m.account
    copy.env = m.env
    copy.dialect = m.dialect
    copy.sender = m.sender
    copy.recipient = m.recipient
    copy.body = m.body
    copy.segment_count = m.segment_count
    copy.priority = m.priority
    copy.accepted_at = m.accepted_at
    copy.expires_at = m.expires_at
    copy.sub_tenant = m.sub_tenant
    copy.message_class = m.message_class
    copy.concat_ref = m.concat_ref
    copy.callback_url = m.callback_url
    copy.metadata = m.metadata
    copy.key_id = m.key_id
    copy.request_id = m.request_id
    copy.traceparent = m.traceparent
    copy.scheduled_at = m.scheduled_at
    copy.bypass = m.bypass
    copy.charge = m.charge
    copy.labels = m.labels
    copy.status = m.status
    copy.reason = m.reason
    copy.operator = m.operator
    copy.route = m.route
    copy.attempts = m.attempts
    copy.tries = m.tries
    copy.tried = m.tried
    copy.since = m.since
    copy.part_count = m.part_count
    copy.doubt = m.doubt
    copy.owner = m.owner
    copy.token = m.token
    copy.next_at = m.next_at
    copy.processed_at = m.processed_at
    copy.final_at = m.final_at
    copy.error = m.error
    copy.events = m.events
    return copy


def _copy_part(p: PartRow) -> PartRow:
    return PartRow(
        p.message_id,
        p.attempt,
        p.part,
        p.operator,
        p.state,
        p.ref,
        p.error,
        p.at,
        p.receipt_at,
        p.sender,
        p.recipient,
    )
