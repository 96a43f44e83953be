"""Looking at messages, within what a caller may see (promise 6) and what one look may cost (promise 8)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from gateway.domain import ids
from gateway.domain.account import Caller
from gateway.domain.message import Message
from gateway.domain.words import Status
from gateway.errors import NotFound
from gateway.ports import LOOKS, ListQuery, MessageView, Page, QueryStore

MAX_READS: Final = 20
"""Reads of the store for one page: where nearly all is passed over, a page is short and says where to go on."""

MessagePage = Page[Message, bytes]


class Queries:
    """Messages for the caller to read. `looks`: as `ListQuery.looks`, for each read of the store."""

    def __init__(self, store: QueryStore, looks: int = LOOKS) -> None:
        self._store = store
        self._looks = looks

    async def message(self, caller: Caller, message_id: bytes) -> MessageView:
        """One message with its attempts, by its id or a segment's.

        Raises `NotFound` unless it is the caller's: the same account and environment, and the same sub-tenant for a
        caller that is bound to one. Whose else it may be is not told.
        """
        view = await self._store.message(ids.message_of(message_id))
        if view is None or not _may_see(caller, view.message):
            raise NotFound("There is no such message.")
        return view

    async def page(self, caller: Caller, query: ListQuery) -> MessagePage:
        """A page of the caller's messages, newest first: `query.limit` of them, or fewer where few of very many pass
        its filters. Then `Page.before` says where to go on.

        The query's account, environment and sub-tenant must be the caller's: `ValueError` else, for that is a fault
        in the dialect.
        """
        check_own(caller, query)
        return await gathered(replace(query, looks=self._looks), self._store.messages, _as_found)

    async def counts(self, caller: Caller, label: str) -> dict[Status, int]:
        """How many of the account's messages with a label stand where; of a caller that is bound to a sub-tenant the
        others' too: show it to whoever has been shown one of them."""
        return await self._store.count_labelled(caller.account, caller.env, label)


def check_own(caller: Caller, query: ListQuery) -> None:
    """Raises `ValueError` for a query that is for somebody else's messages."""
    if (query.account, query.env, query.sub_tenant) != (caller.account, caller.env, caller.sub_tenant):
        raise ValueError("the query is not for the caller's own messages")


async def gathered(
    query: ListQuery,
    read: Callable[[ListQuery], Awaitable[MessagePage]],
    sift: Callable[[list[Message]], Awaitable[list[Message]]],
) -> MessagePage:
    """A page of what `sift` leaves of what is read: one read after the other until it is full, at the end of all, or
    `MAX_READS` have been done."""
    kept: list[Message] = []
    before = query.before
    for _ in range(MAX_READS):
        page = await read(replace(query, before=before))
        kept += await sift(page.items)
        before = page.before
        if before is None or len(kept) >= query.limit:
            break
    return cut(kept, before, query.limit)


def cut(kept: list[Message], before: bytes | None, limit: int) -> MessagePage:
    """A page of up to `limit`; what is beyond comes with the next one."""
    if len(kept) > limit:
        return Page(kept[:limit], kept[limit - 1].id)
    return Page(kept, before)


async def _as_found(messages: list[Message]) -> list[Message]:
    return messages


def _may_see(caller: Caller, message: Message) -> bool:
    if (message.account, message.env) != (caller.account, caller.env):
        return False
    return caller.sub_tenant is None or caller.sub_tenant == message.sub_tenant
