"""The outbox: messages as entries that can be sent again, with what they have cost.

An entry is one message and those that are the same one sent again (`gateway.domain.labels.RESENDS`): its id is the
first message's, its state the newest one's, its cost that of all of them, as the ledger has it. Every message of an
account is an entry or part of one, whatever dialect sent it.
"""

from __future__ import annotations

import asyncio
import enum
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol

from gateway.domain import ids
from gateway.domain.account import Caller
from gateway.domain.labels import MAX_CHARS, RESENDS, TAG, USER, value_of
from gateway.domain.message import Message
from gateway.domain.money import ZERO, Entry, Kind
from gateway.domain.send import Accepted, AcceptResult, IdempotencyKey, Origin, Refusal, Send
from gateway.domain.suppression import ERASED_PREFIX
from gateway.domain.words import Status
from gateway.errors import Conflict, NotFound
from gateway.ports import LOOKS, LedgerStore, ListQuery, MessageView, Page, QueryStore
from gateway.ports.pages import cut
from gateway.services.pages import gathered
from gateway.services.queries import MessagePage, check_own, id_of

LOST: Final = frozenset({Status.UNDELIVERABLE, Status.FAILED, Status.CANCELED})

_KEY_ID: Final = re.compile(r"key_[0-9a-f]{16}|(jwt|proxy):.*", re.DOTALL)


class Accepts(Protocol):
    """What is asked of `gateway.services.submit.Submit`."""

    async def accept(
        self, caller: Caller, items: Sequence[Send | Refusal], key: IdempotencyKey | None, origin: Origin
    ) -> AcceptResult: ...


class NotResent(enum.Enum):
    """Why an entry is not sent again."""

    NOT_FOUND = enum.auto()
    NOT_FAILED = enum.auto()
    LIMIT_REACHED = enum.auto()
    ERASED = enum.auto()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One message of an entry."""

    message: Message
    cost: Decimal  #: what the ledger has taken for it, less what was given back
    tried_at: datetime | None  #: the latest answer of a carrier; None: none was asked yet

    @property
    def units(self) -> int:
        """Segments that count: those of a message whose price was given back do not."""
        return self.message.segment_count if self.cost or not _has_price(self.message) else 0


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A message with those that are the same one sent again, oldest first. What has outlived its retention is not among
    them; one always is."""

    first: bytes  #: the first message's id
    retries: int
    attempts: tuple[Attempt, ...]

    @property
    def newest(self) -> Message:
        """Where the entry stands."""
        return self.attempts[-1].message

    @property
    def created_at(self) -> datetime:
        """When it was logged: as long as the first message is kept to the microsecond, then to the millisecond."""
        oldest = self.attempts[0].message
        return oldest.accepted_at if oldest.id == self.first else ids.made_at(self.first)

    @property
    def cost(self) -> Decimal:
        """Of all attempts."""
        return sum((attempt.cost for attempt in self.attempts), ZERO)

    @property
    def units(self) -> int:
        """Of all attempts."""
        return sum(attempt.units for attempt in self.attempts)


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """Entries, newest message first. `before`: where the next page begins, None on the last one."""

    entries: list[OutboxEntry]
    before: bytes | None


@dataclass(frozen=True, slots=True)
class Booking:
    """A message and what the ledger says of it."""

    message: Message
    entries: list[Entry]

    def sum_of(self, kind: Kind) -> Decimal:
        """What entries of a kind have moved, as a positive number: into or out of what is held, or back."""
        return sum((abs(e.amount or e.held) for e in self.entries if e.kind is kind), ZERO)


@dataclass(frozen=True, slots=True)
class BookingPage:
    """Messages with their money, newest first. `before`: where the next page begins, None on the last one."""

    bookings: list[Booking]
    before: bytes | None


def user_of(message: Message) -> str:
    """Who initiated a message: the member whose key it was; of a key without one its id."""
    return value_of(message.labels, USER) or message.key_id


def first_of(message: Message) -> bytes:
    """The id of the first message of the entry that a message belongs to."""
    first = value_of(message.labels, RESENDS)
    return message.id if first is None else bytes.fromhex(first)


class Sections(LedgerStore, QueryStore, Protocol):
    """Of the store: messages, and what each of them has cost."""


class Outbox:
    """The outbox of whoever calls. `looks`: as `ListQuery.looks`, for each read of the store."""

    def __init__(self, store: Sections, submit: Accepts, looks: int = LOOKS) -> None:
        self._store = store
        self._submit = submit
        self._looks = looks

    async def taken(self, caller: Caller, result: Accepted) -> Message | Refusal:
        """The message that a send of one has made: with a replay it is the earlier one. Raises `Conflict` when that
        one is past its retention, `StoreUnavailable` for a replay alone."""
        (item,) = result.items
        if isinstance(item, Refusal):
            return item
        if result.messages:
            return result.messages[0]
        view = await self._store.message(item.message_id)
        if view is None or not _may_see(caller, view.message):
            raise Conflict(
                "The request with this Idempotency-Key was taken before; its message is no longer kept."
            )
        return view.message

    # --- look-ups

    async def entry(self, caller: Caller, first: bytes) -> OutboxEntry:
        """One entry, by its first message's id. Raises `NotFound` unless it is the caller's."""
        label = RESENDS + first.hex()
        chain = (await self._store.labelled(caller.account, caller.env, [label])).get(label, [])
        found = await asyncio.gather(*map(self._store.message, (first, *chain)))
        views = [view for view in found if view is not None and _may_see(caller, view.message)]
        if not views or first_of(views[0].message) != first:
            raise NotFound("There is no outbox entry with this id.")
        (entry,) = await self._entries([views[-1].message], {first: chain}, views)
        return entry

    async def page(self, caller: Caller, query: ListQuery, shown: Callable[[Message], bool]) -> OutboxPage:
        """Entries whose newest message passes the query and `shown`. Raises `ValueError` for somebody else's query."""
        check_own(caller, query)
        chains: dict[bytes, list[bytes]] = {}

        async def newest_of(found: list[Message]) -> list[Message]:
            chains.update(await self._chains(caller, found))
            return [message for message in found if message.id == _newest(message, chains) and shown(message)]

        async def read(before: bytes | None) -> MessagePage:
            return await self._look(replace(query, before=before))

        # One more than is shown: what is left may be passed over, and then there is no next page.
        more = await gathered(read, query.before, query.limit + 1, id_of, sift=newest_of)
        page = cut(more.items, query.limit, more.before, id_of)
        return OutboxPage(await self._entries(page.items, chains), page.before)

    async def bookings(
        self, caller: Caller, query: ListQuery, shown: Callable[[Message], bool]
    ) -> BookingPage:
        """Messages that pass the query and `shown`, each with its lines of the ledger; also those that were sent again.
        Raises `ValueError` for somebody else's query."""
        check_own(caller, query)
        found = await self._look(query)
        page = cut(found.items, query.limit, found.before, id_of)
        kept = [message for message in page.items if shown(message)]
        booked = await self._booked(kept)
        return BookingPage([Booking(message, booked.get(message.id, [])) for message in kept], page.before)

    async def _look(self, query: ListQuery) -> MessagePage:
        """The newest messages that pass a query, and where to look for more; there may be more than its limit.

        A user may be a key without a member: then its messages are found by the key, and by the label those that
        others have sent again for it.
        """
        query = replace(query, looks=self._looks)
        user, queries = value_of(query.labels, USER), [query]
        if user is not None and _KEY_ID.fullmatch(user):
            others = tuple(label for label in query.labels if not label.startswith(USER))
            queries.append(replace(query, labels=others, key_id=user))
        pages = await asyncio.gather(*map(self._store.messages, queries))
        # Below the end of one page there may be more of it: what the other page has there comes later.
        before = max((page.before for page in pages if page.before is not None), default=None)
        found = {
            message.id: message
            for page in pages
            for message in page.items
            if (before is None or message.id >= before) and user in (None, user_of(message))
        }
        return Page([found[key] for key in sorted(found, reverse=True)], before)

    # --- sending again

    async def resend(
        self, caller: Caller, first: bytes, origin: Origin, dialect: str
    ) -> OutboxEntry | Refusal | NotResent:
        """Send a failed entry again: a new message, charged again. Two calls at the same moment make one, and both get
        it. Raises `Overloaded` and `StoreUnavailable`: then nothing was sent."""
        try:
            entry = await self.entry(caller, first)
        except NotFound:
            return NotResent.NOT_FOUND
        if entry.newest.status not in LOST:
            return NotResent.NOT_FAILED
        if entry.newest.recipient.startswith(ERASED_PREFIX):
            return NotResent.ERASED
        if entry.retries >= caller.policy.resend_limit:
            return NotResent.LIMIT_REACHED
        send = _again(entry, dialect)
        result = await self._submit.accept(caller, (send,), _key(caller, entry), origin)
        assert isinstance(result, Accepted), "the key is made of nothing but the entry"
        (item,) = result.items
        if isinstance(item, Refusal):
            return item
        if not result.messages:  # another call was quicker
            return await self.entry(caller, first)
        # From what is in hand: it is durable, whatever the store says now.
        (message,) = result.messages
        again = Attempt(message, message.charge.amount if message.charge else ZERO, None)
        return OutboxEntry(first, entry.retries + 1, (*entry.attempts, again))

    # --- putting entries together

    async def _chains(self, caller: Caller, messages: Iterable[Message]) -> dict[bytes, list[bytes]]:
        """By first message, those that are the same one sent again, oldest first."""
        firsts = {first_of(m) for m in messages if m.status in LOST or first_of(m) != m.id}
        if not firsts:
            return {}
        labels = [RESENDS + first.hex() for first in sorted(firsts)]
        found = await self._store.labelled(caller.account, caller.env, labels)
        return {bytes.fromhex(label[len(RESENDS) :]): chain for label, chain in found.items()}

    async def _entries(
        self,
        newest: Sequence[Message],
        chains: dict[bytes, list[bytes]],
        views: Sequence[MessageView] = (),
    ) -> list[OutboxEntry]:
        """The entries of messages that are the newest of theirs; `views`: what was read already. Most were sent once,
        and need no other look-up than the ledger's."""
        known = {message.id: message for message in newest} | {v.message.id: v.message for v in views}
        wanted = [m.id for m in newest if m.attempts > 1]
        wanted += [
            each for m in newest for each in (first_of(m), *chains.get(first_of(m), ())) if each != m.id
        ]
        read = {view.message.id for view in views}
        looked = await asyncio.gather(*(self._store.message(each) for each in wanted if each not in read))
        tried: dict[bytes, datetime] = {}
        for view in (*views, *looked):
            if view is not None:
                known.setdefault(view.message.id, view.message)
                if view.rows:
                    tried[view.message.id] = max(row.at for row in view.rows)
        booked = await self._booked(known.values())

        def attempt(message: Message) -> Attempt:
            cost = -sum((entry.amount for entry in booked.get(message.id, ())), ZERO)
            return Attempt(message, cost, tried.get(message.id, message.processed_at))

        entries = []
        for message in newest:
            first = first_of(message)
            chain = chains.get(first, [])
            attempts = tuple(attempt(known[each]) for each in (first, *chain) if each in known)
            entries.append(OutboxEntry(first, len(chain), attempts))
        return entries

    async def _booked(self, messages: Iterable[Message]) -> dict[bytes, list[Entry]]:
        metered = [message.id for message in messages if _has_price(message)]
        found: dict[bytes, list[Entry]] = {}
        if metered:
            for entry in await self._store.entries_of(metered):
                found.setdefault(entry.subject, []).append(entry)
        return found


def _newest(message: Message, chains: dict[bytes, list[bytes]]) -> bytes:
    """The newest message of the entry that a message belongs to."""
    chain = chains.get(first_of(message))
    return chain[-1] if chain else message.id


def _has_price(message: Message) -> bool:
    return message.charge is not None and message.charge.amount != 0


def _again(entry: OutboxEntry, dialect: str) -> Send:
    """The same message once more, found by the same words; whoever sends it again, it stays its first user's."""
    old = entry.newest
    user = USER + user_of(old)
    labels = [label for label in old.labels if label.startswith(TAG)]
    labels += [RESENDS + entry.first.hex(), *([user] if len(user) <= MAX_CHARS else [])]
    return Send(
        dialect,
        old.recipient,
        old.sender,
        old.body,
        old.priority,
        old.message_class,
        old.callback_url,
        old.metadata,
        sub_tenant=old.sub_tenant,
        max_body_chars=len(old.body),  # it has passed its own dialect's limit
        labels=tuple(labels),
    )


def _key(caller: Caller, entry: OutboxEntry) -> IdempotencyKey:
    """Of one resend of one entry: whoever asks for it at the same moment gets the same message. Named by the message
    that failed, not by a count: attempts that outlive their retention are counted no more, and a key would come again.
    """
    name = f"resend\0{caller.account}\0{caller.env}\0{entry.first.hex()}\0{entry.newest.id.hex()}"
    digest = hashlib.sha256(name.encode()).digest()
    return IdempotencyKey(digest, "RESEND", ids.text(entry.first), digest)


def _may_see(caller: Caller, message: Message) -> bool:
    if (message.account, message.env) != (caller.account, caller.env):
        return False
    return caller.sub_tenant is None or caller.sub_tenant == message.sub_tenant
