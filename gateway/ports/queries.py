"""Look-ups: messages and inbound messages as their owners see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.account import Env
from gateway.domain.message import Message, PartRow
from gateway.domain.suppression import StoredInbound
from gateway.domain.words import Status
from gateway.ports.pages import LOOKS, Page


@dataclass(slots=True)
class MessageView:
    """A message as its owner sees it: with every attempt's parts."""

    message: Message
    rows: list[PartRow]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A page of an account's messages, newest first. `before`: ids smaller than this one."""

    account: str
    env: Env
    limit: int
    before: bytes | None = None
    status: frozenset[Status] | None = None
    over: bool = True  #: with `sent` those that it is the end of, too; False: none of them need be found
    recipient: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    sub_tenant: str | None = None
    labels: tuple[str, ...] = ()  #: only messages that have all of them (`gateway.domain.labels`)
    sender: str | None = None
    key_id: str | None = None  #: of the key that sent them; looked for among all of the account's
    looks: int = LOOKS  #: rows that it goes through, along an index that does not know all of its filters


class QueryStore(Protocol):
    """One message, pages of them, and those that have a label."""

    async def message(self, message_id: bytes) -> MessageView | None: ...
    async def messages(self, query: ListQuery) -> Page[Message, bytes]:
        """A page, newest first. Both ends of a time range belong to it, to the millisecond that ids and answers show.
        It is done within a few times `ListQuery.looks` rows, whatever is asked for and whoever else sends."""
        ...

    async def inbound(self, account: str | None, limit: int) -> list[StoredInbound]: ...
    async def labelled(self, account: str, env: Env, labels: Sequence[str]) -> dict[str, list[bytes]]:
        """The ids of the messages that have a label, oldest first, for each of these labels that any has."""
        ...

    async def count_labelled(self, account: str, env: Env, label: str) -> dict[Status, int]:
        """How many of the messages that have a label stand where."""
        ...
