"""A core that keeps its messages in memory: the services' signatures, their real gates, no store and no carrier."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.domain import ids
from gateway.domain.account import DEFAULT_SCOPES, Caller, Env, Policy
from gateway.domain.message import Message
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
from gateway.errors import NotFound, TrunklineError
from gateway.ports import LOOKS, ListQuery, MessageView, Page
from gateway.ports.pages import cut
from gateway.services.accounts import AuthError
from gateway.services.gates import References, admit

LIVE_KEY = "sok_live_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
TEST_KEY = "sok_test_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
OTHER_KEY = "sok_live_cccccccccccccccccccccccccccccccc"
READ_ONLY_KEY = "sok_live_dddddddddddddddddddddddddddddddd"
STRICT_KEY = "sok_live_eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
OFFICE_KEY = "sok_live_ffffffffffffffffffffffffffffffff"

STARTED = datetime(2026, 4, 18, 10, 0, tzinfo=UTC)


def caller(account: str = "acme", env: Env = Env.LIVE, **changed: object) -> Caller:
    """A caller with every scope but admin."""
    given: dict[str, object] = {
        "policy": Policy(),
        "scopes": frozenset(DEFAULT_SCOPES),
        "key_id": "key_1",
        **changed,
    }
    return Caller(account, env, **given)  # type: ignore[arg-type]


class MemoryAccounts:
    """`Accounts` for a handful of keys."""

    def __init__(self) -> None:
        self.keys: dict[str, Caller] = {
            LIVE_KEY: caller(),
            TEST_KEY: caller(env=Env.TEST),
            OTHER_KEY: caller("other"),
            READ_ONLY_KEY: caller(scopes=frozenset({"read:messages"})),
            STRICT_KEY: caller(policy=Policy(allowed_senders=frozenset({"ACME"}), default_sender="ACME")),
            OFFICE_KEY: caller(),
        }
        self.names = {"acme", "other"}
        self.remotes: list[str] = []

    async def caller_by_key(self, secret: str, remote: str) -> Caller:
        self.remotes.append(remote)
        known = self.keys.get(secret)
        if known is None:
            raise AuthError("The API key is not known.")
        if secret == OFFICE_KEY and remote != "198.51.100.7":
            raise AuthError("The API key may not be used from this address.")
        return known

    async def fresh(self) -> None:
        return None

    def caller_by_name(
        self,
        account: str,
        env: Env,
        scopes: Collection[str],
        key_id: str,
        sub_tenant: str | None = None,
        member: str | None = None,
    ) -> Caller:
        if account not in self.names:
            raise AuthError("The account of these credentials does not exist here.")
        return Caller(account, env, Policy(), frozenset(scopes), key_id, member, sub_tenant)

    async def caller_by_key_id(self, key_id: str, account: str, remote: str) -> Caller:
        self.remotes.append(remote)
        return self.caller_by_name(account, Env.LIVE, DEFAULT_SCOPES, f"proxy:{key_id}")


@dataclass
class MemoryCore:
    """`Submit` and `Queries` over a list. `failure` is raised by the next calls instead of an answer."""

    failure: Exception | None = None
    refused: dict[str, Why] = field(default_factory=dict)  #: by recipient, as the store decides it
    messages: list[Message] = field(default_factory=list)
    views: dict[bytes, MessageView] = field(default_factory=dict)
    origins: list[Origin] = field(default_factory=list)
    now: datetime = STARTED
    looks: int = LOOKS  #: messages that a page goes through
    _keys: dict[bytes, tuple[IdempotencyKey, Accepted]] = field(default_factory=dict)
    _references: References = field(default_factory=References)

    async def accept(
        self, caller: Caller, items: Sequence[Send | Refusal], key: IdempotencyKey | None, origin: Origin
    ) -> AcceptResult:
        if self.failure is not None:
            raise self.failure
        self.origins.append(origin)
        known = self._keys.get(key.digest) if key is not None else None
        if known is not None:
            first, result = known
            return result if first == key else KeyConflict()
        self.now += timedelta(milliseconds=7)
        outcomes = [self._take(caller, item, origin) for item in items]
        accepted = Accepted(outcomes)
        if key is not None and any(isinstance(outcome, Taken) for outcome in outcomes):
            self._keys[key.digest] = (key, accepted)
        return accepted

    def _take(self, caller: Caller, item: Send | Refusal, origin: Origin) -> Taken | Refusal:
        if isinstance(item, Refusal):
            return item
        message = admit(caller, item, origin, self._references, self.now, 3600.0)
        if isinstance(message, Refusal):
            return message
        if message.recipient in self.refused:
            return Refusal(self.refused[message.recipient], "The store says no.")
        self.messages.append(message)
        return Taken(message.id, message.status, message.segment_count, message.accepted_at)

    async def message(self, caller: Caller, message_id: bytes) -> MessageView:
        if self.failure is not None:
            raise self.failure
        view = self.views.get(message_id)
        if view is not None:
            return view
        for message in self.messages:
            if (message.id, message.account, message.env) == (message_id, caller.account, caller.env):
                return MessageView(message, [])
        raise NotFound("There is no such message.")

    async def page(self, caller: Caller, query: ListQuery) -> Page[Message, bytes]:
        if self.failure is not None:
            raise self.failure
        assert (query.account, query.env, query.sub_tenant) == (caller.account, caller.env, caller.sub_tenant)
        looked_at = [
            message
            for message in sorted(self.messages, key=lambda message: message.id, reverse=True)
            if (message.account, message.env) == (query.account, query.env)
            and (query.before is None or message.id < query.before)
        ]
        found = [
            message
            for message in looked_at[: self.looks]
            if (query.status is None or message.status in query.status)
            and (query.recipient is None or message.recipient == query.recipient)
            and (query.created_after is None or message.accepted_at >= query.created_after)
            and (query.created_before is None or message.accepted_at < query.created_before)
        ]
        end = looked_at[self.looks - 1].id if len(looked_at) >= self.looks else None
        return cut(found, query.limit, end, lambda message: message.id)


class Broken(TrunklineError):
    """An error that nobody has mapped."""


def message(number: int = 0, **changed: object) -> Message:
    """A queued message of `acme`."""
    at = STARTED + timedelta(seconds=number)
    values: dict[str, object] = {
        "id": ids.first_id_at(at)[:15] + b"\x00",
        "account": "acme",
        "env": Env.LIVE,
        "dialect": "orchestrator",
        "sender": "+447700900999",
        "recipient": "+447700900123",
        "body": "Your code is 123456",
        "segment_count": 1,
        "priority": 1,
        "accepted_at": at,
        "expires_at": at + timedelta(hours=72),
        **changed,
    }
    return Message(**values)  # type: ignore[arg-type]


def digest(text: str) -> bytes:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).digest()


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until something holds; the run's own time limit ends a wait in vain."""
    while not condition():  # noqa: ASYNC110 - it is a number that another task changes
        await asyncio.sleep(0.001)
