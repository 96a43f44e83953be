"""One text to many numbers as people write them: normalised, each once, sent as one batch with an id to find it by.

Document 003, "Operational Notes": duplicates are removed, invalid destinations silently skipped, and balance is looked
at before anything is queued. What that leaves open is decided here, per `Why`:

- Who can't or may not be written to is skipped without a word: an invalid number, one on the suppression list.
- All else that is refused is the account's business. When nothing was taken, the first such refusal is the answer;
  otherwise the batch is taken and tells which recipients were refused, and why.
- Money is taken for all or for none.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import phonenumbers

from gateway.domain import ids
from gateway.domain.account import Caller
from gateway.domain.labels import BATCH, value_of
from gateway.domain.send import (
    Accepted,
    AcceptResult,
    IdempotencyKey,
    KeyConflict,
    Origin,
    Refusal,
    Send,
    Taken,
    Why,
)
from gateway.errors import Conflict, NotFound
from gateway.ports import Clock, MessageView
from routing import numbers
from routing.errors import NumberError

SILENT: Final = frozenset({Why.INVALID_RECIPIENT, Why.SUPPRESSED})
"""Refusals of which nobody is told: document 003, "silently skips invalid destinations", and CONTRACTS for those on the
suppression list."""

SLICE: Final = 64
"""Numbers that are normalised before others have their turn: 26 us each, so 2 ms. A thread would hold the interpreter
for 5 ms at a time instead, and need a hand-over."""


@dataclass(frozen=True, slots=True)
class Enqueued:
    """A batch. `batch` "": nothing was taken, for there was nobody to write to."""

    batch: str  #: 32 hex digits: what its label says (`gateway.domain.labels.BATCH`)
    messages: list[tuple[bytes, str]]  #: id and recipient, in the order of the request
    refused: list[tuple[str, Refusal]]  #: recipients that the account may not write to now, and why


class Submit(Protocol):
    """What is asked of `gateway.services.submit.Submit`."""

    async def accept(
        self,
        caller: Caller,
        items: Sequence[Send | Refusal],
        key: IdempotencyKey | None,
        origin: Origin,
        *,
        together: bool = False,
    ) -> AcceptResult: ...


class Queries(Protocol):
    """What is asked of `gateway.services.queries.Queries`."""

    async def message(self, caller: Caller, message_id: bytes) -> MessageView: ...


class Contacts:
    """Sends batches."""

    def __init__(self, submit: Submit, queries: Queries, clock: Clock) -> None:
        self._submit = submit
        self._queries = queries
        self._clock = clock

    async def send(
        self,
        caller: Caller,
        text: Send,
        contacts: Sequence[str],
        country: str | None,
        key: IdempotencyKey | None,
        origin: Origin,
    ) -> Enqueued | Refusal | KeyConflict:
        """Send `text` (its recipient does not matter) to each of `contacts`, in one commit.

        `country` (ISO 3166-1 alpha-2) says where local numbers are; None: in the account's own country. Raises what
        `Submit.accept` does, and `Conflict` for a replay of which the messages are no longer kept.
        """
        recipients = await resolve(contacts, country or caller.policy.country)
        batch = ids.new_id(self._clock()).hex()
        send = text._replace(labels=(*text.labels, BATCH + batch))
        if key is not None:
            key = _meaning(key, recipients)
        items = [send._replace(recipient=recipient) for recipient in recipients]
        result = await self._submit.accept(caller, items, key, origin, together=True)
        if isinstance(result, KeyConflict):
            return result
        if result.replayed:
            batch = await self._batch_of(caller, result)
        return _told(batch, recipients, result)

    async def _batch_of(self, caller: Caller, result: Accepted) -> str:
        """What the batch of an earlier request is called: its messages know."""
        taken = next((item for item in result.items if isinstance(item, Taken)), None)
        if taken is None:
            return ""
        try:
            view = await self._queries.message(caller, taken.message_id)
        except NotFound as error:
            raise Conflict(
                "The request with this Idempotency-Key was taken before; its messages are no longer kept."
            ) from error
        return value_of(view.message.labels, BATCH) or ""


async def resolve(contacts: Sequence[str], country: str | None) -> list[str]:
    """The numbers in E.164, each once, in the order of the first; those that are none are left out. The event loop has
    its turn in between."""
    found: dict[str, None] = {}
    for start in range(0, len(contacts), SLICE):
        if start:
            await asyncio.sleep(0)
        found.update(dict.fromkeys(_numbers(contacts[start : start + SLICE], country)))
    return list(found)


def _numbers(contacts: Sequence[str], country: str | None) -> Iterator[str]:
    for contact in contacts:
        try:
            yield numbers.normalise(contact, country)
        except NumberError:
            continue


def known_country(text: str) -> str | None:
    """The country as its two capital letters; None when there is no country of that name whose numbers are known."""
    country = text.upper()
    return country if text.isascii() and country in phonenumbers.SUPPORTED_REGIONS else None


def _meaning(key: IdempotencyKey, recipients: Sequence[str]) -> IdempotencyKey:
    """The key of a body that is read as these numbers: with another country of the account's the same body would be
    another request, and must not be answered with the first one's ids."""
    meant = hashlib.sha256(key.body_digest + ",".join(recipients).encode())
    return key._replace(body_digest=meant.digest())


def _told(batch: str, recipients: Sequence[str], result: Accepted) -> Enqueued | Refusal:
    taken: list[tuple[bytes, str]] = []
    refused: list[tuple[str, Refusal]] = []
    for recipient, item in zip(recipients, result.items, strict=True):
        if isinstance(item, Taken):
            taken.append((item.message_id, recipient))
        elif item.why not in SILENT:
            refused.append((recipient, item))
    if not taken:
        return refused[0][1] if refused else Enqueued("", [], [])
    return Enqueued(batch, taken, refused)
